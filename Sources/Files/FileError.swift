internal import Glibc
package import SystemPackage

/// Why a file could not be read, written or locked.
package struct FileError: Error, Hashable {
    /// What callers tell apart; everything else keeps the system's number.
    package enum Code: Hashable, Sendable {
        /// Another process holds the lock.
        case locked
        /// It is a directory, a device, a pipe or a socket, where an ordinary file belongs.
        case notOrdinary
        /// It is larger than any file of its kind.
        case tooLarge
        /// A link leads out of the folder that the file belongs to.
        case outside
        /// Somebody else may have written it.
        case notOurs
        /// It is a text in another encoding than UTF-8.
        case encoding
        case system(Errno)
    }

    /// What was being done, as in "could not …".
    package let doing: String
    package let reason: String
    package let code: Code

    package init(_ code: Code, doing: String, reason: String) {
        (self.code, self.doing, self.reason) = (code, doing, reason)
    }

    /// What the system said of its last call.
    package init(_ doing: String, _ error: Errno = Errno(rawValue: errno)) {
        self.init(.system(error), doing: doing, reason: "\(error)")
    }
}

extension FileError: CustomStringConvertible {
    package var description: String { "could not \(doing): \(reason)" }
}
