internal import Files
internal import Glibc
internal import SystemPackage
internal import Workflow

/// One line of `doctor`.
package struct Check: Sendable {
    package enum State: String, Sendable {
        case ok, warn, fail
    }

    package let name: String
    package let state: State
    package let detail: String
    /// What mends it.
    package let fix: String?

    static func ok(_ name: String, _ detail: String) -> Check {
        Check(name: name, state: .ok, detail: detail, fix: nil)
    }

    static func warn(_ name: String, _ detail: String, fix: String) -> Check {
        Check(name: name, state: .warn, detail: detail, fix: fix)
    }

    static func fail(_ name: String, _ detail: String, fix: String) -> Check {
        Check(name: name, state: .fail, detail: detail, fix: fix)
    }
}

/// The orchestration checklist, each line checked against what is there.
struct Checklist {
    private let top: FilePath
    /// The definition in force, or the one on disk where no workflow was begun.
    private let definition: Definition?
    private let todo: TodoList?
    /// Where `doctor` runs.
    private let directory: FilePath

    init(top: FilePath, definition: Definition?, todo: TodoList?, directory: FilePath) {
        self.top = top
        self.definition = definition
        self.todo = todo
        self.directory = directory
    }

    func checks() throws -> [Check] {
        [
            machine, conventions, items, strategy, try specs(), recovery, gates, commits, budget,
        ]
    }

    private var phases: [String] { definition?.phases.map(\.name.text) ?? [] }

    private var machine: Check {
        guard let definition else {
            return .fail(
                "state machine", "there is no .wfconfig and no workflow", fix: "git wf init --template feature")
        }
        let story = phases.joined(separator: " → ")
        return .ok("state machine", "\(definition.phases.count) phases: \(story)")
    }

    private var conventions: Check {
        for file in RootedFile.nearest(Conventions.names, to: directory, in: top) {
            do throws(FileError) {
                guard let bytes = try file.readText(), !bytes.isEmpty else { continue }
                let tokens = TokenEstimate.tokens(in: bytes)
                return .ok("conventions", "\(file.name) costs about \(tokens) tokens in each session")
            } catch {
                return .fail("conventions", "\(error)", fix: "put an ordinary file in UTF-8 there")
            }
        }
        return .fail(
            "conventions", "there is no \(Conventions.names.joined(separator: ", no "))",
            fix: "write what every session must know into AGENTS.md or CLAUDE.md")
    }

    private var items: Check {
        let name = definition?.todo ?? "TODO.md"
        do throws(FileError) {
            _ = try RootedFile(name, in: top).readText()
        } catch {
            return .fail("items", "\(error)", fix: "put an ordinary file in UTF-8 there")
        }
        guard let todo, !todo.items.isEmpty else {
            return .fail("items", "\(name) has no check boxes", fix: "git wf todo add TEXT")
        }
        let without = phases.filter { phase in !todo.items.contains { $0.phase(among: phases) == phase } }
        if without.isEmpty {
            return .ok("items", "\(todo.items.count) in \(name), some for every phase")
        }
        return .warn(
            "items", "\(name) has none for \(without.joined(separator: ", "))",
            fix: "add a section \"## \(without[0])\" with boxes")
    }

    private var strategy: Check {
        guard let definition else {
            return .fail("checkpoint strategy", "nothing decides it", fix: "git wf init")
        }
        let policy = CheckpointPolicy(definition: definition, elapsed: WorkflowDuration(seconds: 0))
        let every = policy.interval.map { "every \($0.text)" } ?? "at the moments below"
        let moments = policy.moments.map(\.rawValue).sorted().joined(separator: ", ")
        if definition.duration == nil, definition.checkpoint.every == nil {
            return .warn(
                "checkpoint strategy", "\(every): neither a duration nor an interval is set",
                fix: "git config -f .wfconfig workflow.duration 6h")
        }
        return .ok("checkpoint strategy", "\(every); on \(moments)")
    }

    private func specs() throws -> Check {
        let names = try Folder.names(in: top.appending("specs")).filter { $0.hasSuffix(".md") }.sorted()
        if names.isEmpty {
            return .warn(
                "specs", "there is no specs/*.md",
                fix: "write specs/NAME.md for what agents shall do: goal, files, requirements")
        }
        for name in names {
            let bytes: [UInt8]?
            do throws(FileError) {
                bytes = try RootedFile("specs/\(name)", in: top).readText()
            } catch {
                return .warn("specs", "\(error)", fix: "put an ordinary file in UTF-8 there")
            }
            let missing = bytes.map { Spec($0).missingSections.map(\.rawValue) } ?? []
            if !missing.isEmpty {
                return .warn(
                    "specs", "specs/\(name) lacks \(missing.joined(separator: ", "))",
                    fix: "add the sections to specs/\(name)")
            }
        }
        return .ok("specs", "\(names.count), each with every section")
    }

    private var recovery: Check {
        guard let definition else {
            return .fail(
                "failure recovery", "nothing says what happens when a phase fails", fix: "git wf init")
        }
        let back = definition.phases.compactMap { phase in phase.onFail.map { "\(phase.name) → \($0)" } }
        if back.isEmpty {
            return .warn(
                "failure recovery", "no phase has an onFail",
                fix: "git config -f .wfconfig phase.\(phases.last ?? "NAME").onFail \(phases.first ?? "NAME")")
        }
        return .ok("failure recovery", "on failure \(back.joined(separator: ", "))")
    }

    private var gates: Check {
        let gated = definition?.phases.filter { $0.gate != nil }.map(\.name.text) ?? []
        if gated.isEmpty {
            return .warn(
                "human gates", "no phase needs a human's approval",
                fix: "git config -f .wfconfig phase.\(phases.last ?? "NAME").gate human")
        }
        return .ok("human gates", gated.joined(separator: ", "))
    }

    private var commits: Check {
        guard let definition else { return .fail("commit strategy", "nothing decides it", fix: "git wf init") }
        return switch definition.checkpoint.commit {
        case .never: .ok("commit strategy", "you commit; checkpoints never do (checkpoint.commit = never)")
        case .phase: .ok("commit strategy", "each completed phase is committed to the branch")
        case .checkpoint: .ok("commit strategy", "each checkpoint that is asked for is committed to the branch")
        }
    }

    private var budget: Check {
        let given = definition?.phases.compactMap(\.budget) ?? []
        let sum = given.reduce(0, +)
        guard let total = definition?.budget else {
            return .warn(
                "context budget",
                given.isEmpty ? "no budget is set" : "the phases take \(sum) tokens, the whole has no budget",
                fix: "git config -f .wfconfig workflow.budget 15000")
        }
        if sum > total {
            return .fail(
                "context budget", "the phases take \(sum) tokens, more than the \(total) of the whole",
                fix: "raise workflow.budget or lower a phase's budget in .wfconfig")
        }
        let open = (definition?.phases.count ?? 0) - given.count
        if open > 0 {
            return .warn(
                "context budget", "\(total) tokens, of which \(sum) are given; \(open) phases have no budget",
                fix: "git config -f .wfconfig phase.NAME.budget 4000")
        }
        return .ok("context budget", "\(sum) of \(total) tokens are given to phases")
    }
}

/// The file that every session reads first.
enum Conventions {
    static let names = ["CLAUDE.md", "AGENTS.md", "CONTRIBUTING.md"]
}
