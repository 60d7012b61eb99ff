internal import Actions
internal import Files
internal import Git
internal import SystemPackage
internal import Workflow

/// The files that a brief names: ordinary ones of this worktree, each once, with what reading it costs.
struct ReadingList {
    private(set) var files: [BriefFile] = []
    private let top: FilePath?

    /// The names that coding agents give to a project's conventions.
    private static let conventions = ["CLAUDE.md", "AGENTS.md", "CONTRIBUTING.md"]
    /// Of a larger file only so much is read; the rest is taken to be like it.
    private static let readBytes = 1 << 18

    init(_ session: Session) { top = session.repository.workTree }

    /// The first of the conventions files that is there; its content stays out, because the agent has it already.
    mutating func addConventions() throws {
        for name in Self.conventions where isFile(name) { return try add(name, note: "the conventions") }
    }

    /// Adds a file, where there is one at this path.
    mutating func add(_ path: String, note: String) throws {
        guard let top, !path.isEmpty else { return }
        let file = RootedFile(path, in: top)
        guard let size = file.size, size > 0 else { return }
        let name = file.name.string
        if files.contains(where: { $0.path == name }) { return }
        guard let bytes = try file.front(upTo: Self.readBytes), !bytes.isEmpty else { return }
        let tokens = TokenEstimate.tokens(in: bytes)
        files.append(
            BriefFile(
                path: name, tokens: size > bytes.count ? tokens * (size / 1024) / (bytes.count / 1024) : tokens,
                note: note))
    }

    func isFile(_ path: String) -> Bool { top.map { RootedFile(path, in: $0).size != nil } ?? false }

    /// The paths of an entry such as "Read `TODO.md` for remaining work": what stands in backticks, else the first word
    /// that could be one, else all of it.
    static func paths(in entry: String) -> [String] {
        let parts = entry.split(separator: "`", omittingEmptySubsequences: false)
        if parts.count >= 3 { return parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) } }
        return [entry] + entry.split(separator: " ").filter { $0.contains(".") || $0.contains("/") }.map(String.init)
    }
}
