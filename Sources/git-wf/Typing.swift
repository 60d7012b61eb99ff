import Files

/// The arguments as they were typed, bytes, beside the texts that stand for them: the parser knows only texts, in which what is
/// not UTF-8 is repaired, and two file names may have the same then.
struct Typing: Sendable {
    /// One for each argument, no two the same unless the bytes are.
    private(set) var texts: [String] = []
    /// Of those that are not UTF-8, and of the parts of them that the parser may hand on.
    private var bytes: [String: [UInt8]] = [:]

    init(_ words: [[UInt8]]) {
        let valid = Set(words.compactMap { String(validating: $0, as: UTF8.self) })
        for word in words {
            var text = String(decoding: word, as: UTF8.self)
            if String(validating: word, as: UTF8.self) == nil {
                while valid.contains(text) || bytes[text].map({ $0 != word }) ?? false { text += "\u{FFFD}" }
                bytes[text] = word
                // `--option=value`
                if word.first == UInt8(ascii: "-"), let equals = word.firstIndex(of: UInt8(ascii: "=")) {
                    bytes[String(text.drop { $0 != "=" }.dropFirst())] = Array(word[(equals + 1)...])
                }
            }
            texts.append(text)
        }
    }

    /// The path that a text stands for.
    func path(_ text: String) -> TypedPath { bytes[text].map { TypedPath(bytes: $0) } ?? TypedPath(text) }
}
