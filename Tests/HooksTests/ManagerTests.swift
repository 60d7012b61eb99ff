import Glibc
import HookFolder
import SystemPackage
import TestSupport
import Testing

@Suite("Beside hook managers")
struct ManagerTests {
    @Test(
        "a manager is told by its configuration",
        arguments: [
            (".husky/pre-commit", HookManager.husky), ("lefthook.yml", .lefthook), (".lefthook.toml", .lefthook),
            (".pre-commit-config.yaml", .preCommit),
        ])
    func configuration(file: String, manager: HookManager) throws {
        let repo = try TestRepository()
        #expect(HookManager.manager(worktree: repo.path, hooksDirectory: repo.path.appending(".git/hooks")) == nil)
        try repo.write(file, "")
        #expect(HookManager.manager(worktree: repo.path, hooksDirectory: repo.path.appending(".git/hooks")) == manager)
    }

    @Test("husky's own stubs still find the user's script")
    func husky() throws {
        let hooked = try HookedRepository()
        let repo = hooked.repo
        // The two files as husky 9 writes them.
        try repo.write(".husky/_/post-commit", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", mode: 0o755)
        try repo.write(
            ".husky/_/h",
            """
            #!/usr/bin/env sh
            [ "$HUSKY" = "2" ] && set -x
            n=$(basename "$0")
            s=$(dirname "$(dirname "$0")")/$n
            [ ! -f "$s" ] && exit 0
            sh -e "$s" "$@"
            c=$?
            [ $c != 0 ] && echo "husky - $n script failed (code $c)"
            exit $c

            """)
        try repo.write(".husky/post-commit", "echo user >>.git/user\n")
        try repo.git("config", "core.hooksPath", ".husky/_")
        let folder = repo.path.appending(".husky/_")
        #expect(HookManager.manager(worktree: repo.path, hooksDirectory: folder) == .husky)
        try GitHooks.install(into: folder, binary: hooked.binary)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["user"])
        #expect(try hooked.calls() == ["hook post-commit|"])
    }

    @Test(
        "lefthook's hook runs, installed before or after ours",
        .enabled(if: isInstalled("lefthook"), "lefthook is not on PATH"), arguments: [true, false])
    func lefthook(before: Bool) throws {
        let hooked = try HookedRepository()
        let repo = hooked.repo
        try repo.write("lefthook.yml", "post-commit:\n  commands:\n    user:\n      run: echo user >>.git/user\n")
        if !before { try hooked.install() }
        #expect(try repo.run("lefthook", ["install", "--force"]).status == 0)
        #expect(HookManager.manager(worktree: repo.path, hooksDirectory: hooked.hooksDirectory) == .lefthook)
        let theirs = try Files.read(hooked.hook("post-commit"))
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["user"])
        #expect(try hooked.calls() == ["hook post-commit|"])
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try Files.read(hooked.hook("post-commit")) == theirs)
    }

    @Test(
        "pre-commit's hook runs, installed before or after ours, and so does the one that it found",
        .enabled(if: isInstalled("pre-commit"), "pre-commit is not on PATH"), arguments: [true, false])
    func preCommit(before: Bool) throws {
        let hooked = try HookedRepository()
        let repo = hooked.repo
        try repo.write(
            ".pre-commit-config.yaml",
            """
            repos:
            - repo: local
              hooks:
              - id: user
                name: user
                language: system
                entry: sh -c 'echo managed >>.git/user'
                always_run: true
                stages: [post-commit]

            """)
        try repo.git("add", ".pre-commit-config.yaml")
        try hooked.writeHook("post-commit", "echo user >>.git/user")
        let user = try Files.read(hooked.hook("post-commit"))
        if !before { try hooked.install() }
        #expect(try repo.run("pre-commit", ["install", "-t", "post-commit"]).status == 0)
        #expect(HookManager.manager(worktree: repo.path, hooksDirectory: hooked.hooksDirectory) == .preCommit)
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user").sorted() == ["managed", "user"])
        #expect(try hooked.calls() == ["hook post-commit|"])
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(try repo.run("pre-commit", ["uninstall", "-t", "post-commit"]).status == 0)
        #expect(try Files.read(hooked.hook("post-commit")) == user)
    }
}

/// Whether a program is on the PATH that the tests pass on.
private func isInstalled(_ program: String) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}
