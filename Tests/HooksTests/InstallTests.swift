import HookFolder
import SystemPackage
import TestSupport
import Testing

@Suite("Installing hooks beside what is there")
struct InstallTests {
    @Test("installed in a fresh repository, and taken away without a trace")
    func fresh() throws {
        let hooked = try HookedRepository()
        let before = Set(Files.names(in: hooked.hooksDirectory))
        #expect(
            try GitHooks.status(in: hooked.hooksDirectory, binary: hooked.binary).allSatisfy { $0.state == .missing })
        let states = try hooked.install()
        #expect(states.map(\.name) == GitHooks.names)
        #expect(states.allSatisfy { $0.state == .installed && $0.chained == nil && $0.kept == [] })
        let after = try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(after.allSatisfy { $0.state == .missing })
        #expect(Set(Files.names(in: hooked.hooksDirectory)) == before)
    }

    @Test("a second time changes nothing; another binary is written in")
    func again() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo ran >>.git/user")
        let first = try hooked.install()
        let bytes = try Files.read(hooked.hook("post-commit"))
        let names = Set(Files.names(in: hooked.hooksDirectory))
        #expect(try hooked.install() == first)
        #expect(try Files.read(hooked.hook("post-commit")) == bytes)
        #expect(Set(Files.names(in: hooked.hooksDirectory)) == names)

        let other = hooked.repo.folder.path.appending("other/git-wf")
        try Files.copy(hooked.binary, to: other)
        #expect(
            try GitHooks.status(in: hooked.hooksDirectory, binary: other).allSatisfy { $0.state == .outdated })
        let states = try GitHooks.install(into: hooked.hooksDirectory, binary: other)
        #expect(states.allSatisfy { $0.state == .installed })
        Files.removeTree(hooked.binary)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.calls().count == 1 && hooked.lines("user") == ["ran"])
    }

    @Test("uninstall gives back the same bytes and mode", arguments: [0o755, 0o644, 0o700, 0o500] as [UInt32])
    func bytesAndMode(mode: UInt32) throws {
        let hooked = try HookedRepository()
        let bytes: [UInt8] = [0x23, 0x21, 0x2f, 0x62, 0x69, 0x6e, 0x2f, 0x73, 0x68, 0x0d, 0x0a, 0x00, 0xff]
        try Files.write(bytes, to: hooked.hook("post-merge"), mode: mode)
        let states = try hooked.install()
        #expect(states.first { $0.name == "post-merge" }?.chained == hooked.hook("post-merge.before-git-wf"))
        try hooked.install()
        let after = try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(after.first { $0.name == "post-merge" }?.state == .foreign)
        #expect(try Files.read(hooked.hook("post-merge")) == bytes)
        #expect(Files.mode(of: hooked.hook("post-merge")).map { $0 & 0o7777 } == mode)
        #expect(!hooked.repo.exists(".git/hooks/post-merge.before-git-wf"))
    }

    @Test("uninstall gives back a symbolic link, also one that leads nowhere", arguments: [true, false])
    func symbolicLink(leadsSomewhere: Bool) throws {
        let hooked = try HookedRepository()
        if leadsSomewhere { try hooked.repo.write("tools/hook", "#!/bin/sh\n", mode: 0o755) }
        try hooked.repo.link(".git/hooks/post-commit", to: "../../tools/hook")
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.calls().count == 1)
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try hooked.repo.run("readlink", [".git/hooks/post-commit"]).text == "../../tools/hook")
    }

    @Test("a hook that replaced ours is left by uninstall, which says so")
    func overwritten() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        try hooked.install()
        try hooked.writeHook("post-commit", "echo other >>.git/user")
        let states = try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(states.first?.state == .foreign)
        #expect(states.first?.kept == [hooked.hook("post-commit.before-git-wf")])
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["other"])
    }

    @Test("install chains a hook that replaced ours, keeps the older one, and never runs that")
    func overwrittenThenInstalled() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        let user = try Files.read(hooked.hook("post-commit"))
        try hooked.install()
        try hooked.writeHook("post-commit", "echo other >>.git/user")
        let other = try Files.read(hooked.hook("post-commit"))
        let states = try hooked.install()
        #expect(states.first?.state == .installed)
        #expect(states.first?.kept == [hooked.hook("post-commit.before-git-wf.1")])
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["other"])
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try Files.read(hooked.hook("post-commit")) == other)
        #expect(try Files.read(hooked.hook("post-commit.before-git-wf.1")) == user)
    }

    @Test("a tool that keeps and runs what it replaced gets the user's hook back for it", arguments: ["legacy", "old"])
    func keptByAnother(suffix: String) throws {
        for uninstalls in [false, true] {
            let hooked = try HookedRepository()
            try hooked.writeHook("post-commit", "echo user >>.git/user")
            try hooked.install()
            try hooked.repo.run("mv", [".git/hooks/post-commit", ".git/hooks/post-commit.\(suffix)"])
            let other = #"echo other >>.git/user; "${0%/*}"/post-commit.\#(suffix) "$@""#
            try hooked.writeHook("post-commit", other)
            #expect(try hooked.commit().status == 0)
            #expect(try hooked.lines("user") == ["other", "user"])
            #expect(try hooked.calls().count == 1)
            if uninstalls { try GitHooks.uninstall(from: hooked.hooksDirectory) } else { try hooked.install() }
            #expect(try hooked.commit("three\n").status == 0)
            #expect(try hooked.lines("user") == ["other", "user", "other", "user"])
            #expect(try hooked.calls().count == (uninstalls ? 1 : 2))
        }
    }

    @Test("an old hook of ours under an unknown name ends, and does not run in circles")
    func circle() throws {
        let hooked = try HookedRepository()
        try hooked.install()
        try hooked.repo.run("mv", [".git/hooks/post-commit", ".git/hooks/post-commit.elsewhere"])
        try hooked.writeHook("post-commit", #"echo other >>.git/user; "${0%/*}"/post-commit.elsewhere "$@""#)
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["other"])
        #expect(try hooked.calls() == ["hook post-commit|"])
    }

    @Test("one of ours that someone edited is kept, whether we install or uninstall", arguments: [true, false])
    func edited(installs: Bool) throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        let user = try Files.read(hooked.hook("post-commit"))
        try hooked.install()
        let edited = Array(
            try hooked.repo.text(".git/hooks/post-commit").replacing("status=0\n", with: "# mine\n").utf8)
        try Files.write(edited, to: hooked.hook("post-commit"), mode: 0o755)
        #expect(try GitHooks.status(in: hooked.hooksDirectory, binary: hooked.binary).first?.state == .outdated)
        let states = installs ? try hooked.install() : try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(states.first?.state == (installs ? .installed : .foreign))
        #expect(try Files.read(hooked.hook("post-commit.before-git-wf.1")) == edited)
        #expect(try Files.read(hooked.hook(installs ? "post-commit.before-git-wf" : "post-commit")) == user)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["user"])
    }

    @Test("a hook of ours that was deleted: the chained one comes back, either way", arguments: [true, false])
    func deleted(installs: Bool) throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        try hooked.install()
        Files.removeTree(hooked.hook("post-commit"))
        _ = installs ? try hooked.install() : try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["user"])
        #expect(try hooked.calls().count == (installs ? 1 : 0))
    }

    @Test("one that lost its executable bit is outdated, and mended")
    func bit() throws {
        let hooked = try HookedRepository()
        try hooked.install()
        try hooked.repo.run("chmod", ["-x", ".git/hooks/post-commit"])
        #expect(try GitHooks.status(in: hooked.hooksDirectory, binary: hooked.binary).first?.state == .outdated)
        #expect(try hooked.install().first?.state == .installed)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.calls().count == 1)
    }

    @Test("a folder that cannot be made is one sentence, and nothing is touched")
    func unwritable() throws {
        let hooked = try HookedRepository()
        try hooked.repo.write("file", "")
        let error = #expect(throws: HookError.self) {
            try GitHooks.install(into: hooked.repo.path.appending("file/hooks"), binary: hooked.binary)
        }
        #expect(error?.reason == .notDirectory)
        #expect(throws: HookError.self) { try GitHooks.install(into: hooked.hooksDirectory, binary: "git-wf") }
        #expect(try GitHooks.status(in: hooked.hooksDirectory, binary: nil).allSatisfy { $0.state == .missing })
    }

    @Test("sixteen installations at once leave one chain")
    func concurrent() async throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        let user = try Files.read(hooked.hook("post-commit"))
        let (folder, binary) = (hooked.hooksDirectory, hooked.binary)
        await withTaskGroup { group in
            for _ in 0..<16 { group.addTask { _ = try? GitHooks.install(into: folder, binary: binary) } }
        }
        #expect(try Files.read(hooked.hook("post-commit.before-git-wf")) == user)
        let states = try GitHooks.status(in: folder, binary: binary)
        #expect(states.allSatisfy { $0.state == .installed && $0.kept == [] })
        #expect(Files.names(in: folder).filter { $0.contains(".git-wf-") } == [])
    }
}
