/// One `Key: value` line at the end of a checkpoint's message.
///
/// The format is that of `git interpret-trailers`: a key of ASCII letters, digits and `-`, a colon, a value that may go
/// on in lines that begin with a space.
package struct Trailer: Hashable, Sendable {
    /// As written, for example `Wf-Kind`; see `TrailerKey`.
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// What a reader gets back of this trailer, or `nil` where nothing is written.
    ///
    /// The value becomes one line: each line break and the white space around it is one space, each tab is a space,
    /// white space at both ends goes, and any other control character is shown by its picture (U+2400 and on; U+FFFD
    /// for U+0080 to U+009F). What git does not allow in a key becomes `-`. A value or a key of which nothing is left is
    /// not written: libgit2 would read the next trailer as the value.
    package var normalised: Trailer? {
        let key = Self.legalKey(key)
        let value = PlainText.line(value)
        return key.isEmpty || value.isEmpty ? nil : Trailer(key: key, value: value)
    }

    private static func legalKey(_ key: String) -> String {
        if key.utf8.allSatisfy(isKeyByte) { return key }
        return String(decoding: key.utf8.map { isKeyByte($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    /// git and libgit2 agree on this set, in every locale.
    static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

// MARK: - Writing

extension Trailer {
    /// The columns that a folded line keeps to, so that `git log`, which indents by four, stays inside 80.
    static let lineWidth = 76

    /// Appends this trailer, folded and with its line break; nothing when `normalised` is `nil`.
    func append(to bytes: inout [UInt8]) {
        guard let trailer = normalised else { return }
        bytes.append(contentsOf: trailer.key.utf8)
        bytes.append(UInt8(ascii: ":"))
        var column = trailer.key.utf8.count + 1
        // The first word never goes to a line of its own: libgit2 takes `Key:` and a fold for an empty value.
        var isFirst = true
        trailer.forEachWord { word in
            let width = PlainText.scalarCount(word)
            if !isFirst, column + 1 + width > Self.lineWidth {
                bytes.append(UInt8(ascii: "\n"))
                column = 0
            }
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: word)
            column += 1 + width
            isFirst = false
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The pieces of the value between single spaces. A run of several spaces stays inside its piece, because unfolding
    /// would make one of it.
    private func forEachWord(_ body: (ArraySlice<UInt8>) -> Void) {
        let space = UInt8(ascii: " ")
        let text = Array(value.utf8)
        var start = 0
        for index in text.indices.dropFirst().dropLast()
        where text[index] == space && text[index - 1] != space && text[index + 1] != space {
            body(text[start..<index])
            start = index + 1
        }
        body(text[start...])
    }
}
