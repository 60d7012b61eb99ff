/// The form in which git answers what is read by us, whatever the user configured: settings that only matter for people are
/// put back to what git has of itself. Those that decide what git does (merging, filters, identities) are left alone.
struct AnswerForm {
    /// Options that stand before the subcommand.
    let options: [String]
    private(set) var variables: [String: String]

    /// Commands that only look. They take no lock that they can do without, and fetch nothing that a partial clone lacks.
    private static let looking: Set<String> = [
        "check-ignore", "diff", "diff-files", "diff-index", "diff-tree", "for-each-ref", "fsck", "log", "ls-files",
        "ls-tree", "merge-base", "rev-list", "rev-parse", "status",
    ]

    /// The others whose answers are read. A command that runs the user's hooks is not among them: a hook's own git must see
    /// the settings that it sees without us.
    private static let doing: Set<String> = [
        "cat-file", "hash-object", "merge-file", "merge-tree", "read-tree", "update-index", "write-tree",
    ]

    /// Every setting that changes how an answer is written.
    private static let settings = [
        "color.ui=false", "color.branch=false", "color.diff=false", "color.status=false", "column.ui=never",
        "column.status=never", "core.abbrev=auto", "core.fsmonitor=false", "core.quotePath=true",
        "diff.algorithm=myers", "diff.colorMoved=no", "diff.context=3", "diff.dstPrefix=b/",
        "diff.ignoreSubmodules=untracked", "diff.interHunkContext=0", "diff.mnemonicPrefix=false",
        "diff.noPrefix=false", "diff.orderFile=/dev/null", "diff.relative=false", "diff.srcPrefix=a/",
        "diff.submodule=short", "diff.suppressBlankEmpty=false", "diff.wsErrorHighlight=none", "format.pretty=medium",
        "i18n.logOutputEncoding=UTF-8", "log.abbrevCommit=false", "log.date=default", "log.decorate=false",
        "log.diffMerges=separate", "log.follow=false", "log.mailmap=true", "log.showRoot=true",
        "log.showSignature=false", "status.branch=false", "status.relativePaths=true", "status.short=false",
        "status.showStash=false", "status.showUntrackedFiles=normal", "status.submoduleSummary=false",
    ]

    /// - Returns: `nil` for a command whose answer nobody reads.
    init?(of arguments: [String]) {
        guard let command = Self.command(in: arguments) else { return nil }
        let isLook = Self.looking.contains(command)
        guard isLook || Self.doing.contains(command) else { return nil }
        options = ((isLook ? Self.settings : []) + ["submodule.recurse=false"]).flatMap { ["-c", $0] }
        // Messages in English, in any locale. Its encoding stays the user's, whose filters may ask for it.
        variables = ["LANGUAGE": "en"]
        if !isLook { return }
        variables["GIT_OPTIONAL_LOCKS"] = "0"
        variables["GIT_NO_LAZY_FETCH"] = "1"
        // What a git before 2.45 understands.
        variables["GIT_ALLOW_PROTOCOL"] = "none"
    }

    /// The subcommand: the first word that is no option of git's own.
    private static func command(in arguments: [String]) -> String? {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "-c" || word == "-C" {
                rest = rest.dropFirst()
            } else if !word.hasPrefix("-") {
                return word
            }
        }
        return nil
    }
}
