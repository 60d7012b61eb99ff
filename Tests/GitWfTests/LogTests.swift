import TestSupport
import Testing

@Suite("The log tells the story")
struct LogTests {
    /// Two visits to planning and one to implementing, an hour between each step.
    private func story() throws -> TestRepository {
        var repo = try TestRepository.begun("minimal")
        for step in [
            ["checkpoint", "plan"], ["decide", "FTS5"], ["checkpoint", "--trigger", "break"], ["phase", "complete"],
            ["checkpoint", "work"], ["phase", "start", "planning", "--reason", "a new demand"],
            ["checkpoint", "plan again"],
        ] {
            repo.time += 3600
            try repo.write("a.txt", step.joined(separator: " "))
            try repo.done(step)
        }
        return repo
    }

    private func titles(_ repo: TestRepository, _ arguments: String...) throws -> [String] {
        try JSONValue(repo.done(["log", "--json"] + arguments))["checkpoints"]?.texts("title") ?? []
    }

    private static let all = [
        "plan again", "Phase started: planning", "work", "Phase started: implementing", "Phase completed: planning",
        "Decided: FTS5", "plan", "Phase started: planning", "Workflow started: demo",
    ]

    @Test("newest first; -n counts, 0 is all; --oneline is a line each")
    func counts() throws {
        let repo = try story()
        #expect(try titles(repo) == Self.all)
        #expect(try titles(repo, "-n", "2") == Array(Self.all.prefix(2)))
        #expect(try titles(repo, "-n", "0") == Self.all)
        #expect(try repo.done("log", "--oneline").lines.count == Self.all.count)
        #expect(try repo.done("log", "--oneline", "-n", "2").lines.last == "… 7 older; git wf log -n 0 shows all")
        #expect(try repo.done("log").lines.last == "1 automatic, shown with --auto")
        for number in 1...15 { try repo.done("decide", "\(number)") }
        #expect(try titles(repo).count == 20)
    }

    @Test("the forms that are understood without the parser say what the parser's say")
    func plain() throws {
        let repo = try story()
        for (plain, parsed) in [
            (["log"], ["log", "--color", "auto"]), (["log", "-n", "3"], ["log", "--max-count", "3"]),
            (["log", "-n", "0"], ["log", "-n0"]), (["log", "--", "a.txt"], ["log", "--color", "auto", "--", "a.txt"]),
            (["status"], ["status", "--color", "auto"]),
        ] {
            #expect(try repo.done(plain).stdout == repo.done(parsed).stdout)
        }
        for wrong in [["log", "-n", "-1"], ["log", "-n", "many"], ["log", "-n"], ["status", "now"]] {
            #expect(try repo.wf(wrong).status == 129)
        }
    }

    @Test("filters by kind, phase, actor, time and path")
    func filters() throws {
        let repo = try story()
        #expect(try titles(repo, "--kind", "decision") == ["Decided: FTS5"])
        #expect(
            try titles(repo, "--kind", "checkpoint", "--kind", "decision") == [
                "plan again", "work", "Decided: FTS5", "plan",
            ])
        #expect(try titles(repo, "--phase", "implementing") == ["work", "Phase started: implementing"])
        #expect(try titles(repo, "--actor", "human:ann") == [])
        try repo.done("checkpoint", "by ann", "--as", "human:ann")
        #expect(try titles(repo, "--actor", "human:ann") == ["by ann"])
        #expect(try titles(repo, "--since", "2026-02-22 14:30", "--kind", "checkpoint") == ["by ann", "plan again"])
        #expect(
            try titles(repo, "--until", "2026-02-22 10:30") == [
                "plan", "Phase started: planning", "Workflow started: demo",
            ])
        #expect(try titles(repo, "--kind", "checkpoint", "--", "a.txt") == ["plan again", "work", "plan"])
        #expect(try titles(repo, "--", "nonsense") == [])
        #expect(try titles(repo, "-n", "1", "--", "a.txt") == ["plan again"])
    }

    @Test("automatic checkpoints stand behind the one that they followed")
    func automatic() throws {
        let repo = try story()
        #expect(try titles(repo, "--auto").prefix(7).suffix(2) == ["Automatic: break", "Decided: FTS5"])
        #expect(try titles(repo, "--auto", "--kind", "auto") == ["Automatic: break"])
        #expect(try titles(repo, "-n", "1", "tip") == ["plan again"])
    }

    @Test("a start goes back from there, an automatic one's start to what it followed")
    func start() throws {
        let repo = try story()
        #expect(try titles(repo, "last~2") == Array(Self.all.dropFirst(2)))
        let automatic = try repo.id(repo.segment())
        #expect(try titles(repo, automatic) == ["Automatic: break"] + Self.all.dropFirst(5))
        let text = try repo.done("log", "last~2").text
        #expect(!text.contains("plan again"))
        // The first visit to planning, which took from 09:00 to 13:00, not the second.
        #expect(text.contains("planning: complete, entered 2026-02-22 09:00, completed 13:00 (4h)"))
    }

    @Test("each visit to a phase has a heading of its own, also where a filter leaves nothing between them")
    func headings() throws {
        let repo = try story()
        for arguments in [["log"], ["log", "--phase", "planning"]] {
            let headings = try repo.done(arguments).lines.filter { $0.hasPrefix("planning: ") }
            try #require(headings.count == 2)
            #expect(headings[0].hasPrefix("planning: in progress, entered 2026-02-22 15:00"))
            #expect(headings[1].hasPrefix("planning: complete, entered 2026-02-22 09:00, completed 13:00 (4h)"))
        }
    }

    @Test("show and diff of two checkpoints, of one, and of paths")
    func showAndDiff() throws {
        let repo = try story()
        #expect(try repo.done("show", "--stat").text.contains(" a.txt | 2 +-"))
        #expect(try repo.done("show", "-p", "last~2").text.contains("+checkpoint work"))
        #expect(try repo.done("show", "phase/implementing").text.hasPrefix("# Checkpoint: work"))
        #expect(try repo.done("diff").text == "")
        #expect(try repo.done("diff", "last~2", "last").text.contains("+checkpoint plan again"))
        try repo.write("a.txt", "now\n")
        try repo.write("new.txt", "new\n")
        #expect(try repo.done("diff").text.contains("+now"))
        #expect(try repo.done("diff", "--stat", "--", "new.txt").text.contains("1 file changed"))
        #expect(try repo.json("diff")["changes"]?.texts("path") == ["a.txt", "new.txt"])
        #expect(try repo.json("diff")["changes"]?.texts("status") == ["modified", "added"])
        #expect(try repo.done("log", "--graph").text.contains("* "))
    }
}
