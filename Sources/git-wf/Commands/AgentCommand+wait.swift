import Actions
import Agents
import ArgumentParser
import Glibc
import GitValues
import Workflow

extension AgentCommand {
    struct Wait: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait", abstract: "Wait until an agent reports, asks, stalls or fails.",
            discussion: """
                Returns at the first news, with status 1 where there is none until the time is over or nobody is at work.

                Example: git wf agent wait --timeout 9m
                """)
        @Argument(help: "Only these.") var names: [String] = []
        @Option(help: ArgumentHelp("The longest wait.", valueName: "time")) var timeout = "9m"
        @OptionGroup var options: SharedOptions

        func validate() throws {
            if WorkflowDuration(parsing: timeout) == nil {
                throw ValidationError("--timeout takes a time, such as 9m, not \(timeout.quoted)")
            }
        }

        func run() throws {
            let session = try options.open()
            try session.requireLeader("wait for agents")
            let named = try names.map { try Name($0) }
            let open = try AgentNews.open(session)
            let all = try session.state().agents.map(\.name)
            if let unknown = named.first(where: { !open.contains($0) && !all.contains($0.text) }) {
                throw Failure("there is no agent \(unknown)", status: .no, hint: "git wf agent list names them")
            }
            let limit = WorkflowDuration(parsing: timeout)?.seconds ?? 0
            let begun = ContinuousClock.now
            while true {
                let present = try options.open()
                let (news, atWork) = try AgentNews.look(named.isEmpty ? AgentNews.open(present) : named, present)
                let isOver = begun.duration(to: .now) >= .seconds(limit)
                if !news.isEmpty || atWork.isEmpty || isOver { return try answer(news, atWork) }
                usleep(500_000)
            }
        }

        private func answer(_ news: [AgentNews], _ atWork: [Name]) throws {
            if options.json {
                struct Answer: Encodable {
                    struct News: Encodable {
                        let agent: String
                        let kind: String
                        let text: String
                    }

                    let news: [News]
                    let atWork: [String]
                }
                try JSONDocument.print(
                    Answer(
                        news: news.map { .init(agent: $0.name.text, kind: $0.kind.rawValue, text: $0.text) },
                        atWork: atWork.map(\.text)))
            } else {
                var lines = Lines()
                for item in news.prefix(5) {
                    lines.add("\(item.name) \(item.kind.rawValue): \(item.text)".printable.cut(toColumns: 160))
                }
                if news.count > 5 { lines.add("and \(news.count - 5) more: git wf agent list") }
                if !atWork.isEmpty { lines.add("At work: \(atWork.map(\.text).listed())") }
                if news.isEmpty { lines.add(atWork.isEmpty ? "Nobody is at work" : "No news yet") }
                Terminal.standard.answer(lines.text)
            }
            if news.isEmpty { throw ExitCode(Failure.Status.no.rawValue) }
        }
    }
}
