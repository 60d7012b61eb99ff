package import GitValues

extension Repository {
    /// The commit that brought another one into a branch: the oldest on the first-parent way back from `tip` that holds it.
    package func firstCommit(upTo tip: ObjectID, thatHolds other: ObjectID) throws -> ObjectID {
        var found = tip
        while found != other, let parent = try commit(found).parents.first, try isDescendant(parent, of: other) {
            found = parent
        }
        return found
    }

    /// Joins what two sides did to a tree, where that needs no judgement: no path was changed by both in different
    /// ways, no side can have renamed anything, and no file takes the place of a directory.
    ///
    /// git's `ort` gives the same tree for such sides: it looks into a file only when both changed it, and for renames
    /// only among paths that one side deleted and others that it added. libgit2's own merge is not used beyond that: it
    /// differs from `ort` silently (libgit2 #6717, and its line diff is not the histogram one).
    /// - Returns: the tree; `nil` where git has to decide.
    package func joinedTree(base: ObjectID, ours: ObjectID, theirs: ObjectID) throws -> ObjectID? {
        if theirs == base || theirs == ours { return ours }
        if ours == base { return theirs }
        let ourChanges = try changes(from: base, to: ours)
        let theirChanges = try changes(from: base, to: theirs)
        if ourChanges.mayHoldRename || theirChanges.mayHoldRename { return nil }
        var ourResults: [RepositoryPath: TreeEntry?] = [:]
        for change in ourChanges { ourResults[change.path] = .some(change.new) }
        var wanted: [RepositoryPath: TreeEntry?] = [:]
        for change in theirChanges {
            if change.old?.mode == .gitlink || change.new?.mode == .gitlink { return nil }
            if let ourResult = ourResults[change.path] {
                guard ourResult == change.new else { return nil }
                continue
            }
            if change.new != nil, try !isFree(change.path, in: ours) { return nil }
            wanted[change.path] = .some(change.new)
        }
        return try tree(ours, with: wanted)
    }

    /// Whether a file may stand at `path`: no directory is there, and nothing above it is a file.
    private func isFree(_ path: RepositoryPath, in tree: ObjectID) throws -> Bool {
        if try entry(at: path, in: tree)?.mode == .directory { return false }
        var parent = path.parent
        while let directory = parent {
            if let entry = try entry(at: directory, in: tree) { return entry.mode == .directory }
            parent = directory.parent
        }
        return true
    }

    /// Writes `tree` with other entries at some paths; `nil` takes a path out. Directories that this empties go too.
    package func tree(_ tree: ObjectID, with changes: [RepositoryPath: TreeEntry?]) throws -> ObjectID {
        if changes.isEmpty { return tree }
        let edits = changes.map { TreeEdit(components: $0.key.components, entry: $0.value) }
        return try rebuilt(tree, with: edits[...], depth: 0) ?? createTree(entries: [])
    }

    private struct TreeEdit {
        let components: [ArraySlice<UInt8>]
        let entry: TreeEntry?
    }

    /// One directory, rebuilt; `nil` where nothing is left in it.
    private func rebuilt(_ tree: ObjectID?, with edits: ArraySlice<TreeEdit>, depth: Int) throws -> ObjectID? {
        var entries: [RepositoryPath: TreeEntry] = [:]
        for entry in try tree.map({ try self.entries(of: $0) }) ?? [] { entries[entry.path] = entry }
        var below: [RepositoryPath: [TreeEdit]] = [:]
        for edit in edits where edit.components.count > depth {
            let name = RepositoryPath(bytes: edit.components[depth])
            if edit.components.count > depth + 1 {
                below[name, default: []].append(edit)
            } else {
                entries[name] = edit.entry.map { TreeEntry(path: name, mode: $0.mode, id: $0.id) }
            }
        }
        for (name, edits) in below {
            let old = entries[name].flatMap { $0.mode == .directory ? $0.id : nil }
            // A removal below what is no directory any more has nothing to remove.
            if old == nil, entries[name] != nil, edits.allSatisfy({ $0.entry == nil }) { continue }
            let new = try rebuilt(old, with: edits[...], depth: depth + 1)
            entries[name] = new.map { TreeEntry(path: name, mode: .directory, id: $0) }
        }
        return entries.isEmpty ? nil : try createTree(entries: Array(entries.values))
    }
}

extension [TreeChange] {
    /// Whether git could take a part of these changes for a rename: something went, and something came.
    fileprivate var mayHoldRename: Bool { contains { $0.new == nil } && contains { $0.old == nil } }
}
