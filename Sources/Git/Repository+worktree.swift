internal import CGit

extension Repository {
    /// Has libgit2 use `index` wherever it asks what is tracked, as it does for line ends and attributes: it fails
    /// altogether in a repository whose own index it cannot read.
    package func use(_ index: Index) throws {
        try check(git_repository_set_index(pointer, index.pointer), "use an index")
    }

    /// What git makes of the bytes of a file for its blob: line ends and the like. External filters are not run; see
    /// ``hasExternalFilter(_:)``.
    /// - Returns: `nil` where they stay as they are.
    package func blobBytes(of bytes: UnsafeRawBufferPointer, at path: RepositoryPath) throws -> [UInt8]? {
        // A checkpoint takes files whose line ends `safecrlf` would refuse.
        let flags = GIT_FILTER_ALLOW_UNSAFE.rawValue
        let filters = try Handle(optional: "convert \(path)", freedBy: git_filter_list_free) { filters in
            path.withCString { git_filter_list_load(&filters, pointer, nil, $0, GIT_FILTER_TO_ODB, flags) }
        }
        guard let filters else { return nil }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        let input = bytes.bindMemory(to: CChar.self)
        try check(
            git_filter_list_apply_to_buffer(&buffer, filters.pointer, input.baseAddress, input.count),
            "convert \(path)")
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }

    /// Writes the file at `path` of the worktree as a blob: converted as git would (line ends, `ident`), the target of
    /// a symlink as it is. External filters are not run; see ``hasExternalFilter(_:)``.
    package func createBlob(ofWorktreeFile path: RepositoryPath) throws -> ObjectID {
        var id = git_oid()
        try path.withCString { name in
            _ = try check(git_blob_create_from_workdir(&id, pointer, name), "read \(path)")
        }
        return ObjectID(id)
    }

    /// Whether attributes give `path` a conversion that libgit2 does not do as git does: a filter driver, an encoding, or
    /// `ident` (libgit2 converts the first one of a file only).
    package func hasExternalFilter(_ path: RepositoryPath) throws -> Bool {
        if let driver = try attribute("filter", of: path) {
            for step in ["process", "clean", "smudge"] where try config("filter.\(driver).\(step)") != nil {
                return true
            }
        }
        return try attribute("working-tree-encoding", of: path) != nil || isSet("ident", of: path)
    }

    /// The value of an attribute that has one; `nil` where it is unspecified, set or unset.
    package func attribute(_ name: String, of path: RepositoryPath) throws -> String? {
        var value: UnsafePointer<CChar>?
        try path.withCString { path in
            _ = try check(git_attr_get(&value, pointer, 0, path, name), "read the attributes of a path")
        }
        guard git_attr_value(value) == GIT_ATTR_VALUE_STRING, let value else { return nil }
        return String(cString: value)
    }

    private func isSet(_ name: String, of path: RepositoryPath) throws -> Bool {
        var value: UnsafePointer<CChar>?
        try path.withCString { path in
            _ = try check(git_attr_get(&value, pointer, 0, path, name), "read the attributes of a path")
        }
        return git_attr_value(value) == GIT_ATTR_VALUE_TRUE
    }

    /// The bytes that a blob has in the worktree at `path`: converted as git would on the way out (line ends, `ident`).
    package func worktreeBytes(of id: ObjectID, at path: RepositoryPath) throws -> [UInt8] {
        var oid = id.oid
        let blob = try Handle("read the blob \(id)", freedBy: git_blob_free) { git_blob_lookup(&$0, pointer, &oid) }
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
