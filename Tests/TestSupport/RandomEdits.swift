import Glibc
import SystemPackage

/// Does to a repository what people do, in an order that a seed decides.
package struct RandomEdits {
    package let repo: TestRepository
    package var random: SeededGenerator
    /// What was done, for the message of a failure.
    package private(set) var log: [String] = []

    /// One thing that people do.
    package enum Step: String, CaseIterable, Sendable {
        // Files alone:
        case write, writeExecutable, link, remove, changeMode, rename, renameDirectory, removeDirectory
        case editWithOldTime, editBelowOldDirectory
        // What git knows:
        case ignore, exclude, attributes, add, addAll, addForced, commit, removeCached, lineEnds, splitIndex, intend
        case conflict, stash, unstash, reset, resetHard, checkout, sparse, notSparse, assume, letTimePass
        // Repositories in this one:
        case nest, unnest

        /// How often it is done.
        fileprivate var weight: Int {
            switch self {
            case .write: 8
            case .remove, .rename, .renameDirectory, .editWithOldTime, .add, .letTimePass: 3
            case .writeExecutable, .link, .changeMode, .editBelowOldDirectory, .ignore, .commit, .sparse: 2
            default: 1
            }
        }

        package static let ofFiles: [Step] = Array(allCases.prefix { $0 != .ignore })
        package static let ofOneRepository: [Step] = allCases.filter { ![.nest, .unnest].contains($0) }
    }

    private static let names = [
        "a", "b.txt", "d/a", "d/b.o", "d/e/f", "d/e/g.txt", "x", "x/y", "x/y/z.o", "é \n", "build/o", "k.up",
    ]
    private static let directories = ["d", "d/e", "x", "x/y", "build", "n/d", "e"]
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

    package init(_ repo: TestRepository, seed: UInt64) throws {
        self.repo = repo
        random = SeededGenerator(seed: seed)
        let filter = "[filter \"upper\"]\n\tclean = tr a-z A-Z\n\tsmudge = tr A-Z a-z\n"
        try Files.write(Files.read(repo.gitPath("config")) + Array(filter.utf8), to: repo.gitPath("config"))
    }

    /// Does one of `steps`, the more common ones more often.
    package mutating func step(_ steps: [Step] = Step.ofOneRepository) throws {
        // git 2.39 crashes now and then on a sparse index, and leaves its lock to whoever is there to remove it.
        defer { if repo.exists(".git/index.lock") { try? repo.remove(".git/index.lock") } }
        let before = try repo.indexBytes()
        defer { mendIndex(before) }
        var number = random.below(steps.reduce(0) { $0 + $1.weight })
        for step in steps {
            number -= step.weight
            if number < 0 { return try perform(step) }
        }
    }

    /// git 2.39 can write a split index of a sparse worktree that it then calls corrupt itself. Who has that brings an older one back.
    private mutating func mendIndex(_ before: [UInt8]?) {
        guard let after = try? repo.indexBytes(), after != before, after.contains(Array("link".utf8)),
            let status = try? repo.gitStatus("ls-files"), status != 0, let before,
            let index = try? repo.gitPath("index")
        else { return }
        log.append("git broke its index")
        try? Files.write(before, to: index)
    }

    private mutating func perform(_ step: Step) throws {
        let name = random.pick(Self.names)
        log.append("\(step.rawValue) \(name)")
        // Nothing is done through a symlink: it may lead to anywhere, to `.git` too.
        guard isReached(name) else { return }
        switch step {
        case .write, .writeExecutable, .link, .remove, .changeMode, .rename, .renameDirectory, .removeDirectory,
            .editWithOldTime, .editBelowOldDirectory:
            try edit(step, name)
        case .ignore:
            let file = random.pick([".gitignore", ".gitignore", "d/.gitignore"])
            let text = random.pick(Self.rules) + random.pick(Self.rules)
            try put(file) { try repo.write(file, text) }
        case .exclude:
            // With what git-wf itself has there: the rendering of the state.
            try repo.write(".git/info/exclude", random.pick(Self.rules) + "/workflow-state.md\n")
        case .attributes:
            let file = random.pick([".gitattributes", ".gitattributes", "d/.gitattributes"])
            let text = random.pick(Self.attributes) + random.pick(Self.attributes)
            try put(file) { try repo.write(file, text) }
        case .lineEnds: try repo.gitStatus("config", "core.autocrlf", random.pick(["true", "false", "input"]))
        case .letTimePass: try letTimePass()
        case .nest:
            let directory = random.pick(Self.directories)
            guard isReached(directory + "/.git"), !repo.exists(directory + "/.git") else { return }
            try put(directory + "/.git") { try copyTemplate(to: repo.file(directory)) }
        case .unnest:
            let link = random.pick(Self.directories) + "/.git"
            if isReached(link) { Files.removeTree(repo.file(link)) }
        default: try command(step, name)
        }
    }

    // MARK: Files

    private mutating func edit(_ step: Step, _ name: String) throws {
        let content = random.pick(Self.contents)
        let place = random.pick(["a", "d", "..", "no/where", "x/y"])
        let directory = random.pick(Self.directories)
        let other = random.pick(Self.directories)
        let target = random.pick(Self.names)
        switch step {
        case .write: try put(name) { try repo.write(name, content) }
        case .writeExecutable: try put(name) { try repo.write(name, content, mode: 0o755) }
        case .link:
            try put(name) {
                if repo.exists(name) { try repo.remove(name) }
                try repo.link(name, to: place)
            }
        case .remove: if repo.exists(name) { try repo.remove(name) }
        case .removeDirectory: if isReached(directory), repo.exists(directory) { try repo.remove(directory) }
        case .changeMode:
            if let mode = Files.mode(of: repo.file(name)), mode & S_IFMT == S_IFREG {
                chmod(repo.file(name).string, mode ^ 0o111)
            }
        case .rename:
            if repo.exists(name), isReached(target), !repo.exists(target), !target.hasPrefix(name + "/") {
                try put(target) { Glibc.rename(repo.file(name).string, repo.file(target).string) }
            }
        case .renameDirectory:
            log[log.count - 1] += " \(directory) to \(other)"
            guard isReached(directory), isReached(other), repo.exists(directory),
                !(other + "/").hasPrefix(directory + "/")
            else { return }
            if repo.exists(other), !(directory + "/").hasPrefix(other + "/") { try repo.remove(other) }
            guard !repo.exists(other) else { return }
            try put(other) { Glibc.rename(repo.file(directory).string, repo.file(other).string) }
        case .editWithOldTime:
            guard let mode = Files.mode(of: repo.file(name)), mode & S_IFMT == S_IFREG else { return }
            let times = try Files.times(of: repo.file(name))
            let size = try repo.read(name).count
            guard let same = Self.contents.filter({ $0.utf8.count == size }).randomElement(using: &random) else {
                return
            }
            try repo.write(name, same, mode: mode & 0o777)
            try Files.setTimes(of: repo.file(name), to: Bool.random(using: &random) ? times : Self.longAgo)
        default:
            let file = repo.file(directory)
            guard isReached(directory + "/a"), Files.mode(of: file) != nil else { return }
            let times = try Files.times(of: file)
            let inner = "\(directory)/\(random.pick(["a", "f", "y", "o"]))"
            if repo.exists(inner) { try repo.remove(inner) } else { try repo.write(inner, content) }
            try Files.setTimes(of: file, to: times)
        }
    }

    private static let longAgo = [
        timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
    ]

    /// Whether what is above `name` is directories, as far as it is there.
    private func isReached(_ name: String) -> Bool {
        var parent = FilePath(name).removingLastComponent()
        while !parent.isEmpty {
            if let mode = Files.mode(of: repo.file(parent.string)), mode & S_IFMT != S_IFDIR { return false }
            parent = parent.removingLastComponent()
        }
        return true
    }

    /// Makes room for something at `name`, then makes it; where a file is in the place of a directory, nothing happens.
    private func put(_ name: String, _ make: () throws -> Void) throws {
        guard isReached(name) else { return }
        if let mode = Files.mode(of: repo.file(name)), mode & S_IFMT != S_IFREG { try repo.remove(name) }
        try Files.makeFolders(repo.file(name).removingLastComponent())
        try make()
    }

    // MARK: Commands of git

    /// Runs what may fail: git says no to what makes no sense in the state that things are in.
    private func git(_ arguments: String...) throws { try repo.run("git", arguments) }

    private mutating func command(_ step: Step, _ name: String) throws {
        switch step {
        case .add: if repo.exists(name) { try git("add", "--", name) }
        case .addAll: try git("add", "-A", "--sparse")
        case .addForced: if repo.exists(name) { try git("add", "-f", "--sparse", "--", name) }
        case .commit: try git("commit", "-qm", "x")
        case .removeCached: try git("rm", "-rq", "--cached", "--", name)
        case .splitIndex: try git("update-index", random.pick(["--split-index", "--no-split-index"]))
        case .intend: if repo.exists(name) { try git("add", "-N", "--", name) }
        case .stash: try git("stash", "push", "-q", random.pick(["-u", "-k", "--no-keep-index"]))
        case .unstash: try git("stash", "pop", "-q")
        case .reset: try git("reset", "-q", random.pick(["HEAD", "HEAD~1", "HEAD~2"]))
        case .resetHard: try git("reset", "-q", "--hard", random.pick(["HEAD", "HEAD~1", "HEAD@{1}"]))
        case .checkout:
            // Where it would lose something, git refuses; with -f it does not ask.
            let force = random.pick([["-q"], ["-qf"]])
            let target = random.pick([
                ["-B", "second", "HEAD"], ["main"], ["second"], ["-"], ["--detach", "HEAD~1"],
            ])
            try repo.run("git", ["checkout"] + force + target)
        case .sparse:
            let patterns = random.pick([
                ["--cone", "d"], ["--cone", "x", "d/e"], ["--cone"], ["--no-cone", "/d/", "*.txt"],
                ["--no-cone", "/*", "!/x/"],
            ])
            let index = random.pick(["--sparse-index", "--no-sparse-index"])
            try repo.run("git", ["sparse-checkout", "set", index] + patterns)
        case .notSparse: try git("sparse-checkout", "disable")
        case .assume:
            let flags = ["--assume-unchanged", "--no-assume-unchanged", "--skip-worktree", "--no-skip-worktree"]
            try git("update-index", random.pick(flags), "--", name)
        default: try conflict()
        }
    }

    /// A merge that ends in conflicts, or is refused.
    private mutating func conflict() throws {
        let (name, content) = (random.pick(Self.names), random.pick(Self.contents))
        for arguments in [
            ["add", "-A"], ["commit", "-qm", "ours"], ["checkout", "-q", "-B", "other", "HEAD~1"],
            ["commit", "-q", "--allow-empty", "-m", "theirs"],
        ] { try repo.run("git", arguments) }
        try put(name) { try repo.write(name, content) }
        for arguments in [
            ["add", "-A"], ["commit", "-qm", "theirs"], ["checkout", "-q", "main"], ["merge", "-q", "other"],
        ] { try repo.run("git", arguments) }
    }

    /// So that git's index and ours believe what they know: a tick of the clock, and an index that looks a second newer.
    private func letTimePass() throws {
        usleep(12_000)
        try git("status", "--porcelain")
        let index = try repo.gitPath("index")
        guard Files.mode(of: index) != nil else { return }
        var times = try Files.times(of: index)
        times[1].tv_sec += 1
        try Files.setTimes(of: index, to: times)
        usleep(12_000)
    }

    /// Makes a directory a repository with a commit.
    private func copyTemplate(to directory: FilePath) throws {
        let template = repo.worktree(at: "../template")
        if Files.mode(of: template.path) == nil {
            try Files.makeFolders(template.path)
            try template.git("init", "-q", "--initial-branch=main")
            try template.git("commit", "-q", "--allow-empty", "-m", "template")
        }
        try repo.run("cp", ["-a", template.path.appending(".git").string, directory.appending(".git").string])
    }
}
