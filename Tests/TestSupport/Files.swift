import Glibc
package import SystemPackage

/// Files of a test: whole contents at once, modes and times on request. Errors are `TestFailure`.
package enum Files {
    /// The bytes of a file.
    package static func read(_ path: FilePath) throws -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { return bytes }
                    bytes += chunk[..<count]
                }
            }
        } catch {
            throw TestFailure("cannot read \(path): \(error)")
        }
    }

    /// Writes a file whole, with the folders above it. The permission bits are exactly `mode`, also of a file that
    /// exists.
    package static func write(_ bytes: [UInt8], to path: FilePath, mode: UInt32 = 0o644) throws {
        try makeFolders(path.removingLastComponent())
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: mode))
            try file.closeAfter {
                try file.writeAll(bytes)
                fchmod(file.rawValue, mode)
            }
        } catch {
            throw TestFailure("cannot write \(path): \(error)")
        }
    }

    /// Makes a folder and those above it; one that exists is left as it is.
    package static func makeFolders(_ path: FilePath) throws {
        if path.isEmpty || mkdir(path.string, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw TestFailure("cannot make \(path): \(Errno(rawValue: errno))") }
        try makeFolders(path.removingLastComponent())
        guard mkdir(path.string, 0o755) == 0 || errno == EEXIST else {
            throw TestFailure("cannot make \(path): \(Errno(rawValue: errno))")
        }
    }

    /// Makes a folder of a new name in `folder`, or else in the system's temporary folder.
    package static func makeTemporary(in folder: FilePath? = nil) throws -> FilePath {
        let parent = folder?.string ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/git-wf-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestFailure("cannot make a temporary folder in \(parent): \(Errno(rawValue: errno))")
        }
        // The path without symbolic links, as git prints it.
        guard let real = realpath(template, nil) else {
            throw TestFailure("cannot resolve a temporary folder in \(parent): \(Errno(rawValue: errno))")
        }
        defer { free(real) }
        return FilePath(String(cString: real))
    }

    /// Removes a file or a folder with all that it holds, as far as that is possible. A link is removed, not followed.
    package static func removeTree(_ path: FilePath) {
        if unlink(path.string) == 0 || errno == ENOENT { return }
        chmod(path.string, 0o700)
        for name in names(in: path) { removeTree(path.appending(name)) }
        rmdir(path.string)
    }

    /// The names in a folder, without `.` and `..`, in no particular order; none when it cannot be read.
    package static func names(in folder: FilePath) -> [String] {
        guard let stream = opendir(folder.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The whole `st_mode` of a file or link, its type included; `nil` when there is none.
    package static func mode(of path: FilePath) -> UInt32? {
        var information = stat()
        return lstat(path.string, &information) == 0 ? information.st_mode : nil
    }

    /// Copies a file with its permissions and its times to the nanosecond, as `cp -p` does.
    package static func copy(_ source: FilePath, to target: FilePath) throws {
        var information = stat()
        guard stat(source.string, &information) == 0 else {
            throw TestFailure("cannot read \(source): \(Errno(rawValue: errno))")
        }
        try write(try read(source), to: target, mode: information.st_mode & 0o7777)
        let times = [information.st_atim, information.st_mtim]
        guard utimensat(AT_FDCWD, target.string, times, 0) == 0 else {
            throw TestFailure("cannot set the times of \(target): \(Errno(rawValue: errno))")
        }
    }
}
