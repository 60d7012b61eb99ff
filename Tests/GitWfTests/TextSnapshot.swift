import Glibc
import SystemPackage
import TestSupport
import Testing

/// A text that a user sees, held in a file beside the tests: `Snapshots/NAME.txt`. `GIT_WF_RECORD=1` records all again.
enum TextSnapshot {
    static func expect(_ text: String, _ name: String, at location: SourceLocation = #_sourceLocation) throws {
        let file = FilePath(#filePath).removingLastComponent().appending("Snapshots").appending("\(name).txt")
        if getenv("GIT_WF_RECORD") != nil { try Files.write(Array(text.utf8), to: file) }
        let held = String(decoding: try Files.read(file), as: UTF8.self)
        #expect(text == held, "\(name).txt", sourceLocation: location)
    }

    /// Without what differs from run to run: ids and the temporary folder.
    static func normalised(_ output: Output, _ repo: TestRepository) -> String {
        var text = String(decoding: output.stdout, as: UTF8.self)
        text = text.replacing(repo.folder.path.string, with: "FOLDER")
        var result = ""
        var word = ""
        func isID(_ word: String) -> Bool {
            // One in a thousand has no digit.
            (word.count == 7 || word.count == 40) && word.allSatisfy { $0.isHexDigit }
        }
        for character in text + "\n" {
            if character.isLetter || character.isNumber {
                word.append(character)
                continue
            }
            result += (isID(word) ? String(repeating: "#", count: word.count) : word) + String(character)
            word = ""
        }
        return String(result.dropLast())
    }
}
