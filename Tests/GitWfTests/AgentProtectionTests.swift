import SystemPackage
import TestSupport
import Testing

@Suite("What an agent has in its worktree is in its lane once the leader did something")
struct AgentProtectionTests {
    /// What a leader does, from a repository with an agent `other` beside the one that is looked at.
    static let commands: [[String]] = [
        ["checkpoint", "the leader's"], ["phase", "complete"], ["block", "why"], ["agent", "start", "third"],
        ["merge", "other"],
    ]

    @Test(
        "a checkpoint, a phase, a delegation and a merge record it, and a folder that is deleted comes back",
        arguments: commands)
    func recorded(_ command: [String]) throws {
        let repo = try TestRepository.begun("feature")
        try repo.commit("a.txt", "a\n")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "worker").lines[0]))
        let other = repo.worktree(at: FilePath(try repo.done("agent", "start", "other").lines[0]))
        try other.commit("other.txt", "other\n")
        try other.done("agent", "report", "--status", "complete", "--summary", "done")
        try agent.write("a.txt", "half done\n")
        try agent.write("new/deep.txt", "not committed\n")
        try agent.write("staged.txt", "staged\n")
        try agent.git("add", "staged.txt")
        let before = try (agent.contents(of: ""), agent.git("ls-files", "-s").text)
        try repo.done(command)
        // Nothing of the agent's own is touched.
        #expect(try agent.contents(of: "") == before.0)
        #expect(try agent.git("ls-files", "-s").text == before.1)
        try repo.remove(agent.path.string)
        let gone = try repo.wf("checkpoint", "later")
        #expect(gone.status == 0 && gone.errorText.contains("git wf agent restore worker"), "\(gone.errorText)")
        try repo.done("agent", "restore", "worker")
        #expect(try agent.contents(of: "") == before.0)
    }

    @Test("where nothing changed none is taken, and the agent's list says how old the last one is")
    func unchanged() throws {
        let repo = try TestRepository.begun("feature")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "worker").lines[0]))
        func count() throws -> Int {
            try repo.git("for-each-ref", "--format=%(refname)", "refs/wf").lines.filter { $0.contains("/auto/") }
                .reduce(0) { try $0 + (Int(repo.git("rev-list", "--first-parent", "--count", $1).text) ?? 0) }
        }
        try repo.done("checkpoint", "one")
        let before = try count()
        try repo.done("checkpoint", "two")
        #expect(try count() == before)
        try agent.write("a.txt", "a\n")
        try repo.done("checkpoint", "three")
        #expect(try count() == before + 1)
        let listed = try repo.json("agent", "list")["agents"]?.list.first?["lastCheckpoint"]
        #expect(listed?["kind"]?.text == "auto")
        #expect(try repo.done("agent", "list").text.contains("checkpoint 0s ago"))
    }

    @Test("in a worktree that is not the agent's nothing is read or written, and the others are recorded")
    func foreign() throws {
        let repo = try TestRepository.begun("feature")
        let places = try ["one", "two"].map {
            repo.worktree(at: FilePath(try repo.done("agent", "start", $0).lines[0]))
        }
        let stranger = try TestRepository.begun("feature")
        try places[0].write(".git", "gitdir: \(stranger.path)/.git\n")
        try places[0].write("mine.txt", "whose?\n")
        try places[1].write("two.txt", "two\n")
        let before = try stranger.git("for-each-ref").text
        let output = try repo.wf("checkpoint", "the leader's")
        #expect(output.status == 0 && output.errorText.contains("one belongs to something else"), "\(output.errorText)")
        #expect(try stranger.git("for-each-ref").text == before)
        let segment = try repo.git("for-each-ref", "--format=%(refname)", "refs/wf").lines.filter {
            $0.contains("/auto/") && $0.contains("two")
        }
        #expect(try repo.git("show", "\(try #require(segment.first)):two.txt").text == "two")
    }
}
