import SystemPackage
import TestSupport
import Testing

@Suite("Paths are what was typed, byte for byte, from wherever it was typed")
struct TypedPathTests {
    /// A repository in which `name` was changed and recorded twice, and holds neither now.
    private static func changed(_ name: String) throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        let text = try Self.shell(repo, "printf good >\(name) && git add -A && git commit -qm good")
        #expect(text.status == 0)
        try repo.done("checkpoint", "good")
        try Self.shell(repo, "printf bad >\(name)")
        try repo.done("checkpoint", "bad")
        return repo
    }

    @discardableResult
    private static func shell(_ repo: TestRepository, _ script: String) throws -> Output {
        try repo.run("sh", ["-c", script])
    }

    static let commands = [
        "restore -n -- %", "log -- %", "diff last~1 last -- %", "diff --json last~1 last -- %", "restore -- %",
        "undo",
    ]

    @Test(
        "a path through a link to the repository, as the shell has it in PWD, is the file's",
        arguments: ["$PWD/src/f.txt", "src/f.txt", "$PWD/src", "./src/../src/f.txt", "../link/src/f.txt"])
    func linkedFolder(path: String) throws {
        let repo = try Self.changed("f.txt && mkdir -p src && mv f.txt src/f.txt && printf good >src/f.txt")
        try Self.shell(repo, "printf bad >src/f.txt")
        try repo.done("checkpoint", "bad")
        try repo.link("../link", to: repo.path.string)
        for command in Self.commands {
            let line = command.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "\"\(path)\"")
            // What git itself makes of the path decides, but for one that leads up and in again.
            if !path.hasPrefix("../") {
                #expect(
                    try Self.shell(repo, "cd ../link && git ls-files --error-unmatch \"\(path)\"").status == 0)
            }
            let output = try Self.shell(repo, "cd ../link && git-wf \(line)")
            #expect(output.status == 0, "\(line): \(output.errorText)")
            if command.hasPrefix("restore --") { #expect(try repo.text("src/f.txt") == "good") }
            if command == "undo" { #expect(try repo.text("src/f.txt") == "bad") }
            if command.hasPrefix("diff --json") { #expect(output.text.contains("src/f.txt")) }
        }
    }

    @Test("-C follows a link before what comes behind it, as git's does")
    func changingDirectory() throws {
        let repo = try Self.changed("f.txt")
        try Files.makeFolders(repo.file("src/deep"))
        try repo.link("../far", to: repo.file("src/deep").string)
        let output = try Self.shell(repo, "cd .. && git-wf -C far/../.. restore f.txt")
        #expect(output.status == 0, "\(output.errorText)")
        #expect(try repo.text("f.txt") == "good")
    }

    @Test(
        "a name that is not UTF-8 is that name, and no other that looks like it",
        arguments: [#"gr\374n.txt"#, #"\377"#, #"a\200b c"#, #"d\351/x\351.txt"#])
    func anyBytes(name: String) throws {
        let word = "\"$(printf '\(name)')\""
        let repo = try Self.changed("x && mkdir -p \"$(dirname \(word))\" && printf good >\(word)")
        // Another name that is the same once it is repaired.
        let other = "\"$(printf '\(name.replacing("374", with: "366").replacing("377", with: "376"))')\""
        try Self.shell(repo, "[ -e \(other) ] || printf other >\(other); printf bad >\(word)")
        try repo.done("checkpoint", "bad")
        for command in Self.commands + ["show last:%"] {
            let line = command.split(separator: "%", omittingEmptySubsequences: false).joined(separator: word)
            let output = try Self.shell(repo, "git-wf \(line)")
            #expect(output.status == 0, "\(line): \(output.errorText)")
            let content = try Self.shell(repo, "cat \(word)").text
            #expect(content == (command.hasPrefix("restore --") ? "good" : "bad"), "\(line)")
        }
    }

    @Test("two names that are the same once they are repaired are restored each for itself")
    func alike() throws {
        let repo = try TestRepository.begun("minimal")
        let names = [#""$(printf 'gr\374n')""#, #""$(printf 'gr\366n')""#, "gr\u{FFFD}n"]
        for name in names { try Self.shell(repo, "printf good >\(name)") }
        try repo.done("checkpoint", "good")
        for name in names { try Self.shell(repo, "printf bad >\(name)") }
        let output = try Self.shell(repo, "git-wf restore \(names[1]) \(names[2])")
        #expect(output.status == 0, "\(output.errorText)")
        #expect(try names.map { try Self.shell(repo, "cat \($0)").text } == ["bad", "good", "good"])
    }

    @Test("a pattern of --allow may hold any bytes")
    func allowed() throws {
        let repo = try TestRepository.begun("minimal")
        let word = #""$(printf 'gr\374n.bin')""#
        try Self.shell(repo, "truncate -s 11M \(word)")
        let without = try Self.shell(repo, "git-wf checkpoint without")
        #expect(without.errorText.contains("left out"))
        for option in ["--allow \(word)", "--allow=\(word)"] {
            let output = try Self.shell(repo, "git-wf checkpoint with \(option)")
            #expect(output.status == 0 && !output.errorText.contains("left out"), "\(option): \(output.errorText)")
        }
    }

    @Test("a document of -F is found by its bytes")
    func document() throws {
        let repo = try TestRepository.begun("minimal")
        let output = try Self.shell(
            repo,
            #"name=$(printf 'gr\374n.md') && printf '# Checkpoint: by file\n' >"$name" && git-wf checkpoint -F "$name"; git-wf checkpoint -F "$name" --json"#
        )
        #expect(output.status == 0, "\(output.errorText)")
        #expect(output.text.contains("by file"))
    }
}
