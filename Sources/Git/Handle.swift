internal import CGit
internal import Glibc

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
