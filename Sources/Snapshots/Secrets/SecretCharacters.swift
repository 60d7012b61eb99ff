/// Characters that may be a secret: tells those that a machine drew at random from those that a person wrote.
struct SecretCharacters {
    private let bytes: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) {
        bytes = UnsafeRawBufferPointer(rebasing: text[range])
    }

    /// Whether they are those of a token, whose form is known: nobody made them up.
    var isToken: Bool { isVaried && kinds >= 2 && !isRepeated }

    /// Whether they are a secret by themselves, given to a name that says so: at least 16, drawn at random. Identifiers,
    /// paths, versions, dates, hashes with their kind in front and UUIDs are none.
    var isDrawn: Bool {
        guard bytes.count >= (kinds == 3 ? 16 : 20), isToken, !isReference, !isUUID else { return false }
        guard bytes.contains(where: { ByteKinds.digit.has($0) }) || bytes.count >= 32 else { return false }
        let signs = bytes.count { ByteKinds([.dot, .dash, .slash, .underscore]).has($0) || $0 == Byte.colon }
        // The payload and the signature of a token in parts.
        return signs <= max(2, bytes.count / 5) && 2 * lettersInWords < bytes.count
    }

    /// Whether somebody wrote a password there, and neither a word in its place nor where it is to be found.
    var isWritten: Bool {
        bytes.count >= 4 && !isReference && !isPlaceholder && !isUUID
            && (bytes.count >= 8 || bytes.contains { ByteKinds.digit.has($0) })
            && !bytes.allSatisfy { $0 == bytes[0] }
    }

    /// Whether it is the password of an address on another machine: not what stands there in documents.
    var isPassword: Bool { bytes.count >= 6 && !isReference && !isPlaceholder && !isRepeated && kinds >= 2 }

    // MARK: What a person writes

    /// Whether nobody made them up.
    var isVaried: Bool { hasVariety && !isPlaceholder }

    /// Whether there are at least 8 different characters, and no 6 that follow each other: `xxxx…`, `1234567890`.
    private var hasVariety: Bool {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var ascending = 0
        for (index, byte) in bytes.enumerated() {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
            ascending = index > 0 && byte == bytes[index - 1] &+ 1 ? ascending + 1 : 0
            if ascending == 5 { return false }
        }
        return low.nonzeroBitCount + high.nonzeroBitCount >= 8
    }

    /// How many of small letters, capital ones and digits there are: words of people are of one.
    private var kinds: Int {
        [ByteKinds.lower, .upper, .digit].count { kind in bytes.contains { kind.has($0) } }
    }

    /// What stands where a secret is to be put.
    private static let blanks = [
        "example", "your", "xxxx", "placeholder", "redacted", "changeme", "change-me", "change_me", "insert", "replace",
        "****", "....",
    ].map { Array($0.utf8) }

    /// What people make up. A random token has one of these by a chance of one in a few thousand.
    private static let inventions = [
        "dummy", "fake", "test", "sample", "mock", "foobar", "secret", "password", "token", "demo", "1234", "abcd",
        "deadbeef", "cafebabe", "not-a-", "notreal", "guest", "postgres",
    ].map { Array($0.utf8) }

    /// Whether somebody is asked to put a secret there.
    var isLeftOpen: Bool { holds(anyOf: Self.blanks) }

    private var isPlaceholder: Bool { isLeftOpen || holds(anyOf: Self.inventions) }

    private func holds(anyOf words: [[UInt8]]) -> Bool {
        bytes.indices.contains { start in
            let first = Self.lowered(bytes[start])
            return words.contains { word in
                word[0] == first && start + word.count <= bytes.count
                    && word.indices.allSatisfy { Self.lowered(bytes[start + $0]) == word[$0] }
            }
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { ByteKinds.upper.has(byte) ? byte | 0x20 : byte }

    /// Whether the same characters come again and again.
    private var isRepeated: Bool {
        bytes.count >= 2
            && (1...max(1, min(32, bytes.count / 2))).contains { period in
                bytes.indices.dropFirst(period).allSatisfy { bytes[$0] == bytes[$0 - period] }
            }
    }

    /// Whether it says where the value is, or what was made of it: `${NAME}`, `op://…`, `ENC[…]`, `sha256-…`, a file.
    private var isReference: Bool {
        guard let first = bytes.first else { return true }
        if "$<{[%*#@&!|>.,;(/~".utf8.contains(first) { return true }
        let starts = [
            "ENC[", "op:", "vault:", "ref+", "arn:", "ssm:", "file:", "sha1", "sha2", "sha3", "sha5", "md5", "null",
            "true", "false", "process.", "os.", "env",
        ]
        if starts.contains(where: { bytes.starts(with: $0.utf8) }) { return true }
        return bytes.firstRange(of: "://") != nil || bytes.firstRange(of: "${") != nil
    }

    private var isUUID: Bool {
        bytes.count == 36
            && bytes.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index) ? byte == Byte.dash : ByteKinds.lowerHex.has(byte | 0x20)
            }
    }

    /// How many letters stand in what looks like words: runs of at least four of one case, that can be pronounced.
    private var lettersInWords: Int {
        var count = 0
        var start = 0
        while start < bytes.count {
            let kind: ByteKinds = ByteKinds.lower.has(bytes[start]) ? .lower : .upper
            let end = bytes[start...].firstIndex { !kind.has($0) } ?? bytes.count
            if end - start >= 4, Self.isPronounceable(bytes[start..<end]) { count += end - start }
            start = max(end, start + 1)
        }
        return count
    }

    /// Whether no four consonants stand beside each other, nor four vowels.
    private static func isPronounceable(_ word: Slice<UnsafeRawBufferPointer>) -> Bool {
        var wasVowel: Bool?
        var length = 0
        for byte in word {
            let isVowel = "aeiouy".utf8.contains(byte | 0x20)
            length = isVowel == wasVowel ? length + 1 : 1
            if length == 4 { return false }
            wasVowel = isVowel
        }
        return true
    }
}
