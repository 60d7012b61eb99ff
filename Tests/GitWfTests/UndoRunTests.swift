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

    @Test("undo after undo does it again; --further goes back one more each time, --redo comes forward")
    func run() throws {
        let repo = try three()
        func expect(_ arguments: String..., leave files: String) throws {
            let planned = try repo.json("undo", "-n", arguments.first ?? "--json")
            let done = try JSONValue(repo.done(["undo", "--json"] + arguments))
            #expect(planned["undone"] == done["undone"] && planned["restored"] == done["restored"], "\(arguments)")
            #expect(try good(repo) == files, "\(arguments)")
        }
        try expect(leave: "ab")
        try expect(leave: "abc")
        try expect("--further", leave: "ab")
        try expect("--further", leave: "a")
        try expect("--further", leave: "")
        try repo.refuses(["undo", "--further"], status: 1, says: ["nothing further to undo"])
        try expect("--redo", leave: "a")
        try expect("--redo", leave: "ab")
        try expect("--further", leave: "a")
        try expect("--redo", leave: "ab")
        try expect("--redo", leave: "abc")
        try repo.refuses(["undo", "--redo"], status: 1, says: ["nothing to do again"])
        // An undo of a redo is an undo.
        try expect(leave: "ab")
        try expect("--redo", leave: "abc")
        try expect(leave: "ab")
        try expect("--further", leave: "a")
        // A new operation ends the run: what was undone stays so, and is passed over.
        try repo.write("d", "good\n")
        try repo.done("checkpoint", "d")
        try repo.write("d", "bad\n")
        try repo.done("restore", "d")
        #expect(try good(repo) == "ad")
        try repo.refuses(["undo", "--redo"], status: 1, says: ["nothing to do again"])
        try expect(leave: "a")
        try expect("--further", leave: "")
        try expect("--redo", leave: "a")
        try expect("--redo", leave: "ad")
        #expect(try repo.json("fsck")["problems"]?.list == [])
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
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
            try repo.done("undo", "--further")
            #expect(try repo.text("a.txt") == expected)
        }
        #expect((Files.mode(of: repo.file("a.txt")) ?? 0) & 0o777 == 0o755)
        for expected in ["three\n", "two\n", "one\n"] {
            try repo.done("undo", "--redo")
            #expect(try repo.text("a.txt") == expected)
        }
    }

    @Test("what an undo records says what it was of, however often it was turned round")
    func titles() throws {
        let repo = try three()
        let restored = try repo.id(repo.lane).prefix(7)
        for _ in 0..<3 { try repo.done("undo") }
        #expect(try repo.done("undo", "-n", "--redo").lines.first == "would redo \(restored): Restored c")
        #expect(try repo.done("undo", "-n").lines.first?.hasSuffix(": Undid: Restored c") == true)
        let titles = try repo.json("log", "--kind", "undone")["checkpoints"]?.texts("title") ?? []
        #expect(titles == ["Undid: Restored c", "Redid: Restored c", "Undid: Restored c"])
    }

    @Test("--further and --redo do not go together")
    func usage() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.refuses(["undo", "--further", "--redo"], status: 129, says: ["not both"])
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
        try repo.done("undo", "--further")
        #expect(try good(repo) == "a" && good(other) == "ab")
        try other.done("undo")
        try repo.done("undo", "--redo")
        try other.done("undo", "--further")
        #expect(try good(repo) == "ab" && good(other) == "")
        try other.refuses(["undo", "--further"], status: 1, says: ["nothing further"])
        try repo.done("undo", "--redo")
        try other.done("undo", "--redo")
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
            try repo.done("undo", "--further")
            #expect(try state() == expected)
        }
        #expect(try repo.json("status")["agents"]?.texts("state") == ["reported", "reported"])
        for expected in states.dropFirst() {
            try repo.done("undo", "--redo")
            #expect(try state() == expected)
        }
        #expect(try repo.json("status")["agents"]?.texts("state") == ["merged", "merged"])
        try repo.git("commit", "-q", "--allow-empty", "-m", "later")
        try repo.refuses(["undo", "--further"], status: 1, says: ["moved"])
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
        try repo.refuses(["undo"], status: 128, says: ["take the index back"], mayRecord: true)
        #expect(try repo.text("a.txt") == "staged since\n")
        #expect(try repo.json("status")["operation"] == nil)
        try repo.git("reset", "-q")
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "one\n")
    }
}
