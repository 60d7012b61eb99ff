internal import Agents
internal import Git
package import GitValues
internal import Journal
package import Merging
package import Workflow

/// Merges agents' work into the workflow's branch, with the verification that the definition asks for.
package struct MergingAgents {
    /// What must succeed on each result before the branch moves.
    package enum Verification: Sendable {
        case none
        case command(String)
        /// What the definition says, where the user trusts it.
        case ofDefinition
    }

    private let session: Session
    private let verification: Verification

    package init(_ session: Session, verification: Verification) throws {
        try session.requireLeader("merge agents")
        self.session = session
        self.verification = verification
    }

    /// Takes back the merge that stopped at a conflict.
    package func abort() throws -> (agent: Name, checkpoint: ObjectID) { try MergeQueue(session.journal).abort() }

    /// Finishes the merge whose conflict is resolved, and goes on.
    package func resume() throws -> MergeOutcome {
        let queue = try queue()
        // What had been cut short was all that waited.
        if try !queue.isWaiting, !session.recovered.isEmpty { return MergeOutcome() }
        return try withWaiting(queue.resume())
    }

    /// The agents that are meant.
    /// - Parameters:
    ///   - names: those that were named; without any, all that reported.
    ///   - all: whether those that did not report are meant too.
    package func choose(_ names: [Name], all: Bool) throws -> [Name] {
        if !names.isEmpty { return names }
        let candidates = try MergeQueue(session.journal).candidates()
        for (name, reason) in candidates.unreadable {
            session.narration.say("\(name) is left out: \(reason); git wf fsck --repair brings back what can be proven")
        }
        return candidates.reported + (all ? candidates.unreported : [])
    }

    /// What would conflict, and the order that conflicts least.
    package func preview(_ names: [Name]) throws -> MergePreview { try MergeQueue(session.journal).preview(names) }

    package func merge(_ names: [Name]) throws -> MergeOutcome {
        let queue = try queue()
        if names.isEmpty {
            throw ActionError("no agent has reported", .refused, hint: "git wf agent list says how they stand")
        }
        session.protectAgents(beside: "a merge of \(names.map(\.text).listed())")
        let odd = try audit(names)
        var outcome = try withWaiting(queue.merge(names))
        outcome.notes = odd + outcome.notes
        return outcome
    }

    /// - Returns: what is odd about the work.
    /// - Throws: `ActionError` where the definition refuses it.
    private func audit(_ names: [Name]) throws -> [String] {
        let isStrict = try session.state().definition.merge.scope == .strict
        return try names.flatMap { name in
            let findings: [AgentAudit.Finding]
            do {
                findings = try AuditingAgents(session).findings(of: name)
            } catch  where !isStrict {
                // Whether it can be merged at all is the queue's to say.
                return ["what \(name) changed was not looked at: \(error)"]
            }
            let ofScope = findings.filter { [.outside, .forbidden, .lines].contains($0.kind) }
            if isStrict, !ofScope.isEmpty {
                throw ActionError(
                    "\(name) changed what its spec does not let it change: \(ofScope.compactMap(\.path).listed())",
                    .refused,
                    hint: "git wf agent check \(name) --grant PATH --reason TEXT lets it")
            }
            // The merge's own answer names what is outside.
            return findings.filter { $0.kind != .outside }.map { "\(name): \($0.text(of: name))" }
        }
    }

    /// What came with the merge and holds only once a human consents to it.
    private func withWaiting(_ outcome: MergeOutcome) throws -> MergeOutcome {
        var outcome = outcome
        outcome.notes += try session.waitingChanges(of: session.state()).map {
            ".wfconfig: \($0); waits for a human's git wf trust"
        }
        return outcome
    }

    private func queue() throws -> MergeQueue {
        if session.repository.operation == nil {
            // A verification that was just written into .wfconfig holds for this very merge.
            try session.journal.append([], snapshot: session.snapshot(for: session.state()))
        }
        let state = try session.state()
        let definition = state.definition
        let command = try command(state)
        guard definition.merge.strategy == .merge else {
            throw ActionError(
                "merge.strategy is \(definition.merge.strategy.rawValue) in .wfconfig, and this version merges only with "
                    + "merge commits; set it to merge", .impossible)
        }
        return MergeQueue(
            session.journal, options: .init(verify: command, verifyOutput: session.narration.output))
    }

    private func command(_ state: WorkflowState) throws -> String? {
        switch verification {
        case .none: return nil
        case .command(let command): return command
        case .ofDefinition: return try session.trustedCommand(\.merge.verify, of: state)
        }
    }
}
