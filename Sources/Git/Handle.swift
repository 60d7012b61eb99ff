internal import CGit
internal import GitValues
internal import Glibc
internal import Synchronization

/// One object of libgit2, freed once, when its owner ends.
///
/// `Handle` is the only place that keeps a C pointer, and it never leaves the module.
struct Handle: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer) -> Void

    /// - Parameters:
    ///   - free: libgit2's function that frees this kind of object.
    ///   - open: fills in the pointer and returns libgit2's status.
    /// - Throws: what `open` returned, or "no object" where it claimed success without one.
    init(
        _ doing: @autoclosure () -> String,
        freedBy free: @escaping (OpaquePointer?) -> Void,
        _ open: (inout OpaquePointer?) throws -> Int32
    ) throws {
        var pointer: OpaquePointer?
        try check(try open(&pointer), doing())
        guard let pointer else { throw GitError(.other(-1), doing: doing(), reason: "libgit2 returned nothing") }
        self.pointer = pointer
        self.free = { free($0) }
    }

    /// As the other, where "not found" is an answer.
    init?(
        ifFound doing: @autoclosure () -> String,
        freedBy free: @escaping (OpaquePointer?) -> Void,
        _ open: (inout OpaquePointer?) throws -> Int32
    ) throws {
        var pointer: OpaquePointer?
        guard try found(try open(&pointer), doing()), let pointer else { return nil }
        self.pointer = pointer
        self.free = { free($0) }
    }

    deinit { free(pointer) }
}

/// Looks for an object that something names, so that it should be there, and for a moment again where it is not, or cannot be
/// read. Every read of an object goes through here.
///
/// `git repack -ad`, and our own folding of packs, put what several packs hold into a new one and delete those. Who lists the
/// packs at that moment may find neither; libgit2 lists them once more, at once, and only where it found nothing: where a
/// multi-pack-index still leads to a pack that is gone it gives up. Of 3,200 appends beside a `git repack` without end four
/// failed in spite of that.
/// - Parameters:
///   - odb: is read anew before each further look.
///   - look: asks libgit2, and gives its status.
func seeking(in odb: OpaquePointer, _ look: () -> Int32) -> Int32 {
    var status = look()
    var pause: UInt32 = 500
    while status < 0, Misses.count.load(ordering: .relaxed) < Misses.limit {
        usleep(pause)
        pause *= 2
        // Where that fails too, packs are just being exchanged.
        _ = git_odb_refresh(odb)
        status = look()
        // What is merely not there is not there after 16 ms; a pack that went away while it was read takes longer.
        let longest: UInt32 = status == GIT_ENOTFOUND.rawValue ? 8_000 : 128_000
        if status < 0, pause > longest {
            Misses.count.add(1, ordering: .relaxed)
            break
        }
    }
    return status
}

extension Repository {
    /// As ``seeking(in:_:)``, where libgit2 takes the repository.
    func seeking(_ look: () -> Int32) throws -> Int32 {
        let odb = try Handle("open the object database", freedBy: git_odb_free) { git_repository_odb(&$0, pointer) }
        return Git.seeking(in: odb.pointer, look)
    }
}

/// Objects that are not there, however often one looks: where there are many, waiting for each of them is no use.
private enum Misses {
    static let count = Atomic<Int>(0)
    static let limit = 8
}

extension ObjectID {
    init(_ oid: git_oid) { self = withUnsafeBytes(of: oid) { ObjectID(oid: $0) } }

    init(_ oid: UnsafePointer<git_oid>) { self.init(bytes: UnsafeRawPointer(oid)) }

    /// - Parameter oid: the bytes of a `git_oid`.
    private init(oid: UnsafeRawBufferPointer) {
        guard let base = oid.baseAddress else {
            self = .zero
            return
        }
        self.init(bytes: base)
    }

    /// As libgit2 wants it.
    var oid: git_oid {
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid) { target in
            if let base = target.baseAddress { copy(to: base) }
        }
        return oid
    }
}

extension RepositoryPath {
    /// Calls `body` with the path as a C string. A path never contains a NUL: git cannot hold one.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        var terminated = bytes
        terminated.append(0)
        return try terminated.withUnsafeBufferPointer { buffer in
            try buffer.withMemoryRebound(to: CChar.self) { characters in
                // The buffer holds the terminator at least, so it has an address.
                guard let base = characters.baseAddress else { return try "".withCString(body) }
                return try body(base)
            }
        }
    }

    init(cString: UnsafePointer<CChar>) {
        self.init(bytes: UnsafeBufferPointer(start: cString, count: strlen(cString)).map { UInt8(bitPattern: $0) })
    }
}
