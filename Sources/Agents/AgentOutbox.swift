internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import Journal
internal import Snapshots
internal import SystemPackage
package import Workflow

/// What an agent says where it cannot write to the git directory, which some sandboxes make read-only: files in its worktree, in
/// `.wf/outbox/`, which the leader's next look at it records and removes. They are input from a stranger: few, small, and text.
package struct AgentOutbox {
    /// What is left for the leader.
    package enum Message: Sendable {
        case question(String, options: [String])
        case report(Report)
        case checkpoint(title: String, body: String, summary: [String], decisions: [String], next: [String])
    }

    private static let folder = ".wf/outbox"
    /// The most bytes of one, and how many are taken up at a time.
    private static let longest = 64 << 10
    private static let most = 100

    /// Of the agent's worktree.
    private let journal: Journal
    private let agent: Name

    /// - Returns: `nil` outside of an agent's worktree, and where its git directory can be written to.
    package init?(whereNeeded journal: Journal) {
        guard case .agent(let agent) = journal.lane else { return nil }
        let folder = journal.repository.commonDirectory
        guard access(folder.characters, W_OK) != 0, errno == EROFS || errno == EACCES else { return nil }
        self.init(agent, journal)
    }

    init(_ agent: Name, _ journal: Journal) {
        self.agent = agent
        self.journal = journal
    }

    // MARK: Leaving

    /// - Throws: `AgentError` where it is too long, `FileError` where the worktree cannot be written to either.
    package func leave(_ message: Message) throws {
        let bytes = Self.text(of: message).bytes
        guard bytes.count <= Self.longest else {
            throw AgentError(.usage, "that is \(bytes.count) bytes; \(Self.longest) can be left for the leader")
        }
        let name = "\(journal.surroundings.now.seconds).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try RootedFile(".wf/.gitignore", in: journal.place).write(Array("*\n".utf8))
        try RootedFile("\(Self.folder)/\(name)", in: journal.place).write(bytes)
    }

    private static func text(of message: Message) -> FieldText {
        var text = FieldText()
        func add(_ key: String, _ values: [String]) { for value in values { text.add(key, value) } }
        switch message {
        case .question(let question, let options):
            text.add("kind", "question")
            text.add("text", question)
            add("option", options)
        case .report(let report):
            text.add("kind", "report")
            text.add("status", report.status.rawValue)
            text.add("text", report.title)
            add("decision", report.decisions)
            add("test", report.tests)
            add("issue", report.issues)
        case .checkpoint(let title, let body, let summary, let decisions, let next):
            text.add("kind", "checkpoint")
            text.add("text", title)
            text.add("body", body)
            add("summary", summary)
            add("decision", decisions)
            add("next", next)
        }
        return text
    }

    private static func message(in bytes: [UInt8]) -> Message? {
        let text = FieldText(parsing: bytes)
        guard let words = text["text"], words.contains(where: { !$0.isWhitespace }) else { return nil }
        switch text["kind"] {
        case "question": return .question(words, options: text.values("option"))
        case "report":
            guard let status = text["status"].flatMap({ Report.Status(rawValue: $0) }) else { return nil }
            return .report(
                Report(
                    title: words, status: status, decisions: text.values("decision"), tests: text.values("test"),
                    issues: text.values("issue")))
        case "checkpoint":
            return .checkpoint(
                title: words, body: text["body"] ?? "", summary: text.values("summary"),
                decisions: text.values("decision"), next: text.values("next"))
        default: return nil
        }
    }

    // MARK: Taking up

    /// Records what was left, in the order in which it was, and removes it.
    /// - Returns: how many there were.
    func takeUp() throws -> Int {
        let names = ((try? Folder.names(in: journal.place.appending(".wf").appending("outbox"))) ?? []).sorted()
            .filter { !$0.hasPrefix(".") }.prefix(Self.most)
        var count = 0
        for name in names {
            let file = RootedFile("\(Self.folder)/\(name)", in: journal.place)
            // What is no message is left where it is, and taken for nothing.
            guard let bytes = try? file.read(upTo: Self.longest), let message = Self.message(in: bytes) else {
                continue
            }
            try record(message)
            try file.remove()
            count += 1
        }
        return count
    }

    private func record(_ message: Message) throws {
        let state = try journal.leaderState()
        let attempt = state.agent(agent.text)?.attempt
        switch message {
        case .report(let report): _ = try AgentReport(journal).write(report, of: agent, document: nil)
        case .question(let question, let options):
            try journal.append(
                [Draft.question(question, options: options, of: agent, attempt: attempt, phase: state.shownPhase)],
                snapshot: journal.takeSnapshot(definition: state.definition))
        case .checkpoint(let title, let body, let summary, let decisions, let next):
            var draft = Draft(.checkpoint, title)
            draft.body = body
            draft.add(TrailerKey.summary, summary)
            draft.add(TrailerKey.decision, decisions)
            draft.add(TrailerKey.next, next)
            try journal.append([draft], snapshot: journal.takeSnapshot(definition: state.definition))
        }
    }
}

extension Draft {
    /// What an agent wants to know of the leader.
    package static func question(
        _ question: String, options: [String], of agent: Name, attempt: Int?, phase: String
    ) -> Draft {
        var draft = Draft(.agentAsked, "Agent \(agent) asks: \(question)", phase: phase)
            .with(TrailerKey.agent, agent.text).with(TrailerKey.question, question)
        draft.add(TrailerKey.option, options)
        draft.add(TrailerKey.attempt, attempt.map(String.init))
        return draft
    }
}
