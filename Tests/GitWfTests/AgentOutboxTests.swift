import SystemPackage
import TestSupport
import Testing

@Suite("Agents that cannot write to the git directory")
struct AgentOutboxTests {
    @Test(
        "twenty agents under a read-only .git: every question, report and checkpoint arrives",
        .enabled(if: FailingDiskTests.canMount))
    func arrives() throws {
        let repo = try TestRepository.begun()
        let names = (1...20).map { "a\($0)" }
        try repo.git("config", "-f", ".wfconfig", "agents.look", "1s")
        try repo.done("checkpoint", "Look")
        try repo.trust()
        let script = repo.path.removingLastComponent().appending("script.sh")
        let git = repo.file(".git")
        // As a sandbox does it: the same files, mounted again so that nobody in it writes there.
        let text = """
            #!/bin/sh
            mount --bind '\(git)' '\(git)' && mount -o remount,ro,bind '\(git)' || exit 9
            touch '\(git)/x' 2>/dev/null && exit 8
            echo "$1" > own.txt
            git-wf checkpoint "Half of $1" --next "the rest" || exit 7
            case $1 in
            *5) git-wf agent ask "Which, $1?" --option left ;;
            *) git-wf agent report --status complete --summary "Done by $1" --decision "Because $1" ;;
            esac
            """
        try Files.write(Array(text.utf8), to: script)
        let run = try repo.wf(
            ["agent", "run"] + names
                + ["-j", "4", "--retries", "0", "--", "unshare", "-m", "sh", script.string, "{name}"])
        let log = try repo.wf("agent", "log", "a1").text
        #expect(run.status == 0, "\(run.text) \(log)")
        for agent in try repo.json("agent", "list")["agents"]?.list ?? [] {
            let name = agent["name"]?.text ?? ""
            if name.hasSuffix("5") {
                #expect(agent["state"]?.text == "asking" && agent["question"]?["text"]?.text == "Which, \(name)?")
            } else {
                #expect(agent["state"]?.text == "reported" && agent["result"]?["summary"]?.text == "Done by \(name)")
            }
            let titles = try repo.git("log", "--first-parent", "--format=%s", "refs/wf/demo/agents/\(name)").lines
            #expect(titles.contains("Half of \(name)"))
            #expect(try repo.agent(name).contents(of: ".wf/outbox").isEmpty)
        }
    }

    @Test(
        "what stands in the folder and is no message, is too large, a link or a pipe is left alone, and nothing waits for it"
    )
    func strangers() throws {
        let repo = try TestRepository.begun()
        try repo.done("agent", "start", "one")
        let agent = repo.agent("one")
        try agent.write(".wf/.gitignore", "*\n")
        try agent.write(".wf/outbox/1.none", "kind=nothing\ntext=x\n")
        try agent.write(".wf/outbox/2.large", [UInt8](repeating: 0x61, count: 1 << 20))
        try agent.link(".wf/outbox/3.link", to: "../../../../../repo/.git/config")
        #expect(try agent.run("mkfifo", [".wf/outbox/4.pipe"]).status == 0)
        try agent.write(".wf/outbox/5.status", "kind=report\nstatus=Perfect\ntext=x\n")
        try agent.write(".wf/outbox/6.good", "kind=question\ntext=Why\\\\nnot?\noption=a\n")
        try repo.done("checkpoint", "Look")
        let question = try repo.json("agent", "list")["agents"]?[0]?["question"]?["text"]?.text
        #expect(question == "Why\\nnot?")
        #expect(try agent.run("ls", [".wf/outbox"]).lines.count == 5)
    }
}
