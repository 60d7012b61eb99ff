/// What is to be said of specs before anybody works from them.
package struct SpecCheck: Hashable, Sendable {
    package let name: String
    /// What keeps an agent from working from it.
    package private(set) var errors: [String] = []
    package private(set) var warnings: [String] = []
    /// An estimate.
    package let tokens: Int
    package let spec: Spec

    /// The form's own measure.
    package static let usualTokens = 200...400

    /// - Parameters:
    ///   - name: without its ending.
    ///   - exists: whether a path is in the repository, or a directory that is.
    ///   - known: the names of all specs.
    package init(_ name: String, _ spec: Spec, bytes: [UInt8], known: Set<String>, exists: (String) -> Bool) {
        self.name = name
        self.spec = spec
        tokens = TokenEstimate.tokens(in: bytes)
        if spec.title.isEmpty { errors.append("it has no title: # Spec: TITLE") }
        for section in spec.missingSections { errors.append("it has no section \(section.rawValue)") }
        let empty: [(Spec.Section, Bool)] = [
            (.goal, spec.goal.isEmpty), (.modifies, spec.modifies.isEmpty), (.requirements, spec.requirements.isEmpty),
            (.deliverable, spec.deliverable.isEmpty),
        ]
        for (section, isEmpty) in empty where isEmpty && !spec.missingSections.contains(section) {
            errors.append("\(section.rawValue) says nothing")
        }
        for entry in spec.unnamed { errors.append("names no path: \(entry)") }
        for path in spec.reads where !path.pattern.isGlob && !exists(path.pattern.text) {
            errors.append("\(path.pattern.text) is to be read, and is not there")
        }
        for path in spec.modifies where !path.pattern.isGlob && !exists(path.pattern.text) && !path.isNew {
            errors.append(
                "\(path.pattern.text) is to be modified, and is not there; (new) behind it says that it will be made")
        }
        for path in spec.reads + spec.modifies where path.leadsOutside {
            errors.append("\(path.pattern.text) is outside of the repository")
        }
        for other in spec.dependsOn where !known.contains(other) {
            errors.append("depends on \(other), which is no spec")
        }
        if !Self.usualTokens.contains(tokens) {
            warnings.append(
                "about \(tokens) tokens, and \(Self.usualTokens.lowerBound) to \(Self.usualTokens.upperBound) are usual"
            )
        }
    }

    /// Of a spec that cannot be read.
    package init(_ name: String, unreadable reason: String) {
        self.name = name
        spec = Spec(title: "")
        tokens = 0
        errors = [reason]
    }

    /// Adds to each spec that is part of a circle of dependencies that it is.
    package static func withCycles(_ checks: [SpecCheck]) -> [SpecCheck] {
        let needs = Dictionary(checks.map { ($0.name, $0.spec.dependsOn) }, uniquingKeysWith: { $1 })
        return checks.map { check in
            guard let circle = circle(from: check.name, needs) else { return check }
            var check = check
            check.errors.append("depends on itself: \(circle.joined(separator: " -> "))")
            return check
        }
    }

    private static func circle(from start: String, _ needs: [String: [String]]) -> [String]? {
        var open = [[start]]
        var seen: Set<String> = []
        while let way = open.popLast() {
            for next in needs[way[way.count - 1]] ?? [] {
                if next == start { return way + [next] }
                if seen.insert(next).inserted { open.append(way + [next]) }
            }
        }
        return nil
    }
}

/// A place that two specs let their agents change.
package struct SpecOverlap: Hashable, Sendable {
    package let names: [String]
    /// As the specs have it: one path, or two patterns that meet.
    package let path: String
    /// The lines of each; `nil` for the whole file.
    package let ranges: [ClosedRange<Int>?]
    /// Whether both name lines, and none of the same: that is allowed, and said.
    package let isDisjoint: Bool

    package static func between(_ left: (name: String, spec: Spec), _ right: (name: String, spec: Spec))
        -> [SpecOverlap]
    {
        left.spec.modifies.flatMap { one in
            right.spec.modifies.compactMap { other in
                guard one.pattern.meets(other.pattern) else { return nil }
                let isSame = one.pattern.text == other.pattern.text
                let isDisjoint =
                    isSame && one.lines.map { lines in other.lines.map { !lines.overlaps($0) } ?? false } ?? false
                return SpecOverlap(
                    names: [left.name, right.name],
                    path: isSame || !other.pattern.isGlob
                        ? other.pattern.text
                        : !one.pattern.isGlob ? one.pattern.text : "\(one.pattern.text) and \(other.pattern.text)",
                    ranges: [one.lines, other.lines], isDisjoint: isDisjoint)
            }
        }
    }

    /// For people.
    package var text: String {
        let lines = ranges.compactMap { $0.map { "\($0.lowerBound)-\($0.upperBound)" } }
        let place = lines.count == 2 ? " (lines \(lines[0]) and \(lines[1]))" : ""
        return "\(names[0]) and \(names[1]) both may change \(path)\(place)"
    }
}
