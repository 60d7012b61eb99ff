import Glibc
import SystemPackage
import TestSupport

/// Does to a repository what people do, in an order that a seed decides.
struct RandomEdits {
    let repo: TestRepository
    private var random: SeededGenerator
    /// What was done, for the message of a failure.
    private(set) var log: [String] = []

    private static let names = [
        "a", "b.txt", "d/a", "d/b.o", "d/e/f", "d/e/g.txt", "x", "x/y", "x/y/z.o", "é \n", "build/o", "k.up",
    ]
    private static let contents = [
        "", "one\n", "two\n", "a\r\nb\r\n", "a\nb\r\n", "\u{0}\r\n", "$Id: x $\n$Id$\n", "three",
    ]
    private static let rules = [
        "*.o\n", "build/\n", "/x\n", "!d/b.o\n*.txt\n", "d/*\n!d/e\n", "**/e\n", "d/**/g.*\n", "[a-c]\n", "é*\n",
        "x/y/\n", "",
    ]
    private static let attributes = [
        "* text=auto\n", "*.txt text eol=crlf\n", "a -text\n", "d/** ident\n", "*.up filter=upper\n", "",
    ]

    init(_ repo: TestRepository, seed: UInt64) throws {
        self.repo = repo
        random = SeededGenerator(seed: seed)
        try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        try repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
    }

    private mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }

    /// - Parameter isOfFiles: whether only files of the worktree change, and nothing of what git knows.
    mutating func step(isOfFiles: Bool = false) throws {
        let name = pick(Self.names)
        let kind = Int.random(in: 0..<(isOfFiles ? 10 : 21), using: &random)
        let content = pick(Self.contents)
        let place = pick(["a", "d", "..", "no/where", "x/y"])
        let rules = (file: pick([".gitignore", "d/.gitignore"]), text: pick(Self.rules) + pick(Self.rules))
        log.append("\(kind) \(name)")
        switch kind {
        case 0...3: try put(name) { try repo.write(name, content) }
        case 4: try put(name) { try repo.write(name, content, mode: 0o755) }
        case 5:
            try put(name) {
                if repo.exists(name) { try repo.remove(name) }
                try repo.link(name, to: place)
            }
        case 6, 7: if repo.exists(name) { try repo.remove(name) }
        case 8:
            if let mode = Files.mode(of: repo.file(name)), mode & S_IFMT == S_IFREG {
                chmod(repo.file(name).string, mode ^ 0o111)
            }
        case 9:
            let target = pick(Self.names)
            if repo.exists(name), !repo.exists(target), !target.hasPrefix(name + "/") {
                try put(target) { rename(repo.file(name).string, repo.file(target).string) }
            }
        case 10: try put(rules.file) { try repo.write(rules.file, rules.text) }
        case 11: try repo.write(".gitattributes", pick(Self.attributes) + pick(Self.attributes))
        case 12, 13: if repo.exists(name) { try repo.gitStatus("add", "--", name) }
        case 14: try repo.gitStatus("add", "-A")
        case 15: try repo.gitStatus("commit", "-qm", "x")
        case 16: try repo.gitStatus("rm", "-rq", "--cached", "--", name)
        case 17: try repo.gitStatus("config", "core.autocrlf", pick(["true", "false", "input"]))
        case 18: try repo.gitStatus("update-index", pick(["--split-index", "--no-split-index"]))
        case 19: if repo.exists(name) { try repo.gitStatus("add", "-N", "--", name) }
        default: try conflict()
        }
    }

    /// A merge that ends in conflicts, or is refused.
    private mutating func conflict() throws {
        try repo.gitStatus("add", "-A")
        try repo.gitStatus("commit", "-qm", "ours")
        try repo.gitStatus("checkout", "-q", "-B", "other", "HEAD~1")
        try repo.gitStatus("commit", "-q", "--allow-empty", "-m", "theirs")
        let name = pick(Self.names)
        let content = pick(Self.contents)
        try put(name) { try repo.write(name, content) }
        try repo.gitStatus("add", "-A")
        try repo.gitStatus("commit", "-qm", "theirs")
        try repo.gitStatus("checkout", "-q", "main")
        try repo.gitStatus("merge", "-q", "other")
    }

    /// Makes room for something at `name`, then makes it; where a file is in the place of a directory, nothing happens.
    private func put(_ name: String, _ make: () throws -> Void) throws {
        var parent = FilePath(name).removingLastComponent()
        while !parent.isEmpty {
            if let mode = Files.mode(of: repo.file(parent.string)), mode & S_IFMT != S_IFDIR { return }
            parent = parent.removingLastComponent()
        }
        if let mode = Files.mode(of: repo.file(name)), mode & S_IFMT != S_IFREG { try repo.remove(name) }
        try Files.makeFolders(repo.file(name).removingLastComponent())
        try make()
    }
}
