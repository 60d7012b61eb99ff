import Glibc
import Workflow

/// Whoever read an answer went away, as `head` does: that is no error.
struct ReaderGone: Error {}

/// What a command prints: the answer goes to standard output, in one piece; narration to standard error.
struct Terminal: Sendable {
    /// Whether the answer may have colours.
    let isColoured: Bool
    /// Whether the answer goes to a terminal.
    private let isTerminal: Bool
    /// The columns to fill: the terminal's, else those of `COLUMNS`, else 400: a program that reads what was cut off
    /// would not know that anything is missing.
    let columns: Int

    static let standard = Terminal(environment: Invocation.current.environment, color: Invocation.current.color)

    /// - Parameter color: what `--color` says.
    init(environment: [String: String], color: Bool?) {
        isTerminal = isatty(1) == 1
        let hasNoColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColoured = color ?? (isTerminal && !hasNoColor && environment["TERM"] != "dumb")
        var size = winsize()
        if isTerminal, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            columns = max(20, Int(size.ws_col))
        } else {
            columns = environment["COLUMNS"].flatMap { Int($0) }.map { max(20, $0) } ?? 400
        }
    }

    /// Prints the answer. A reader that went away (`| head`) is no error. What goes into it is made printable piece by
    /// piece, since the escapes of the colours are alive; without colours the whole is looked at once more.
    func answer(_ text: String) {
        let text = isColoured ? text : text.printableLines
        write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", to: 1)
    }

    /// Prints a document to the byte, where it can be no harm: not to a terminal, and without control characters but tabs
    /// and line ends, since what is piped mostly ends on a terminal. `--json` has the bytes of any.
    func answer(document text: String) {
        if !isTerminal, text.isPlain {
            write(text, to: 1)
            return
        }
        // With colours nothing else looks at it.
        answer(text.replacing("\r\n", with: "\n").printableLines)
    }

    /// Prints a file to the byte; on a terminal what can be no harm there.
    func answer(bytes: [UInt8]) {
        if isTerminal { return answer(document: String(decoding: bytes, as: UTF8.self)) }
        _ = bytes.withUnsafeBytes { write($0, to: 1) }
    }

    /// Prints a piece of an answer that is not all there yet.
    /// - Throws: `ReaderGone` where nobody reads it any more, so that nothing more has to be looked for.
    func answer(piece text: String) throws(ReaderGone) {
        if !write(isColoured ? text : text.printableLines, to: 1) { throw ReaderGone() }
    }

    /// Shows something that is asked about, and the question, behind which its answer is typed: where the answer to a command
    /// goes to no terminal, the one who is asked would see nothing of it.
    /// - Returns: `false` where nobody sees the question.
    func ask(_ text: String, about subject: String) -> Bool {
        guard isatty(2) == 1 else { return false }
        if !isTerminal { narrate(subject) }
        write(text.printable, to: 2)
        return true
    }

    /// Prints a line of narration.
    func narrate(_ text: String) { write(text.printableLines + "\n", to: 2) }

    /// - Returns: whether all of it was written.
    @discardableResult
    private func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    // MARK: Colours

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}

extension String {
    /// Text from a repository, harmless on a terminal: control characters are shown as pictures, and so is what nobody sees
    /// or what turns the direction of what follows it.
    var printable: String {
        if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
        let scalars = Array(unicodeScalars)
        if !scalars.indices.contains(where: scalars.isHarmful) { return self }
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            switch scalar.value {
            case 0x0a, 0x09: result.append(" ")
            case 0..<0x20: result.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{fffd}")
            case 0x7f: result.append("\u{2421}")
            default: result.append(scalars.isHarmful(at: index) ? "\u{fffd}" : scalar)
            }
        }
        return String(result)
    }

    /// A JSON document of the same value, harmless on a terminal too: the encoder escapes only the first 32 characters.
    var escapingHarmful: String {
        let scalars = Array(unicodeScalars)
        if !scalars.indices.contains(where: scalars.isHarmful) { return self }
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            guard scalars.isHarmful(at: index) else {
                result.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                result.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            }
        }
        return String(result)
    }

    /// As ``printable``, for text of several lines.
    var printableLines: String {
        if utf8.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a }) { return self }
        // By scalars: of characters, CR LF is one of its own.
        return unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
            .joined(separator: "\n")
    }

    /// Whether there is no control character but tabs and line ends, and nothing hidden. Marks of a direction, which text in
    /// Hebrew or Arabic has, turn nothing; nor does a byte order mark that the text begins with.
    fileprivate var isPlain: Bool {
        let scalars = Array(unicodeScalars)
        var isReturn = false
        for (index, scalar) in scalars.enumerated() {
            if isReturn, scalar != "\n" { return false }
            isReturn = scalar == "\r"
            switch scalar {
            case "\n", "\t", "\r", "\u{200e}", "\u{200f}": continue
            case "\u{feff}" where index == 0: continue
            default: if scalars.isHarmful(at: index) { return false }
            }
        }
        return !isReturn
    }
}

extension [Unicode.Scalar] {
    /// Whether a scalar is a control character, or hidden.
    fileprivate func isHarmful(at index: Int) -> Bool {
        switch self[index].value {
        case 0..<0x20, 0x7f..<0xa0: true
        default: isHidden(at: index)
        }
    }
}
