internal import Agents
internal import Files
internal import Journal
package import SystemPackage
internal import Templates
package import Workflow

/// Writes a spec for somebody to fill in.
package struct SpecWriting {
    /// What is known of it already.
    package struct Request: Sendable {
        package var item: Int?
        package var goal: String?
        package var reads: [String] = []
        package var modifies: [String] = []

        package init() {}
    }

    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// - Returns: where it is.
    /// - Throws: `ActionError` where there is one of that name.
    package func write(_ name: Name, _ request: Request) throws -> FilePath {
        try session.requireLeader("write specs")
        let folder = SpecFolder(session.journal)
        let file = folder.file(name)
        if file.isThere {
            throw ActionError("there is a spec \(name) already", .refused, hint: "git wf spec show \(name) prints it")
        }
        var title = name.text
        if let number = request.item {
            let state = try session.state()
            title = try TodoFile(session, state: state).item(number).text
        }
        var form = SpecForm(try folder.templateBytes() ?? Templates.spec)
        form.setTitle(title)
        if let goal = request.goal ?? (request.item == nil ? nil : title) { form.add([goal], to: .goal) }
        form.add(try paths(request.reads).map { "- \($0.text)" }, to: .reads)
        form.add(try paths(request.modifies).map { "- \($0.text)" }, to: .modifies)
        try file.write(Array(form.text.utf8))
        return file.path
    }

    private func paths(_ texts: [String]) throws -> [SpecPath] {
        try texts.map { text in
            guard let path = SpecPath(entry: text) else { throw ActionError("\(text.quoted) names no path", .usage) }
            return path
        }
    }
}
