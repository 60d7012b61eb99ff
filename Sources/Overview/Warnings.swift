package import Actions
internal import Files
internal import Git
internal import GitValues
internal import HookFolder
internal import Journal
package import Operations
internal import SystemPackage
package import Workflow

/// What `status` warns of.
package struct Warnings {
    package private(set) var list: [String] = []
    /// An operation that was cut short.
    package let interrupted: Intent?

    package init(_ session: Session, state: WorkflowState, todo: TodoList?) throws {
        interrupted = try Recovery(session.journal).interrupted()
        let repository = session.repository
        for refusal in state.refusals {
            list.append("checkpoint \(refusal.id.short) was not allowed and changed nothing: \(refusal.reason)")
        }
        try warnOfRefs(session)
        let misses = HookMiss.misses(in: repository.commonDirectory)
        if let last = misses.last {
            list.append(
                "hooks could not checkpoint \(misses.count) time\(misses.count == 1 ? "" : "s"), last \(last.hook) at \(last.time); "
                    + "git wf hooks status says more")
        }
        let head = try repository.head()
        if session.journal.lane == .leader, head.branch != state.branch {
            list.append(try Self.warning(ofBranch: head.branch, state: state, in: repository))
        }
        let file = try session.journal.todoFile(state)
        do throws(FileError) {
            let text = try file.readText()
            if text == nil, todo == nil {
                list.append("there is no \(state.definition.todo); git wf todo add TEXT makes one")
            }
        } catch {
            list.append("the items of \(state.definition.todo) are not read: \(error)")
        }
        try warnOfDefinition(session, state: state)
        try warnOfRemotes(session)
        try warnOfFiles(session)
        if let interrupted {
            let title = interrupted.draft.map { " (\($0.title))" } ?? ""
            list.append(
                "\(interrupted.word.phrase)\(title) was cut short; the next command that records something finishes it")
        }
    }

    /// Refs of ours that cannot be read, and those that somebody moved to a commit of theirs.
    private mutating func warnOfRefs(_ session: Session) throws {
        let repair = "git wf fsck --repair brings back what can be proven"
        let broken = try session.repository.brokenReferences(under: LaneRefs.root)
        for (name, reason) in broken { list.append("\(name) cannot be read: \(reason); \(repair)") }
        for name in try session.journal.agentNames()
        where !broken.contains(where: { $0.name == session.journal.refs.lane(.agent(name)) }) {
            do {
                guard let end = try session.journal.end(of: .agent(name)), end.isForeign else { continue }
                list.append(
                    "the history of \(name) ends at \(end.own.short), and its ref leads to \(end.ref.short), which is no "
                        + "checkpoint; git wf fsck --repair takes it back")
            } catch let error as GitError where error.code == .damaged {
                list.append("\(error); \(repair)")
            }
        }
        guard let end = try session.journal.end(of: .leader), end.isForeign else { return }
        list.append(
            "the history of the leader ends at \(end.own.short), and its ref leads to \(end.ref.short), which is no checkpoint; "
                + "git wf fsck --repair takes it back")
    }

    private static func warning(
        ofBranch present: String?, state: WorkflowState, in repository: Repository
    ) throws -> String {
        if let old = state.branch, try repository.reference(old) == nil {
            if let new = try repository.newName(of: old) {
                return
                    "\(old.shortBranch) was renamed to \(new.shortBranch); the next command that records something has the "
                    + "workflow follow it"
            }
            return
                "\(old.shortBranch), the workflow's branch, is gone; git wf workflows move \(state.name) BRANCH goes on with "
                + "another one"
        }
        return
            "this worktree is on \(present.shownBranch), the workflow belongs to \(state.branch.shownBranch): checkpoints "
            + "keep the files, and say nothing of the items"
    }

    /// Files of the user's in the place of ours, and hooks that went away.
    private mutating func warnOfFiles(_ session: Session) throws {
        guard session.repository.workTree != nil, session.journal.lane == .leader else { return }
        let head = try session.repository.head().commit.map { try session.repository.commit($0).tree }
        if let obstacle = try session.journal.stateDocumentObstacle(headTree: head) {
            list.append("\(StateDocument.name) \(obstacle)")
        }
        let directory = try HookDirectory(session.repository, surroundings: session.surroundings)
        let states = try directory.states(binary: session.surroundings.program.path)
        // None at all may be what the user chose; some is nobody's choice.
        let gone = states.filter { $0.state == .foreign || $0.state == .missing }
        if !gone.isEmpty, gone.count < states.count {
            list.append(
                "hooks that checkpoint are not in place: \(gone.map(\.name).joined(separator: ", ")); "
                    + "git wf hooks install puts them back")
        }
    }

    /// How many changes of the definition are named.
    private static let waitingLimit = 4

    private mutating func warnOfDefinition(_ session: Session, state: WorkflowState) throws {
        let waiting = try session.waitingChanges(of: state)
        list += waiting.prefix(Self.waitingLimit).map { ".wfconfig: \($0); waits for a human's git wf trust" }
        if waiting.count > Self.waitingLimit {
            list.append("\(waiting.count - Self.waitingLimit) more changes of .wfconfig wait; git wf trust shows them")
        }
        guard session.journal.isOwnWorktree, let top = session.repository.workTree else { return }
        do {
            guard let bytes = try RootedFile(".wfconfig", in: top).read() else { return }
            let entries = try Repository.configEntries(of: bytes, file: ".wfconfig")
            let new = try Definition(entries: entries, file: ".wfconfig")
            let unused = Definition.unusedKeys(in: entries)
            if !unused.isEmpty {
                list.append(".wfconfig asks for what this version cannot do: \(unused.joined(separator: ", "))")
            }
            if let current = state.currentName, !new.phases.contains(where: { $0.name.text == current }) {
                list.append(
                    ".wfconfig no longer has \(current), the phase in hand; the recorded definition stays in force")
            }
        } catch let error as FileError {
            list.append("\(error.description); the recorded definition stays in force")
        } catch let error as DefinitionError {
            list.append("\(error.description); the recorded definition stays in force")
        } catch let error as GitError {
            list.append("\(error.description); the recorded definition stays in force")
        }
    }

    /// Lanes that somebody fetched from elsewhere and that went another way than ours.
    private mutating func warnOfRemotes(_ session: Session) throws {
        let repository = session.repository
        for reference in try repository.references(under: LaneRefs.remoteRoot) {
            let parts = reference.name.dropFirst(LaneRefs.remoteRoot.count).split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("\(session.journal.workflow)/") else { continue }
            let own = LaneRefs.root + parts[1]
            guard let tip = try repository.reference(own), tip != reference.target else { continue }
            if try repository.isDescendant(tip, of: reference.target) { continue }
            if try repository.isDescendant(reference.target, of: tip) {
                list.append("\(own) is behind \(parts[0]): \(tip.short) here, \(reference.target.short) there")
            } else {
                list.append(
                    "\(own) went another way than on \(parts[0]): \(tip.hex) here, \(reference.target.hex) there; "
                        + "neither is overwritten")
            }
        }
    }
}
