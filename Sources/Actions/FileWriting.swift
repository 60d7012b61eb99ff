internal import Files
internal import SystemPackage
internal import SystemPackage

/// Files that are written one after the other, all of them or none.
struct FileWriting {
    private var old: [(file: RootedFile, bytes: [UInt8]?)] = []

    /// Writes all that `body` does; where it throws, every file is as it was before.
    static func all<Result>(_ body: (inout FileWriting) throws -> Result) throws -> Result {
        var writing = FileWriting()
        do {
            return try body(&writing)
        } catch {
            writing.takeBack()
            throw error
        }
    }

    mutating func write(_ bytes: [UInt8], to file: RootedFile) throws {
        let before = try file.read()
        try file.write(bytes)
        old.append((file, before))
    }

    private func takeBack() {
        for (file, bytes) in old.reversed() {
            // The error that led here is what is told.
            if let bytes { try? file.write(bytes) } else { try? file.remove() }
            if bytes == nil, file.name.components.count > 1 { Folder.removeIfEmpty(file.path.removingLastComponent()) }
        }
    }
}
