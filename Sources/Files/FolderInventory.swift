internal import Glibc
package import SystemPackage

/// All that is in a folder at one moment, so that nothing is removed later that came or changed since.
///
/// Names are bytes, and no link is followed. A file counts as unchanged while it is the same inode with the same size and times;
/// the time of its last change of status is one that no program can set back.
package struct FolderInventory: Equatable {
    package struct Entry: Equatable, Sendable {
        package enum Kind: Sendable {
            case file, link, folder
            /// A pipe, a socket, a device.
            case other
        }

        /// Its name's bytes, which need not be UTF-8.
        package let name: [UInt8]
        package let kind: Kind
        fileprivate let stamp: Stamp
        /// What a folder holds, in the order of the names.
        package let inside: [Entry]

        /// The name, where it is text.
        package var text: String? { String(validating: name, as: UTF8.self) }
    }

    /// What tells one content from another. A folder's own times change with what is in it, which is compared by itself.
    fileprivate struct Stamp: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var mode: UInt32
        var size: Int64 = 0
        var modified: [Int] = []
        var changed: [Int] = []

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            mode = status.st_mode
            if mode & S_IFMT == S_IFDIR { return }
            size = Int64(status.st_size)
            modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
            changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        }
    }

    package let folder: FilePath
    package let entries: [Entry]
    private let besides: Set<String>

    /// How many folders may lie in each other: each takes a descriptor while it is read.
    private static let depthLimit = 400

    /// - Parameter besides: names directly in the folder that are none of it.
    /// - Throws: `FileError` where a part of it cannot be read.
    package init(of folder: FilePath, besides: Set<String> = []) throws(FileError) {
        self.folder = folder
        self.besides = besides
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("look into \(folder)") }
        defer { close(descriptor) }
        entries = try Self.entries(of: descriptor, in: folder, depth: 0) { name in
            String(validating: name, as: UTF8.self).map { !besides.contains($0) } ?? true
        }
    }

    private static func entries(
        of descriptor: Int32, in folder: FilePath, depth: Int, where isIncluded: ([UInt8]) -> Bool = { _ in true }
    ) throws(FileError) -> [Entry] {
        guard depth < depthLimit else {
            throw FileError(.tooLarge, doing: "look into \(folder)", reason: "more than \(depthLimit) folders deep")
        }
        var entries: [Entry] = []
        for name in try names(of: descriptor, in: folder) where isIncluded(name) {
            var status = stat()
            guard fstatat(descriptor, cName(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                // It went in between.
                if errno == ENOENT { continue }
                throw FileError("look into \(folder)")
            }
            var inside: [Entry] = []
            let kind: Entry.Kind
            switch status.st_mode & S_IFMT {
            case S_IFREG: kind = .file
            case S_IFLNK: kind = .link
            case S_IFDIR:
                kind = .folder
                let below = openat(descriptor, cName(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard below >= 0 else { throw FileError("look into \(folder)") }
                defer { close(below) }
                inside = try Self.entries(of: below, in: folder, depth: depth + 1)
            default: kind = .other
            }
            entries.append(Entry(name: name, kind: kind, stamp: Stamp(status), inside: inside))
        }
        return entries
    }

    private static func names(of descriptor: Int32, in folder: FilePath) throws(FileError) -> [[UInt8]] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw FileError("look into \(folder)") }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError("look into \(folder)") }
                return names.sorted { $0.lexicographicallyPrecedes($1) }
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
    }

    /// As C has names.
    private static func cName(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }

    // MARK: Later

    /// Whether the folder holds the same, unchanged.
    package func isUnchanged() throws(FileError) -> Bool { try FolderInventory(of: folder, besides: besides) == self }

    /// When something in it last changed, by the clock of the file system, in seconds since 1970.
    package var lastChange: Int {
        func last(_ entries: [Entry]) -> Int {
            entries.map { max($0.stamp.changed.first ?? 0, last($0.inside)) }.max() ?? 0
        }
        return last(entries)
    }

    /// How many bytes its files have.
    package var size: Int64 {
        func size(_ entries: [Entry]) -> Int64 {
            entries.reduce(0) { $0 + ($1.kind == .file ? $1.stamp.size : size($1.inside)) }
        }
        return size(entries)
    }

    /// Removes what is as it was; what changed or came since stays, with the folders above it.
    /// - Returns: whether all went. The folder itself does too then, unless some of its names were left out.
    package func remove() -> Bool {
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT }
        let isEmpty = Self.remove(entries, from: descriptor)
        close(descriptor)
        return isEmpty && (!besides.isEmpty || rmdir(folder.string) == 0)
    }

    private static func remove(_ entries: [Entry], from descriptor: Int32) -> Bool {
        var isAll = true
        for entry in entries where !remove(entry, from: descriptor) { isAll = false }
        return isAll
    }

    private static func remove(_ entry: Entry, from descriptor: Int32) -> Bool {
        let name = cName(entry.name)
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return errno == ENOENT }
        guard Stamp(status) == entry.stamp else { return false }
        guard entry.kind == .folder else { return unlinkat(descriptor, name, 0) == 0 }
        let below = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard below >= 0 else { return false }
        let isEmpty = remove(entry.inside, from: below)
        close(below)
        return isEmpty && unlinkat(descriptor, name, AT_REMOVEDIR) == 0
    }
}
