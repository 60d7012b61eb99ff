package import Git
internal import Files
internal import GitValues
internal import Glibc
package import SystemPackage

/// A copy of a worktree's index, in which git stages what an operation brings. It takes the place of the user's own in one step,
/// so whatever goes wrong before leaves that as it was.
package struct IndexCopy {
    private let repository: Repository
    private let top: FilePath
    private let file: RootedFile
    private var index: FilePath { repository.gitDirectory.appending("index") }
    /// What the user's index was known by when it was copied; `nil` where there was none.
    package let origin: String?

    /// - Parameter name: one for each kind of operation.
    package init(_ name: String, of repository: Repository, at top: FilePath) throws {
        self.repository = repository
        self.top = top
        file = Self.file(name, of: repository)
        guard let bytes = try OrdinaryFile.read(repository.gitDirectory.appending("index"), upTo: .max - 1) else {
            origin = nil
            return
        }
        origin = try Repository.blobID(of: bytes).hex
        try file.write(bytes, access: repository.access)
        // Its entries are as old as they were: git tells by that which files it has to look at again.
        var status = stat()
        guard stat(index.string, &status) == 0 else { throw FileError("read \(index)") }
        var times = [status.st_mtim, status.st_mtim]
        guard utimensat(AT_FDCWD, file.path.string, &times, 0) == 0 else { throw FileError("write \(file.path)") }
    }

    /// One that a process left when it was killed.
    package init(left name: String, of repository: Repository, at top: FilePath, origin: String?) {
        self.repository = repository
        self.top = top
        self.origin = origin
        file = Self.file(name, of: repository)
    }

    private static func file(_ name: String, of repository: Repository) -> RootedFile {
        RootedFile("wf/index.\(name)", in: repository.gitDirectory)
    }

    /// Runs git on the copy.
    package func git(
        _ arguments: [String], input: [UInt8] = [], output: ChildProcess.Output = .collected
    ) throws -> ChildProcess.Result {
        try repository.git.run(
            arguments, in: top, variables: ["GIT_INDEX_FILE": file.path.string], input: input, output: output)
    }

    /// As ``git(_:input:output:)``, where anything but success is an error.
    package func succeed(_ doing: String, _ arguments: [String], input: [UInt8] = []) throws {
        try repository.git.succeed(
            doing, arguments, in: top, variables: ["GIT_INDEX_FILE": file.path.string], input: input)
    }

    /// Has the copy and the user's index take each other's place, for whoever holds its lock. A second time takes that back.
    package func exchange() throws {
        guard OrdinaryFile.isThere(index) else {
            guard rename(file.path.string, index.string) == 0 else { throw FileError("write \(index)") }
            return
        }
        try WholeFile.exchange(file.path, index)
    }

    /// Whether the user's index is as it was when it was copied.
    package var isCurrent: Bool {
        get throws {
            try OrdinaryFile.read(index, upTo: .max - 1).map { try Repository.blobID(of: $0).hex } == origin
        }
    }

    /// Removes what an operation of a name left.
    package static func remove(_ name: String, of repository: Repository) throws {
        for ending in ["", ".lock"] { try WholeFile.remove(FilePath(file(name, of: repository).path.string + ending)) }
    }
}
