import Actions
import Files
import Journal
import SystemPackage
import Workflow

/// A document that a command is given with `-F`: a file, or standard input for `-`.
enum Document {
    /// - Throws: `FileError` where it is no ordinary file, or in another encoding than UTF-8.
    static func read(_ argument: String, _ session: Session) throws -> [UInt8] {
        let bytes: [UInt8]
        if argument == "-" {
            bytes = try StandardInput.read()
        } else {
            let file = session.surroundings.directory.pushing(Invocation.current.typed(argument).file)
            guard let found = try OrdinaryFile.read(file) else {
                throw Failure("there is no file \(argument.quoted)", status: .impossible)
            }
            bytes = found
        }
        try TextEncoding.requireUTF8(bytes, doing: "read \(argument == "-" ? "standard input" : argument.quoted)")
        return bytes
    }
}
