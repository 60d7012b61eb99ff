package import Agents
internal import Files
internal import FoundationEssentials
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import Runner
internal import Snapshots
internal import SystemPackage
package import Workflow

/// Looks at what agents did: against their specs, for signs that something went wrong, and in the leader's own worktree.
package struct AuditingAgents {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// What is odd about the work of an agent, with what it did not commit.
    package func findings(of name: Name) throws -> [AgentAudit.Finding] {
        let journal = session.journal
        let work = try AgentWork(named: name.text, journal: journal)
        let range = try AgentDiff(journal).trees(of: name.text)
        let todo = try session.state().definition.todo
        return try AgentAudit(work, journal, parser: Self.isWellFormed).findings(in: range, todo: todo)
            + inOwnWorktree(name)
    }

    /// Lets an agent change paths beside those of its spec, on the record.
    package func grant(_ name: Name, _ paths: [String], reason: String) throws {
        try session.requireLeader("grant exceptions")
        var draft = Draft(.scopeGranted, "Granted \(name): \(paths.listed())").with(TrailerKey.agent, name.text)
            .with(TrailerKey.reason, reason)
        draft.add(TrailerKey.path, paths)
        try session.journal.append([draft], snapshot: session.snapshot(for: session.state()))
    }

    /// What is uncommitted in the leader's worktree and was written while the agent's process ran: an agent that leaves its
    /// worktree mostly ends up there.
    private func inOwnWorktree(_ name: Name) throws -> [AgentAudit.Finding] {
        guard session.journal.lane == .leader, session.journal.otherLane == nil else { return [] }
        let times = try RunInHand(RunFolder(name, of: session.journal)).times()
        if times.isEmpty { return [] }
        let state = try session.state()
        let snapshot = try session.snapshot(for: state)
        let own = [".wfconfig", state.definition.todo]
        return try session.repository.changes(from: snapshot.headTree ?? Repository.emptyTree, to: snapshot.tree)
            .map(\.path).filter { path in
                var status = stat()
                let file = FilePath(bytes: session.journal.place.bytes + [UInt8(ascii: "/")] + path.bytes)
                guard lstat(file.characters, &status) == 0, !own.contains(path.description) else { return false }
                return times.contains { $0.contains(Int64(status.st_mtim.tv_sec)) }
            }
            .map { AgentAudit.Finding(.leadersFile, $0, "changed in your worktree while \(name) ran") }
    }

    // MARK: Forms

    /// Any JSON at all.
    private struct AnyJSON: Decodable {
        private struct Key: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            if let container = try? decoder.container(keyedBy: Key.self) {
                for key in container.allKeys { _ = try container.decode(AnyJSON.self, forKey: key) }
            } else if var container = try? decoder.unkeyedContainer() {
                while !container.isAtEnd { _ = try container.decode(AnyJSON.self) }
            }
        }
    }

    private static func isWellFormed(_ path: RepositoryPath, _ bytes: [UInt8]) -> Bool? {
        guard path.description.hasSuffix(".json") else { return nil }
        return (try? JSONDecoder().decode(AnyJSON.self, from: Data(bytes))) != nil
    }
}

extension AgentAudit.Finding {
    /// For people, with the command that brings the file back.
    package func text(of agent: Name) -> String {
        guard let path else { return text }
        let file = Self.word(path.description)
        switch kind {
        case .leadersFile: return "\(path): \(text); git wf restore \(file) brings it back"
        case .emptied, .truncated, .nulBytes, .unparsable, .conflictMarkers, .forbidden, .lines, .mode, .linkOutside:
            return "\(path): \(text); git wf agent restore \(agent) \(file) brings it back"
        case .outside, .dependencies, .schema, .massDeletion: return "\(path): \(text)"
        }
    }

    /// A path as a shell reads it.
    private static func word(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "/._-+@%,:".utf8.contains(byte)
        }
        return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }
}
