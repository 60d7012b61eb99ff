internal import CGit
package import GitValues

extension Repository {
    /// Has libgit2 use `index` wherever it asks what is tracked, as it does for line ends and attributes: it fails
    /// altogether in a repository whose own index it cannot read.
    package func use(_ index: Index) throws {
        try check(git_repository_set_index(pointer, index.pointer), "use an index")
    }

    /// The bytes that a blob has in the worktree at `path`: converted as git would on the way out (line ends, `ident`).
    package func worktreeBytes(of id: ObjectID, at path: RepositoryPath) throws -> [UInt8] {
        var oid = id.oid
        let blob = try Handle("read the blob \(id)", freedBy: git_blob_free) { handle in
            try seeking { git_blob_lookup(&handle, pointer, &oid) }
        }
        var options = git_blob_filter_options()
        try check(git_blob_filter_options_init(&options, UInt32(GIT_BLOB_FILTER_OPTIONS_VERSION)), "convert \(path)")
        // Binary files are converted too where attributes say so, as git does.
        options.flags = 0
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try path.withCString { name in
            _ = try check(git_blob_filter(&buffer, blob.pointer, name, &options), "convert \(path)")
        }
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }
}
