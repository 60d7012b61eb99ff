internal import Glibc
package import SystemPackage

extension FileDescriptor {
    /// Writes all of the bytes, at the place where the descriptor stands. `writeAll` takes any sequence, and looks up what kind it is as
    /// the program runs.
    package func writeWhole(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(rawValue, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Errno(rawValue: errno) }
            written += count
        }
    }
}
