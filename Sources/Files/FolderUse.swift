internal import Glibc
package import SystemPackage

/// Which processes work in a folder.
package enum FolderUse {
    /// The processes, but for this one, whose working directory is in the folder or that have something in it open, as far as
    /// the system lets us look: those of other users are not seen.
    package static func processes(in folder: FilePath) throws(FileError) -> [Int32] {
        let prefix = folder.string
        func isInside(_ link: String) -> Bool {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(link, &buffer, buffer.count)
            guard count > 0 else { return false }
            let target = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return target == prefix || target.hasPrefix(prefix + "/")
        }
        return try Folder.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            if pid == getpid() { return false }
            if isInside("/proc/\(pid)/cwd") { return true }
            // A process that ended meanwhile, or is another user's, has no descriptors for us.
            let descriptors = (try? FilePath("/proc/\(pid)/fd").namesInside()) ?? []
            return descriptors.contains { isInside("/proc/\(pid)/fd/\($0)") }
        }.sorted()
    }
}
