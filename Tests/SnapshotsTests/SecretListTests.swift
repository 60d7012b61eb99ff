import GitValues
import Snapshots
import TestSupport
import Testing

/// Draws what stands in a file at random, so that no source of ours holds what looks like a live secret.
struct SecretDraw {
    static let small = "abcdefghijklmnopqrstuvwxyz"
    static let letters = small + small.uppercased() + "0123456789"
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func of(_ alphabet: String, _ count: Int) -> String {
        String((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? "x" })
    }

    mutating func letters(_ count: Int) -> String { of(Self.letters, count) }
    mutating func hex(_ count: Int) -> String { of("0123456789abcdef", count) }
    mutating func upper(_ count: Int) -> String { of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count) }
    mutating func digits(_ count: Int) -> String { of("123456789", count) }
    mutating func urlSafe(_ count: Int) -> String { of(Self.letters + "_-", count) }
    mutating func base64(_ count: Int) -> String { of(Self.letters + "+/", count) }
    mutating func uuid() -> String { [8, 4, 4, 4, 12].map { hex($0) }.joined(separator: "-") }

    /// A block in PEM.
    mutating func pem(_ kind: String, lines: Int = 4, separator: String = "\n") -> String {
        (["-----BEGIN \(kind)-----"] + (0..<lines).map { _ in base64(64) } + ["-----END \(kind)-----"])
            .joined(separator: separator) + separator
    }

    /// A JSON Web Token with these claims.
    mutating func webToken(_ claims: String) -> String {
        func part(_ text: String) -> String { Base64.text(Array(text.utf8)) }
        return [part(#"{"alg":"HS256","typ":"JWT"}"#), part(claims), urlSafe(43)].joined(separator: ".")
    }
}

/// Base64 for URLs, without padding.
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array((SecretDraw.small.uppercased() + SecretDraw.small + "0123456789-_").utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0...group.count { result.append(digits[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// A file that somebody has not committed.
struct SecretCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let path: String
    let content: @Sendable (inout SecretDraw) -> [UInt8]

    init(_ name: String, _ path: String, _ text: @escaping @Sendable (inout SecretDraw) -> String) {
        self.init(name, path, bytes: { Array(text(&$0).utf8) })
    }

    init(_ name: String, _ path: String, bytes: @escaping @Sendable (inout SecretDraw) -> [UInt8]) {
        testDescription = name
        self.path = path
        content = bytes
    }

    func reason(seed: UInt64) -> String? {
        // Each its own numbers, or what one draws by chance all draw.
        var draw = SecretDraw(
            seed: testDescription.utf8.reduce(seed &* 0x9E37_79B9) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        return content(&draw).withUnsafeBytes { SecretRules.reason(path: RepositoryPath(path), content: $0) }
    }
}

@Suite("Sixty secrets and sixty look-alikes")
struct SecretListTests {
    @Test("of sixty secrets as they stand in files in 2026, at least 56 are left out", arguments: testSeeds(count: 20))
    func secrets(seed: UInt64) {
        #expect(SecretCase.secrets.count == 60)
        let missed = SecretCase.secrets.filter { $0.reason(seed: seed) == nil }.map(\.testDescription)
        #expect(missed.count <= 4, "seed \(seed): \(missed)")
    }

    @Test("of sixty harmless files that look like secrets, all are taken", arguments: testSeeds(count: 20))
    func harmless(seed: UInt64) {
        #expect(SecretCase.harmless.count == 60)
        for file in SecretCase.harmless {
            let reason = file.reason(seed: seed)
            #expect(reason == nil, "seed \(seed): \(file.testDescription)")
        }
    }
}
