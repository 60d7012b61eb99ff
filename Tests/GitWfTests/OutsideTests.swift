import SystemPackage
import TestSupport
import Testing

@Suite("What was done outside of git")
struct OutsideTests {
    @Test("it is on the record, stands in the brief, and a restore or an undo across it warns; one behind it does not")
    func effects() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.txt", "old\n")
        let before = try #require(repo.json("checkpoint", "Before")["id"]?.text)
        try repo.write("a.txt", "new\n")
        try repo.done("checkpoint", "Migrated", "--outside", "prod: schema 0001 applied")
        #expect(
            try repo.git("log", "-1", "--format=%(trailers:key=Wf-Outside,valueonly)", "refs/wf/demo/leader").text
                == "prod: schema 0001 applied")
        #expect(try repo.done("resume").text.contains("- prod: schema 0001 applied"))
        let restored = try repo.wf("restore", "--from", before, "a.txt")
        #expect(
            restored.status == 0 && restored.errorText.contains("not taken back by this: prod: schema 0001 applied"))
        let after = try #require(repo.json("checkpoint", "After")["id"]?.text)
        try repo.write("a.txt", "newer\n")
        #expect(try repo.wf("restore", "--from", after, "a.txt").errorText == "")
        try repo.refuses(["checkpoint", "--trigger", "time", "--outside", "x"], status: 129, says: ["--outside"])
    }

    @Test("a service that is down blocks with the time of the next try, and next says when that is")
    func externalService() throws {
        let repo = try TestRepository.begun()
        try repo.refuses(["block", "x", "--retry-after", "30m"], status: 129, says: ["external"])
        try repo.refuses(["block", "x", "--needs", "external", "--retry-after", "soon"], status: 129, says: ["30m"])
        try repo.done("block", "the registry is down", "--needs", "external", "--retry-after", "30m")
        #expect(try repo.done("next").text.contains("Blocked on external: the registry is down; try again at 09:30"))
        let later = ["GIT_COMMITTER_DATE": "@1771753000 +0000"]
        #expect(try repo.done(["next"], environment: later).text.contains("; try again now, and git wf unblock"))
        try repo.done("unblock", "--answer", "it answers")
        #expect(try !repo.done("next").text.contains("Blocked"))
    }
}
