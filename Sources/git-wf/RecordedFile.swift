import Actions
import Files
import FoundationEssentials
import Git
import GitValues
import Journal
import Workflow

/// What a checkpoint has at a path: a file, a link, a directory.
struct RecordedFile {
    private let session: Session
    private let checkpoint: Checkpoint
    /// As it was typed: `last:src`.
    private let name: String
    private let path: RepositoryPath
    private let mode: FileMode
    private let id: ObjectID

    /// - Parameters:
    ///   - name: what the checkpoint was called.
    ///   - path: from the top of the worktree; from here where it begins with a dot or a slash.
    /// - Throws: `Failure` where there is nothing of that name.
    init(_ session: Session, at checkpoint: Checkpoint, name: String, path typed: TypedPath) throws {
        self.session = session
        self.checkpoint = checkpoint
        let path = typed.text
        self.name = "\(name):\(path)"
        let slash = UInt8(ascii: "/")
        var bytes = typed.bytes
        if ["/", "./", "../"].contains(where: { path.hasPrefix($0) }) || path == "." || path == ".." {
            guard let top = session.repository.workTree,
                let inside = typed.inside(top, from: session.surroundings.directory)
            else { throw Failure("\(path.quoted) is outside of the worktree", status: .impossible) }
            bytes = inside.bytes + (bytes.last == slash ? [slash] : [])
        }
        let isFolder = bytes.last == slash
        while bytes.last == slash { bytes.removeLast() }
        self.path = RepositoryPath(bytes: bytes)
        if bytes.isEmpty {
            (mode, id) = (.directory, checkpoint.tree)
            return
        }
        guard let entry = try session.repository.entry(at: self.path, in: checkpoint.tree),
            entry.mode == .directory || !isFolder
        else {
            throw Failure(
                "the checkpoint \(checkpoint.id.short) has no \(path.quoted)", status: .impossible,
                hint: "git wf show \(name): lists what it has")
        }
        (mode, id) = (entry.mode, entry.id)
    }

    func answer(json: Bool) throws {
        let entries = mode == .directory ? try session.repository.entries(of: id) : []
        let bytes: [UInt8] =
            switch mode {
            case .file, .executable, .symlink: try session.repository.blob(id)
            // A commit of another repository is all that is recorded of it.
            case .gitlink: Array("Subproject commit \(id.hex)\n".utf8)
            case .directory: Array("tree \(name)\n\n".utf8) + entries.flatMap { Self.line(of: $0) }
            }
        if !json { return Terminal.standard.answer(bytes: bytes) }
        struct Answer: Encodable {
            let checkpoint: String
            let path: String
            let mode: String
            let id: String
            let size: Int?
            let text: String?
            let base64: String?
            let entries: [String]?
        }
        let isFile = mode != .directory && mode != .gitlink
        let text = isFile ? String(validating: bytes, as: UTF8.self) : nil
        try JSONDocument.print(
            Answer(
                checkpoint: checkpoint.id.hex, path: path.description, mode: String(mode.rawValue, radix: 8),
                id: id.hex,
                size: isFile ? bytes.count : nil, text: text,
                base64: isFile && text == nil ? Data(bytes).base64EncodedString() : nil,
                entries: mode == .directory ? entries.map(\.path.description) : nil))
    }

    /// As git lists a tree.
    private static func line(of entry: TreeEntry) -> [UInt8] {
        entry.path.bytes + (entry.mode == .directory ? "/\n" : "\n").utf8
    }
}
