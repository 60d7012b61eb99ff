internal import CGit
internal import CLinux
package import GitValues
internal import Glibc
package import SystemPackage

extension Repository {
    /// The value of a key of the user's configuration, the repository's own first; `nil` where it is not set.
    package func config(_ name: String) throws -> String? {
        let config = try configuration()
        var value: UnsafePointer<CChar>?
        guard try found(git_config_get_string(&value, config, name), "read \(name)"), let value else {
            return nil
        }
        return String(cString: value)
    }

    /// The configuration, read once for each opened repository: each reading opens every file of it again, which cost an
    /// automatic checkpoint a fifth of its time.
    private func configuration() throws -> OpaquePointer {
        if let known = configurationSnapshot { return known.handle.pointer }
        let read = ConfigurationSnapshot(
            try Handle("read the configuration", freedBy: git_config_free) {
                git_repository_config_snapshot(&$0, pointer)
            })
        configurationSnapshot = read
        return read.handle.pointer
    }

    /// As ``config(_:)``, read as git reads a boolean.
    package func configFlag(_ name: String) throws -> Bool? {
        let config = try configuration()
        var value: Int32 = 0
        guard try found(git_config_get_bool(&value, config, name), "read \(name)") else { return nil }
        return value != 0
    }

    /// Whether the user allows something that whoever runs a command must not allow themselves: some file of the configuration
    /// says so, and no level says otherwise, nor a file of the user's that variables have git pass over.
    package func isAllowed(_ setting: UserSetting) throws -> Bool {
        let doing = "read \(setting.rawValue)"
        let usual = try Handle(doing, freedBy: git_config_free) { git_config_open_default(&$0) }
        let effective = try Handle(doing, freedBy: git_config_free) { git_repository_config(&$0, pointer) }
        return try Self.answers(to: setting, in: usual).isDenied == false
            && Self.answers(to: setting, in: effective) == (isGiven: true, isDenied: false)
    }

    /// Whether a file allows something, and whether anything denies it.
    private static func answers(
        to setting: UserSetting, in config: borrowing Handle
    ) throws -> (isGiven: Bool, isDenied: Bool) {
        let iterator = try Handle("read \(setting.rawValue)", freedBy: git_config_iterator_free) {
            git_config_multivar_iterator_new(&$0, config.pointer, setting.rawValue, nil)
        }
        var answers = (isGiven: false, isDenied: false)
        var entry: UnsafeMutablePointer<git_config_entry>?
        while git_config_next(&entry, iterator.pointer) == 0, let entry {
            var value: Int32 = 0
            let isTrue = git_config_parse_bool(&value, entry.pointee.value) == 0 && value != 0
            if !isTrue { answers.isDenied = true }
            if isTrue, entry.pointee.level != environmentLevel { answers.isGiven = true }
        }
        return answers
    }

    /// As ``config(_:)``, for a file: `~` stands for the home directory.
    package func configPath(_ name: String) throws -> FilePath? {
        let config = try configuration()
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        guard try found(git_config_get_path(&buffer, config, name), "read \(name)"), let path = buffer.ptr
        else {
            return nil
        }
        return FilePath(String(cString: path))
    }

    /// All values of a key, in the order of the files that they are in; those of the repository last.
    /// - Parameter name: `section.key`, in the letters and case in which git lists it.
    package func configValues(_ name: String) throws -> [String] {
        try configEntries(matching: "^\(name.replacing(".", with: "\\."))$").map {
            String($0.dropFirst(name.count + 1))
        }
    }

    /// The values of all keys that a POSIX regular expression matches, as `key=value`.
    package func configEntries(matching expression: String) throws -> [String] {
        let config = try configuration()
        let iterator = try Handle("read the configuration", freedBy: git_config_iterator_free) {
            git_config_iterator_glob_new(&$0, config, expression)
        }
        var entries: [String] = []
        var entry: UnsafeMutablePointer<git_config_entry>?
        while true {
            let status = git_config_next(&entry, iterator.pointer)
            if status == GIT_ITEROVER.rawValue { return entries }
            try check(status, "read the configuration")
            guard let entry else { return entries }
            let value = entry.pointee.value.map { String(cString: $0) } ?? ""
            entries.append("\(String(cString: entry.pointee.name))=\(value)")
        }
    }

    /// The user's own file of ignore rules, where `core.excludesFile` names none: `$XDG_CONFIG_HOME/git/ignore`.
    package func defaultExcludesFile() throws -> FilePath? { try userFile("ignore") }

    /// As ``defaultExcludesFile()``, for attributes: `$XDG_CONFIG_HOME/git/attributes`.
    package func defaultAttributesFile() throws -> FilePath? { try userFile("attributes") }

    private func userFile(_ name: String) throws -> FilePath? {
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try check(cgit_user_directory(&buffer), "find the user's configuration")
        guard let path = buffer.ptr, buffer.size > 0 else { return nil }
        return FilePath(String(cString: path)).appending(name)
    }

    /// Lets libgit2 see the worktree's own configuration, which it does not know of (`extensions.worktreeConfig`).
    static func addWorktreeConfig(_ pointer: OpaquePointer) throws {
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config(&$0, pointer)
        }
        var isUsed: Int32 = 0
        let key = "extensions.worktreeConfig"
        guard try found(git_config_get_bool(&isUsed, config.pointer, key), "read \(key)"), isUsed != 0 else { return }
        let file = String(cString: git_repository_path(pointer)) + "config.worktree"
        guard Glibc.access(file, F_OK) == 0 else { return }
        try check(
            git_config_add_file_ondisk(config.pointer, file, GIT_CONFIG_LEVEL_APP, pointer, 0), "read \(file)")
    }

    /// The names of the remotes.
    package func remotes() throws -> [String] {
        var names = git_strarray()
        defer { git_strarray_dispose(&names) }
        try check(git_remote_list(&names, pointer), "list the remotes")
        return (0..<names.count).compactMap { index in names.strings[index].map { String(cString: $0) } }
    }

    /// The entries of a text in git's configuration syntax, by libgit2's own parser, in their order.
    ///
    /// The text may come from anybody. The parser follows `include` sections while it reads, so a text that has one
    /// is refused before it is parsed.
    /// - Throws: `GitError` with code `.invalid`, whose reason names the line.
    package static func configEntries(of text: [UInt8], file: String) throws -> [ConfigEntry] {
        try Library.start()
        let doing = "read \(file)"
        if let line = lineOfInclude(in: text) {
            throw GitError(
                .invalid, doing: doing,
                reason: "line \(line) includes another file, which a workflow's definition must not")
        }
        // libgit2 1.5 reads configuration from files only; this one never reaches a disk.
        let descriptor = clinux_memory_file("wfconfig")
        guard descriptor >= 0 else {
            throw GitError(.other(errno), doing: doing, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw GitError(.other(errno), doing: doing, reason: String(cString: strerror(errno)))
            }
            rest = rest.dropFirst(count)
        }
        let path = "/proc/self/fd/\(descriptor)"
        do {
            let config = try Handle(doing, freedBy: git_config_free) { git_config_open_ondisk(&$0, path) }
            let iterator = try Handle(doing, freedBy: git_config_iterator_free) {
                git_config_iterator_new(&$0, config.pointer)
            }
            var entries: [ConfigEntry] = []
            var entry: UnsafeMutablePointer<git_config_entry>?
            while true {
                let status = git_config_next(&entry, iterator.pointer)
                if status == GIT_ITEROVER.rawValue { break }
                try check(status, doing)
                guard let entry else { break }
                entries.append(
                    ConfigEntry(
                        name: String(cString: entry.pointee.name),
                        value: entry.pointee.value.map { String(cString: $0) } ?? ""))
            }
            return entries
        } catch let error as GitError {
            throw GitError(.invalid, doing: doing, reason: error.reason.replacing(path, with: file))
        }
    }

    /// The number of the first line that opens an `include` or `includeIf` section.
    ///
    /// A line with a header begins with a bracket, whichever parser reads it; more headers may stand behind the first.
    /// A value that goes on in a line like that is taken for a header too: better refused than followed.
    private static func lineOfInclude(in text: [UInt8]) -> Int? {
        let newline = UInt8(ascii: "\n")
        for (index, line) in text.split(separator: newline, omittingEmptySubsequences: false).enumerated() {
            let visible = line.drop { $0 <= 0x20 || $0 >= 0x7F }
            guard visible.first == UInt8(ascii: "[") else { continue }
            let text = String(decoding: visible, as: UTF8.self).lowercased()
            for header in text.split(separator: "[", omittingEmptySubsequences: false).dropFirst() {
                let name = header.drop { $0.isWhitespace || $0 == "\"" }
                if name.hasPrefix("include") { return index + 1 }
            }
        }
        return nil
    }
}

/// The configuration as it was when it was first asked for.
final class ConfigurationSnapshot {
    let handle: Handle

    init(_ handle: consuming Handle) { self.handle = handle }
}
