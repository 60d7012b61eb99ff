internal import Glibc
package import SystemPackage

extension FilePath {
    /// A path of these bytes; they end at a NUL.
    package init(bytes: [UInt8]) {
        let characters = bytes.map { CChar(bitPattern: $0) } + [0]
        self = characters.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
        }
    }

    /// The path as the system's calls want it. `string` repairs what is not UTF-8, so that it names another file.
    package var characters: [CChar] {
        withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
    }

    /// The path's bytes.
    package var bytes: [UInt8] { characters.dropLast().map { UInt8(bitPattern: $0) } }
}
