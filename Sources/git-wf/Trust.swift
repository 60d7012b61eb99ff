import Files
import Git
import GitValues
import SystemPackage
import Workflow

/// Whose commands may run.
///
/// A `.wfconfig` is a tracked file, so its commands are whoever's wrote it. They run only when the user trusted the values
/// of exactly those keys; a hash of them is remembered in `$XDG_STATE_HOME/git-wf/trusted/`, outside of any repository.
struct Trust {
    private let directory: FilePath?

    init(_ environment: [String: String]) {
        let state = environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : FilePath($0) }
        let home = environment["HOME"].map { FilePath($0).appending(".local").appending("state") }
        directory = (state ?? home)?.appending("git-wf").appending("trusted")
    }

    /// Whether there is nothing to trust, or all of it is trusted.
    func trusts(_ definition: Definition) throws -> Bool {
        guard let key = try key(of: definition) else { return true }
        return try directory.map { try OrdinaryFile.read($0.appending(key)) != nil } ?? false
    }

    /// Trusts the commands of a definition from now on.
    func trust(_ definition: Definition) throws {
        guard let key = try key(of: definition) else { return }
        guard let directory else { throw Failure("there is no HOME to remember the trust in", status: .impossible) }
        try Folder.make(directory)
        try WholeFile.write(text(of: definition), to: directory.appending(key))
    }

    /// - Throws: `Failure`, which shows the commands and says how to trust them.
    func require(_ definition: Definition) throws {
        if try trusts(definition) { return }
        let list = definition.commands.map { "  \($0.name) = \($0.value.printable)" }.joined(separator: "\n")
        throw Failure(
            "the commands of this .wfconfig are not trusted yet:\n\(list)\nrun git wf trust when they are what you want to run",
            status: .impossible)
    }

    private func text(of definition: Definition) -> [UInt8] {
        Array(definition.commands.map { "\($0.name) = \(ConfigText.quoted($0.value))\n" }.joined().utf8)
    }

    private func key(of definition: Definition) throws -> String? {
        definition.commands.isEmpty ? nil : try Repository.blobID(of: text(of: definition)).hex
    }
}
