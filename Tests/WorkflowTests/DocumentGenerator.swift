#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The seeds of a random test: as many as `GIT_WF_TEST_COUNT` says, 50 without it, from a start that differs each run.
func documentSeeds() -> [UInt64] {
    let count = getenv("GIT_WF_TEST_COUNT").flatMap { Int(String(cString: $0)) } ?? 50
    let start = UInt64.random(in: 0..<1_000_000_000)
    return (0..<UInt64(max(1, count))).map { start + $0 }
}

/// SplitMix64, so that a seed printed by a failure gives the same document again.
struct DocumentGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    private static let words = [
        "Add", "route", "é漢", "`code`", "60%", "a:b", "(note)", "*", "**bold**", "[x]", "[ ]", "1.", "#", "<b>", "-",
        "_x_", ">", "```",
        "\\", "&amp;", "|", "=", "+", "2)", "~~~", "<!--", "## Goal", "a/b.c", "🙂",
    ]

    /// One line that begins and ends with a letter or says anything in between.
    mutating func line() -> String {
        let count = Int.random(in: 0...5, using: &self)
        let middle = (0..<count).map { _ in Self.words.randomElement(using: &self) ?? "" }
        return (["w"] + middle + ["end"]).joined(separator: " ")
    }

    mutating func lines() -> [String] {
        (0..<Int.random(in: 0...4, using: &self)).map { _ in
            let text = line()
            // What could be taken for a marker is allowed to stand first as well.
            let first = Self.words.randomElement(using: &self) ?? ""
            return Bool.random(using: &self) ? text : first + " " + text
        }
    }
}
