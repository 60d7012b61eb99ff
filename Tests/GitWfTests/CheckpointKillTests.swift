import Glibc
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many kills, `GIT_WF_TEST_SEED` where to begin, `GIT_WF_TEST_FILES` of how many new files.
@Suite("A checkpoint that is killed at any moment costs nothing but itself")
struct CheckpointKillTests {
    private static let files = Int(testNumber("GIT_WF_TEST_FILES") ?? 300)

    /// What a checkpoint does that nobody kills.
    private struct Undisturbed {
        let microseconds: Int
        let tree: String
        /// The files in the git directory, as `names(in:)` has them.
        let names: Set<String>

        init() throws {
            let repo = try CheckpointKillTests.prepared(1)
            var began = timespec()
            var ended = timespec()
            clock_gettime(CLOCK_MONOTONIC, &began)
            tree = try repo.json("checkpoint", "x")["tree"]?.text ?? ""
            clock_gettime(CLOCK_MONOTONIC, &ended)
            microseconds = (ended.tv_sec - began.tv_sec) * 1_000_000 + (ended.tv_nsec - began.tv_nsec) / 1000
            try repo.done("checkpoint", "y")
            names = try CheckpointKillTests.names(in: repo)
        }
    }

    private static let undisturbed = Result { try Undisturbed() }

    /// A workflow with a checkpoint, and many new files since.
    private static func prepared(_ seed: UInt64) throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "before")
        for directory in 0..<min(files, 97) { try Files.makeFolders(repo.file("new/d\(directory)")) }
        let top = repo.path.string
        for number in 0..<files {
            try Files.write(Array("content \(number)\n".utf8), to: "\(top)/new/d\(number % 97)/f\(number)")
        }
        return repo
    }

    /// The files in the git directory that are there for longer than a command. Those that are named by what they hold
    /// are one: loose objects, packs.
    private static func names(in repo: TestRepository) throws -> Set<String> {
        let git = repo.file(".git").string
        var names: Set<String> = []
        func isHex(_ name: some StringProtocol, _ count: Int) -> Bool {
            name.utf8.count == count
                && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
        func collect(_ place: String) {
            let isOfLooseObjects = place.hasPrefix("objects/") && isHex(place.dropFirst("objects/".count), 2)
            for name in Files.names(in: "\(git)/\(place)") {
                if isOfLooseObjects, isHex(name, 38) { continue }
                let path = place.isEmpty ? name : "\(place)/\(name)"
                var status = stat()
                if lstat("\(git)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    collect(path)
                } else {
                    names.insert(path.replacing(/pack-[0-9a-f]{40}/, with: "pack-ID"))
                }
            }
        }
        collect("")
        return names
    }

    /// What git's own housekeeping removes.
    private static func isGits(_ name: String) -> Bool {
        name.wholeMatch(of: /objects\/([0-9a-f]{2}\/tmp_obj_|pack\/tmp_|tmp_).*/) != nil
            || name.wholeMatch(of: /objects\/pack\/pack-ID\.(pack|idx|rev)/) != nil
    }

    @Test(
        "the next one succeeds, nothing is missing, and nothing is left in the way", arguments: testSeeds(count: 8))
    func killed(seed: UInt64) throws {
        let expected = try Self.undisturbed.get()
        let repo = try Self.prepared(seed)
        var random = SeededGenerator(seed: seed)
        let kills = (0..<random.pick([1, 1, 1, 2, 3])).map { _ in random.below(expected.microseconds * 11 / 10) }
        let note: Comment = "seed \(seed), killed after \(kills) µs of \(expected.microseconds)"
        for microseconds in kills {
            let pause = "\(microseconds / 1_000_000).\(String(1_000_000 + microseconds % 1_000_000).dropFirst())"
            let script =
                "git-wf checkpoint killed --json >../answer 2>&1 & child=$!; sleep \(pause); kill -9 $child; wait $child"
            let output = try repo.run("sh", ["-c", script])
            // What was reported is there.
            if output.status == 0 {
                let id = try JSONValue(Output(status: 0, stdout: repo.read("../answer"), stderr: []))["id"]?.text ?? ""
                #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.contains(id), note)
            }
            try expectSound(repo, note)
        }
        #expect(try repo.json("checkpoint", "after")["tree"]?.text == expected.tree, note)
        #expect(try left(in: repo, expected).isEmpty, note)
        try expectSound(repo, note)
        try repo.git("prune", "--expire=now")
        let leftByGit = try Self.names(in: repo).subtracting(expected.names).filter { $0.contains("tmp_") }
        #expect(leftByGit.isEmpty, note)
        #expect(try repo.json("fsck")["problems"]?.list == [], note)
    }

    /// What is there beside what an undisturbed checkpoint leaves.
    private func left(in repo: TestRepository, _ expected: Undisturbed) throws -> [String] {
        try Self.names(in: repo).subtracting(expected.names).filter { !Self.isGits($0) }
    }

    private func expectSound(_ repo: TestRepository, _ note: Comment) throws {
        let output = try repo.run("git", ["fsck", "--no-progress"])
        let problems = (output.lines + output.errorText.split(separator: "\n").map(String.init)).filter {
            !$0.hasPrefix("dangling ") && !$0.hasPrefix("notice: ")
        }
        #expect(output.status == 0 && problems.isEmpty, note)
    }
}
