/// What a program left behind: its exit status and all that it printed.
package struct Output: Sendable {
    /// The exit status; 128 and the signal's number when a signal ended it, as a shell has it.
    package let status: Int
    package let stdout: [UInt8]
    package let stderr: [UInt8]

    package init(status: Int, stdout: [UInt8], stderr: [UInt8]) {
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
    }

    /// Standard output as text, without the line ends at its end.
    package var text: String { Self.trimmed(stdout) }

    /// Standard error as text, without the line ends at its end.
    package var errorText: String { Self.trimmed(stderr) }

    /// Standard output, line by line; none when it printed nothing.
    package var lines: [String] {
        text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// Why a step of a test could not be done, as one sentence with the program's own words.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
