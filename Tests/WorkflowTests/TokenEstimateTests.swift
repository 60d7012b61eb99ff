import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Workflow

@Suite("The token estimate")
struct TokenEstimateTests {
    /// Texts of our own, with what the tokenizer of PyPI's anthropic 0.34.2 counted.
    static let counted: [(text: String, tokens: Int)] = []

    @Test("nothing costs nothing, and any byte costs something", arguments: 0...255)
    func everyByte(_ byte: Int) {
        #expect(TokenEstimate.tokens(in: "") == 0)
        let count = TokenEstimate.tokens(in: Array(repeating: UInt8(byte), count: 1000) + [0x61])
        #expect((1...4000).contains(count))
    }

    @Test("a string and its bytes cost the same")
    func bytes() {
        let text = "Kein Wort zuviel: „Straße“, naïve 漢字 🙂\n\tlet value = JSONValue(0x3f9ab2)\n"
        #expect(TokenEstimate.tokens(in: text) == TokenEstimate.tokens(in: Array(text.utf8)[...]))
    }

    @Test("estimates of files, for make tokens", .enabled(if: getenv("GIT_WF_TOKEN_FILES") != nil))
    func files() throws {
        let list = getenv("GIT_WF_TOKEN_FILES").map { String(cString: $0) } ?? ""
        var lines = ""
        for path in String(decoding: try Files.read(FilePath(list)), as: UTF8.self).split(separator: "\n") {
            lines += "\(TokenEstimate.tokens(in: try Files.read(FilePath(String(path)))))\t\(path)\n"
        }
        try Files.write(Array(lines.utf8), to: FilePath(list + ".estimates"))
    }
}
