/// The command that is an agent, as words: no shell reads it, so nothing that a spec or a name has in it is more than text.
package struct AgentCommandLine: Hashable, Sendable {
    package let words: [String]

    /// - Parameter words: the name of a coding agent alone stands for the way in which it is run here.
    package init(words: [String]) {
        self.words = words.count == 1 ? Self.presets[words[0]] ?? words : words
    }

    /// How coding agents are run without anybody to ask, so that what they print says how far they are.
    private static let presets: [String: [String]] = [
        "claude": ["claude", "-p", "{prompt}", "--output-format", "stream-json", "--verbose"],
        "codex": ["codex", "exec", "--json", "--sandbox", "workspace-write", "{prompt}"],
        "cursor": ["agent", "-p", "--force", "--output-format", "stream-json", "{prompt}"],
        "copilot": ["copilot", "-p", "{prompt}", "--no-ask-user"],
        "agy": ["agy", "-p", "{prompt}", "--output-format", "stream-json"],
        "opencode": ["opencode", "run", "--format", "json", "{prompt}"],
    ]

    /// A line of a configuration, split as git splits an alias: at blanks, but for those between quotes or behind a backslash.
    /// - Returns: `nil` where a quote is not closed, or nothing is there.
    package init?(line: String) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if let word { words.append(word) }
        guard !words.isEmpty else { return nil }
        self.init(words: words)
    }

    /// The words with what they stand for in place of `{spec}`, `{prompt}`, `{name}` and `{worktree}`; each fills no more than the word that
    /// it stands in.
    package func filled(_ values: [String: String]) -> [String] {
        words.map { word in
            var text = ""
            var rest = word[...]
            while let open = rest.firstIndex(of: "{") {
                text += rest[..<open]
                let behind = rest[rest.index(after: open)...]
                if let close = behind.firstIndex(of: "}"), let value = values[String(behind[..<close])] {
                    text += value
                    rest = behind[behind.index(after: close)...]
                } else {
                    text += "{"
                    rest = behind
                }
            }
            return text + rest
        }
    }
}
