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
    /// For files whose name says that they hold secrets: any password or token that is written out.
    static let written = SecretSearch(SecretToken.assignments(isWritten: true) + SecretToken.all)
    /// For files that others are to copy and fill in: what is assigned there is made up.
    static let forms = SecretSearch(SecretToken.forms)

    init(_ tokens: [SecretToken]) {
        self.tokens = tokens
        var table = [UInt8](repeating: 0, count: 1 << 16)
        var lists = [[Candidate]](repeating: [], count: 255)
        var pairs = 0
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
                    pairs += 1
                    // More pairs than numbers share them: what is compared is the prefix.
                    table[pair] = UInt8(1 + pairs % lists.count)
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

    /// Which small letters stand beside each other most often, in code and in words.
    private static let commonest = Set(
        ("in re se on th er or te st de at en he le es nt tr it ne et ar el is co an nd ti al ed me ec fi po ry ef ng ex ct ta "
            + "io ro to ep li ur as pe ra ri ns il if ch ha lf un no si na tu").split(separator: " ").map {
                Array($0.utf8)
            })

    /// How often two bytes stand beside each other in texts and code, roughly, on no scale.
    private static func frequency(_ first: UInt8, _ second: UInt8) -> Int {
        if commonest.contains([first, second]) { return 64 }
        return ByteKinds.lower.has(first) && ByteKinds.lower.has(second)
            || [first, second] == [Byte.slash, Byte.slash] ? 16 : 4
    }

    /// What the first secret in a text is, and rather one of a known form than a vague one; `nil`
    /// where there is none.
    func find(in text: UnsafeRawBufferPointer) -> SecretToken? {
        guard text.count >= 8 else { return nil }
        var vague: SecretToken?
        /// Whether the search is over, with what was found.
        func isFound(_ token: SecretToken?) -> Bool {
            guard let token else { return false }
            if token.isVague {
                vague = vague ?? token
                return false
            }
            vague = token
            return true
        }
        table.withUnsafeBufferPointer { table in
            /// What the table says of the pair at a place.
            func number(_ place: Int) -> UInt8 {
                table[Int(UInt16(littleEndian: text.loadUnaligned(fromByteOffset: place, as: UInt16.self)))]
            }
            var place = 0
            while place + 8 <= text.count {
                if number(place) | number(place + 2) | number(place + 4) | number(place + 6) != 0 {
                    for place in stride(from: place, to: place + 8, by: 2) where number(place) != 0 {
                        if isFound(secret(number(place), at: place, in: text)) { return }
                    }
                }
                place += 8
            }
            while place + 2 <= text.count {
                if number(place) != 0, isFound(secret(number(place), at: place, in: text)) { return }
                place += 2
            }
        }
        return vague
    }

    private func secret(_ number: UInt8, at place: Int, in text: UnsafeRawBufferPointer) -> SecretToken? {
        for index in ends[Int(number) - 1]..<ends[Int(number)] {
            let candidate = candidates[index]
            let start = place - candidate.offset
            guard start >= 0, start + 4 <= text.count,
                UInt32(littleEndian: text.loadUnaligned(fromByteOffset: start, as: UInt32.self)) & candidate.mask
                    == candidate.head
            else { continue }
            let token = tokens[candidate.token]
            if SecretPlace(text, start, prefixCount: token.prefix.count).holds(token) { return token }
        }
        return nil
    }
}
