/// A name of which a noun is the end, and the value that it is given: `DB_PASSWORD=…`, `"apiKey": "…"`,
/// `<password>…</password>`, `define('AUTH_KEY', '…')`, `--token …`.
struct SecretAssignment {
    private let text: UnsafeRawBufferPointer
    private let name: Range<Int>
    /// Where the value stands, without its quotes.
    let value: Range<Int>

    /// How long a name, and a value, may be.
    private static let reach = 600

    /// What ends a value without quotes.
    private static let ends = Array("\"'`,;<>(){}[]\\|&".utf8)

    /// - Parameter noun: where the end of the name was found.
    /// - Returns: `nil` where it is the end of no name, or the name is given nothing that is written out.
    init?(_ text: UnsafeRawBufferPointer, noun: Range<Int>) {
        self.text = text
        func byte(_ place: Int) -> UInt8 { place >= 0 && place < text.count ? text[place] : 0 }
        func skip(_ place: inout Int, _ kinds: ByteKinds) {
            while kinds.has(byte(place)) { place += 1 }
        }
        /// Quotes inside of a text that is quoted itself have a backslash in front.
        func skipQuote(_ place: inout Int) -> UInt8? {
            let quote = byte(place) == Byte.backslash ? place + 1 : place
            guard ByteKinds.quote.has(byte(quote)) else { return nil }
            place = quote + 1
            return byte(quote)
        }

        var place = noun.upperBound
        skip(&place, .urlSafe)
        guard Self.mayFollowNoun(text[noun.upperBound..<place]) else { return nil }
        var start = noun.lowerBound
        while ByteKinds.urlSafe.has(byte(start - 1)), noun.upperBound - start < 60 { start -= 1 }
        name = start..<noun.upperBound

        let isQuoted = skipQuote(&place) != nil
        let isOption = byte(start) == Byte.dash && byte(start + 1) == Byte.dash && ByteKinds.blank.has(byte(place))
        skip(&place, .blank)
        // An attribute of XML: `key="Password" value="…"`.
        if isQuoted, place < text.count, text[place...].starts(with: "value=".utf8) { place += 5 }
        switch byte(place) {
        case Byte.equals, Byte.colon:
            place += 1
            // `:=`, `=>`; not a comparison.
            if byte(place) == Byte.equals, byte(place - 1) == Byte.equals { return nil }
            if byte(place) == Byte.equals || byte(place) == UInt8(ascii: ">") { place += 1 }
        case Byte.comma where isQuoted: place += 1
        case UInt8(ascii: ">") where byte(start - 1) == UInt8(ascii: "<"): place += 1
        default: if !isOption { return nil }
        }
        skip(&place, .blank)
        let quote = skipQuote(&place)
        let limit = min(text.count, place + Self.reach)
        var end = place
        while end < limit, text[end] > Byte.space, text[end] < 0x7f, !Self.ends.contains(text[end]) { end += 1 }
        guard end > place, end < limit || end == text.count else { return nil }
        value = place..<end
        if let quote {
            // Words in quotes are none, nor what is put together from several parts.
            if byte(byte(end) == Byte.backslash ? end + 1 : end) != quote { return nil }
        } else if "([{".utf8.contains(byte(end)) {
            return nil
        }
    }

    /// `SECRET_KEY_BASE`, `API_KEY_2`, `TOKEN_PROD`.
    private static func mayFollowNoun(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        if bytes.isEmpty { return true }
        let word = String(decoding: bytes.drop { $0 == Byte.dash || $0 == Byte.underscore }, as: UTF8.self).lowercased()
        return ["base", "prod", "production", "live", "staging", "dev", "value"].contains(word)
            || !word.isEmpty && word.utf8.count <= 2 && word.utf8.allSatisfy(ByteKinds.digit.has)
    }

    /// Whether what has such a name is kept from others.
    var namesSecret: Bool {
        let word = String(decoding: text[name].filter { ByteKinds.alphanumeric.has($0) }, as: UTF8.self).lowercased()
        if Self.known.contains(where: word.contains) { return false }
        guard word.hasSuffix("key") else { return Self.nouns.contains(where: word.hasSuffix) }
        let rest = word.dropLast(3)
        return Self.keys.contains(where: rest.hasSuffix)
    }

    private static let nouns = ["password", "passwd", "passphrase", "pass", "pwd", "secret", "token"]

    /// What kinds of keys are secret.
    private static let keys = [
        "api", "app", "application", "admin", "secret", "private", "preshared", "access", "auth", "encryption",
        "signing",
        "master", "license", "service", "role", "server", "shared", "storage", "session", "jwt", "hmac", "deploy",
        "write", "webhook", "integration", "ingest", "crypt", "aes", "cipher", "security",
    ]

    /// In the names of what everybody may know, or of what is none.
    private static let known = [
        "public", "publish", "anon", "csrf", "xsrf", "nexttoken", "pagetoken", "cursor", "continuation", "synctoken",
        "idempot", "test", "fake", "dummy", "mock", "example", "sample", "placeholder",
    ]
}
