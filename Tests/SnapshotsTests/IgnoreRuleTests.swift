import Git
import GitValues
import Snapshots
import TestSupport
import Testing

@Suite struct IgnoreRuleTests {
    private static let pieces = [
        "a", "b", "c", "ab", ".", "*", "*", "**", "/", "/", "**/", "/**", "?", "[ab]", "[!a]", "[^b-c]", "\\a", "\\*",
        "\\", "!", " ",
        "\\ ", "[[:alpha:]]", "[[:x:]]", "[a-", "]", "[]a]", "*.c", "#", "\r", "[\\]]", "[a\\-c]", "[[:]", "[/]",
    ]
    private static let parts = ["a", "b", "ab", "a.c", "[a]", "a b", "!a", "#", "a ", "*", "c", "-", "]", "B"]

    @Test("files are ignored as by git, whatever the rules", arguments: testSeeds(count: 15))
    func anyRules(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func pick(_ list: [String]) -> String { list[Int.random(in: 0..<list.count, using: &random)] }
        func rules() -> String {
            (0..<Int.random(in: 1...6, using: &random)).map { _ in
                (Bool.random(using: &random) ? "" : pick(["!", "/", ""]))
                    + (0..<Int.random(in: 1...4, using: &random)).map { _ in pick(Self.pieces) }.joined()
                    + pick(["", "", "/", " "])
            }.joined(separator: "\n") + pick(["", "\n"])
        }
        let repo = try TestRepository()
        for _ in 0..<60 {
            let name = (0...Int.random(in: 0...3, using: &random)).map { _ in pick(Self.parts) }.joined(separator: "/")
            // A file may be in the place of a directory of an earlier name; then there is one name less.
            do { try repo.write(name, "x\n") } catch is TestFailure { continue }
        }
        if seed % 4 == 0 { try repo.git("config", "core.ignoreCase", "true") }
        for _ in 0..<6 {
            try repo.write(".gitignore", rules())
            for directory in ["a", "b", "ab/a"]
            where Files.mode(of: repo.file(directory)).map({ $0 & 0o40000 != 0 }) == true {
                try repo.write(directory + "/.gitignore", rules())
            }
            try repo.write(".git/info/exclude", rules())
            let tree = try repo.snapshot().tree.hex
            // Names, not trees: with core.ignoreCase git takes one of two names that differ in case alone.
            let ours = Set(try repo.git("ls-tree", "-r", "--name-only", tree).lines)
            let theirs = Set(try repo.git("ls-files", "-o", "--exclude-standard").lines)
            if ours == theirs { continue }
            let texts = try [".gitignore", ".git/info/exclude"].map { try repo.text($0) }
            Issue.record("seed \(seed): \(ours.symmetricDifference(theirs)) in \(texts)")
        }
    }
}
