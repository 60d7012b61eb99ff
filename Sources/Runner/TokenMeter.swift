internal import FoundationEssentials

/// Counts the tokens that a coding agent says it used, in what it prints: lines of JSON, as `claude -p --output-format stream-json`, `codex exec --json` and
/// others like them have them. What is no such line says nothing.
struct TokenMeter {
    /// A line that is longer is let go.
    private static let longestLine = 1 << 20

    private var line: [UInt8] = []
    private var isTooLong = false
    /// By message: a reply is told in several lines, each with what it came to so far.
    private var messages: [String: Usage] = [:]
    /// What the whole came to, where that is said.
    private var total: Int?

    private struct Usage: Decodable {
        private var input: Int?
        private var output: Int?
        private var cacheCreation: Int?
        private var cacheRead: Int?

        private enum CodingKeys: String, CodingKey {
            case input = "input_tokens"
            case output = "output_tokens"
            case cacheCreation = "cache_creation_input_tokens"
            case cacheRead = "cache_read_input_tokens"
        }

        var sum: Int {
            [input, output, cacheCreation, cacheRead].compactMap { $0 }
                .reduce(0) { $0.addingReportingOverflow(max(0, $1)).partialValue }
        }

        /// Field by field the larger of both.
        func maximum(_ other: Usage) -> Usage {
            func larger(_ one: Int?, _ two: Int?) -> Int? { [one, two].compactMap { $0 }.max() }
            var result = self
            result.input = larger(input, other.input)
            result.output = larger(output, other.output)
            result.cacheCreation = larger(cacheCreation, other.cacheCreation)
            result.cacheRead = larger(cacheRead, other.cacheRead)
            return result
        }
    }

    private struct ModelUsage: Decodable {
        let inputTokens: Int?
        let outputTokens: Int?
        let cacheReadInputTokens: Int?
        let cacheCreationInputTokens: Int?

        var sum: Int {
            [inputTokens, outputTokens, cacheReadInputTokens, cacheCreationInputTokens].compactMap { $0 }
                .reduce(0) { $0.addingReportingOverflow(max(0, $1)).partialValue }
        }
    }

    private struct Line: Decodable {
        struct Message: Decodable {
            let id: String?
            let usage: Usage?
        }

        let type: String?
        let message: Message?
        let usage: Usage?
        let modelUsage: [String: ModelUsage]?
    }

    /// How many were used so far; `nil` where nothing was said of any.
    var tokens: Int? {
        let sum = messages.values.reduce(0) { $0.addingReportingOverflow($1.sum).partialValue }
        return total.map { max($0, sum) } ?? (messages.isEmpty ? nil : sum)
    }

    mutating func add(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end])
            if !isTooLong { read(line) }
            line.removeAll(keepingCapacity: true)
            isTooLong = false
            rest = rest[(end + 1)...]
        }
        take(rest)
    }

    private mutating func take(_ piece: ArraySlice<UInt8>) {
        // Most of what agents print is no JSON, and is not kept.
        if isTooLong || line.isEmpty && piece.first != UInt8(ascii: "{") {
            isTooLong = isTooLong || !piece.isEmpty
            return
        }
        if line.count + piece.count > Self.longestLine { isTooLong = true } else { line += piece }
    }

    private mutating func read(_ line: [UInt8]) {
        guard !line.isEmpty, let read = try? JSONDecoder().decode(Line.self, from: Data(line)) else { return }
        if let message = read.message, let usage = message.usage {
            let id = message.id ?? "\(messages.count)"
            messages[id] = messages[id]?.maximum(usage) ?? usage
        }
        // The whole, over all models, or of a thread so far.
        if let models = read.modelUsage, !models.isEmpty {
            total = models.values.reduce(0) { $0.addingReportingOverflow($1.sum).partialValue }
        } else if let usage = read.usage, read.type == "result" || read.type == "turn.completed" {
            total = max(total ?? 0, usage.sum)
        }
    }
}
