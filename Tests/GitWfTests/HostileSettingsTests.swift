import SystemPackage
import TestSupport
import Testing

@Suite("What the user configured for other eyes changes no answer")
struct HostileSettingsTests {
    /// Settings that change what git prints, each as far from what it has of itself as it goes.
    private static let settings = [
        "color.ui=always", "color.diff=always", "color.status=always", "color.branch=always",
        "color.interactive=always",
        "color.decorate.head=red", "column.ui=always", "column.status=always", "core.abbrev=40", "core.pager=false",
        "core.quotePath=false", "core.commentChar=;", "core.editor=false", "core.askPass=false",
        "core.whitespace=tab-in-indent", "core.preloadIndex=false", "core.logAllRefUpdates=always",
        "diff.algorithm=patience", "diff.autoRefreshIndex=false", "diff.colorMoved=zebra", "diff.context=0",
        "diff.dirstat=files", "diff.dstPrefix=z/", "diff.external=false", "diff.ignoreSubmodules=all",
        "diff.indentHeuristic=false", "diff.interHunkContext=9", "diff.mnemonicPrefix=true", "diff.noprefix=true",
        "diff.relative=true", "diff.renames=copies", "diff.srcPrefix=y/", "diff.statNameWidth=3", "diff.submodule=log",
        "diff.suppressBlankEmpty=true", "diff.tool=false", "diff.wordRegex=.", "diff.wsErrorHighlight=all",
        "format.pretty=%H %an", "format.notes=true", "format.signOff=true", "grep.lineNumber=true",
        "help.autoCorrect=1", "i18n.logOutputEncoding=UTF-16", "i18n.commitEncoding=UTF-8",
        "interactive.singleKey=true",
        "log.abbrevCommit=true", "log.date=raw", "log.decorate=full", "log.diffMerges=first-parent", "log.follow=true",
        "log.graphColors=red", "log.mailmap=false", "log.showRoot=false", "log.showSignature=true",
        "merge.conflictStyle=diff3", "merge.stat=false", "merge.log=true", "pager.diff=false", "pager.log=false",
        "pager.status=false", "pretty.oneline=%B", "push.default=nothing", "rerere.enabled=true",
        "showBranch.default=x", "status.aheadBehind=false", "status.branch=true", "status.displayCommentPrefix=true",
        "status.relativePaths=false", "status.renames=copies", "status.short=true", "status.showStash=true",
        "status.showUntrackedFiles=no", "status.submoduleSummary=true", "submodule.recurse=true", "tag.sort=-refname",
        "alias.status=log", "alias.diff=!false", "alias.log=!false", "alias.rev-list=!false",
        "advice.detachedHead=true",
    ]

    /// Variables that do the same.
    private static let variables = [
        "GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "--unified=0", "GIT_LITERAL_PATHSPECS": "1",
        "GIT_PAGER": "false", "PAGER": "false", "GIT_EDITOR": "false", "LANGUAGE": "de", "GIT_ATTR_SOURCE": "HEAD",
    ]

    private static func begun() throws -> TestRepository {
        let repo = try TestRepository.begun(name: "r\u{e4}um e")
        try repo.write("na\u{ef}ve file.txt", "one\n")
        try repo.write("specs/one.md", "# Spec: one\n\n## Files to Modify\n- b.txt\n")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "more")
        try repo.done("decide", "FTS5", "--because", "it is there")
        let path = try repo.done("agent", "start", "one").lines[0]
        let agent = repo.worktree(at: FilePath(path))
        try agent.write("b.txt", "b\n")
        try agent.write("a.txt", "theirs\n")
        try agent.git("add", "-A")
        try agent.git("commit", "-qm", "work")
        try agent.write("left.txt", "left\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
        try repo.git("mv", "na\u{ef}ve file.txt", "moved file.txt")
        try repo.write("new.txt", "new\n")
        try repo.done("checkpoint", "after")
        return repo
    }

    private static let hostile: [String: String] = {
        var variables = Self.variables
        variables["GIT_CONFIG_COUNT"] = String(settings.count)
        for (number, setting) in settings.enumerated() {
            let parts = setting.split(separator: "=", maxSplits: 1)
            variables["GIT_CONFIG_KEY_\(number)"] = String(parts[0])
            variables["GIT_CONFIG_VALUE_\(number)"] = String(parts[1])
        }
        return variables
    }()

    @Test("every question has the same answer")
    func questions() throws {
        let repo = try Self.begun()
        let questions = [
            ["status"], ["status", "--json"], ["status", "--due"], ["next"], ["log"], ["log", "--json"],
            ["log", "--graph"], ["log", "--graph", "--agents", "--auto"], ["log", "--", "moved file.txt"],
            ["log", "--since", "2 days ago"], ["show"], ["show", "last"], ["resume"], ["resume", "--json"],
            ["phase", "list"], ["todo", "list"], ["agent", "list"], ["agent", "list", "--json"], ["agent", "results"],
            ["merge", "-n"], ["merge", "-n", "--json"], ["doctor", "--json"], ["fsck"], ["fsck", "--json"],
            ["gc", "-n"], ["workflows", "list"], ["hooks", "status"], ["restore", "-n", "a.txt"],
            ["diff", "--json", "last~1", "last"],
        ]
        for question in questions {
            let answers = try [[:], Self.hostile].map { try repo.wf(question, environment: $0) }
            let comment = Comment(rawValue: question.joined(separator: " "))
            #expect(answers[0].status == answers[1].status, comment)
            #expect(answers[0].text == answers[1].text, comment)
            #expect(answers[0].errorText == answers[1].errorText, comment)
            #expect(answers[1].isHarmless, comment)
        }
    }

    @Test("a checkpoint, a commit, a conflict, a merge and their undoing end the same")
    func changes() throws {
        // Words that differ from run to run are ids, and the sizes of packs that hold them.
        func masked(_ text: String) -> [String] {
            text.split { !$0.isLetter && !$0.isNumber && $0 != "." }.map(String.init).map { word in
                if word.count >= 7, word.allSatisfy(\.isHexDigit) { return "ID" }
                return word.contains(".") && Double(word) != nil ? "SIZE" : word
            }
        }
        let ends = try [[:], Self.hostile].map { variables in
            let repo = try Self.begun()
            try repo.write("a.txt", "ours\n")
            var said: [[String]] = []
            for step in [
                ["checkpoint", "--commit", "Everything"], ["merge", "one"], ["merge", "--abort"],
                ["checkpoint", "--if-changed", "again"], ["agent", "start", "two"],
                ["restore", "--from", "last~1", "a.txt"],
                ["undo"], ["gc"],
            ] {
                let output = try repo.wf(step, environment: variables)
                said.append(["\(output.status)"] + masked(output.text.replacing(repo.folder.path.string, with: "")))
            }
            return said + [[try repo.git("rev-parse", "HEAD^{tree}").text, try repo.oracleTree()]]
        }
        for (plain, hostile) in zip(ends[0], ends[1]) { #expect(plain == hostile) }
    }
}
