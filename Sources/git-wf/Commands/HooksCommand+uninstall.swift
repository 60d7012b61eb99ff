import ArgumentParser
import HookFolder

extension HooksCommand {
    struct Uninstall: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "uninstall", abstract: "Take them out; what was there before is there again.",
            discussion: "Example: git wf hooks uninstall")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let place = try HookPlace(isChanging: true)
            let before = try GitHooks.status(in: place.directory.path, binary: nil)
            try GitHooks.uninstall(from: place.directory.path)
            // What the user had before stands there again; what somebody put in the place of ours stays, too.
            for state in before where state.state == .foreign {
                Terminal.standard.narrate("\(state.path) is not one of ours and stays as it is")
            }
            try place.answer(json: json)
        }
    }
}
