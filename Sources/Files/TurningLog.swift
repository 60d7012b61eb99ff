internal import Glibc
internal import SystemPackage

/// A file that is added to for long, in two parts: so that the newest part of it is always there and neither grows for ever.
package struct TurningLog {
    private let file: RootedFile
    private let old: RootedFile
    private let limit: Int
    private var descriptor: FileDescriptor
    private var size: Int
    /// Whether the file could not be written: the disk is full. What comes is let go then.
    package private(set) var isFull = false

    /// - Parameters:
    ///   - file: what is added to.
    ///   - old: where that goes once it is too large, in place of what is there.
    ///   - limit: the most bytes of both together.
    package init(_ file: RootedFile, old: RootedFile, limit: Int) throws(FileError) {
        self.file = file
        self.old = old
        self.limit = max(limit, 4096)
        descriptor = try OrdinaryFile.openForAppending(file.path)
        size = file.size ?? 0
    }

    package mutating func add(_ bytes: [UInt8]) {
        if size + bytes.count > limit / 2 { turn() }
        do {
            try descriptor.writeWhole(Array(bytes.suffix(limit / 2)))
            size += bytes.count
            isFull = false
        } catch {
            isFull = true
        }
    }

    private mutating func turn() {
        guard rename(file.path.characters, old.path.characters) == 0,
            let next = try? OrdinaryFile.openForAppending(file.path)
        else {
            // Nothing else keeps it from growing.
            ftruncate(descriptor.rawValue, 0)
            size = 0
            return
        }
        try? descriptor.close()
        descriptor = next
        size = 0
    }

    package func close() { try? descriptor.close() }
}
