package import GitValues
internal import Glibc
package import SystemPackage

/// Permissions of files that no tree tells, since git knows one bit of them: what a private file needs to come back private
/// after it was removed, or replaced by git itself.
package struct FileModes: Sendable {
    private var bits: [RepositoryPath: mode_t] = [:]

    package static let none = FileModes(lines: [])

    /// How many are kept.
    private static let most = 1000

    /// Those of files that are not as a new file would be.
    package init(of paths: some Sequence<RepositoryPath>, below top: FilePath) {
        let mask = umask(0o077)
        umask(mask)
        for path in paths {
            // What cannot be looked at cannot be replaced either.
            guard let status = try? top.status(of: path), status.isFile else { continue }
            let plain: mode_t = status.st_mode & S_IXUSR != 0 ? 0o777 : 0o666
            if status.st_mode & 0o777 != plain & ~mask { bits[path] = status.st_mode & 0o777 }
            if bits.count == Self.most { return }
        }
    }

    /// - Parameter lines: of ``lines``; others are left out.
    package init(lines: [String]) {
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let mode = mode_t(words[0], radix: 8), mode <= 0o777 else { continue }
            let path = RepositoryPath(text: String(words[1]))
            if !path.bytes.isEmpty { bits[path] = mode }
        }
    }

    /// As `Wf-Mode` has them: `600 path`.
    package var lines: [String] {
        bits.sorted { $0.key < $1.key }.map { "\(String($0.value, radix: 8)) \($0.key.text)" }
    }

    subscript(path: RepositoryPath) -> mode_t? { bits[path] }
}
