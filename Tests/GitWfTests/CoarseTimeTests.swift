import Glibc
import SystemPackage
import TestSupport
import Testing

/// A file system whose times are whole seconds, mounted for a test: ext4 with inodes that have no room for more.
private final class CoarseFileSystem {
    let repo: TestRepository
    let place: FilePath

    private init(_ repo: TestRepository, _ place: FilePath) {
        self.repo = repo
        self.place = place
    }

    /// - Returns: `nil` where nothing can be mounted.
    static func mounted() throws -> CoarseFileSystem? {
        let repo = try TestRepository(name: "around")
        let place = repo.folder.path.appending("mounted")
        let image = repo.folder.path.appending("image").string
        try Files.makeFolders(place)
        for command in [
            ["truncate", "-s", "16M", image], ["mkfs.ext4", "-q", "-I", "128", image],
            ["mount", "-o", "loop", image, place.string],
        ] where (try? repo.run(command[0], Array(command.dropFirst())).status) != 0 { return nil }
        return CoarseFileSystem(repo, place)
    }

    deinit { _ = try? repo.run("umount", [place.string]) }
}

@Suite("Times of whole seconds hide no change", .enabled(if: geteuid() == 0))
struct CoarseTimeTests {
    @Test(
        "an edit and a new file in the second of the checkpoint before are in the next one", arguments: [true, false])
    func second(gitDirectoryInside: Bool) throws {
        guard let mounted = try CoarseFileSystem.mounted() else { return }
        var repo = mounted.repo.worktree(at: mounted.place.appending("r"))
        try Files.makeFolders(repo.path)
        if gitDirectoryInside {
            try repo.git("init", "-q", "--initial-branch=main")
        } else {
            try repo.git(
                "init", "-q", "--initial-branch=main", "--separate-git-dir=\(mounted.repo.file("../dots.git"))")
        }
        repo.environment["GIT_COMMITTER_DATE"] = nil
        try repo.commit("a.txt", "one\n")
        #expect(try repo.wf("init", "--name", "demo", "--template", "minimal", "--no-hooks").status == 0)
        try repo.write("d/one", "1\n")
        try repo.wf("checkpoint", "warm")
        sleep(3)
        for round in 0..<3 {
            // In one second: an edit, a checkpoint, and another edit of the same size with a new file beside.
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            usleep(UInt32(1_050_000 - now.tv_nsec / 1000))
            try repo.write("a.txt", "AAA\(round)\n")
            try repo.write("d/two\(round)", "2\n")
            #expect(try repo.wf("checkpoint", "A").status == 0)
            try repo.write("a.txt", "BBB\(round)\n")
            try repo.write("d/three\(round)", "3\n")
            sleep(3)
            #expect(try repo.wf("checkpoint", "B").status == 0)
            #expect(try repo.git("show", "refs/wf/demo/leader:a.txt").text == "BBB\(round)")
            #expect(try repo.gitStatus("cat-file", "-e", "refs/wf/demo/leader:d/three\(round)") == 0)
        }
    }
}
