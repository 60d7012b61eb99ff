internal import Git
internal import GitValues
internal import Glibc

/// What the file system says about a file, as far as it shows that the file changed: 32 bits of each, as an index has them.
///
/// Devices are left out, because their numbers change when a disk is mounted anew, and owners, because a change of them
/// changes the time of change.
struct FileStamp: Equatable {
    var modifiedSeconds: UInt32 = 0
    var modifiedNanoseconds: UInt32 = 0
    var changedSeconds: UInt32 = 0
    var changedNanoseconds: UInt32 = 0
    var inode: UInt32 = 0
    var size: UInt32 = 0

    /// Seconds.
    private static let coarsestTick = 2

    /// What no file has: whatever carries it is looked at anew.
    static let none = FileStamp()
}

extension FileStamp {
    init(_ status: stat) {
        modifiedSeconds = UInt32(truncatingIfNeeded: status.st_mtim.tv_sec)
        modifiedNanoseconds = UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec)
        changedSeconds = UInt32(truncatingIfNeeded: status.st_ctim.tv_sec)
        changedNanoseconds = UInt32(truncatingIfNeeded: status.st_ctim.tv_nsec)
        inode = UInt32(truncatingIfNeeded: status.st_ino)
        size = UInt32(truncatingIfNeeded: status.st_size)
    }

    /// Itself where nothing can have changed unseen: a file that was modified or changed in the tick of the clock in which
    /// it was looked at, or later, may change again without a trace. A time of modification can be set back, one of
    /// change cannot.
    ///
    /// Where both are whole seconds the file system may know no others (ext4 with small inodes, old NFS; FAT even pairs of
    /// seconds).
    /// - Parameter moment: by the clock of the file system, as far as that is known.
    func settled(before moment: timespec) -> FileStamp {
        if modifiedNanoseconds == 0, changedNanoseconds == 0 {
            let last = UInt32(truncatingIfNeeded: moment.tv_sec - Self.coarsestTick)
            return modifiedSeconds <= last && changedSeconds <= last ? self : .none
        }
        let limit = (UInt32(truncatingIfNeeded: moment.tv_sec), UInt32(truncatingIfNeeded: moment.tv_nsec))
        let isSettled =
            (modifiedSeconds, modifiedNanoseconds) < limit && (changedSeconds, changedNanoseconds) < limit
        return isSettled ? self : .none
    }
}

/// A file, a symlink or another repository, as a snapshot has it.
struct FileRecord {
    var name: FileName
    var id: ObjectID
    var mode: Git.FileMode
    var stamp: FileStamp
    /// In the user's index.
    var isTracked: Bool
    /// The index's entry, taken whatever is on disk.
    var isKept = false
    /// Whether nobody has shown yet that something durable holds the blob: it is what the user's index says.
    var isUnproven = false
}

/// An entry of the user's index that says something else of a path than the last snapshot, or more.
struct UserEntry {
    let name: FileName
    let id: ObjectID
    let mode: Git.FileMode
    let stamp: FileStamp
    /// Whether a file with that stamp is the one that the entry is about.
    let isBelieved: Bool
    /// The user told git not to look (`update-index --assume-unchanged`).
    let isAssumedUnchanged: Bool
    /// Outside of a sparse checkout.
    let isSkipped: Bool
    /// Announced with `git add -N`; its content is not in the index.
    let isIntended: Bool
    /// 0, or for an unmerged path 1 (base), 2 (ours), 3 (theirs).
    let stage: Int

    var isUnmerged: Bool { stage != 0 }

    /// Whether the entry has a content of its own.
    var isKeepable: Bool { !isUnmerged && !isIntended }
}
