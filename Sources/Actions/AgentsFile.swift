internal import Files
internal import SystemPackage
internal import Templates

/// The file that tells coding agents how to work here, and the section about git-wf in it.
struct AgentsFile {
    private let file: RootedFile
    private let bytes: [UInt8]?
    /// Why it can be neither read nor written.
    let problem: FileError?

    /// The one that is nearest to a directory; AGENTS.md at the top, which most agents read, where there is none. Of two in one
    /// folder, the one that has the section already.
    init(in top: FilePath, from directory: FilePath) {
        let files = RootedFile.nearest(["AGENTS.md", "CLAUDE.md"], to: directory, in: top).map { AgentsFile($0) }
        self = files.first(where: \.hasSection) ?? files.first ?? AgentsFile(RootedFile("AGENTS.md", in: top))
    }

    private init(_ file: RootedFile) {
        self.file = file
        do throws(FileError) {
            bytes = try file.readText()
            problem = nil
        } catch {
            bytes = nil
            problem = error
        }
    }

    /// From the top of the worktree.
    var name: FilePath { file.name }

    /// Whether the section could be added.
    var canTakeSection: Bool { problem == nil && !hasSection }

    /// Whether the section is there, as it was written or as somebody edited it between its two comments.
    var hasSection: Bool {
        guard let bytes, let mark = Templates.agentsSection.split(separator: UInt8(ascii: "\n")).first else {
            return false
        }
        return bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).contains {
            $0 == mark
        }
    }

    /// The section at the end of the file, behind a blank line, in the line ends that are there; everything else stays as it is.
    func write(_ writing: inout FileWriting) throws {
        if let problem { throw problem }
        let text = bytes ?? []
        let end = lineEnd(of: text)
        var added = text.isEmpty || text.suffix(end.count) == end[...] ? [] : end
        if !text.isEmpty, !(text + added).suffix(2 * end.count).elementsEqual(end + end) { added += end }
        added += Templates.agentsSection.flatMap { $0 == UInt8(ascii: "\n") ? end : [$0] }
        try writing.write(text + added, to: file)
    }

    private func lineEnd(of text: [UInt8]) -> [UInt8] {
        let (carriageReturn, newline) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        guard let first = text.firstIndex(where: { $0 == newline || $0 == carriageReturn }) else { return [newline] }
        if text[first] == newline { return [newline] }
        return text[(first + 1)...].first == newline ? [carriageReturn, newline] : [carriageReturn]
    }
}
