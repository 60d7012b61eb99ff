import Actions
import Git
import GitValues
import Journal
import Operations
import Snapshots
import Workflow

/// What a restore says that it did, or would do.
struct RestoreAnswer {
    private let restored: RestoredFiles
    private let session: Session
    private let isDryRun: Bool

    init(_ restored: RestoredFiles, in session: Session, isDryRun: Bool = false) {
        self.restored = restored
        self.session = session
        self.isDryRun = isDryRun
    }

    /// How many lines of a kind are printed; `--json` has all.
    private static let limit = 20

    func give(json: Bool) throws {
        let (plan, before, refusal) = (restored.plan, restored.before, restored.refusal)
        let candidates = restored.candidates
        if json {
            let plan = refusal == nil ? plan : plan.withoutSteps
            return try JSONDocument.print(Answer(restored, plan, before: before))
        }
        var lines = Lines()
        if let refusal {
            lines.add(refusal.description)
        } else {
            let verb = isDryRun ? ("would restore", "would remove") : ("restored", "removed")
            let zone = session.surroundings.now.offset
            lines.add(plan.steps, limit: Self.limit, of: "paths") { step in
                let path = step.change.path.text.printable
                guard let version = restored.versions[step.change.path] else {
                    return "\(verb.1) \(path), which \(step.from.short) does not have"
                }
                return "\(verb.0) \(path) \(version.text(in: zone))"
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
                let time = candidate.time.dateAndTime(in: session.surroundings.now.offset)
                return
                    "  \(candidate.id.short)  \(time)  \(candidate.actor.printable)  \(candidate.size) bytes  "
                    + candidate.path.text.printable
            }
        }
        if before != nil { lines.add("git wf undo takes this back") }
        if lines.lines.isEmpty { lines.add("Everything is as in that checkpoint already.") }
        Terminal.standard.answer(lines.text)
    }

    private struct Answer: Encodable {
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

        init(_ files: RestoredFiles, _ plan: RestorePlan, before: Checkpoint?) {
            self.before = before?.id.hex
            restored =
                plan.steps.map { RestoredAnswer($0.change, from: $0.from, files.versions[$0.change.path]) }
                + plan.unchanged.map {
                    RestoredAnswer(
                        path: $0.path.description, from: $0.from.hex, action: "unchanged", time: nil, size: nil)
                }
            candidates = files.candidates?.map {
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

// MARK: What restore and undo share

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
    init(_ change: TreeChange, from: ObjectID, _ version: FileVersion?) {
        self.init(
            path: change.path.description, from: from.hex, action: change.new == nil ? "removed" : "written",
            time: version.map { JSONTime($0.time) }, size: version?.size)
    }
}

extension FileVersion {
    /// Where it was recorded, when, and how large it is.
    func text(in zone: Int) -> String {
        "from \(from.short) (\(time.dateAndTime(in: zone))\(size.map { ", \($0) byte\($0 == 1 ? "" : "s")" } ?? ""))"
    }
}
