internal import Files
internal import Git
package import GitValues
internal import Journal
internal import Snapshots
internal import SystemPackage
package import Workflow

/// What a human is asked for before a definition counts here.
package struct TrustQuestion: Sendable {
    /// All that may run, and what is let into checkpoints, from then on.
    package let powers: [ConfigEntry]
    /// What `.wfconfig` changes and what comes in force with it, each in a few words.
    package let waiting: [String]
    /// What names exactly this question.
    package let hash: String
    fileprivate let definition: Definition
    /// The file that is consented to; `nil` where nothing of it waits.
    fileprivate let file: DefinitionFile?
}

/// A `.wfconfig` as it is in a worktree.
struct DefinitionFile: Equatable {
    let definition: Definition
    let blob: ObjectID
    /// Whether a snapshot holds it; else it is ignored.
    let isHeld: Bool
}

/// Has a human say that the commands of a definition may run here, and that a changed one is in force.
package struct Trusting {
    private let session: Session

    package init(_ session: Session) throws {
        try session.requireLeader("trust a definition")
        self.session = session
    }

    /// - Returns: `nil` where nothing is left to ask.
    package func question() throws -> TrustQuestion? {
        let state = try session.state()
        return try question(state, file: file(in: session.snapshot(for: state), state: state))
    }

    private func question(_ state: WorkflowState, file: DefinitionFile?) throws -> TrustQuestion? {
        let change = file.map { DefinitionChange(from: state.definition, to: $0.definition) }
        let waiting = change?.waiting ?? []
        // What waits is in force once it is consented to, and nothing of the one before then is.
        let definition = waiting.isEmpty ? state.definition : file?.definition ?? state.definition
        let trust = session.journal.trust(of: state)
        if try waiting.isEmpty && trust.covers(definition) { return nil }
        let consent = waiting.isEmpty ? "" : file?.blob.hex ?? ""
        let text = try "\(trust.hash(of: definition)) \(consent) \(waiting.joined(separator: "\n"))"
        return TrustQuestion(
            powers: definition.powers, waiting: waiting, hash: try Repository.blobID(of: Array(text.utf8)).hex,
            definition: definition, file: waiting.isEmpty ? nil : file)
    }

    /// What `.wfconfig` says, while it speaks for the workflow.
    private func file(in snapshot: Snapshot, state: WorkflowState) throws -> DefinitionFile? {
        guard snapshot.operation == nil, snapshot.head.branch == state.branch, let top = session.repository.workTree
        else { return nil }
        let held = try session.journal.file(".wfconfig", in: snapshot.tree)?.id
        let ignored = held == nil ? try RootedFile(".wfconfig", in: top).read() : nil
        guard let blob = try held ?? ignored.map({ try session.repository.createBlob($0) }) else { return nil }
        // One that cannot be read changes nothing; `status` warns of it.
        guard let definition = try? session.journal.definition(blob) else { return nil }
        if let current = state.currentName, !definition.phases.contains(where: { $0.name.text == current }) {
            return nil
        }
        return DefinitionFile(definition: definition, blob: blob, isHeld: held != nil)
    }

    // MARK: Answers

    /// Trusts what a human at a terminal was shown.
    package func consent(to question: TrustQuestion) throws {
        guard session.caller.isHumanPresent else { throw refusal }
        try record(
            question, by: session.caller.human(in: session.repository, doing: Self.doing).actor, isClaimed: false)
    }

    /// Trusts what has the hash that a human was shown, for a script of theirs.
    package func consent(to question: TrustQuestion, hash: String) throws {
        if session.caller.isInHarness { throw refusal }
        if let named = session.caller.named {
            guard case .human = named else { throw refusal }
        }
        guard hash == question.hash else {
            throw ActionError(
                "what is there now is not what has the hash \(hash.quoted)", .refused, hint: "git wf trust shows it")
        }
        if question.waiting.isEmpty || session.caller.isHumanPresent {
            let isPresent = session.caller.isHumanPresent
            let human = isPresent ? try session.caller.human(in: session.repository, doing: Self.doing).actor : nil
            return try record(question, by: human, isClaimed: false)
        }
        let human = try session.caller.claimedHuman(in: session.repository, doing: "consent to a changed .wfconfig")
        try record(question, by: human, isClaimed: true)
    }

    private static let doing = "trust a definition"

    private var refusal: ActionError {
        ActionError("only a human may \(Self.doing), in a terminal of their own: nothing is trusted yet", .refused)
    }

    private func record(_ question: TrustQuestion, by human: Actor?, isClaimed: Bool) throws {
        let state = try session.state()
        if let file = question.file, let human {
            let snapshot = try session.snapshot(for: state)
            guard try self.file(in: snapshot, state: state) == file else {
                throw ActionError(
                    ".wfconfig is another one by now, so nothing is trusted", .refused, hint: "git wf trust shows it")
            }
            var draft = Draft(.definitionChanged, "The definition changed, by consent").by(human)
                .with(TrailerKey.definition, file.blob.hex).with(TrailerKey.consent, human.description)
                .with(TrailerKey.claimed, isClaimed ? "yes" : nil)
            draft.body = question.waiting.map { "- \($0)" }.joined(separator: "\n")
            if !file.isHeld {
                let tree = try session.repository.createTree([(".wfconfig", .file, file.blob)])
                draft.parents.append(
                    (nil, try session.journal.attachment(tree: tree, title: "The definition of a workflow")))
            }
            try session.journal.append([draft], snapshot: snapshot)
        }
        try session.journal.trust(of: state).add(question.definition)
    }
}

extension Session {
    /// What of a changed `.wfconfig` waits for a human's consent, each in a few words: of the file on disk, where that speaks for
    /// the workflow, else of what was recorded last.
    package func waitingChanges(of state: WorkflowState) throws -> [String] {
        guard journal.lane == .leader else { return [] }
        var proposal = state.proposal
        if journal.isOwnWorktree, let top = repository.workTree, try repository.head().branch == state.branch,
            let bytes = try RootedFile(".wfconfig", in: top).read(),
            // A file that cannot be read changes nothing; `status` warns of it.
            let entries = try? Repository.configEntries(of: bytes, file: ".wfconfig"),
            let onDisk = try? Definition(entries: entries, file: ".wfconfig"),
            state.currentName.map({ current in onDisk.phases.contains { $0.name.text == current } }) ?? true
        {
            proposal = onDisk
        }
        return proposal.map { DefinitionChange(from: state.definition, to: $0).waiting } ?? []
    }

    /// A command of the definition in force, where the user trusts it.
    /// - Returns: `nil` where there is none.
    /// - Throws: `ActionError`, which shows what is to be trusted. A command that only waits for consent holds the step too: whoever
    ///   wrote it down expects it to run.
    func trustedCommand(_ command: (Definition) -> String?, of state: WorkflowState) throws -> String? {
        let wanted = state.proposal.flatMap(command)
        guard let inForce = command(state.definition) else {
            guard wanted != nil, let proposal = state.proposal else { return nil }
            throw notTrusted(proposal)
        }
        guard try journal.trust(of: state).covers(state.definition) else { throw notTrusted(state.definition) }
        if state.proposal != nil, wanted != inForce {
            narration.say(
                "\(inForce.quoted) is run, which is in force: what .wfconfig has instead waits for a human's git wf trust"
            )
        }
        return inForce
    }

    private func notTrusted(_ definition: Definition) -> ActionError {
        let list = definition.powers.map { "\n  \($0.name) = \($0.value.quotedWhole)" }.joined()
        return ActionError(
            "what this .wfconfig can do is not trusted yet:\(list)", .impossible,
            hint: "git wf trust, where a human wants all of that")
    }
}
