package import SystemPackage

/// How one of git's hooks stands.
package struct HookState: Hashable, Sendable {
    package enum Condition: String, Hashable, Sendable {
        /// Ours, calling the right binary.
        case installed
        /// There is no hook of that name.
        case missing
        /// A hook that is not ours; git-wf is not called, unless that hook does it.
        case foreign
        /// Ours, but of another version, for another binary, edited, or not executable.
        case outdated
        /// git runs no hook of that name here, whatever file there is.
        case off
    }

    /// Git's name for it: `post-commit`.
    package let name: String
    package internal(set) var state: Condition
    /// `nil` where git looks in no folder.
    package let path: FilePath?
    /// The hook that ours runs first.
    package let chained: FilePath?
    /// Hooks that were replaced and that nothing runs; kept for whoever wrote them.
    package let kept: [FilePath]
}
