import Actions
import ArgumentParser
import GitValues
import Merging
import Workflow

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge agents' work into the workflow's branch, one after the other.",
        discussion: """
            Each merge is computed before anything is touched, and stops at a conflict with the paths and what both sides did. \
            Without names, all that reported. git wf undo takes the last merge back.

            Example: git wf merge search categories
            """)

    @Argument(help: "The agents, in this order.") var names: [String] = []
    @Flag(help: "All that are open, those that reported first.") var all = false
    @Flag(name: [.customShort("n"), .long], help: "Only say what would conflict, and the order that conflicts least.")
    var dryRun = false
    @Option(help: ArgumentHelp("A command that must succeed on each result before the branch moves.", valueName: "cmd"))
    var verify: String?
    @Flag(help: "Run no verification, whatever merge.verify says.") var noVerify = false
    @Flag(name: .customLong("continue"), help: "Finish the merge whose conflict is resolved, and go on.") var goOn =
        false
    @Flag(help: "Take back the merge that stopped at a conflict.") var abort = false
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if goOn || abort, all || dryRun || !names.isEmpty {
            throw ValidationError("--continue and --abort stand alone")
        }
        if goOn, abort { throw ValidationError("--continue or --abort, not both") }
        if all, !names.isEmpty { throw ValidationError("name agents, or give --all") }
        if verify != nil, noVerify { throw ValidationError("--verify or --no-verify, not both") }
    }

    func run() throws {
        let session = try options.open(forWriting: !dryRun)
        let merging = try MergingAgents(
            session, verification: noVerify ? .none : verify.map { .command($0) } ?? .ofDefinition)
        if abort { return try answerAbort(merging.abort()) }
        if goOn { return try answer(merging.resume(), session) }
        let chosen = try merging.choose(names.map { try Name($0) }, all: all)
        if dryRun { return try answer(merging.preview(chosen), names: chosen) }
        try answer(merging.merge(chosen), session)
    }

    // MARK: Answers

    private func answer(_ outcome: MergeOutcome, _ session: Session) throws {
        for note in outcome.notes { Terminal.standard.narrate(note.printable) }
        if options.json {
            try JSONDocument.print(Answer(outcome, waiting: session.waitingChanges(of: session.state())))
        } else {
            Terminal.standard.answer(text(outcome))
        }
        if outcome.stopped != nil { throw ExitCode(Failure.Status.no.rawValue) }
    }

    private func text(_ outcome: MergeOutcome) -> String {
        var lines = Lines()
        for merged in outcome.merged {
            lines.add("Merged \(merged.agent) as \(merged.commit.short)")
            if !merged.outOfScope.isEmpty { lines.add("  outside of its spec: \(list(merged.outOfScope))") }
        }
        if let stopped = outcome.stopped {
            lines.add("Stopped at \(stopped.agent), \(stopped.reason.rawValue): \(list(stopped.paths))")
            for side in stopped.sides {
                lines.add("--- \(side.path.text.printable): the leader's side")
                lines.add(excerpt(side.ours))
                lines.add("--- \(side.path.text.printable): the side of \(stopped.agent)")
                lines.add(excerpt(side.theirs))
            }
            lines.add(stopped.detail.printable)
        }
        if !outcome.remaining.isEmpty {
            lines.add("Still to merge: \(outcome.remaining.map(\.text).joined(separator: ", "))")
        }
        if lines.lines.isEmpty { lines.add("Nothing else is waiting to be merged.") }
        return lines.text
    }

    /// The first lines of a difference: what an agent with little context needs to see what it is about.
    private func excerpt(_ diff: String) -> String {
        let lines = diff.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        let limit = 40
        if lines.count <= limit { return lines.joined(separator: "\n") }
        return (lines.prefix(limit) + ["… \(lines.count - limit) more lines"]).joined(separator: "\n")
    }

    private func list(_ paths: [RepositoryPath]) -> String {
        let shown = paths.prefix(8).map(\.text.printable).joined(separator: ", ")
        return paths.count > 8 ? "\(shown) and \(paths.count - 8) more" : shown
    }

    private func answerAbort(_ aborted: (agent: Name, checkpoint: ObjectID)) throws {
        if options.json {
            struct Answer: Encodable {
                let aborted: String
                let before: String
            }
            return try JSONDocument.print(Answer(aborted: aborted.agent.text, before: aborted.checkpoint.hex))
        }
        Terminal.standard.answer(
            "Aborted the merge of \(aborted.agent); \(aborted.checkpoint.short) holds the files as they were in the middle of it"
        )
    }

    private func answer(_ preview: MergePreview, names: [Name]) throws {
        if options.json {
            struct Pair: Encodable {
                let agents: [String]
                let paths: [String]
            }
            struct Answer: Encodable {
                let pairs: [Pair]
                let order: [String]
            }
            return try JSONDocument.print(
                Answer(
                    pairs: preview.pairs.map {
                        Pair(agents: $0.agents.map(\.text), paths: $0.paths.map(\.description))
                    },
                    order: preview.order.map(\.text)))
        }
        var lines = Lines()
        for pair in preview.pairs {
            let who =
                pair.agents.count == 1
                ? "\(pair.agents[0]) conflicts with the branch"
                : "\(pair.agents.map(\.text).joined(separator: " and ")) conflict with each other"
            lines.add("\(who) in \(list(pair.paths))")
        }
        if preview.pairs.isEmpty, !names.isEmpty { lines.add("Nothing conflicts.") }
        if !preview.order.isEmpty {
            lines.add(
                "The order that conflicts least: git wf merge \(preview.order.map(\.text).joined(separator: " "))")
        }
        if names.isEmpty { lines.add("There is nothing to merge.") }
        Terminal.standard.answer(lines.text)
    }

    struct Answer: Encodable {
        struct Verify: Encodable {
            let command: String
            let exit: Int
            let tree: String
            let seconds: Int
            let cached: Bool

            init(_ verification: Verification) {
                command = verification.command
                exit = verification.exit
                tree = verification.tree.hex
                seconds = verification.seconds
                cached = false
            }
        }
        struct Merged: Encodable {
            let agent: String
            let commit: String
            let verify: Verify?
            let outOfScope: [String]
        }
        struct Side: Encodable {
            let path: String
            let ours: String
            let theirs: String
        }
        struct Stopped: Encodable {
            let agent: String
            let reason: String
            let paths: [String]
            let outOfScope: [String]
            let diffs: [Side]
            let verify: Verify?
            let detail: String
        }

        let merged: [Merged]
        let stopped: Stopped?
        let remaining: [String]
        /// Changes of `.wfconfig` that hold only once a human consents.
        let waiting: [String]?

        init(_ outcome: MergeOutcome, waiting: [String]) {
            self.waiting = waiting.isEmpty ? nil : waiting
            merged = outcome.merged.map {
                Merged(
                    agent: $0.agent.text, commit: $0.commit.hex, verify: $0.verify.map { Verify($0) },
                    outOfScope: $0.outOfScope.map(\.description))
            }
            stopped = outcome.stopped.map { stopped in
                Stopped(
                    agent: stopped.agent.text, reason: stopped.reason.rawValue, paths: stopped.paths.map(\.description),
                    outOfScope: stopped.outOfScope.map(\.description),
                    diffs: stopped.sides.map { Side(path: $0.path.description, ours: $0.ours, theirs: $0.theirs) },
                    verify: stopped.verify.map { Verify($0) }, detail: stopped.detail)
            }
            remaining = outcome.remaining.map(\.text)
        }
    }
}
