import Glibc
import SystemPackage

/// Ordinary files only: reading a pipe would wait for ever, and a link may lead anywhere.
enum OrdinaryFile {
    /// - Returns: the bytes of an ordinary file; `nil` for anything else.
    static func size(of file: FilePath) -> Int? {
        var status = stat()
        guard lstat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// The front of a file; `nil` where it went away or may not be read, which is no reason to do without a brief.
    static func read(_ file: FilePath, upTo count: Int) throws -> [UInt8]? {
        do {
            let descriptor = try FileDescriptor.open(file, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
            return try descriptor.closeAfter {
                try [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
                    let bytes = UnsafeMutableRawBufferPointer(buffer)
                    while used < count {
                        let more = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[used...]))
                        if more == 0 { break }
                        used += more
                    }
                }
            }
        } catch Errno.noSuchFileOrDirectory, Errno.permissionDenied {
            return nil
        } catch let error as Errno {
            throw Failure("could not read \(file): \(error)", status: .impossible)
        }
    }
}
