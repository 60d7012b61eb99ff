import Actions
import ArgumentParser
import Overview

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say where the workflow stands.",
        discussion: """
            Phase, items, blocks, agents, next actions, and whether a checkpoint is due. With --due it prints nothing and \
            exits 1 when one is due, for prompts and scripts.

            Example: git wf status
            """)

    @Flag(help: "Print nothing; exit 1 when a checkpoint is due.")
    var due = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        if due {
            // A prompt asks this, so nothing else is looked at.
            if try Standing.due(session, state: state) != nil { throw ExitCode(Failure.Status.no.rawValue) }
            return
        }
        let standing = try Standing(session, state: state)
        if options.json { return try JSONDocument.print(StatusAnswer(standing)) }
        Terminal.standard.answer(StatusText(standing, terminal: .standard).text)
    }
}

extension Status: Plain {
    static func plain(_ words: [String]) -> Status? {
        guard words.isEmpty else { return nil }
        var status = Status()
        status.due = false
        status.options = .plain
        return status
    }
}
