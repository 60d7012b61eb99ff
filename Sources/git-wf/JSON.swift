import FoundationEssentials
import Git

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
        let encoder = JSONEncoder()
        // On one line: the reader is a program, or an agent that pays for white space.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(JSONDocument(answer: answer))
        Terminal.standard.answer(String(decoding: data, as: UTF8.self).escapingHarmful)
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
