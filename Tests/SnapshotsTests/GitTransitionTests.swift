import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What git does after a snapshot is in the next one")
struct GitTransitionTests {
    static let staging: [Transition] = [
        Transition("everything is added").then { try $0.git("add", "-A") },
        Transition("an untracked file is added, edited and taken out").then { repo in
            try repo.git("add", "u", "n")
        }.then { repo in
            try repo.write("u", "two\n")
        }.then { repo in
            try repo.git("rm", "-rqf", "--cached", "u", "n")
        },
        Transition("tracked files are taken out of the index, deleted, and made again").then { repo in
            try repo.git("rm", "-rq", "--cached", "a", "d")
        }.then { repo in
            try repo.remove("a")
            try repo.remove("d")
        }.then { repo in
            try repo.write("a", "one\n")
            try repo.write("d/b", "two\n")
        },
        Transition("tracked files are removed by git").then { repo in
            try repo.git("rm", "-rq", "a", "d")
        }.then { repo in
            try repo.git("reset", "-q", "--hard")
        },
        Transition("git mv").then { repo in
            try repo.git("mv", "d", "moved")
            try repo.git("mv", "a", "moved/a")
        },
        Transition("announced with add -N, and no longer").then { repo in
            try repo.git("add", "-N", "u", "n/v")
        }.then { repo in
            try repo.remove("u")
        }.then { repo in
            try repo.git("reset", "-q")
        },
        Transition("staged, edited, and reset").then { repo in
            try repo.write("a", "two\n")
            try repo.git("add", "a")
            try repo.write("a", "six\n")
        }.then { repo in
            try repo.git("reset", "-q")
        }.then { repo in
            try repo.git("checkout", "--", "a")
        },
        Transition("other content is staged than the file has").then { repo in
            let blob = try repo.git("hash-object", "-w", "--stdin", stdin: "staged by hand\n").text
            try repo.git("update-index", "--add", "--cacheinfo", "100644,\(blob),a")
            try repo.git("update-index", "--add", "--cacheinfo", "100755,\(blob),u")
            try repo.git("update-index", "--add", "--cacheinfo", "120000,\(blob),run")
        },
        Transition("the index is another tree's").then { repo in
            try repo.git("read-tree", "--empty")
        }.then { repo in
            try repo.git("read-tree", "HEAD")
        },
        Transition("the index is gone").then { repo in
            try repo.remove(".git/index")
        },
        Transition("files are assumed unchanged, edited, and not assumed so").then { repo in
            try repo.git("update-index", "--assume-unchanged", "a", "d/b")
        }.then { repo in
            try repo.write("a", "unseen\n")
            try repo.remove("d/b")
        }.then { repo in
            try repo.git("update-index", "--no-assume-unchanged", "a", "d/b")
        },
        Transition("files are skipped, edited, and skipped no longer").then { repo in
            try repo.git("update-index", "--skip-worktree", "a", "d/b", "d/e/f")
            try repo.remove("d")
        }.then { repo in
            try repo.write("a", "unseen\n")
            try repo.write("d", "a file where a directory was\n")
        }.then { repo in
            try repo.git("update-index", "--no-skip-worktree", "a", "d/b", "d/e/f")
        },
        Transition("another form of the index: version 4, split, with an untracked cache").then { repo in
            try repo.git("update-index", "--index-version", "4")
        }.then { repo in
            try repo.git("update-index", "--split-index")
            try repo.write("u", "two\n")
        }.then { repo in
            try repo.git("update-index", "--untracked-cache")
            try repo.git("status")
            try repo.write("n/added", "new\n")
        }.then { repo in
            try repo.git("update-index", "--no-split-index", "--no-untracked-cache")
            try repo.remove("n/added")
        },
    ]

    /// The standard state, and a branch `other` that has it otherwise.
    static let branched: Transition.Change = { repo in
        try Transition.standard(repo)
        try repo.git("checkout", "-q", "-b", "other")
        try repo.write("a", "two\n")
        try repo.write("d/new", "new\n")
        try repo.git("rm", "-rq", "d/e")
        try repo.write("d/e", "a file\n")
        chmod(repo.file("d/b").string, 0o755)
        try repo.git("add", "a", "d")
        try repo.git("commit", "-qm", "other")
        try repo.git("checkout", "-q", "main")
    }

    static let history: [Transition] = [
        Transition("committed").then { try $0.git("commit", "-q", "--allow-empty", "-m", "x") },
        Transition("committed with -a, and amended").then { repo in
            try repo.write("a", "two\n")
            try repo.git("commit", "-qam", "x")
        }.then { repo in
            try repo.git("add", "u")
            try repo.git("commit", "-q", "--amend", "--no-edit")
        },
        Transition("another branch, and back", before: branched).then {
            try $0.git("checkout", "-q", "other")
        }.then {
            try $0.git("checkout", "-q", "main")
        },
        Transition("another branch, with work carried over", before: branched).then { repo in
            try repo.write("run", "#!/bin/bash\n", mode: 0o755)
            try repo.git("checkout", "-q", "other")
        }.then { repo in
            try repo.git("checkout", "-qf", "--detach", "main")
        },
        Transition("a reset of each kind", before: branched).then { repo in
            try repo.git("reset", "-q", "--soft", "other")
        }.then { repo in
            try repo.git("reset", "-q", "--mixed", "other")
        }.then { repo in
            try repo.git("reset", "-q", "--hard", "main")
        },
        Transition("work is stashed, and comes back").then { repo in
            try repo.write("a", "two\n")
            try repo.git("stash", "push", "-q")
        }.then { repo in
            try repo.git("stash", "pop", "-q")
        },
        Transition("work is stashed with untracked and ignored files, and comes back").then { repo in
            try repo.write("a", "two\n")
            try repo.git("stash", "push", "-q", "--all")
        }.then { repo in
            try repo.git("stash", "pop", "-q")
        },
        Transition("cleaned").then {
            try $0.git("clean", "-fdqx")
        },
        Transition("a merge that conflicts, is resolved in half, and aborted", before: branched).then { repo in
            try repo.write("a", "six\n")
            try repo.write("d/b", "our own\n")
            try repo.git("commit", "-qam", "ours")
            #expect(try repo.gitStatus("merge", "-q", "other") == 1)
        }.then { repo in
            try repo.write("a", "resolved\n")
            try repo.git("add", "a")
        }.then { repo in
            try repo.git("merge", "--abort")
        },
        Transition("a merge that succeeds, and is reverted", before: branched).then { repo in
            try repo.git("commit", "-q", "--allow-empty", "-m", "ours")
            try repo.git("merge", "-q", "--no-edit", "other")
        }.then { repo in
            try repo.git("revert", "--no-edit", "-m", "1", "HEAD")
        },
        Transition("a rebase that stops, and goes on", before: branched).then { repo in
            try repo.write("a", "six\n")
            try repo.git("commit", "-qam", "ours")
            #expect(try repo.gitStatus("rebase", "-q", "other") == 1)
        }.then { repo in
            try repo.write("a", "both\n")
            try repo.git("add", "a")
            try repo.git("-c", "core.editor=true", "rebase", "--continue")
        },
        Transition("garbage is collected").then { repo in
            try repo.git("gc", "-q", "--prune=now")
            try repo.write("a", "two\n")
        },
        Transition("the checkpoint is deleted with all that only it held").then { repo in
            try repo.git("update-ref", "-d", TestRepository.checkpointRef)
            try repo.git("gc", "-q", "--prune=now")
        },
        Transition("what was staged is collected while it is still remembered").then { repo in
            try repo.write("a", "staged\n")
            try repo.git("add", "a", "u")
        }.then { repo in
            try repo.git("reset", "-q")
            try repo.git("update-ref", "-d", TestRepository.checkpointRef)
            try repo.git("gc", "-q", "--prune=now")
        },
    ]

    @Test("the index", arguments: staging, Transition.Pace.allCases)
    func staged(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("history", arguments: history, Transition.Pace.allCases)
    func ofHistory(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }
}
