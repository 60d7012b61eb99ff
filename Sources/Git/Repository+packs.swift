internal import Files
internal import Glibc
internal import SystemPackage

/// Packs of git-wf that are put together, or would be.
package struct Repacking: Hashable, Sendable {
    package let packs: Int
    /// Their size in bytes.
    package let before: Int
    /// The size of the one pack that took their place; `nil` where nothing was done.
    package var after: Int?
}

extension Repository {
    /// What ``repack(by:)`` would put together; `nil` where there is nothing to do.
    package func repackable() -> Repacking? {
        if !pending.folds { return nil }
        let whole = ownPacks(OwnPack.prefix)
        let repacked = ownPacks(OwnPack.repackedPrefix)
        if whole.isEmpty, repacked.count < 2 { return nil }
        return Repacking(
            packs: whole.count + repacked.count, before: (whole + repacked).reduce(0) { $0 + $1.size }, after: nil)
    }

    /// Puts all packs of git-wf into one, in which objects are differences to others, as in those that git makes.
    ///
    /// A new pack is on the disk before an old one goes, and holds every object of theirs, whether a ref holds it or not:
    /// what is to be forgotten is for git's own gc to say.
    /// - Returns: `nil` where there is nothing to do.
    /// - Throws: `FileError` with code `.locked` where another process puts packs together.
    package func repack(by git: GitProgram) throws -> Repacking? {
        try FileLock.hold(OwnPack.lock(in: commonDirectory), access: access) { _ in
            let names = packNames
            OwnPack.removeLeft(names, in: packDirectory)
            OwnPack.bringBackHidden(names, in: packDirectory)
            guard var done = repackable() else { return nil }
            // Objects are whole in what checkpoints wrote, and git takes one that is whole in a pack for one that it found
            // no difference for.
            try repack(OwnPack.prefix, leaving: 0, by: git, options: ["--no-reuse-object"])
            try repack(OwnPack.repackedPrefix, leaving: 1, by: git, options: [])
            done.after = ownPacks(OwnPack.repackedPrefix).reduce(0) { $0 + $1.size }
            return done
        }
    }

    /// None where they cannot be listed: then all stay as they are.
    private var packNames: [String] { (try? packDirectory.namesInside()) ?? [] }

    private var packDirectory: FilePath { commonDirectory.appending("objects").appending("pack") }

    /// Those that may go.
    private func ownPacks(_ prefix: String) -> [OwnPack] {
        let named = MultiPackIndexes(in: packDirectory).packs
        return OwnPack.list(packNames, in: packDirectory, prefix: prefix).filter { named?.contains($0.name) == false }
    }

    /// - Parameters:
    ///   - prefix: which packs are put together.
    ///   - count: how many there may be without anything to do.
    ///   - options: for git.
    private func repack(_ prefix: String, leaving count: Int, by git: GitProgram, options: [String]) throws {
        var attempts = 0
        while true {
            let packs = ownPacks(prefix)
            if packs.count <= count { return }
            do {
                return try repack(packs, by: git, options: options)
            } catch {
                attempts += 1
                // A gc of git's may have taken some of them away meanwhile, or the file that git was writing: `git prune` removes
                // everybody's temporary packs.
                let isPruned = (error as? GitError)?.reason.contains("temporary file") == true
                if attempts == 5 || packs.allSatisfy(\.isThere) && !isPruned { throw error }
            }
        }
    }

    private func repack(_ packs: [OwnPack], by git: GitProgram, options: [String]) throws {
        let doing = "put packs together"
        // Beside the objects, so that it is on their disk, and where no git looks for any.
        let folder = try TemporaryFolder(in: commonDirectory.appending("objects"), prefix: "wf-gc.")
        // With packs on its input git walks through histories for the names of files, and fetches what a partial clone lacks.
        let isPartial = try isPartialClone
        let input =
            isPartial
            ? try packs.flatMap { try $0.entries() }.map { "\($0.id)\n" } : packs.map { "\($0.name).pack\n" }
        let result = try git.succeed(
            doing,
            [
                "--git-dir=\(commonDirectory)", "-c", "pack.packSizeLimit=0", "pack-objects", "--quiet",
                "--delta-base-offset", "--index-version=2",
            ] + (isPartial ? [] : ["--stdin-packs"]) + options + [folder.path.appending("pack").string],
            in: commonDirectory, input: Array(input.joined().utf8))
        let made = OwnPack(directory: folder.path, name: "pack-\(result.text)", size: 0, written: 0)
        let ids = Set(try made.entries().map(\.id))
        guard try packs.allSatisfy({ try $0.entries().allSatisfy { ids.contains($0.id) } }) else {
            throw GitError(.invalid, doing: doing, reason: "git left out objects, so all packs stay as they are")
        }
        let name = OwnPack.uniqueName(OwnPack.repackedPrefix, checksum: result.text)
        try made.publish(in: packDirectory, named: name, isDurable: pending.isDurable)
        OwnPack.retire(packs, in: packDirectory)
    }
}
