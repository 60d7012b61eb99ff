internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
internal import Workflow

/// The merge in hand: `<commondir>/wf/merge/<workflow>`, lines of `key=value`.
///
/// It is written before anything of the user's changes, so that whoever comes next can finish the merge or take it back.
/// Where it is lost, what git and the lanes say is enough to go on, but for the names that were to follow.
struct MergeProgress {
    enum Stage: String {
        /// The merge commit is written, and the worktree is being brought over to it.
        case advancing
        /// git waits for a conflict to be resolved.
        case conflict
    }

    var stage: Stage
    var agent: Name
    /// HEAD's commit before.
    var head: ObjectID
    /// The agent's branch.
    var tip: ObjectID
    /// The merge commit, while advancing.
    var commit: ObjectID?
    /// The checkpoint that takes the merge back.
    var before: ObjectID
    /// What git left at a conflict: a checkpoint with its tree.
    var left: ObjectID?
    var verify: String?
    var remaining: [Name] = []

    private static func file(of journal: Journal) -> FilePath {
        journal.repository.commonDirectory.appending("wf").appending("merge").appending(journal.workflow.text)
    }

    /// - Returns: `nil` where there is none, or none that can be read.
    static func read(_ journal: Journal) throws -> MergeProgress? {
        guard let bytes = try OrdinaryFile.read(file(of: journal)) else { return nil }
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        func id(_ key: String) -> ObjectID? { values[key].flatMap { ObjectID(hex: $0) } }
        guard let stage = values["stage"].flatMap({ Stage(rawValue: $0) }), let head = id("head"), let tip = id("tip"),
            let agent = values["agent"].flatMap({ try? Name($0) }), let before = id("before")
        else { return nil }
        return MergeProgress(
            stage: stage, agent: agent, head: head, tip: tip, commit: id("commit"), before: before, left: id("left"),
            verify: values["verify"],
            remaining: (values["remaining"] ?? "").split(separator: " ").compactMap { try? Name(String($0)) })
    }

    func write(_ journal: Journal) throws {
        var lines = [
            "stage=\(stage.rawValue)", "agent=\(agent)", "head=\(head)", "tip=\(tip)", "before=\(before)",
            "remaining=\(remaining.map(\.text).joined(separator: " "))",
        ]
        if let commit { lines.append("commit=\(commit)") }
        if let left { lines.append("left=\(left)") }
        if let verify, !verify.contains("\n") { lines.append("verify=\(verify)") }
        try WholeFile.write(
            Array((lines.joined(separator: "\n") + "\n").utf8), to: Self.file(of: journal),
            access: journal.repository.access,
            isDurable: journal.repository.pending.isDurable)
    }

    static func clear(_ journal: Journal) throws { try WholeFile.remove(file(of: journal)) }
}
