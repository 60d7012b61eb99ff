package import GitValues
package import SystemPackage
package import Workflow

/// An agent as every answer shows it: the leader's record joined with its own lane, its process and its worktree.
package struct Agent: Hashable, Sendable {
    package let name: Name
    package let state: AgentProgress
    package let process: AgentProcess
    /// `nil` where it is over and its worktree was put away.
    package let place: AgentPlace?
    /// The path of its spec.
    package let spec: String?
    package let item: RecordedItem?
    /// In full.
    package let branch: String
    /// Where its worktree is, or was.
    package let worktree: FilePath?
    package let attempt: Int
    package let started: Timestamp?
    package let finished: Timestamp?
    package let result: AgentState.Result?
    /// What it waits to know.
    package let question: AgentQuestion?
    /// `nil` where nothing is left to compare.
    package let changes: AgentChanges?
    package let scope: AgentScope?
    /// The newest of its lane, automatic ones too.
    package let lastCheckpoint: WorkflowState.Reference?
    /// The merge commit.
    package let commit: ObjectID?
    /// Whether the last try to merge it stopped at a conflict.
    package let isConflicted: Bool
    /// Why its worktree could not be looked at; then ``changes`` has only what is committed.
    package let problem: String?
    /// Why it failed, was sent back, refused or dropped.
    package let reason: String?
}

/// The process of an agent.
package struct AgentProcess: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// Nobody started one; the agent may still be at work, in a session of its own.
        case none
        case running
        /// It did not begin yet: others run.
        case waiting
        /// It runs, and nothing comes from it.
        case stalled
        /// It was ended.
        case stopped
        /// It ended with an error, or never began.
        case failed
    }

    package let state: State
    package let pid: Int32?
    package let exit: Int?

    /// Whether something may still come from it.
    package var isAlive: Bool {
        switch state {
        case .running, .waiting, .stalled: true
        case .none, .stopped, .failed: false
        }
    }

    package init(_ state: State, pid: Int32? = nil, exit: Int? = nil) {
        self.state = state
        self.pid = pid
        self.exit = exit
    }

    /// What the leader's lane says, where nobody here watches over a process.
    package init(recordedIn record: AgentRecord?) {
        let isOpen = record?.isOpen == true
        self.init(isOpen && record?.stage == .failed ? .failed : isOpen && record?.stopped != nil ? .stopped : .none)
    }
}
