internal import CLinux
internal import Glibc
package import SystemPackage

/// A file by its name below a folder that others write to as well: a worktree, a git directory.
///
/// One rule holds for all of them. In a worktree a link is followed while it leads to an ordinary file below that folder and into no git
/// directory inside it; writing then replaces that file, and the link stays. In a git directory no link is. Whatever else stands under the name (a link that
/// leads elsewhere or nowhere, a directory, a pipe, a device) is an error for who reads and who writes, and stays as it is.
package struct RootedFile: Hashable, Sendable {
    package let root: FilePath
    /// From the root.
    package let name: FilePath
    private let isGitLink: Bool

    package init(_ name: FilePath, in root: FilePath) { self.init(name, in: root, isGitLink: false) }

    private init(_ name: FilePath, in root: FilePath, isGitLink: Bool) {
        self.root = root
        self.name = name.lexicallyNormalized()
        self.isGitLink = isGitLink
    }

    /// The file `.git` of a linked worktree, which says where its git directory is.
    package static func gitLink(of worktree: FilePath) -> RootedFile {
        RootedFile(".git", in: worktree, isGitLink: true)
    }

    package init(_ name: String, in root: FilePath) { self.init(FilePath(name), in: root) }

    package var path: FilePath { root.pushing(name) }

    /// Whether anything stands under the name, a link to nowhere included.
    package var isThere: Bool { OrdinaryFile.isThere(path) }

    /// The size; `nil` where there is no file that could be read.
    package var size: Int? {
        guard let found = try? find("read \(path)") else { return nil }
        var status = stat()
        return fstat(found.descriptor, &status) == 0 ? Int(status.st_size) : nil
    }

    /// - Parameter limit: the most bytes that one of its kind has.
    /// - Returns: `nil` where nothing stands under the name.
    /// - Throws: `FileError` with code `.notOrdinary`, `.tooLarge` or `.outside`, or the system's.
    package func read(upTo limit: Int = OrdinaryFile.limit) throws(FileError) -> [UInt8]? {
        guard let found = try find("read \(path)") else { return nil }
        let descriptor = try found.opened("read \(path)")
        defer { close(descriptor) }
        return try OrdinaryFile.whole(descriptor, path, upTo: limit)
    }

    /// As ``read(upTo:)``, of a text.
    /// - Throws: `FileError` with code `.encoding` too.
    package func readText() throws(FileError) -> [UInt8]? {
        guard let bytes = try read() else { return nil }
        try TextEncoding.requireUTF8(bytes, doing: "read \(path)")
        return bytes
    }

    /// The first bytes; `nil` where there is no file that could be read.
    package func front(upTo count: Int) throws(FileError) -> [UInt8]? {
        guard let found = try? find("read \(path)"), let descriptor = try? found.opened("read \(path)") else {
            return nil
        }
        defer { close(descriptor) }
        return try OrdinaryFile.read(descriptor, path, expecting: count, upTo: count)
    }

    /// Replaces the file in one step, or makes it, with the folders above it.
    /// - Parameters:
    ///   - access: who may read a new one. One that is there keeps its mode.
    ///   - isDurable: whether it is on the disk when this returns.
    package func write(
        _ bytes: [UInt8], access: FileAccess = .ordinary, isDurable: Bool = false
    ) throws(FileError) {
        try WholeFile.write(bytes, to: target(), access: access, isDurable: isDurable)
    }

    /// Fails where ``write(_:access:isDurable:)`` would for what stands under the name, or for who may write there.
    package func requireWritable() throws(FileError) {
        var folder = try target().removingLastComponent()
        while !OrdinaryFile.isThere(folder), !folder.isEmpty { folder.removeLastComponent() }
        guard access(folder.characters, W_OK | X_OK) == 0 else { throw FileError("write \(path)") }
    }

    /// Removes what stands under the name: a link, not what it leads to. Where nothing does, that is no error.
    package func remove() throws(FileError) {
        try requireInside(folderOf: path, "remove \(path)")
        try WholeFile.remove(path)
    }

    /// Those files of some names that stand nearest to a directory: in it, or in the first folder above it that has any.
    package static func nearest(_ names: [String], to directory: FilePath, in root: FilePath) -> [RootedFile] {
        var folder = FilePath()
        if let top = OrdinaryFile.resolved(root), var inside = OrdinaryFile.resolved(directory),
            inside.removePrefix(top)
        {
            folder = inside
        }
        while true {
            let found = names.map { RootedFile(folder.appending($0), in: root) }.filter(\.isThere)
            if !found.isEmpty || folder.isEmpty { return found }
            folder.removeLastComponent()
        }
    }

    // MARK: Where it is

    /// `O_PATH` of `open(2)`, which Swift's Glibc leaves out.
    private static let justThePath: Int32 = 0o10_000_000

    /// A file that is there, held without having been opened: to open a device or a pipe can do something.
    private struct Found: ~Copyable {
        let descriptor: Int32
        /// Without links.
        let path: FilePath

        init(_ descriptor: Int32, _ path: FilePath) {
            self.descriptor = descriptor
            self.path = path
        }

        func opened(_ doing: String) throws(FileError) -> Int32 {
            let opened = open(Self.link(descriptor), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
            guard opened >= 0 else { throw FileError(doing) }
            return opened
        }

        static func link(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

        deinit { close(descriptor) }
    }

    /// - Returns: `nil` where nothing stands under the name.
    private func find(_ doing: String) throws(FileError) -> Found? {
        try requireName(doing)
        // Most have no link on their way, and then their name alone says where they are.
        if let found = direct {
            var status = stat()
            guard fstat(found.descriptor, &status) == 0 else { throw FileError(doing) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw OrdinaryFile.notOrdinary(status.st_mode, doing) }
            return found
        }
        let descriptor = open(path.characters, Self.justThePath | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = FileError(doing)
            switch error.code {
            case .system(.noSuchFileOrDirectory) where isThere:
                throw FileError(.notOrdinary, doing: doing, reason: "it is a link to \(linkText), which is not there")
            case .system(.tooManySymbolicLinkLevels):
                throw FileError(.notOrdinary, doing: doing, reason: "it is a link that leads in a circle")
            case .system(.noSuchFileOrDirectory), .system(.notDirectory): return nil
            default: throw error
            }
        }
        guard let place = OrdinaryFile.resolved(FilePath(Found.link(descriptor))) else {
            let error = FileError(doing)
            close(descriptor)
            throw error
        }
        let found = Found(descriptor, place)
        // Nobody but git and we make names in there.
        if isGitDirectory, let top = OrdinaryFile.resolved(root), place != top.pushing(name) {
            throw FileError(.outside, doing: doing, reason: "it is a link to \(place), in a git directory")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(doing) }
        try requireInside(place, doing)
        guard status.st_mode & S_IFMT == S_IFREG else { throw OrdinaryFile.notOrdinary(status.st_mode, doing) }
        return found
    }

    /// The file, where no link stands between the root and it; `nil` too where nothing does.
    private var direct: Found? {
        let folder = open(root.characters, Self.justThePath | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let descriptor = clinux_open_beneath(folder, name.characters, Self.justThePath)
        if descriptor < 0 { return nil }
        var status = stat()
        // The call opens a link that stands at the end itself.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else {
            close(descriptor)
            return nil
        }
        return Found(descriptor, path)
    }

    /// What is written: the file that is there, without the links that lead to it, or the one that is to be made.
    private func target() throws(FileError) -> FilePath {
        let doing = "write \(path)"
        if let found = try find(doing) { return found.path }
        try requireInside(folderOf: path, doing)
        return path
    }

    private var isGitDirectory: Bool {
        OrdinaryFile.isThere(root.appending("HEAD"))
            && (OrdinaryFile.isThere(root.appending("objects")) || OrdinaryFile.isThere(root.appending("commondir")))
    }

    private func requireName(_ doing: String) throws(FileError) {
        guard name.isRelative, !name.isEmpty,
            name.components.allSatisfy({ $0.kind == .regular && (isGitLink || !$0.isGitDirectory) })
        else { throw FileError(.outside, doing: doing, reason: "it is no path below \(root)") }
    }

    /// For a file that is not there: the nearest folder above that is.
    private func requireInside(folderOf path: FilePath, _ doing: String) throws(FileError) {
        try requireName(doing)
        var folder = path.removingLastComponent()
        while !OrdinaryFile.isThere(folder), !folder.isEmpty { folder.removeLastComponent() }
        guard let place = OrdinaryFile.resolved(folder.isEmpty ? "." : folder) else { throw FileError(doing) }
        // The root itself may be what is to be made.
        if OrdinaryFile.isThere(root) { try requireInside(place, doing) }
    }

    private func requireInside(_ place: FilePath, _ doing: String) throws(FileError) {
        guard let top = OrdinaryFile.resolved(root) else { throw FileError(doing) }
        var inside = place
        guard inside.removePrefix(top) else {
            throw FileError(.outside, doing: doing, reason: "it leads to \(place), out of \(top)")
        }
        guard isGitLink || !inside.components.contains(where: \.isGitDirectory) else {
            throw FileError(.outside, doing: doing, reason: "it leads to \(place), into a git directory")
        }
    }

    private var linkText: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { readlink(path.characters, $0, bytes.count) }
                ?? -1
        }
        return count < 0 ? "a place" : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

extension FilePath.Component {
    fileprivate var isGitDirectory: Bool { string.lowercased() == ".git" }
}
