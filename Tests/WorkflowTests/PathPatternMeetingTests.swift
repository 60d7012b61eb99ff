import GitValues
import TestSupport
import Testing

@testable import Workflow

/// `GIT_WF_TEST_COUNT` says how many pairs, `GIT_WF_TEST_SEED` where to begin.
@Suite("Patterns that meet")
struct PathPatternMeetingTests {
    @Test(
        "what people write meets, or does not",
        arguments: [
            ("src/a.ts", "src/a.ts", true), ("src/a.ts", "src/b.ts", false), ("src/", "src/a/b.ts", true),
            ("src", "src/a.ts", true), ("src/*.ts", "src/a*", true), ("src/*.ts", "src/*.js", false),
            ("*.ts", "lib/deep/x.ts", true), ("src/**/x", "src/x", true), ("src/**", "src", true),
            ("**/test/*", "src/test/a", true),
            ("a[0-4]", "a[5-9]", false), ("a[0-5]", "a[5-9]", true), ("a?c", "abc", true),
            ("/a?c", "/ac/", false), ("a?c", "ac", true),
            (".", "x/y", true), ("/a.ts", "a.ts", true), ("docs/*", "docs/a/b", false), ("a*b*c", "*x*", true),
            ("src/a.ts", "src/a.ts/b", true), ("x/**/y/**/z", "x/y/q/z", true), ("*.md", "*.txt", false),
        ])
    func examples(_ left: String, _ right: String, _ expected: Bool) {
        #expect(PathPattern(left).meets(PathPattern(right)) == expected)
        #expect(PathPattern(right).meets(PathPattern(left)) == expected)
    }

    @Test("two patterns meet where some path is covered by both, and nowhere else", arguments: testSeeds(count: 30))
    func asCovers(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // All paths of up to three parts of up to two letters: patterns of these letters that meet anywhere meet in one of them.
        let names = ["a", "b", "aa", "ab", "ba", "bb"]
        let paths =
            names + names.flatMap { first in names.map { "\(first)/\($0)" } }
            + names.flatMap { first in names.flatMap { second in names.map { "\(first)/\(second)/\($0)" } } }
        func part() -> String {
            (0...random.below(2)).map { _ in random.pick(["a", "b", "*", "?", "[ab]", "[!a]", "a"]) }.joined()
        }
        for _ in 0..<40 {
            func pattern() -> PathPattern {
                let parts = (0...random.below(2)).map { _ in random.below(5) == 0 ? "**" : part() }
                return PathPattern(parts.joined(separator: "/") + (random.below(6) == 0 ? "/" : ""))
            }
            let (left, right) = (pattern(), pattern())
            let witness = paths.first { left.covers(RepositoryPath($0)) && right.covers(RepositoryPath($0)) }
            let meets = left.meets(right)
            #expect(witness == nil || meets, "seed \(seed): \(left.text) and \(right.text) both cover \(witness ?? "")")
            // What meets only in longer names, or deeper, is found in neither.
            if witness == nil, meets {
                let longer = ["aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb", "aaaa", "abab", "bbbb"]
                let deeper =
                    longer + longer.flatMap { one in names.flatMap { ["\(one)/\($0)", "\($0)/\(one)"] } }
                    + paths.filter { $0.count { $0 == "/" } == 2 }.flatMap { path in ["a", "b"].map { "\(path)/\($0)" }
                    }
                let found = deeper.contains { left.covers(RepositoryPath($0)) && right.covers(RepositoryPath($0)) }
                #expect(found, "seed \(seed): \(left.text) and \(right.text) meet nowhere that was tried")
            }
        }
    }
}
