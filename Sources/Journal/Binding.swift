internal import Files
package import Git
internal import GitValues
internal import SystemPackage
package import Workflow

/// Which workflow and lane a worktree works for: `<gitdir>/wf/binding`, lines of `key=value`.
///
/// It may be lost without harm: it is found again from the worktree, its branch and the lanes.
package struct Binding: Hashable, Sendable {
    package var workflow: Name
    package var lane: Lane
    /// A random id of this worktree, in `Wf-Worktree`, so that an undo takes back only what was done here.
    package var worktree: String
    /// The branch of the workflow or of the agent.
    package var branch: String?

    package init(workflow: Name, lane: Lane, branch: String?, worktree: String = Binding.newID()) {
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
    static func isID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 16 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func file(in gitDirectory: FilePath) -> FilePath {
        gitDirectory.appending("wf").appending("binding")
    }

    /// - Returns: `nil` where there is none, or none that can be read.
    package static func read(in repository: Repository) throws -> Binding? { try read(in: repository.gitDirectory) }

    private static func read(in gitDirectory: FilePath) throws -> Binding? {
        guard let bytes = try OrdinaryFile.read(file(in: gitDirectory)) else { return nil }
        var values: [Substring: Substring] = [:]
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = line[line.index(after: equals)...]
        }
        guard let workflow = values["workflow"].flatMap({ try? Name(String($0)) }),
            let lane = values["lane"].flatMap({ Lane(text: String($0)) }), let worktree = values["worktree"],
            isID(worktree)
        else { return nil }
        return Binding(
            workflow: workflow, lane: lane, branch: values["branch"].map(String.init), worktree: String(worktree))
    }

    package func write(in repository: Repository) throws {
        var text = "workflow=\(workflow)\nlane=\(lane.text)\nworktree=\(worktree)\n"
        if let branch { text += "branch=\(branch)\n" }
        try WholeFile.write(Array(text.utf8), to: Self.file(in: repository.gitDirectory), access: repository.access)
    }

    /// The folder of another linked worktree that is bound to a lane; `nil` where none is, or where its folder is gone.
    static func folder(boundTo lane: Lane, of workflow: Name, besides repository: Repository) throws -> FilePath? {
        let worktrees = repository.commonDirectory.appending("worktrees")
        for name in try Folder.names(in: worktrees).sorted() {
            let directory = worktrees.appending(name)
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
