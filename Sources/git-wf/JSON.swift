import FoundationEssentials
import GitValues

extension JSONEncoder {
    /// On one line: the reader is a program, or an agent that pays for white space.
    fileprivate static func forAnswers() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    fileprivate func text(of value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self).escapingHarmful
    }
}

/// A JSON document of one list, printed as its elements are found: what ``JSONDocument`` prints of the whole.
struct JSONListDocument {
    private let key: String
    private let encoder = JSONEncoder.forAnswers()
    private var isEmpty = true

    /// - Parameter key: the list's, before "schema" in the order of the alphabet.
    init(key: String) { self.key = key }

    mutating func add(_ element: some Encodable) throws {
        try Terminal.standard.answer(piece: (isEmpty ? beginning : ",") + encoder.text(of: element))
        isEmpty = false
    }

    func finish() throws { try Terminal.standard.answer(piece: (isEmpty ? beginning : "") + "],\"schema\":1}\n") }

    private var beginning: String { "{\"\(key)\":[" }
}

/// The answer of a command as one JSON document: the keys of `answer`, and the version of the schema.
struct JSONDocument<Answer: Encodable>: Encodable {
    let answer: Answer

    private enum Keys: String, CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(1, forKey: .schema)
        try answer.encode(to: encoder)
    }

    /// Prints the document.
    static func print(_ answer: Answer) throws {
        Terminal.standard.answer(try JSONEncoder.forAnswers().text(of: JSONDocument(answer: answer)))
    }
}

/// A time as JSON has it: ISO 8601 with the offset that was recorded.
struct JSONTime: Encodable {
    let time: Timestamp

    init(_ time: Timestamp) { self.time = time }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(time.iso8601)
    }
}
