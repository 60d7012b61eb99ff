internal import Files
internal import Glibc
package import SystemPackage

/// Where this program is found, for the hooks that start it.
package struct ProgramPlace: Sendable {
    /// The value of PATH.
    private let searchPath: String?
    /// What it was started as.
    private let word: FilePath?
    private let directory: FilePath

    package init(searchPath: String? = nil, word: FilePath? = nil, directory: FilePath) {
        self.searchPath = searchPath
        self.word = word
        self.directory = directory
    }

    /// The name that stays when another version is put in its place: what PATH leads to may be a link to the folder of one
    /// version. Looked for each time that it is asked for, because few commands ask.
    package var path: FilePath {
        guard let own = Self.executable, let identity = identity(own) else { return Self.executable ?? "git-wf" }
        var candidates = (searchPath ?? "").split(separator: ":").map { FilePath(String($0)).appending("git-wf") }
        if let word, word.components.count > 1 || word.isAbsolute {
            candidates.append(directory.pushing(word).lexicallyNormalized())
        }
        return candidates.first { $0.isAbsolute && self.identity($0) == identity } ?? own
    }

    /// The program itself.
    private static var executable: FilePath? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", base, Int(PATH_MAX))
            guard count > 0 else { return nil }
            base[count] = 0
            return FilePath(platformString: base)
        }
    }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    private func identity(_ path: FilePath) -> Identity? {
        var status = stat()
        return stat(path.characters, &status) == 0 ? Identity(device: status.st_dev, inode: status.st_ino) : nil
    }
}
