internal import Files
internal import Git
package import GitValues
internal import Glibc
package import SystemPackage

/// The lock of a ref, as git and libgit2 have it: a file beside the ref's, into which they write what the ref will be.
package struct RefLock {
    private let file: FilePath

    package init(of ref: String, in directory: FilePath) { file = directory.pushing(FilePath(ref + ".lock")) }

    /// Whether it is there and holds what a move to `target` would have written, or the beginning of that. Anyone else's is
    /// not touched.
    func isOfMove(to target: some StringProtocol) throws -> Bool {
        try OrdinaryFile.read(file).map { Array("\(target)\n".utf8).starts(with: $0) } ?? false
    }

    func remove() throws { try WholeFile.remove(file) }

    /// Removes the lock that one of our own processes left when it was killed while it moved or deleted the ref, as an
    /// intent of it says. Whoever else may have just made it has half a second to write something else, or to be done.
    /// - Parameter target: what the ref would have become; `nil` for a deletion, which writes nothing.
    package func removeIfLeft(ofMoveTo target: ObjectID?) throws {
        func isLeft() throws -> Bool {
            if let target { return try isOfMove(to: target.hex) }
            return try OrdinaryFile.read(file)?.isEmpty == true
        }
        for _ in 0..<250 {
            if try !isLeft() { return }
            usleep(2000)
        }
        if try isLeft() { try remove() }
    }
}

// What a holder of a lane's lock notes in it: which ref is being moved, and to what.
extension FileLock {
    /// Notes that a ref is about to be moved.
    func begin(_ ref: String, to target: ObjectID) { note(left + ["\(ref) \(target)"]) }

    /// Notes that it was moved; nothing is left behind.
    func end() { note([]) }

    /// Removes the lock of a ref that one of our own processes left when it was killed while it moved the ref: a holder
    /// before this one noted the move.
    func removeLeftLock(of ref: String, in directory: FilePath) throws {
        let targets = left.filter { $0.hasPrefix("\(ref) ") }.map { $0.dropFirst(ref.count + 1) }
        let lock = RefLock(of: ref, in: directory)
        if try targets.contains(where: { try lock.isOfMove(to: $0) }) { try lock.remove() }
    }
}
