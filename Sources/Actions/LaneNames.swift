internal import Git
internal import Journal
internal import Workflow

/// Checks a new name against what is there, before anything is written.
struct LaneNames {
    let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// - Throws: `ActionError` where a workflow of that name could not be kept beside the refs that exist.
    func check(workflow: Name, beside existing: [Name]) throws {
        // Names are lower case, so a clash in another case can only come from refs that are not ours.
        for reference in try repository.references(under: LaneRefs.root) {
            let first = reference.name.dropFirst(LaneRefs.root.count).split(separator: "/").first.map(String.init) ?? ""
            if first.lowercased() == workflow.text, !existing.contains(workflow) {
                throw ActionError("cannot begin \(workflow): the ref \(reference.name) is in its way", .impossible)
            }
        }
        for name in ["refs/wf", "refs/wf/\(workflow)", "refs/heads/wf", "refs/heads/wf/\(workflow)"]
        where try repository.reference(name) != nil {
            let branch = name.hasPrefix("refs/heads/") ? "branch \(name.dropFirst("refs/heads/".count))" : "ref \(name)"
            throw ActionError(
                "cannot begin \(workflow): the \(branch) is in the way of the branches of its agents", .impossible,
                hint: "git branch -m renames it")
        }
    }
}
