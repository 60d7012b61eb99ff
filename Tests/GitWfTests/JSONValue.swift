import FoundationEssentials
import TestSupport

/// A JSON document of any form, so that a test sees the keys as a script sees them.
enum JSONValue: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The one document that a command printed.
    init(_ output: Output) throws {
        do {
            self = try JSONDecoder().decode(JSONValue.self, from: Data(output.stdout))
        } catch {
            throw TestFailure("not one JSON document: \(output.text) \(output.errorText)")
        }
    }

    subscript(_ key: String) -> JSONValue? { if case .object(let values) = self { values[key] } else { nil } }
    subscript(_ index: Int) -> JSONValue? { list.indices.contains(index) ? list[index] : nil }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
    /// The elements of an array; none of anything else.
    var list: [JSONValue] { if case .array(let list) = self { list } else { [] } }
    var keys: Set<String> { if case .object(let values) = self { Set(values.keys) } else { [] } }

    /// Without some of its keys.
    func without(_ keys: String...) -> JSONValue {
        guard case .object(let values) = self else { return self }
        return .object(values.filter { !keys.contains($0.key) })
    }

    /// The text of one key of each element.
    func texts(_ key: String) -> [String] { list.map { $0[key]?.text ?? "" } }
}
