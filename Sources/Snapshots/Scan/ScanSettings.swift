internal import Git
internal import Glibc

/// What decides, for each file alike, what a scan makes of it.
struct ScanSettings {
    let limits: Snapshotter.Limits
    let trustsExecutableBit: Bool
    let trustsSymlinks: Bool
    let isSparse: Bool
    let rules: IgnoreRules
    let admission: Admission
    let conversions: Conversions

    init(repository: Repository, limits: Snapshotter.Limits) throws {
        self.limits = limits
        trustsExecutableBit = try repository.configFlag("core.fileMode") ?? true
        trustsSymlinks = try repository.configFlag("core.symlinks") ?? true
        isSparse =
            try repository.configFlag("core.sparseCheckout") ?? false
            && repository.configFlag("sparse.expectFilesOutsideOfPatterns") != true
        rules = try IgnoreRules(
            repository: repository, own: limits.own, context: "\(limits.fingerprint) secrets \(SecretRules.version)")
        admission = Admission(limits, foldsCase: try repository.configFlag("core.ignoreCase") ?? false)
        conversions = try Conversions(repository: repository)
    }

    /// The mode of what is on disk; what the file system cannot tell is taken from what is recorded.
    func mode(_ status: stat, recorded: Git.FileMode?) -> Git.FileMode {
        if status.st_mode & S_IFMT == S_IFLNK { return .symlink }
        if !trustsSymlinks, recorded == .symlink { return .symlink }
        if !trustsExecutableBit { return recorded == .executable ? .executable : .file }
        return status.st_mode & S_IXUSR != 0 ? .executable : .file
    }

    /// git looks at neither, so neither do we: assume-unchanged entries, and those outside of a sparse checkout.
    func keeps(_ entry: UserEntry, isOnDisk: Bool) -> Bool {
        guard entry.isKeepable else { return false }
        // A file that is there in spite of a sparse checkout counts again (git 2.36).
        if entry.isSkipped, !(isSparse && isOnDisk) { return true }
        return entry.isAssumedUnchanged
    }
}
