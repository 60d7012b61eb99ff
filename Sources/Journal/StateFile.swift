internal import Glibc
package import Git
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
    package static func write(_ bytes: [UInt8], to file: FilePath) throws {
        try makeDirectories(file.removingLastComponent())
        let draft = FilePath(file.string + ".\(getpid()).tmp")
        do {
            let descriptor = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o666))
            try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
            guard rename(draft.string, file.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(draft.string)
            throw failure("write \(file)", error)
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
