import Foundation
import SystemPackage
import TestSupport
import Testing

/// The tour of README.md: its commands are run, one after the other, and must print what stands below them.
///
/// `GIT_WF_RECORD=1` writes what they print into README.md.
struct ReadmeTests {
    private static let readme = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("README.md")

    @Test("the tour in README.md prints what README.md shows")
    func tour() throws {
        let text = String(decoding: try Files.read(Self.readme), as: UTF8.self)
        let commands = Self.blocks(of: text).flatMap { $0 }.filter { $0.hasPrefix("$ ") }.map {
            String($0.dropFirst(2))
        }
        #expect(commands.count > 15)
        let outputs = try run(commands)
        let recorded = Self.replacing(text, outputs: outputs)
        if ProcessInfo.processInfo.environment["GIT_WF_RECORD"] != nil {
            try Files.write(Array(recorded.utf8), to: Self.readme, mode: 0o644)
        } else {
            #expect(Self.normalised(recorded) == Self.normalised(text))
        }
    }

    /// Runs the commands in one shell, so that `cd` counts.
    private func run(_ commands: [String]) throws -> [String] {
        let repo = try TestRepository(name: "unused")
        let mark = "----8<----"
        let script = commands.map { "\($0)\nprintf '\\n%s\\n' '\(mark)'\n" }.joined()
        let home = repo.path.removingLastComponent()
        let output = try repo.run(
            "bash", ["-c", "cd '\(home)'; exec 2>&1; set -u\n\(script)"], stdin: [],
            environment: [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "advice.detachedHead", "GIT_CONFIG_VALUE_0": "false",
            ])
        #expect(output.status == 0)
        return String(decoding: output.stdout, as: UTF8.self).components(separatedBy: "\n\(mark)\n").dropLast()
            .map { $0.replacingOccurrences(of: home.string, with: "/home/you").replacing(/\n+$/, with: "") }
    }

    private static func blocks(of text: String) -> [[String]] {
        var blocks: [[String]] = []
        var isInside = false
        for line in text.components(separatedBy: "\n") {
            if line == "```console" {
                blocks.append([])
                isInside = true
            } else if line == "```" {
                isInside = false
            } else if isInside {
                blocks[blocks.count - 1].append(line)
            }
        }
        return blocks
    }

    /// The text with the outputs below the commands.
    private static func replacing(_ text: String, outputs: [String]) -> String {
        var rest = outputs[...]
        var lines: [String] = []
        var isInside = false
        for line in text.components(separatedBy: "\n") {
            if line == "```console" { isInside = true } else if line == "```" { isInside = false }
            if isInside, line != "```console", !line.hasPrefix("$ ") { continue }
            lines.append(line)
            if isInside, line.hasPrefix("$ "), let output = rest.popFirst(), !output.isEmpty {
                lines += output.components(separatedBy: "\n").map { $0.replacing(/\s+$/, with: "") }
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Ids differ from run to run: the worktree's and the workflow's are random.
    private static func normalised(_ text: String) -> String {
        text.replacing(/\b[0-9a-f]{7}\b/, with: "1234567")
    }
}
