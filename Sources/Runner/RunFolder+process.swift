package import Agents
internal import Files
internal import GitValues
internal import Git
internal import Glibc
package import Journal
package import Workflow

/// Where an attempt stands, as the files and locks of its keeper say.
enum RunStanding: Equatable {
    /// Its keeper is about to begin.
    case beginning
    /// Nobody is about to begin it, and nobody did: who wrote it down was killed.
    case notBegun
    case running
    case ended(RunEnd)
    /// It was kept, is so no more, and nobody wrote down how it ended.
    case lost

    var isOver: Bool {
        switch self {
        case .ended, .lost, .notBegun: true
        case .beginning, .running: false
        }
    }
}

extension RunFolder {
    func standing(of record: RunRecord) throws -> RunStanding {
        if let end = try end(record.attempt) { return .ended(end) }
        if isKept { return .running }
        // The keeper may have written its end and gone between the two looks.
        if let end = try end(record.attempt) { return .ended(end) }
        if record.keeper == nil {
            // It may have begun meanwhile.
            if let now = try self.record(record.attempt), now.keeper != nil { return try standing(of: now) }
            return record.starter?.isAlive == true ? .beginning : .notBegun
        }
        return .lost
    }

    /// Ends what is left of an attempt whose keeper was killed, and writes that down.
    func endLost(_ record: RunRecord) throws -> RunEnd? {
        guard let lock = try keep() else { return nil }
        defer { withExtendedLifetime(lock) {} }
        if let end = try end(record.attempt) { return end }
        Descendants(id: record.id, isKeeper: false).end(grace: Double(record.limits.grace))
        let now = Timestamp.now(offset: record.started.offset)
        let end = RunEnd(.lost, time: now, seconds: max(0, Int(now.seconds - record.started.seconds)))
        try write(end, of: record.attempt)
        return end
    }
}

extension RunFolder {
    /// What an attempt printed, as far as it is kept.
    package func output(of attempt: Int) throws -> [UInt8] {
        try (oldLog(attempt).read(upTo: 1 << 40) ?? []) + (log(attempt).read(upTo: 1 << 40) ?? [])
    }

    package func isRunning(_ attempt: Int) throws -> Bool {
        try record(attempt).map { try !standing(of: $0).isOver } ?? false
    }
}

/// What is known here of agents' processes, as every answer shows it.
package struct AgentProcesses {
    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// - Returns: `nil` where the attempt that the leader wants was not started here.
    package func process(of agent: Name, _ record: AgentRecord?) throws -> AgentProcess? {
        let folder = RunFolder(agent, of: journal)
        guard let attempt = try folder.attempts.last, attempt >= record?.attempt ?? 1,
            let run = try folder.record(attempt)
        else { return nil }
        switch try folder.standing(of: run) {
        case .beginning, .notBegun: return AgentProcess(.waiting)
        case .running:
            let isStalled = try folder.seen(attempt).stalled != nil
            return AgentProcess(isStalled ? .stalled : .running, pid: run.process?.pid)
        case .lost: return AgentProcess(.failed)
        case .ended(let end):
            return AgentProcess(end.isSuccess ? .none : end.reason == .stopped ? .stopped : .failed, exit: end.exit)
        }
    }
}
