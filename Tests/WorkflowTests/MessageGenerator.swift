import Workflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How many messages a test tries: `GIT_WF_TEST_COUNT`, or few enough for every day.
let testCount: Int = getenv("GIT_WF_TEST_COUNT").flatMap { Int(String(cString: $0)) } ?? 200

/// Messages made of what is hard for one of the readers of trailers.
struct MessageGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    private static let pieces = [
        " ", " ", " ", "  ", "\n", "\n", "\n\n", "\n \n", "\t", "\r\n", "\r", "\u{b}", "\u{c}", "\0", "\u{1b}[31m",
        "\u{7f}", "\u{85}", "\u{9b}", "\u{2028}", "\u{a0}", "\u{301}", "\u{200d}", "é", "漢字", "👩‍👩‍👧", "…", "word",
        "a longer piece of text that helps to reach the place where lines fold",
        "unbroken-" + String(repeating: "x", count: 90),
        "---", "--- ", "\n---\n", "\n--- a/file\n", "\n----\n", "\n ---\n", "#", "\n# heading\n", "\n#\n", "; x",
        "\n# ------------------------ >8 ------------------------\n",
        "\n; ------------------------ >8 ------------------------\n",
        "# ------------------------ >8 ------------------------",
        "------------------------ >8 ------------------------",
        "\n  # ------------------------ >8 ------------------------\n", "Wf-Kind: forged", "\n\nWf-Kind: forged",
        "Signed-off-by: A <a@b.c>", "\n\nSigned-off-by: A <a@b.c>\n", "(cherry picked from commit abc)", "Key", ":",
        ": ", "=",
        "Conflicts:\n\ta", "\nConflicts:\n", "diff --git a/x b/x\n", "Index: x\n", "```\n", "> ", "%H", "%(trailers)",
        "\\", "\"",
    ]

    mutating func text(_ count: ClosedRange<Int>) -> String {
        var text = ""
        for _ in 0..<Int.random(in: count, using: &self) {
            text += Self.pieces.randomElement(using: &self) ?? ""
        }
        return text
    }

    mutating func message() -> CheckpointMessage {
        let keys = ["Wf-Kind", "Wf-Decision", "Wf-Next", "Signed-off-by", "X", "Wf-Next", "not legal", "é", ""]
        let trailers = (0..<Int.random(in: 0...6, using: &self)).map { _ in
            Trailer(key: keys.randomElement(using: &self) ?? "", value: text(0...12))
        }
        return CheckpointMessage(
            subject: text(0...5), body: Bool.random(using: &self) ? "" : text(0...20), trailers: trailers)
    }

    /// An encoded message with some bytes changed, or bytes of no sense.
    mutating func bytes() -> [UInt8] {
        var bytes = Bool.random(using: &self) ? message().encoded() : Array(text(0...20).utf8)
        for _ in 0..<Int.random(in: 0...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0...2, using: &self) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: place)
            default: bytes.insert([0x0a, 0x20, 0x3a, 0x0d, 0xc2].randomElement(using: &self) ?? 0, at: place)
            }
        }
        return bytes
    }
}
