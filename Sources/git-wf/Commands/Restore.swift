import ArgumentParser
import Git
import GitValues
import Journal
import Snapshots
import SystemPackage
import Workflow

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring files back.",
        discussion: """
            Without --from each path goes to the nearest earlier content that differs from what is there now; asked again, one \
            further back. Paths are git's pathspecs: files, folders, patterns, ':(exclude)…'. What is there is checkpointed \
            first, and git wf undo brings it back. The index and the branch stay. What no checkpoint holds (ignored files, for \
            one) is never written over and never removed.

            Example: git wf restore src/index.ts
            """)

    @Option(help: ArgumentHelp("The checkpoint to take them from.", valueName: "checkpoint"))
    var from: String?
    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done, and list the contents to choose from.")
    var dryRun = false
    @Flag(help: "Every path that the checkpoint has.")
    var all = false
    @Flag(help: "With --all: also remove what the checkpoint does not have, but nothing that is ignored, or was then.")
    var exact = false
    @Argument(help: ArgumentHelp("Files, folders or patterns.", valueName: "path"))
    var paths: [String] = []
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if all, !paths.isEmpty { throw ValidationError("--all takes no paths") }
        if !all, paths.isEmpty { throw ValidationError("which files? name them, or give --all with --from") }
        if all, from == nil { throw ValidationError("--all needs --from CHECKPOINT") }
        if exact, !all { throw ValidationError("--exact goes with --all") }
    }

    func run() throws {
        let session = try options.open(forWriting: !dryRun)
        let state = try session.state()
        let source = try from.map { try session.journal.resolve($0) }
        let selections = try session.selections(paths)
        let snapshot = try session.snapshot(for: state)
        let restoration = Restoration(session.journal, snapshot: snapshot)
        let plan =
            switch source {
            case let source? where all: try restoration.plan(allFrom: source, isExact: exact)
            case let source?: try restoration.plan(from: source, selections)
            case nil: try restoration.plan(selections)
            }
        let refusal = refusal(of: plan)
        if dryRun {
            let candidates = try source == nil ? selections.flatMap { try restoration.candidates($0) } : []
            try answer(plan, before: nil, candidates: candidates, refusal: refusal, session: session)
            // As without -n.
            if let refusal { throw ExitCode(refusal.status.rawValue) }
            return
        }
        if let refusal { throw refusal }
        let result = try plan.steps.isEmpty ? nil : session.journal.restore(plan, snapshot: snapshot)
        try answer(plan, before: result?.before, candidates: nil, refusal: nil, session: session)
    }

    /// Why nothing is done.
    private func refusal(of plan: RestorePlan) -> Failure? {
        let nothing = dryRun ? "nothing would be" : "nothing was"
        if !plan.blockers.isEmpty { return Failure(nothing + " restored", blockers: plan.blockers) }
        if let missing = plan.unmatched.first {
            return Failure(
                from == nil
                    ? "nothing earlier of \(missing.quoted) is recorded that differs from what is there"
                    : "that checkpoint has no \(missing.quoted)", status: .no)
        }
        if !all, plan.steps.isEmpty, plan.unchanged.isEmpty, !plan.left.isEmpty {
            return Failure("\(nothing) restored: \(plan.left.listed)", status: .no)
        }
        return nil
    }

    // MARK: The answer

    /// How many lines of a kind are printed; `--json` has all.
    private static let limit = 20

    private func answer(
        _ plan: RestorePlan, before: Checkpoint?, candidates: [RestoreCandidate]?, refusal: Failure?, session: Session
    ) throws {
        if options.json {
            let plan = refusal == nil ? plan : plan.withoutSteps
            return try JSONDocument.print(Answer(plan, before: before, candidates: candidates))
        }
        var lines = Lines()
        if let refusal {
            lines.add(refusal.message)
        } else {
            let verb = dryRun ? ("would restore", "would remove") : ("restored", "removed")
            lines.add(plan.steps, limit: Self.limit, of: "paths") {
                "\($0.change.new == nil ? verb.1 : verb.0) \($0.change.path.text.printable) from \($0.from.short)"
            }
            lines.add(plan.unchanged, limit: Self.limit, of: "paths that are as they were") {
                "\($0.path.text.printable) is as in \($0.from.short) already"
            }
            lines.add(plan.left, limit: Self.limit, of: "paths that were left") {
                "left as it is: \($0.path.text.printable) (\($0.reason.printable))"
            }
        }
        if let candidates, !candidates.isEmpty {
            lines.add("contents, newest first:")
            lines.add(candidates, limit: Self.limit, of: "contents") { candidate in
                let time = candidate.time.shown(in: session.surroundings.now.offset)
                return
                    "  \(candidate.id.short)  \(time)  \(candidate.actor.printable)  \(candidate.size) bytes  "
                    + candidate.path.text.printable
            }
        }
        if before != nil { lines.add("git wf undo takes this back") }
        if lines.lines.isEmpty { lines.add("Everything is as in that checkpoint already.") }
        Terminal.standard.answer(lines.text)
    }

    struct Answer: Encodable {
        struct Candidate: Encodable {
            let path: String
            let id: String
            let time: JSONTime
            let actor: String
            let size: Int
        }

        let before: String?
        let restored: [RestoredAnswer]
        let candidates: [Candidate]?
        /// Paths that are left as they are, while the others are restored.
        let left: [ObstacleAnswer]?
        /// Paths that keep anything from being restored.
        let blocked: [ObstacleAnswer]?

        init(_ plan: RestorePlan, before: Checkpoint?, candidates: [RestoreCandidate]?) {
            self.before = before?.id.hex
            restored =
                plan.steps.map { RestoredAnswer($0.change, from: $0.from) }
                + plan.unchanged.map {
                    RestoredAnswer(path: $0.path.description, from: $0.from.hex, action: "unchanged")
                }
            self.candidates = candidates?.map {
                Candidate(
                    path: $0.path.description, id: $0.id.hex, time: JSONTime($0.time), actor: $0.actor, size: $0.size)
            }
            left = ObstacleAnswer.list(plan.left)
            blocked = ObstacleAnswer.list(plan.blockers)
        }
    }
}

extension RestorePlan {
    /// What it says where nothing is done.
    fileprivate var withoutSteps: RestorePlan {
        var plan = self
        plan.steps = []
        return plan
    }
}

extension Session {
    /// What paths mean that a user typed: git's pathspecs, from where he is.
    func selections(_ paths: [String]) throws -> [PathSelection] {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        if paths.contains("") { throw Failure("an empty path names nothing; . is everything here", status: .usage) }
        do {
            return try PathSelection.selections(of: paths, from: surroundings.directory, top: top)
        } catch {
            throw Failure(error.description, status: error.isOutside ? .impossible : .usage)
        }
    }
}

// MARK: What restore and undo share

extension Failure {
    /// Nothing is done, because of what stands there.
    init(_ nothing: String, blockers: [Examination.Obstacle]) {
        let isForbidden = blockers.contains { $0.isForbidden }
        self.init(
            "\(nothing), because these \(isForbidden ? "could not" : "must not") be touched: \(blockers.listed)",
            status: isForbidden ? .impossible : .no)
    }
}

extension [Examination.Obstacle] {
    /// The first of them with their reasons.
    var listed: String {
        let more = count > 5 ? " and \(count - 5) more" : ""
        return prefix(5).map { "\($0.path.text.printable) (\($0.reason.printable))" }.joined(separator: ", ") + more
    }
}

extension Lines {
    /// Adds a line for each of the first elements of a list, and how many more there are.
    mutating func add<Element>(_ list: [Element], limit: Int, of what: String, _ line: (Element) -> String) {
        // A line that says "1 more" could as well say which.
        let shown = list.count <= limit + 1 ? list.count : limit
        for element in list.prefix(shown) { add(line(element)) }
        if list.count > shown { add("… \(list.count - shown) more \(what)") }
    }
}

struct ObstacleAnswer: Encodable {
    let path: String
    let reason: String

    /// - Returns: `nil` where there are none.
    static func list(_ obstacles: [Examination.Obstacle]) -> [ObstacleAnswer]? {
        obstacles.isEmpty ? nil : obstacles.map { ObstacleAnswer(path: $0.path.description, reason: $0.reason) }
    }
}

extension RestoredAnswer {
    init(_ change: TreeChange, from: ObjectID) {
        self.init(path: change.path.description, from: from.hex, action: change.new == nil ? "removed" : "written")
    }
}
