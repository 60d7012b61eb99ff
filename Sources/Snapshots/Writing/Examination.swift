internal import Git
package import GitValues

/// What stands where changes are to be made, found out before anything is written.
package struct Examination: Sendable {
    /// Why a path is not as a change takes it to be.
    package struct Obstacle: Hashable, Sendable {
        package let path: RepositoryPath
        package let reason: String
        /// Whether the system forbids it; else nothing may be lost there.
        package let isForbidden: Bool

        package init(path: RepositoryPath, reason: String, isForbidden: Bool = false) {
            self.path = path
            self.reason = reason
            self.isForbidden = isForbidden
        }
    }

    /// Paths that must not be touched, or cannot be, in the order of their names. One is enough for nothing to be done.
    package let blockers: [Obstacle]
    /// Paths that are left as they are, while the others are written.
    package let left: [Obstacle]
    /// Paths that have what a change gives them already, though the tree that was compared does not know them.
    package let settled: Set<RepositoryPath>
    /// How the files were that are going to be replaced or removed; `nil` for a path where nothing was.
    let present: [RepositoryPath: FileStatus?]
    /// Files whose bytes a snapshot alone does not give back.
    let apart: [TreeEntry]

    /// The paths of files that are going to be replaced or removed.
    package var existing: [RepositoryPath] { present.compactMap { $0.value == nil ? nil : $0.key } }
}
