import SystemPackage
import TestSupport
import Testing

@Suite("The log of paths, piece by piece")
struct LogPathTests {
    private func told(_ repo: TestRepository, _ paths: [String]) throws -> [JSONValue] {
        try JSONValue(repo.done(["log", "--json", "-n", "0", "--"] + paths))["checkpoints"]?.list ?? []
    }

    private static let names = ["b.txt", "dir/c.txt", "dir/d.md", "dir/deep/e.txt", "f\u{e9} \"x\".txt", "dir2"]

    /// A dozen checkpoints of random edits, with renames among them.
    private func edited(seed: UInt64) throws -> TestRepository {
        var random = SeededGenerator(seed: seed)
        let repo = try TestRepository.begun("minimal")
        var files = ["a.txt"]
        func text(_ words: Int) -> String { (0..<words).map { "line \($0) \(random.below(9))\n" }.joined() }
        for number in 0..<12 {
            for _ in 0...random.below(3) {
                let name = random.pick(Self.names)
                switch random.below(4) {
                case 0 where !files.isEmpty && !files.contains(name) && !repo.exists(name):
                    let old = files.remove(at: random.below(files.count))
                    let bytes = try repo.read(old)
                    try repo.remove(old)
                    try repo.write(name, bytes + (random.below(2) == 0 ? [] : Array("one more\n".utf8)))
                    files.append(name)
                case 1 where files.count > 1: try repo.remove(files.remove(at: random.below(files.count)))
                default:
                    try repo.write(name, text(20))
                    if !files.contains(name) { files.append(name) }
                }
            }
            try repo.done("checkpoint", "step \(number)")
            if random.below(3) == 0 { try repo.done("checkpoint", "the same \(number)") }
        }
        return repo
    }

    @Test(
        "log -- PATH names the checkpoints that git log --first-parent -M names, and its renames",
        arguments: testSeeds(count: 6))
    func oracle(seed: UInt64) throws {
        let repo = try edited(seed: seed)
        for paths in [
            ["a.txt"], ["b.txt"], ["dir"], ["dir/"], ["dir/deep/e.txt"], ["dir2"], ["f\u{e9} \"x\".txt"], ["."],
            ["*.txt"], [":(glob)dir/*.txt"], ["b.txt", "dir/d.md"], ["dir", ":(exclude)dir/deep"], ["nowhere/at/all"],
        ] {
            let expected = try repo.git(["log", "--first-parent", "-M", "--format=%H", repo.lane, "--"] + paths).lines
            #expect(try told(repo, paths).map { $0["id"]?.text } == expected, "seed \(seed), \(paths)")
        }
        for told in try told(repo, ["."]) {
            let id = try #require(told["id"]?.text)
            if try repo.id("\(id)^") == "" { continue }
            let fields = try repo.git("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", "\(id)^", id)
                .text.split(separator: "\0").map(String.init)
            let expected = stride(from: 0, to: fields.count, by: 3).map { [fields[$0 + 1], fields[$0 + 2]] }
            let renames = told["renames"]?.list.map { [$0["from"]?.text ?? "", $0["to"]?.text ?? ""] } ?? []
            #expect(renames == expected, "seed \(seed), \(id)")
        }
    }

    @Test("a rename is noted under the checkpoint, for the old name and for the new one, and for no other")
    func renames() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("old.txt", "1\n2\n3\n4\n5\n")
        try repo.done("checkpoint", "before")
        try repo.remove("old.txt")
        try repo.write("new.txt", "1\n2\n3\n4\n5\n6\n")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "renamed")
        for name in ["old.txt", "new.txt"] {
            let lines = try repo.done("log", "--", name).lines
            #expect(lines.contains("    renamed old.txt to new.txt"), "\(lines)")
        }
        #expect(try told(repo, ["new.txt"]).count == 1)
        #expect(try told(repo, ["a.txt"])[0]["renames"] == nil)
        #expect(try !repo.done("log", "--", "a.txt").text.contains("renamed old.txt"))
        #expect(try !repo.done("log").text.contains("renamed old.txt"))
        // From a folder paths are relative to it, and what is outside is refused.
        try repo.write("dir/x.txt", "x\n")
        #expect(try repo.worktree(at: "dir").done("log", "--oneline", "--", "../new.txt").lines.count == 2)
        try repo.refuses(["log", "--", "../../x"], status: 128, says: ["outside of the worktree"])
        try repo.refuses(["log", "--", ""], status: 129, says: ["an empty path names nothing"])
    }

    @Test("-n ends the search for paths; what follows is said not to be searched")
    func limit() throws {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<4 {
            try repo.write("a.txt", "\(number)\n")
            try repo.done("checkpoint", "\(number)")
        }
        #expect(
            try repo.done("log", "-n", "2", "--oneline", "--", "a.txt").lines.last
                == "… older ones were not searched; -n 0 searches all")
        #expect(try repo.done("log", "-n", "0", "--oneline", "--", "a.txt").lines.count == 5)
        #expect(
            try repo.done("log", "-n", "2", "--oneline", "last~1").lines.last == "… 3 older; git wf log -n 0 shows all")
        #expect(
            try repo.done("log", "-n", "1", "--oneline", "--kind", "checkpoint").lines.last
                == "… 3 older; git wf log -n 0 shows all")
    }

    /// A lane of which one older object is gone.
    private func holed(_ revision: String) throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<6 {
            try repo.write("dir/a.txt", "\(number)\n")
            try repo.done("checkpoint", "step \(number)")
        }
        let lost = try repo.id("\(repo.lane)\(revision)")
        try repo.run(
            "sh",
            ["-ec", "mv .git/objects/pack ../packs; for p in ../packs/*.pack; do git unpack-objects -q <$p; done"])
        try repo.remove(".git/objects/\(lost.prefix(2))/\(lost.dropFirst(2))")
        return repo
    }

    @Test("what was found is printed before older ones are read")
    func streams() throws {
        let repo = try holed("~4")
        for arguments in [["log", "-n", "0"], ["log", "-n", "0", "--oneline"]] {
            let output = try repo.wf(arguments)
            #expect(output.status == 128)
            #expect(output.text.contains("step 5") && output.text.contains("step 2"))
            #expect(output.errorText.contains("could not read the commit"))
        }
        let json = try repo.wf("log", "-n", "0", "--json")
        #expect(json.status == 128 && json.text.hasPrefix("{\"checkpoints\":[{") && json.text.contains("step 2"))
        // Nothing of the hole is needed for the newest.
        #expect(try repo.done("log", "-n", "4", "--oneline").lines.count == 5)
    }

    @Test("filters that name no path read no trees")
    func withoutTrees() throws {
        let repo = try holed("~3^{tree}")
        #expect(try repo.done("log", "-n", "0", "--oneline", "--kind", "checkpoint").lines.count == 6)
        #expect(try repo.done("log", "-n", "0", "--phase", "planning", "--until", "now").text.contains("step 0"))
        #expect(try repo.wf("log", "-n", "0", "--", "dir/a.txt").status == 128)
        // The others leave nothing out for which trees would be read.
        #expect(try repo.done("log", "-n", "0", "--oneline", "--kind", "phase-started", "--", "dir/a.txt").text == "")
        #expect(try repo.done("log", "-n", "1", "--oneline", "--", "dir/a.txt").text.contains("step 5"))
    }

    @Test("a reader that goes away ends the log, and is no error")
    func reader() throws {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<3 { try repo.done("decide", "\(number)") }
        for option in ["--oneline", "--json", "--phase=planning"] {
            // The reader is gone before the first line is written.
            let script = "{ sleep 0.3; git-wf log -n 0 \(option); echo status $? >&2; } | :"
            let output = try repo.run("sh", ["-c", script])
            #expect(output.errorText == "status 0", "\(option)")
        }
    }
}
