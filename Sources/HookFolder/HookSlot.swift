internal import Glibc
internal import SystemPackage

/// The place of one hook in a hooks folder, with what is kept around it:
///
///     post-commit                    ours
///     post-commit.before-git-wf      the hook that ours runs first
///     post-commit.before-git-wf.1    a hook that nothing runs any more, kept for whoever wrote it
///     before-git-wf/post-commit      a link to the first of them, for one that looks at the name it is called by
struct HookSlot {
    let name: String
    let folder: FilePath

    var path: FilePath { folder.appending(name) }
    private var backup: FilePath { folder.appending("\(name).before-git-wf") }
    private var link: FilePath { folder.appending("before-git-wf").appending(name) }
    /// Where pre-commit and lefthook keep the hook that they replace.
    private var keptByOthers: [FilePath] { ["legacy", "old"].map { folder.appending("\(name).\($0)") } }

    // MARK: Looking

    /// The script of a file; `nil` where nothing is there.
    private func script(at path: FilePath) throws(HookError) -> HookScript? {
        switch HookFile.kind(of: path) {
        case nil: nil
        case S_IFREG: HookScript(try HookFile.content(of: path))
        // A link is never ours, whatever it leads to.
        default: HookScript([])
        }
    }

    /// The hooks that were put aside and that nothing runs, the oldest first.
    private var aside: [FilePath] {
        var found: [FilePath] = []
        while HookFile.kind(of: aside(found.count + 1)) != nil { found.append(aside(found.count + 1)) }
        return found
    }

    private func aside(_ number: Int) -> FilePath { folder.appending("\(name).before-git-wf.\(number)") }

    func state(binary: FilePath?) throws(HookError) -> HookState {
        let script = try script(at: path)
        let condition: HookState.Condition =
            switch script?.section {
            case nil: .missing
            case .missing: .foreign
            case .edited: .outdated
            case .whole: isCurrent(script, binary: binary)
            }
        let hasBackup = HookFile.kind(of: backup) != nil
        let runsBackup = script.map { $0.section != .missing } ?? false
        return HookState(
            name: name, state: condition, path: path, chained: hasBackup && runsBackup ? backup : nil,
            kept: (hasBackup && !runsBackup ? [backup] : []) + aside)
    }

    private func isCurrent(_ script: HookScript?, binary: FilePath?) -> HookState.Condition {
        guard let script, script.calls(hook: name) else { return .foreign }
        guard access(path.string, X_OK) == 0 else { return .outdated }
        return binary.map { script == script.with(hook: name, binary: $0) } ?? true ? .installed : .outdated
    }

    // MARK: Changing

    /// What is to stand at the path: a file of ours, or the one that is there with our section in it.
    func prepare(_ binary: FilePath) throws(HookError) -> HookFile {
        let script = HookScript(hook: name, binary: binary)
        guard let present = try self.script(at: path), present.section != .missing else {
            return try HookFile.temporary(beside: path, script.bytes)
        }
        return try HookFile.temporary(beside: path, present.with(hook: name, binary: binary).bytes)
    }

    /// Puts the new file in its place, whatever is there now.
    func install(_ file: HookFile) throws(HookError) {
        let section = try script(at: path)?.section
        try returnWhatOthersKept(to: section)
        switch section {
        case .missing:
            if HookFile.kind(of: backup) != nil { try HookFile.move(backup, to: aside(aside.count + 1)) }
            try HookFile.move(path, to: backup)
        case .edited:
            try HookFile.move(path, to: aside(aside.count + 1))
        case .whole where try isSame(as: file):
            try refreshLink()
            return
        case .whole, nil:
            break
        }
        try refreshLink()
        try file.place(at: path)
    }

    private func isSame(as file: HookFile) throws(HookError) -> Bool {
        guard access(path.string, X_OK) == 0 else { return false }
        return try HookFile.content(of: path) == file.bytes
    }

    /// Takes ours away and moves the hook that was there before back. Where others have added to the file it stays, without our
    /// section, or with one that does nothing but to run that hook.
    func uninstall() throws(HookError) {
        let script = try script(at: path)
        try returnWhatOthersKept(to: script?.section)
        HookFile.remove(link)
        if script?.section == .missing { return }
        if let script, let others = script.others {
            let hasBackup = HookFile.kind(of: backup) != nil
            let bytes = hasBackup ? script.withoutCall(hook: name).bytes : others
            let file = try HookFile.temporary(beside: path, bytes)
            if script.section == .edited { try HookFile.move(path, to: aside(aside.count + 1)) }
            if hasBackup { try refreshLink() }
            return try file.place(at: path)
        }
        if script?.section == .edited { try HookFile.move(path, to: aside(aside.count + 1)) }
        if HookFile.kind(of: backup) != nil {
            try HookFile.move(backup, to: path)
        } else if script?.section == .whole {
            HookFile.remove(path)
        }
    }

    /// A tool that replaced our file may have kept it, and may still run it. Its place belongs to the hook that was there
    /// before us, as if we had never been: else that hook would run no more, or we would run twice.
    private func returnWhatOthersKept(to section: HookScript.Section?) throws(HookError) {
        for kept in keptByOthers {
            guard let script = try script(at: kept), script.section == .whole, script.others == nil else { continue }
            if section == .missing, HookFile.kind(of: backup) != nil {
                try HookFile.move(backup, to: kept)
            } else {
                HookFile.remove(kept)
            }
        }
    }

    // MARK: Hooks that look at their name

    /// One script that serves several hooks, by a link for each or as a copy, asks what it was called as. Called through
    /// a link of the hook's name it finds the answer.
    private func refreshLink() throws(HookError) {
        HookFile.remove(link)
        guard try needsItsName(backup) else { return }
        try HookFile.makeFolder(link.removingLastComponent())
        try HookFile.link(link, to: "../\(name).before-git-wf")
    }

    private func needsItsName(_ hook: FilePath) throws(HookError) -> Bool {
        switch HookFile.kind(of: hook) {
        case S_IFLNK:
            return HookFile.target(of: hook)?.lastComponent?.string != name
        case S_IFREG:
            let text = String(decoding: try HookFile.content(of: hook), as: UTF8.self)
            let asksForName = ["basename", "${0##*/}", "argv[0]", "argv[1]", "PROGRAM_NAME", "__FILE__"]
            // One that looks for files beside it needs to be beside them more.
            let asksForFolder = ["dirname", "${0%/*}"]
            return asksForName.contains { text.contains($0) } && !asksForFolder.contains { text.contains($0) }
        default:
            return false
        }
    }

    /// Removes the folder of links once it is empty.
    static func removeLinkFolder(in folder: FilePath) { rmdir(folder.appending("before-git-wf").string) }
}
