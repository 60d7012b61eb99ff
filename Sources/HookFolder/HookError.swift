internal import Files
internal import GitValues
package import SystemPackage

/// Why hooks could not be installed, read or removed.
package struct HookError: ExplainedError, Hashable {
    /// What was being done, as in "cannot … PATH".
    package let action: String
    package let path: FilePath
    package let reason: Errno

    init(_ action: String, _ path: FilePath, because error: FileError) {
        if case .system(let reason) = error.code {
            self.init(action, path, because: reason)
        } else {
            self.init(action, path, because: .ioError)
        }
    }

    init(_ action: String, _ path: FilePath, because reason: Errno) {
        self.action = action
        self.path = path
        self.reason = reason
    }

    package var cause: String { "cannot \(action) \(path): \(reason)" }
    package var hint: String? { "git wf init --no-hooks works without hooks" }
}
