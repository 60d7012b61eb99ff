import Markdown

/// A checkpoint as a document, in the article's form: what a fresh agent needs to go on.
package struct CheckpointDocument: Hashable, Sendable {
    /// A file and what state it is in.
    package struct FileState: Hashable, Sendable {
        package var path: String
        package var state: String

        package init(path: String, state: String) {
            self.path = path
            self.state = state
        }

        /// - Parameter entry: "`path`: state", with or without backticks. Without a colon all of it is the path; behind an
        ///   ellipsis, which says how many were left out, there is none.
        package init(entry: String) {
            if entry.hasPrefix("…") {
                path = ""
                state = entry
                return
            }
            // By scalars, as Markdown has it: a backtick is one, whatever accent follows it.
            let scalars = entry.unicodeScalars
            let ticks = scalars.prefix { $0 == "`" }
            let inner = scalars.dropFirst(ticks.count)
            if !ticks.isEmpty, let close = Self.closing(ticks.count, in: inner) {
                path = Substring(inner[..<close]).trimmingBlanks()
                let rest = Substring(inner[close...].dropFirst(ticks.count)).trimmingBlanks()
                state = Substring(rest.unicodeScalars.drop { $0 == ":" }).trimmingBlanks()
            } else if let colon = scalars.firstRange(of: ": ".unicodeScalars) {
                path = Substring(scalars[..<colon.lowerBound]).trimmingBlanks()
                state = Substring(scalars[colon.upperBound...]).trimmingBlanks()
            } else {
                path = entry
                state = ""
            }
            // What names no file is kept as it is.
            if path.isEmpty { state = entry }
        }

        /// The entry as the article has it. A path with backticks in it gets more of them around it, as in Markdown.
        package var text: String {
            let path = oneLine(self.path)
            let state = oneLine(self.state)
            if path.isEmpty { return state }
            var longest = 0
            var run = 0
            for scalar in path.unicodeScalars {
                run = scalar == "`" ? run + 1 : 0
                longest = max(longest, run)
            }
            let ticks = String(repeating: "`", count: longest + 1)
            let blank = longest > 0 ? " " : ""
            return "\(ticks)\(blank)\(path)\(blank)\(ticks)" + (state.isEmpty ? "" : ": \(state)")
        }

        /// Where the run of exactly `count` backticks is that ends a code span.
        private static func closing(_ count: Int, in text: Substring.UnicodeScalarView) -> String.Index? {
            var rest = text
            while let start = rest.firstIndex(of: "`") {
                let run = rest[start...].prefix { $0 == "`" }
                if run.count == count { return start }
                rest = rest[run.endIndex...]
            }
            return nil
        }
    }

    /// Empty when the document has no title.
    package var title: String
    /// As written: `2026-02-22 11:30`.
    package var date: String?
    package var resumableBy: String?
    /// `Context Required to Resume`: what to read, in order.
    package var context: [String]
    package var summary: [String]
    package var decisions: [String]
    package var files: [FileState]
    /// `Next Actions`, in order.
    package var next: [String]
    /// Sections that are not of the form, from their headings on, as written but for the heading's indentation and for a
    /// level that is deeper than the form's.
    package var otherSections: [String]
    /// The bytes that the document was read from, to print it back as it was; `nil` for one that was made here.
    package private(set) var source: [UInt8]?

    package init(
        title: String, date: String? = nil, resumableBy: String? = nil, context: [String] = [], summary: [String] = [],
        decisions: [String] = [], files: [FileState] = [], next: [String] = [], otherSections: [String] = []
    ) {
        self.title = title
        self.date = date
        self.resumableBy = resumableBy
        self.context = context
        self.summary = summary
        self.decisions = decisions
        self.files = files
        self.next = next
        self.otherSections = otherSections
    }

    enum Section: String, CaseIterable {
        case context = "Context Required to Resume"
        case summary = "State Summary"
        case decisions = "Key Decisions (do not re-evaluate)"
        case files = "Current File State"
        case next = "Next Actions (in order)"
    }

    /// Reads a document; nothing is refused. Sections may be missing, in any order and under a heading of any level; what
    /// stands in parentheses in a heading may be left out. An entry is a list item, with all that is nested in it, or a
    /// paragraph; each becomes one line.
    package init(_ bytes: [UInt8]) {
        let document = SectionedDocument(MarkdownOutline(bytes), label: "Checkpoint")
        func entries(_ section: Section) -> [String] { document.entries(ofSection: section.rawValue) }
        var fields: [String: String] = [:]
        for line in document.preamble {
            guard let (name, value) = document.field(at: line), !value.isEmpty, !document.isCode(line) else { continue }
            fields[name.lowercased()] = fields[name.lowercased()] ?? value
        }
        self.init(
            title: document.title ?? "", date: fields["date"], resumableBy: fields["resumable by"],
            context: entries(.context), summary: entries(.summary), decisions: entries(.decisions),
            files: entries(.files).map(FileState.init(entry:)), next: entries(.next))
        let known = Set(Section.allCases.map { SectionedDocument.plainName($0.rawValue) })
        for section in document.sections where !known.contains(SectionedDocument.plainName(section.name)) {
            // Where a list stands before it, an indented heading would be a part of its last item; one deeper than those
            // of the form, of the section before it.
            var text = document.text(of: section.headingLine..<section.body.upperBound)
                .unicodeScalars.drop { $0 == " " }
            if section.level > 2 { text = "##".unicodeScalars + text.drop { $0 == "#" } }
            otherSections.append(String(text))
        }
        source = bytes
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// The document in the article's form: what to read and what to do are numbered, sections that hold nothing are left
    /// out, unknown ones come last.
    package var text: String {
        var head = ["# Checkpoint: \(headingText(title))"]
        if let date { head.append("**Date**: \(oneLine(date))") }
        if let resumableBy { head.append("**Resumable by**: \(oneLine(resumableBy))") }
        var parts = [head.joined(separator: "\n")]
        for section in Section.allCases {
            let lines =
                switch section {
                case .context: numbers(context)
                case .summary: bullets(summary)
                case .decisions: bullets(decisions)
                case .files: bullets(files.map(\.text))
                case .next: numbers(next)
                }
            if !lines.isEmpty { parts.append((["## \(section.rawValue)"] + lines).joined(separator: "\n")) }
        }
        return (parts + otherSections).joined(separator: "\n\n") + "\n"
    }
}
