internal import Files
internal import HookFiles
internal import SystemPackage

/// A hook as a script with a section of ours in it, which says so in its first line, with a version and a checksum of all that
/// follows: by that one that someone edited is told from one that may be replaced. What stands around the section is others'.
struct HookScript: Equatable {
    /// The section, and what became of it.
    enum Section: Equatable {
        case missing
        case whole
        /// Changed by someone since, or cut short.
        case edited
    }

    private static let shell = Array("#!/bin/sh\n".utf8)
    private static let beginning = Array("# >>> git-wf hook ".utf8)
    private static let end = Array("# <<< git-wf hook <<<\n".utf8)
    private static let newline = UInt8(ascii: "\n")

    private let above: ArraySlice<UInt8>
    private let text: ArraySlice<UInt8>
    private let below: ArraySlice<UInt8>
    let section: Section

    private init(above: ArraySlice<UInt8>, text: ArraySlice<UInt8>, below: ArraySlice<UInt8>, section: Section) {
        (self.above, self.text, self.below, self.section) = (above, text, below, section)
    }

    /// A hook with nothing but our section.
    init(hook name: String, binary: FilePath) {
        let text = Self.text(hook: name, binary: binary.bytes)
        self.init(above: Self.shell[...], text: text[...], below: [], section: .whole)
    }

    /// - Parameter bytes: of a file.
    init(_ bytes: [UInt8]) {
        guard let start = Self.line(beginningWith: Self.beginning, in: bytes[...]) else {
            self.init(above: bytes[...], text: [], below: [], section: .missing)
            return
        }
        guard let last = Self.line(beginningWith: Self.end, in: bytes[start...]) else {
            self.init(above: bytes[..<start], text: bytes[start...], below: [], section: .edited)
            return
        }
        let text = bytes[start..<(last + Self.end.count)]
        let header = text.prefix { $0 != Self.newline }.split(separator: UInt8(ascii: " "))
        let isWhole = header.count == 7 && header[5].elementsEqual(Self.fingerprint(of: Self.body(of: text)).utf8)
        self.init(
            above: bytes[..<start], text: text, below: bytes[text.endIndex...], section: isWhole ? .whole : .edited)
    }

    var bytes: [UInt8] { Array(above + text + below) }

    /// Without our section; `nil` where nobody else has anything in the file.
    var others: [UInt8]? {
        let rest = Array(above + below)
        let isBlank = below.allSatisfy { $0 == Self.newline || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return (above == Self.shell[...] || above.isEmpty) && isBlank ? nil : rest
    }

    /// With a new section in the place of the old one.
    func with(hook name: String, binary: FilePath) -> HookScript {
        HookScript(above: above, text: Self.text(hook: name, binary: binary.bytes)[...], below: below, section: .whole)
    }

    /// With a section that runs only the hook that was there before.
    func withoutCall(hook name: String) -> HookScript {
        HookScript(above: above, text: Self.text(hook: name, binary: [])[...], below: below, section: .whole)
    }

    /// Whether the section calls git-wf.
    func calls(hook name: String) -> Bool { section != .missing && text != Self.text(hook: name, binary: [])[...] }

    private static func text(hook name: String, binary: [UInt8]) -> [UInt8] {
        let script = filled(
            HookFiles.gitHook[...], [("@HOOK@", Array(name.utf8)), ("@BINARY@", quoted(binary))])
        let rest = body(of: script[...])
        return filled(script[..<rest.startIndex], [("@CHECKSUM@", Array(fingerprint(of: rest).utf8))]) + rest
    }

    /// A text with words in the place of marks. (`replacing(_:with:)` of the standard library takes a hundred times as long, and
    /// ``status`` asks for the text of each hook.)
    private static func filled(_ text: ArraySlice<UInt8>, _ words: [(mark: String, word: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let mark = rest.firstIndex(of: UInt8(ascii: "@")) {
            result += rest[..<mark]
            rest = rest[mark...]
            if let found = words.first(where: { rest.starts(with: $0.mark.utf8) }) {
                result += found.word
                rest = rest.dropFirst(found.mark.utf8.count)
            } else {
                result.append(UInt8(ascii: "@"))
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    /// All behind the first line.
    private static func body(of section: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        section.drop { $0 != newline }.dropFirst()
    }

    /// Where the first line is that begins so.
    private static func line(beginningWith text: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if bytes[start...].starts(with: text) { return start }
            guard let end = bytes[start...].firstIndex(of: newline) else { return nil }
            start = end + 1
        }
        return nil
    }

    /// For a POSIX shell: between single quotes, nothing but the single quote itself has a meaning.
    private static func quoted(_ word: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        return [quote] + word.flatMap { $0 == quote ? Array(#"'\''"#.utf8) : [$0] } + [quote]
    }

    /// FNV-1a in 64 bits: it tells an edit from none, and guards against nobody.
    private static func fingerprint(of bytes: ArraySlice<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
