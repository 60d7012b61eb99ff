internal import Agents
internal import Git
internal import Journal
internal import Runner
package import Workflow

/// What an agent has for the leader, read as cheaply as somebody needs who asks twice a second.
package struct AgentNews: Sendable {
    package enum Kind: String, Sendable {
        case reported, asking, failed, stopped, stalled, lost
    }

    package let name: Name
    package let kind: Kind
    package let text: String

    /// Who is meant by whoever names nobody: all that are open, or about to be started.
    package static func open(_ session: Session) throws -> [Name] {
        let state = try session.journal.leaderState()
        return try state.agents.filter(\.isOpen).compactMap { try? Name($0.name) }
            + RunFolder.watched(of: session.journal).filter { state.agent($0.text) == nil }
    }

    /// - Returns: what the leader has to see to, in the order of the names; and who is at work.
    package static func look(_ names: [Name], _ session: Session) throws -> (news: [AgentNews], atWork: [Name]) {
        let journal = session.journal
        let state = try journal.leaderState()
        let worktrees = try LinkedWorktree.all(of: journal)
        var news: [AgentNews] = []
        var atWork: [Name] = []
        for name in names {
            let work = try AgentWork(name, journal: journal, state: state, worktrees: worktrees)
            let run = RunInHand(RunFolder(name, of: journal))
            let process =
                try AgentProcesses(journal).process(of: name, work.record) ?? AgentProcess(recordedIn: work.record)
            func add(_ kind: Kind, _ text: String) { news.append(AgentNews(name: name, kind: kind, text: text)) }
            if let result = work.result {
                add(.reported, "\(result.status): \(result.summary)")
            } else if let question = work.question {
                let options = question.options.isEmpty ? "" : " (\(question.options.joined(separator: " | ")))"
                add(.asking, question.text + options)
            } else if work.record == nil {
                if run.isWatched { atWork.append(name) }
            } else if let absence = work.absence {
                add(.lost, absence)
            } else if process.state == .stalled {
                add(.stalled, "nothing comes from it; git wf agent log \(name) shows its last words")
            } else if process.isAlive || run.isWatched {
                atWork.append(name)
            } else if process.state == .failed {
                add(
                    .failed,
                    "\(work.record?.reason ?? process.exit.map { "exit status \($0)" } ?? "nobody saw how it ended")")
            } else if process.state == .stopped {
                add(.stopped, work.record?.reason ?? "it was stopped")
            }
        }
        return (news, atWork)
    }
}
