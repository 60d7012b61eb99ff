import ArgumentParser
import Journal

struct Fsck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check that every lane is whole and says what the machine allows.",
        discussion: """
            Reads every checkpoint of every workflow, their trees and what their trailers name, and folds each lane from its \
            beginning. Changes nothing; exits 1 when something is wrong.

            Example: git wf fsck
            """)

    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let check = try LaneCheck(Workspace(Invocation.current.surroundings()))
        if json {
            struct Lane: Encodable {
                let ref: String
                let checkpoints: Int
                let ok: Bool
            }
            struct Problem: Encodable {
                let id: String
                let problem: String
            }
            struct Answer: Encodable {
                let lanes: [Lane]
                let problems: [Problem]
            }
            try JSONDocument.print(
                Answer(
                    lanes: check.lanes.map { Lane(ref: $0.ref, checkpoints: $0.checkpoints, ok: $0.isOK) },
                    problems: check.problems.map { Problem(id: $0.id, problem: $0.text) }))
        } else {
            var lines = Lines()
            for lane in check.lanes {
                lines.add("\(lane.isOK ? "ok  " : "FAIL")  \(lane.ref.printable)  \(lane.checkpoints) checkpoints")
            }
            for problem in check.problems { lines.add("\(problem.id.prefix(12)): \(problem.text.printable)") }
            if check.lanes.isEmpty { lines.add("There are no lanes here.") }
            Terminal.standard.answer(lines.text)
        }
        if !check.problems.isEmpty { throw ExitCode(Failure.Status.no.rawValue) }
    }
}
