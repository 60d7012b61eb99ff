package import GitValues

/// When a checkpoint is due: from `[checkpoint]` where the definition says, else from how long the workflow takes.
///
/// | duration | a checkpoint is due |
/// |---|---|
/// | up to 30 minutes | at the end |
/// | up to 2 hours | every 30 minutes |
/// | up to 6 hours | every 20 minutes |
/// | longer | at each item and each commit |
///
/// and, whatever the duration, at phase boundaries, before a delegation or a risky operation, at breaks and at the end of
/// a session.
package struct CheckpointPolicy: Hashable, Sendable {
    /// The time after which work in hand is due; with none, only moments count.
    package let interval: WorkflowDuration?
    /// The moments at which work in hand is due.
    package let moments: Set<Trigger>

    private let settings: CheckpointSettings

    /// Moments of every policy.
    private static let always: Set<Trigger> = [.phase, .delegate, .risky, .pause, .compact, .sessionEnd]

    /// - Parameters:
    ///   - definition: the one in force.
    ///   - elapsed: how long the workflow has gone on. What takes longer than its definition says gets the policy of its
    ///     real duration, and nothing gets less strict while time goes by: only a definition of more than six hours does
    ///     without an interval.
    package init(definition: Definition, elapsed: WorkflowDuration) {
        settings = definition.checkpoint
        let planned = definition.duration ?? WorkflowDuration(seconds: 0)
        let duration = max(planned, elapsed)
        interval = settings.every ?? Self.interval(planned: planned, duration: duration)
        if let on = settings.on {
            moments = Set(on)
        } else {
            moments = duration > .hours(6) ? Self.always.union([.item, .commit]) : Self.always
        }
    }

    private static func interval(planned: WorkflowDuration, duration: WorkflowDuration) -> WorkflowDuration? {
        if duration <= .minutes(30) || planned > .hours(6) { return nil }
        return duration <= .hours(2) ? .minutes(30) : .minutes(20)
    }

    /// Why a checkpoint is due.
    package struct Due: Hashable, Sendable {
        /// One sentence, for a person or an agent.
        package let reason: String
    }

    /// Whether a checkpoint is due.
    ///
    /// - Parameters:
    ///   - now: the moment asked about.
    ///   - lastCheckpoint: the latest that is not automatic; `nil` before the first.
    ///   - started: when the workflow began, from which the first interval counts.
    ///   - workInHand: whether anything differs from the last checkpoint. Without it neither time nor a moment makes one
    ///     due.
    ///   - itemsDone: items completed since the last checkpoint.
    ///   - commits: commits made since the last checkpoint.
    ///   - moment: what is about to happen, when something is: `.delegate`, `.risky`, `.pause`, …
    /// - Returns: the first reason of item, commit, moment and time; `nil` when none holds.
    package func due(
        now: Timestamp, lastCheckpoint: Timestamp?, started: Timestamp, workInHand: Bool, itemsDone: Int = 0,
        commits: Int = 0, at moment: Trigger? = nil
    ) -> Due? {
        if itemsDone > 0, moments.contains(.item) {
            return Due(reason: "\(Self.count(itemsDone, "item")) done since the last checkpoint.")
        }
        if commits > 0, moments.contains(.commit) {
            return Due(reason: "\(Self.count(commits, "commit")) made since the last checkpoint.")
        }
        if !workInHand { return nil }
        if let moment, moments.contains(moment) {
            return Due(reason: "\(Self.sentence(for: moment)) there is work that no checkpoint holds.")
        }
        let age = WorkflowDuration(from: lastCheckpoint ?? started, to: now)
        guard let interval, age >= interval else { return nil }
        let last = lastCheckpoint == nil ? "The workflow began" : "The last checkpoint was taken"
        return Due(reason: "\(last) \(age.text) ago; one is due every \(interval.text).")
    }

    /// Whether an automatic checkpoint with this trigger is wanted: each, unless `checkpoint.on` names those that are.
    /// Those before a restore and an undo are always taken, because undo needs them; and `checkpoint.every` asks for those
    /// by time.
    package func takes(_ trigger: Trigger) -> Bool {
        guard let on = settings.on else { return true }
        switch trigger {
        case .restore, .undo: return true
        case .time: return settings.every != nil || on.contains(.time)
        default: return on.contains(trigger)
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func sentence(for moment: Trigger) -> String {
        switch moment {
        case .phase: "A phase ends, and"
        case .delegate: "Before work is delegated:"
        case .risky: "Before a risky operation:"
        case .pause: "Before a break:"
        case .compact: "Before the context is compressed:"
        case .sessionEnd: "The session ends, and"
        default: "Before \(moment):"
        }
    }
}
