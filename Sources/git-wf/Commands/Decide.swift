import Actions
import ArgumentParser
import GitValues
import Workflow

struct Decide: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide", abstract: "Record a decision that is not to be made again.",
        discussion: "Example: git wf decide \"FTS5 over LIKE for search\" --because \"ranking\"")

    @Argument(help: "What was decided.") var text: String
    @Option(help: ArgumentHelp("Why.", valueName: "text")) var because: String?
    @Option(help: ArgumentHelp("The decision that this one takes the place of.", valueName: "id")) var replaces: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        let recorded = try Deciding(session).decide(text, because: because, replacing: replaces)
        if options.json {
            var log = DecisionLog()
            log.record(recorded)
            struct Answer: Encodable { let decisions: [DecisionAnswer] }
            return try JSONDocument.print(Answer(decisions: log.decisions.map { DecisionAnswer($0) }))
        }
        Terminal.standard.answer("Decided \(recorded.id.short): \(text.printable)")
    }
}
