import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many sequences, `GIT_WF_TEST_SEED` where to begin.
@Suite("Restores and undos after any edits")
struct RandomRestoreTests {
    /// What a restore must leave alone, and what it may change.
    private struct State: Equatable {
        let files: [String: [UInt8]]
        let index: [UInt8]?
        let head: [UInt8]
        let branches: String

        init(_ repo: TestRepository) throws {
            files = try repo.contents(of: "")
            index = try repo.indexBytes()
            head = try repo.read(".git/HEAD")
            branches = try repo.git("for-each-ref", "refs/heads", "refs/tags", "refs/stash").text
        }

        /// What is at a path, to be shown.
        func entries(at path: String) -> [String] {
            files.filter { $0.key.hasPrefix(path + " ") }.map {
                "\($0.key) \(String(decoding: $0.value, as: UTF8.self).debugDescription)"
            }
        }

        /// The paths that have other bytes, another mode or another type than in `other`.
        func paths(differingFrom other: State) -> Set<String> {
            let keys = Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }
            return Set(keys.map { String($0[..<($0.lastIndex(of: " ") ?? $0.endIndex)]) })
        }
    }

    @Test(
        "a restore does what -n listed and no more, brings the checkpoint's files, and its undo gives back every byte",
        arguments: testSeeds(count: 10))
    func thereAndBack(seed: UInt64) throws {
        let repo = try TestRepository.begun("minimal")
        var edits = try RandomEdits(repo, seed: seed)
        func note(_ text: String = "") -> Comment { "seed \(seed) after \(edits.log): \(text)" }
        var checkpoints: [String] = []
        for _ in 0..<6 {
            for _ in 0...edits.random.below(3) { try edits.step() }
            checkpoints.append(try #require(try repo.json("checkpoint", "x")["id"]?.text))
        }
        for _ in 0..<3 {
            try edits.step()
            let before = try State(repo)
            let (arguments, source) = try restore(&edits, among: checkpoints)
            let command = "git wf restore \(arguments.joined(separator: " "))"
            let plan = try repo.wf(["restore", "-n", "--json"] + arguments)
            #expect(try State(repo) == before, note("\(command) -n changed something"))
            let output = try repo.wf(["restore", "--json"] + arguments)
            #expect(plan.status == 0 || plan.status == output.status, note("\(command) -n: \(plan.errorText)"))
            let after = try State(repo)
            guard output.status == 0 else {
                #expect(
                    output.status == 1
                        && output.errorText.split(separator: "\n").filter({ !$0.hasPrefix("hint: ") }).count == 1,
                    note(output.errorText))
                #expect(after == before, note("\(command) refused, and changed something"))
                continue
            }
            let (planned, done) = (try JSONValue(plan), try JSONValue(output))
            #expect(planned["restored"] == done["restored"], note(command))
            #expect(after.index == before.index && after.head == before.head && after.branches == before.branches)
            let listed = done["restored"]?.list.filter { $0["action"]?.text != "unchanged" } ?? []
            let changed = after.paths(differingFrom: before)
            let unlisted = changed.subtracting(listed.compactMap { $0["path"]?.text })
            #expect(unlisted.isEmpty, note("\(command) changed \(unlisted) too"))
            if let source {
                let others = try differences(repo, from: source, paths: listed.compactMap { $0["path"]?.text })
                #expect(others.isEmpty, note("\(command) did not bring \(others)"))
                if arguments.contains("--exact") { try expectNothingElse(repo, source, done, note(command)) }
            }
            guard done["before"]?.text != nil else {
                #expect(after == before, note("\(command) changed something, and nothing takes it back"))
                continue
            }
            let undo = try repo.wf("undo", "--json")
            let back = try State(repo)
            if undo.status == 1, undo.errorText.contains("in the middle of") {
                // While a merge waits for the user, it is theirs to end.
                #expect(back == after, note("undo of \(command) refused, and changed something"))
                continue
            }
            #expect(undo.status == 0, note("undo of \(command): \(undo.errorText)"))
            let lost = back.paths(differingFrom: before)
            if let path = lost.first {
                let (was, isNow) = (before.entries(at: path), back.entries(at: path))
                Issue.record(
                    note("undo of \(command) gave back \(path) as \(isNow), and it was \(was); in all \(lost)"))
                return
            }
            #expect(back.index == before.index && back.head == before.head && back.branches == before.branches)
        }
        // git 2.39 can write an entry of a sparse index more than once, and the tree of it, which its own fsck then refuses.
        let problems = try JSONValue(repo.wf("fsck", "--json"))["problems"]?.list.map { "\($0)" } ?? ["no answer"]
        let others = problems.filter { !$0.contains("duplicateEntries") && !$0.contains("multiple stage entries") }
        #expect(others.isEmpty, note())
    }

    /// One of the forms of the command, and the checkpoint that it names.
    private func restore(_ edits: inout RandomEdits, among checkpoints: [String]) throws -> ([String], String?) {
        let id = edits.random.pick(checkpoints)
        let names = try edits.repo.git("ls-tree", "-r", "-z", "--name-only", id).text.split(separator: "\0")
        let name = String(edits.random.pick(names))
        switch edits.random.below(6) {
        case 0, 1: return (["--from", id, "--all", "--exact"], id)
        case 2: return (["--from", id, "--all"], id)
        case 3: return (["--from", id, "--", name, String(edits.random.pick(names))], id)
        case 4: return (["--from", id, "--", name.split(separator: "/").first.map(String.init) ?? name], id)
        default: return (["--", name], nil)
        }
    }

    /// The paths, among those that were restored, whose files are not what a tree has, as git compares them.
    private func differences(_ repo: TestRepository, from source: String, paths: [String]) throws -> [String] {
        let scratch = repo.folder.scratch.appending("restored")
        Files.removeTree(scratch)
        let index = ["GIT_INDEX_FILE": scratch.string]
        try repo.git("read-tree", "--no-sparse-checkout", source, environment: index)
        let quiet = ["--no-optional-locks", "-c", "core.sparseCheckout=false", "-c", "core.fsmonitor=false"]
        // `diff` reads files whose times the index does not know, and converts them as `add` would.
        let output = try repo.git(quiet + ["diff", "--no-ext-diff", "--name-only", "-z"], environment: index)
        let names = Set(output.text.split(separator: "\0").map(String.init))
        return try names.intersection(paths).sorted().filter { name in
            // What attributes of today make of an older blob need not become that blob again.
            let written = try repo.run("git", ["cat-file", "--filters", "\(source):\(name)"])
            return try written.status != 0 || !repo.exists(name) || repo.read(name) != written.stdout
        }
    }

    /// After `--all --exact` nothing is left that the checkpoint does not have, but what no checkpoint takes.
    private func expectNothingElse(
        _ repo: TestRepository, _ source: String, _ done: JSONValue, _ note: Comment
    ) throws {
        guard let before = done["before"]?.text else { return }
        let gone = try repo.git(
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=D", before, source)
        let kept = try repo.git("ls-files", "-v", "-z").text.split(separator: "\0").filter { line in
            // Skipped, or assumed unchanged: the checkpoint before has the index's word for them.
            line.first == "S" || line.first?.isLowercase == true
        }.map { String($0.dropFirst(2)) }
        let names = gone.text.split(separator: "\0").map(String.init)
        let ignored = try self.ignored(repo, names, by: source)
        for name in names where !kept.contains(name) && !ignored.contains(name) {
            let isFile = Files.mode(of: repo.file(name)).map { $0 & 0o170000 != 0o040000 } ?? false
            #expect(!isFile, "\(name) is left; \(note)")
        }
    }

    /// The names that the `.gitignore` files of a tree, or the repository's own rules, ignore; those are never removed.
    private func ignored(_ repo: TestRepository, _ names: [String], by source: String) throws -> Set<String> {
        if names.isEmpty { return [] }
        let scratch = repo.folder.scratch.appending("rules")
        Files.removeTree(scratch)
        try repo.git("worktree", "add", "--detach", "--no-checkout", scratch.string, source)
        defer { _ = try? repo.git("worktree", "remove", "--force", scratch.string) }
        let quiet = ["-C", scratch.string, "-c", "core.sparseCheckout=false", "-c", "core.autocrlf=false"]
        try repo.git(quiet + ["reset", "--hard", "--quiet"])
        let output = try repo.run(
            "git", quiet + ["check-ignore", "--no-index", "--stdin", "-z"],
            stdin: names.flatMap { Array($0.utf8) + [0] })
        return Set(output.text.split(separator: "\0").map(String.init))
    }
}
