extension CheckpointMessage {
    /// Reads a message, whoever wrote it: nothing fails, what is not UTF-8 becomes U+FFFD, and the time taken follows the
    /// length. What `encoded()` wrote comes back as `normalised`.
    package init(parsing bytes: [UInt8]) {
        self = bytes.withUnsafeBufferPointer { CheckpointMessage(parsing: $0) }
    }

    /// As `init(parsing:)` of an array, for bytes that a library lends.
    package init(parsing bytes: UnsafeBufferPointer<UInt8>) {
        let parts = MessageParts(bytes)
        self.init(
            subject: PlainText.line(parts.subject),
            body: PlainText.lines(String(decoding: MessageLine.unescaped(parts.body), as: UTF8.self)),
            trailers: parts.trailers)
    }
}

extension CheckpointMessage {
    /// As ``init(parsing:)``, for whoever folds many: without the body, and without the trailers of
    /// ``TrailerKey/stateless``.
    init(folding bytes: UnsafeBufferPointer<UInt8>) {
        let parts = MessageParts(bytes, omitting: TrailerKey.stateless)
        self.init(subject: PlainText.line(parts.subject), trailers: parts.trailers)
    }
}

/// Where the parts of a message are.
///
/// As in git, a blank line is one of white space only, and the first paragraph is never trailers. Stricter than git, every
/// line of the last paragraph must be a trailer or go one on: git would also take a paragraph a quarter of which is.
private struct MessageParts {
    typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    let subject: Bytes
    let body: Bytes
    let trailers: [Trailer]

    /// - Parameter omitted: keys whose trailers are left out.
    init(_ message: UnsafeBufferPointer<UInt8>, omitting omitted: [StaticString] = []) {
        let text = Self.withoutBlankEnd(message[...])
        var start = text.startIndex
        while start < text.endIndex, Self.isBlank(Self.line(of: text, at: start)) {
            start = Self.line(of: text, at: start).endIndex + 1
        }
        var end = start
        while end < text.endIndex, !Self.isBlank(Self.line(of: text, at: end)) {
            end = min(Self.line(of: text, at: end).endIndex + 1, text.endIndex)
        }
        subject = text[start..<end]
        let rest = text[end...]
        let block = Self.lastParagraph(of: rest)
        if let trailers = Self.trailers(of: block, omitting: omitted) {
            self.trailers = trailers
            body = rest[..<block.startIndex]
        } else {
            trailers = []
            body = rest
        }
    }

    private static func withoutBlankEnd(_ bytes: Bytes) -> Bytes {
        guard let last = bytes.lastIndex(where: { !PlainText.isSpace($0) }) else { return bytes.prefix(0) }
        return bytes[...last]
    }

    private static func isBlank(_ line: Bytes) -> Bool { line.allSatisfy(PlainText.isSpace) }

    private static func line(of bytes: Bytes, at start: Int) -> Bytes {
        bytes[start..<(bytes[start...].firstIndex(of: PlainText.newline) ?? bytes.endIndex)]
    }

    /// The lines behind the last blank one, in bytes that do not end in blank lines.
    private static func lastParagraph(of bytes: Bytes) -> Bytes {
        var start = bytes.endIndex
        while start > bytes.startIndex {
            let end = start == bytes.endIndex ? start : start - 1
            let before = bytes[..<end].lastIndex(of: PlainText.newline).map { $0 + 1 } ?? bytes.startIndex
            if isBlank(bytes[before..<end]) { break }
            start = before
        }
        return bytes[start...]
    }

    /// The trailers that a paragraph consists of, or `nil` where it has any other line.
    private static func trailers(of block: Bytes, omitting omitted: [StaticString]) -> [Trailer]? {
        var trailers: [Trailer] = []
        var start = block.startIndex
        while start < block.endIndex {
            let first = line(of: block, at: start)
            guard let colon = separator(of: first) else { return nil }
            var end = first.endIndex
            while end + 1 < block.endIndex, PlainText.isSpace(block[end + 1]) {
                end = line(of: block, at: end + 1).endIndex
            }
            let key = first[..<colon].prefix(while: Trailer.isKeyByte)
            if !omitted.contains(where: { isSame(key, $0) }) {
                let value = PlainText.line(block[(colon + 1)..<end])
                if !value.isEmpty { trailers.append(Trailer(key: String(decoding: key, as: UTF8.self), value: value)) }
            }
            start = min(end + 1, block.endIndex)
        }
        return trailers
    }

    private static func isSame(_ key: Bytes, _ word: StaticString) -> Bool {
        key.count == word.utf8CodeUnitCount
            && key.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// The place of the colon behind a key, as git looks for it: white space may stand between.
    private static func separator(of line: Bytes) -> Int? {
        guard let end = line.firstIndex(where: { !Trailer.isKeyByte($0) }), end > line.startIndex,
            let colon = line[end...].firstIndex(where: { $0 != PlainText.space && $0 != UInt8(ascii: "\t") }),
            line[colon] == UInt8(ascii: ":")
        else { return nil }
        return colon
    }
}
