import SystemPackage
import TestSupport
import Testing

@Suite("Repositories of kinds that are not supported are said to be so, once, and left alone")
struct UnsupportedRepositoryTests {
    enum Kind: String, CaseIterable, Sendable {
        case sha256 = "SHA-256"
        case reftable

        func make() throws -> TestRepository {
            let repo = try TestRepository().beside("other")
            try Files.makeFolders(repo.path)
            switch self {
            case .sha256:
                try repo.git("init", "-q", "--initial-branch=main", "--object-format=sha256")
                try repo.commit("a.txt", "one\n")
            case .reftable:
                // git knows it from 2.45 on; an older one has the same words in its configuration, and gives up.
                if try repo.gitStatus("init", "-q", "--initial-branch=main", "--ref-format=reftable") == 0 { break }
                try repo.git("init", "-q", "--initial-branch=main")
                try repo.commit("a.txt", "one\n")
                try repo.git("config", "core.repositoryFormatVersion", "1")
                try repo.git("config", "extensions.refStorage", "reftable")
            }
            return repo
        }
    }

    private static let hooks = ["post-commit", "post-merge", "post-checkout", "post-rewrite", "pre-rebase"]

    @Test("one clear sentence and status 128, whatever is asked", arguments: Kind.allCases)
    func refused(kind: Kind) throws {
        let repo = try kind.make()
        try repo.write("b.txt", "two\n")
        let before = try repo.allFiles()
        var sentences: Set<String> = []
        for command in RefusalTests.commands + [["init"], ["hooks", "install"], ["workflows"], ["resume"], ["fsck"]] {
            let output = try repo.wf(command)
            #expect(
                output.status == 128 && (output.stdout == [] || command.contains("--json")),
                "git wf \(command.joined(separator: " "))")
            sentences.insert(output.errorText)
        }
        let sentence = try #require(sentences.first)
        #expect(sentences.count == 1)
        #expect(
            sentence.hasPrefix("git wf: ")
                && sentence.split(separator: "\n").filter { !$0.hasPrefix("hint: ") }.count == 1)
        // Said once, by the name that people know it by.
        #expect(sentence.split(separator: kind.rawValue, omittingEmptySubsequences: false).count == 2, "\(sentence)")
        #expect(sentence.split(separator: "support", omittingEmptySubsequences: false).count == 2, "\(sentence)")
        #expect(try repo.allFiles() == before)
    }

    @Test("hooks say nothing and have status 0", arguments: Kind.allCases)
    func quietHooks(kind: Kind) throws {
        let repo = try kind.make()
        let before = try repo.allFiles()
        for hook in Self.hooks {
            let output = try repo.wf("hook", hook)
            #expect(output.status == 0 && output.stdout == [] && output.stderr == [], "\(hook): \(output.errorText)")
        }
        #expect(try repo.allFiles() == before)
    }

    @Test("git works with hooks of ours that came there by core.hooksPath, and nothing of ours is left behind")
    func sharedHooks() throws {
        let shared = try TestRepository.begun(hooks: true)
        var repo = shared.beside("other")
        try Files.makeFolders(repo.path)
        try repo.git("init", "-q", "--initial-branch=main", "--object-format=sha256")
        repo.environment["GIT_CONFIG_COUNT"] = "1"
        repo.environment["GIT_CONFIG_KEY_0"] = "core.hooksPath"
        repo.environment["GIT_CONFIG_VALUE_0"] = shared.file(".git/hooks").string
        try repo.write("a.txt", "one\n")
        try repo.git("add", "-A")
        for command in [
            ["commit", "-qm", "one"], ["commit", "-q", "--amend", "-m", "two"], ["checkout", "-q", "-b", "other"],
            ["commit", "-q", "--allow-empty", "-m", "three"], ["checkout", "-q", "main"], ["merge", "-q", "other"],
        ] {
            let output = try repo.run("git", command)
            #expect(output.status == 0 && output.stdout == [] && output.stderr == [], "\(command): \(output.errorText)")
        }
        #expect(!repo.exists(".git/wf"))
    }
}

extension TestRepository {
    /// Every file in the repository's folder, that of git included, with its bytes.
    func allFiles() throws -> [String: [UInt8]] {
        try contents(of: "").merging(contents(of: ".git")) { $1 }
    }
}
