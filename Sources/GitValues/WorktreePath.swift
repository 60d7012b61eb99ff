/// A path that may be written in a worktree, whoever recorded it: one that git would take into its index.
///
/// The rules are those of git's `verify_path` with `core.protectHFS` and `core.protectNTFS` on, whatever the file system is
/// here: a lane goes from one machine to another. So no component is empty, `.`, `..`, or `.git` in any form that some file
/// system takes for it; and no symlink stands for `.gitmodules`. Behind a backslash that a component begins with, where git
/// does not look, the same holds.
package struct WorktreePath: Hashable, Sendable {
    package let path: RepositoryPath

    /// The longest path that the system's calls take, in bytes, without the NUL behind it. Each component takes two bytes, so
    /// it bounds the depth too.
    package static let longest = 4095

    /// - Parameter isSymlink: whether a symlink shall be there.
    package init(_ path: RepositoryPath, isSymlink: Bool = false) throws(UnsafePath) {
        if path.bytes.count > Self.longest { throw UnsafePath(path, "it is longer than \(Self.longest) bytes") }
        if path.bytes.contains(0) { throw UnsafePath(path, "a NUL is in it") }
        let components = path.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for component in components {
            if let reason = ComponentName(component).reason { throw UnsafePath(path, reason) }
        }
        if isSymlink, components.last.map({ ComponentName($0).standsForModules }) == true {
            throw UnsafePath(path, "a symlink would stand for .gitmodules")
        }
        self.path = path
    }
}

/// A path that git would not take, so that nothing is written there.
package struct UnsafePath: Error, Hashable, CustomStringConvertible {
    package let path: RepositoryPath
    /// Why, as a clause.
    package let reason: String

    package init(_ path: RepositoryPath, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path.text) is no path that git would write: \(reason)" }
}

/// One name between slashes, as file systems take it.
private struct ComponentName {
    private let bytes: [UInt8]

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

    /// Why no path has it, as a clause.
    var reason: String? {
        if bytes.isEmpty { return "a component is empty" }
        if bytes == [Self.dot] || bytes == [Self.dot, Self.dot] { return "a component is . or .." }
        let isGit = parts.contains(where: Self.isGitDirectoryOnNTFS) || Self.visibleOnHFS(bytes) == Array(".git".utf8)
        return isGit ? "a component stands for .git" : nil
    }

    /// Whether git would read it as `.gitmodules`, in which links are followed.
    var standsForModules: Bool {
        parts.contains(where: Self.isGitModulesOnNTFS) || Self.visibleOnHFS(bytes) == Array(".gitmodules".utf8)
    }

    /// On NTFS a backslash separates names, too.
    private var parts: [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).map(Array.init)
    }

    private static let dot = UInt8(ascii: ".")

    /// `.git` and its short name `git~1`: NTFS knows no case, and drops blanks and dots at the end, and a stream's name.
    private static func isGitDirectoryOnNTFS(_ name: [UInt8]) -> Bool {
        let lower = name.map(lowered)
        return [".git", "git~1"].contains { lower.starts(with: $0.utf8) && endsThere(name, after: $0.utf8.count) }
    }

    /// `.gitmodules`, or one of the short names that NTFS may give it: `gitmod~1` to `~4`, then `gi7eba~1` and on, with as much
    /// of the letters as the number leaves room for.
    private static func isGitModulesOnNTFS(_ name: [UInt8]) -> Bool {
        let lower = name.map(lowered)
        let long = Array(".gitmodules".utf8)
        if lower.starts(with: long) { return endsThere(name, after: long.count) }
        guard lower.count >= 8, let tilde = lower.prefix(8).firstIndex(of: UInt8(ascii: "~")), tilde < 7 else {
            return false
        }
        let digits = lower[(tilde + 1)..<8]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.first != UInt8(ascii: "0"), endsThere(name, after: 8)
        else { return false }
        let letters = lower[..<tilde]
        return letters.elementsEqual("gitmod".utf8) && (UInt8(ascii: "1")...UInt8(ascii: "4")).contains(lower[7])
            || tilde <= 6 && "gi7eba".utf8.starts(with: letters)
    }

    /// Whether nothing that counts follows.
    private static func endsThere(_ name: [UInt8], after count: Int) -> Bool {
        name[count...].prefix { $0 != UInt8(ascii: ":") }.allSatisfy { $0 == dot || $0 == UInt8(ascii: " ") }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// What HFS+ compares of a name: lower case, without the characters that it ignores.
    private static func visibleOnHFS(_ name: [UInt8]) -> [UInt8] {
        var visible = ""
        var decoder = UTF8()
        var rest = name.makeIterator()
        // What is no UTF-8 ends the name, for git.
        while case .scalarValue(let scalar) = decoder.decode(&rest) {
            if !ignoredByHFS.contains(scalar.value) { visible.unicodeScalars.append(scalar) }
        }
        return visible.utf8.map(lowered)
    }

    private static let ignoredByHFS: Set<UInt32> = Set(
        Array(0x200c...0x200f) + Array(0x202a...0x202e) + Array(0x206a...0x206f) + [0xfeff])
}
