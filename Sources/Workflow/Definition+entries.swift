package import GitValues

extension Definition {
    /// Reads a definition and checks all of it.
    ///
    /// - Parameters:
    ///   - entries: the lines of the file, in its order. Of no entries comes the default.
    ///   - file: how messages call the file.
    /// - Throws: `DefinitionError` for the first thing that is wrong.
    package init(entries: [ConfigEntry], file: String) throws(DefinitionError) {
        self.init()
        var seen: Set<String> = []
        var table = PhaseTable(file: file)
        for entry in entries {
            let field = try DefinitionField(entry, file: file)
            if !field.key.isRepeatable, !seen.insert(field.fullKey).inserted { throw field.error(.duplicate) }
            try read(field, into: &table)
        }
        if !table.phases.isEmpty { phases = try table.resolved() }
    }

    /// The keys of a file that ask for what this version cannot do: what prepares an agent's worktree,
    /// and a merge without a merge commit, which it refuses.
    package static func unusedKeys(in entries: [ConfigEntry]) -> [String] {
        var keys: [String] = []
        for entry in entries {
            let key = entry.name.lowercased()
            let isUnused =
                DefinitionKey.unused.contains(key)
                || key == "merge.strategy" && entry.value != MergeStrategy.merge.rawValue
            if isUnused, !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    private mutating func read(_ field: DefinitionField, into table: inout PhaseTable) throws(DefinitionError) {
        switch field.key {
        case .name: name = try field.name()
        case .goal: goal = field.value
        case .duration: duration = try field.duration()
        case .budget: budget = try field.tokens()
        case .todo: todo = try field.path()
        case .then: try table.set(field, \.then, table.reference(field))
        case .onFail: try table.set(field, \.onFail, table.reference(field))
        case .gate: try table.set(field, \.gate, field.choice())
        case .check: try table.set(field, \.check, field.value)
        case .phaseBudget: try table.set(field, \.budget, field.tokens())
        case .every: checkpoint.every = try field.duration()
        case .on: checkpoint.on = (checkpoint.on ?? []) + (try field.triggers())
        case .maxFileSize: checkpoint.maxFileSize = try field.size()
        case .maxUntracked: checkpoint.maxUntracked = try field.count(0...100_000_000)
        case .allow: checkpoint.allow.append(field.value)
        case .commit: checkpoint.commit = try field.choice()
        case .parallel: agents.parallel = try field.count(1...1000)
        case .timeout: agents.timeout = try field.duration()
        case .retries: agents.retries = try field.count(0...1000)
        case .include: agents.include.append(try field.path())
        case .setup: agents.setup = field.value
        case .command: agents.command = try field.words()
        case .look: agents.look = try field.duration()
        case .stall: agents.stall = try field.duration()
        case .onStall: agents.onStall = try field.choice()
        case .grace: agents.grace = try field.duration()
        case .agentTokens: agents.tokens = try field.tokens()
        case .logSize: agents.logSize = try field.size()
        case .env: agents.env.append(try field.variable())
        case .verify: merge.verify = field.value
        case .strategy: merge.strategy = try field.choice()
        case .scope: merge.scope = try field.choice()
        case .resumeBudget: resume.budget = try field.tokens()
        case .read: resume.read.append(try field.path())
        }
    }
}

// MARK: - Phases

/// The phases of a file while it is read: a name may be used before its section comes.
private struct PhaseTable {
    let file: String
    private(set) var phases: [PhaseDefinition] = []
    private var places: [Name: Int] = [:]
    /// What `then` and `onFail` name.
    private var targets: [Name] = []

    init(file: String) { self.file = file }

    /// Gives the phase that a field is about a value.
    mutating func set<Value>(
        _ field: DefinitionField, _ property: WritableKeyPath<PhaseDefinition, Value?>, _ value: Value
    ) throws(DefinitionError) {
        let place = place(of: try field.phase())
        phases[place][keyPath: property] = value
    }

    private mutating func place(of name: Name) -> Int {
        if let place = places[name] { return place }
        places[name] = phases.count
        phases.append(PhaseDefinition(name: name))
        return phases.count - 1
    }

    mutating func reference(_ field: DefinitionField) throws(DefinitionError) -> Name {
        do {
            let target = try Name(field.value)
            targets.append(target)
            return target
        } catch {
            throw field.error(.invalidName(error))
        }
    }

    /// The phases with their successors: as `then` says or, where no phase has one, in file order. A phase that is only named
    /// needs no section; it comes behind those that have one, and nothing follows it.
    mutating func resolved() throws(DefinitionError) -> [PhaseDefinition] {
        if phases.allSatisfy({ $0.then == nil }) { phases = PhaseDefinition.inOrder(phases) }
        for target in targets { _ = place(of: target) }
        try refuseCycles()
        try refuseUnreachable()
        return phases
    }

    /// A phase that no way from the first comes to could never begin; mostly a `then` has a slip.
    private func refuseUnreachable() throws(DefinitionError) {
        var isReached = [Bool](repeating: false, count: phases.count)
        var open = [0]
        while let place = open.popLast() {
            if isReached[place] { continue }
            isReached[place] = true
            open += [phases[place].then, phases[place].onFail].compactMap { $0.flatMap { places[$0] } }
        }
        guard let place = isReached.firstIndex(of: false) else { return }
        throw DefinitionError(
            file: file, key: "phase.\(phases[place].name)", problem: .unreachable(from: phases[0].name))
    }

    private func refuseCycles() throws(DefinitionError) {
        // Which walk came to a phase first: a walk that meets itself went in a circle.
        var walks = [Int?](repeating: nil, count: phases.count)
        for start in phases.indices {
            var place = start
            while walks[place] == nil {
                walks[place] = start
                guard let next = successor(of: place) else { break }
                place = next
                if walks[place] == start { throw cycle(through: place) }
            }
        }
    }

    private func successor(of place: Int) -> Int? { phases[place].then.flatMap { places[$0] } }

    private func cycle(through first: Int) -> DefinitionError {
        var names = [phases[first].name]
        var place = first
        while let next = successor(of: place) {
            names.append(phases[next].name)
            if next == first { break }
            place = next
        }
        return DefinitionError(file: file, key: "phase.\(phases[first].name).then", problem: .cycle(names))
    }
}
