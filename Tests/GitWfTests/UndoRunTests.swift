import SystemPackage
import TestSupport
import Testing

@Suite("Undos in a row")
struct UndoRunTests {
    /// A workflow with a checkpoint `good`, after which three files were spoilt and brought back by a restore each.
    private func three() throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        for name in ["a", "b", "c"] { try repo.write(name, "good\n") }
        let good = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        for name in ["a", "b", "c"] { try repo.write(name, "bad\n") }
        for name in ["a", "b", "c"] { try repo.done("restore", "--from", good, name) }
        return repo
    }

    /// Which of the files are as restored.
    private func good(_ repo: TestRepository) throws -> String {
        try ["a", "b", "c", "d"].filter { try repo.exists($0) && repo.text($0) == "good\n" }.joined()
    }

    @Test("each undo goes one further back, each redo one forward, and a new operation ends the run")
    func run() throws {
        let repo = try three()
        func expect(_ command: String, leaves files: String) throws {
            let planned = try repo.json(command, "-n")
            let done = try repo.json(command)
            #expect(planned["undone"] == done["undone"] && planned["restored"] == done["restored"], "\(command)")
            #expect(try good(repo) == files, "\(command)")
        }
        try expect("undo", leaves: "ab")
        try expect("undo", leaves: "a")
        try expect("redo", leaves: "ab")
        try expect("redo", leaves: "abc")
        try repo.refuses(["redo"], status: 1, says: ["nothing to redo"])
        try expect("undo", leaves: "ab")
        try expect("undo", leaves: "a")
        try expect("undo", leaves: "")
        try repo.refuses(["undo"], status: 1, says: ["nothing to undo"])
        try expect("redo", leaves: "a")
        try expect("redo", leaves: "ab")
        try expect("undo", leaves: "a")
        // A new operation ends the run: what was undone stays so, and is passed over.
        try repo.write("d", "good\n")
        try repo.done("checkpoint", "d")
        try repo.write("d", "bad\n")
        try repo.done("restore", "d")
        #expect(try good(repo) == "ad")
        try repo.refuses(["redo"], status: 1, says: ["nothing to redo"])
        try expect("undo", leaves: "a")
        try expect("undo", leaves: "")
        try expect("redo", leaves: "a")
        try expect("redo", leaves: "ad")
        #expect(try repo.json("fsck")["problems"]?.list == [])
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
    }

    @Test("what was done before is undone after .git/wf was removed")
    func withoutStateFolder() throws {
        let repo = try three()
        let id = try repo.json("log", "-n", "1")["checkpoints"]?[0]?["trailers"]
        try repo.remove(".git/wf")
        try repo.done("undo")
        #expect(try good(repo) == "ab")
        try repo.remove(".git/wf")
        try repo.done("undo")
        try repo.remove(".git/wf")
        try repo.done("redo")
        #expect(try good(repo) == "ab")
        #expect(id != nil)
        // A copy of the repository is another worktree, in which nothing was done.
        let copy = repo.beside("copy")
        try repo.run("cp", ["-a", ".", copy.path.string])
        try copy.remove(".git/wf")
        try copy.refuses(["undo"], status: 1, says: ["nothing to undo"])
    }

    @Test("each line says which version a file has now")
    func versions() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("a.txt", "twelve bytes")
        let saved = try repo.json("checkpoint", "twelve")["id"]?.text ?? ""
        try repo.write("a.txt", "")
        #expect(
            try repo.done("restore", "a.txt").lines[0].firstMatch(
                of: #/^restored a.txt from ([0-9a-f]{7}) \(.*, 12 bytes\)$/#)?.1 == saved.prefix(7))
        let undone = try repo.done("undo").lines
        #expect(undone[1].firstMatch(of: #/^  restored a.txt from [0-9a-f]{7} \(.*, 0 bytes\)$/#) != nil)
        let redone = try repo.json("redo")["restored"]?[0]
        #expect(redone?["size"]?.number == 12 && redone?["time"]?.text != nil)
    }

    @Test("what was done on another branch is not undone here")
    func otherBranch() throws {
        let repo = try three()
        try repo.git("switch", "-q", "-c", "other")
        let files = try repo.contents(of: "")
        try repo.refuses(["undo"], status: 1, says: ["it was done on main", "git switch main"])
        #expect(try repo.contents(of: "") == files)
        try repo.git("switch", "-q", "main")
        try repo.done("undo")
        #expect(try good(repo) == "ab")
    }

    @Test("a run of undos of one file goes through its contents, and back")
    func oneFile() throws {
        let repo = try TestRepository.begun("minimal")
        for text in ["two\n", "three\n"] {
            try repo.write("a.txt", text)
            try repo.done("checkpoint", text)
        }
        try repo.write("a.txt", "four\n", mode: 0o755)
        for _ in 0..<3 { try repo.done("restore", "a.txt") }
        #expect(try repo.text("a.txt") == "one\n")
        for expected in ["two\n", "three\n", "four\n"] {
            try repo.done("undo")
            #expect(try repo.text("a.txt") == expected)
        }
        #expect((Files.mode(of: repo.file("a.txt")) ?? 0) & 0o777 == 0o755)
        for expected in ["three\n", "two\n", "one\n"] {
            try repo.done("redo")
            #expect(try repo.text("a.txt") == expected)
        }
    }

    @Test("what an undo records says what it was of, however often it was turned round")
    func titles() throws {
        let repo = try three()
        let restored = try repo.id(repo.lane).prefix(7)
        for command in ["undo", "redo", "undo"] { try repo.done(command) }
        #expect(try repo.done("redo", "-n").lines.first == "would redo \(restored): Restored c")
        #expect(try repo.done("undo", "-n").lines.first?.hasSuffix(": Restored b") == true)
        let titles = try repo.json("log", "--kind", "undone")["checkpoints"]?.texts("title") ?? []
        #expect(titles == ["Undid: Restored c", "Redid: Restored c", "Undid: Restored c"])
    }

    @Test("each worktree undoes what was done in it, wherever that stands in the lane")
    func worktrees() throws {
        let repo = try three()
        try repo.git("worktree", "add", "-q", "--detach", "../other")
        let other = repo.beside("other")
        for name in ["a", "b"] { try other.write(name, "good\n") }
        try other.done("checkpoint", "of the other")
        for name in ["a", "b"] { try other.write(name, "bad\n") }
        try other.refuses(["undo"], status: 1, says: ["nothing to undo"])
        // One after the other, into the same lane.
        try other.done("restore", "a")
        try repo.done("undo")
        try other.done("restore", "b")
        try repo.done("undo")
        #expect(try good(repo) == "a" && good(other) == "ab")
        try other.done("undo")
        try repo.done("redo")
        try other.done("undo")
        #expect(try good(repo) == "ab" && good(other) == "")
        try other.refuses(["undo"], status: 1, says: ["nothing to undo"])
        try repo.done("redo")
        try other.done("redo")
        #expect(try good(repo) == "abc" && good(other) == "a")
        let lanes = try repo.json("log", "-n", "0", "--kind", "undone")["checkpoints"]?.list.count
        #expect(lanes == 7)
    }

    @Test("merges and restores are undone in a row, with index and branch, and done again")
    func merges() throws {
        let repo = try TestRepository.begun("minimal")
        func merge(_ name: String) throws {
            let place = try repo.done("agent", "start", name).lines.first ?? ""
            let agent = repo.worktree(at: FilePath(place))
            try agent.write("\(name).txt", "of \(name)\n")
            try agent.git("add", "-A")
            try agent.git("commit", "-qm", name)
            try agent.done("agent", "report", "--status", "complete", "--summary", name)
            try repo.done("merge", name)
        }
        struct State: Equatable {
            let head: String
            let index: String
            let files: [String: [UInt8]]
        }
        func state() throws -> State {
            State(
                head: try repo.id("HEAD"), index: try repo.git("ls-files", "-s").text,
                files: try repo.contents(of: ""))
        }
        try repo.write("notes", "good\n")
        try repo.done("checkpoint", "good")
        try repo.write("notes", "bad\n")
        var states = [try state()]
        try merge("one")
        states.append(try state())
        try repo.done("restore", "notes")
        states.append(try state())
        try merge("two")
        states.append(try state())
        for expected in states.dropLast().reversed() {
            try repo.done("undo")
            #expect(try state() == expected)
        }
        #expect(try repo.json("status")["agents"]?.texts("state") == ["reported", "reported"])
        for expected in states.dropFirst() {
            try repo.done("redo")
            #expect(try state() == expected)
        }
        #expect(try repo.json("status")["agents"]?.texts("state") == ["merged", "merged"])
        try repo.git("commit", "-q", "--allow-empty", "-m", "later")
        try repo.refuses(["undo"], status: 1, says: ["moved"])
    }

    @Test("an index that is in the way of an undo leaves files, index and branch as they were")
    func indexInTheWay() throws {
        let repo = try TestRepository.begun("minimal")
        let place = try repo.done("agent", "start", "one").lines.first ?? ""
        let agent = repo.worktree(at: FilePath(place))
        try agent.write("a.txt", "of the agent\n")
        try agent.git("commit", "-qam", "one")
        try agent.done("agent", "report", "--status", "complete", "--summary", "one")
        try repo.done("merge", "one")
        try repo.write("a.txt", "staged since\n")
        try repo.git("add", "a.txt")
        try repo.refuses(["undo"], status: 128, says: ["take the index to"], mayRecord: true)
        #expect(try repo.text("a.txt") == "staged since\n")
        #expect(try repo.json("status")["operation"] == nil)
        try repo.git("reset", "-q")
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "one\n")
    }
}
