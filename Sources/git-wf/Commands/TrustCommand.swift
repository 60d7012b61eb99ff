import ArgumentParser
import Files
import Git
import GitValues
import Journal
import SystemPackage
import Workflow

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
        let state = try session.state()
        // The definition in force, and what the next checkpoint would make it.
        var definitions = [state.definition]
        if let top = session.repository.workTree, let bytes = try OrdinaryFile.read(top.appending(".wfconfig")) {
            definitions.append(
                try Definition(entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig"))
        }
        let trust = Trust(Invocation.current.environment)
        for definition in definitions { try trust.trust(definition) }
        let commands = definitions.last?.commands ?? []
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
