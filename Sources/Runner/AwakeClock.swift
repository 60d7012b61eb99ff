internal import GitValues
internal import Glibc

/// Counts the seconds that this process was at work. What passes while the machine sleeps, or while the process is stopped, does not
/// count: a limit on an agent's time is about its work.
struct AwakeClock {
    /// The most that lies between two calls of ``tick(at:)`` of a process that is not stopped. More is a pause, however the
    /// system counts it.
    static let longestStep = 5.0

    private(set) var seconds = 0.0
    private var last: Double

    init(at now: Double = monotonic) { last = now }

    /// Takes note of a moment.
    mutating func tick(at now: Double = monotonic) {
        let step = now - last
        last = now
        seconds += min(max(step, 0), step > Self.longestStep ? Self.usualStep : Self.longestStep)
    }

    /// What a step counts that was a pause.
    private static let usualStep = 0.25

    /// `CLOCK_MONOTONIC`, which stands still while the machine sleeps.
    static var monotonic: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension Timestamp {
    /// The present moment. What runs for days must not go by the moment of its command.
    static func now(offset: Int) -> Timestamp { Timestamp(seconds: Int64(time(nil)), offset: offset) }
}
