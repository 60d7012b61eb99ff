package import Actions
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
        /// How many of each lane; 0 for all.
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
        package var paths: [String]
        /// Whether what is older than the newest is counted.
        package var counts: Bool
        /// Whether the visits to phases are told apart.
        package var visits: Bool

        package init(
            start: String?, count: Int, kinds: [String], phases: [String], actors: [String], withAgents: Bool,
            withAutomatic: Bool, since: String?, until: String?, paths: [String], counts: Bool, visits: Bool
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
        package var count = 0
        /// Whether that is all; else nobody looked whether any is.
        package var isCounted = true
    }

    private let session: Session
    private let request: Request
    private let lanes: [(lane: Lane, start: ObjectID?)]
    private let filter: TimelineFilter

    /// - Throws: `ActionError` where a time or a path cannot be meant.
    package init(_ session: Session, _ request: Request) throws {
        self.session = session
        self.request = request
        let start = try request.start.map { try session.journal.resolve($0) }
        var lanes: [(lane: Lane, start: ObjectID?)] = [(session.journal.lane, start?.id)]
        if request.withAgents, session.journal.lane == .leader {
            lanes += try session.journal.agentNames().map { (.agent($0), nil) }
        }
        self.lanes = lanes
        filter = try TimelineFilter(request, session: session)
    }

    /// Finds checkpoints, and hands each one over as soon as it is found.
    /// - Returns: what else there is.
    package func walk(_ body: (Entry) throws -> Void) throws -> Rest {
        var rest = Rest()
        var isAnyFound = false
        for (lane, start) in lanes {
            var history = try session.journal.history(of: lane, from: start, withAutomatic: request.withAutomatic)
            var visits = VisitCounter()
            if let start, request.visits { visits = try newerVisits(than: start) }
            var taken = 0
            while let checkpoint = try history.next() {
                let newerVisits = visits.pass(checkpoint)
                guard let found = try filter.match(checkpoint) else { continue }
                taken += 1
                isAnyFound = true
                try body(Entry(checkpoint: checkpoint, newerVisits: newerVisits, renames: found.renames))
                if taken != request.count { continue }
                if !request.counts {
                    // Nobody is told what else there is.
                } else if filter.isEmpty, start == nil {
                    rest.count += try session.journal.count(of: lane, withAutomatic: request.withAutomatic) - taken
                } else if filter.hasPaths {
                    // Whether one changed the paths takes a look at its trees.
                    if try history.next() != nil { rest.isCounted = false }
                } else {
                    while let checkpoint = try history.next() {
                        if try filter.match(checkpoint) != nil { rest.count += 1 }
                    }
                }
                break
            }
        }
        // A newer version may have written kinds that are not known here; one that nobody wrote is a slip.
        if !isAnyFound, let unknown = request.kinds.first(where: { !CheckpointKind(rawValue: $0).isKnown }) {
            let known = CheckpointKind.known.map(\.rawValue).joined(separator: ", ")
            throw ActionError("there is no kind \(unknown.quoted); the kinds are \(known)", .usage)
        }
        return rest
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
