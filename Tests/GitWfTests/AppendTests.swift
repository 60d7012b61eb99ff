import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_PROCESSES` says how many at once, `GIT_WF_TEST_COUNT` how many checkpoints each of them takes.
@Suite("Many processes append to one lane, and git cleans up beside them")
struct AppendTests {
    private static let processes = Int(testNumber("GIT_WF_TEST_PROCESSES") ?? 8)
    private static let each = Int(testNumber("GIT_WF_TEST_COUNT") ?? 4)

    @Test("each checkpoint that was reported is in the lane, with a whole tree, and nobody failed")
    func many() throws {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<20 { try repo.write("f\(number)", "\(number)\n") }
        try repo.done("checkpoint", "first")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "first")
        let worktrees = try (0..<4).map { number -> TestRepository in
            if number == 0 { return repo }
            try repo.git("worktree", "add", "-q", "../w\(number)", "-b", "b\(number)")
            return repo.beside("w\(number)")
        }
        try repo.write(
            "append.sh",
            """
            number=$1
            shift
            for i in $(seq \(Self.each)); do
                echo "$number $i" >"own$number"
                git-wf checkpoint --json "process $number, $i" || echo "failed: $?"
            done >"$1" 2>"$1.err"
            """)
        try repo.write(
            "clean.sh",
            """
            rounds=0
            while [ ! -e "$1" ]; do
                git gc --prune=now --quiet || echo "gc: $?"
                git repack -adq || echo "repack: $?"
                git pack-refs --all || echo "pack-refs: $?"
                git worktree prune || echo "prune: $?"
                rounds=$((rounds + 1))
            done
            echo "$rounds rounds"
            """)
        let answers = repo.folder.path.appending("answers")
        try Files.makeFolders(answers)
        let script = repo.file("append.sh").string
        let starts = (0..<Self.processes).map { number in
            "(cd '\(worktrees[number % 4].path)' && exec sh '\(script)' \(number) '\(answers)/\(number)') &"
        }
        let stop = answers.appending("stop").string
        let everything = """
            sh clean.sh '\(stop)' & cleaner=$!
            pids=
            \(starts.map { "\($0) pids=\"$pids $!\"" }.joined(separator: "\n"))
            wait $pids
            touch '\(stop)'
            wait $cleaner
            """
        let output = try repo.run("sh", ["-c", everything], timeout: 120 + Self.processes * Self.each)
        // git itself may find that another of these is at it; what it says is not ours, but its end is.
        let rounds = try #require(output.text.firstMatch(of: /(\d+) rounds/)?.1, "\(output.errorText)")
        var reported: [String] = []
        for number in 0..<Self.processes {
            let text = String(decoding: try Files.read(answers.appending("\(number)")), as: UTF8.self)
            let errors = String(decoding: try Files.read(answers.appending("\(number).err")), as: UTF8.self)
            #expect(errors == "", "process \(number)")
            for line in text.split(separator: "\n") {
                let id = try #require(line.firstMatch(of: /"id":"([0-9a-f]{40})"/)?.1, "process \(number): \(line)")
                reported.append(String(id))
            }
        }
        #expect(reported.count == Self.processes * Self.each && Set(reported).count == reported.count)
        let lane = Set(try repo.git("rev-list", "--first-parent", repo.lane).lines)
        #expect(reported.allSatisfy { lane.contains($0) })
        let missing = try repo.run("git", ["rev-list", "--objects", "--quiet", repo.lane])
        #expect(missing.status == 0, "\(missing.errorText)")
        let faults = try repo.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
        #expect(faults == [])
        #expect(try repo.json("fsck")["problems"]?.list == [])
        let loose = try repo.git("count-objects", "-v").text
        #expect(try repo.run("git", ["gc", "--prune=now", "--quiet"]).status == 0)
        print(
            "\(reported.count) reported, all in a lane of \(lane.count); \(rounds) rounds of gc, repack and pack-refs; left:",
            loose.replacing("\n", with: ", "))
    }
}
