internal import CGit
internal import Glibc

/// What a repository's format asks of whoever works in it (`gitrepository-layout(5)`, "extensions"). One that cannot be met
/// is refused by its own name, before anything is read by the wrong rules.
enum RepositoryFormat {
    /// - Parameter environment: `GIT_REFERENCE_BACKEND` stands above what the repository says.
    /// - Throws: `GitError` with code `.unsupported`.
    static func require(of pointer: OpaquePointer, environment: [String: String]) throws {
        // git takes these from the repository's own file only.
        guard let config = try ownConfig(of: pointer) else { return }
        func value(_ name: String) throws -> String? {
            var value: UnsafePointer<CChar>?
            let key = "extensions.\(name)"
            guard try found(git_config_get_string(&value, config.handle.pointer, key), "read \(key)") else {
                return nil
            }
            return value.map { String(cString: $0) }
        }
        if let format = try value("objectFormat"), format.lowercased() != "sha1" {
            throw unsupported(
                "\(format.lowercased() == "sha256" ? "SHA-256" : format) repositories", "objectFormat", format)
        }
        if let other = try value("compatObjectFormat") {
            throw unsupported("repositories with two object formats", "compatObjectFormat", other)
        }
        if let storage = try value("refStorage"), !isFiles(storage) {
            throw GitError(
                .unsupported, doing: "open the repository",
                reason: "git-wf does not support extensions.refStorage=\(storage)")
        }
        if let backend = environment["GIT_REFERENCE_BACKEND"], !isFiles(backend) {
            throw GitError(
                .unsupported, doing: "open the repository",
                reason: "git-wf does not support GIT_REFERENCE_BACKEND=\(backend)")
        }
    }

    /// Whether refs are files in the git directory: a format may name another place behind `://`.
    private static func isFiles(_ storage: String) -> Bool { storage == "files" || storage == "files://" }

    private static func unsupported(_ what: String, _ key: String, _ value: String) -> GitError {
        GitError(
            .unsupported, doing: "open the repository",
            reason: "git-wf does not support \(what) (extensions.\(key)=\(value))")
    }

    private static func ownConfig(of pointer: OpaquePointer) throws -> ConfigurationSnapshot? {
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config(&$0, pointer)
        }
        let own = try Handle(ifFound: "read the configuration", freedBy: git_config_free) {
            git_config_open_level(&$0, config.pointer, GIT_CONFIG_LEVEL_LOCAL)
        }
        guard let own else { return nil }
        // Strings are lent by a snapshot only.
        return ConfigurationSnapshot(
            try Handle("read the configuration", freedBy: git_config_free) {
                git_config_snapshot(&$0, own.pointer)
            })
    }
}
