import ArgumentParser
import HookFolder
import SystemPackage

extension HooksCommand {
    struct Uninstall: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "uninstall", abstract: "Take them out; what was there before is there again.",
            discussion: "Example: git wf hooks uninstall")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let place = try HookPlace(isChanging: true)
            let before = try place.directory.states(binary: nil)
            try place.directory.uninstall()
            // What the user had before stands there again; what somebody put in the place of ours stays, too.
            for case let state in before where state.state == .foreign {
                guard let path = state.path else { continue }
                Terminal.standard.narrate("\(path.string.printable) is not one of ours and stays as it is")
            }
            try place.answer(json: json)
        }
    }
}
