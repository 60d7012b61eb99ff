internal import CGit
package import GitValues

/// The lines that a file gained between two trees.
package struct AddedLines: Hashable, Sendable {
    package let path: RepositoryPath
    /// Counted from 1 in the new file, in order; empty for a binary file.
    package let ranges: [ClosedRange<Int>]
}

extension Repository {
    /// Which lines each file gained.
    /// - Parameters:
    ///   - old: a tree.
    ///   - new: the tree whose lines are meant.
    ///   - paths: git's pathspecs; empty for all.
    /// - Returns: the files in order; those that gained none are left out, but binary ones.
    /// - Throws: `GitError` where an object cannot be read.
    package func addedLines(from old: ObjectID, to new: ObjectID, paths: [String] = []) throws -> [AddedLines] {
        if old == new { return [] }
        let doing = "compare the lines of two trees"
        let oldTree = try tree(old)
        let newTree = try tree(new)
        var options = git_diff_options()
        try check(git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)), doing)
        options.context_lines = 0
        let specs = try StringArray(paths)
        options.pathspec = specs.array
        let diff = try Handle(doing, freedBy: git_diff_free) { diff in
            try seeking { git_diff_tree_to_tree(&diff, pointer, oldTree.pointer, newTree.pointer, &options) }
        }
        var result: [AddedLines] = []
        for index in 0..<git_diff_num_deltas(diff.pointer) {
            guard let delta = git_diff_get_delta(diff.pointer, index), delta.pointee.status != GIT_DELTA_DELETED,
                let name = delta.pointee.new_file.path
            else { continue }
            let path = RepositoryPath(cString: name)
            var patch: OpaquePointer?
            try check(try seeking { git_patch_from_diff(&patch, diff.pointer, index) }, doing)
            defer { git_patch_free(patch) }
            var ranges: [ClosedRange<Int>] = []
            for hunk in 0..<git_patch_num_hunks(patch) {
                var lines: UnsafePointer<git_diff_hunk>?
                try check(git_patch_get_hunk(&lines, nil, patch, hunk), doing)
                guard let lines, lines.pointee.new_lines > 0 else { continue }
                let first = Int(lines.pointee.new_start)
                ranges.append(first...(first + Int(lines.pointee.new_lines) - 1))
            }
            // Known only once the patch has read the file.
            let isBinary = delta.pointee.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0
            if !ranges.isEmpty || isBinary { result.append(AddedLines(path: path, ranges: ranges)) }
        }
        return result
    }
}
