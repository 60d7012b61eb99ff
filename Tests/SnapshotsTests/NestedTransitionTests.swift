import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What happens to repositories in a repository after a snapshot is in the next one")
struct NestedTransitionTests {
    /// The standard state with a repository of its own in `inner`.
    static let embedded: Transition.Change = { repo in
        try Transition.standard(repo)
        try repo.nestedCopy("inner")
        try repo.nestedCopy("d/inner")
    }

    /// The standard state with a submodule in `sub`, its git directory in `.git/modules`.
    static let submodule: Transition.Change = { repo in
        try Transition.standard(repo)
        try NestedAndSparseTests.submodule(repo)
    }

    static let nested: [Transition] = [
        Transition("a repository appears in what was not there").then {
            try $0.nestedCopy("inner")
        }.then {
            try $0.remove("inner")
        },
        Transition("git init in a directory with untracked files; the first commit; .git removed").then(
            leavingOut: ["n"]
        ) { repo in
            try repo.worktree(at: "n").git("init", "-q")
        }.then { repo in
            try repo.worktree(at: "n").git("commit", "-q", "--allow-empty", "-m", "first")
        }.then { repo in
            try repo.remove("n/.git")
        },
        Transition("git init in a directory with tracked files; the first commit; .git removed").then { repo in
            try repo.worktree(at: "d").git("init", "-q")
        }.then { repo in
            try repo.worktree(at: "d").commit("new", "in the inner one\n")
        }.then { repo in
            try repo.write("d/b", "edited\n")
            try repo.write("d/untracked", "in the inner one\n")
        }.then { repo in
            try repo.remove("d/.git")
        },
        Transition("git init below a directory with tracked files").then(leavingOut: ["d/e2"]) { repo in
            try repo.write("d/e2/file", "new\n")
            try repo.worktree(at: "d/e2").git("init", "-q")
        }.then { repo in
            try repo.worktree(at: "d/e2").git("commit", "-q", "--allow-empty", "-m", "first")
        },
        Transition("a commit in it, and the same one taken back", before: embedded).then { repo in
            try repo.worktree(at: "inner").commit("b", "three\n")
            try repo.worktree(at: "d/inner").commit("b", "three\n")
        }.then { repo in
            try repo.worktree(at: "inner").git("reset", "-q", "--hard", "HEAD~1")
        },
        Transition("another branch in it, a detached HEAD, packed refs", before: embedded).then { repo in
            let inner = repo.worktree(at: "inner")
            try inner.git("checkout", "-q", "-b", "other")
            try inner.commit("c", "three\n")
        }.then { repo in
            try repo.worktree(at: "inner").git("checkout", "-q", "--detach", "main")
        }.then { repo in
            let inner = repo.worktree(at: "inner")
            try inner.git("checkout", "-q", "other")
            try inner.git("pack-refs", "--all")
        }.then { repo in
            try repo.worktree(at: "inner").git("gc", "-q")
        },
        Transition("files in it change, and its index", before: embedded).then { repo in
            try repo.write("inner/b", "dirty\n")
            try repo.write("inner/new", "untracked there\n")
            try repo.worktree(at: "inner").git("add", "-A")
        },
        Transition("its HEAD changes, and the time of it is set back", before: embedded).then { repo in
            try repo.worktree(at: "inner").commit("b", "three\n")
            try repo.git("-C", "inner", "branch", "older", "HEAD~1")
        }.then { repo in
            try repo.settingBack("inner/.git", "inner/.git/HEAD", "inner") {
                try repo.write("inner/.git/HEAD", "ref: refs/heads/older")
            }
        },
        Transition("it is renamed, and replaced by a directory, a file and nothing", before: embedded).then { repo in
            try repo.move("inner", to: "renamed")
        }.then { repo in
            try repo.write("inner/file", "a directory\n")
            try repo.remove("d/inner")
            try repo.write("d/inner", "a file\n")
        }.then { repo in
            try repo.remove("renamed")
        },
        Transition("it is added, committed, and taken out of the index", before: embedded).then { repo in
            try repo.gitStatus("add", "inner")
        }.then { repo in
            try repo.git("commit", "-qm", "embedded")
        }.then { repo in
            try repo.worktree(at: "inner").commit("b", "three\n")
        }.then { repo in
            try repo.git("rm", "-q", "--cached", "inner")
        }.then { repo in
            try repo.remove("inner/.git")
        },
        Transition("it is ignored, and no longer", before: embedded).then { repo in
            try repo.write(".gitignore", "inner/\n")
        }.then { repo in
            try repo.worktree(at: "inner").commit("b", "three\n")
            try repo.write(".gitignore", "*.o\n")
        },
        Transition("its .git becomes a link to elsewhere, and a link to nowhere", before: embedded).then { repo in
            try repo.move("inner/.git", to: "../elsewhere.git")
            try repo.write("inner/.git", "gitdir: \(repo.folder.path)/elsewhere.git\n")
        }.then { repo in
            try repo.git("-C", "inner", "commit", "-q", "--allow-empty", "-m", "elsewhere")
        },
        Transition("another in its place, with an older commit", before: embedded).then { repo in
            try repo.worktree(at: "inner").commit("b", "three\n")
        }.then { repo in
            try repo.remove("inner")
            try repo.nestedCopy("inner")
        },
    ]

    static let submodules: [Transition] = [
        Transition("a commit in it, recorded, and another", before: submodule).then { repo in
            try repo.worktree(at: "sub").commit("b", "three\n")
        }.then { repo in
            try repo.git("add", "sub")
            try repo.git("commit", "-qm", "recorded")
        }.then { repo in
            try repo.git("-C", "sub", "checkout", "-q", "HEAD~1")
        },
        Transition("dirty, and clean", before: submodule).then { repo in
            try repo.write("sub/b", "dirty\n")
            try repo.write("sub/untracked", "new\n")
        }.then { repo in
            try repo.git("-C", "sub", "reset", "-q", "--hard")
        },
        Transition("deinitialised, and initialised again", before: submodule).then { repo in
            try repo.git("submodule", "--quiet", "deinit", "-f", "sub")
        }.then { repo in
            try repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "sub")
        },
        Transition("its directory is removed, and made again, empty", before: submodule).then { repo in
            try repo.remove("sub")
        }.then { repo in
            try Files.makeFolders(repo.file("sub"))
        }.then { repo in
            try repo.write("sub/file", "a file\n")
        },
        Transition("taken out of the index, and removed by git", before: submodule).then { repo in
            try repo.git("rm", "-q", "--cached", "sub")
        }.then { repo in
            try repo.git("add", "sub")
            try repo.git("rm", "-qf", "sub")
        },
        Transition("its git directory comes to lie in it, and is absorbed", before: submodule).then { repo in
            try repo.remove("sub/.git")
            try repo.move(".git/modules/sub", to: "sub/.git")
            try repo.git("config", "--file", "sub/.git/config", "--unset", "core.worktree")
        }.then { repo in
            try repo.git("submodule", "--quiet", "absorbgitdirs", "sub")
        }.then { repo in
            try repo.worktree(at: "sub").commit("b", "three\n")
        },
        Transition("told to be looked at less: ignore = all, and = dirty", before: submodule).then { repo in
            try repo.git("config", "submodule.sub.ignore", "all")
            try repo.worktree(at: "sub").commit("b", "three\n")
        }.then { repo in
            try repo.git("config", "submodule.sub.ignore", "dirty")
            try repo.git("config", "diff.ignoreSubmodules", "all")
        },
        Transition("in conflict", before: submodule).then { repo in
            try repo.git("checkout", "-q", "-b", "other")
            try repo.worktree(at: "sub").commit("b", "three\n")
            try repo.git("commit", "-qam", "other")
            try repo.git("checkout", "-q", "main")
            try repo.git("-C", "sub", "checkout", "-q", "-b", "ours", "HEAD~1")
            try repo.worktree(at: "sub").commit("b", "four\n")
            try repo.git("commit", "-qam", "ours")
            #expect(try repo.gitStatus("merge", "-q", "other") == 1)
        }.then { repo in
            try repo.git("-C", "sub", "checkout", "-q", "main")
        },
    ]

    static let worktrees: [Transition] = [
        Transition("a linked worktree is added in this one, used, and removed").then { repo in
            try repo.git("worktree", "add", "-q", "-b", "other", "trees/other")
        }.then { repo in
            try repo.worktree(at: "trees/other").commit("b", "two\n")
        }.then { repo in
            try repo.git("worktree", "remove", "-f", "trees/other")
        },
        Transition("a linked worktree is added in this one, and what it is linked to goes").then { repo in
            try repo.git("worktree", "add", "-q", "--detach", "trees/other")
        }.then { repo in
            try repo.write("trees/other/a", "edited there\n")
        },
        Transition("a worktree of another repository").then { repo in
            try repo.nested("../another").commit("x", "one\n")
            try repo.git("-C", "../another", "worktree", "add", "-q", "-b", "here", repo.file("n/tree").string)
        }.then { repo in
            try repo.worktree(at: "n/tree").commit("x", "two\n")
        },
        Transition("a bare repository in this one, and a .git that is none").then { repo in
            try repo.git("init", "-q", "--bare", "bare.git")
        }.then { repo in
            try repo.write("n/.git/file", "no repository\n")
            try repo.write("d/.git", "no link\n")
        }.then { repo in
            try repo.remove("n/.git")
            try repo.remove("d/.git")
        },
    ]

    @Test("repositories of their own", arguments: nested, Transition.Pace.allCases)
    func ofNested(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("submodules", arguments: submodules, Transition.Pace.allCases)
    func ofSubmodules(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("worktrees", arguments: worktrees, Transition.Pace.allCases)
    func ofWorktrees(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }
}
