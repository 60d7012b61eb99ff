/// A place in a text where the first bytes of a token's prefix stand.
struct SecretPlace {
    let text: UnsafeRawBufferPointer
    let start: Int
    /// Where the prefix ends.
    let end: Int

    /// How far around a place a second part is looked for.
    private static let reach = 2000

    init(_ text: UnsafeRawBufferPointer, _ start: Int, prefixCount: Int) {
        self.text = text
        self.start = start
        end = start + prefixCount
    }

    func holds(_ token: SecretToken) -> Bool {
        guard end <= text.count, text[start..<end].elementsEqual(token.prefix) else { return false }
        return switch token.shape {
        case .run(let kinds, let count, let isExact): isBegun && holdsRandom(kinds, count, isExact: isExact)
        case .numbered(let kinds, let count): isBegun && ByteKinds.digit.has(byte(end)) && holdsRandom(kinds, count)
        case .middle(let kinds, let before, let after, let begin):
            holdsMiddle(kinds, before: before, after: after, begin: begin)
        case .assigned(let isWritten): holdsAssigned(isWritten: isWritten)
        case .address: holdsAddress
        case .webToken: holdsWebToken
        case .privateKey: holdsPrivateKey
        case .encodedKey: holdsEncodedKey
        case .puttyKey: start == 0 && text.firstRange(of: "Private-Lines:") != nil
        case .awsKey: isBegun && holdsAWSKey
        case .azureKey:
            // Those that begin so are the same in each installation of Azure's emulators.
            holdsRandom(.base64, 86, isExact: true)
                && !["Eby8vdM02xNO", "C2y6yDjf5/R+"].contains { text[end...].starts(with: $0.utf8) }
        case .sendGridKey:
            isBegun && holdsRandom(.urlSafe, 22, isExact: true) && byte(end + 22) == Byte.dot
                && run(.urlSafe, from: end + 23, atMost: 44) == 43
        case .telegramToken: holdsTelegramToken
        case .discordToken: holdsDiscordToken
        }
    }

    /// "-----BEGIN … PRIVATE KEY-----", with a key below it: code and documents that only speak of one have none. The kind
    /// may be followed by a word ("BLOCK", "V1"), and RFC 4716 has four dashes and a space.
    private var holdsPrivateKey: Bool {
        var rest = text[end...]
        if let word = [" BLOCK", " V1"].first(where: { rest.starts(with: $0.utf8) }) {
            rest = rest.dropFirst(word.utf8.count)
        }
        if rest.first == Byte.space { rest = rest.dropFirst() }
        guard rest.starts(with: "----".utf8) else { return false }
        var begin = start
        while start - begin < 60, byte(begin - 1) == Byte.space || ByteKinds([.upper, .digit]).has(byte(begin - 1)) {
            begin -= 1
        }
        if byte(begin) == Byte.space { begin += 1 }
        let dashes = byte(begin - 1) == Byte.space ? begin - 1 : begin
        guard text[begin..<start].starts(with: "BEGIN ".utf8), dashes >= 4,
            text[(dashes - 4)..<dashes].allSatisfy({ $0 == Byte.dash })
        else { return false }
        // In JSON and in the environment its lines are joined, so they are not looked for.
        var count = 0
        var place = rest.startIndex + 4
        while byte(place) == Byte.dash { place += 1 }
        let limit = min(text.count, place + Self.reach)
        while place < limit, count < 60 {
            let line = run([.base64, .equals], from: place, atMost: 100)
            if line >= 20, isVaried(place, line) { count += line }
            place += line
            if place + 4 <= text.count, text[place..<(place + 4)].allSatisfy({ $0 == Byte.dash }) { break }
            place += 1
        }
        return count >= 60
    }

    /// The identifier of a key is none by itself; the secret that belongs to it stands near it.
    private var holdsAWSKey: Bool {
        guard run([.upper, .digit], from: end, atMost: 17) == 16, isVaried(end, 16) else { return false }
        var place = max(0, start - Self.reach)
        let limit = min(text.count, end + Self.reach)
        while place < limit {
            let count = run(.base64, from: place, atMost: limit - place)
            if count == 40, isVaried(place, 40), has(.lower, place, 40), has(.upper, place, 40) { return true }
            place += count + 1
        }
        return false
    }

    private func holdsMiddle(_ kinds: ByteKinds, before: ClosedRange<Int>, after: Int, begin: String) -> Bool {
        let count = runBefore(start, of: kinds, atMost: before.upperBound + 1)
        guard before.contains(count), text[(start - count)...].starts(with: begin.utf8) else { return false }
        let following = run(kinds, from: end, atMost: after)
        return following == after && isVaried(start - count, end - start + count + following)
            && (after < 20 || isVaried(end, after)) && (count < 16 || isVaried(start - 16, 16))
    }

    /// The number of a bot, and 35 characters, of which the first two always are `AA`.
    private var holdsTelegramToken: Bool {
        let digits = runBefore(start, of: .digit, atMost: 11)
        return (8...10).contains(digits) && !ByteKinds.urlSafe.has(byte(start - digits - 1))
            && holdsRandom(.urlSafe, 33, isExact: true)
    }

    // MARK: Characters

    /// Whether a word begins at the prefix. In a text that is quoted in JSON it may stand behind the `n` of a line end.
    var isBegun: Bool {
        let before = byte(start - 1)
        if !ByteKinds.urlSafe.has(before) { return true }
        return byte(start - 2) == Byte.backslash && "nrt".utf8.contains(before)
    }

    private func holdsRandom(_ kinds: ByteKinds, _ count: Int, isExact: Bool = false) -> Bool {
        let found = run(kinds, from: end, atMost: isExact ? count + 1 : count + 100)
        return (isExact ? found == count : found >= count) && SecretCharacters(text, end..<(end + found)).isToken
    }

    func isVaried(_ place: Int, _ count: Int) -> Bool {
        SecretCharacters(text, place..<(place + count)).isVaried
    }

    private func has(_ kinds: ByteKinds, _ place: Int, _ count: Int) -> Bool {
        text[place..<(place + count)].contains { kinds.has($0) }
    }

    /// The byte at a place; 0 outside of the text.
    func byte(_ place: Int) -> UInt8 { place >= 0 && place < text.count ? text[place] : 0 }

    func run(_ kinds: ByteKinds, from place: Int, atMost limit: Int) -> Int {
        var count = 0
        while count < limit, kinds.has(byte(place + count)) { count += 1 }
        return count
    }

    func runBefore(_ place: Int, of kinds: ByteKinds, atMost limit: Int) -> Int {
        var count = 0
        while count < limit, kinds.has(byte(place - count - 1)) { count += 1 }
        return count
    }
}
