package import Glibc
package import SystemPackage

/// Files of a test: whole contents at once, modes and times on request. Errors are `TestFailure`.
package enum Files {
    /// The bytes of a file.
    package static func read(_ path: FilePath) throws -> [UInt8] { try bytes(of: path.string) }

    /// The same, by a path as text.
    package static func bytes(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestFailure("cannot read \(path): \(Errno(rawValue: errno))") }
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: max(4096, Int(status.st_size) + 1))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 { throw TestFailure("cannot read \(path): \(Errno(rawValue: errno))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Writes a file whole, with the folders above it. The permission bits are exactly `mode`, also of a file that
    /// exists.
    package static func write(_ bytes: [UInt8], to path: FilePath, mode: UInt32 = 0o644) throws {
        if Self.put(bytes, at: path.string, mode: mode) { return }
        if errno == ENOENT { try makeFolders(path.removingLastComponent()) }
        try write(bytes, to: path.string, mode: mode)
    }

    /// The same, in a folder that is there, by a path as text.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws {
        guard put(bytes, at: path, mode: mode) else {
            throw TestFailure("cannot write \(path): \(Errno(rawValue: errno))")
        }
    }

    private static func put(_ bytes: [UInt8], at path: String, mode: UInt32) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard (try? FileDescriptor(rawValue: descriptor).writeAll(bytes)) == bytes.count else { return false }
        return fchmod(descriptor, mode) == 0
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
        removeContents(of: open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        rmdir(path.string)
    }

    /// Through open descriptors, for names that are not UTF-8 and paths that are too long for a system call.
    private static func removeContents(of descriptor: Int32) {
        guard descriptor >= 0, let stream = fdopendir(descriptor) else { return }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                        Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                    }
                })
        }
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        for name in names where name != [dot, 0] && name != [dot, dot, 0] {
            if unlinkat(descriptor, name, 0) == 0 { continue }
            fchmodat(descriptor, name, 0o700, 0)
            removeContents(of: openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
            unlinkat(descriptor, name, AT_REMOVEDIR)
        }
    }

    /// The names in a folder, without `.` and `..`, in no particular order; none when it cannot be read.
    package static func names(in folder: FilePath) -> [String] { names(in: folder.string) }

    /// The same, by a path as text.
    package static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
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

    /// What a symbolic link leads to, as it is written; nothing where there is no link.
    package static func target(of link: FilePath) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(link.string, &buffer, buffer.count)
        return buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
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

    /// When a file or a link was read and modified last, to the nanosecond.
    package static func times(of path: FilePath) throws -> [timespec] {
        var information = stat()
        guard lstat(path.string, &information) == 0 else {
            throw TestFailure("cannot read the times of \(path): \(Errno(rawValue: errno))")
        }
        return [information.st_atim, information.st_mtim]
    }

    /// Sets those times, as `touch` does; the time of change is now, as ever.
    package static func setTimes(of path: FilePath, to times: [timespec]) throws {
        guard utimensat(AT_FDCWD, path.string, times, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw TestFailure("cannot set the times of \(path): \(Errno(rawValue: errno))")
        }
    }

    /// Sets both times to so many seconds after 1970.
    package static func setTimes(of path: FilePath, to seconds: Int) throws {
        try setTimes(of: path, to: [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)])
    }
}
