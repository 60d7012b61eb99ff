internal import CDeflate
internal import CZlib
internal import Glibc

/// Compresses objects for a pack, one after the other, with the memory of one. Each thread has its own.
///
/// What is in memory as a whole libdeflate compresses, in half of zlib's time; what comes in pieces zlib does.
package final class Deflater {
    private let level: Int32
    private let compressor: OpaquePointer
    private var stream = z_stream()
    private var isStreaming = false
    private var buffer: [UInt8] = []

    /// - Parameter level: zlib's, from -1 (its default) to 9.
    package init(level: Int32) throws {
        guard let compressor = libdeflate_alloc_compressor(level < 0 ? 6 : level) else { throw Self.noMemory }
        self.level = level
        self.compressor = compressor
    }

    deinit {
        libdeflate_free_compressor(compressor)
        if isStreaming { deflateEnd(&stream) }
    }

    private static let noMemory = GitError(
        .other(ENOMEM), doing: "compress an object", reason: "there is no memory for it")

    /// Calls `body` with the header that a pack has for an object, and the compressed bytes behind it.
    func compress<Result>(
        _ kind: ObjectKind, _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let count = Self.header(of: kind, size: bytes.count, into: &buffer)
        let needed = count + libdeflate_zlib_compress_bound(compressor, bytes.count)
        if buffer.count < needed { buffer += [UInt8](repeating: 0, count: needed - buffer.count) }
        return try buffer.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { throw Self.noMemory }
            // It reads no byte of an object without bytes, and wants a place for those that it does not read.
            let compressed = libdeflate_zlib_compress(
                compressor, bytes.baseAddress ?? UnsafeRawPointer(base), bytes.count, base + count,
                target.count - count)
            guard compressed > 0 else {
                throw GitError(.invalid, doing: "compress an object", reason: "libdeflate did not come to an end")
            }
            return try body(UnsafeRawBufferPointer(rebasing: target[..<(count + compressed)]))
        }
    }

    /// Starts an object that comes in pieces.
    func begin() throws {
        if isStreaming {
            deflateReset(&stream)
        } else if czlib_deflate_init(&stream, level) != Z_OK {
            throw Self.noMemory
        }
        isStreaming = true
    }

    /// Compresses a piece, and hands on what is ready of it.
    func compress(
        piece: UnsafeRawBufferPointer, isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let chunk = 1 << 17
        if buffer.count < chunk { buffer += [UInt8](repeating: 0, count: chunk - buffer.count) }
        let input = piece.bindMemory(to: UInt8.self).baseAddress
        stream.next_in = UnsafeMutablePointer(mutating: input)
        stream.avail_in = UInt32(piece.count)
        try buffer.withUnsafeMutableBytes { target in
            while true {
                stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(target.count)
                let status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                try body(UnsafeRawBufferPointer(rebasing: target[..<(target.count - Int(stream.avail_out))]))
                if status == Z_STREAM_END { return }
                guard status == Z_OK || status == Z_BUF_ERROR else {
                    throw GitError(.invalid, doing: "compress an object", reason: "zlib failed with \(status)")
                }
                if !isLast, stream.avail_in == 0, stream.avail_out > 0 { return }
            }
        }
    }

    /// Puts the header of an object in a pack at the front of `buffer`: its kind and its size, seven bits a byte
    /// (`gitformat-pack(5)`).
    /// - Returns: how many bytes it has.
    static func header(of kind: ObjectKind, size: Int, into buffer: inout [UInt8]) -> Int {
        if buffer.count < 16 { buffer = [UInt8](repeating: 0, count: 16) }
        var rest = size >> 4
        var byte = kind.rawValue << 4 | UInt8(size & 0xf)
        var count = 0
        while rest > 0 {
            buffer[count] = byte | 0x80
            byte = UInt8(rest & 0x7f)
            rest >>= 7
            count += 1
        }
        buffer[count] = byte
        return count + 1
    }

    /// The bytes of an object, from what a pack has of it.
    /// - Parameter packed: from the header on; may go on behind the object.
    static func inflate(_ packed: UnsafeRawBufferPointer, size: Int) throws -> [UInt8] {
        var start = 0
        while start < packed.count, packed[start] & 0x80 != 0 { start += 1 }
        start += 1
        var stream = z_stream()
        let failure = GitError(.invalid, doing: "read an object", reason: "its compressed bytes are damaged")
        guard start <= packed.count, czlib_inflate_init(&stream) == Z_OK else { throw failure }
        defer { inflateEnd(&stream) }
        // One byte more, so that an object without bytes has somewhere to be written to.
        var bytes = [UInt8](repeating: 0, count: size + 1)
        let status = bytes.withUnsafeMutableBytes { target in
            let input = UnsafeRawBufferPointer(rebasing: packed[start...]).bindMemory(to: UInt8.self)
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(clamping: input.count)
            stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(target.count)
            return CZlib.inflate(&stream, Z_FINISH)
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == size else { throw failure }
        bytes.removeLast()
        return bytes
    }
}
