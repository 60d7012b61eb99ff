import Markdown

/// What an agent says that it did, in the article's form: `## Result: TITLE` and five fields.
package struct Report: Hashable, Sendable {
    package enum Status: String, CaseIterable, Sendable {
        case complete = "Complete"
        case partial = "Partial"
        case failed = "Failed"
    }

    package var title: String
    package var status: Status
    /// Free text such as `95-138 in src/index.ts`; `nil` where the report does not say.
    package var linesAdded: String?
    package var decisions: [String]
    package var tests: [String]
    package var issues: [String]

    package init(
        title: String, status: Status, linesAdded: String? = nil, decisions: [String] = [], tests: [String] = [],
        issues: [String] = []
    ) {
        self.title = title
        self.status = status
        self.linesAdded = linesAdded
        self.decisions = decisions
        self.tests = tests
        self.issues = issues
    }

    private enum Field: String, CaseIterable {
        case status = "Status"
        case linesAdded = "Lines added"
        case decisions = "Decisions"
        case tests = "Tests needed"
        case issues = "Issues"
    }

    /// Reads a report. A field's value is what stands behind its colon, as one entry, and each list item and paragraph
    /// below it, up to the next field or heading; "None" is no entry. Text before the title is skipped, and so are fields
    /// that the form does not have.
    /// - Throws: when the title or the status is missing, or a field cannot be what it says.
    package init(_ bytes: [UInt8]) throws(ReportError) {
        let outline = MarkdownOutline(bytes)
        guard let heading = outline.headings.first(where: { $0.text.lowercased().hasPrefix("result:") }) else {
            throw .noTitle
        }
        let document = SectionedDocument(outline, label: "Result")
        let end = outline.headings.first { $0.line > heading.line }?.line ?? outline.lines.count
        var values: [Field: (line: Int, entries: [String])] = [:]
        var starts: [(line: Int, field: Field?, value: String)] = []
        for line in (heading.lastLine + 1)..<max(heading.lastLine + 1, end) {
            guard let (name, value) = document.field(at: line), !document.isCode(line) else { continue }
            starts.append((line, Field.allCases.first { $0.rawValue.lowercased() == name.lowercased() }, value))
        }
        for (index, start) in starts.enumerated() {
            guard let field = start.field else { continue }
            if values[field] != nil { throw .repeatedField(field.rawValue, line: start.line + 1) }
            let last = index + 1 < starts.count ? starts[index + 1].line : end
            let below = Self.entries(in: (start.line + 1)..<last, of: outline, after: start.value)
            values[field] = (start.line, below.count == 1 && isNone(below[0]) ? [] : below)
        }
        guard let status = values[.status] else { throw .noStatus }
        let word = status.entries.joined(separator: " ")
        guard let known = Status.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else {
            throw .unknownStatus(word, line: status.line + 1)
        }
        let linesAdded = values[.linesAdded]?.entries.joined(separator: "; ")
        self.init(
            title: document.title ?? "", status: known, linesAdded: linesAdded?.isEmpty == true ? nil : linesAdded,
            decisions: values[.decisions]?.entries ?? [], tests: values[.tests]?.entries ?? [],
            issues: values[.issues]?.entries ?? [])
    }

    package init(_ text: String) throws(ReportError) { try self.init(Array(text.utf8)) }

    /// The entries of a field. Fields follow one another without blank lines, so Markdown has them all in one paragraph
    /// and the lines are told apart here.
    private static func entries(in range: Range<Int>, of outline: MarkdownOutline, after value: String) -> [String] {
        let starts = outline.items(in: range).reduce(into: [Int: Int]()) { starts, item in
            if item.depth == 0 { starts[item.line] = item.marker.upperBound }
        }
        var entries = value.isEmpty ? [] : [value]
        var isNew = value.isEmpty
        for line in range {
            let isItem = starts[line] != nil
            let text = outline.lines.text(of: line, from: starts[line] ?? 0)
            if text.isEmpty {
                isNew = isNew || !isItem
            } else if isItem || isNew || entries.isEmpty {
                entries.append(text)
                isNew = false
            } else {
                entries[entries.count - 1] += " " + text
            }
        }
        return entries
    }

    /// The report in the article's form: one entry behind the colon, more of them as a list below it, none as "None".
    package var text: String {
        var lines = ["## Result: \(headingText(title))", "", "**Status**: \(status.rawValue)"]
        if let linesAdded { lines.append("**Lines added**: \(oneLine(linesAdded))") }
        for (field, values) in [(Field.decisions, decisions), (.tests, tests), (.issues, issues)] {
            let entries = values.map(oneLine).filter { !$0.isEmpty }
            switch entries.count {
            case 0: lines.append("**\(field.rawValue)**: None")
            case 1: lines.append("**\(field.rawValue)**: \(entries[0])")
            default: lines += ["**\(field.rawValue)**:"] + bullets(entries)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Why a text is no report.
package enum ReportError: Error, Hashable, CustomStringConvertible {
    case noTitle
    case noStatus
    /// Lines are counted from 1.
    case unknownStatus(String, line: Int)
    case repeatedField(String, line: Int)

    package var description: String {
        let statuses = "one of complete, partial, failed"
        return switch self {
        case .noTitle: "the report has no title: its first line is \"## Result: TITLE\""
        case .noStatus: "the report has no status: it needs a line \"**Status**: …\" with \(statuses)"
        case .unknownStatus(let status, let line):
            "line \(line) of the report gives the status \"\(status)\"; it must be \(statuses)"
        case .repeatedField(let field, let line):
            "line \(line) of the report gives \"\(field)\" a second time; each field is given once"
        }
    }
}
