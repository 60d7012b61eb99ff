internal import Glibc
package import Git
internal import GitValues
package import SystemPackage

/// A small file, read whole and replaced in one step.
package enum StateFile {
    /// - Returns: `nil` where there is no such file.
    package static func read(_ file: FilePath) throws -> [UInt8]? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw failure("read \(file)", error)
        }
        do {
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
                    while true {
                        let count = try descriptor.read(into: buffer)
                        if count == 0 { break }
                        bytes.append(contentsOf: buffer[..<count])
                    }
                }
                return bytes
            }
        } catch {
            throw failure("read \(file)", error)
        }
    }

    /// Writes a draft beside the file and renames it over the file; makes the directories above.
    /// - Parameter isDurable: whether it is on disk when this returns.
    package static func write(_ bytes: [UInt8], to file: FilePath, isDurable: Bool = false) throws {
        try makeDirectories(file.removingLastComponent())
        removeLeftDrafts(of: file)
        let draft = FilePath(file.string + ".\(getpid()).tmp")
        do {
            let descriptor = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o666))
            try descriptor.closeAfter {
                _ = try descriptor.writeAll(bytes)
                if isDurable { try flush(descriptor) }
            }
            guard rename(draft.string, file.string) == 0 else { throw Errno(rawValue: errno) }
            if isDurable {
                let directory = try FileDescriptor.open(
                    file.removingLastComponent(), .readOnly, options: [.directory, .closeOnExec])
                try directory.closeAfter { try flush(directory) }
            }
        } catch {
            unlink(draft.string)
            throw failure("write \(file)", error)
        }
    }

    /// A file system that knows no flushing is no failure.
    private static func flush(_ descriptor: FileDescriptor) throws {
        if fsync(descriptor.rawValue) != 0, errno != EINVAL, errno != ENOTSUP { throw Errno(rawValue: errno) }
    }

    /// Removes the drafts of a file that killed processes left.
    static func removeLeftDrafts(of file: FilePath) {
        guard let name = file.lastComponent?.string else { return }
        for found in (try? file.removingLastComponent().namesInside()) ?? [] {
            guard found.hasPrefix(name + "."), found.hasSuffix(".tmp"),
                let process = pid_t(found.dropFirst(name.count + 1).dropLast(".tmp".count)), kill(process, 0) != 0,
                errno == ESRCH
            else { continue }
            unlink(file.removingLastComponent().appending(found).string)
        }
    }

    /// Removes a file; one that is not there is no error.
    package static func remove(_ file: FilePath) throws {
        if unlink(file.string) != 0, errno != ENOENT { throw failure("remove \(file)", Errno(rawValue: errno)) }
    }

    package static func makeDirectories(_ directory: FilePath) throws {
        if mkdir(directory.string, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw failure("create \(directory)", Errno(rawValue: errno)) }
        try makeDirectories(directory.removingLastComponent())
        if mkdir(directory.string, 0o777) != 0, errno != EEXIST {
            throw failure("create \(directory)", Errno(rawValue: errno))
        }
    }

    package static func failure(_ doing: String, _ error: any Error) -> GitError {
        GitError(.other((error as? Errno)?.rawValue ?? -1), doing: doing, reason: "\(error)")
    }
}
