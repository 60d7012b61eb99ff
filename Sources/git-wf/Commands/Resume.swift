import Actions
import ArgumentParser
import Journal
import Overview
import Workflow

struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Print what an agent that knows nothing needs to go on.",
        discussion: """
            The state, the latest checkpoint and what happened since, decisions, remaining items, next actions, and the files \
            worth reading with their sizes in tokens. It fits a budget: the least useful is left out, counted, and named with \
            the command that shows it. In an agent's worktree it is the agent's spec and how to report, in at most 1,000 tokens.

            Example: git wf resume --budget 1500
            """)

    @Option(help: ArgumentHelp("The most tokens; resume.budget without it.", valueName: "tokens"))
    var budget: Int?
    @Option(help: ArgumentHelp("The most characters.", valueName: "count"))
    var maxChars: Int?
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if let budget, budget < Brief.Limits.fewestTokens {
            throw ValidationError("--budget takes at least \(Brief.Limits.fewestTokens) tokens")
        }
        if let maxChars, maxChars < Brief.Limits.fewestCharacters {
            throw ValidationError("--max-chars takes at least \(Brief.Limits.fewestCharacters) characters")
        }
    }

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        // A definition may ask for less than anything fits into, or for more than an integer of the machine holds.
        let configured = max(Int64(Brief.Limits.fewestTokens), min(state.definition.resume.budget, 1_000_000))
        let limits = Brief.Limits(tokens: min(budget ?? Int(configured), 1_000_000), characters: maxChars)
        let facts = BriefFacts(session, state: state)
        let (brief, files) =
            switch session.journal.lane {
            case .leader: try facts.leader(fittingTo: limits)
            case .agent(let name): try facts.agent(name, fittingTo: limits)
            }
        if options.json { return try JSONDocument.print(Answer(brief, files: files)) }
        Terminal.standard.answer(brief.text.printableLines)
    }
}

extension Resume {
    /// `resume --json`
    struct Answer: Encodable {
        struct Section: Encodable {
            let name: String
            let tokens: Int
            let truncated: Bool
        }
        struct File: Encodable {
            let path: String
            let tokens: Int
        }

        let text: String
        let tokens: Int
        let sections: [Section]
        let files: [File]

        init(_ brief: Brief, files: [BriefFile]) {
            text = brief.text
            tokens = brief.tokens
            sections = brief.parts.map { Section(name: $0.name, tokens: $0.tokens, truncated: $0.isTruncated) }
            self.files = files.map { File(path: $0.path, tokens: $0.tokens) }
        }
    }
}
