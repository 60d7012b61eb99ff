package import Files
internal import Git
internal import GitValues
package import Journal
internal import Snapshots
internal import SystemPackage
package import Workflow

/// The specs in `specs/` of the leader's worktree.
package struct SpecFolder {
    /// What a spec of the user's own begins from.
    package static let template = "TEMPLATE"
    /// A spec is a page; what is larger is something else.
    private static let longest = 1 << 20

    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    package func file(_ name: Name) -> RootedFile { RootedFile("specs/\(name).md", in: journal.place) }

    /// What the user's own specs begin with; `nil` where there is no such file.
    package func templateBytes() throws -> [UInt8]? {
        try text(of: RootedFile("specs/\(Self.template).md", in: journal.place))
    }

    /// In order; files whose names can be no agent's are left out.
    package func names() throws -> [Name] {
        try Folder.names(in: journal.place.appending("specs")).sorted()
            .filter { $0.hasSuffix(".md") && $0 != "\(Self.template).md" }.compactMap {
                try? Name(String($0.dropLast(3)))
            }
    }

    /// - Returns: `nil` where there is none of that name.
    package func read(_ name: Name) throws -> [UInt8]? { try text(of: file(name)) }

    private func text(of file: RootedFile) throws -> [UInt8]? {
        guard let bytes = try file.read(upTo: Self.longest) else { return nil }
        try TextEncoding.requireUTF8(bytes, doing: "read \(file.path)")
        return bytes
    }

    /// What is to be said of each, circles of dependencies among all of them included.
    package func checks() throws -> [SpecCheck] {
        let names = try names()
        let known = Set(names.map(\.text))
        return try SpecCheck.withCycles(
            names.map { name in
                do {
                    let bytes = try read(name) ?? []
                    if bytes.isEmpty { return SpecCheck(name.text, unreadable: "it is empty") }
                    if bytes.contains(0) { return SpecCheck(name.text, unreadable: "it is no text") }
                    return SpecCheck(name.text, Spec(bytes), bytes: bytes, known: known, exists: isThere)
                } catch let error as FileError {
                    return SpecCheck(name.text, unreadable: error.reason)
                }
            })
    }

    private func isThere(_ path: String) -> Bool {
        let inside = FilePath(String(path.drop { $0 == "/" })).lexicallyNormalized()
        guard !inside.isEmpty, !inside.starts(with: "..") else { return path == "." || path == "./" }
        return OrdinaryFile.isThere(journal.place.pushing(inside))
    }

    /// The specs of the agents that are at work, as they were started. One whose start was never finished, or only came with
    /// somebody's lane, is not.
    package func open(_ state: WorkflowState) throws -> [(name: String, spec: Spec)] {
        let names = Set(try journal.agentNames().map(\.text))
        return try state.agents.filter { $0.isOpen && names.contains($0.name) }.compactMap { record in
            try record.specCommit.flatMap { try journal.repository.attachedSpec($0) }.map { (record.name, Spec($0)) }
        }
    }
}
