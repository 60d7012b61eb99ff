import SystemPackage
import TestSupport
import Testing

@Suite("What stands in git's stash is held by refs of ours")
struct StashTests {
    @Test("a stash that somebody drops in another worktree is still there, from the first checkpoint on that saw it")
    func dropped() throws {
        let repo = try TestRepository.begun()
        try repo.done("agent", "start", "one")
        let agent = repo.agent("one")
        try agent.write("tracked.txt", "base\n")
        try agent.git("add", "-A")
        try agent.git("commit", "-qm", "Base")
        try agent.write("tracked.txt", "half done\n")
        try agent.write("new.txt", "never committed\n")
        try agent.git("stash", "push", "-q", "-u")
        let stash = try agent.id("stash")
        try repo.done("checkpoint", "Beside")
        // The stash is every worktree's.
        try repo.git("stash", "drop", "-q")
        try repo.git("-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now")
        #expect(try repo.git("for-each-ref", "--format=%(objectname)", "refs/wf-kept/demo/stash").text == stash)
        #expect(try repo.git("show", "\(stash)^3:new.txt").text == "never committed")
        try agent.git("stash", "apply", "-q", stash)
        #expect(try agent.text("tracked.txt") == "half done\n" && agent.text("new.txt") == "never committed\n")
    }

    @Test(
        "a hook that runs beside a stash holds it too, and a stash that is damaged keeps no checkpoint from being taken"
    )
    func hooksAndDamage() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.write("loose.txt", "x\n")
        try repo.git("stash", "push", "-q", "-u")
        let stash = try repo.id("stash")
        try repo.commit("after.txt", "x\n")
        #expect(try repo.id("refs/wf-kept/demo/stash/\(stash)") == stash)
        try repo.write(".git/refs/stash", "0123456789012345678901234567890123456789\n")
        try repo.done("checkpoint", "All the same")
    }
}
