internal import Glibc
package import SystemPackage

/// A folder for what another program reads or writes, and that nobody else looks into. It goes with all that is in it when
/// this ends.
///
/// Its maker holds a `flock` on it, as of a ``TemporaryFile``: one that can be locked was left behind, and is removed by the
/// next one who makes such a folder.
package final class TemporaryFolder {
    package let path: FilePath
    private let descriptor: Int32

    /// Makes a folder whose name begins with `prefix`, and is otherwise random.
    package init(in directory: FilePath, prefix: String) throws(FileError) {
        try Folder.make(directory)
        Self.removeLeft(in: directory, prefix: prefix)
        // Somebody who cleans up may come between any two of these calls, but not each time.
        for _ in 0..<100 {
            let path = directory.appending(TemporaryFile.randomName(prefix))
            if mkdir(path.characters, 0o700) != 0 {
                if errno == EEXIST { continue }
                throw FileError("create \(path)")
            }
            let descriptor = open(path.characters, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            if descriptor >= 0 {
                var status = stat()
                if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                    self.path = path
                    self.descriptor = descriptor
                    return
                }
                close(descriptor)
            }
            rmdir(path.characters)
        }
        throw FileError("create a folder in \(directory)", .fileExists)
    }

    /// Removes the folders of this kind whose makers have ended.
    private static func removeLeft(in directory: FilePath, prefix: String) {
        for name in (try? directory.namesInside()) ?? [] where name.hasPrefix(prefix) {
            let path = directory.appending(name)
            let descriptor = open(path.characters, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { Folder.removeAll(path) }
        }
    }

    deinit {
        Folder.removeAll(path)
        close(descriptor)
    }
}
