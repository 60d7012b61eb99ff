internal import CGit
internal import GitValues

/// A SHA-1 that is fed piece by piece: what `git_odb_hash` cannot do for objects that do not fit into memory, and for the
/// checksums of packs.
struct SHA1: ~Copyable {
    private var context = mbedtls_sha1_context()

    init() {
        mbedtls_sha1_init(&context)
        mbedtls_sha1_starts_ret(&context)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        mbedtls_sha1_update_ret(&context, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    mutating func finish() -> ObjectID {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ObjectID.byteCount) { buffer in
            mbedtls_sha1_finish_ret(&context, buffer.baseAddress)
            return buffer.baseAddress.map { ObjectID(bytes: $0) } ?? .zero
        }
    }

    deinit {
        // What was hashed is no secret, so that nothing needs to be wiped; the context owns no memory.
    }
}
