/// Secrets of several parts, or ones that are told by what they are in.
extension SecretPlace {
    /// A value that a machine drew, where a name says that it is a secret; or any that is written out.
    func holdsAssigned(isWritten: Bool) -> Bool {
        guard let assignment = SecretAssignment(text, noun: start..<end) else { return false }
        let value = SecretCharacters(text, assignment.value)
        return (isWritten ? value.isWritten : value.isDrawn) && assignment.namesSecret
    }

    /// `scheme://user:password@host`. What stands there in documents, and in what runs on the same machine, is none.
    var holdsAddress: Bool {
        guard ByteKinds.alphanumeric.has(byte(start - 1)) else { return false }
        func part(from place: Int) -> Range<Int> {
            var end = place
            while end - place < 256, byte(end) > Byte.space, byte(end) < 0x7f,
                !"/@\"'`<>\\()".utf8.contains(byte(end))
            {
                end += 1
            }
            return place..<end
        }
        let login = part(from: end)
        guard byte(login.upperBound) == Byte.at,
            let colon = text[login].firstIndex(of: Byte.colon), colon + 1 < login.upperBound
        else { return false }
        let password = (colon + 1)..<login.upperBound
        let host = String(decoding: text[part(from: login.upperBound + 1)].prefix { $0 != Byte.colon }, as: UTF8.self)
        let user = String(decoding: text[login.lowerBound..<colon], as: UTF8.self).lowercased()
        let characters = SecretCharacters(text, password)
        if host.isEmpty || host.contains("example") || host.contains("your") { return false }
        if characters.isDrawn { return true }
        let isHere =
            !host.contains(".") || host.hasPrefix("127.") || host == "0.0.0.0" || host == "host.docker.internal"
            || host.hasSuffix(".local") || host.hasSuffix(".localhost")
        return characters.isPassword && !isHere && !["user", "username", "usr", "me", "foo"].contains(user)
            && !String(decoding: text[password], as: UTF8.self).lowercased().hasPrefix("pass")
    }

    /// Three parts in base64, of which two are JSON: a header and what is claimed. What Supabase hands to everybody
    /// ("anon"), and those of documents are none.
    var holdsWebToken: Bool {
        let header = run(.urlSafe, from: start, atMost: 2000)
        let payload = start + header + 1
        guard header >= 16, byte(payload - 1) == Byte.dot, text[payload...].starts(with: "eyJ".utf8) else {
            return false
        }
        let count = run(.urlSafe, from: payload, atMost: 8000)
        let signature = payload + count + 1
        guard byte(signature - 1) == Byte.dot else { return false }
        let length = run(.urlSafe, from: signature, atMost: 2000)
        guard length >= 20, isVaried(signature, length) else { return false }
        let claims = String(decoding: decoded(from: payload, count), as: UTF8.self).lowercased()
        return !["\"anon\"", "1234567890", "john doe", "example", "\"test", "\"fake", "\"demo"].contains {
            claims.contains($0)
        }
    }

    /// A private key's lines in base64 once more.
    var holdsEncodedKey: Bool {
        let count = run(.base64, from: start, atMost: 200)
        return count >= 120 && decoded(from: start, 64).withUnsafeBytes { $0.firstRange(of: "PRIVATE KEY") != nil }
    }

    /// The number of a bot in base64, a time, and 27 characters or more; nothing before it says what it is but the call that
    /// it is handed to.
    var holdsDiscordToken: Bool {
        guard ByteKinds.quote.has(byte(end)) else { return false }
        let id = run(.urlSafe, from: end + 1, atMost: 40)
        let time = end + 1 + id + 1
        guard (23...28).contains(id), byte(time - 1) == Byte.dot, run(.urlSafe, from: time, atMost: 8) == 6,
            byte(time + 6) == Byte.dot
        else { return false }
        let rest = run(.urlSafe, from: time + 7, atMost: 60)
        return rest >= 27 && isVaried(time + 7, rest)
    }

    /// What characters of base64, in either alphabet, stand for; up to the first that is none.
    private func decoded(from place: Int, _ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for index in place..<min(text.count, place + count) {
            let digit: UInt8? =
                switch text[index] {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): text[index] - UInt8(ascii: "A")
                case UInt8(ascii: "a")...UInt8(ascii: "z"): text[index] - UInt8(ascii: "a") + 26
                case UInt8(ascii: "0")...UInt8(ascii: "9"): text[index] - UInt8(ascii: "0") + 52
                case UInt8(ascii: "+"), Byte.dash: 62
                case Byte.slash, UInt8(ascii: "_"): 63
                default: nil
                }
            guard let digit else { break }
            bits = bits << 6 | UInt32(digit)
            held += 6
            if held >= 8 {
                held -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> held))
            }
        }
        return result
    }
}
