import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite("Files that change while they are read")
struct HammeredFileTests {
    /// What a thread does to `hammered` again and again, and what a snapshot may then have of it.
    struct Hammering: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Called with the path, and a number that grows.
        let strike: @Sendable (String, Int) -> Void
        /// Whether the file had this content at some moment.
        let isState: @Sendable ([UInt8]) -> Bool
    }

    /// 300 KB of one letter: more than one read takes.
    private static func whole(_ letter: UInt8) -> [UInt8] { [UInt8](repeating: letter, count: 300_000) }
    private static let letters = Array("abcdefgh".utf8)
    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.count == 300_000 && bytes.allSatisfy { $0 == bytes[0] } && letters.contains(bytes[0])
    }

    private static func write(_ path: String, _ bytes: [UInt8], _ flags: Int32 = O_TRUNC) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
        guard descriptor >= 0 else { return }
        _ = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
    }

    static let hammerings: [Hammering] = [
        Hammering(
            testDescription: "is replaced",
            strike: { path, number in
                write(path + ".o", whole(letters[number % letters.count]))
                rename(path + ".o", path)
            }, isState: isWhole),
        Hammering(
            testDescription: "is replaced by one of the same time",
            strike: { path, number in
                write(path + ".o", whole(letters[number % letters.count]))
                let time = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)
                utimensat(AT_FDCWD, path + ".o", [time, time], 0)
                rename(path + ".o", path)
            }, isState: isWhole),
        Hammering(
            testDescription: "is edited in place to the same size",
            // So short that no reader sees half of it.
            strike: { path, number in write(path, Array("state \(number % 8)\n".utf8), 0) },
            isState: { String(decoding: $0, as: UTF8.self).wholeMatch(of: /(state [0-7]\n)?/) != nil }),
        Hammering(
            testDescription: "grows, and begins anew",
            strike: { path, number in
                if number % 400 == 0 { write(path, []) }
                write(path, [UInt8](repeating: UInt8(ascii: "g"), count: 1000), O_APPEND)
            }, isState: { bytes in bytes.allSatisfy { $0 == UInt8(ascii: "g") } }),
        Hammering(
            testDescription: "shrinks, and is filled again",
            strike: { path, number in
                if number % 100 == 0 { write(path, [UInt8](repeating: UInt8(ascii: "s"), count: 300_000)) }
                truncate(path, 300_000 - (number % 100) * 3000)
            }, isState: { bytes in bytes.allSatisfy { $0 == UInt8(ascii: "s") } }),
        Hammering(
            testDescription: "vanishes, and comes back",
            strike: { path, number in
                write(path + ".o", whole(letters[number % letters.count]))
                rename(path + ".o", path)
                unlink(path)
            }, isState: isWhole),
        Hammering(
            testDescription: "is a file, a directory and a symlink in turn",
            strike: { path, number in
                unlink(path)
                unlink(path + "/inner")
                rmdir(path)
                switch number % 3 {
                case 0:
                    write(path + ".o", whole(letters[number % letters.count]))
                    rename(path + ".o", path)
                case 1:
                    mkdir(path, 0o755)
                    write(path + ".o", whole(letters[number % letters.count]))
                    rename(path + ".o", path + "/inner")
                default: symlink("elsewhere", path)
                }
            }, isState: { isWhole($0) || $0 == Array("elsewhere".utf8) }),
        Hammering(
            testDescription: "changes its mode",
            strike: { path, number in
                write(path + ".o", whole(letters[0]))
                chmod(path + ".o", number % 2 == 0 ? 0o755 : 0o644)
                rename(path + ".o", path)
            }, isState: isWhole),
        Hammering(
            testDescription: "is in a directory that is renamed",
            strike: { path, _ in
                write(path + ".o", whole(letters[0]))
                rename(path + ".o", path)
                let directory = String(path.dropLast("/hammered".count))
                rename(directory, directory + ".away.o")
                rename(directory + ".away.o", directory)
            }, isState: isWhole),
    ]

    @Test(
        "a snapshot succeeds, has a state that the file had, or none, and is right about its siblings",
        arguments: hammerings, [false, true])
    func hammered(_ hammering: Hammering, isTracked: Bool) throws {
        let repo = try TestRepository()
        try repo.write(".gitignore", "*.o\n")
        for name in ["before", "d/before", "d/sibling", "e/after"] { try repo.write(name, name + "\n") }
        try repo.commit("after", "after\n")
        if isTracked {
            try repo.write("d/hammered", "initial\n")
            try repo.git("add", "d/hammered")
        }
        let path = repo.file("d/hammered").string
        let count = Int(testNumber("GIT_WF_TEST_COUNT") ?? 12)
        let hammer = try Hammer { hammering.strike(path, $0) }
        do {
            for round in 0..<count {
                try repo.write("d/sibling", "round \(round)\n")
                try repo.write("e/after", "round \(round)\n")
                let tree = try repo.snapshot().tree.hex
                var contents = try repo.contents(ofTree: tree)
                for (name, text) in [
                    ("before", "before\n"), ("after", "after\n"), ("d/before", "d/before\n"),
                    ("d/sibling", "round \(round)\n"), ("e/after", "round \(round)\n"), (".gitignore", "*.o\n"),
                ] {
                    let isAway = name.hasPrefix("d/") && hammering.testDescription.contains("renamed")
                    if isAway, contents[name] == nil { continue }
                    #expect(contents.removeValue(forKey: name) == Array(text.utf8), "\(name) in round \(round)")
                }
                for (name, bytes) in contents {
                    #expect(name.hasPrefix("d/hammered"), "\(name) in round \(round)")
                    let isFirst = isTracked && bytes == Array("initial\n".utf8)
                    #expect(isFirst || hammering.isState(bytes), "\(name) has a state that it never had")
                }
            }
        } catch {
            hammer.stop()
            throw error
        }
        hammer.stop()
        #expect(hammer.strikes > count, "the thread hardly ran")
        // What it saw while the file changed is not believed afterwards.
        try repo.expectExact(hammering.testDescription)
    }

    /// Linux 6.13 and later give a file that was looked at a time of its own, on most file systems; not on this one.
    enum Clock: String, CaseIterable, Sendable {
        case ofTheFolder = "where the tests are"
        case coarse = "on a ramfs, whose clock ticks slowly"

        /// Mounting takes root, in a machine that lets it.
        static let usable: [Clock] = {
            guard geteuid() == 0, let repo = try? TestRepository() else { return [.ofTheFolder] }
            defer { umount2(repo.path.string, Int32(MNT_DETACH)) }
            let mounted = try? repo.run("mount", ["-t", "ramfs", "git-wf-test", repo.path.string])
            return mounted?.status == 0 ? allCases : [.ofTheFolder]
        }()
    }

    @Test(
        "an edit of the same size in the tick of the clock in which a file was read is seen by the next snapshot",
        arguments: Clock.usable)
    func lastEdit(clock: Clock) throws {
        var repo = try TestRepository()
        if clock == .coarse {
            repo = repo.worktree(at: "../coarse")
            try Files.makeFolders(repo.path)
            try #require(repo.run("mount", ["-t", "ramfs", "git-wf-test", repo.path.string]).status == 0)
            try repo.git("init", "-q", "--initial-branch=main")
        }
        defer { if clock == .coarse { umount2(repo.path.string, Int32(MNT_DETACH)) } }
        let names = (0..<6).map { "f\($0)" }
        for name in names { try repo.write(name, "state 0\n") }
        try repo.commit("z", "one\n")
        try repo.write("untracked", "state 0\n")
        let paths = (names + ["untracked"]).map { repo.file($0).string }
        var random = SeededGenerator(seed: testNumber("GIT_WF_TEST_SEED") ?? 1)
        for round in 0..<Int(testNumber("GIT_WF_TEST_COUNT") ?? 40) {
            // The thread writes without a pause, and ends at some moment of the snapshot: what it wrote last is easily
            // taken for what was read, since both have the same size and, with luck, the same time.
            let pause = UInt32(random.below(15_000))
            let hammer = try Hammer { strike in
                for path in paths { Self.write(path, Array("state \(strike % 8)\n".utf8), 0) }
            }
            let stopper = try Hammer { strike in
                if strike == 0 { usleep(pause) }
                hammer.stop()
                usleep(100)
            }
            defer {
                stopper.stop()
                hammer.stop()
            }
            try repo.snapshot()
            while !hammer.isStopped { usleep(100) }
            stopper.stop()
            let expected = try repo.oracleTree(trustsTimes: false)
            guard try repo.expectTree(expected, "round \(round)", trustsTimes: false) else { return }
        }
    }
}

extension TestRepository {
    /// The files of a tree with their bytes.
    func contents(ofTree tree: String) throws -> [String: [UInt8]] {
        let repository = try opened()
        let id = try #require(ObjectID(hex: tree))
        let files = try repository.changes(from: Repository.emptyTree, to: id).compactMap(\.new)
        return try Dictionary(
            files.filter { $0.mode != .gitlink }.map { ($0.path.description, try repository.blob($0.id)) },
            uniquingKeysWith: { first, _ in first })
    }
}
