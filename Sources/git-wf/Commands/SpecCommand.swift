import Actions
import Agents
import ArgumentParser
import GitValues
import Overview
import SystemPackage
import Workflow

struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec",
        abstract: "Write what agents are asked to do, and check it before they begin.",
        discussion: "Example: git wf spec new search --item 3",
        subcommands: [New.self, Check.self, List.self, Show.self], defaultSubcommand: List.self)

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Write specs/NAME.md for you to fill in.",
            discussion: """
                It begins with specs/TEMPLATE.md where there is one.

                Example: git wf spec new search --item 3 --modify "src/search.ts (new)"
                """)
        @Argument(help: "What the spec and its agent are called.") var name: String
        @Option(help: ArgumentHelp("The item of TODO.md that it is about.", valueName: "number")) var item: Int?
        @Option(help: ArgumentHelp("What there is afterwards, in one sentence.", valueName: "text")) var goal: String?
        @Option(help: ArgumentHelp("A file to read; may be repeated.", valueName: "path")) var read: [String] = []
        @Option(help: ArgumentHelp("A file to modify; may be repeated.", valueName: "path")) var modify: [String] = []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            var request = SpecWriting.Request()
            (request.item, request.goal, request.reads, request.modifies) = (item, goal, read, modify)
            let path = try SpecWriting(session).write(Name(name), request)
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let path: String
                }
                return try JSONDocument.print(Answer(name: name, path: path.string))
            }
            Terminal.standard.answer("specs/\(name).md; git wf spec check \(name) says what is missing")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say what is wrong with specs, and which would touch the same place.",
            discussion: "Example: git wf spec check search")
        @Argument(help: "Only these.") var names: [String] = []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let overview = try SpecOverview(options.open())
            let all = Set(overview.checks.map(\.name))
            if let unknown = names.first(where: { !all.contains($0) }) {
                throw Failure(
                    "there is no spec \(unknown.quoted)", status: .no,
                    hint: "git wf spec new \(unknown.printable) writes one")
            }
            let checks = overview.checks.filter { names.isEmpty || names.contains($0.name) }
            let overlaps = overview.overlaps.filter { names.isEmpty || $0.names.contains(where: names.contains) }
            let isFine = checks.allSatisfy(\.errors.isEmpty) && overlaps.allSatisfy(\.isDisjoint)
            if options.json {
                try JSONDocument.print(Answer(specs: checks.map { .init($0) }, overlaps: overlaps.map { .init($0) }))
            } else {
                var lines = Lines()
                for check in checks {
                    let state = check.errors.isEmpty ? "ok" : "\(check.errors.count) to mend"
                    lines.add("\(check.name): \(state), about \(check.tokens) tokens".printable)
                    for error in check.errors { lines.add("  \(error)".printable) }
                    for warning in check.warnings { lines.add("  warning: \(warning)".printable) }
                }
                for overlap in overlaps {
                    lines.add((overlap.text + (overlap.isDisjoint ? "; that is fine" : "")).printable)
                }
                if checks.isEmpty { lines.add("no spec is in specs/; git wf spec new NAME writes one") }
                Terminal.standard.answer(lines.text)
            }
            if !isFine { throw ExitCode(Failure.Status.no.rawValue) }
        }

        private struct Answer: Encodable {
            struct Spec: Encodable {
                let name: String
                let errors: [String]
                let warnings: [String]
                let tokens: Int
                let reads: [String]
                let modifies: [String]

                init(_ check: SpecCheck) {
                    name = check.name
                    errors = check.errors
                    warnings = check.warnings
                    tokens = check.tokens
                    reads = check.spec.reads.map(\.pattern.text)
                    modifies = check.spec.modifies.map(\.pattern.text)
                }
            }

            struct Overlap: Encodable {
                let specs: [String]
                let path: String
                /// The lines that each names; none where it is the whole file.
                let ranges: [[Int]]
                let disjoint: Bool

                init(_ overlap: SpecOverlap) {
                    specs = overlap.names
                    path = overlap.path
                    ranges = overlap.ranges.map { range in range.map { [$0.lowerBound, $0.upperBound] } ?? [] }
                    disjoint = overlap.isDisjoint
                }
            }

            let specs: [Spec]
            let overlaps: [Overlap]
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the specs, and say of each whether an agent can start.",
            discussion: "Example: git wf spec list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let overview = try SpecOverview(options.open())
            if options.json {
                struct Answer: Encodable {
                    struct Spec: Encodable {
                        let name: String
                        let title: String
                        let standing: String
                    }

                    let specs: [Spec]
                }
                return try JSONDocument.print(
                    Answer(
                        specs: overview.checks.map {
                            .init(name: $0.name, title: $0.spec.title, standing: overview.standing(of: $0).text)
                        }))
            }
            var lines = Lines()
            for check in overview.checks {
                let title = check.spec.title.isEmpty ? "" : " - \(check.spec.title)"
                lines.add("\(check.name): \(overview.standing(of: check).text)\(title)".printable)
            }
            if overview.checks.isEmpty { lines.add("no spec is in specs/; git wf spec new NAME writes one") }
            Terminal.standard.answer(lines.text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print a spec.", discussion: "Example: git wf spec show search")
        @Argument(help: "The spec.") var name: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            guard let bytes = try SpecFolder(session.journal).read(Name(name)) else {
                throw Failure("there is no spec \(name.quoted)", status: .no, hint: "git wf spec list names them")
            }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let text: String
                }
                return try JSONDocument.print(Answer(name: name, text: String(decoding: bytes, as: UTF8.self)))
            }
            Terminal.standard.answer(bytes: bytes)
        }
    }
}
