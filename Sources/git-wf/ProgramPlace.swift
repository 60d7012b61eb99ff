import Files
import Glibc
import SystemPackage

/// Where this program is found, under the name that stays when another version is put in its place: what PATH leads to may be a link
/// to the folder of one version.
struct ProgramPlace {
    let path: String?
    /// What it was started as.
    let word: FilePath?
    let directory: FilePath

    /// - Parameter file: the program itself.
    /// - Returns: `nil` where neither PATH nor the word leads to it.
    func place(of file: FilePath?) -> FilePath? {
        guard let own = file.flatMap(identity) else { return nil }
        var candidates = (path ?? "").split(separator: ":").map { FilePath(String($0)).appending("git-wf") }
        if let word, word.components.count > 1 || word.isAbsolute {
            candidates.append(directory.pushing(word).lexicallyNormalized())
        }
        return candidates.first { $0.isAbsolute && identity($0) == own }
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
