import HookFolder
import SystemPackage
import TestSupport
import Testing

@Suite("A hook file is others' too: what they write above and below our section runs and stays")
struct SharedFileTests {
    /// How tools get into a hook that is there.
    enum Way: String, CaseIterable {
        case appended, appendedWithoutNewline, behindShebang, aboveShebang, otherShell

        func text(_ present: String, _ section: String) -> String {
            let rest = present.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return switch self {
            case .appended: present + "\n# --- BEGIN TOOL ---\n\(section)\n# --- END TOOL ---\n"
            case .appendedWithoutNewline: present + section
            case .behindShebang: "\(rest[0])\n\(section)\n\(rest[1])"
            case .aboveShebang: "\(section)\n\(present)"
            case .otherShell: "#!/usr/bin/env bash\nset -eu\n\(section)\n\(rest[1])"
            }
        }
    }

    private static let section = "echo tool \"$@\" >>.git/tool"

    @Test("with and without a hook that was there before", arguments: Way.allCases, [true, false])
    func stays(way: Way, hasBefore: Bool) throws {
        let hooked = try HookedRepository()
        if hasBefore { try hooked.writeHook("post-checkout", "echo user >>.git/user") }
        try hooked.install()
        let present = try hooked.repo.text(".git/hooks/post-checkout")
        try hooked.repo.write(".git/hooks/post-checkout", way.text(present, Self.section), mode: 0o755)
        var runs = 0
        /// Switches branches; the tool must run, with git's arguments, and the user's hook, and git-wf where it is `installed`.
        func expectRun(_ step: String, installed: Bool) throws {
            runs += 1
            let calls = try hooked.calls().count
            try hooked.repo.git("checkout", "-q", "-b", "side\(runs)")
            #expect(try hooked.lines("tool").count == runs, "\(step)")
            #expect(try hooked.lines("tool").last?.hasSuffix(" 1") == true, "\(step)")
            #expect(try hooked.lines("user").count == (hasBefore ? runs : 0), "\(step)")
            #expect(try hooked.calls().count - calls == (installed ? 1 : 0), "\(step)")
        }
        func state() throws -> HookState.Condition? {
            try GitHooks.status(in: hooked.hooksDirectory, binary: hooked.binary)
                .first { $0.name == "post-checkout" }?.state
        }
        try expectRun("added", installed: true)
        #expect(try state() == .installed)
        try hooked.install()
        try expectRun("installed again", installed: true)
        let other = hooked.repo.folder.path.appending("other/git-wf")
        try Files.copy(hooked.binary, to: other)
        try GitHooks.install(into: hooked.hooksDirectory, binary: other)
        try expectRun("installed for another place", installed: true)
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        try expectRun("uninstalled", installed: false)
        #expect(try state() == .foreign)
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        try expectRun("uninstalled twice", installed: false)
        try hooked.install()
        try expectRun("installed once more", installed: true)
        let kept = Files.names(in: hooked.hooksDirectory).filter { $0.contains(".before-git-wf.") }
        #expect(kept == [])
    }

    @Test("uninstall leaves exactly what the others wrote")
    func bytes() throws {
        let hooked = try HookedRepository()
        try hooked.install()
        let present = try hooked.repo.text(".git/hooks/post-commit")
        try hooked.repo.write(".git/hooks/post-commit", present + "echo tool\r\n\u{0C}", mode: 0o755)
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try hooked.repo.text(".git/hooks/post-commit") == "#!/bin/sh\necho tool\r\n\u{0C}")
        #expect(Files.mode(of: hooked.hook("post-commit")).map { $0 & 0o777 } == 0o755)
    }

    @Test("a section below has git's input of post-rewrite, all of it")
    func input() throws {
        let hooked = try HookedRepository()
        try hooked.install()
        let present = try hooked.repo.text(".git/hooks/post-rewrite")
        try hooked.repo.write(".git/hooks/post-rewrite", present + "cat >.git/tool\n", mode: 0o755)
        let before = try hooked.repo.git("rev-parse", "HEAD").text
        try hooked.repo.git("commit", "--amend", "-qm", "y")
        let after = try hooked.repo.git("rev-parse", "HEAD").text
        #expect(try hooked.lines("tool") == ["\(before) \(after)"])
        #expect(try hooked.calls().contains("hook post-rewrite amend|\(before) \(after)"))
    }

    @Test("a hook that refuses a rebase has refused it, whatever stands below ours")
    func refusal() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("pre-rebase", "exit 3")
        try hooked.install()
        let present = try hooked.repo.text(".git/hooks/pre-rebase")
        try hooked.repo.write(".git/hooks/pre-rebase", present + "exit 0\n", mode: 0o755)
        try hooked.repo.git("checkout", "-q", "-b", "side")
        try hooked.repo.commit("b.txt", "b\n")
        #expect(try hooked.repo.gitStatus("rebase", "--force-rebase", "main") != 0)
    }

    @Test("a pipe or a link in the place of the misses is not written to")
    func missesElsewhere() throws {
        for isPipe in [true, false] {
            let hooked = try HookedRepository(body: "exit 1")
            try hooked.install()
            try Files.makeFolders(hooked.repo.file(".git/wf"))
            let outside = hooked.repo.folder.path.appending("outside")
            if isPipe {
                try hooked.repo.run("mkfifo", [hooked.repo.file(".git/wf/misses").string])
            } else {
                try hooked.repo.link(".git/wf/misses", to: outside.string)
            }
            try hooked.repo.write("a.txt", "two\n")
            #expect(try hooked.repo.run("git", ["commit", "-qam", "x"], timeout: 20).status == 0)
            #expect(Files.mode(of: outside) == nil)
            #expect(hooked.misses() == [])
        }
    }

    @Test("a git-wf that went from its place is looked for on PATH")
    func moved() throws {
        var hooked = try HookedRepository()
        try hooked.install()
        let other = hooked.repo.folder.path.appending("elsewhere/git-wf")
        try Files.copy(hooked.binary, to: other)
        Files.removeTree(hooked.binary)
        let path = hooked.repo.environment["PATH"] ?? ""
        hooked.repo.environment["PATH"] = "\(other.removingLastComponent()):\(path)"
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.calls() == ["hook post-commit|"] && hooked.misses() == [])
    }
}
