import Glibc
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many kills, `GIT_WF_TEST_SEED` where to begin.
@Suite("Supervisors and keepers that are killed")
struct SupervisorKillTests {
    private static let names = ["one", "two", "three"]

    /// Kills the keepers that an agent's attempts name, where they still are that.
    private static let killKeeper = """
        for pid in $(sed -n 's/^keeper=\\([0-9]*\\) .*/\\1/p' .git/wf/agents/demo/"$1"/*.run 2>/dev/null); do
            tr '\\0' ' ' 2>/dev/null </proc/"$pid"/cmdline | grep -q 'agent keep demo' && kill -KILL "$pid"
        done
        true
        """

    @Test(
        "agent list is right after each kill, agent run goes on, and each attempt is done once, by one",
        arguments: testSeeds(count: 4))
    func kills(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let repo = try TestRepository.begun()
        let folder = repo.path.removingLastComponent()
        let notes = folder.appending("notes")
        for name in Self.names {
            let lock = folder.appending("lock.\(name)")
            let script = """
                note \(notes); lock \(lock); write own.txt mine; sleep 0.\(random.below(4)); commit Work
                at 1 unlock \(lock); at 1 exit 3; report complete Done; unlock \(lock)
                """
            try Files.write(Array(script.utf8), to: folder.appending("\(name).script"))
        }
        let command =
            ["agent", "run"] + Self.names
            + ["--retries", "5", "--", TestRepository.scriptedAgent, "@\(folder.appending("{name}.script"))"]
        let isKeeper = random.below(4) == 0
        try repo.killed(command, after: UInt32(random.below(1_500_000)))
        if isKeeper {
            // A keeper is what was started for it, and another supervisor sees that it is gone.
            _ = try repo.run("sh", ["-c", Self.killKeeper, "sh", random.pick(Self.names)])
            for name in Self.names { _ = try? repo.run("rmdir", [folder.appending("lock.\(name)").string]) }
        }
        let note: Comment = "seed \(seed), a keeper too: \(isKeeper)"

        let listed = try repo.wf("agent", "list", "--json")
        #expect(listed.status == 0, note)
        for agent in try JSONValue(listed)["agents"]?.list ?? [] {
            let process = agent["process"]?.text ?? ""
            let known = ["none", "running", "waiting", "failed"]
            #expect(known.contains(process), note)
            guard process == "running", let pid = agent["pid"]?.number else { continue }
            if kill(pid_t(pid), 0) == 0 { continue }
            // Its keeper is about to write down how it ended.
            try repo.until { repo in
                let later = try repo.json("agent", "list")["agents"]?.list.first { $0["name"] == agent["name"] }
                return later?["process"]?.text != "running" || later?["pid"]?.number != pid
            }
        }

        let last = try repo.wf(command)
        #expect(last.status == 0, "seed \(seed): \(last.text) \(last.errorText)")
        let agents = try repo.json("agent", "list")["agents"]?.list ?? []
        #expect(agents.count == 3 && agents.allSatisfy { $0["state"]?.text == "reported" }, note)
        for name in Self.names {
            #expect(Files.mode(of: folder.appending("lock.\(name).twice")) == nil, note)
            #expect(try repo.git("show", "wf/demo/\(name):own.txt").text == "mine", note)
        }
        let lines = String(decoding: try Files.read(notes), as: UTF8.self).split(separator: "\n")
        #expect(Set(lines).count == lines.count, "\(note): \(lines)")
        try repo.done("fsck")
    }
}

extension TestRepository {
    /// Starts a command of git-wf and kills it after so many microseconds; what it started goes on.
    func killed(_ command: [String], after time: UInt32) throws {
        let words = (["exec", "git-wf"] + command).map { "'\($0)'" }.joined(separator: " ").replacing(
            "'exec'", with: "exec")
        let seconds = "\(time / 1_000_000).\(String(1_000_000 + time % 1_000_000).dropFirst())"
        try run(
            "sh",
            [
                "-c",
                "(\(words)) >/dev/null 2>&1 & pid=$!; sleep \(seconds); kill -KILL $pid; wait $pid 2>/dev/null; true",
            ])
    }
}
