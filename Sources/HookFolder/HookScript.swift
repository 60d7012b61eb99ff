internal import HookFiles
internal import SystemPackage

/// The text of a hook of ours. Its second line says so, with a version and a checksum of all that follows, by which a file
/// that someone edited is told from one that may be replaced.
enum HookScript {
    /// Who wrote a hook.
    enum Origin {
        case ours
        /// Ours, changed by someone since.
        case edited
        case foreign
    }

    private static let mark = Array("#!/bin/sh\n# git-wf hook ".utf8)
    private static let checksum = Array("@CHECKSUM@".utf8)

    /// The script for one hook.
    static func bytes(hook name: String, binary: FilePath) -> [UInt8] {
        let path = binary.withPlatformString { pointer in
            var bytes: [UInt8] = []
            var next = pointer
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return bytes
        }
        let script = HookFiles.gitHook
            .replacing(Array("@HOOK@".utf8), with: Array(name.utf8))
            .replacing(Array("@BINARY@".utf8), with: quoted(path))
        let sum = fingerprint(of: body(of: script))
        return script.replacing(checksum, with: Array(sum.utf8), maxReplacements: 1)
    }

    /// Who wrote the hook that begins with these bytes.
    static func origin(of bytes: [UInt8]) -> Origin {
        guard bytes.starts(with: mark) else { return .foreign }
        let header = bytes[mark.count...].prefix { $0 != UInt8(ascii: "\n") }
        let words = header.split(separator: UInt8(ascii: " "))
        let expected = fingerprint(of: body(of: bytes))
        return words.count == 2 && words[1].elementsEqual(expected.utf8) ? .ours : .edited
    }

    /// All behind the second line.
    private static func body(of script: [UInt8]) -> ArraySlice<UInt8> {
        let end = script.dropFirst(mark.count).firstIndex(of: UInt8(ascii: "\n")) ?? script.endIndex
        return script[end...].dropFirst()
    }

    /// For a POSIX shell: between single quotes, nothing but the single quote itself has a meaning.
    private static func quoted(_ word: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        return [quote] + word.replacing([quote], with: Array(#"'\''"#.utf8)) + [quote]
    }

    /// FNV-1a in 64 bits: it tells an edit from none, and guards against nobody.
    private static func fingerprint(of bytes: ArraySlice<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
