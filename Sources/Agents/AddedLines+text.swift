internal import Git

extension Collection<AddedLines> {
    /// The lines as a report has them: `95-138 in src/index.ts; 3, 7-9 in b.txt`. What does not fit is counted.
    /// - Returns: `nil` where no line was added.
    func text(atMost limit: Int = 600) -> String? {
        var parts: [String] = []
        var length = 0
        for file in self {
            let ranges = file.ranges.prefix(8).map {
                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
            }
            let rest = file.ranges.count > 8 ? ranges + ["…"] : ranges
            let part = file.ranges.isEmpty ? "\(file.path) (binary)" : "\(rest.joined(separator: ", ")) in \(file.path)"
            length += part.utf8.count + 2
            if length > limit, !parts.isEmpty {
                let left = count - parts.count
                parts.append("and \(left) more file\(left == 1 ? "" : "s")")
                break
            }
            parts.append(part)
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
