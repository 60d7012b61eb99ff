internal import Journal
package import Workflow

/// Records decisions that are not to be made again.
package struct Deciding {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// - Parameters:
    ///   - because: why.
    ///   - replaced: the id of the decision that this one takes the place of.
    /// - Returns: the checkpoint that records it.
    package func decide(_ text: String, because: String?, replacing replaced: String?) throws -> Checkpoint {
        let state = try session.state()
        var old: Decision?
        if let replaced {
            old = state.decisions.decision(replaced)
            guard old != nil else {
                throw ActionError(
                    "there is no decision \(replaced.quoted)", .refused, hint: "git wf log --kind decision lists them")
            }
        }
        guard !text.allSatisfy(\.isWhitespace) else { throw ActionError("a decision needs a text", .usage) }
        let draft = Draft(.decision, "Decided: \(text)").with(TrailerKey.decision, text)
            .with(TrailerKey.because, because).with(TrailerKey.replaces, old?.id)
        return try session.journal.append([draft], snapshot: session.snapshot(for: state))[0]
    }
}
