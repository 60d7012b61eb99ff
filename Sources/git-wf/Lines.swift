/// Text of several lines that is put together piece by piece.
struct Lines {
    private(set) var lines: [String] = []

    mutating func add(_ line: String = "") { lines.append(line) }

    var text: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }
}
