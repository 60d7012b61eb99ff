internal import CGit
package import Files
package import GitValues
internal import Glibc
package import SystemPackage

/// A repository that is open, with its worktree.
///
/// Everything that this module returns is a value: a handle of libgit2 never leaves it. A repository belongs to the
/// thread that opened it.
package final class Repository {
    let handle: Handle
    var pointer: OpaquePointer { handle.pointer }
    var configurationSnapshot: ConfigurationSnapshot?

    /// Who may read and write what is made in the git directory.
    package let access: FileAccess
    /// What this process made and no ref holds yet.
    package let pending: PendingObjects
    /// The git directory of this worktree: `.git`, or `.git/worktrees/NAME` for a linked one.
    package let gitDirectory: FilePath
    /// What all worktrees share: objects, refs, configuration.
    package let commonDirectory: FilePath
    /// The top of the worktree; `nil` in a bare repository.
    package let workTree: FilePath?
    /// git in this repository and worktree, however they were found.
    package let git: GitProgram
    /// git in another worktree of the repository, or in a repository inside one: whichever it finds from its directory.
    package let gitElsewhere: GitProgram
    /// What this process was told by its environment.
    let environment: [String: String]
    /// See ``rewrites``.
    var knownRewrites: HistoryRewrites?

    private init(handle: consuming Handle, workTree override: FilePath?, environment: [String: String]) throws {
        let pointer = handle.pointer
        try RepositoryFormat.require(of: pointer, environment: environment)
        if let override {
            try check(
                override.withPlatformString { git_repository_set_workdir(pointer, $0, 0) },
                "use \(override) as the worktree")
        }
        try Self.addWorktreeConfig(pointer)
        try Self.addConfig(of: environment, to: pointer)
        self.handle = handle
        gitDirectory = FilePath(String(cString: git_repository_path(pointer)))
        commonDirectory = FilePath(String(cString: git_repository_commondir(pointer)))
        workTree = git_repository_workdir(pointer).map { FilePath(String(cString: $0)) }
        git = GitProgram(environment: environment, in: (gitDirectory, workTree), of: commonDirectory)
        gitElsewhere = GitProgram(environment: environment, beside: commonDirectory)
        self.environment = environment
        access = FileAccess(sharedRepository: try Self.sharedRepository(of: pointer))
        pending = PendingObjects(
            in: commonDirectory, access: access, compressionLevel: try Self.compressionLevel(of: pointer))
        try PendingBackend.add(pending, to: pointer)
        pending.isDurable = try configFlag(.fsync) ?? true
        // Nothing of a repository that others borrow from may go (`gitrepository-layout(5)`).
        pending.folds = try !(configFlag("extensions.preciousObjects") ?? false)
        // Of refs: the file, and its directory.
        try check(cgit_set_fsync(pending.isDurable ? 1 : 0), "have refs flushed to the disk")
    }

    /// `nil` where `core.sharedRepository` is not set.
    private static func sharedRepository(of pointer: OpaquePointer) throws -> String? {
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config_snapshot(&$0, pointer)
        }
        var value: UnsafePointer<CChar>?
        let isSet = try found(
            git_config_get_string(&value, config.pointer, "core.sharedRepository"), "read core.sharedRepository")
        return isSet ? value.map { String(cString: $0) } ?? "" : nil
    }

    /// The level that git gives to objects that it writes one by one.
    private static func compressionLevel(of pointer: OpaquePointer) throws -> Int32 {
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config(&$0, pointer)
        }
        for key in ["core.looseCompression", "core.compression"] {
            var level: Int32 = 0
            if try found(git_config_get_int32(&level, config.pointer, key), "read \(key)"), -1...9 ~= level {
                return level
            }
        }
        return 1
    }

    /// Opens the repository that `directory` is in.
    /// - Parameters:
    ///   - gitDirectory: what `GIT_DIR` says, where it says something.
    ///   - environment: this process' own: where git's other variables are looked up, of which libgit2 knows none.
    ///   - workTree: what `GIT_WORK_TREE` says; with `gitDirectory` alone it is `directory`, as git has it.
    /// - Throws: `GitError`; its code is `.notFound` where there is no repository.
    package static func open(
        in directory: FilePath, gitDirectory: FilePath? = nil, workTree: FilePath? = nil,
        environment: [String: String] = [:]
    ) throws -> Repository {
        try Library.start()
        func open() throws -> Repository {
            try openUnasked(in: directory, gitDirectory: gitDirectory, workTree: workTree, environment: environment)
        }
        do {
            return try open()
        } catch let error as GitError where error.code == .notOwned {
            // Of what `safe.directory` allows libgit2 knows a part, so git is asked.
            guard !environment.isEmpty, let found = try askedDirectory(in: directory, environment: environment) else {
                throw error
            }
            let repository = try Library.withoutOwnerValidation(open)
            guard isSameFolder(found, repository.gitDirectory) else { throw error }
            return repository
        }
    }

    private static func openUnasked(
        in directory: FilePath, gitDirectory: FilePath?, workTree: FilePath?, environment: [String: String]
    ) throws -> Repository {
        let place = gitDirectory.map { directory.pushing($0) } ?? directory
        var flags = gitDirectory == nil ? 0 : GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
        if isTrue(environment["GIT_DISCOVERY_ACROSS_FILESYSTEM"]) { flags |= GIT_REPOSITORY_OPEN_CROSS_FS.rawValue }
        let handle = try Handle("open the repository in \(place)", freedBy: git_repository_free) {
            pointer in
            place.withPlatformString {
                git_repository_open_ext(&pointer, $0, flags, environment["GIT_CEILING_DIRECTORIES"])
            }
        }
        var top = workTree.map { directory.pushing($0) }
        let isLinked = git_repository_is_worktree(handle.pointer) == 1
        if gitDirectory != nil, top == nil, !isLinked, git_repository_is_bare(handle.pointer) == 0,
            try !hasConfiguredWorktree(handle.pointer)
        {
            top = directory
        }
        return try Repository(handle: handle, workTree: top, environment: environment)
    }

    /// Where git finds the repository; `nil` where it opens none.
    private static func askedDirectory(in directory: FilePath, environment: [String: String]) throws -> FilePath? {
        let result = try ChildProcess(
            ["git", "rev-parse", "--absolute-git-dir"], in: directory, environment: environment
        ).run()
        return result.status == 0 ? FilePath(result.text) : nil
    }

    /// Whether this process was started, through a hook, by a git that an operation of ours in this repository started.
    package var isInOperation: Bool {
        environment[GitProgram.operationVariable].map { Self.isSameFolder(FilePath($0), commonDirectory) } ?? false
    }

    private static func isSameFolder(_ one: FilePath, _ other: FilePath) -> Bool {
        var (first, second) = (Glibc.stat(), Glibc.stat())
        return fstatat(AT_FDCWD, one.string, &first, 0) == 0 && fstatat(AT_FDCWD, other.string, &second, 0) == 0
            && first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// Whether `core.worktree` says where the files are.
    private static func hasConfiguredWorktree(_ pointer: OpaquePointer) throws -> Bool {
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config_snapshot(&$0, pointer)
        }
        var value: UnsafePointer<CChar>?
        return try found(git_config_get_string(&value, config.pointer, "core.worktree"), "read core.worktree")
    }

    /// The release of libgit2 that is in use.
    package static var libraryVersion: String { Library.version }

    package var isBare: Bool { git_repository_is_bare(pointer) == 1 }

    /// Whether this is a worktree that `git worktree add` made.
    package var isLinkedWorktree: Bool { git_repository_is_worktree(pointer) == 1 }

    /// What git is in the middle of, by the word that a user knows it by.
    package var operation: String? {
        switch git_repository_state_t(UInt32(bitPattern: git_repository_state(pointer))) {
        case GIT_REPOSITORY_STATE_NONE: nil
        case GIT_REPOSITORY_STATE_MERGE: "merge"
        case GIT_REPOSITORY_STATE_REVERT, GIT_REPOSITORY_STATE_REVERT_SEQUENCE: "revert"
        case GIT_REPOSITORY_STATE_CHERRYPICK, GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE: "cherry-pick"
        case GIT_REPOSITORY_STATE_BISECT: "bisect"
        case GIT_REPOSITORY_STATE_APPLY_MAILBOX: "am"
        default: "rebase"
        }
    }

    /// Where HEAD is.
    package struct Head: Hashable, Sendable {
        /// The full name of the branch that is checked out; `nil` when HEAD is detached.
        package let branch: String?
        /// The commit; `nil` on a branch that has none yet.
        package let commit: ObjectID?
    }

    package func head() throws -> Head {
        guard
            let reference = try Handle(
                ifFound: "read HEAD", freedBy: git_reference_free, { git_reference_lookup(&$0, pointer, "HEAD") })
        else { throw GitError(.notFound, doing: "read HEAD", reason: "the repository has none") }
        guard git_reference_type(reference.pointer) == GIT_REFERENCE_SYMBOLIC else {
            return Head(branch: nil, commit: git_reference_target(reference.pointer).map { ObjectID($0) })
        }
        let branch = String(cString: git_reference_symbolic_target(reference.pointer))
        return Head(branch: branch, commit: try self.reference(branch))
    }
}
