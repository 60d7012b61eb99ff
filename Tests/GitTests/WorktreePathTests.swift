import GitValues
import TestSupport
import Testing

@Suite("Paths that may be written")
struct WorktreePathTests {
    /// What paths that somebody made up on purpose are made of.
    private static let pieces: [[UInt8]] =
        [
            "a", "dir", ".git", ".GIT", ".Git", "git~1", "GIT~1", "git~2", ".git ", ".git.", ".git . ", ".git:",
            ".git::$INDEX",
            "git~1.", "git~1:x", ".gitx", ".gi", "git", "x.git", ".git\\x", "x\\.git", "x\\git~1", "\\", ".", "..",
            "...", "",
            " ", ".gitmodules", ".GITMODULES", ".gitmodules ", ".gitmodules:", "gitmod~1", "GITMOD~4", "gitmod~5",
            "gi7eba~1",
            "gi7eb~10", "gi7e~123", "g~123456", "gi7eba~0", "~1", "~1234567", "gitmodules", ".g\u{200c}it",
            ".git\u{feff}",
            "\u{202e}.git", ".gIt\u{206f}", ".git\u{2070}", ".gitmodule\u{200d}s", "\u{feff}.gitmodules",
            ".gitattributes", "ü",
        ].map { Array($0.utf8) } + [
            [0x2e, 0x67, 0x69, 0x74, 0xff], [0xe2, 0x80], [0xc3, 0x28], [0x2e, 0xe2, 0x80, 0x8c, 0x67],
        ]

    private func made(_ random: inout SeededGenerator) -> [UInt8] {
        var components: [[UInt8]] = []
        for _ in 0...random.below(3) {
            var piece = random.pick(Self.pieces)
            if random.below(5) == 0 { piece += random.pick(Self.pieces) }
            if random.below(5) == 0, !piece.isEmpty {
                piece[random.below(piece.count)] = random.pick(Array("./\\~:1gG \u{200c}".utf8))
            }
            components.append(piece)
        }
        return Array(components.joined(separator: [UInt8(ascii: "/")]))
    }

    @Test("are those that git takes into an index, of any bytes", arguments: testSeeds(count: 4))
    func asGit(seed: UInt64) throws {
        let repo = try TestRepository()
        let blob = try repo.git(["hash-object", "-w", "--stdin"], stdin: Array("x".utf8)).text
        var random = SeededGenerator(seed: seed)
        var taken = 0
        for number in 0..<250 {
            let path = made(&random)
            let isSymlink = !path.contains(UInt8(ascii: "/")) && random.below(2) == 0
            let line = Array("\(isSymlink ? "120000" : "100644") \(blob)\t".utf8) + path + [0]
            // An entry that git refuses is named, and the next one is read.
            let output = try repo.run(
                "git",
                [
                    "-c", "core.protectHFS=true", "-c", "core.protectNTFS=true", "update-index", "--add", "--replace",
                    "-z",
                    "--index-info",
                ], stdin: line)
            let isTakenByGit = output.status == 0 && !output.errorText.contains("Ignoring path")
            let isTaken = (try? WorktreePath(RepositoryPath(bytes: path), isSymlink: isSymlink)) != nil
            let shown = String(decoding: path, as: UTF8.self).debugDescription
            // git does not look behind a backslash that a component begins with.
            if path.split(separator: UInt8(ascii: "/")).contains(where: { $0.first == UInt8(ascii: "\\") }) {
                #expect(isTakenByGit || !isTaken, "seed \(seed), path \(number): \(shown)")
                continue
            }
            #expect(isTaken == isTakenByGit, "seed \(seed), path \(number): \(shown) \(isSymlink) \(output.errorText)")
            if isTaken { taken += 1 }
        }
        #expect(taken > 20 && taken < 230)
    }

    @Test("are no longer than the system's calls take, and hold no NUL")
    func bounds() {
        let longest = [UInt8](repeating: UInt8(ascii: "a"), count: WorktreePath.longest)
        #expect((try? WorktreePath(RepositoryPath(bytes: longest))) != nil)
        #expect(throws: UnsafePath.self) { try WorktreePath(RepositoryPath(bytes: longest + [0x61])) }
        #expect(throws: UnsafePath.self) { try WorktreePath(RepositoryPath(bytes: [0x61, 0, 0x62])) }
    }
}
