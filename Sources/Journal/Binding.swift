internal import Files
package import Git
internal import Glibc
package import GitValues
package import SystemPackage
package import Workflow

/// Which workflow and lane a worktree works for: `<gitdir>/wf/binding`, lines of `key=value`.
///
/// It may be lost without harm: it is found again from the worktree, its branch and the lanes; and the worktree's id stands
/// in `<gitdir>/wf-worktree` too, with the inode of the git directory that it is the id of: a copy of the repository is another
/// worktree.
package struct Binding: Hashable, Sendable {
    package var workflow: Name
    package var lane: Lane
    /// A random id of this worktree, in `Wf-Worktree`, so that an undo takes back only what was done here.
    package var worktree: String
    /// The branch of the workflow or of the agent.
    package var branch: String?
    /// HEAD's commit when this clone took up a lane from another one, until this worktree adds to it: what the documents said
    /// then was said by the branch, which may be older than the lane.
    package var takenUp: ObjectID?

    package init(workflow: Name, lane: Lane, branch: String?, worktree: String) {
        self.workflow = workflow
        self.lane = lane
        self.branch = branch
        self.worktree = worktree
    }

    /// 16 hexadecimal digits.
    package static func newID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether a text can be such an id: it becomes a part of refs and of file names.
    package static func isID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 16 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The id of the worktree of a git directory; a new one, which nothing remembers yet, where none is known.
    package static func worktreeID(in gitDirectory: FilePath) throws -> String {
        try knownID(in: gitDirectory) ?? newID()
    }

    private static func knownID(in gitDirectory: FilePath) throws -> String? {
        let words =
            try idFile(in: gitDirectory).read(upTo: 4096)
            .map { String(decoding: $0, as: UTF8.self).split { $0 == " " || $0 == "\n" } } ?? []
        guard words.count == 2, isID(words[0]), words[1] == inode(of: gitDirectory) else { return nil }
        return String(words[0])
    }

    private static func idFile(in gitDirectory: FilePath) -> RootedFile { RootedFile("wf-worktree", in: gitDirectory) }

    private static func inode(of folder: FilePath) -> String {
        var status = stat()
        return stat(folder.string, &status) == 0 ? String(status.st_ino) : ""
    }

    private static func file(in gitDirectory: FilePath) -> RootedFile { RootedFile("wf/binding", in: gitDirectory) }

    /// - Returns: `nil` where there is none, or none that can be read.
    package static func read(in repository: Repository) throws -> Binding? { try read(in: repository.gitDirectory) }

    private static func read(in gitDirectory: FilePath) throws -> Binding? {
        guard let bytes = try file(in: gitDirectory).read() else { return nil }
        var values: [Substring: Substring] = [:]
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = line[line.index(after: equals)...]
        }
        guard let workflow = values["workflow"].flatMap({ try? Name(String($0)) }),
            let lane = values["lane"].flatMap({ Lane(text: String($0)) }), let id = try knownID(in: gitDirectory)
        else { return nil }
        var binding = Binding(workflow: workflow, lane: lane, branch: values["branch"].map(String.init), worktree: id)
        binding.takenUp = values["taken-up"].flatMap { ObjectID(hex: String($0)) }
        return binding
    }

    package func write(in repository: Repository) throws {
        var text = "workflow=\(workflow)\nlane=\(lane.text)\n"
        if let branch { text += "branch=\(branch)\n" }
        if let takenUp { text += "taken-up=\(takenUp)\n" }
        if try Self.knownID(in: repository.gitDirectory) != worktree {
            let id = "\(worktree) \(Self.inode(of: repository.gitDirectory))\n"
            try Self.idFile(in: repository.gitDirectory).write(Array(id.utf8), access: repository.access)
        }
        try Self.file(in: repository.gitDirectory).write(Array(text.utf8), access: repository.access)
    }

    static func gitDirectories(of repository: Repository) throws -> [FilePath] {
        let linked = repository.commonDirectory.appending("worktrees")
        return try [repository.commonDirectory] + Folder.names(in: linked).sorted().map { linked.appending($0) }
    }

    /// The ids of all worktrees of a repository, as far as they have one.
    static func worktreeIDs(in repository: Repository) throws -> Set<String> {
        Set(try gitDirectories(of: repository).compactMap { try knownID(in: $0) })
    }

    /// The folder of another linked worktree that is bound to a lane; `nil` where none is, or where its folder is gone.
    static func folder(boundTo lane: Lane, of workflow: Name, besides repository: Repository) throws -> FilePath? {
        for directory in try gitDirectories(of: repository) {
            guard let other = try read(in: directory), other.lane == lane, other.workflow == workflow,
                directory.lexicallyNormalized() != repository.gitDirectory.lexicallyNormalized(),
                let link = try OrdinaryFile.read(directory.appending("gitdir"))
            else { continue }
            // git's own note of where the worktree's `.git` is, and a line feed.
            let file = FilePath(String(decoding: link.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
            if OrdinaryFile.isThere(file) { return file.removingLastComponent() }
        }
        return nil
    }
}
