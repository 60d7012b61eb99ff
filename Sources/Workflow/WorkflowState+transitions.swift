internal import GitValues

// What a checkpoint makes of a state. Nothing else sets what is in one.

extension WorkflowState {
    /// The state after one more checkpoint.
    /// - Parameter definition: the recorded one, where the checkpoint has `Wf-Definition`.
    /// - Throws: `IllegalTransition`, which says what is allowed from here.
    package func applying(_ checkpoint: Checkpoint, definition: Definition? = nil) throws(IllegalTransition)
        -> WorkflowState
    {
        var next = self
        try next.apply(checkpoint, definition: definition)
        return next
    }

    /// As ``applying(_:definition:)``, in place: where it throws, nothing is changed.
    package mutating func apply(_ checkpoint: Checkpoint, definition: Definition? = nil) throws(IllegalTransition) {
        try pass(checkpoint, definition: definition)
        note(checkpoint)
    }

    /// The state after a checkpoint that the machine does not allow: the same, but for the note of it.
    package func refusing(_ checkpoint: Checkpoint, because refusal: IllegalTransition) -> WorkflowState {
        var next = self
        next.refusals.append(Refusal(id: checkpoint.id, reason: refusal.description))
        next.count += 1
        return next
    }

    /// Takes over what a merged agent decided and did in its own lane.
    package func joined(with agent: AgentState) -> WorkflowState {
        var next = self
        next.decisions.append(agent.decisions)
        next.items.unite(agent.items)
        return next
    }

    /// The transition, if it is one: first all that may be refused, then what changes.
    mutating func pass(_ checkpoint: Checkpoint, definition: Definition?) throws(IllegalTransition) {
        switch checkpoint.kind {
        case .workflowStarted: throw illegal("begin the workflow", "it began already")
        case .workflowCompleted: try complete(because: checkpoint[TrailerKey.reason])
        case .definitionChanged:
            try change(definition, isConsented: checkpoint[TrailerKey.consent]?.hasPrefix("human:") == true)
            definitionBlob = checkpoint.id(of: TrailerKey.definition)
        case .phaseStarted: try start(checkpoint)
        case .phaseCompleted: try completePhase(checkpoint)
        case .phaseFailed: try failPhase(checkpoint)
        case .blocked: try block(checkpoint)
        case .unblocked: try unblock(checkpoint)
        case .approved: try approve(checkpoint)
        case .rejected: try reject(checkpoint)
        case .itemAdded, .itemStarted, .itemReopened, .itemMoved, .itemCommitted: items.record(checkpoint)
        case .itemDone:
            items.record(checkpoint)
            if let item = items.item(in: checkpoint) { next = next.without(item: item.text) }
        case .itemReworded:
            items.record(checkpoint)
            for index in agents.indices { agents[index].rewordItem(items.item(in: checkpoint)) }
        case .agentStarted, .agentReported, .agentFailed, .agentMerged, .agentConflicted, .agentDropped,
            .agentStopped, .agentReopened, .agentRefused, .agentRemoved, .agentAsked, .agentAnswered, .scopeGranted:
            try recordAgent(checkpoint)
        case .undone: takeBackMerge(checkpoint)
        case .branchRenamed:
            guard let new = checkpoint[TrailerKey.newBranch] ?? checkpoint[TrailerKey.branch] else {
                throw illegal("move the workflow", "no branch is named")
            }
            branch = new
        case .lanesJoined: throw illegal("join lanes", "it does not name two of them that began together")
        case .auto, .checkpoint, .decision, .restored, .rewritten, .outside, .other: break
        }
    }

    /// What every checkpoint of a lane adds, whatever its kind.
    mutating func note(_ checkpoint: Checkpoint) {
        count += 1
        lastCheckpoint = Reference(checkpoint)
        if checkpoint.kind == .checkpoint { lastAskedFor = lastCheckpoint }
        decisions.record(checkpoint)
        recordEffects(checkpoint)
        let actions = checkpoint.values(of: TrailerKey.next)
        if !actions.isEmpty { (next, isNextOlder) = (actions, false) }
        if checkpoint.speaks(for: branch) { documents = checkpoint.tree }
        countInPhase(checkpoint)
    }

    mutating func recordEffects(_ checkpoint: Checkpoint) {
        for text in checkpoint.values(of: TrailerKey.outside) {
            outside.append(Effect(id: checkpoint.id, text: text, time: checkpoint.time))
        }
    }

    mutating func countInPhase(_ checkpoint: Checkpoint) {
        guard let name = checkpoint.phase ?? currentName else { return }
        update(name) { phase in
            phase.checkpoints += 1
            if checkpoint.phase != nil { phase.lastCheckpoint = checkpoint.id }
        }
    }

    // MARK: Phases

    private mutating func start(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        let name = checkpoint.phase ?? ""
        let doing = "start \(name.quoted)"
        guard let phase = phase(name) else {
            throw illegal(doing, "there is no such phase; the phases are \(phases.map(\.name).joined(separator: ", "))")
        }
        if currentName == name { throw illegal(doing, "it is in progress already") }
        if let block = blocks.last { throw illegal(doing, "\(block.phase) is blocked: \(block.reason)") }
        if !startable.contains(name) {
            if phase.visits.isEmpty {
                throw illegal(doing, currentName.map { "\($0) is in progress" } ?? "it is not its turn")
            }
            if checkpoint[TrailerKey.reason] == nil {
                throw illegal(
                    doing,
                    "it was \(phase.visits.count == 1 ? "visited" : "visited \(phase.visits.count) times") "
                        + "already, so starting it again needs --reason")
            }
        }
        if let currentName { update(currentName) { $0.ownStatus = .pending } }
        update(name) {
            $0.ownStatus = .inProgress
            $0.visits.append(Visit(entered: checkpoint.time))
        }
        currentName = name
        leftName = nil
        isNextOlder = true
        isComplete = false
        endReason = nil
    }

    private mutating func completePhase(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        let name = try inHand(checkpoint, "complete")
        let isGated = definition.phases.first { $0.name.text == name }?.gate != nil
        if isGated, phase(name)?.visits.last?.isApproved != true {
            throw illegal("complete \(name)", "its gate needs a human's approval")
        }
        leave(name) { phase in
            phase.ownStatus = .complete
            if let last = phase.visits.indices.last { phase.visits[last].completed = checkpoint.time }
        }
        // What was said before the phase began is over with it; so is what names it, and all with the last one.
        next = isNextOlder || successor(of: name) == nil ? [] : next.without(phase: name)
    }

    private mutating func failPhase(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        let name = try inHand(checkpoint, "fail")
        guard checkpoint[TrailerKey.reason] != nil else { throw illegal("fail \(name)", "it needs a reason") }
        leave(name) { phase in
            phase.ownStatus = .failed
            if let last = phase.visits.indices.last { phase.visits[last].failed = checkpoint.time }
        }
    }

    /// - Parameter reason: why the workflow ends here, wherever it stands; `nil` at its regular end.
    private mutating func complete(because reason: String?) throws(IllegalTransition) {
        if let reason {
            if isComplete { throw illegal("end the workflow", "it is complete") }
            if let currentName { leave(currentName) { $0.ownStatus = .pending } }
            blocks = []
            isComplete = true
            endReason = reason
            return
        }
        if let block = blocks.last { throw illegal("complete the workflow", "it is blocked: \(block.reason)") }
        guard currentName == nil, let leftName, phase(leftName)?.ownStatus == .complete, successor(of: leftName) == nil,
            !isComplete
        else {
            throw illegal("complete the workflow", isComplete ? "it is complete" : "its last phase is not complete")
        }
        isComplete = true
    }

    /// The current phase, which the checkpoint must name and which nothing may block.
    private func inHand(_ checkpoint: Checkpoint, _ verb: String) throws(IllegalTransition) -> String {
        let name = checkpoint.phase ?? currentName ?? ""
        guard phase(name) != nil else {
            throw illegal(
                "\(verb) \(name.quoted)",
                "there is no such phase; the phases are \(phases.map(\.name).joined(separator: ", "))")
        }
        guard name == currentName else {
            throw illegal("\(verb) \(name)", "it is \(phase(name).map { status(of: $0).rawValue } ?? "not there")")
        }
        if let block = blocks.last { throw illegal("\(verb) \(name)", "it is blocked: \(block.reason)") }
        return name
    }

    private mutating func leave(_ name: String, _ change: (inout Phase) -> Void) {
        update(name, change)
        currentName = nil
        leftName = name
    }

    private mutating func update(_ name: String, _ change: (inout Phase) -> Void) {
        guard let index = phases.firstIndex(where: { $0.name == name }) else { return }
        change(&phases[index])
    }

    /// - Parameter isConsented: whether a human wants all of it in force.
    private mutating func change(_ new: Definition?, isConsented: Bool) throws(IllegalTransition) {
        guard let new else { throw illegal("change the definition", "the new one cannot be read") }
        if let currentName, !new.phases.contains(where: { $0.name.text == currentName }) {
            throw illegal("change the definition", "it no longer has \(currentName), the phase in hand")
        }
        let change = DefinitionChange(from: definition, to: new)
        proposal = isConsented || change.waiting.isEmpty ? nil : new
        definition = isConsented ? new : change.inForce
        let old = phases
        phases = definition.phases.map { new in old.first { $0.name == new.name.text } ?? Phase(name: new.name.text) }
        if let leftName, phase(leftName) == nil { self.leftName = nil }
    }

    // MARK: Blocks and gates

    private mutating func block(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        guard let currentName else { throw illegal("block", "no phase is in progress") }
        if let phase = checkpoint.phase, phase != currentName {
            throw illegal("block \(phase)", "\(currentName) is in progress")
        }
        let isGate = checkpoint[TrailerKey.gate] != nil
        if isGate, blocks.contains(where: \.isGate) { throw illegal("wait at the gate", "it waits already") }
        blocks.append(
            Block(
                id: checkpoint.id, needs: checkpoint[TrailerKey.needs] ?? "input",
                reason: checkpoint[TrailerKey.reason] ?? checkpoint.title, since: checkpoint.time, phase: currentName,
                isGate: isGate,
                retry: checkpoint[TrailerKey.retryAfter].flatMap { Int64($0) }.flatMap { seconds in
                    // What a stranger wrote may be any number.
                    (1...WorkflowDuration.hours(24 * 366).seconds).contains(seconds)
                        ? Timestamp(seconds: checkpoint.time.seconds + seconds, offset: checkpoint.time.offset) : nil
                }))
    }

    /// Lifts the blocks that the checkpoint names; where it names none, those that are next.
    private mutating func unblock(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        let named = checkpoint.values(of: TrailerKey.block)
        func isMeant(_ block: Block) -> Bool { !block.isGate && named.contains(block.id.hex) }
        let lifted = named.isEmpty ? liftable : blocks.filter(isMeant) + disputes.filter(isMeant)
        guard !lifted.isEmpty else {
            throw illegal(
                "unblock",
                !named.isEmpty && !blocks.isEmpty
                    ? "what is blocked is something else"
                    : blocks.isEmpty ? "nothing is blocked" : "the gate of \(shownPhase) needs an approval")
        }
        blocks.removeAll { lifted.contains($0) }
        disputes.removeAll { lifted.contains($0) }
    }

    private mutating func approve(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        let name = try waiting(checkpoint, "approve")
        blocks.removeAll(where: \.isGate)
        update(name) { phase in
            if let last = phase.visits.indices.last { phase.visits[last].isApproved = true }
        }
    }

    private mutating func reject(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        _ = try waiting(checkpoint, "reject")
        guard checkpoint[TrailerKey.reason] != nil else { throw illegal("reject", "it needs a reason") }
        blocks.removeAll(where: \.isGate)
    }

    private func waiting(_ checkpoint: Checkpoint, _ verb: String) throws(IllegalTransition) -> String {
        guard let gate = blocks.last(where: \.isGate) else { throw illegal(verb, "no phase waits at its gate") }
        if let phase = checkpoint.phase, phase != gate.phase {
            throw illegal("\(verb) \(phase)", "it is \(gate.phase) that waits at its gate")
        }
        return gate.phase
    }

    // MARK: Agents

    private mutating func recordAgent(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        guard let name = checkpoint[TrailerKey.agent] else { throw illegal("record an agent", "it has no name") }
        let index = agents.firstIndex { $0.name == name }
        let agent = try AgentRecord.applying(
            checkpoint, to: index.map { agents[$0] }, name: name, item: items.item(in: checkpoint))
        if let index { agents[index] = agent } else { agents.append(agent) }
        guard checkpoint.kind == .agentMerged else { return }
        let others = agents.filter { $0.isOpen && $0.name != name }.map(\.name)
        next = next.without(agent: name, others: others)
        if let item = agent.item { next = next.without(item: item.text) }
        // "Merged agent feedback: Feedback route": what its report is called, unless one word says too little.
        if let colon = checkpoint.title.firstRange(of: ": ") {
            let summary = String(checkpoint.title[colon.upperBound...])
            if words(of: summary).count > 1 { next = next.without(item: summary) }
        }
    }

    /// An undone merge leaves the agent as it was before; undoing that merges it again.
    private mutating func takeBackMerge(_ checkpoint: Checkpoint) {
        guard let name = checkpoint[TrailerKey.agent], let index = agents.firstIndex(where: { $0.name == name }) else {
            return
        }
        agents[index].setMerged(as: checkpoint.id(of: TrailerKey.commit), at: checkpoint.time)
    }

    // MARK: Refusals

    private func illegal(_ doing: String, _ reason: String) -> IllegalTransition {
        IllegalTransition("cannot \(doing): \(reason)", allowed: allowedCommands)
    }

    /// The commands that lead on from here.
    package var allowedCommands: [String] {
        if let block = blocks.last { return block.isGate ? ["approve", "reject --reason T"] : ["unblock --answer T"] }
        if isComplete { return ["phase start NAME --reason T", "init --name NEW"] }
        guard currentName != nil else { return startable.map { "phase start \($0)" } }
        return ["phase complete", "phase fail --reason T", "block REASON"]
    }
}
