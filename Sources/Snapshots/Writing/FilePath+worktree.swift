internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

extension FilePath {
    /// The path of a file of the worktree, as a C string.
    func appending(_ path: RepositoryPath) -> [CChar] {
        var bytes = Array(string.utf8)
        if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
        return (bytes + path.bytes).map { CChar(bitPattern: $0) } + [0]
    }
}
