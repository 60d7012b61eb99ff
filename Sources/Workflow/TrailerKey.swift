/// The keys of the trailers that a checkpoint's message ends in.
///
/// Keys that are not here are kept and ignored by whoever reads them.
package enum TrailerKey {
    // MARK: On every checkpoint

    /// The version of this format, `1`.
    package static let version = "Wf-Version"
    package static let workflow = "Wf-Workflow"
    package static let lane = "Wf-Lane"
    /// The random id that a worktree's binding keeps.
    package static let worktree = "Wf-Worktree"
    /// A `CheckpointKind`.
    package static let kind = "Wf-Kind"
    package static let phase = "Wf-Phase"
    /// An `Actor`.
    package static let actor = "Wf-Actor"
    /// The full title, where the subject holds a cut one.
    package static let title = "Wf-Title"
    /// Present where an actor only says that it is a human.
    package static let claimed = "Wf-Claimed"
    /// A coding agent's session, and the sub-agent in it, where the harness gives them.
    package static let session = "Wf-Session"
    package static let subagent = "Wf-Subagent"

    // MARK: On the first, and where the definition changed

    /// A UUID.
    package static let id = "Wf-Id"
    /// The blob of `.wfconfig`.
    package static let definition = "Wf-Definition"
    /// The human who wants all of it in force; without one only some of it comes in force, as `DefinitionChange` has it.
    package static let consent = "Wf-Consent"

    // MARK: On automatic ones

    /// A `Trigger`.
    package static let trigger = "Wf-Trigger"
    /// The tip of the lane that an automatic checkpoint follows.
    package static let after = "Wf-After"
    /// The number within a segment.
    package static let sequence = "Wf-Sequence"
    /// On `lanes-joined`: one of the two tips, which are its parents.
    package static let joins = "Wf-Joins"
    /// In a lane: a commit that only automatic checkpoints held which were dropped.
    package static let kept = "Wf-Kept"

    // MARK: Where the worktree stood

    /// A full ref.
    package static let branch = "Wf-Branch"
    package static let head = "Wf-Head"
    /// A commit whose tree is the index.
    package static let index = "Wf-Index"
    /// A stash that git made for a while. A ref holds it (`refs/wf-kept`), not the checkpoint.
    package static let autostash = "Wf-Autostash"
    /// The operation that git was in the middle of, such as `rebase`.
    package static let operation = "Wf-Operation"
    /// On `branch-renamed`: the branch of the workflow from now on, in full, where the worktree is on another one.
    package static let newBranch = "Wf-New-Branch"

    // MARK: What was done and what was thought

    /// The text of the item concerned.
    package static let item = "Wf-Item"
    /// An `ItemID`: which item that is.
    package static let itemID = "Wf-Item-Id"
    /// The ids of all items of one text, in the order of the TODO file, where they are not as counted: first the id that the
    /// text is known by, and at last the ids of items that are gone.
    package static let itemOrder = "Wf-Item-Order"
    /// The text that a reworded item had before.
    package static let was = "Wf-Was"
    /// The commit that did the item.
    package static let commit = "Wf-Commit"
    package static let decision = "Wf-Decision"
    package static let because = "Wf-Because"
    package static let replaces = "Wf-Replaces"
    package static let summary = "Wf-Summary"
    package static let next = "Wf-Next"
    /// On a block: after how many seconds it is worth another try.
    package static let retryAfter = "Wf-Retry-After"
    /// An effect that git cannot take back.
    package static let outside = "Wf-Outside"
    package static let read = "Wf-Read"
    package static let file = "Wf-File"
    /// The attachment that holds a checkpoint document as its author wrote it.
    package static let document = "Wf-Document"

    // MARK: Blocks, failures, approvals and checks

    package static let needs = "Wf-Needs"
    package static let reason = "Wf-Reason"
    package static let answer = "Wf-Answer"
    package static let check = "Wf-Check"
    /// On `unblocked`: the checkpoint of a block that it lifts.
    package static let block = "Wf-Block"
    /// On a block: the phase's gate holds it.
    package static let gate = "Wf-Gate"

    // MARK: Agents

    package static let agent = "Wf-Agent"
    package static let spec = "Wf-Spec"
    package static let attempt = "Wf-Attempt"
    package static let result = "Wf-Result"
    package static let scope = "Wf-Scope"
    package static let verify = "Wf-Verify"
    /// The path of the spec in the repository.
    package static let specPath = "Wf-Spec-Path"
    /// The commit that an agent's worktree began at.
    package static let base = "Wf-Base"
    /// The tip of the agent's lane when it was merged.
    package static let laneTip = "Wf-Lane-Tip"
    package static let lines = "Wf-Lines"
    /// The attachment commit that holds the report's document.
    package static let report = "Wf-Report"
    package static let test = "Wf-Test"
    package static let issue = "Wf-Issue"
    /// What an agent wants to know; an answer has it in `Wf-Answer`.
    package static let question = "Wf-Question"
    /// An answer that an agent offers to choose; one trailer each.
    package static let option = "Wf-Option"
    /// On an answer: the checkpoint that asked.
    package static let asked = "Wf-Asked"

    // MARK: Restores and snapshots

    package static let from = "Wf-From"
    package static let path = "Wf-Path"
    /// The permissions of a file that is about to be replaced, which no tree tells: `600 path`.
    package static let mode = "Wf-Mode"
    /// An attachment that names all paths, where they are many.
    package static let paths = "Wf-Paths"
    /// The checkpoint that undoes this one.
    package static let undo = "Wf-Undo"
    /// The attachment that holds files as they were before, where git's conversions would not give their bytes back.
    package static let unconverted = "Wf-Unconverted"
    /// A file left out of the snapshot, and why.
    package static let skipped = "Wf-Skipped"
    /// What an undo took back: the checkpoint that recorded it.
    package static let undid = "Wf-Undid"

    /// Keys that nearly every checkpoint has, or has many of, and that say nothing about the state.
    static let stateless: [StaticString] = [
        "Wf-Version", "Wf-Lane", "Wf-Worktree", "Wf-Actor", "Wf-Session", "Wf-Subagent", "Wf-Head", "Wf-Index",
        "Wf-Read", "Wf-File", "Wf-Skipped",
    ]
}
