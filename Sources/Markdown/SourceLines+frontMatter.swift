extension SourceLines {
    /// How many lines a block of metadata at the beginning takes, its fences included: YAML between `---` and `---` or `...`, TOML
    /// between `+++` and `+++`. A first line of dashes that no YAML follows is a thematic break.
    var frontMatter: Int {
        guard count > 2 else { return 0 }
        switch fence(0) {
        case "---":
            guard let first = (1..<count).first(where: { !isBlank($0) && !text(of: $0).hasPrefix("#") }),
                first == 1 || !isBlank(1), isEntry(first) || first > 1 && isFence(first, ["---", "..."])
            else { return 0 }
            return end(["---", "..."])
        case "+++": return end(["+++"])
        default: return 0
        }
    }

    private func fence(_ line: Int) -> String {
        var text = bytes[self[line]][...]
        while let last = text.last, isBlankByte(last) { text.removeLast() }
        return text.count == 3 ? String(decoding: text, as: UTF8.self) : ""
    }

    private func isFence(_ line: Int, _ fences: [String]) -> Bool { fences.contains(fence(line)) }

    private func end(_ fences: [String]) -> Int { (1..<count).first { isFence($0, fences) }.map { $0 + 1 } ?? 0 }

    /// Whether a line has a key and a colon.
    private func isEntry(_ line: Int) -> Bool {
        let text = text(of: line)
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return false }
        let value = text[text.index(after: colon)...]
        return (value.isEmpty || value.first == " " || value.first == "\t")
            && !text[..<colon].hasPrefix("- ") && !text[..<colon].contains("**")
    }
}
