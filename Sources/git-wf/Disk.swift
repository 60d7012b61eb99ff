import Git
import GitValues
import Glibc
import SystemPackage
import Workflow

/// Whole files, read and written by commands.
enum Disk {
    /// - Returns: `nil` where there is no such file.
    static func read(_ file: FilePath) throws -> [UInt8]? {
        do {
            let descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                    if count == 0 { return bytes }
                    bytes.append(contentsOf: buffer[..<count])
                }
            }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as Errno {
            throw Failure("could not read \(file): \(error)", status: .impossible)
        }
    }

    /// Replaces a file in one step; its mode stays, and a link to it stays a link.
    static func write(_ bytes: [UInt8], to link: FilePath) throws {
        let file = target(of: link)
        var status = stat()
        let mode = stat(file.string, &status) == 0 ? status.st_mode & 0o777 : 0o666
        let draft = FilePath(file.string + ".\(getpid()).tmp")
        do {
            let descriptor = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: mode))
            try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
            guard rename(draft.string, file.string) == 0 else { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            unlink(draft.string)
            throw Failure("could not write \(file): \(error)", status: .impossible)
        }
    }

    /// Removes a file.
    static func remove(_ file: FilePath) throws {
        guard unlink(file.string) == 0 || errno == ENOENT else {
            throw Failure("could not remove \(file): \(Errno(rawValue: errno))", status: .impossible)
        }
    }

    /// What a path leads to; itself where there is nothing yet.
    private static func target(of file: FilePath) -> FilePath {
        guard let real = realpath(file.string, nil) else { return file }
        defer { free(real) }
        return FilePath(String(cString: real))
    }

    /// Where a path leads, links followed; `nil` where nothing is there.
    static func resolved(_ path: FilePath) -> FilePath? {
        guard let real = realpath(path.string, nil) else { return nil }
        defer { free(real) }
        return FilePath(String(cString: real))
    }

    /// The names in a directory; none where there is no such directory.
    static func names(in directory: FilePath) throws -> [String] {
        do {
            return try directory.namesInside()
        } catch .noSuchFileOrDirectory, .notDirectory {
            return []
        } catch {
            throw Failure("could not list \(directory): \(error)", status: .impossible)
        }
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ directory: FilePath) throws {
        if mkdir(directory.string, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, directory.lastComponent != nil else {
            throw Failure("could not create \(directory): \(Errno(rawValue: errno))", status: .impossible)
        }
        try makeDirectories(directory.removingLastComponent())
        if mkdir(directory.string, 0o700) != 0, errno != EEXIST {
            throw Failure("could not create \(directory): \(Errno(rawValue: errno))", status: .impossible)
        }
    }
}
