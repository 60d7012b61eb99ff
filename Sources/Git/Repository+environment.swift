internal import CGit
internal import CLinux
internal import Glibc

extension Repository {
    /// Levels of configuration above all that libgit2 has, whose highest (6) is that of the worktree.
    static let environmentLevel = git_config_level_t(7)

    /// Has the configuration that the environment gives count as it does for git (`git-config(1)`): other files of the user's
    /// and of the system, none of the latter, and single values.
    static func addConfig(of environment: [String: String], to pointer: OpaquePointer) throws {
        let values = try values(of: environment)
        let system = isTrue(environment["GIT_CONFIG_NOSYSTEM"]) ? "/dev/null" : environment["GIT_CONFIG_SYSTEM"]
        let global = environment["GIT_CONFIG_GLOBAL"]
        if values.isEmpty, system == nil, global == nil { return }
        let config = try Handle("read the configuration", freedBy: git_config_free) {
            git_repository_config(&$0, pointer)
        }
        func add(_ file: String, _ level: git_config_level_t) throws {
            try check(git_config_add_file_ondisk(config.pointer, file, level, pointer, 1), "read \(file)")
        }
        if let system { try add(system, GIT_CONFIG_LEVEL_SYSTEM) }
        if let global {
            try add(global.isEmpty ? "/dev/null" : global, GIT_CONFIG_LEVEL_GLOBAL)
            try add("/dev/null", GIT_CONFIG_LEVEL_XDG)
        }
        if values.isEmpty { return }
        // libgit2 1.5 reads configuration from files only; this one never reaches a disk, and lives as long as the process.
        let descriptor = clinux_memory_file("environment")
        let text = Array(values.map(line).joined().utf8)
        guard descriptor >= 0, write(descriptor, text, text.count) == text.count else {
            throw GitError(.other(errno), doing: "read the configuration", reason: String(cString: strerror(errno)))
        }
        try add("/proc/self/fd/\(descriptor)", environmentLevel)
    }

    /// Whether a variable is set to what git takes for yes.
    static func isTrue(_ value: String?) -> Bool {
        value.map { !["", "0", "false", "no", "off"].contains($0.lowercased()) } ?? false
    }

    /// The values that the environment gives, in their order.
    private static func values(of environment: [String: String]) throws -> [(key: String, value: String)] {
        var values: [(key: String, value: String)] = []
        for number in 0..<(environment["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0) {
            guard let key = environment["GIT_CONFIG_KEY_\(number)"] else { continue }
            values.append((key, environment["GIT_CONFIG_VALUE_\(number)"] ?? ""))
        }
        // What `git -c` hands on: words in single quotes, 'key'='value' or, of old, 'key=value'.
        for word in quotedWords(environment["GIT_CONFIG_PARAMETERS"] ?? "") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : "true"))
        }
        return values
    }

    private static func quotedWords(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "'" {
                isQuoted.toggle()
            } else if !isQuoted, character == "\\" {
                isEscaped = true
            } else if !isQuoted, character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// A value in the syntax of a file of configuration; nothing for a key that such a file cannot have.
    private static func line(key: String, value: String) -> String {
        guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: "."), !key.contains("\n") else {
            return ""
        }
        func escaped(_ text: Substring) -> String {
            String(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        }
        let section = first == last ? "" : " \"\(escaped(key[key.index(after: first)..<last]))\""
        return "[\(key[..<first])\(section)]\n\t\(key[key.index(after: last)...]) = \"\(escaped(value[...]))\"\n"
    }
}
