import Actions
import ArgumentParser
import Files
import Glibc
import GitValues
import Journal
import Runner
import Workflow

extension AgentCommand {
    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: "Print what an agent's process printed.",
            discussion: "Example: git wf agent log search -f")
        @Argument(help: "The agent.") var name: String
        @Flag(name: .customShort("f"), help: "Go on until its process ends.") var follow = false
        @Option(name: .customShort("n"), help: ArgumentHelp("So many last lines; 0 for all.", valueName: "number"))
        var lines =
            40
        @Option(help: ArgumentHelp("Of this attempt, and not of the newest.", valueName: "number")) var attempt: Int?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let folder = RunFolder(try Name(name), of: session.journal)
            guard let attempt = try attempt ?? folder.attempts.last else {
                throw Failure(
                    "no process of \(name.quoted) was started here", status: .no,
                    hint: "git wf agent run \(name.printable) starts one")
            }
            var shown = try folder.output(of: attempt)
            try print(tail(shown))
            while follow, try folder.isRunning(attempt) {
                usleep(200_000)
                let now = try folder.output(of: attempt)
                // Once the file was turned over only what is new in it can be told.
                let new = now.starts(with: shown) ? now[shown.count...] : now[...]
                try print(new)
                shown = now
            }
        }

        private func tail(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
            if lines <= 0 { return bytes[...] }
            var left = lines
            var start = bytes.endIndex
            while start > 0 {
                if bytes[start - 1] == UInt8(ascii: "\n"), start != bytes.endIndex { left -= 1 }
                if left == 0 { break }
                start -= 1
            }
            return bytes[start...]
        }

        private func print(_ bytes: ArraySlice<UInt8>) throws {
            if bytes.isEmpty { return }
            try Terminal.standard.answer(piece: String(decoding: bytes, as: UTF8.self).printableLines)
        }
    }
}
