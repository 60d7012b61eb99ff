internal import CGit
package import GitValues
package import SystemPackage

/// What a file system says about a file, as far as an index keeps it, to see later whether the file changed.
package struct FileStatus: Hashable, Sendable {
    package struct Time: Hashable, Sendable, Comparable {
        package let seconds: Int64
        package let nanoseconds: Int64

        package init(seconds: Int64, nanoseconds: Int64) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        package static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    package let modified: Time
    package let changed: Time
    package let device: UInt32
    package let inode: UInt32
    package let user: UInt32
    package let group: UInt32
    package let size: UInt32

    /// The fields are cut to the 32 bits that an index has for each.
    package init(
        modified: Time, changed: Time, device: UInt32, inode: UInt32, user: UInt32, group: UInt32, size: UInt32
    ) {
        self.modified = modified
        self.changed = changed
        self.device = device
        self.inode = inode
        self.user = user
        self.group = group
        self.size = size
    }
}

/// A git index in memory, read from a file.
package final class Index {
    private let handle: Handle
    var pointer: OpaquePointer { handle.pointer }

    /// Reads the index at `path`; empty where there is no such file.
    /// - Throws: `GitError` where the file is of a kind that libgit2 cannot read, or damaged.
    package init(at path: FilePath) throws {
        try Library.start()
        handle = try Handle("read the index \(path)", freedBy: git_index_free) { git_index_open(&$0, path.string) }
    }

    /// An index without entries and without a file.
    package init() throws {
        try Library.start()
        handle = try Handle("make an index", freedBy: git_index_free) { git_index_new(&$0) }
    }

    /// Adds an entry at stage 0, in place of what the path has.
    package func add(_ path: RepositoryPath, id: ObjectID, mode: FileMode, status: FileStatus?) throws {
        var entry = git_index_entry()
        entry.mode = mode.rawValue
        entry.id = id.oid
        if let status {
            entry.ctime = git_index_time(status.changed)
            entry.mtime = git_index_time(status.modified)
            entry.dev = status.device
            entry.ino = status.inode
            entry.uid = status.user
            entry.gid = status.group
            entry.file_size = status.size
        }
        try path.withCString { name in
            entry.path = name
            try check(git_index_add(pointer, &entry), "add \(path) to an index")
        }
    }

    /// Writes what the index has as a tree. Directories that did not change are not written again.
    package func writeTree(in repository: Repository) throws -> ObjectID {
        var id = git_oid()
        try check(git_index_write_tree_to(&id, pointer, repository.pointer), "write a tree")
        return ObjectID(id)
    }
}

extension git_index_time {
    fileprivate init(_ time: FileStatus.Time) {
        self.init(
            seconds: Int32(truncatingIfNeeded: time.seconds), nanoseconds: UInt32(truncatingIfNeeded: time.nanoseconds))
    }
}
