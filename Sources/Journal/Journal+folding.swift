internal import Git
package import GitValues
package import Workflow

/// What a lane says, up to a tip.
struct Fold {
    enum State {
        case empty
        case leader(WorkflowState)
        case agent(AgentState)
    }

    var state = State.empty
    /// The checkpoint at the tip.
    var last: Checkpoint?

    /// The phase in hand, which checkpoints name.
    var phase: String? { if case .leader(let state) = state { state.shownPhase } else { nil } }

    /// The newest tree whose TODO.md and `.wfconfig` the lane took notice of.
    var documents: ObjectID? {
        switch state {
        case .empty: nil
        case .leader(let state): state.documents
        case .agent(let state): state.documents
        }
    }

    /// What the lane says of items.
    var items: ItemLog? {
        switch state {
        case .empty: nil
        case .leader(let state): state.items
        case .agent(let state): state.items
        }
    }

    /// Takes one more checkpoint.
    mutating func apply(_ checkpoint: Checkpoint, definition: Definition?) throws(IllegalTransition) {
        guard checkpoint[TrailerKey.kind] != nil else {
            throw IllegalTransition("the commit \(checkpoint.id.short) is not a checkpoint", allowed: [])
        }
        switch state {
        case .empty where checkpoint.kind == .agentStarted:
            state = .agent(try AgentState(beginning: checkpoint))
        case .empty:
            state = .leader(try WorkflowState(beginning: checkpoint, definition: definition))
        // Nothing else may hold a state that changes in place, or all of it is copied.
        case .leader(var own):
            state = .empty
            defer { state = .leader(own) }
            try own.apply(checkpoint, definition: definition)
        case .agent(var own):
            state = .empty
            own.apply(checkpoint)
            state = .agent(own)
        }
        last = checkpoint
    }

    /// Passes over one that the machine does not allow: it changes nothing but the list of such.
    mutating func refuse(_ checkpoint: Checkpoint, because refusal: IllegalTransition) throws(IllegalTransition) {
        guard case .leader(let old) = state else { throw refusal }
        state = .leader(old.refusing(checkpoint, because: refusal))
        last = checkpoint
    }

    /// Takes the sides of a lane from where they parted, which is what was taken last.
    mutating func join(
        _ tangle: Tangle, definition: (Checkpoint) throws -> Definition?, agent: (Checkpoint) throws -> AgentState?
    ) throws {
        guard case .leader(var own) = state else {
            throw IllegalTransition("only the leader's lane can be joined", allowed: [])
        }
        state = .empty
        defer { state = .leader(own) }
        try own.join(tangle, definition: definition, agent: agent)
        last = tangle.steps.last?.node.checkpoint
    }

    /// A cache that cannot be written costs time, later, and nothing else.
    func save(in cache: StateCache, lane: Lane) {
        guard let tip = last?.id else { return }
        switch state {
        case .empty: break
        case .leader(let state): cache.save(state, tip: tip, lane: lane)
        case .agent(let state): cache.save(state, tip: tip, lane: lane)
        }
    }
}

extension Journal {
    /// The workflow's state; `nil` where the leader's lane does not exist.
    ///
    /// What merged agents decided and did in lanes of their own is part of it.
    package func state() throws -> WorkflowState? {
        guard case .leader(let state) = try folded(.leader, tip: tip(of: .leader)).state else { return nil }
        return state
    }

    /// What an agent's lane says; `nil` where it does not exist.
    package func agentState(_ name: Name) throws -> AgentState? {
        guard case .agent(let state) = try folded(.agent(name), tip: tip(of: .agent(name))).state else { return nil }
        return state
    }

    /// How many checkpoints a lane has.
    package func count(of lane: Lane, withAutomatic: Bool) throws -> Int {
        let count =
            switch try folded(lane, tip: tip(of: lane)).state {
            case .empty: 0
            case .leader(let state): state.count
            case .agent(let state): state.count
            }
        return try count + (withAutomatic ? automaticCount(of: lane) : 0)
    }

    /// Folds a lane up to `tip`, from the cache on where that fits.
    func folded(_ lane: Lane, tip: ObjectID?) throws -> Fold {
        guard let tip else { return Fold() }
        if let known = folds[lane], known.last?.id == tip { return known }
        var fold = Fold()
        var cached: ObjectID?
        switch lane {
        case .leader:
            if let (state, tip) = cache.load(WorkflowState.self, lane: lane) {
                fold.state = .leader(state)
                cached = tip
            }
        case .agent:
            if let (state, tip) = cache.load(AgentState.self, lane: lane) {
                fold.state = .agent(state)
                cached = tip
            }
        }
        if let cached, cached == tip {
            fold.last = try checkpoint(tip)
            folds[lane] = fold
            return fold
        }
        if let cached, let newer = try pieces(of: lane, from: tip, downTo: cached) {
            try take(newer, into: &fold)
        } else {
            fold = try foldedFromRoot(lane, tip: tip)
        }
        fold.save(in: cache, lane: lane)
        folds[lane] = fold
        return fold
    }

    /// Folds a lane from its first checkpoint on, whatever is cached.
    func foldedFromRoot(_ lane: Lane, tip: ObjectID) throws -> Fold {
        var fold = Fold()
        try take(pieces(of: lane, from: tip, downTo: nil) ?? [], into: &fold)
        return fold
    }

    /// A part of a lane.
    private enum Piece {
        /// Newest first.
        case line(ArraySlice<Checkpoint>)
        case tangle(Tangle)
    }

    /// Reads a lane from a tip down to an end that is not among what was read.
    /// - Returns: newest first; `nil` where not everything above the end comes after it.
    private func pieces(of lane: Lane, from tip: ObjectID, downTo end: ObjectID?) throws -> [Piece]? {
        let read = try LaneReader.read(repository, from: tip, downTo: end)
        if end != nil, !read.isEndReached { return nil }
        guard read.hasJoins, lane == .leader else { return read.runs.map { .line($0[...]) } }
        let chain = read.runs.flatMap { $0 }
        var pieces: [Piece] = []
        var start = 0
        var index = 0
        while index < chain.count {
            guard chain[index].kind == .lanesJoined, let tangle = try tangle(below: chain[index].id) else {
                index += 1
                continue
            }
            pieces += [.line(chain[start..<index]), .tangle(tangle)]
            guard
                let base = chain[index...].firstIndex(where: { $0.id == tangle.base })
                    ?? (tangle.base == end ? chain.count : nil)
            else { return nil }
            start = base
            index = base
        }
        return pieces + [.line(chain[start...])]
    }

    /// Takes what was read of a lane, at least its tip.
    private func take(_ pieces: [Piece], into fold: inout Fold) throws {
        for piece in pieces.reversed() {
            switch piece {
            case .line(let checkpoints):
                for checkpoint in checkpoints.reversed() {
                    do {
                        try advance(&fold, by: checkpoint)
                    } catch let refusal as IllegalTransition {
                        try fold.refuse(checkpoint, because: refusal)
                    }
                }
            case .tangle(let tangle):
                try fold.join(tangle, definition: definition(named:), agent: agent(mergedAt:))
            }
        }
        // With all that a fold does not need.
        if let tip = fold.last?.id { fold.last = try checkpoint(tip) }
    }

    /// Takes one more checkpoint into a fold, with what it names: a definition, the lane of a merged agent.
    /// - Throws: `IllegalTransition` where the machine does not allow it; the fold is as it was.
    func advance(_ fold: inout Fold, by checkpoint: Checkpoint) throws {
        try fold.apply(checkpoint, definition: definition(named: checkpoint))
        if checkpoint.kind == .agentMerged, case .leader(let state) = fold.state,
            let agent = try agent(mergedAt: checkpoint)
        {
            fold.state = .leader(state.joined(with: agent))
        }
    }

    /// The definition that a checkpoint recorded; `nil` where it recorded none, or one that cannot be read: anybody may
    /// have pushed it, so the machine refuses that checkpoint, and everything else goes on.
    func definition(named checkpoint: Checkpoint) throws -> Definition? {
        guard let blob = checkpoint.id(of: TrailerKey.definition) else { return nil }
        do {
            return try definition(blob)
        } catch is DefinitionError {
            return nil
        } catch let error as GitError where error.code == .notFound || error.code == .invalid {
            return nil
        }
    }

    package func definition(_ blob: ObjectID) throws -> Definition {
        let entries = try Repository.configEntries(of: repository.blob(blob), file: ".wfconfig")
        return try Definition(entries: entries, file: ".wfconfig")
    }

    /// The agent whose decisions and items enter the leader's state where it was merged, as far as its lane went then.
    private func agent(mergedAt checkpoint: Checkpoint) throws -> AgentState? {
        guard let tip = checkpoint.id(of: TrailerKey.laneTip),
            let name = checkpoint[TrailerKey.agent].flatMap({ try? Name($0) }),
            case .agent(let agent) = try folded(.agent(name), tip: tip).state
        else { return nil }
        return agent
    }
}
