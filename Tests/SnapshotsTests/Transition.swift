import Glibc
import SystemPackage
import TestSupport
import Testing

/// A state of a repository that a snapshot remembers, and what happens to it then. Here incremental scans go wrong.
struct Transition: CustomTestStringConvertible, Sendable {
    typealias Change = @Sendable (TestRepository) throws -> Void

    let testDescription: String
    private let before: Change
    private var changes: [Change] = []
    /// What git cannot add after each change: a snapshot leaves it out.
    private var leftOut: [Int: [String]] = [:]
    /// git misses edits of the same size in the same second whose time was set back: then the files say who is right.
    private let isByContent: Bool
    /// What `git add -A` is told as well.
    private var options: [String] = []

    init(_ description: String, before: @escaping Change = Transition.standard, isByContent: Bool = false) {
        testDescription = description
        self.before = before
        self.isByContent = isByContent
    }

    /// What happens next.
    /// - Parameter leftOut: what git cannot add from then on.
    func then(leavingOut leftOut: [String] = [], _ change: @escaping Change) -> Transition {
        var longer = self
        longer.changes.append(change)
        if !leftOut.isEmpty { longer.leftOut[longer.changes.count] = leftOut }
        return longer
    }

    /// Tracked, untracked and ignored files, at the top and below.
    static let standard: Change = { repo in
        try repo.write(".gitignore", "*.o\n/build/\n")
        try repo.write("a", "one\n")
        try repo.write("d/b", "two\n")
        try repo.write("d/e/f", "three\n")
        try repo.write("run", "#!/bin/sh\n", mode: 0o755)
        try repo.link("l", to: "d/b")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "standard")
        try repo.write("u", "one\n")
        try repo.write("n/v", "two\n")
        try repo.write("n/m/w", "three\n")
        try repo.write("d/x.o", "ignored\n")
        try repo.write("build/deep/out", "ignored\n")
    }

    /// The same, beside what `git add -A` makes with `options`.
    func asking(_ options: [String]) -> Transition {
        var other = self
        other.options = options
        return other
    }

    /// How fast one thing follows another.
    enum Pace: String, CaseIterable, Sendable {
        /// Within one tick of the clock, as far as the machine can.
        case hasty
        /// So slowly that neither git nor a snapshot has any doubt about what it knows.
        case settled
    }

    /// Makes the state, takes snapshots, and compares with git after each change.
    func run(_ pace: Pace, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let repo = try TestRepository()
        try before(repo)
        if pace == .settled {
            // git believes its index where files are a second older; `git status` then says so in the index.
            try await Task.sleep(for: .milliseconds(1050))
            try repo.gitStatus("status", "--porcelain")
        }
        func compare(_ number: Int) async throws {
            let oracle = (leftOut[number] ?? []).map { ":(exclude,literal)\($0)" }
            let paths = options + (oracle.isEmpty ? [] : ["--", "."] + oracle)
            let expected = try repo.oracleTree(paths, trustsTimes: !isByContent)
            var rounds = ["at once", "again"]
            if number == changes.count { rounds.append("without a memory") }
            for round in rounds {
                if round == "without a memory" { Files.removeTree(try repo.gitPath("wf")) }
                let isSame = try repo.expectTree(
                    expected, "\(pace.rawValue), change \(number), \(round)", oracle: paths,
                    trustsTimes: !isByContent, sourceLocation: sourceLocation)
                guard isSame else { return }
                if pace == .settled { try await Task.sleep(for: .milliseconds(25)) }
            }
            if number == changes.count { try repo.expectComplete(expected, sourceLocation: sourceLocation) }
        }
        try await compare(0)
        for (index, change) in changes.enumerated() {
            try change(repo)
            try await compare(index + 1)
        }
    }
}

extension TestRepository {
    /// Renames a file or a directory; one that is in the way must be empty.
    func move(_ old: String, to new: String) throws {
        try Files.makeFolders(file(new).removingLastComponent())
        guard rename(file(old).string, file(new).string) == 0 else {
            throw TestFailure("cannot rename \(old) to \(new): \(Errno(rawValue: errno))")
        }
    }

    /// Puts a new file in the place of one, as editors do: another inode.
    func replace(_ name: String, _ text: String) throws {
        try write(name + ".tmp~", text)
        try move(name + ".tmp~", to: name)
    }

    /// Does something, and sets the modification times of what is at `names` back to what they were.
    func settingBack(_ names: String..., body: () throws -> Void) throws {
        let times = try names.map { try Files.times(of: file($0)) }
        try body()
        for (name, times) in zip(names, times) { try Files.setTimes(of: file(name), to: times) }
    }
}
