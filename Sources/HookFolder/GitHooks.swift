internal import Files
package import SystemPackage

/// Git's own hooks, installed beside what is there.
///
/// Each hook of ours is a section in one file in the hooks folder. It runs the hook which was there before, then git-wf, then what
/// others wrote below it. What was there is moved, never copied or rewritten: `NAME` becomes `NAME.before-git-wf` with its bytes,
/// its mode and, where it is one, its symbolic link, and `uninstall` moves it back. A file with our section stays others' too:
/// only the section is replaced or taken out. One that someone edited is kept as `NAME.before-git-wf.1`, which nothing runs.
package enum GitHooks {
    package static let names = GitHook.allCases.map(\.rawValue)

    /// Installs every hook, or brings those that are there up to date. A second time changes nothing.
    ///
    /// Where another tool has replaced our file, its hook is chained in turn; the one that had been chained before goes to
    /// where that tool would have put it (pre-commit runs `NAME.legacy`, lefthook keeps `NAME.old`), else aside.
    ///
    /// - Parameters:
    ///   - hooksDirectory: where git looks for hooks here (`core.hooksPath`, else `<commondir>/hooks`); made when missing.
    ///   - binary: the absolute path of git-wf.
    /// - Returns: the state of each after it.
    /// - Throws: `HookError`. Whether the folder can be written is found out before any hook is touched.
    @discardableResult
    package static func install(
        into hooksDirectory: FilePath, binary: FilePath
    ) throws(HookError) -> [HookState] {
        try Installation(into: hooksDirectory, binary: binary).install()
        return try status(in: hooksDirectory, binary: binary)
    }

    /// Hooks that are written beside their places and wait for being put there. Until then nobody else installs any.
    package final class Installation {
        private let lock: FolderLock
        private let fresh: [(slot: HookSlot, file: HookFile)]

        package init(into hooksDirectory: FilePath, binary: FilePath) throws(HookError) {
            guard binary.isAbsolute else {
                throw HookError("install hooks for", binary, because: .invalidArgument)
            }
            lock = try HookFile.lock(hooksDirectory, making: true)
            var fresh: [(slot: HookSlot, file: HookFile)] = []
            for name in names {
                let slot = HookSlot(name: name, folder: hooksDirectory)
                fresh.append((slot, try slot.prepare(binary)))
            }
            self.fresh = fresh
        }

        package func install() throws(HookError) {
            for (slot, file) in fresh { try slot.install(file) }
        }
    }

    /// Takes every hook of ours away and puts back what was there before, bytes, mode and link.
    ///
    /// A hook that someone else put in our place stays, and its state says `foreign`.
    ///
    /// - Parameter hooksDirectory: where they were installed.
    /// - Returns: the state of each after it: `missing`, or `foreign` where a hook is there that is not ours.
    /// - Throws: `HookError`.
    @discardableResult
    package static func uninstall(from hooksDirectory: FilePath) throws(HookError) -> [HookState] {
        if HookFile.kind(of: hooksDirectory) != nil {
            let lock = try HookFile.lock(hooksDirectory, making: false)
            for name in names { try HookSlot(name: name, folder: hooksDirectory).uninstall() }
            HookSlot.removeLinkFolder(in: hooksDirectory)
            lock.release()
        }
        return try status(in: hooksDirectory, binary: nil)
    }

    /// What is there now; changes nothing.
    ///
    /// - Parameters:
    ///   - hooksDirectory: where git looks for hooks here.
    ///   - binary: the git-wf that they should call; `nil` accepts any.
    /// - Returns: the state of each of `names`, in that order.
    /// - Throws: `HookError` when a hook cannot be read.
    package static func status(
        in hooksDirectory: FilePath, binary: FilePath?
    ) throws(HookError) -> [HookState] {
        var states: [HookState] = []
        for name in names {
            states.append(try HookSlot(name: name, folder: hooksDirectory).state(binary: binary))
        }
        return states
    }
}
