package import Agents
import Git
import GitValues
package import Journal
import Snapshots
package import SystemPackage
package import TestSupport
package import Workflow

/// A repository in which a workflow was begun, without the command line.
package struct WorkflowFixture {
    package var repo: TestRepository

    /// The TODO file that the repository begins with.
    package static let todo = "# TODO\n\n- [ ] one\n- [ ] two\n- [ ] three\n"

    /// Makes the repository, commits `files`, and begins the workflow `feature` on `main`.
    package init(_ files: [String: String] = ["a.txt": "1\n2\n3\n4\n5\n", "b.txt": "b\n"], todo: String? = Self.todo)
        throws
    {
        repo = try TestRepository()
        for (name, text) in files { try repo.write(name, text) }
        try repo.write(".wfconfig", "[workflow]\n\tname = feature\n")
        if let todo { try repo.write("TODO.md", todo) }
        try repo.git("add", "-A")
        try repo.git("commit", "--quiet", "-m", "base")
        let journal = try Workspace(surroundings()).journal(beginning: Name("feature"), actor: nil)
        let snapshot = try journal.takeSnapshot()
        let definition = try journal.repository.entry(at: ".wfconfig", in: snapshot.tree)?.id.hex
        try journal.append(
            [
                Draft(.workflowStarted, "Workflow feature").with(TrailerKey.id, "11111111-1111-4111-8111-111111111111")
                    .with(TrailerKey.definition, definition),
                Draft(.phaseStarted, "Phase planning", phase: "planning"),
            ], snapshot: snapshot)
    }

    /// What a command gets that runs in a folder; in the repository's own where none is given.
    package func surroundings(in folder: FilePath? = nil) -> Surroundings {
        Surroundings(
            environment: repo.environment, directory: folder ?? repo.path, now: Timestamp(seconds: repo.time, offset: 0)
        )
    }

    /// The journal of a worktree, opened anew as each command does.
    package func journal(in folder: FilePath? = nil) throws -> Journal {
        try Workspace(surroundings(in: folder)).journal()
    }

    /// Starts an agent.
    /// - Returns: its worktree.
    package func start(_ name: String, item: Int? = nil, spec: String? = nil) throws -> TestRepository {
        let request = AgentStart.Request(name: name, spec: spec, item: item)
        return repo.worktree(at: try AgentStart(journal()).start(request).worktree)
    }

    /// Starts an agent that writes a file and commits it.
    @discardableResult
    package func agent(_ name: String, writes file: String, _ text: String, item: Int? = nil) throws -> TestRepository {
        let worktree = try start(name, item: item)
        try worktree.commit(file, text, message: "work of \(name)")
        return worktree
    }

    /// Records a report, as the agent does in its worktree.
    package func report(_ worktree: TestRepository, _ summary: String, status: Report.Status = .complete) throws {
        _ = try AgentReport(journal(in: worktree.path)).record(Report(title: summary, status: status))
    }

    package func list() throws -> [Agent] { try AgentList(journal()).agents() }

    /// What git says of the leader's worktree, ours left out.
    package func status() throws -> [String] { try repo.git("status", "--porcelain", "-uall").lines }
}
