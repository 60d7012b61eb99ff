import GitValues

/// One entry of a definition, with the readings that its value may have. Each throws a `DefinitionError` that names the
/// key and what is allowed.
struct DefinitionField {
    let file: String
    let key: DefinitionKey
    /// As written; `nil` outside `[phase "…"]`.
    let subsection: String?
    /// Never empty.
    let value: String

    /// An entry's name is `section.key` or `section.Subsection.key`; the subsection may hold dots.
    init(_ entry: ConfigEntry, file: String) throws(DefinitionError) {
        self.file = file
        value = entry.value
        let parts = entry.name.split(separator: ".", omittingEmptySubsequences: false)
        let section = parts.first.map { $0.lowercased() } ?? ""
        let written = parts.count > 1 ? parts.last.map(String.init) ?? "" : ""
        subsection = parts.count > 2 ? parts.dropFirst().dropLast().joined(separator: ".") : nil
        func error(_ problem: DefinitionError.Problem) -> DefinitionError {
            DefinitionError(file: file, key: entry.name, problem: problem)
        }
        if section == "include" || section == "includeif" { throw error(.include) }
        guard let keys = DefinitionKey.bySection[section] else { throw error(.unknownSection(section)) }
        if section == "phase" {
            if subsection == nil { throw error(.nameMissing) }
        } else if subsection != nil {
            throw error(.nameNotAllowed(section: section))
        }
        guard let key = keys.first(where: { $0.word.lowercased() == written.lowercased() }) else {
            throw error(.unknownKey(allowed: keys.map(\.word)))
        }
        self.key = key
        if !value.utf8.contains(where: { !PlainText.isSpace($0) }) { throw self.error(.valueMissing) }
    }

    var fullKey: String { subsection.map { "\(key.section).\($0).\(key.word)" } ?? key.rawValue }

    func error(_ problem: DefinitionError.Problem) -> DefinitionError {
        DefinitionError(file: file, key: fullKey, problem: problem)
    }

    private func invalid(_ allowed: String) -> DefinitionError { error(.invalidValue(value, allowed: allowed)) }

    // MARK: Readings

    func name() throws(DefinitionError) -> Name {
        do { return try Name(value) } catch { throw self.error(.invalidName(error)) }
    }

    /// The phase that the section is about.
    func phase() throws(DefinitionError) -> Name {
        do { return try Name(subsection ?? "") } catch { throw self.error(.invalidName(error)) }
    }

    func duration() throws(DefinitionError) -> WorkflowDuration {
        guard let duration = WorkflowDuration(parsing: value), duration.seconds > 0 else {
            throw invalid("a duration, such as 30s, 45m, 6h or 2d")
        }
        return duration
    }

    func size() throws(DefinitionError) -> ByteSize {
        guard let size = ByteSize(parsing: value) else { throw invalid("a size, such as 500k, 10m or 1g") }
        return size
    }

    /// No `k`: to git that would be 1,024, and to people it is 1,000.
    func tokens() throws(DefinitionError) -> Int64 {
        guard let number = wholeNumber(value[...].utf8), number > 0 else {
            throw invalid("a number of tokens in digits, such as 2000")
        }
        return number
    }

    func count(_ range: ClosedRange<Int>) throws(DefinitionError) -> Int {
        guard let number = wholeNumber(value[...].utf8), let count = Int(exactly: number), range.contains(count) else {
            throw invalid("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(DefinitionError) -> Choice {
        guard let choice = Choice(rawValue: value) else {
            throw invalid(Self.alternatives(Choice.allCases.map(\.rawValue)))
        }
        return choice
    }

    /// Words between commas.
    func triggers() throws(DefinitionError) -> [Trigger] {
        var triggers: [Trigger] = []
        for word in value.utf8.split(separator: UInt8(ascii: ",")) {
            let trigger = Trigger(rawValue: PlainText.line(String(Substring(word))))
            if trigger.rawValue.isEmpty { continue }
            if !trigger.isKnown {
                let words = Trigger.known.map(\.rawValue)
                throw error(.invalidValue(trigger.rawValue, allowed: Self.alternatives(words)))
            }
            triggers.append(trigger)
        }
        return triggers
    }

    /// A path that stays inside the repository and out of `.git`.
    func path() throws(DefinitionError) -> String {
        let parts = value.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        let isInside = parts.first != "" && !parts.contains { $0 == ".." || $0.lowercased() == ".git" }
        guard isInside, !value.unicodeScalars.contains("\0") else {
            throw invalid("a path inside the repository, relative to its top")
        }
        return value
    }

    /// A command as words, the way ``AgentCommandLine`` splits it.
    func words() throws(DefinitionError) -> String {
        guard AgentCommandLine(line: value) != nil else { throw invalid("a command whose quotes are closed") }
        return value
    }

    /// The name of a variable of the environment.
    func variable() throws(DefinitionError) -> String {
        let isName = value.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        guard isName, !value.hasPrefix("GIT_WF_") else { throw invalid("the name of a variable, such as NPM_TOKEN") }
        return value
    }

    private static func alternatives(_ words: [String]) -> String {
        words.count > 1 ? "\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")" : words.first ?? ""
    }
}
