internal import Files
internal import Git
package import Journal
internal import SystemPackage
package import Workflow

/// Where the intents of one worktree are: `<commondir>/wf/intents/<workflow>.<worktree>`, with an ending for what goes on beside
/// operations on its files. In a worktree's own folder `git worktree prune` would delete them.
package struct IntentFile {
    /// What an intent is of.
    package enum Slot: Hashable, Sendable {
        /// The worktree's files, index and branch: one operation at a time.
        case files
        /// A merge that waits for somebody, while other operations go on.
        case waiting
        /// A commit that git makes, with the user's hooks.
        case commit
        /// The worktree of an agent.
        case agent(Name)

        fileprivate var ending: String {
            switch self {
            case .files: ""
            case .waiting: ".waiting"
            case .commit: ".commit"
            case .agent(let name): ".agent.\(name)"
            }
        }

        fileprivate init?(ending: some StringProtocol) {
            switch String(ending) {
            case "": self = .files
            case ".waiting": self = .waiting
            case ".commit": self = .commit
            case let ending where ending.hasPrefix(".agent."):
                guard let name = try? Name(String(ending.dropFirst(".agent.".count))) else { return nil }
                self = .agent(name)
            default: return nil
            }
        }
    }

    package let slot: Slot
    private let journal: Journal

    package init(_ slot: Slot, of journal: Journal) {
        self.slot = slot
        self.journal = journal
    }

    private var folder: FilePath { journal.repository.commonDirectory.appending("wf").appending("intents") }
    private var name: String { "\(journal.workflow).\(journal.binding.worktree)" }
    /// What its holder is known by in git's lock of the index.
    package var holder: String { name + slot.ending }
    private var file: RootedFile {
        RootedFile("wf/intents/\(holder)", in: journal.repository.commonDirectory)
    }
    /// Held by whoever is at work on it.
    private var lock: FilePath {
        let ending = slot == .waiting ? Slot.files.ending : slot.ending
        return journal.lockFile("operation.\(journal.binding.worktree)\(ending)")
    }

    /// All that there are of this worktree. What processes left that were killed while they wrote one goes.
    static func all(of journal: Journal) throws -> [IntentFile] {
        let any = IntentFile(.files, of: journal)
        TemporaryFile.removeLeft(in: any.folder, prefix: WholeFile.prefix)
        return try Folder.names(in: any.folder).sorted().filter { $0.hasPrefix(any.name) }
            .compactMap { Slot(ending: $0.dropFirst(any.name.count)) }.map { IntentFile($0, of: journal) }
    }

    /// - Returns: `nil` where there is none. One that is not whole is none: it was flushed before anything was done.
    package func read() throws -> Intent? { try file.read().flatMap { Intent(parsing: $0) } }

    package func write(_ intent: Intent) throws {
        try file.write(
            intent.encoded, access: journal.repository.access, isDurable: journal.repository.pending.isDurable)
    }

    package func remove() throws { try file.remove() }

    /// Runs `body` while nobody else is at work on it.
    /// - Throws: `OperationError` where something was cut short and nobody ended it.
    package func alone<Result>(_ body: () throws -> Result) throws -> Result {
        try FileLock.hold(lock, access: journal.repository.access) { _ in
            if let left = try read() {
                throw OperationError(
                    "\(left.word.phrase) was cut short just now; run this again, which ends that first")
            }
            return try body()
        }
    }

    /// Runs `body` unless somebody is at work on it.
    func ifFree<Result>(_ body: () throws -> Result?) throws -> Result? {
        try FileLock.holdIfFree(lock, access: journal.repository.access, body)
    }
}
