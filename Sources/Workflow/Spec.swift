package import GitValues
import Markdown

/// What an agent is asked to do, in the article's form: `# Spec: TITLE` and seven sections.
///
/// Reading refuses nothing: a section that is missing is named, one that is unknown is kept.
package struct Spec: Hashable, Sendable {
    /// The sections of the form, in its order.
    package enum Section: String, CaseIterable, Sendable {
        case goal = "Goal"
        case reads = "Files to Read"
        case modifies = "Files to Modify"
        case requirements = "Requirements"
        case constraints = "Constraints"
        case deliverable = "Deliverable"
        /// The only one that a spec may leave out.
        case dependsOn = "Depends On"

        /// What people call it, the form's own name first.
        fileprivate var names: [String] {
            switch self {
            case .goal: [rawValue, "Objective"]
            case .reads: [rawValue, "Context", "References"]
            case .modifies: [rawValue, "Files", "Files to Change", "Files to Edit"]
            case .requirements: [rawValue]
            case .constraints: [rawValue]
            case .deliverable: [rawValue, "Deliverables", "Acceptance", "Acceptance Criteria", "Definition of Done"]
            case .dependsOn: [rawValue, "Dependencies"]
            }
        }
    }

    /// Empty when the document has no title.
    package var title: String
    /// As written, with its Markdown.
    package var goal: String
    package var reads: [SpecPath]
    package var modifies: [SpecPath]
    package var requirements: [String]
    package var constraints: [String]
    package var deliverable: [String]
    /// The names of the specs that come before this one.
    package var dependsOn: [String]
    /// Sections that are not of the form, from their headings on, as written.
    package var otherSections: [String]
    /// The sections that the document lacked, but for `Depends On`.
    package private(set) var missingSections: [Section]
    /// What stands among the files to read and to modify and names no path.
    package private(set) var unnamed: [String] = []

    package init(
        title: String, goal: String = "", reads: [SpecPath] = [], modifies: [SpecPath] = [],
        requirements: [String] = [],
        constraints: [String] = [], deliverable: [String] = [], dependsOn: [String] = [], otherSections: [String] = []
    ) {
        self.title = title
        self.goal = goal
        self.reads = reads
        self.modifies = modifies
        self.requirements = requirements
        self.constraints = constraints
        self.deliverable = deliverable
        self.dependsOn = dependsOn
        self.otherSections = otherSections
        missingSections = []
    }

    /// - Parameter bytes: the content of a spec file.
    package init(_ bytes: [UInt8]) {
        let document = SectionedDocument(MarkdownOutline(bytes), label: "Spec")
        func sections(_ section: Section) -> [SectionedDocument.Section] {
            section.names.flatMap { document.sections(named: $0) }
        }
        func entries(_ section: Section) -> [String] { sections(section).flatMap { document.entries(in: $0.body) } }
        func paths(_ section: Section) -> [SpecPath] {
            sections(section).flatMap { document.outline.paths(in: $0.body) }
        }
        let goal = sections(.goal).map { Self.withoutComments(document.text(of: $0.body)) }.filter { !$0.isEmpty }
        self.init(
            title: document.title ?? "", goal: goal.joined(separator: "\n\n"), reads: paths(.reads),
            modifies: paths(.modifies), requirements: entries(.requirements), constraints: entries(.constraints),
            deliverable: entries(.deliverable), dependsOn: entries(.dependsOn).map(Self.specName))
        let known = Set(Section.allCases.flatMap(\.names).map { SectionedDocument.plainName($0) })
        for section in document.sections where !known.contains(SectionedDocument.plainName(section.name)) {
            otherSections.append(document.text(of: section.headingLine..<section.body.upperBound))
        }
        missingSections = Section.allCases.filter {
            $0 != .dependsOn && sections($0).isEmpty
        }
        unnamed = (entries(.reads) + entries(.modifies)).filter { PathList($0).paths.isEmpty }
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// A hint that nobody replaced says nothing.
    private static func withoutComments(_ text: String) -> String {
        var text = text[...]
        var kept = ""
        while let open = text.firstRange(of: "<!--"), let close = text[open.upperBound...].firstRange(of: "-->") {
            kept += text[..<open.lowerBound]
            text = text[close.upperBound...]
        }
        return (kept + text).trimmingBlanks()
    }

    /// Whether the spec lets its agent change a path: `Files to Modify` has it, a directory above it, or a glob for it.
    package func allows(path: RepositoryPath) -> Bool { modifies.contains { $0.pattern.covers(path) } }

    /// The document in the article's form. Sections that hold nothing are there, empty, for someone to fill in; only
    /// `Depends On` is left out.
    package var text: String {
        var parts = ["# Spec: \(headingText(title))"]
        for section in Section.allCases {
            let lines: [String]
            switch section {
            case .goal: lines = goal.isEmpty ? [] : [goal]
            case .reads: lines = bullets(reads.map(\.text))
            case .modifies: lines = bullets(modifies.map(\.text))
            case .requirements: lines = bullets(requirements)
            case .constraints: lines = bullets(constraints)
            case .deliverable: lines = bullets(deliverable)
            case .dependsOn: lines = bullets(dependsOn)
            }
            if section == .dependsOn, lines.isEmpty { continue }
            parts.append((["## \(section.rawValue)"] + lines).joined(separator: "\n"))
        }
        return (parts + otherSections).joined(separator: "\n\n") + "\n"
    }

    /// `specs/NAME.md`, `NAME.md` and `NAME` are the same spec.
    private static func specName(_ entry: String) -> String {
        var name = SpecPath(entry: entry)?.pattern.text ?? entry
        if let slash = name.lastIndex(of: "/") { name = String(name[name.index(after: slash)...]) }
        return name.hasSuffix(".md") ? String(name.dropLast(3)) : name
    }
}

extension SpecPath {
    /// As it is meant below a directory that was named above it, unless it has that directory in it already.
    fileprivate func below(_ directory: String) -> SpecPath {
        let directory = directory.hasSuffix("/") ? directory : directory + "/"
        if pattern.text.hasPrefix(directory) || pattern.text.hasPrefix("/") { return self }
        return SpecPath(PathPattern(directory + pattern.text), note: note, lines: lines)
    }
}

extension MarkdownOutline {
    /// The paths that some lines list, in document order: the items at any depth, and what stands outside of any list, a path or
    /// more a line. Below an item that names a directory paths are that directory's.
    fileprivate func paths(in range: Range<Int>) -> [SpecPath] {
        var found: [(line: Int, paths: [SpecPath])] = []
        var directories: [(depth: Int, path: String)] = []
        for item in items(in: range) {
            directories.removeAll { $0.depth >= item.depth }
            let paths = PathList(item.text).paths
            if let directory = directories.last?.path {
                found.append((item.line, paths.map { $0.below(directory) }))
            } else {
                found.append((item.line, paths))
            }
            if let only = found.last?.paths.first, paths.count == 1, only.pattern.mayBeDirectory {
                directories.append((item.depth, only.pattern.text))
            }
        }
        for prose in prose(in: range) {
            for line in prose.lines { found.append((line, PathList(line: lines.text(of: line)).paths)) }
        }
        return found.sorted { $0.line < $1.line }.flatMap(\.paths)
    }
}
