import ArgumentParser
import Git
import GitValues
import Journal
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
        let state = try session.state()
        var replaced: Decision?
        if let replaces {
            replaced = state.decisions.decision(replaces)
            guard replaced != nil else {
                throw Failure(
                    "there is no decision \(replaces.quoted); git wf log --kind decision lists them", status: .no)
            }
        }
        guard !text.allSatisfy(\.isWhitespace) else { throw Failure("a decision needs a text", status: .usage) }
        var draft = Draft(.decision, "Decided: \(text)").with(TrailerKey.decision, text)
        draft.add(TrailerKey.because, because)
        draft.add(TrailerKey.replaces, replaced?.id)
        let recorded = try session.journal.append([draft], snapshot: session.snapshot(for: state))[0]
        if options.json {
            var log = DecisionLog()
            log.record(recorded)
            struct Answer: Encodable { let decisions: [DecisionAnswer] }
            return try JSONDocument.print(Answer(decisions: log.decisions.map { DecisionAnswer($0) }))
        }
        Terminal.standard.answer("Decided \(recorded.id.short): \(text.printable)")
    }
}
