internal import Git
package import GitValues
package import Journal
internal import Workflow

/// What is odd about an agent's work: beside its spec, or as if something had gone wrong. It is looked at, not judged: fences that are too hard
/// make agents write around them.
package struct AgentAudit {
    package struct Finding: Hashable, Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            /// The spec does not name it.
            case outside
            /// The spec says that it is to be left alone.
            case forbidden
            /// Other lines than the spec names.
            case lines
            case dependencies, schema
            case emptied, truncated
            case massDeletion = "mass-deletion"
            case conflictMarkers = "conflict-markers"
            case nulBytes = "nul-bytes"
            /// It could be parsed before.
            case unparsable
            case mode
            case linkOutside = "link-outside"
            /// In the leader's own worktree, while the agent ran.
            case leadersFile = "leaders-file"
        }

        package let kind: Kind
        /// `nil` where it is about no single file.
        package let path: RepositoryPath?
        package let text: String

        package init(_ kind: Kind, _ path: RepositoryPath?, _ text: String) {
            self.kind = kind
            self.path = path
            self.text = text
        }
    }

    /// Says whether the text of a file with such a name has the form that the name promises; `nil` where it promises none.
    package typealias Parser = (RepositoryPath, [UInt8]) -> Bool?

    /// So many deleted files are a sign, where they are more than a quarter of all.
    private static let manyDeletions = 20
    /// What is larger is not looked into.
    private static let largestText = 4 << 20

    private let repository: Repository
    private let work: AgentWork
    private let spec: Spec?
    private let parser: Parser

    package init(_ work: AgentWork, _ journal: Journal, parser: @escaping Parser) throws {
        repository = journal.repository
        self.work = work
        spec = try work.spec(in: repository)
        self.parser = parser
    }

    /// - Parameters:
    ///   - range: what it changed, as two trees.
    ///   - todo: the path of the TODO file, which every agent may change.
    package func findings(in range: AgentWork.Range, todo: String) throws -> [Finding] {
        let changes = try repository.changes(from: range.old, to: range.new)
        var findings: [Finding] = []
        if let scope = try work.scope(of: changes.map(\.path), in: repository, todo: todo) {
            findings += scope.outside.map { Finding(.outside, $0, "outside of the spec's files to modify") }
        }
        for change in changes {
            if let rule = forbidden.first(where: { $0.covers(change.path) }) {
                findings.append(Finding(.forbidden, change.path, "the spec says to leave \(rule.text) alone"))
            }
            findings += try kinds(of: change)
        }
        findings += try lines(range)
        let deleted = changes.count { $0.new == nil }
        if deleted >= Self.manyDeletions,
            try deleted * 4 > repository.changes(from: Repository.emptyTree, to: range.old).count
        {
            findings.append(Finding(.massDeletion, nil, "\(deleted) files are deleted"))
        }
        return findings
    }

    // MARK: Against the spec

    /// The paths that a constraint says not to touch: "Do not modify `src/db/`".
    private var forbidden: [PathPattern] {
        (spec?.constraints ?? []).filter { line in
            let words = line.lowercased().split { !$0.isLetter && $0 != "'" }
            let isRefusal =
                words.starts(with: ["do", "not"])
                || words.first.map { ["don't", "never", "leave"].contains($0) } == true
            return isRefusal
                && words.contains { ["modify", "touch", "change", "edit", "delete", "remove", "alone"].contains($0) }
        }.flatMap { line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 && !$0.element.isEmpty }.map { PathPattern(String($0.element)) }
        }
    }

    /// Lines that were changed beside those that the spec names for a file.
    private func lines(_ range: AgentWork.Range) throws -> [Finding] {
        let limits = (spec?.modifies ?? []).compactMap { path in path.lines.map { (path.pattern, $0) } }
        if limits.isEmpty { return [] }
        // Another entry may give all of the file.
        let whole = (spec?.modifies ?? []).filter { $0.lines == nil }.map(\.pattern)
        let gained = try repository.addedLines(from: range.old, to: range.new)
        let lost = try repository.addedLines(from: range.new, to: range.old)
        var findings: [Finding] = []
        for path in Set((gained + lost).map(\.path)).sorted() where !whole.contains(where: { $0.covers(path) }) {
            let allowed = limits.filter { $0.0.covers(path) }.map(\.1)
            if allowed.isEmpty { continue }
            let removed = lost.first { $0.path == path }?.ranges ?? []
            let added = gained.first { $0.path == path }?.ranges ?? []
            let growth = added.reduce(0) { $0 + $1.count } - removed.reduce(0) { $0 + $1.count }
            // In the old file to the line; in the new one lines may have moved by as much as the file grew.
            let isInside =
                removed.allSatisfy { range in
                    allowed.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound) }
                }
                && added.allSatisfy { range in
                    allowed.contains {
                        range.lowerBound >= $0.lowerBound && range.upperBound <= $0.upperBound + max(0, growth)
                    }
                }
            if !isInside {
                let ranges = allowed.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
                findings.append(Finding(.lines, path, "changed beside the lines of the spec, \(ranges)"))
            }
        }
        return findings
    }

    // MARK: File by file

    private func kinds(of change: TreeChange) throws -> [Finding] {
        var findings: [Finding] = []
        func add(_ kind: Finding.Kind, _ text: String) { findings.append(Finding(kind, change.path, text)) }
        let name = change.path.components.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if Self.manifests.contains(name.lowercased()) { add(.dependencies, "says what the project depends on") }
        if Self.isSchema(change.path.description.lowercased()) { add(.schema, "is a schema, or a migration of one") }
        guard let new = change.new else { return findings }
        if let old = change.old, old.mode != new.mode {
            add(.mode, "\(Self.word(old.mode)) became \(Self.word(new.mode))")
        }
        if new.mode == .symlink {
            let target = String(decoding: try repository.blob(new.id), as: UTF8.self)
            if Self.leadsOutside(target, from: change.path) {
                add(.linkOutside, "is a link out of the repository, to \(target)")
            }
        }
        guard new.mode == .file || new.mode == .executable else { return findings }
        let size = try repository.blobSize(new.id)
        let oldEntry = change.old.flatMap { $0.mode == .file || $0.mode == .executable ? $0 : nil }
        let oldSize = try oldEntry.map { try repository.blobSize($0.id) } ?? 0
        if size == 0, oldSize > 0 { add(.emptied, "is empty now; it had \(oldSize) bytes") }
        guard size > 0, size <= Self.largestText, oldSize <= Self.largestText else { return findings }
        let bytes = try repository.blob(new.id)
        let before = try oldEntry.map { try repository.blob($0.id) }
        if let before, oldSize >= 1024, size < oldSize / 2, before.starts(with: bytes) {
            add(.truncated, "breaks off after \(size) of \(oldSize) bytes")
        }
        let wasText = before.map { !$0.contains(0) } ?? false
        if bytes.contains(0) {
            if wasText { add(.nulBytes, "has NUL bytes, and was text") }
        } else if Self.hasConflictMarkers(bytes), before.map({ !Self.hasConflictMarkers($0) }) ?? true {
            add(.conflictMarkers, "has the markers of a conflict that nobody resolved")
        }
        if parser(change.path, bytes) == false, before.map({ parser(change.path, $0) == true }) ?? false {
            add(.unparsable, "could be parsed before, and cannot now")
        }
        return findings
    }

    private static let manifests: Set<String> = [
        "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "cargo.toml", "cargo.lock",
        "go.mod",
        "go.sum", "pyproject.toml", "requirements.txt", "poetry.lock", "uv.lock", "pipfile", "gemfile", "gemfile.lock",
        "composer.json", "package.swift", "pom.xml", "build.gradle", "build.gradle.kts", "mix.exs", "pubspec.yaml",
        "deno.json",
    ]

    private static func isSchema(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return false }
        return [".sql", ".prisma", ".proto", ".graphql", ".avsc", ".xsd"].contains { name.hasSuffix($0) }
            || parts.dropLast().contains { $0 == "migrations" || $0 == "migrate" } || name.hasPrefix("schema.")
            || name.hasPrefix("openapi.")
    }

    private static func word(_ mode: FileMode) -> String {
        switch mode {
        case .file: "a file"
        case .executable: "an executable"
        case .symlink: "a link"
        case .directory: "a directory"
        case .gitlink: "a repository"
        }
    }

    private static func leadsOutside(_ target: String, from path: RepositoryPath) -> Bool {
        if target.hasPrefix("/") { return true }
        var depth = path.components.count - 1
        for part in target.split(separator: "/") {
            depth += part == ".." ? -1 : part == "." ? 0 : 1
            if depth < 0 { return true }
        }
        return false
    }

    /// All three of them, each at the beginning of a line.
    private static func hasConflictMarkers(_ bytes: [UInt8]) -> Bool {
        var found: Set<UInt8> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let first = line.first, "<=>".utf8.contains(first), line.count >= 7 else { continue }
            let isMarker =
                line.prefix(7).allSatisfy { $0 == first }
                && (line.count == 7 || line[line.startIndex + 7] == UInt8(ascii: " "))
            if isMarker || first == UInt8(ascii: "=") && line.prefix(7).allSatisfy({ $0 == first }) && line.count <= 8 {
                found.insert(first)
            }
        }
        return found.count == 3
    }
}
