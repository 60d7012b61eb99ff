import SystemPackage
import TestSupport
import Testing

@Suite("show CHECKPOINT:PATH")
struct ShowPathTests {
    private func recorded() throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        try repo.write("dir/b.bin", [0, 255, 10, 13, 27, 91, 50, 74])
        try repo.write("dir/deep/c.txt", "no line end")
        try repo.write("empty", "")
        try repo.link("link", to: "dir/deep/c.txt")
        try repo.write("with space \u{e9}.txt", "x\n")
        try repo.write("run.sh", "#!/bin/sh\n", mode: 0o755)
        try repo.done("checkpoint", "all kinds")
        for name in ["dir/b.bin", "dir/deep/c.txt", "a.txt"] { try repo.write(name, "changed\n") }
        try repo.done("checkpoint", "changed")
        return repo
    }

    @Test("prints what git show prints of it, to the byte: files, links, directories")
    func oracle() throws {
        let repo = try recorded()
        let id = try repo.id("\(repo.lane)~1")
        for path in [
            "a.txt", "dir/b.bin", "dir/deep/c.txt", "empty", "link", "with space \u{e9}.txt", "run.sh", "dir", "dir/",
            "dir/deep", "", ".wfconfig",
        ] {
            #expect(
                try repo.done("show", "\(id):\(path)").stdout == repo.run("git", ["show", "\(id):\(path)"]).stdout,
                "\(path)")
        }
        #expect(try repo.done("show", "last~1:a.txt").text == "one")
        #expect(try repo.done("show", "last:a.txt").text == "changed")
        #expect(try repo.done("show", "phase/planning:dir/deep/c.txt").text == "changed")
        #expect(try repo.done("show", "\(id.prefix(8)):dir/deep/c.txt").text == "no line end")
    }

    @Test("a path that begins with a dot is from here, as git has it")
    func relative() throws {
        let repo = try recorded()
        let folder = repo.worktree(at: "dir")
        #expect(try folder.done("show", "last~1:./deep/c.txt").text == "no line end")
        #expect(try folder.done("show", "last~1:../a.txt").text == "one")
        #expect(try folder.done("show", "last~1:a.txt").text == "one")
        #expect(try folder.wf("show", "last:../../x").status == 128)
    }

    @Test("JSON has the text, or base64 of what is none, and the entries of a directory")
    func json() throws {
        let repo = try recorded()
        let text = try repo.json("show", "last~1:dir/deep/c.txt")
        #expect(text["text"]?.text == "no line end" && text["mode"]?.text == "100644" && text["size"]?.number == 11)
        #expect(text["id"]?.text == (try repo.id("\(repo.lane)~1:dir/deep/c.txt")))
        #expect(try repo.json("show", "last~1:dir/b.bin")["base64"]?.text == "AP8KDRtbMko=")
        #expect(try repo.json("show", "last~1:dir")["entries"]?.list == [.string("b.bin"), .string("deep")])
    }

    @Test("what is not there is named, with how to see what is; a path alone is wrong usage")
    func refusals() throws {
        let repo = try recorded()
        for path in ["nowhere", "a.txt/", "a.txt/x", "dir/../a.txt"] {
            try repo.refuses(["show", "last:\(path)"], status: 128, says: ["has no", "git wf show last: lists"])
        }
        // What begins with a slash is a path of this machine, as everywhere.
        try repo.refuses(["show", "last:/a.txt"], status: 128, says: ["outside of the worktree"])
        try repo.refuses(["show", "nothing:a.txt"], status: 128, says: ["names no checkpoint"])
        try repo.refuses(["show", ":a.txt"], status: 129, says: ["last:PATH"])
        try repo.refuses(["show", "last:a.txt", "--stat"], status: 129, says: ["--stat"])
    }
}
