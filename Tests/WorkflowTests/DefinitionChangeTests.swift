import GitValues
import Testing
import Workflow

@Suite("A changed definition")
struct DefinitionChangeTests {
    /// A value that a key is given, or that is taken from it.
    struct Edit: Sendable, CustomTestStringConvertible {
        let key: String
        /// Where the value is kept.
        let place: String
        let values: [String]
        let isFree: Bool

        var testDescription: String { key }
    }

    /// Every key, with two values, and whether a change of it comes in force by itself.
    static let edits = [
        Edit(key: "workflow.name", place: "name", values: ["one", "two"], isFree: true),
        Edit(key: "workflow.goal", place: "goal", values: ["This", "That"], isFree: true),
        Edit(key: "workflow.budget", place: "budget", values: ["1000", "2000"], isFree: true),
        Edit(key: "workflow.duration", place: "duration", values: ["1h", "2h"], isFree: false),
        Edit(key: "workflow.todo", place: "todo", values: ["a.md", "b.md"], isFree: false),
        Edit(key: "phase.a.then", place: "phases.then", values: ["b", "c"], isFree: false),
        Edit(key: "phase.a.onFail", place: "phases.onFail", values: ["b", "c"], isFree: false),
        Edit(key: "phase.a.check", place: "phases.check", values: ["make test", "true"], isFree: false),
        Edit(key: "phase.a.budget", place: "phases.budget", values: ["1", "2"], isFree: true),
        Edit(key: "checkpoint.every", place: "checkpoint.every", values: ["5m", "310s"], isFree: false),
        Edit(key: "checkpoint.on", place: "checkpoint.on", values: ["commit", "item"], isFree: false),
        Edit(key: "checkpoint.maxFileSize", place: "checkpoint.maxFileSize", values: ["1g", "1025"], isFree: false),
        Edit(key: "checkpoint.maxUntracked", place: "checkpoint.maxUntracked", values: ["1", "2"], isFree: false),
        Edit(key: "checkpoint.allow", place: "checkpoint.allow", values: [".env", "*"], isFree: false),
        Edit(key: "checkpoint.commit", place: "checkpoint.commit", values: ["phase", "checkpoint"], isFree: false),
        Edit(key: "agents.parallel", place: "agents.parallel", values: ["1", "2"], isFree: false),
        Edit(key: "agents.timeout", place: "agents.timeout", values: ["1m", "61s"], isFree: false),
        Edit(key: "agents.retries", place: "agents.retries", values: ["0", "1"], isFree: false),
        Edit(key: "agents.include", place: "agents.include", values: [".env", "x"], isFree: false),
        Edit(key: "agents.setup", place: "agents.setup", values: ["npm ci", "sh"], isFree: false),
        Edit(key: "agents.command", place: "agents.command", values: ["claude", "sh"], isFree: false),
        Edit(key: "agents.look", place: "agents.look", values: ["5s", "61s"], isFree: false),
        Edit(key: "agents.stall", place: "agents.stall", values: ["5m", "61s"], isFree: false),
        Edit(key: "agents.onStall", place: "agents.onStall", values: ["stop", "retry"], isFree: false),
        Edit(key: "agents.grace", place: "agents.grace", values: ["5s", "61s"], isFree: false),
        Edit(key: "agents.tokens", place: "agents.tokens", values: ["1", "2"], isFree: false),
        Edit(key: "agents.logSize", place: "agents.logSize", values: ["1g", "1025"], isFree: false),
        Edit(key: "agents.env", place: "agents.env", values: ["NPM_TOKEN", "X"], isFree: false),
        Edit(key: "merge.verify", place: "merge.verify", values: ["make test", "true"], isFree: false),
        Edit(key: "merge.strategy", place: "merge.strategy", values: ["squash", "rebase"], isFree: false),
        Edit(key: "merge.scope", place: "merge.scope", values: ["strict"], isFree: false),
        Edit(key: "resume.budget", place: "resume.budget", values: ["500", "600"], isFree: true),
        Edit(key: "resume.read", place: "resume.read", values: ["a", "b"], isFree: true),
    ]

    /// A definition of three phases, in which one key has a value, or what it has without one.
    private func define(_ key: String, _ value: String?) throws -> Definition {
        try Self.define(values: value.map { [key: $0] } ?? [:])
    }

    /// The phases lead to each other whatever the first one has.
    private static func define(values: [String: String]) throws -> Definition {
        var values = values
        let first = "phase.a.then=\(values.removeValue(forKey: "phase.a.then") ?? "b")"
        return try define(
            [first, "phase.b.then=c", "phase.b.onFail=c", "phase.c.onFail=b"] + values.map { "\($0.key)=\($0.value)" })
    }

    private static func define(_ lines: [String]) throws -> Definition {
        let entries = lines.map { line in
            let parts = line.split(separator: "=", maxSplits: 1)
            return ConfigEntry(name: String(parts[0]), value: String(parts[1]))
        }
        return try Definition(entries: entries, file: "f")
    }

    /// What a definition is made of, each with what it has.
    private static func values(of subject: Any, below place: String = "") -> [String: String] {
        var values: [String: String] = [:]
        for child in Mirror(reflecting: subject).children {
            let place = place + (child.label ?? "")
            switch child.value {
            case let phases as [PhaseDefinition] where place == "phases":
                for phase in phases {
                    for (key, value) in Self.values(of: phase, below: place + ".") { values[key, default: ""] += value }
                }
            case is CheckpointSettings, is AgentSettings, is MergeSettings, is ResumeSettings:
                values.merge(Self.values(of: child.value, below: place + ".")) { $1 }
            default: values[place] = "\(child.value) "
            }
        }
        return values
    }

    @Test("every part of a definition is among those that are tried here")
    func whole() {
        let tried = Set(Self.edits.map(\.place)).union(["phases.name", "phases.gate"])
        #expect(Set(Self.values(of: Definition()).keys) == tried)
    }

    @Test("a value that is given, changed or taken out comes in force or waits, and then is named", arguments: edits)
    func values(edit: Edit) throws {
        let texts: [String?] = [nil] + edit.values
        // Nothing leads on from the first phase without its then, so it always has one.
        let isNeeded = edit.key == "phase.a.then"
        for old in texts where old != nil || !isNeeded {
            for new in texts where new != old && (new != nil || !isNeeded) {
                let (before, after) = (try define(edit.key, old), try define(edit.key, new))
                let moved = Set(Self.values(of: after).filter { Self.values(of: before)[$0.key] != $0.value }.keys)
                #expect(moved.contains(edit.place))
                let change = DefinitionChange(from: before, to: after)
                #expect(change.waiting.isEmpty == edit.isFree, "\(old ?? "nothing") to \(new ?? "nothing")")
                let isNamed = change.waiting.allSatisfy { $0.hasPrefix(edit.key) }
                #expect(isNamed, "\(change.waiting)")
                let inForce = Self.values(of: change.inForce)
                #expect(inForce[edit.place] == Self.values(of: edit.isFree ? after : before)[edit.place])
                // And nothing else became another.
                for (place, value) in Self.values(of: before) where place != edit.place {
                    #expect(inForce[place] == value, "\(place)")
                }
            }
        }
    }

    @Test("a gate that is added holds at once; one that is taken out holds until somebody consents")
    func gates() throws {
        let open = try Self.define(["phase.a.then=b", "phase.b.then=c"])
        let gated = try Self.define(["phase.a.then=b", "phase.b.then=c", "phase.b.gate=human"])
        let added = DefinitionChange(from: open, to: gated)
        #expect(added.waiting == [] && added.inForce == gated)
        let removed = DefinitionChange(from: gated, to: open)
        #expect(removed.waiting == ["phase.b.gate is taken out, which was \"human\""] && removed.inForce == gated)
    }

    @Test("phases that are added, taken out, renamed, reordered or gone around wait, whatever else comes with them")
    func phases() throws {
        let base = ["phase.a.then=b", "phase.b.then=c", "phase.b.gate=human", "phase.c.check=make test"]
        let old = try Self.define(base)
        for (lines, words) in [
            (["phase.a.then=c", "phase.c.check=make test"], ["the phase b is taken out", "phase.a.then is \"c\""]),
            (base + ["phase.c.then=d"], ["the phase d is added", "phase.c.then is added: \"d\""]),
            (
                [
                    "phase.a.then=b", "phase.b.then=c", "phase.c.then=d", "phase.b.gate=human",
                    "phase.d.check=make test",
                ],
                ["the phase d is added", "phase.c.then is added", "phase.c.check is taken out"]
            ),
            (
                ["phase.b.then=c", "phase.b.gate=human", "phase.c.check=make test", "phase.c.onFail=a"],
                ["the phases have another order", "phase.a.then is taken out", "phase.c.onFail is added"]
            ),
            (
                ["phase.a.then=b", "phase.b.then=c", "phase.b.gate=human", "phase.b.onFail=c"],
                ["phase.c.check is taken out", "phase.b.onFail is added"]
            ),
        ] {
            let new = try Self.define(lines + ["workflow.goal=another", "phase.a.budget=7"])
            let change = DefinitionChange(from: old, to: new)
            for word in words { #expect(change.waiting.contains { $0.hasPrefix(word) }, "\(change.waiting)") }
            #expect(change.waiting.count == words.count, "\(change.waiting)")
            var expected = old
            expected.goal = "another"
            expected.phases[0].budget = 7
            #expect(change.inForce == expected)
        }
    }

    @Test("of two random definitions nothing but what may come in force does, and no difference is passed over")
    func random() throws {
        var random = SystemRandomNumberGenerator()
        func definition() throws -> Definition {
            var values: [String: String] = [:]
            for edit in Self.edits where Int.random(in: 0..<4, using: &random) == 0 {
                values[edit.key] = edit.values.randomElement(using: &random)
            }
            if Bool.random(using: &random) { values["phase.b.gate"] = "human" }
            return try Self.define(values: values)
        }
        for _ in 0..<300 {
            let (old, new) = (try definition(), try definition())
            let change = DefinitionChange(from: old, to: new)
            #expect(change.waiting.isEmpty == (change.inForce == new))
            let again = DefinitionChange(from: change.inForce, to: new)
            #expect(again.inForce == change.inForce && again.waiting == change.waiting)
            let (before, after) = (Self.values(of: old), Self.values(of: new))
            let free = Set(Self.edits.filter(\.isFree).map(\.place))
            for (place, value) in Self.values(of: change.inForce) where place != "phases.gate" {
                #expect(value == (free.contains(place) ? after : before)[place], "\(place)")
            }
            for phase in old.phases where phase.gate != nil {
                #expect(change.inForce.phases.contains { $0.name == phase.name && $0.gate != nil })
            }
        }
    }
}
