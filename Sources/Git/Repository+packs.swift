internal import Glibc
internal import SystemPackage

/// Packs of git-wf that are put together, or would be.
package struct PackFold: Hashable, Sendable {
    package let packs: Int
    /// Their size in bytes.
    package let before: Int
    /// The size of the one pack that took their place; `nil` where nothing was done.
    package var after: Int?
}

extension Repository {
    /// What ``foldPacks(by:)`` would put together; `nil` where there is nothing to do.
    package func foldablePacks() -> PackFold? {
        let packs = foldable()
        return packs.isEmpty ? nil : PackFold(packs: packs.count, before: packs.reduce(0) { $0 + $1.size }, after: nil)
    }

    /// Puts all packs of git-wf into one, in which objects are differences to others, as in those that git makes.
    ///
    /// The new pack is on the disk before an old one goes, and holds every object of theirs, whether a ref holds it or
    /// not: what is to be forgotten is for git's own gc to say.
    /// - Returns: `nil` where there is nothing to do.
    /// - Throws: `GitError` with code `.locked` where another process puts packs together.
    package func foldPacks(by git: GitProgram) throws -> PackFold? {
        let doing = "put packs together"
        guard let lock = FoldingLock(commonDirectory.appending("wf").appending("locks"), waitingAtMost: 30) else {
            throw GitError(.locked, doing: doing, reason: "another process does")
        }
        return try withExtendedLifetime(lock) {
            var attempts = 0
            while true {
                let packs = foldable()
                if packs.isEmpty { return nil }
                do {
                    return try fold(packs, by: git)
                } catch let error as GitError {
                    attempts += 1
                    // A gc of git's may have taken some of them away meanwhile.
                    if attempts == 5 || packs.allSatisfy(\.isThere) { throw error }
                }
            }
        }
    }

    private var packDirectory: FilePath { commonDirectory.appending("objects").appending("pack") }

    /// All packs of ours; none where there is only one, which was put together before.
    private func foldable() -> [OwnPack] {
        let whole = OwnPack.list(in: packDirectory)
        let folded = OwnPack.list(in: packDirectory, prefix: OwnPack.foldedPrefix)
        return whole.isEmpty && folded.count < 2 ? [] : whole + folded
    }

    private func fold(_ packs: [OwnPack], by git: GitProgram) throws -> PackFold {
        let doing = "put packs together"
        // Beside the objects, so that it is on their disk, and where no git looks for any.
        let drafts = commonDirectory.appending("objects").appending("wf-gc")
        guard mkdir(drafts.string, 0o777) == 0 || errno == EEXIST else {
            throw TemporaryFile.failure("create \(drafts)")
        }
        // Whoever has the lock is the only one who writes here; a holder before may have been killed.
        defer {
            Self.removeFiles(in: drafts)
            rmdir(drafts.string)
        }
        Self.removeFiles(in: drafts)
        let result = try git.succeed(
            doing,
            [
                "--git-dir=\(commonDirectory)", "-c", "pack.packSizeLimit=0", "pack-objects", "--quiet",
                "--stdin-packs", "--delta-base-offset", "--index-version=2", drafts.appending("pack").string,
            ], in: commonDirectory, input: Array(packs.map { "\($0.name).pack\n" }.joined().utf8))
        let draft = OwnPack(directory: drafts, name: "pack-\(result.text)", size: 0)
        let ids = Set(try draft.entries().map(\.id))
        guard try packs.allSatisfy({ try $0.entries().allSatisfy { ids.contains($0.id) } }) else {
            throw GitError(.invalid, doing: doing, reason: "git left out objects, so all packs stay as they are")
        }
        let folded = try draft.publish(
            in: packDirectory, named: OwnPack.uniqueName(OwnPack.foldedPrefix, checksum: result.text),
            isDurable: pending.isDurable)
        for pack in packs { pack.remove() }
        return PackFold(packs: packs.count, before: packs.reduce(0) { $0 + $1.size }, after: folded.size)
    }

    private static func removeFiles(in directory: FilePath) {
        guard let stream = opendir(directory.string) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink(directory.appending(name).string) }
        }
    }
}
