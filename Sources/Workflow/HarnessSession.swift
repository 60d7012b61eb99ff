/// Where a coding agent's harness runs: its session, and the sub-agent in it. Checkpoints record both beside their actor, who
/// stays who it is.
package struct HarnessSession: Hashable, Sendable {
    package let id: String?
    package let subagent: String?

    /// Takes ids as a harness gives them. One that is not a single line of at most 200 bytes without control characters is
    /// left out, since a cut or changed id would name another session.
    package init(id: String?, subagent: String?) {
        self.id = id.flatMap { Self.isID($0) ? $0 : nil }
        self.subagent = subagent.flatMap { Self.isID($0) ? $0 : nil }
    }

    private static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 200 && text.utf8.elementsEqual(PlainText.line(text).utf8)
    }
}
