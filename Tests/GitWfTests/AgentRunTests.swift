import Glibc
import SystemPackage
import TestSupport
import Testing

/// Agents as processes: started, watched over, ended.
struct AgentRunTests {
    @Test(
        "an agent that fails is run again from what it left, and its prompt says how it failed; what it did is kept, and its end known"
    )
    func again() throws {
        let repo = try TestRepository.begun()
        let run = try repo.play(
            ["one"], "say I am ready; write a.txt attempt; at 1 exit 3; commit Done; report complete It is done",
            "--retries", "2")
        #expect(
            run.status == 0 && run.text.contains("exit status 3") && run.text.contains("reported complete: It is done"))
        let agent = try #require(repo.json("agent", "list")["agents"]?[0])
        #expect(agent["state"]?.text == "reported" && agent["process"]?.text == "none" && agent["attempt"]?.number == 2)
        #expect(try repo.done("agent", "log", "one", "--attempt", "1").text == "I am ready")
        #expect(try repo.agent("one").text("a.txt") == "attempt\n")
        // What the first attempt had was in a checkpoint before the second began.
        #expect(
            try repo.git("log", "--format=%s", repo.agent("one").segment(of: "one")).text.contains("While one runs"))
    }

    @Test("one that fails each time is failed, with its exit, once no attempt is left")
    func failed() throws {
        let repo = try TestRepository.begun()
        let run = try repo.play(["one"], "crash", "--retries", "1")
        #expect(run.status == 1 && run.text.contains("failed: ended by signal 9"))
        let agent = try #require(repo.json("agent", "list")["agents"]?[0])
        #expect(agent["process"]?.text == "failed" && agent["exit"]?.number == 137 && agent["attempt"]?.number == 2)
        // Asked for again it gets another one.
        #expect(try repo.play(["one"], "report complete Now", "--retries", "0").status == 0)
        #expect(try repo.json("agent", "list")["agents"]?[0]?["attempt"]?.number == 3)
    }

    @Test("one that ends well and says nothing gets a report of what happened, which claims nothing")
    func silent() throws {
        let repo = try TestRepository.begun()
        #expect(try repo.play(["one"], "write a.txt x; commit Work").status == 0)
        let result = try #require(repo.json("agent", "list")["agents"]?[0]?["result"])
        #expect(result["status"]?.text == "partial" && result["summary"]?.text?.contains("a.txt") == true)
    }

    @Test("a command that cannot be started is said, and tried once")
    func unstartable() throws {
        let repo = try TestRepository.begun()
        try repo.write("plain", "no program\n", mode: 0o644)
        for command in ["./plain", "/no/such/program"] {
            let run = try repo.wf(["agent", "run", "x\(command.count)", "--", command])
            #expect(run.status == 1 && run.text.contains("could not be started"), "\(run.text) \(run.errorText)")
        }
    }

    @Test(
        "at its time limit one is ended with all that it started, also where it ignores the request or left its session"
    )
    func limits() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "agents.grace", "1s")
        try repo.done("checkpoint", "Grace")
        try repo.trust()
        let mark = "98765.4\(getpid())"
        let run = try repo.play(
            ["one"], "ignore-term; write a.txt mine; daemon \(mark); fork \(mark); hang", "--retries", "0", "--timeout",
            "2s")
        #expect(run.status == 1 && run.text.contains("time limit"), "\(run.text)")
        #expect(try repo.processes(with: mark).isEmpty, "a process outlived its attempt")
        #expect(try repo.git("show", "\(repo.agent("one").segment(of: "one")):a.txt").text == "mine")
    }

    @Test(
        "one that says that it used more tokens than it may is stopped, and what it has is kept and reported as partial"
    )
    func budget() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "agents.tokens", "1000")
        try repo.done("checkpoint", "Budget")
        try repo.trust()
        let usage = "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":900,\"output_tokens\":200}}"
        let run = try repo.play(["one"], "write own.txt mine; say \(usage); hang")
        #expect(run.status == 0 && run.text.contains("reported partial"), "\(run.text)")
        let agent = try #require(repo.json("agent", "list")["agents"]?[0])
        #expect(agent["result"]?["summary"]?.text?.contains("1100 of 1000") == true)
        #expect(try repo.git("show", "\(repo.agent("one").segment(of: "one")):own.txt").text == "mine")
    }

    @Test("stopping one ends it, keeps what it has, and run lets it go on")
    func stop() throws {
        let repo = try TestRepository.begun()
        try repo.background(["one"], "write a.txt mine; at 1 hang; report complete Now")
        try repo.until { try $0.json("agent", "list")["agents"]?[0]?["process"]?.text == "running" }
        try repo.until { _ in repo.agent("one").exists("a.txt") }
        #expect(try repo.done("agent", "stop", "one", "--reason", "lunch").text.hasPrefix("Stopped one"))
        try repo.until { try $0.json("agent", "list")["agents"]?[0]?["process"]?.text == "stopped" }
        #expect(try repo.wf(["agent", "stop", "one"]).status == 1)
        #expect(try repo.git("show", "\(repo.agent("one").segment(of: "one")):a.txt").text == "mine")
        try repo.until { try $0.play(["one"], "write a.txt mine; report complete Now").status == 0 }
    }
}

extension TestRepository {
    /// The program that plays an agent's script.
    static var scriptedAgent: String {
        guard let real = realpath("/proc/self/exe", nil) else { return "ScriptedAgent" }
        defer { free(real) }
        return FilePath(String(cString: real)).removingLastComponent().appending("ScriptedAgent").string
    }

    /// Has agents play a script, to the end.
    func play(_ agents: [String], _ script: String, _ options: String...) throws -> Output {
        try wf(["agent", "run"] + agents + options + ["--", Self.scriptedAgent, script, "{prompt}"])
    }

    /// Has agents play a script while the test goes on.
    func background(_ agents: [String], _ script: String) throws {
        let command = (["git-wf", "agent", "run"] + agents + ["--", Self.scriptedAgent, script]).map { "'\($0)'" }
        try run("sh", ["-c", "\(command.joined(separator: " ")) >/dev/null 2>&1 &"])
    }

    /// The processes that have a word among their arguments.
    func processes(with word: String) throws -> [String] {
        // The brackets keep the search from finding itself.
        let pattern = "[\(word.prefix(1))]\(word.dropFirst())"
        return try run(
            "sh", ["-c", "grep -lza -e \"$1\" /proc/[0-9]*/cmdline 2>/dev/null; true", "sh", pattern]
        ).lines
    }

    /// Waits for something to become so.
    func until(_ isSo: (TestRepository) throws -> Bool) throws {
        for _ in 0..<1200 {
            if try isSo(self) { return }
            usleep(50_000)
        }
        throw TestFailure("it did not become so in a minute")
    }
}
