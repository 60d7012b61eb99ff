internal import Files
internal import Git
package import Journal
package import GitValues
internal import SystemPackage
package import Workflow

/// Whose commands may run.
///
/// A `.wfconfig` is a tracked file, so its commands are whoever's wrote it. They run only when the user trusted the values
/// of exactly those keys; a hash of them is remembered in `$XDG_STATE_HOME/git-wf/trusted/`, outside of any repository.
package struct Trust {
    private let directory: FilePath?

    package init(_ surroundings: Surroundings) { directory = surroundings.stateFolder?.appending("trusted") }

    /// Whether there is nothing to trust, or all of it is trusted.
    package func trusts(_ definition: Definition) throws -> Bool {
        guard let key = try key(of: definition) else { return true }
        return try directory.map { try OrdinaryFile.read($0.appending(key)) != nil } ?? false
    }

    /// Trusts the commands of a definition from now on.
    package func trust(_ definition: Definition) throws {
        guard let key = try key(of: definition) else { return }
        guard let directory else { throw ActionError("there is no HOME to remember the trust in", .impossible) }
        try Folder.make(directory)
        try WholeFile.write(text(of: definition), to: directory.appending(key))
    }

    /// Trusts the commands of the definition in force, and of what the next checkpoint would make it.
    /// - Returns: the latter.
    package func trustCommands(of session: Session) throws -> [ConfigEntry] {
        var definitions = [try session.state().definition]
        if let top = session.repository.workTree, let bytes = try OrdinaryFile.read(top.appending(".wfconfig")) {
            definitions.append(
                try Definition(entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig"))
        }
        for definition in definitions { try trust(definition) }
        return definitions.last?.commands ?? []
    }

    /// - Throws: `ActionError`, which shows the commands and says how to trust them.
    package func require(_ definition: Definition) throws {
        if try trusts(definition) { return }
        let list = definition.commands.map { "  \($0.name) = \($0.value)" }.joined(separator: "\n")
        throw ActionError(
            "the commands of this .wfconfig are not trusted yet:\n\(list)", .impossible,
            hint: "git wf trust, when they are what you want to run")
    }

    private func text(of definition: Definition) -> [UInt8] {
        Array(definition.commands.map { "\($0.name) = \(ConfigText.quoted($0.value))\n" }.joined().utf8)
    }

    private func key(of definition: Definition) throws -> String? {
        definition.commands.isEmpty ? nil : try Repository.blobID(of: text(of: definition)).hex
    }
}
