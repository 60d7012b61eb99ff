internal import CGit
internal import Glibc

/// libgit2 itself: started when it is first needed, once a process.
enum Library {
    /// Extensions of a repository that are known here; libgit2 1.5 would refuse to open one that has them. Some of them
    /// ``RepositoryFormat`` refuses, by their values. It knows names in lower case only.
    static let extensions = [
        "worktreeconfig", "partialclone", "preciousobjects", "relativeworktrees", "noop-v1", "submodulepathconfig",
        "objectformat", "compatobjectformat", "refstorage",
    ]

    private static let started: Int32 = {
        let status = git_libgit2_init()
        if status < 0 { return status }
        let names = extensions.map { strdup($0) }
        defer { names.forEach { free($0) } }
        var pointers = names.map { UnsafePointer($0) }
        let accepted = cgit_set_extensions(&pointers, pointers.count)
        if accepted < 0 { return accepted }
        // A commit or a tree is hardly ever read twice, a walk reads them all, and what is kept is kept until the end.
        for kind in [GIT_OBJECT_COMMIT, GIT_OBJECT_TREE] {
            let limited = cgit_set_cache_limit(kind, 0)
            if limited < 0 { return limited }
        }
        // A partial clone does not hold all that its index names, and a tree may name it all the same.
        return cgit_set_strict_object_creation(0)
    }()

    static func start() throws(GitError) {
        try check(started, "start libgit2")
    }

    /// Opens what belongs to somebody else, once it is known that the user wants that.
    static func withoutOwnerValidation<Result>(_ body: () throws -> Result) throws -> Result {
        try check(cgit_set_owner_validation(0), "open another user's repository")
        defer { cgit_set_owner_validation(1) }
        return try body()
    }

    /// The release of libgit2 that is loaded, as `1.5.1`.
    static var version: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var revision: Int32 = 0
        git_libgit2_version(&major, &minor, &revision)
        return "\(major).\(minor).\(revision)"
    }
}
