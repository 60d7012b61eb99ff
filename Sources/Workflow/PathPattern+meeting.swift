extension PathPattern {
    /// Whether there is a path that both may change, as ``covers(_:)`` has it. Globs are compared with each other, whatever files there are.
    package func meets(_ other: PathPattern) -> Bool {
        PatternPart.meet(parts[...], other.parts[...])
    }

    /// The pattern from the top, part by part. One that may be a directory has everything below it.
    private var parts: [PatternPart] {
        if text == "." || text == "./" { return [.any] }
        var bytes = Array(text.utf8)[...]
        let isTied = bytes.first == UInt8(ascii: "/")
        if isTied { bytes.removeFirst() }
        let isDirectory = bytes.last == UInt8(ascii: "/")
        let isGlob = isGlob
        var parts = bytes.split(separator: UInt8(ascii: "/")).map { part in
            isGlob && part.elementsEqual("**".utf8) ? PatternPart.any : .one(PatternByte.list(part, isGlob: isGlob))
        }
        if isGlob, !isTied, parts.count == 1 { parts.insert(.any, at: 0) }
        if isDirectory || isGlob && parts.last == .any {
            // Everything inside, not the directory itself.
            parts += [.one([.run]), .any]
        } else if !isGlob {
            parts.append(.any)
        }
        return parts
    }
}

/// One part of a pattern, between slashes.
private enum PatternPart: Equatable {
    /// `**`: any number of parts, or none.
    case any
    case one([PatternByte])

    /// Whether two lists of parts have a path in common.
    static func meet(_ left: ArraySlice<PatternPart>, _ right: ArraySlice<PatternPart>) -> Bool {
        var known: [Place: Bool] = [:]
        return meet(left, right, &known)
    }

    private struct Place: Hashable {
        let left: Int
        let right: Int
    }

    private static func meet(
        _ left: ArraySlice<PatternPart>, _ right: ArraySlice<PatternPart>, _ known: inout [Place: Bool]
    ) -> Bool {
        let place = Place(left: left.startIndex, right: right.startIndex)
        if let answer = known[place] { return answer }
        let answer: Bool
        switch (left.first, right.first) {
        case (nil, nil): answer = true
        case (.any, _):
            answer =
                meet(left.dropFirst(), right, &known) || !right.isEmpty && meet(left, right.dropFirst(), &known)
        case (_, .any):
            answer = meet(left, right.dropFirst(), &known) || !left.isEmpty && meet(left.dropFirst(), right, &known)
        case (.one(let first), .one(let second)):
            answer = PatternByte.meet(first[...], second[...]) && meet(left.dropFirst(), right.dropFirst(), &known)
        case (nil, _), (_, nil): answer = false
        }
        known[place] = answer
        return answer
    }
}

/// One byte of a part, or a run of any.
private enum PatternByte: Equatable {
    /// `*`
    case run
    /// Any of these.
    case among(ByteSet)

    /// - Parameter isGlob: whether its wildcards are any.
    static func list(_ part: ArraySlice<UInt8>, isGlob: Bool) -> [PatternByte] {
        if !isGlob { return part.map { .among(ByteSet($0...$0)) } }
        var list: [PatternByte] = []
        var rest = part
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): list.append(.run)
            case UInt8(ascii: "?"): list.append(.among(.all))
            case UInt8(ascii: "\\"):
                list.append(.among(rest.popFirst().map { ByteSet($0...$0) } ?? ByteSet(byte...byte)))
            case UInt8(ascii: "["):
                // One that nothing closes is a bracket.
                let members = (0...255).map { UInt8($0) }.filter { PathPattern.member($0, of: rest) == true }
                if let end = PathPattern.end(ofSet: rest) {
                    list.append(.among(ByteSet(members)))
                    rest = rest[end...]
                } else {
                    list.append(.among(ByteSet(byte...byte)))
                }
            default: list.append(.among(ByteSet(byte...byte)))
            }
        }
        return list
    }

    /// Whether two parts have a name in common.
    static func meet(_ left: ArraySlice<PatternByte>, _ right: ArraySlice<PatternByte>) -> Bool {
        // One row of what the rest of `left` from a place on has in common with the rest of `right`.
        let (left, right) = (Array(left), Array(right))
        var row = [Bool](repeating: false, count: right.count + 1)
        row[right.count] = true
        for place in stride(from: right.count - 1, through: 0, by: -1) {
            row[place] = right[place] == .run && row[place + 1]
        }
        for first in left.reversed() {
            var new = [Bool](repeating: false, count: right.count + 1)
            new[right.count] = first == .run && row[right.count]
            for place in stride(from: right.count - 1, through: 0, by: -1) {
                switch (first, right[place]) {
                case (.run, _): new[place] = row[place] || new[place + 1]
                case (_, .run): new[place] = new[place + 1] || row[place]
                case (.among(let one), .among(let other)): new[place] = row[place + 1] && one.meets(other)
                }
            }
            row = new
        }
        return row[0]
    }
}

/// Some of the 256 bytes.
private struct ByteSet: Equatable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static let all = ByteSet(0...255)

    init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    init(_ bytes: [UInt8]) { for byte in bytes { insert(byte) } }

    private mutating func insert(_ byte: UInt8) {
        let bit = UInt64(1) << (UInt64(byte) % 64)
        switch byte / 64 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    func meets(_ other: ByteSet) -> Bool {
        words.0 & other.words.0 | words.1 & other.words.1 | words.2 & other.words.2 | words.3 & other.words.3 != 0
    }

    static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }
}
