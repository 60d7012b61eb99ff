internal import Files
internal import GitValues
internal import Glibc

/// The newest attempt of an agent, in the hands of whoever wants something of it.
package struct RunInHand {
    private let folder: RunFolder

    package init(_ folder: RunFolder) { self.folder = folder }

    /// Whether a supervisor sees to what follows its end.
    package var isWatched: Bool { folder.isWatched }

    /// The command of the newest attempt, where that has ended and nobody sees to what follows.
    package func commandToGoOn() throws -> [String]? {
        guard !isWatched, let attempt = try folder.attempts.last, let record = try folder.record(attempt),
            try folder.standing(of: record).isOver
        else { return nil }
        return record.command
    }

    /// When the attempts that were started here ran, in seconds since 1970.
    package func times() throws -> [ClosedRange<Int64>] {
        try folder.attempts.compactMap { attempt in
            guard let record = try folder.record(attempt) else { return nil }
            let end = try folder.end(attempt)?.time.seconds ?? Int64(time(nil))
            return record.started.seconds...max(record.started.seconds, end)
        }
    }

    /// Asks it to end, and waits until nothing of it is left.
    /// - Returns: the attempt, and how it ended; `nil` where none ran.
    package func stop(reason: String) throws -> (attempt: Int, end: RunEnd)? {
        guard let attempt = try folder.attempts.last, let record = try folder.record(attempt) else { return nil }
        switch try folder.standing(of: record) {
        case .ended, .notBegun: return nil
        case .lost: return try folder.endLost(record).map { (attempt, $0) }
        case .beginning, .running: try folder.requestStop(of: attempt, reason: reason)
        }
        while true {
            switch try folder.standing(of: record) {
            case .ended(let end): return (attempt, end)
            case .lost: return try folder.endLost(record).map { (attempt, $0) }
            case .notBegun: return nil
            case .beginning, .running: usleep(50_000)
            }
        }
    }
}
