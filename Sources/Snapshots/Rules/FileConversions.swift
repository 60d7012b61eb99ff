internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What git does to the bytes of files on their way into the repository and out of it (`convert.c`): line ends here, the rest
/// by git itself.
///
/// One thread at a time asks it.
final class FileConversions {
    /// How one file is converted.
    struct Conversion: Equatable {
        enum LineEnds { case asTheyAre, text, automatic }

        var lineEnds = LineEnds.asTheyAre
        /// Whether lines end in CR LF in the worktree.
        var writesPairs = false
        var expandsIdent = false
        /// The name of a filter driver that has a command.
        var driver: String?
        var encoding: String?

        var isNone: Bool { self == Conversion() || self == Conversion(lineEnds: .asTheyAre, writesPairs: true) }
        /// Whether only git makes the blob as git does.
        var isForeign: Bool { driver != nil || encoding != nil }
    }

    private let repository: Repository
    private let attributes: AttributeRules
    /// What the user's index has at a path, our side where it is unmerged.
    private let index: (RepositoryPath) throws -> ObjectID?
    private let automatic: Conversion.LineEnds
    private let endsInPairs: Bool
    private let automaticPairs: Bool?
    private var drivers: [String: Bool] = [:]

    /// - Parameters:
    ///   - attributesInIndex: the `.gitattributes` of the user's index.
    ///   - index: what it has at any path.
    init(
        repository: Repository, top: FilePath,
        attributesInIndex: @escaping (RepositoryPath) throws -> ObjectID?,
        index: @escaping (RepositoryPath) throws -> ObjectID?
    ) throws {
        self.repository = repository
        self.index = index
        attributes = try AttributeRules(repository: repository, top: top, index: attributesInIndex)
        switch try repository.config("core.autocrlf")?.lowercased() {
        case "input":
            automatic = .automatic
            automaticPairs = false
        case .some:
            let isOn = try repository.configFlag("core.autocrlf") ?? false
            automatic = isOn ? .automatic : .asTheyAre
            automaticPairs = isOn ? true : nil
        case nil:
            automatic = .asTheyAre
            automaticPairs = nil
        }
        endsInPairs = try automaticPairs ?? (repository.config("core.eol")?.lowercased() == "crlf")
    }

    /// For a worktree whose index is read when it is needed.
    convenience init(repository: Repository, top: FilePath, files: IndexFiles) throws {
        let lookup = IndexLookup(files)
        try self.init(
            repository: repository, top: top, attributesInIndex: { try lookup.attributes($0) },
            index: { try lookup.entry($0) })
    }

    /// Has files of attributes read anew: somebody wrote one.
    func forgetAttributes() { attributes.forget() }

    func conversion(of path: RepositoryPath) throws -> Conversion {
        let values = try attributes.values(of: path)
        var conversion = Conversion()
        // An older attribute, which counts where `text` says nothing.
        let text = lineEnds(values["text"]) ?? lineEnds(values["crlf"])
        conversion.lineEnds = text?.ends ?? automatic
        var pairs = text?.pairs
        if text?.ends != .asTheyAre {
            switch values["eol"] {
            case .text("lf")?: pairs = false
            case .text("crlf")?: pairs = true
            default: break
            }
            if pairs != nil, text == nil { conversion.lineEnds = .text }
        }
        let isByConfiguration = text == nil && pairs == nil
        conversion.writesPairs =
            conversion.lineEnds != .asTheyAre
            && (pairs ?? (isByConfiguration ? automaticPairs ?? false : endsInPairs))
        conversion.expandsIdent = values["ident"] == .set
        if case .text(let name)? = values["filter"], try isDriver(name) { conversion.driver = name }
        if case .text(let name)? = values["working-tree-encoding"], !Self.isUTF8(name) { conversion.encoding = name }
        return conversion
    }

    private func lineEnds(_ value: AttributeRules.Value?) -> (ends: Conversion.LineEnds, pairs: Bool?)? {
        switch value {
        case .set?: (.text, nil)
        case .unset?: (.asTheyAre, nil)
        case .text("input")?: (.text, false)
        case .text("auto")?: (.automatic, nil)
        default: nil
        }
    }

    private static func isUTF8(_ name: String) -> Bool { ["utf-8", "utf8"].contains(name.lowercased()) }

    private func isDriver(_ name: String) throws -> Bool {
        if let known = drivers[name] { return known }
        let isDriver = try ["process", "clean", "smudge", "required"].contains {
            try repository.config("filter.\(name).\($0)") != nil
        }
        drivers[name] = isDriver
        return isDriver
    }

    // MARK: In

    /// What git makes of a file's bytes; `nil` where they stay as they are.
    func blobBytes(_ bytes: UnsafeRawBufferPointer, at path: RepositoryPath, _ conversion: Conversion) throws
        -> [UInt8]?
    {
        let plain = try conversion.lineEnds == .asTheyAre ? nil : withoutPairs(bytes, at: path, conversion.lineEnds)
        guard conversion.expandsIdent else { return plain }
        return (plain ?? Array(bytes)).withUnsafeBytes { Self.withoutIdents($0) } ?? plain
    }

    private func withoutPairs(
        _ bytes: UnsafeRawBufferPointer, at path: RepositoryPath, _ ends: Conversion.LineEnds
    ) throws -> [UInt8]? {
        guard let base = bytes.baseAddress, memchr(base, Int32(Byte.carriageReturn), bytes.count) != nil else {
            return nil
        }
        let statistics = TextStatistics(bytes)
        guard statistics.pairs > 0 else { return nil }
        if ends == .automatic {
            if statistics.isBinary { return nil }
            // Whoever has recorded CR LF means it.
            if let id = try index(path), try hasPairs(id) { return nil }
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        for (offset, byte) in bytes.enumerated() {
            let isPair = byte == Byte.carriageReturn && offset + 1 < bytes.count && bytes[offset + 1] == Byte.newline
            if !isPair { plain.append(byte) }
        }
        return plain
    }

    private func hasPairs(_ id: ObjectID) throws -> Bool {
        do {
            return try repository.blob(id).withUnsafeBytes { bytes in
                let statistics = TextStatistics(bytes)
                return !statistics.isBinary && statistics.pairs > 0
            }
        } catch let error as GitError where error.code == .notFound {
            return false
        }
    }

    /// Each `$Id: …$` of one line as `$Id$`; `nil` where there is none.
    private static func withoutIdents(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let start = Array("$Id:".utf8)
        let dollar = UInt8(ascii: "$")
        var plain: [UInt8] = []
        var rest = bytes[...]
        var isChanged = false
        while let place = rest.firstIndex(of: dollar) {
            plain += rest[...place]
            let tail = rest[(place + 1)...]
            rest = tail
            // Behind "Id:" there is at least one byte more.
            guard tail.count > 3, tail.prefix(3).elementsEqual(start.dropFirst()) else { continue }
            guard let end = tail.dropFirst(3).firstIndex(of: dollar) else { break }
            if tail[(place + 4)..<end].contains(Byte.newline) { continue }
            plain += Array("Id$".utf8)
            rest = tail[(end + 1)...]
            isChanged = true
        }
        return isChanged ? plain + rest : nil
    }

    // MARK: Out

    /// Whether only git writes the file as git does.
    func isForeign(_ path: RepositoryPath) throws -> Bool {
        let conversion = try conversion(of: path)
        return conversion.isForeign || conversion.expandsIdent
    }

    /// The bytes that a blob has in the worktree, where the file is not foreign.
    func worktreeBytes(of id: ObjectID, at path: RepositoryPath) throws -> [UInt8] {
        let bytes = try repository.blob(id)
        let conversion = try conversion(of: path)
        guard conversion.writesPairs, !bytes.isEmpty else { return bytes }
        let statistics = bytes.withUnsafeBytes { TextStatistics($0) }
        guard statistics.loneFeeds > 0 else { return bytes }
        if conversion.lineEnds == .automatic, statistics.isBinary || statistics.pairs > 0 { return bytes }
        var written: [UInt8] = []
        written.reserveCapacity(bytes.count + statistics.loneFeeds)
        var last: UInt8 = 0
        for byte in bytes {
            if byte == Byte.newline, last != Byte.carriageReturn { written.append(Byte.carriageReturn) }
            written.append(byte)
            last = byte
        }
        return written
    }

    /// The blob that a file with these bytes is made into, where the file is not foreign.
    func blobID(of bytes: [UInt8], at path: RepositoryPath) throws -> ObjectID {
        let conversion = try conversion(of: path)
        return try bytes.withUnsafeBytes { try Repository.blobID(of: blobBytes($0, at: path, conversion) ?? bytes) }
    }
}

/// The user's index, read when somebody first asks.
private final class IndexLookup {
    private let files: IndexFiles
    private var attributes: [RepositoryPath: ObjectID]?
    private var entries: [RepositoryPath: ObjectID]?

    init(_ files: IndexFiles) { self.files = files }

    func attributes(_ path: RepositoryPath) throws -> ObjectID? {
        let known =
            try attributes
            ?? read {
                ($0.isSkipped || $0.isAssumedUnchanged) && $0.path.suffix(14).elementsEqual(".gitattributes".utf8)
            }
        attributes = known
        return known[path]
    }

    func entry(_ path: RepositoryPath) throws -> ObjectID? {
        let known = try entries ?? read { _ in true }
        entries = known
        return known[path]
    }

    private func read(_ isWanted: (UserIndex.Entry) -> Bool) throws -> [RepositoryPath: ObjectID] {
        var found: [RepositoryPath: ObjectID] = [:]
        try files.forEachUserEntry { entry in
            // Of an unmerged path git asks for our side.
            guard entry.stage == 0 || entry.stage == 2, isWanted(entry) else { return }
            found[RepositoryPath(bytes: entry.path)] = entry.id
        }
        return found
    }
}
