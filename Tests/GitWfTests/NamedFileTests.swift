import SystemPackage
import TestSupport
import Testing

@Suite(
    "A file that is read by its name is an ordinary one of its folder, or is left alone; no command hangs or dies of another"
)
struct NamedFileTests {
    /// What may stand in the place of a file.
    enum Shape: String, CaseIterable {
        case linkInside, linkOutside, linkToGit, danglingLink, linkLoop, pipe, device, folder, tooLarge, unreadable
    }

    static let files = [
        ".wfconfig", "TODO.md", "AGENTS.md", "CLAUDE.md", "specs/one.md", "workflow-state.md", ".git/info/exclude",
        ".git/wf/binding", ".git/wf-worktree", ".git/wf/cache/demo/leader.state", ".git/wf/misses",
    ]

    static let commands: [[String]] = [
        ["status"], ["resume"], ["doctor"], ["todo"], ["todo", "add", "x"], ["checkpoint", "x"],
        ["init", "--agents-file"], ["agent", "start", "one"], ["fsck"], ["hooks", "status"], ["hook", "post-commit"],
    ]

    @Test("whatever stands there", arguments: files, Shape.allCases)
    func whatever(file: String, shape: Shape) throws {
        // git itself reads it, and waits for ever.
        if file == ".git/info/exclude", [.pipe, .device, .tooLarge].contains(shape) { return }
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "before")
        let old = repo.exists(file) ? try repo.read(file) : Array("# one\n".utf8)
        let outside = repo.folder.path.appending("outside.md")
        try Files.write(old, to: outside)
        let config = try repo.read(".git/config")
        if repo.exists(file) { try repo.remove(file) }
        try Files.makeFolders(repo.file(file).removingLastComponent())
        switch shape {
        case .linkInside:
            // A link out of a folder leads up again.
            let up = String(repeating: "../", count: file.split(separator: "/").count - 1)
            let target = file.hasPrefix(".git/") ? ".git/inside.md" : "inside.md"
            try repo.write(target, old)
            try repo.link(file, to: up + target)
        case .linkOutside: try repo.link(file, to: outside.string)
        case .linkToGit: try repo.link(file, to: repo.file(".git/config").string)
        case .danglingLink: try repo.link(file, to: "/not/mounted/file.md")
        case .linkLoop: try repo.link(file, to: repo.file(file).string)
        case .pipe: try repo.run("mkfifo", [repo.file(file).string])
        // Without the right to make one, a link to one.
        case .device:
            if try repo.run("mknod", [repo.file(file).string, "c", "1", "5"]).status != 0 {
                try repo.link(file, to: "/dev/zero")
            }
        case .folder: try Files.makeFolders(repo.file(file))
        case .tooLarge: try repo.run("truncate", ["-s", "65M", repo.file(file).string])
        case .unreadable: try repo.write(file, old, mode: 0)
        }
        let mode = Files.mode(of: repo.file(file))
        for command in Self.commands {
            let output = try repo.run("git-wf", command, timeout: 90)
            #expect([0, 1, 128].contains(output.status), "\(command) gave \(output.status): \(output.errorText)")
        }
        #expect(try Files.read(outside) == old)
        #expect(try repo.read(".git/config") == config)
        let isLink = mode.map { $0 & 0o170000 == 0o120000 } ?? false
        if isLink || shape == .pipe || shape == .device || shape == .folder {
            #expect(Files.mode(of: repo.file(file)) == mode)
        }
    }

    @Test("a link that stays inside is written through, and stays a link", arguments: ["docs/TODO.md", "TODO.list"])
    func linkInside(target: String) throws {
        let repo = try TestRepository.begun(todo: "- [ ] one\n")
        try repo.write(target, "- [ ] one\n")
        try repo.remove("TODO.md")
        try repo.link("TODO.md", to: target)
        try repo.done("checkpoint", "linked")
        try repo.done("todo", "done", "1")
        #expect(try repo.text(target) == "- [x] one\n")
        #expect(Files.target(of: repo.file("TODO.md")) == Array(target.utf8))
    }

    @Test(
        "init names what is in its way, and writes nothing",
        arguments: [
            ("AGENTS.md", "/not/mounted/AGENTS.md", "/not/mounted/AGENTS.md"),
            ("TODO.md", "/not/mounted/TODO.md", "/not/mounted/TODO.md"), (".wfconfig", "../outside", "outside"),
            ("AGENTS.md", "../outside", "outside"), ("TODO.md", ".git/config", ".git/config"),
            ("AGENTS.md", "AGENTS.md", "circle"),
        ])
    func initRefuses(file: String, target: String, word: String) throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try Files.write(Array("mine\n".utf8), to: repo.folder.path.appending("outside"))
        try repo.link(file, to: target)
        try repo.git("add", "-A")
        try repo.refuses(["init", "--agents-file"], status: 128, says: [file, word])
        #expect(try repo.git("status", "--porcelain").text == "A  \(file)")
        #expect(try Files.read(repo.folder.path.appending("outside")) == Array("mine\n".utf8))
    }
}
