import Glibc
import SystemPackage
import TestSupport
import Testing

/// What leaders and agents say to each other.
struct AgentTalkTests {
    @Test(
        "a question stands first everywhere until it is answered, and the answer starts the agent again and stands first there"
    )
    func question() throws {
        let repo = try TestRepository.begun()
        try repo.done(
            ["agent", "run", "one", "--detach", "--"]
                + [
                    TestRepository.scriptedAgent,
                    "at 1 git-wf agent ask Which? --option left --option right; at 1 exit 0; git-wf resume; write own.txt x; commit Own; report complete Done",
                ])
        let news = try repo.json("agent", "wait", "one", "--timeout", "2m")
        #expect(news["news"]?.texts("kind") == ["asking"] && news["news"]?.texts("text") == ["Which? (left | right)"])
        #expect(try repo.done("next").text.hasPrefix("one asks: Which? (left | right) - git wf agent answer one TEXT"))
        #expect(try repo.done("status").lines.prefix(6).contains { $0.contains("one asks: Which?") })
        #expect(try repo.done("resume").text.contains("- one asks: Which?"))
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["asking"])

        #expect(try repo.json("agent", "answer", "one", "right")["restarted"] == .bool(true))
        #expect(try repo.json("agent", "wait", "one", "--timeout", "2m")["news"]?.texts("kind") == ["reported"])
        let brief = try repo.done("agent", "log", "one").text
        #expect(brief.contains("- The leader answers: right"), "\(brief)")
        // Nobody is left to wait for.
        try repo.done("merge", "one")
        let rest = try repo.wf(["agent", "wait"])
        #expect(rest.status == 1, "\(rest.text)")
    }

    @Test("who may ask and answer: an agent in its own worktree, a leader in hers, each with words")
    func whoMay() throws {
        let repo = try TestRepository.begun()
        try repo.done("agent", "start", "one")
        try repo.refuses(["agent", "ask", "Why?"], status: 129, says: ["not the worktree of one"])
        try repo.agent("one").refuses(["agent", "ask", "  "], status: 129, says: ["words"])
        try repo.agent("one").refuses(["agent", "answer", "one", "x"], status: 1, says: ["only the leader"])
        try repo.agent("one").refuses(["agent", "retry", "one"], status: 1, says: ["only the leader"])
        try repo.refuses(["agent", "answer", "none", "x"], status: 128, says: ["no agent none"])
        try repo.refuses(["agent", "answer", "one", " "], status: 129, says: ["words"])
        // What nobody asked for is said all the same.
        try repo.done("agent", "answer", "one", "Use tabs")
        #expect(try repo.agent("one").done("resume").text.contains("- The leader answers: Use tabs"))
    }

    @Test(
        "work that is sent back says why, first of all; it goes on from what it was, or from its first commit with --fresh, and nothing is lost"
    )
    func sentBack() throws {
        let repo = try TestRepository.begun()
        #expect(
            try repo.play(["one"], "write mine.txt mine; commit A; write loose.txt loose; report complete Done").status
                == 0)
        let agent = repo.agent("one")
        let first = try agent.id("HEAD~")
        try repo.done("agent", "retry", "one", "--reason", "mine.txt must say yours")
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["sent-back"])
        #expect(try agent.done("resume").text.contains("- Sent back: mine.txt must say yours"))
        #expect(try agent.text("mine.txt") == "mine\n" && agent.text("loose.txt") == "loose\n")
        #expect(try repo.play(["one"], "arguments; report complete Again").status == 0)
        #expect(try repo.done("agent", "log", "one").text.contains("mine.txt must say yours"))

        try repo.done("agent", "retry", "one", "--fresh", "--reason", "from the beginning")
        #expect(try agent.id("HEAD") == first)
        #expect(!agent.exists("mine.txt") && !agent.exists("loose.txt"))
        #expect(try agent.git("status", "--porcelain").text == "")
        #expect(try repo.json("agent", "list")["agents"]?[0]?["attempt"]?.number == 3)
        // What it had is in its lane.
        try agent.done("undo")
        #expect(try agent.text("mine.txt") == "mine\n" && agent.text("loose.txt") == "loose\n")
    }

    @Test("a better spec goes with the work that is sent back")
    func betterSpec() throws {
        let repo = try TestRepository.begun()
        try repo.write("specs/one.md", "# Spec: One\n\n## Goal\nVague.\n")
        #expect(try repo.play(["one"], "report complete Done").status == 0)
        try repo.write("specs/one.md", "# Spec: One\n\n## Goal\nExact.\n")
        try repo.refuses(["agent", "retry", "one", "--spec", "none"], status: 128, says: ["none"])
        try repo.done("agent", "retry", "one", "--reason", "the spec was vague", "--spec", "one")
        #expect(try repo.agent("one").done("resume").text.contains("Exact."))
        #expect(try repo.agent("one").text(".wf/spec.md").contains("Exact."))
        #expect(try repo.play(["one"], "report complete Better").status == 0)
    }

    @Test("one that was merged begins again where the leader is")
    func mergedGoesOn() throws {
        let repo = try TestRepository.begun()
        #expect(try repo.play(["one"], "write mine.txt mine; commit A; report complete Done").status == 0)
        try repo.done("merge", "one")
        try repo.done("agent", "retry", "one", "--reason", "one more thing")
        #expect(try repo.agent("one").id("HEAD") == repo.id("HEAD"))
        #expect(try repo.play(["one"], "write loose.txt more; commit B; report complete More").status == 0)
        try repo.done("merge", "one")
        #expect(try repo.text("loose.txt") == "more\n")
    }

    @Test("agent restore brings paths of an agent back, from the leader's worktree")
    func restorePaths() throws {
        let repo = try TestRepository.begun()
        try repo.done("agent", "start", "one")
        let agent = repo.agent("one")
        try agent.write("mine.txt", "good\n")
        try repo.done("checkpoint", "Beside")
        try agent.write("mine.txt", "")
        #expect(try repo.done("agent", "restore", "one", "mine.txt").text.contains("restored mine.txt"))
        #expect(try agent.text("mine.txt") == "good\n")
        try repo.refuses(["agent", "restore", "one", "../../x"], status: 128, says: ["outside"])
        try agent.done("undo")
        #expect(try agent.text("mine.txt") == "")
    }
}
