import SystemPackage
import TestSupport
import Testing

/// Every text of the program and of what it installs, with an `X` for each value in it.
@Suite("What we advise destroys nothing, and can be typed")
struct AdviceTests {
    private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// Command lines that can lose what a user has, whatever is configured, or that undo our own promises.
    private static var forbidden: [(pattern: Regex<AnyRegexOutput>, why: String)] {
        [
            (.init(#/git reset --(hard|merge|keep)/#), "files are overwritten"),
            (.init(#/git clean\b/#), "files are removed"),
            (.init(#/git (checkout|switch) (-f|--force|--discard-changes|--|\.)/#), "files are overwritten"),
            (.init(#/git checkout [^ ]+ (--|[^ ]+\.)/#), "files are overwritten"),
            (.init(#/git restore\b/#), "files are overwritten"),
            (.init(#/git stash (drop|clear)/#), "a stash is gone"),
            (.init(#/git push [^,;]*(-f\b|--force|--delete|--mirror|\+refs)/#), "commits elsewhere are gone"),
            (.init(#/git branch [^,;]*-D/#), "commits are gone"),
            (.init(#/git worktree (prune|remove [^,;]*(-f\b|--force))/#), "a worktree that is away is gone"),
            (.init(#/git (merge|rebase|cherry-pick|am) --abort/#), "a resolution is gone"),
            (.init(#/git update-ref -d/#), "a ref is gone"),
            (.init(#/git update-ref (?!-d)[^ ]+ [^ ,;]+(?! '')(?:$|[ ,;](?!''))/#), "a ref is overwritten"),
            (.init(#/git (reflog (expire|delete)|prune\b)/#), "commits are gone"),
            (.init(#/git gc [^,;]*--prune/#), "commits are gone"),
            (
                .init(#/git fetch [^,;]*:refs\/((wf|heads|tags)(\/|\b)(?!-remotes)|\*)/#),
                "a fetch that prunes takes what only this clone has"
            ),
            (.init(#/git fetch [^,;]*(-f\b|--force|--prune)/#), "refs are overwritten"),
            (.init(#/(^|[ `(])rm -/#), "files are removed"),
            (.init(#/iconv [^,;]*>/#), "the file is emptied before it is read"),
            (.init(#/ (>|>\|) ?[A-Za-z]/#), "a file is overwritten"),
            (.init(#/sudo|chmod -R|chown/#), "rights are given away"),
        ]
    }

    @Test("no advice can lose anything")
    func harmless() throws {
        let texts = try Self.texts().filter { $0.text.contains("git ") }
        #expect(texts.count > 150)
        for (file, text) in texts {
            for (pattern, why) in Self.forbidden where text.contains(pattern) {
                Issue.record("\(file): \(text): \(why)")
            }
        }
    }

    @Test("the list of what may not be advised finds what it names")
    func finds() {
        let bad = [
            "git reset --hard X brings it back", "git clean -fd", "git checkout -- X", "git checkout main a.txt",
            "git restore --source=X .", "git stash drop", "git push --force", "git push origin +refs/wf/*",
            "git branch -D X",
            "git worktree prune forgets it", "git worktree remove --force X", "git merge --abort takes that back",
            "git update-ref -d X", "git update-ref X Y does", "git reflog expire --all", "git gc --prune=now",
            "git fetch X 'refs/wf/*:refs/wf/*'", "git fetch X '+refs/*:refs/*'", "git fetch --prune", "rm -rf X",
            "iconv -f UTF-16 X > X", "sudo git wf",
        ]
        for text in bad { #expect(Self.forbidden.contains { text.contains($0.pattern) }, "\(text)") }
        let good = [
            "git fetch X 'refs/wf/*:refs/wf-remotes/X/*' brings it", "git wf restore PATH", "git switch X goes there",
            "git worktree remove X forgets it", "git update-ref X Y '' does", "git merge --continue",
        ]
        for text in good { #expect(!Self.forbidden.contains { text.contains($0.pattern) }, "\(text)") }
    }

    @Test("each command of ours that is advised is one, with the options that are named")
    func known() throws {
        let repo = try TestRepository()
        var helps: [String: String?] = [:]
        func help(_ words: [String]) throws -> String? {
            let key = words.joined(separator: " ")
            if let known = helps[key] { return known }
            let output = try repo.wf(words + ["--help"])
            let text = output.status == 0 ? output.text : nil
            helps[key] = .some(text)
            return text
        }
        var checked = 0
        for (file, text) in try Self.texts() {
            for match in text.matches(of: #/git wf ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(.*?)(?=git |$)/#) {
                let command = String(match.1)
                // The rest of a sentence about git wf itself.
                if Self.prose.contains(command) { continue }
                guard let own = try help([command]) else {
                    Issue.record("\(file): \(text): there is no git wf \(command)")
                    continue
                }
                checked += 1
                let inner = try match.2.flatMap { word -> String? in
                    guard own.contains("SUBCOMMANDS:") else { return nil }
                    return try help([command, String(word)])
                }
                for option in String(match.3).matches(of: #/ (--[a-z][a-z-]+)/#) {
                    let isKnown = (inner ?? own).contains(option.0) || own.contains(option.0)
                    #expect(isKnown, "\(file): \(text): git wf \(command) has no \(option.0)")
                }
            }
        }
        #expect(checked > 80)
    }

    private static let prose: Set<String> = ["is", "needs", "keeps", "records", "and"]

    // MARK: Texts

    private static func texts() throws -> [(file: String, text: String)] {
        try ["Sources", "templates", "hooks"].flatMap { folder in
            try files(below: root.appending(folder)).flatMap { file -> [(file: String, text: String)] in
                let content = String(decoding: try Files.read(file), as: UTF8.self)
                let name = file.lastComponent?.string ?? ""
                guard name.hasSuffix(".swift") else {
                    return content.split(separator: "\n").map { (name, String($0)) }
                }
                return literals(of: content).map { (name, $0) }
            }
        }
    }

    private static func files(below folder: FilePath) throws -> [FilePath] {
        Files.names(in: folder).sorted().flatMap { name -> [FilePath] in
            let path = folder.appending(name)
            let isFolder = Files.mode(of: path).map { $0 & 0o170000 == 0o040000 } ?? false
            return isFolder ? ((try? files(below: path)) ?? []) : [path]
        }
    }

    /// The string literals of a source, those that `+` joins as one.
    private static func literals(of source: String) -> [String] {
        let lines = source.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        let characters = Array(lines.joined(separator: "\n"))
        var found: [String] = []
        var index = 0
        var isJoined = false
        while index < characters.count {
            guard characters[index] == "\"" else {
                if characters[index] == "+" {
                    isJoined = true
                } else if !characters[index].isWhitespace {
                    isJoined = false
                }
                index += 1
                continue
            }
            let (text, end) = literal(in: characters, at: index)
            if isJoined, let last = found.popLast() { found.append(last + text) } else { found.append(text) }
            index = end
            isJoined = false
        }
        return found
    }

    /// One literal, with an `X` for each interpolation; and where it ends.
    private static func literal(in characters: [Character], at start: Int) -> (text: String, end: Int) {
        let isLong = characters[start...].starts(with: ["\"", "\"", "\""])
        var index = start + (isLong ? 3 : 1)
        var text = ""
        while index < characters.count {
            if characters[index] == "\"", !isLong || characters[index...].starts(with: ["\"", "\"", "\""]) {
                return (text, index + (isLong ? 3 : 1))
            }
            guard characters[index] == "\\", index + 1 < characters.count else {
                text.append(characters[index])
                index += 1
                continue
            }
            index += 2
            guard characters[index - 1] == "(" else {
                text.append(characters[index - 1])
                continue
            }
            text += "X"
            var depth = 1
            while depth > 0, index < characters.count {
                switch characters[index] {
                case "(": depth += 1
                case ")": depth -= 1
                case "\"": index = literal(in: characters, at: index).end - 1
                default: break
                }
                index += 1
            }
        }
        return (text, index)
    }
}
