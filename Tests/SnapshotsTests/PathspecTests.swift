import Files
import Git
import GitValues
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct PathspecTests {
    private static let files = [
        "a", "a.txt", "A.TXT", "b", "dir/a", "dir/a.txt", "dir/deep/a.txt", "dir/deep/x", "dir.txt/a", "dirt",
        "[a].txt",
        "star*.txt", "starry.txt", "!not", ":colon", "sp ace", "back\\slash", "é.txt", "x/y/z/a.txt",
    ]

    private static let specs = [
        ["."], ["a"], ["dir"], ["dir/"], ["a/"], ["*.txt"], ["dir/*.txt"], ["d*"], ["?"], ["[ab]"], ["[a].txt"],
        ["star*.txt"], [":(glob)*.txt"], [":(glob)**/*.txt"], [":(glob)dir/*"], [":(glob)dir/**"],
        [":(literal)star*.txt"],
        [":(icase)a.txt"], [":(icase)DIR"], [":(icase)DIR/*.TXT"], [":(top)a"], [":/a"], [":/dir/a*"], [":/"],
        [".", ":(exclude)dir"], [":!dir"], [":^*.txt"], ["dir", ":!dir/deep"], ["*.txt", ":(exclude,glob)*.txt"],
        [":(exclude,icase)A.TXT"], [":!dir", ":!x"], ["dir/../a.txt"], ["./dir//a"], ["nothing"], [":(top,glob)*/a"],
        ["back\\slash"], ["é*"], [":(exclude)."], ["dir/deep", "x"], [":/!a"], [":!/a"], ["::a"],
    ]

    @Test("pathspecs mean what git means by them", arguments: specs, ["", "dir"])
    func oracle(_ spec: [String], directory: String) throws {
        let repo = try TestRepository()
        for file in Self.files { try repo.write(file, "x\n") }
        let tree = try repo.snapshot().tree
        try repo.git("add", "-A")
        let place = repo.path.pushing(FilePath(directory))
        // git itself finds no such directory outside.
        if directory == "dir", spec == ["dir/../a.txt"] { return }
        let expected = try repo.git(
            ["-C", place.string, "ls-files", "-z", "--full-name", "--"] + spec
        ).stdout.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
        let opened = try repo.opened()
        var found: Set<String> = []
        for selection in try PathSelection.selections(
            of: spec.map { TypedPath($0) }, from: place, top: try #require(opened.workTree))
        {
            let changes = try opened.changes(from: Repository.emptyTree, to: tree, within: selection)
            #expect(changes.map(\.path) == changes.map(\.path).sorted())
            #expect(try opened.holds(any: selection, in: tree) == !changes.isEmpty)
            found.formUnion(changes.map(\.path.description))
            // The git program is told the same.
            let arguments = selection.gitArguments.map { String(decoding: $0, as: UTF8.self) }
            let told = try repo.git(["ls-files", "-z", "--"] + arguments).stdout.split(separator: 0)
            #expect(told.map { RepositoryPath(bytes: $0) }.sorted() == changes.map(\.path))
        }
        #expect(found.sorted() == expected, "\(spec) in \(directory)")
    }

    @Test("a name that begins with a colon is itself; magic that git does not know is named")
    func colons() throws {
        let top = FilePath("/top")
        let spec = try Pathspec(":colon", from: top, top: top)
        #expect(spec.contains(":colon") && !spec.contains("colon"))
        for text in [":(glob,literal)x", ":(nonsense)x", ":(attr:x)y", ":(top"] {
            #expect(throws: PathspecError.self) { try Pathspec(TypedPath(text), from: top, top: top) }
        }
        let error = #expect(throws: PathspecError.self) { try Pathspec("../x", from: top, top: top) }
        #expect(error?.isOutside == true)
    }

    @Test("two trees differ where git says so", arguments: testSeeds(count: 15))
    func comparison(seed: UInt64) throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        var edits = try RandomEdits(repo, seed: seed)
        for _ in 0..<10 { try edits.step(RandomEdits.Step.ofFiles) }
        let old = try repo.snapshot().tree
        for _ in 0..<10 { try edits.step(RandomEdits.Step.ofFiles) }
        let new = try repo.snapshot().tree
        let changes = try repo.opened().changes(from: old, to: new, within: EveryPath())
        let expected = try repo.git("diff-tree", "-r", "-z", "--no-renames", old.hex, new.hex).stdout
        var lines: [[UInt8]] = []
        for change in changes {
            func half(_ entry: TreeEntry?) -> (mode: String, id: String) {
                guard let entry else { return ("000000", ObjectID.zero.hex) }
                return (String(entry.mode.rawValue, radix: 8), entry.id.hex)
            }
            let (from, to) = (half(change.old), half(change.new))
            let isType = change.old.map { old in change.new.map { new in old.mode.kind != new.mode.kind } ?? false }
            let letter = change.old == nil ? "A" : change.new == nil ? "D" : isType == true ? "T" : "M"
            lines.append(Array(":\(from.mode) \(to.mode) \(from.id) \(to.id) \(letter)".utf8))
            lines.append(change.path.bytes)
        }
        #expect(lines == expected.split(separator: 0).map(Array.init), "seed \(seed) after \(edits.log)")
    }
}

extension Git.FileMode {
    /// Files and executable files are of one kind.
    fileprivate var kind: UInt32 { rawValue & 0o170000 }
}
