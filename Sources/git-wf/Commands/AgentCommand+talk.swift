import Actions
import Agents
import ArgumentParser
import GitValues
import Workflow

extension AgentCommand {
    struct Ask: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ask", abstract: "Ask the leader something, from inside the agent's worktree.",
            discussion: """
                The question is recorded; the leader's status, next and resume show it first. An agent that cannot go on without an \
                answer ends: git wf agent answer starts it again, and its git wf resume begins with the answer.

                Example: git wf agent ask "Keep the old route?" --option yes --option no
                """)
        @Argument(help: "The question.") var question: String
        @Option(help: ArgumentHelp("An answer to choose; may be repeated.", valueName: "text")) var option: [String] =
            []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let left = AgentOutbox.Message.question(question, options: option)
            guard let session = try options.openAsAgent(leaving: left) else { return }
            let asked = try AgentTalk(session).ask(question, options: option)
            if options.json { return try JSONDocument.print(Recorded(id: asked.id.hex, restarted: nil)) }
            Terminal.standard.answer("Asked \(asked.id.short); the answer stands first in git wf resume")
        }
    }

    struct Answer: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "answer", abstract: "Answer an agent's question, or tell it something.",
            discussion: """
                Where the process of the agent has ended it is started again, with the command that it ran with.

                Example: git wf agent answer search "Yes, keep it until version 2"
                """)
        @Argument(help: "The agent.") var name: String
        @Argument(help: "The answer.") var text: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let answered = try AgentTalk(session).answer(Name(name), text)
            let goesOn = try RunningAgents(session) { try options.open() }.goOn(Name(name))
            if options.json { return try JSONDocument.print(Recorded(id: answered.id.hex, restarted: goesOn)) }
            Terminal.standard.answer(
                "Answered \(name), \(answered.id.short)"
                    + (goesOn ? "; it goes on" : "; it reads that in git wf resume"))
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Send an agent's work back for another attempt, with a reason.",
            discussion: """
                The reason stands first in the agent's git wf resume and in its next prompt. An agent that was merged goes on from \
                where the leader is. git wf agent run starts the attempt, where the agent is run by git-wf.

                Example: git wf agent retry search --reason "the tests of the index fail"
                """)
        @Argument(help: "The agent.") var name: String
        @Option(help: ArgumentHelp("What is wanted.", valueName: "text")) var reason: String?
        @Option(help: ArgumentHelp("Another spec than before: a file, or its name below specs/.", valueName: "spec"))
        var spec: String?
        @Flag(help: "Begin at its first commit again; a checkpoint holds what it had.") var fresh = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let sent = try AgentTalk(session).sendBack(Name(name), reason: reason, spec: spec, isFresh: fresh)
            for warning in sent.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let attempt: Int
                    let warnings: [String]
                }
                return try JSONDocument.print(Answer(name: name, attempt: sent.attempt, warnings: sent.warnings))
            }
            Terminal.standard.answer(
                "Sent back to \(name): attempt \(sent.attempt); git wf agent run \(name) starts it")
        }
    }

    private struct Recorded: Encodable {
        let id: String
        /// Whether the agent's process was started again.
        let restarted: Bool?
    }
}
