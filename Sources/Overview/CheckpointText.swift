package import Actions
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
package import Workflow

/// Checkpoints as documents, in the article's form.
package struct CheckpointText {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// As its author wrote it, where all of it was written; else put together from what was recorded, there and, of decisions
    /// and next actions, before.
    package func document(of checkpoint: Checkpoint) throws -> String {
        if let written = try written(checkpoint) { return String(decoding: written, as: UTF8.self) }
        var document = recorded(checkpoint)
        if let inForce = try session.journal.inForce(at: checkpoint) {
            document.decisions = inForce.decisions
            document.next = inForce.next
        }
        var text = document.text
        if !checkpoint.message.body.isEmpty { text += "\n\(checkpoint.message.body)\n" }
        return text
    }

    /// What a document says, and what else the checkpoint's message says, paragraph by paragraph.
    package func content(of checkpoint: Checkpoint) throws -> (document: CheckpointDocument, remarks: [String]) {
        if let written = try written(checkpoint) { return (CheckpointDocument(written), []) }
        var remarks: [[Substring]] = [[]]
        for line in checkpoint.message.body.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { remarks.append([]) } else { remarks[remarks.count - 1].append(line) }
        }
        return (recorded(checkpoint), remarks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") })
    }

    /// The bytes that its author wrote; `nil` where no document was handed over.
    private func written(_ checkpoint: Checkpoint) throws -> [UInt8]? {
        guard let attachment = checkpoint.id(of: TrailerKey.document),
            let entry = try session.repository.entry(
                at: "checkpoint.md", in: session.repository.commit(attachment).tree)
        else { return nil }
        return try session.repository.blob(entry.id)
    }

    private func recorded(_ checkpoint: Checkpoint) -> CheckpointDocument {
        let time = checkpoint.time.at(offset: session.surroundings.now.offset)
        return CheckpointDocument(
            title: checkpoint.title, date: "\(time.date) \(time.clock)",
            resumableBy: "Any agent with access to this repository", context: checkpoint.values(of: TrailerKey.read),
            summary: checkpoint.values(of: TrailerKey.summary), decisions: checkpoint.values(of: TrailerKey.decision),
            files: checkpoint.values(of: TrailerKey.file).map { CheckpointDocument.FileState(entry: $0) },
            next: checkpoint.values(of: TrailerKey.next))
    }
}
