internal import Glibc
package import SystemPackage

/// A path, or a pattern of paths, as somebody typed it: any bytes.
package struct TypedPath: Hashable, Sendable, ExpressibleByStringLiteral {
    package let bytes: [UInt8]

    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package init(_ text: String) { bytes = Array(text.utf8) }

    package init(stringLiteral text: String) { self.init(text) }

    /// For people: what is not UTF-8 is replaced by U+FFFD.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package var file: FilePath { FilePath(bytes: bytes) }

    /// Where it is in a worktree, as git finds it: links in what leads to the worktree count, those inside of it are files like
    /// others.
    /// - Parameters:
    ///   - directory: where it was typed.
    ///   - top: the top of the worktree.
    /// - Returns: the path from the top, empty for the top itself; `nil` where it is outside.
    package func inside(_ top: FilePath, from directory: FilePath) -> FilePath? {
        let place = directory.pushing(file).lexicallyNormalized()
        if let inside = place.below(top.lexicallyNormalized()) { return inside }
        // Another name of the worktree, or of a folder above it.
        guard let real = OrdinaryFile.resolved(top) else { return nil }
        if let inside = place.below(real) { return inside }
        var above = FilePath(root: place.root, [])
        for index in place.components.indices {
            above.append(place.components[index])
            guard OrdinaryFile.resolved(above) == real else { continue }
            return FilePath(root: nil, place.components[place.components.index(after: index)...])
        }
        return nil
    }
}

extension FilePath {
    /// The rest behind a folder; `nil` where the path is not below it.
    fileprivate func below(_ folder: FilePath) -> FilePath? {
        var rest = self
        return rest.removePrefix(folder) ? rest : nil
    }
}
