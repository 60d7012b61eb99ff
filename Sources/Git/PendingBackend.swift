internal import CGit
internal import GitValues
internal import Glibc

/// Lets libgit2 find the objects that are pending, and has it add those that it makes to them: an object database of
/// libgit2's asks this one before the files on disk.
enum PendingBackend {
    static func add(_ pending: PendingObjects, to repository: OpaquePointer) throws {
        let odb = try Handle("open the object database", freedBy: git_odb_free) {
            git_repository_odb(&$0, repository)
        }
        let backend = UnsafeMutablePointer<cgit_backend>.allocate(capacity: 1)
        backend.initialize(to: cgit_backend())
        let base = UnsafeMutableRawPointer(backend).assumingMemoryBound(to: git_odb_backend.self)
        try check(git_odb_init_backend(base, UInt32(GIT_ODB_BACKEND_VERSION)), "open the object database")
        backend.pointee.owner = Unmanaged.passRetained(pending).toOpaque()
        backend.pointee.base.read = { data, size, type, backend, oid in
            PendingBackend.answer(backend, oid) { pending, id in
                guard let object = try pending.read(id) else { return false }
                guard let copy = git_odb_backend_data_alloc(backend, max(1, object.bytes.count)) else {
                    throw GitError(.other(ENOMEM), doing: "read \(id)", reason: "out of memory")
                }
                object.bytes.withUnsafeBytes { bytes in
                    if let base = bytes.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
                }
                data?.pointee = copy
                size?.pointee = object.bytes.count
                type?.pointee = object.kind.type
                return true
            }
        }
        backend.pointee.base.read_header = { size, type, backend, oid in
            PendingBackend.answer(backend, oid) { pending, id in
                guard let header = pending.header(id) else { return false }
                size?.pointee = header.size
                type?.pointee = header.kind.type
                return true
            }
        }
        backend.pointee.base.exists = { backend, oid in
            PendingBackend.answer(backend, oid) { pending, id in pending.contains(id) } == 0 ? 1 : 0
        }
        backend.pointee.base.write = { backend, oid, data, size, type in
            PendingBackend.answer(backend, oid) { pending, id in
                guard let kind = ObjectKind(type) else { return false }
                let deflater = try Deflater(level: pending.compressionLevel)
                try pending.add(id, kind, UnsafeRawBufferPointer(start: data, count: size), deflater: deflater)
                return true
            }
        }
        backend.pointee.base.free = { backend in
            guard let backend else { return }
            let own = UnsafeMutableRawPointer(backend).assumingMemoryBound(to: cgit_backend.self)
            Unmanaged<PendingObjects>.fromOpaque(own.pointee.owner).release()
            own.deinitialize(count: 1)
            own.deallocate()
        }
        // Before the two that libgit2 has of itself (priorities 1 and 2).
        try check(git_odb_add_backend(odb.pointer, base, 1000), "open the object database")
    }

    /// Runs a callback: libgit2 knows statuses, not errors.
    private static func answer(
        _ backend: UnsafeMutablePointer<git_odb_backend>?, _ oid: UnsafePointer<git_oid>?,
        _ body: (PendingObjects, ObjectID) throws -> Bool
    ) -> Int32 {
        guard let backend, let oid else { return GIT_ERROR.rawValue }
        let own = UnsafeMutableRawPointer(backend).assumingMemoryBound(to: cgit_backend.self)
        let pending = Unmanaged<PendingObjects>.fromOpaque(own.pointee.owner).takeUnretainedValue()
        do {
            return try body(pending, ObjectID(oid)) ? 0 : GIT_ENOTFOUND.rawValue
        } catch {
            git_error_set_str(Int32(GIT_ERROR_ODB.rawValue), "\(error)")
            return GIT_ERROR.rawValue
        }
    }
}
