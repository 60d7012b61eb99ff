package import Files
package import Actions
internal import Git
internal import GitValues
internal import Glibc
package import Journal
package import Workflow

/// What happened, newest first: the checkpoints of the worktree's lane, and of the agents' where that is asked for.
package struct Timeline {
    /// What is asked for.
    package struct Request {
        /// The name of a checkpoint to begin at; `nil` for the newest.
        package var start: String?
        /// How many; 0 for all.
        package var count: Int
        /// Only these; all where there are none.
        package var kinds: [String]
        package var phases: [String]
        package var actors: [String]
        package var withAgents: Bool
        package var withAutomatic: Bool
        /// Times, as git's date parser takes them.
        package var since: String?
        package var until: String?
        /// git's pathspecs, one of which must have changed.
        package var paths: [TypedPath]
        /// Whether what is older than the newest is counted.
        package var counts: Bool
        /// Whether the visits to phases are told apart.
        package var visits: Bool

        package init(
            start: String?, count: Int, kinds: [String], phases: [String], actors: [String], withAgents: Bool,
            withAutomatic: Bool, since: String?, until: String?, paths: [TypedPath], counts: Bool, visits: Bool
        ) {
            self.start = start
            self.count = count
            self.kinds = kinds
            self.phases = phases
            self.actors = actors
            self.withAgents = withAgents
            self.withAutomatic = withAutomatic
            self.since = since
            self.until = until
            self.paths = paths
            self.counts = counts
            self.visits = visits
        }
    }

    /// A checkpoint, how many visits to its phase began after it, and what it renamed of the paths that were asked for.
    package struct Entry {
        package let checkpoint: Checkpoint
        package let newerVisits: Int
        package let renames: [PathChange.Rename]
    }

    /// What is older than the newest that were asked for.
    package struct Rest {
        /// How many were handed over.
        package var shown = 0
        package var count = 0
        /// Whether that is all; else nobody looked whether any is.
        package var isCounted = true
    }

    private let session: Session
    private let request: Request
    private let lanes: [(lane: Lane, start: ObjectID?)]
    private let start: Checkpoint?
    private let filter: TimelineFilter

    /// - Throws: `ActionError` where a time or a path cannot be meant.
    package init(_ session: Session, _ request: Request) throws {
        self.session = session
        self.request = request
        start = try request.start.map { try session.journal.resolve($0) }
        var lanes: [(lane: Lane, start: ObjectID?)] = [(session.journal.lane, start?.id)]
        // Whoever acts elsewhere than the leader is asked for by name.
        if request.withAgents || !request.actors.isEmpty, session.journal.lane == .leader {
            for name in try session.journal.agentNames() {
                do {
                    _ = try session.journal.end(of: .agent(name))
                    lanes.append((.agent(name), nil))
                } catch let error as GitError where error.code == .damaged {
                    session.narration.say(
                        "\(name) is left out: \(error); git wf fsck --repair brings back what can be proven")
                }
            }
        }
        self.lanes = lanes
        filter = try TimelineFilter(request, session: session)
    }

    /// Finds checkpoints, and hands each one over as soon as it is found. Where there are several lanes, their clocks say which
    /// checkpoint comes first; within each its own order stays.
    /// - Returns: what else there is.
    package func walk(_ body: (Entry) throws -> Void) throws -> Rest {
        var strand = try Strand(
            lanes.map { lane, start in
                try session.journal.history(of: lane, from: start, withAutomatic: request.withAutomatic)
            })
        var visits = VisitCounter()
        if let start {
            if request.visits { visits = try newerVisits(than: start.id) }
            try strand.dropNewer(than: start)
        }
        var rest = Rest()
        while let checkpoint = try strand.next() {
            let newerVisits = visits.pass(checkpoint)
            guard let found = try filter.match(checkpoint) else { continue }
            rest.shown += 1
            try body(Entry(checkpoint: checkpoint, newerVisits: newerVisits, renames: found.renames))
            if rest.shown != request.count { continue }
            try count(&rest, behind: &strand)
            break
        }
        // A newer version may have written kinds that are not known here; one that nobody wrote is a slip.
        if rest.shown == 0, let unknown = request.kinds.first(where: { !CheckpointKind(rawValue: $0).isKnown }) {
            let known = CheckpointKind.known.map(\.rawValue).joined(separator: ", ")
            throw ActionError("there is no kind \(unknown.quoted); the kinds are \(known)", .usage)
        }
        return rest
    }

    private func count(_ rest: inout Rest, behind strand: inout Strand) throws {
        // Nobody is told what else there is.
        if !request.counts { return }
        if filter.isEmpty, start == nil {
            let all = try lanes.reduce(0) {
                try $0 + session.journal.count(of: $1.lane, withAutomatic: request.withAutomatic)
            }
            rest.count = all - rest.shown
        } else if filter.hasPaths {
            // Whether one changed the paths takes a look at its trees.
            if try strand.next() != nil { rest.isCounted = false }
        } else {
            while let checkpoint = try strand.next() {
                if try filter.match(checkpoint) != nil { rest.count += 1 }
            }
        }
    }

    /// The visits to each phase that began after a checkpoint of this lane.
    private func newerVisits(than start: ObjectID) throws -> VisitCounter {
        var counter = VisitCounter()
        let place = try session.journal.checkpoint(start).id(of: TrailerKey.after) ?? start
        var history = try session.journal.history(of: session.journal.lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint.id == place { return counter }
            _ = counter.pass(checkpoint)
        }
        // Another lane's.
        return VisitCounter()
    }
}

/// The checkpoints of several lanes, newest first. Each lane is read no further than it must.
private struct Strand {
    private struct Lane {
        var history: History
        /// The newest that is left; `nil` where it is not read yet.
        var newest: Checkpoint?
    }

    private var lanes: [Lane]

    /// - Parameter histories: of equal times, those of a later one are newer.
    init(_ histories: [History]) { lanes = histories.map { Lane(history: $0, newest: nil) } }

    mutating func next() throws -> Checkpoint? {
        try look()
        guard var index = lanes.indices.last else { return nil }
        for other in lanes.indices.reversed() where isNewer(other, than: index) { index = other }
        defer { lanes[index].newest = nil }
        return lanes[index].newest
    }

    /// Leaves out what is newer than a checkpoint where another lane begins.
    mutating func dropNewer(than start: Checkpoint) throws {
        try look()
        while let index = lanes.indices.first(where: { index in
            lanes[index].newest.map { $0.id != start.id && $0.time > start.time } == true
        }) {
            lanes[index].newest = nil
            try look()
        }
    }

    /// Reads the newest of each lane; those that are at their end go.
    private mutating func look() throws {
        for index in lanes.indices.reversed() where lanes[index].newest == nil {
            lanes[index].newest = try lanes[index].history.next()
            if lanes[index].newest == nil { lanes.remove(at: index) }
        }
    }

    private func isNewer(_ one: Int, than other: Int) -> Bool {
        guard let one = lanes[one].newest, let other = lanes[other].newest else { return false }
        return one.time > other.time
    }
}

/// Counts the visits to phases on a walk back.
private struct VisitCounter {
    private var counts: [String: Int] = [:]

    /// - Returns: how many visits to the checkpoint's phase began after it.
    mutating func pass(_ checkpoint: Checkpoint) -> Int {
        let phase = checkpoint.phase ?? ""
        let newer = counts[phase, default: 0]
        if checkpoint.kind == .phaseStarted { counts[phase] = newer + 1 }
        return newer
    }
}
