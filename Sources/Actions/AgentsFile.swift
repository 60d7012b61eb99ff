internal import Files
internal import SystemPackage
internal import Templates

/// The file that tells coding agents how to work here, and the section about git-wf in it.
struct AgentsFile {
    private let path: FilePath
    private let bytes: [UInt8]?

    /// The one that is there; AGENTS.md, which most agents read, where there is none. Where there are both, the one that has
    /// the section already.
    init(in top: FilePath) throws {
        let files = try ["AGENTS.md", "CLAUDE.md"].map { name in
            let path = top.appending(name)
            return AgentsFile(path: path, bytes: try OrdinaryFile.read(path))
        }
        let there = files.filter { $0.bytes != nil }
        self = there.first(where: \.hasSection) ?? there.first ?? files[0]
    }

    private init(path: FilePath, bytes: [UInt8]?) {
        self.path = path
        self.bytes = bytes
    }

    var name: String { path.lastComponent?.string ?? "" }

    /// Whether the section is there, as it was written or as somebody edited it between its two comments.
    var hasSection: Bool {
        guard let bytes, let mark = Templates.agentsSection.split(separator: UInt8(ascii: "\n")).first else {
            return false
        }
        return bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).contains {
            $0 == mark
        }
    }

    /// Puts the section at the end of the file, behind a blank line; everything else stays as it is.
    func appendSection() throws {
        let newline = UInt8(ascii: "\n")
        var text = bytes ?? []
        if let last = text.last {
            if last != newline { text.append(newline) }
            if !text.suffix(2).elementsEqual([newline, newline]) { text.append(newline) }
        }
        try WholeFile.write(text + Templates.agentsSection, to: path, followsLink: true)
    }
}
