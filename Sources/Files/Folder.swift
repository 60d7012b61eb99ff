internal import Glibc
package import SystemPackage

/// Folders: made, listed and removed in one way.
package enum Folder {
    /// Makes a folder and those above it; one that is there is fine.
    package static func make(_ folder: FilePath, access: FileAccess = .ordinary) throws(FileError) {
        if folder.isEmpty || mkdir(folder.characters, 0o777) == 0 {
            return try widen(folder, access)
        }
        if errno == EEXIST { return }
        guard errno == ENOENT, folder.lastComponent != nil else { throw FileError("create \(folder)") }
        try make(folder.removingLastComponent(), access: access)
        if mkdir(folder.characters, 0o777) == 0 { return try widen(folder, access) }
        if errno != EEXIST { throw FileError("create \(folder)") }
    }

    private static func widen(_ folder: FilePath, _ access: FileAccess) throws(FileError) {
        guard access.isShared else { return }
        var status = stat()
        guard stat(folder.characters, &status) == 0 else { throw FileError("create \(folder)") }
        let mode = access.widenedFolder(status.st_mode & 0o7777)
        guard mode == status.st_mode & 0o7777 || chmod(folder.characters, mode) == 0 else {
            throw FileError("create \(folder)")
        }
    }

    /// Whether a folder is at a path, links followed.
    package static func isThere(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.characters, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, in no order; none where there is no such folder.
    package static func names(in folder: FilePath) throws(FileError) -> [String] {
        do {
            return try folder.namesInside()
        } catch .noSuchFileOrDirectory, .notDirectory {
            return []
        } catch {
            throw FileError("list \(folder)", error)
        }
    }

    /// Gives a folder another name on the same disk, in one step.
    package static func move(_ folder: FilePath, to target: FilePath) throws(FileError) {
        guard rename(folder.characters, target.characters) == 0 else { throw FileError("move \(folder)") }
    }

    /// Removes a folder that is empty; any other stays.
    package static func removeIfEmpty(_ folder: FilePath) { rmdir(folder.characters) }

    /// Removes a folder of ours with all that is in it; links are removed, not followed.
    package static func removeAll(_ folder: FilePath) {
        for name in (try? folder.entriesInside()) ?? [] {
            let path = folder.appending(name)
            if unlink(path.characters) != 0, errno == EISDIR { removeAll(path) }
        }
        rmdir(folder.characters)
    }
}

extension FilePath {
    /// The names in this directory, without `.` and `..`, in no order. What is not UTF-8 is repaired: for names of ours.
    /// - Throws: `Errno`.
    package func namesInside() throws(Errno) -> [String] { try inside { String(cString: $0) } }

    /// The names in this directory, without `.` and `..`, in no order.
    /// - Throws: `Errno`.
    package func entriesInside() throws(Errno) -> [FilePath.Component] {
        try inside { FilePath.Component(platformString: $0) }
    }

    private func inside<Name>(_ name: (UnsafePointer<CChar>) -> Name?) throws(Errno) -> [Name] {
        guard let stream = opendir(characters) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Errno(rawValue: errno) }
                return names
            }
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { text in
                    if strcmp(text, ".") != 0, strcmp(text, "..") != 0, let name = name(text) { names.append(name) }
                }
            }
        }
    }
}
