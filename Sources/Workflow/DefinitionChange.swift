/// What becomes of a definition when its file changes.
///
/// The file is tracked, so whoever's branch was merged may have changed it. The goal, the name, budgets, reading lists and gates
/// that are added come in force by themselves; everything else stays as it is until a human consents.
package struct DefinitionChange: Sendable {
    /// The definition after the change, before anybody consents.
    package private(set) var inForce: Definition
    /// What waits for a human's consent, each in a few words; none where the whole change is in force.
    package private(set) var waiting: [String] = []

    private let old: Definition
    private let new: Definition
    /// The phases of both, as pairs of their places.
    private let pairs: [(old: Int, new: Int)]

    /// - Parameters:
    ///   - old: the one in force.
    ///   - new: what the file says now.
    package init(from old: Definition, to new: Definition) {
        (self.old, self.new, inForce) = (old, new, old)
        let places = Dictionary(
            zip(new.phases.map(\.name), new.phases.indices), uniquingKeysWith: { first, _ in first })
        pairs = old.phases.enumerated().compactMap { place, phase in places[phase.name].map { (place, $0) } }
        if old == new { return }
        holdPhases()
        for key in DefinitionKey.allCases { take(key) }
        // What comes in force was copied one by one, so a difference that nobody named is not in force either.
        if waiting.isEmpty, inForce != new { waiting = ["it is another definition"] }
    }

    /// Takes over a key's value, or names it among what waits.
    private mutating func take(_ key: DefinitionKey) {
        switch key {
        case .name: inForce.name = new.name
        case .goal: inForce.goal = new.goal
        case .budget: inForce.budget = new.budget
        case .resumeBudget: inForce.resume.budget = new.resume.budget
        case .read: inForce.resume.read = new.resume.read
        case .phaseBudget: for pair in pairs { inForce.phases[pair.old].budget = new.phases[pair.new].budget }
        case .gate: takeGates()
        case .then: holdPhases(key, \.then?.text)
        case .onFail: holdPhases(key, \.onFail?.text)
        case .check: holdPhases(key, \.check)
        case .duration: hold(key, \.duration?.description)
        case .todo: hold(key, \.todo)
        case .every: hold(key, \.checkpoint.every?.description)
        case .on: hold(key, \.checkpoint.on?.words)
        case .maxFileSize: hold(key, \.checkpoint.maxFileSize.description)
        case .maxUntracked: hold(key, \.checkpoint.maxUntracked.description)
        case .allow: holdLists(key, \.checkpoint.allow)
        case .commit: hold(key, \.checkpoint.commit.rawValue)
        case .parallel: hold(key, \.agents.parallel.description)
        case .timeout: hold(key, \.agents.timeout.description)
        case .retries: hold(key, \.agents.retries.description)
        case .include: holdLists(key, \.agents.include)
        case .setup: hold(key, \.agents.setup)
        case .command: hold(key, \.agents.command)
        case .look: hold(key, \.agents.look.description)
        case .stall: hold(key, \.agents.stall.description)
        case .onStall: hold(key, \.agents.onStall.rawValue)
        case .grace: hold(key, \.agents.grace.description)
        case .agentTokens: hold(key, \.agents.tokens?.description)
        case .logSize: hold(key, \.agents.logSize.description)
        case .env: holdLists(key, \.agents.env)
        case .verify: hold(key, \.merge.verify)
        case .strategy: hold(key, \.merge.strategy.rawValue)
        case .scope: hold(key, \.merge.scope.rawValue)
        }
    }

    /// A gate that is added holds at once; one that is gone still does.
    private mutating func takeGates() {
        for pair in pairs {
            let (name, gate) = (old.phases[pair.old].name, old.phases[pair.old].gate)
            if gate == nil {
                inForce.phases[pair.old].gate = new.phases[pair.new].gate
            } else {
                compare("phase.\(name).gate", gate?.rawValue, new.phases[pair.new].gate?.rawValue)
            }
        }
    }

    private mutating func hold(_ key: DefinitionKey, _ value: (Definition) -> String?) {
        compare(key.rawValue, value(old), value(new))
    }

    private mutating func holdLists(_ key: DefinitionKey, _ values: (Definition) -> [String]) {
        let (before, after) = (values(old), values(new))
        if before == after { return }
        let known = (before: Set(before), after: Set(after))
        let added = after.filter { !known.before.contains($0) }
        let removed = before.filter { !known.after.contains($0) }
        for value in added { compare(key.rawValue, nil, value) }
        for value in removed { compare(key.rawValue, value, nil) }
        if added.isEmpty, removed.isEmpty { waiting.append("\(key.rawValue) has another order") }
    }

    private mutating func holdPhases(_ key: DefinitionKey, _ value: (PhaseDefinition) -> String?) {
        for pair in pairs {
            let phase = old.phases[pair.old]
            compare("\(key.section).\(phase.name).\(key.word)", value(phase), value(new.phases[pair.new]))
        }
    }

    /// Phases that only one of the two has, and their order, which says with which the workflow begins.
    private mutating func holdPhases() {
        let kept = (old: Set(pairs.map(\.old)), new: Set(pairs.map(\.new)))
        for (place, phase) in old.phases.enumerated() where !kept.old.contains(place) {
            waiting.append("the phase \(phase.name) is taken out")
        }
        for (place, phase) in new.phases.enumerated() where !kept.new.contains(place) {
            waiting.append("the phase \(phase.name) is added")
        }
        let places = pairs.map(\.new)
        if zip(places, places.dropFirst()).contains(where: { $0 > $1 }) {
            waiting.append("the phases have another order")
        }
    }

    private mutating func compare(_ key: String, _ before: String?, _ after: String?) {
        switch (before, after) {
        case (nil, nil): break
        case (let before?, nil): waiting.append("\(key) is taken out, which was \(before.quoted)")
        case (nil, let after?): waiting.append("\(key) is added: \(after.quoted)")
        case (let before?, let after?):
            if before != after { waiting.append("\(key) is \(after.quoted), and was \(before.quoted)") }
        }
    }
}

extension [Trigger] {
    fileprivate var words: String { map(\.rawValue).joined(separator: ", ") }
}
