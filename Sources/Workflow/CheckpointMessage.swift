/// The message of a checkpoint's commit: a subject, a body in Markdown, and a last paragraph of trailers.
///
/// What `encoded()` writes is read alike by `init(parsing:)`, by `git interpret-trailers --parse`, by
/// `git log --format='%(trailers:only,unfold)'` and by libgit2's `git_message_trailers`.
package struct CheckpointMessage: Hashable, Sendable {
    /// One line; at most `subjectColumns` of it are written.
    package var subject: String
    /// Markdown; empty where there is none.
    package var body: String
    /// In the order in which they are written. A key may come several times, for a list.
    package var trailers: [Trailer]

    /// The columns of the longest subject that is written whole.
    package static let subjectColumns = 72

    package init(subject: String, body: String = "", trailers: [Trailer]) {
        self.subject = subject
        self.body = body
        self.trailers = trailers
    }

    /// A message whose title is kept whole: where the subject must be cut, a `Wf-Title` goes before the trailers.
    package init(title: String, body: String = "", trailers: [Trailer]) {
        let line = PlainText.line(title)
        let isCut = Self.writtenSubject(line) != line
        let full = isCut ? [Trailer(key: TrailerKey.title, value: line)] : []
        self.init(subject: line, body: body, trailers: full + trailers)
    }

    /// The whole title: that of `Wf-Title`, else the subject.
    package var title: String { self[TrailerKey.title] ?? subject }

    /// The value of the first trailer with this key.
    package subscript(key: String) -> String? { trailers.first { $0.key == key }?.value }

    /// The values of all trailers with this key, in order.
    package func values(of key: String) -> [String] { trailers.lazy.filter { $0.key == key }.map(\.value) }

    /// What a reader gets back of this message.
    ///
    /// The subject is one line without control characters, cut to `subjectColumns`, or `(no title)`. The body loses blank
    /// lines at both ends, its line breaks are `\n` and its control characters are pictures. Trailers are as
    /// `Trailer.normalised` says; where none is left there is a `Wf-Version`, without which git would look for trailers in
    /// the body.
    package var normalised: CheckpointMessage {
        CheckpointMessage(
            subject: Self.writtenSubject(PlainText.line(subject)), body: PlainText.lines(body),
            trailers: writtenTrailers.compactMap(\.normalised))
    }

    /// The message as a commit holds it, in UTF-8 and ending in a line break.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(subject.utf8.count + body.utf8.count + trailers.count * 64 + 16)
        MessageLine.appendEscaped(Self.writtenSubject(PlainText.line(subject)), to: &bytes)
        let body = PlainText.lines(body)
        if !body.isEmpty {
            bytes.append(PlainText.newline)
            MessageLine.appendEscaped(body, to: &bytes)
        }
        bytes.append(PlainText.newline)
        for trailer in writtenTrailers { trailer.append(to: &bytes) }
        return bytes
    }

    private var writtenTrailers: [Trailer] {
        trailers.contains { $0.normalised != nil } ? trailers : [Trailer(key: TrailerKey.version, value: "1")]
    }

    /// The subject that is written for a line as `PlainText.line` gives it.
    private static func writtenSubject(_ line: String) -> String {
        line.isEmpty ? "(no title)" : line.cut(toColumns: subjectColumns)
    }
}
