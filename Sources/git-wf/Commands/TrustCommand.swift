import Actions
import ArgumentParser
import GitValues

struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Let the commands of this .wfconfig run.",
        discussion: """
            A .wfconfig is a tracked file, so its commands are someone else's until you say otherwise. What is trusted is \
            their present values; any other key may change.

            Example: git wf trust
            """)

    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let commands = try Trust(session.surroundings).trustCommands(of: session)
        if options.json {
            struct Command: Encodable {
                let key: String
                let command: String
            }
            struct Answer: Encodable { let trusted: [Command] }
            return try JSONDocument.print(Answer(trusted: commands.map { Command(key: $0.name, command: $0.value) }))
        }
        if commands.isEmpty { return Terminal.standard.answer("This .wfconfig has no commands.") }
        Terminal.standard.answer(
            "Trusted:\n" + commands.map { "  \($0.name) = \($0.value.printable)\n" }.joined())
    }
}
