import Glibc
import TestSupport
import Testing

@Suite("A sparse checkout that changes after a snapshot")
struct SparseTransitionTests {
    static let state: Transition.Change = { repo in
        for name in ["in/a", "in/d/b", "out/a", "out/d/b", "far/away/c", "top.txt"] {
            try repo.write(name, name + "\n")
        }
        try repo.write(".gitignore", "*.o\n")
        try repo.commit("in/c", "one\n")
        try repo.write("in/new", "new\n")
        try repo.write("in/x.o", "ignored\n")
    }

    static func sparse(_ arguments: String...) -> Transition.Change {
        { repo in try repo.git(["sparse-checkout"] + arguments) }
    }

    static let transitions: [Transition] = ["--no-sparse-index", "--sparse-index"].flatMap { index in
        [
            Transition("with branches, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { repo in
                    try repo.git("checkout", "-q", "-b", "other")
                    try repo.write("in/a", "other\n")
                    try repo.git("commit", "-qam", "other")
                }
                .then { try $0.git("checkout", "-q", "main") }
                .then { try $0.git("merge", "-q", "other") }
                .then { try $0.git("reset", "-q", "HEAD~1") },
            Transition("files staged and stashed, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { try $0.git("add", "-A") }
                .then { try $0.git("stash", "push", "-q") }
                .then { try $0.git("stash", "pop", "-q") },
            Transition(
                "a .gitignore that is not checked out, \(index)",
                before: { repo in
                    try repo.write("in/.gitignore", "*.tmp\n")
                    try state(repo)
                    try repo.write("in/x.tmp", "ignored\n")
                }
            )
            .then(sparse("set", "--no-cone", index, "/top.txt", "/in/", "!/in/.gitignore", "!/.gitignore"))
            .then { repo in
                try repo.write("in/y.tmp", "ignored\n")
                try repo.write("in/y.o", "ignored\n")
            },
            Transition("a directory outside that is a file, a symlink or a repository, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { try $0.link("in/link", to: "../out") }
                .then { try $0.nestedCopy("in/repository") },
        ]
    }

    /// git refuses to add what lies outside, unless it is told to.
    static let outside: [Transition] = ["--no-sparse-index", "--sparse-index"].flatMap { index in
        [
            Transition("a file outside comes back, is edited, and goes, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { try $0.write("out/a", "out/a\n") }
                .then { try $0.write("out/a", "edited\n") }
                .then { try $0.write("out/new", "new\n") }
                .then { try $0.remove("out") },
            Transition("a file where a directory outside was, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { try $0.write("out", "a file\n") }
                .then { try $0.remove("out") }
                .then { try $0.link("far", to: "in") },
            Transition("set, \(index)", before: state).then(sparse("set", "--cone", index, "in"))
                .then { try $0.write("in/a", "changed\n") }
                .then(sparse("add", "out/d"))
                .then { try $0.write("out/d/new", "new\n") }
                .then(sparse("set", "--cone", index, "far")),
            Transition("disabled, and set again, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then(sparse("disable"))
                .then { try $0.remove("out") }
                .then(sparse("set", "--cone", index, "far")),
            Transition("by patterns, \(index)", before: state)
                .then(sparse("set", "--no-cone", index, "/in/", "/*.txt", "!/in/d/"))
                .then { repo in
                    try repo.write("in/a", "changed\n")
                    try repo.remove("in/c")
                }
                .then(sparse("set", "--no-cone", index, "/*", "!/in/")),
            Transition("reapplied with files outside, \(index)", before: state)
                .then(sparse("set", "--cone", index, "in"))
                .then { try $0.write("out/a", "edited\n") }
                .then { try $0.gitStatus("sparse-checkout", "reapply") }
                .then { try $0.git("checkout", "-q", "-f") }
                .then { try $0.gitStatus("sparse-checkout", "reapply") },
        ].map { $0.asking(["--sparse"]) }
    }

    @Test("the tree equals what git add -A would write", arguments: transitions, Transition.Pace.allCases)
    func isWithin(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("the tree equals what git add -A --sparse would write", arguments: outside, Transition.Pace.allCases)
    func isBeyond(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test(
        "sparse.expectFilesOutsideOfPatterns: what is outside is as the index has it, whatever is on disk",
        arguments: [false, true])
    func expected(isSparseIndex: Bool) throws {
        let repo = try TestRepository()
        try Self.state(repo)
        let index = isSparseIndex ? "--sparse-index" : "--no-sparse-index"
        try repo.git("sparse-checkout", "set", "--cone", index, "in")
        try repo.git("config", "sparse.expectFilesOutsideOfPatterns", "true")
        try repo.write("out/a", "in spite of all\n")
        try repo.expectTree(repo.oracleTree(["--sparse"]), "expected", oracle: ["--sparse"])
    }
}
