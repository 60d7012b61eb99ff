import SystemPackage
import TestSupport
import Testing

@Suite("A checkpoint's tree follows what the user configured, wherever it was, and when it changes")
struct UserConfigurationTests {
    struct Change: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let make: @Sendable (inout TestRepository) throws -> Void
    }

    private static func home(_ repo: TestRepository, _ name: String, _ text: String) throws {
        try Files.write(Array(text.utf8), to: repo.folder.path.appending("home").pushing(FilePath(name)))
    }

    private static func home(_ repo: TestRepository) -> String { repo.folder.path.appending("home").string }

    static let changes: [Change] = [
        Change(testDescription: "core.excludesFile in ~/.gitconfig") { repo in
            try home(repo, "rules", "*.log\n")
            try home(repo, ".gitconfig", "[core]\n\texcludesFile = ~/rules\n")
        },
        Change(testDescription: "core.excludesFile in $XDG_CONFIG_HOME/git/config") { repo in
            try home(repo, "rules", "*.log\n")
            try home(repo, ".config/git/config", "[core]\n\texcludesFile = \(home(repo))/rules\n")
        },
        Change(testDescription: "$XDG_CONFIG_HOME/git/ignore") { try home($0, ".config/git/ignore", "*.log\n") },
        Change(testDescription: "$XDG_CONFIG_HOME elsewhere") { repo in
            try home(repo, "elsewhere/git/ignore", "*.log\n")
            repo.environment["XDG_CONFIG_HOME"] = "\(home(repo))/elsewhere"
        },
        Change(testDescription: "no $XDG_CONFIG_HOME, so ~/.config") { repo in
            try home(repo, ".config/git/ignore", "*.log\n")
            repo.environment["XDG_CONFIG_HOME"] = nil
        },
        Change(testDescription: "$XDG_CONFIG_HOME/git/attributes") {
            try home($0, ".config/git/attributes", "* text\n")
        },
        Change(testDescription: "core.attributesFile in ~/.gitconfig") { repo in
            try home(repo, "attributes", "* text\n")
            try home(repo, ".gitconfig", "[core]\n\tattributesFile = ~/attributes\n")
        },
        Change(testDescription: "core.autocrlf in ~/.gitconfig") { repo in
            try home(repo, ".gitconfig", "[core]\n\tautocrlf = true\n")
        },
        Change(testDescription: "a file that ~/.gitconfig includes for this folder") { repo in
            try home(repo, "included", "[core]\n\tautocrlf = true\n")
            try home(repo, ".gitconfig", "[includeIf \"gitdir:\(repo.path)/\"]\n\tpath = included\n")
        },
        Change(testDescription: "a file that ~/.gitconfig includes for another folder") { repo in
            try home(repo, "included", "[core]\n\tautocrlf = true\n")
            try home(repo, ".gitconfig", "[includeIf \"gitdir:/no/such/\"]\n\tpath = included\n")
        },
        Change(testDescription: "a file that ~/.gitconfig includes for this branch") { repo in
            try home(repo, "included", "[core]\n\tautocrlf = true\n")
            try home(repo, ".gitconfig", "[includeIf \"onbranch:main\"]\n\tpath = included\n")
        },
        Change(testDescription: "the environment's GIT_CONFIG_GLOBAL") { repo in
            try home(repo, "global", "[core]\n\tautocrlf = true\n\texcludesFile = \(home(repo))/rules\n")
            try home(repo, "rules", "*.log\n")
            repo.environment["GIT_CONFIG_GLOBAL"] = "\(home(repo))/global"
        },
        Change(testDescription: "the environment's GIT_CONFIG_GLOBAL in the place of ~/.gitconfig") { repo in
            try home(repo, ".gitconfig", "[core]\n\tautocrlf = true\n")
            repo.environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        },
        Change(testDescription: "the environment's GIT_CONFIG_COUNT") { repo in
            repo.environment["GIT_CONFIG_COUNT"] = "1"
            repo.environment["GIT_CONFIG_KEY_0"] = "core.autocrlf"
            repo.environment["GIT_CONFIG_VALUE_0"] = "true"
        },
        Change(testDescription: "git -c, as hooks get it") { repo in
            repo.environment["GIT_CONFIG_PARAMETERS"] = "'core.autocrlf'='true'"
        },
    ]

    @Test("set after a checkpoint, and taken back", arguments: changes)
    func configured(change: Change) throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["tracked", "d/tracked"] { try repo.write(name, "one\r\ntwo\r\n") }
        try repo.commit("z", "one\n")
        for name in ["d/tracked", "untracked", "d/untracked", "a.log", "d/b.log"] {
            try repo.write(name, "one\r\ntwo\r\nthree\r\n")
        }
        var changed = repo
        for (number, state) in [repo, changed, repo].enumerated() {
            var state = state
            if number == 1 {
                try change.make(&changed)
                state = changed
            }
            if number == 2 {
                Files.removeTree(repo.folder.path.appending("home"))
                try Files.makeFolders(repo.folder.path.appending("home"))
            }
            let expected = try state.oracleTree()
            for round in ["first", "second"] {
                let tree = try state.json("checkpoint", "x")["tree"]?.text ?? ""
                if tree == expected { continue }
                try state.git("add", "-A", environment: ["GIT_INDEX_FILE": "\(repo.folder.scratch)/\(number)"])
                let git = try state.git(
                    "write-tree", environment: ["GIT_INDEX_FILE": "\(repo.folder.scratch)/\(number)"])
                let difference = try repo.git("diff-tree", "-r", "--abbrev", tree, git.text).text
                Issue.record("state \(number), \(round)\n\(difference)")
            }
        }
    }
}
