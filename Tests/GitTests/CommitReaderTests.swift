import Git
import GitValues
import TestSupport
import Testing

@Suite struct CommitReaderTests {
    /// Commits as git writes them, and as only others do.
    private static let commits: [String] = {
        let tree = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
        let parent = "parent 0123456789012345678901234567890123456789\n"
        let author = "author A <a@x> 1700000000 +0000\n"
        let committer = "committer C D <c@x> 1700000001 -0330\n"
        let signature = "gpgsig -----BEGIN\n \n line\n -----END\n"
        return [
            tree + author + committer + "\nsubject\n",
            tree + parent + author + committer + "\nsubject\n\nbody\n\nWf-Kind: checkpoint\n",
            tree + parent + parent.replacing("0", with: "a") + author + committer + "\n",
            tree + author + committer + "encoding latin1\n" + signature + "\n\n\nsubject",
            tree + author + committer + "\nsub\0ject\n",
            tree + author + "committer  <> 0 +0000\n\nx\n",
            tree + author + "committer C <c@x> 99999999999 +1400\n\nx\n",
            tree + author + "committer C <c@x> 1700000000 +9999\n\nx\n",
            tree + author + "committer C <c@x> 1700000000 +0075\n\nx\n",
            tree + author + "committer C <c@x> 1700000000\n\nx\n",
            tree + author + "committer C <c@x> -1 +0000\n\nx\n",
            tree + author + "committer C <c@x> 12 34 +0000\n\nx\n",
            tree + author + "committer C\n\nx\n",
            tree + author + committer,
            tree + author,
            tree + author + committer.dropLast(),
            tree.uppercased() + author + committer + "\nx\n",
            "tree 4b825dc642cb6eb9a060e54bf8d69288fbee490\n" + author + committer + "\nx\n",
            "nonsense",
        ]
    }()

    @Test("a commit reads the same at once and for a walk, or is refused both times")
    func reads() throws {
        let repo = try TestRepository()
        let repository = try Repository.open(in: repo.path)
        let reader = try CommitReader(repository)
        var understood = 0
        for commit in Self.commits {
            let written = try repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin: commit)
                .text
            let id = try #require(ObjectID(hex: written))
            do {
                let whole = try repository.commit(id)
                understood += 1
                try reader.read(id) { part in
                    let text = Comment(rawValue: commit)
                    #expect(part.tree == whole.tree, text)
                    #expect(part.previous == whole.parents.first, text)
                    #expect(part.time == whole.committer.time, text)
                    #expect(Array(part.message) == whole.message, text)
                }
            } catch is GitError {
                #expect(throws: GitError.self, Comment(rawValue: commit)) { try reader.read(id) { _ in } }
            }
        }
        #expect(understood >= 7)
    }

    @Test("a missing object, and one that is no commit, are refused")
    func refuses() throws {
        let repo = try TestRepository()
        let blob = try repo.git("hash-object", "-w", "--stdin", stdin: "x").text
        let reader = try CommitReader(Repository.open(in: repo.path))
        for hex in [blob, "0123456789012345678901234567890123456789"] {
            let id = try #require(ObjectID(hex: hex))
            #expect(throws: GitError.self) { try reader.read(id) { _ in } }
        }
    }
}
