internal import Files
internal import Git
internal import GitValues
internal import SystemPackage
package import Workflow

/// Whose commands may run here, and who may let files into checkpoints.
///
/// A `.wfconfig` is a tracked file, so what it says is whoever's wrote it. Its ``Definition/powers`` count only where the user
/// trusted exactly them, in this repository and for this workflow. That is remembered in `$XDG_STATE_HOME/git-wf/trusted/`, in
/// a file that is named for the hash of all that it says.
package struct Trust {
    private let folder: PrivateFolder?
    private let place: String

    /// - Parameter id: the workflow's `Wf-Id`.
    package init(_ journal: Journal, workflow id: String) {
        let repository = journal.repository
        let common = OrdinaryFile.resolved(repository.commonDirectory) ?? repository.commonDirectory
        place = "repository = \(common.string.quotedWhole)\nworkflow = \(id.quotedWhole)\n"
        // What a repository itself brings is no word of its user.
        let tops = [repository.workTree, common.lastComponent == ".git" ? common.removingLastComponent() : common]
        folder = journal.surroundings.stateFolder.map { $0.appending("trusted") }.flatMap { folder in
            tops.contains { $0.map { Self.isBelow(folder, $0) } ?? false } ? nil : PrivateFolder(folder)
        }
    }

    /// Whether there is nothing to trust, or all of it is trusted.
    package func covers(_ definition: Definition) throws -> Bool {
        if definition.powers.isEmpty { return true }
        let text = text(of: definition)
        do {
            return try folder?.read(hash(of: definition)) == text
        } catch let error as FileError where error.code == .notOurs || error.code == .notOrdinary {
            return false
        }
    }

    /// Trusts what a definition can do from now on.
    /// - Throws: `GitError` where there is no folder to remember it in, `FileError` where others may write to that.
    package func add(_ definition: Definition) throws {
        if definition.powers.isEmpty { return }
        guard let folder else {
            throw GitError(
                .invalid, doing: "remember what is trusted",
                reason: "HOME and XDG_STATE_HOME name no folder outside of this repository by an absolute path")
        }
        try folder.write(text(of: definition), to: hash(of: definition))
    }

    /// What names all that a definition can do here.
    package func hash(of definition: Definition) throws -> String {
        try Repository.blobID(of: text(of: definition)).hex
    }

    private func text(of definition: Definition) -> [UInt8] {
        Array((place + definition.powers.map { "\($0.name) = \($0.value.quotedWhole)\n" }.joined()).utf8)
    }

    /// Whether a folder is below another one, or will be once it is made.
    private static func isBelow(_ folder: FilePath, _ top: FilePath) -> Bool {
        var present = folder
        while OrdinaryFile.resolved(present) == nil, present.removeLastComponent() {}
        guard let present = OrdinaryFile.resolved(present), let top = OrdinaryFile.resolved(top) else { return false }
        return present.starts(with: top)
    }
}

extension Journal {
    /// What the user trusts of a workflow's definition here.
    package func trust(of state: WorkflowState) -> Trust { Trust(self, workflow: state.id) }
}
