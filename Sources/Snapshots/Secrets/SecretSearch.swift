/// Searches a text for any of ``SecretToken/all``.
///
/// Most files hold none, so what counts is how fast a text is passed over. Of each two neighbouring bytes, at even places,
/// a table says whether a token's prefix may have them. The prefix has one such pair wherever it begins, at an even place
/// or at an odd one, so no token is missed though every second pair is looked at; and of the pairs that it has, the one is
/// taken that is rarest in texts:
///
///     …t o k e n = g h p _ 1 6 C 7 …          "p_" is looked at where "ghp_" begins at an even place,
///     …|· ·|· ·|· ·|g h|p _|1 6|…              "hp" where it begins at an odd one
///
/// Only where the table says so is the prefix compared, and what follows it looked at.
struct SecretSearch: Sendable {
    /// One way in which a pair may stand in a prefix.
    private struct Candidate: Sendable {
        let token: Int
        /// Where the pair is in the prefix.
        let offset: Int
        /// The first bytes of the prefix, four where it has as many, to compare them at once.
        let head: UInt32
        let mask: UInt32
    }

    private let tokens: [SecretToken]
    /// For each pair, 0 where no prefix has it, else the number of its candidates, counted from 1.
    private let table: [UInt8]
    /// The candidates of one number after the other; flat, so that threads which read them share no count of references.
    private let candidates: [Candidate]
    /// Where the candidates of each number end.
    private let ends: [Int]

    static let known = SecretSearch(SecretToken.all)

    init(_ tokens: [SecretToken]) {
        self.tokens = tokens
        var table = [UInt8](repeating: 0, count: 1 << 16)
        var lists: [[Candidate]] = []
        for (number, token) in tokens.enumerated() {
            let prefix = token.prefix
            var head: UInt32 = 0
            for (index, byte) in prefix.prefix(4).enumerated() { head |= UInt32(byte) << UInt32(8 * index) }
            for parity in 0...1 {
                let offsets = stride(from: parity, to: prefix.count - 1, by: 2)
                guard
                    let offset = offsets.min(by: {
                        Self.frequency(prefix[$0], prefix[$0 + 1]) < Self.frequency(prefix[$1], prefix[$1 + 1])
                    })
                else { continue }
                let pair = Int(prefix[offset]) | Int(prefix[offset + 1]) << 8
                if table[pair] == 0 {
                    lists.append([])
                    table[pair] = UInt8(lists.count)
                }
                lists[Int(table[pair]) - 1].append(
                    Candidate(
                        token: number, offset: offset, head: head, mask: prefix.count < 4 ? 0x00ff_ffff : 0xffff_ffff))
            }
        }
        self.table = table
        candidates = lists.flatMap { $0 }
        var end = 0
        ends =
            [0]
            + lists.map { list in
                end += list.count
                return end
            }
    }

    private static let commonest = Array("etaoinsrhldcum ".utf8)

    /// How often two bytes stand beside each other in texts and code, roughly, on no scale.
    private static func frequency(_ first: UInt8, _ second: UInt8) -> Int {
        func frequency(_ byte: UInt8) -> Int {
            let kind = ByteKinds(of: byte)
            if commonest.contains(byte) { return 8 }
            return kind.isSubset(of: [.digit, .upper]) && !kind.isEmpty ? 2 : 4
        }
        return frequency(first) * frequency(second)
    }

    /// What the first secret in a text is; `nil` where there is none.
    func find(in text: UnsafeRawBufferPointer) -> String? {
        guard text.count >= 8 else { return nil }
        return table.withUnsafeBufferPointer { table in
            /// What the table says of the pair at a place.
            func number(_ place: Int) -> UInt8 {
                table[Int(UInt16(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt16.self)))]
            }
            var place = 0
            while place + 8 <= text.count {
                if number(place) | number(place + 2) | number(place + 4) | number(place + 6) != 0 {
                    for place in stride(from: place, to: place + 8, by: 2) where number(place) != 0 {
                        if let found = secret(number(place), at: place, in: text) { return found }
                    }
                }
                place += 8
            }
            while place + 2 <= text.count {
                if number(place) != 0, let found = secret(number(place), at: place, in: text) { return found }
                place += 2
            }
            return nil
        }
    }

    private func secret(_ number: UInt8, at place: Int, in text: UnsafeRawBufferPointer) -> String? {
        for index in ends[Int(number) - 1]..<ends[Int(number)] {
            let candidate = candidates[index]
            let start = place - candidate.offset
            guard start >= 0, start + 4 <= text.count,
                UInt32(littleEndian: text.loadUnaligned(fromByteOffset: start, as: UInt32.self)) & candidate.mask
                    == candidate.head
            else { continue }
            let token = tokens[candidate.token]
            if SecretPlace(text, start, prefixCount: token.prefix.count).holds(token) { return token.name }
        }
        return nil
    }
}

/// A place in a text where the first bytes of a token's prefix stand.
private struct SecretPlace {
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
        case .privateKey: holdsPrivateKey
        case .puttyKey: start == 0 && text.firstRange(of: "Private-Lines:") != nil
        case .awsKey: isBegun && holdsAWSKey
        case .azureKey:
            // The one that begins so is the same in each installation of Azure's emulator.
            holdsRandom(.base64, 86, isExact: true) && !text[end...].starts(with: "Eby8vdM02xNO".utf8)
        case .openAIKey: holdsOpenAIKey
        case .sendGridKey:
            isBegun && holdsRandom(.urlSafe, 22, isExact: true) && byte(end + 22) == UInt8(ascii: ".")
                && run(.urlSafe, from: end + 23, atMost: 44) == 43
        case .telegramToken: holdsTelegramToken
        }
    }

    /// "-----BEGIN … PRIVATE KEY-----", with a key below it: code and documents that only speak of one have none.
    private var holdsPrivateKey: Bool {
        var rest = text[end...]
        if rest.starts(with: " BLOCK".utf8) { rest = rest.dropFirst(" BLOCK".utf8.count) }
        guard rest.starts(with: "-----".utf8) else { return false }
        var begin = start
        while start - begin < 60, byte(begin - 1) == Byte.space || ByteKinds([.upper, .digit]).has(byte(begin - 1)) {
            begin -= 1
        }
        guard text[begin..<start].starts(with: "BEGIN ".utf8), begin >= 5,
            text[(begin - 5)..<begin].allSatisfy({ $0 == Byte.dash })
        else { return false }
        // In JSON and in the environment its lines are joined, so they are not looked for.
        var count = 0
        var place = rest.startIndex + 5
        let limit = min(text.count, place + Self.reach)
        while place < limit, count < 60 {
            let line = run([.base64, .equals], from: place, atMost: 100)
            if line >= 20, isVaried(place, line) { count += line }
            place += line
            if place + 5 <= text.count, text[place..<(place + 5)].allSatisfy({ $0 == Byte.dash }) { break }
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

    private var holdsOpenAIKey: Bool {
        let before = runBefore(start, of: .urlSafe, atMost: 200)
        return before >= 20 && text[(start - before)...].starts(with: "sk-".utf8)
            && run(.urlSafe, from: end, atMost: 20) == 20
            && isVaried(start - 16, 16) && isVaried(end, 20)
    }

    /// The number of a bot, and 35 characters, of which the first two always are `AA`.
    private var holdsTelegramToken: Bool {
        let digits = runBefore(start, of: .digit, atMost: 11)
        return (8...10).contains(digits) && !ByteKinds.urlSafe.has(byte(start - digits - 1))
            && holdsRandom(.urlSafe, 33, isExact: true)
    }

    // MARK: Characters

    /// Whether a word begins at the prefix. In a text that is quoted in JSON it may stand behind the `n` of a line end.
    private var isBegun: Bool {
        let before = byte(start - 1)
        if !ByteKinds.urlSafe.has(before) { return true }
        return byte(start - 2) == Byte.backslash && "nrt".utf8.contains(before)
    }

    private func holdsRandom(_ kinds: ByteKinds, _ count: Int, isExact: Bool = false) -> Bool {
        let found = run(kinds, from: end, atMost: isExact ? count + 1 : count + 100)
        return (isExact ? found == count : found >= count) && isVaried(end, found) && isMixed(end, found)
    }

    /// Whether no person made the characters up: `xxxx…`, `1234567890`, `EXAMPLE`.
    private func isVaried(_ place: Int, _ count: Int) -> Bool {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var ascending = 0
        for index in place..<(place + count) {
            let byte = byte(index)
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
            ascending = index > place && byte == self.byte(index - 1) &+ 1 ? ascending + 1 : 0
            if ascending == 5 { return false }
            if byte | 0x20 == UInt8(ascii: "e"), index + 7 <= place + count,
                text[index..<(index + 7)].lazy.map({ $0 | 0x20 }).elementsEqual("example".utf8)
            {
                return false
            }
        }
        return low.nonzeroBitCount + high.nonzeroBitCount >= 8
    }

    /// Whether there are two of small letters, capital ones and digits: words of people are of one.
    private func isMixed(_ place: Int, _ count: Int) -> Bool {
        [ByteKinds.lower, .upper, .digit].count { has($0, place, count) } >= 2
    }

    private func has(_ kinds: ByteKinds, _ place: Int, _ count: Int) -> Bool {
        text[place..<(place + count)].contains { kinds.has($0) }
    }

    /// The byte at a place; 0 outside of the text.
    private func byte(_ place: Int) -> UInt8 { place >= 0 && place < text.count ? text[place] : 0 }

    private func run(_ kinds: ByteKinds, from place: Int, atMost limit: Int) -> Int {
        var count = 0
        while count < limit, kinds.has(byte(place + count)) { count += 1 }
        return count
    }

    private func runBefore(_ place: Int, of kinds: ByteKinds, atMost limit: Int) -> Int {
        var count = 0
        while count < limit, kinds.has(byte(place - count - 1)) { count += 1 }
        return count
    }
}
