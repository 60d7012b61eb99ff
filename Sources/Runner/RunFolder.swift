package import Files
internal import Git
internal import Glibc
package import Journal
internal import SystemPackage
package import Workflow

/// Where everything is kept that is known of an agent's processes: `<commondir>/wf/agents/<workflow>/<agent>/`. Nothing of it is state of the
/// workflow: what must last is recorded in a lane.
///
///     lock     held by the keeper while the attempt runs
///     watch    held by the supervisor that decides what follows
///     3.run    attempt 3: what it was started with, and by whom it is kept
///     3.log    its output; in 3.log.old what came before, once that became too much
///     3.seen   what was seen last: that it stalls
///     3.stop   somebody asks it to end, and why
///     3.end    how it ended
///     3.judged what follows is decided
package struct RunFolder: Sendable {
    package let agent: Name
    private let root: FilePath
    private let name: FilePath
    private let access: FileAccess

    package init(_ agent: Name, of journal: Journal) {
        self.agent = agent
        root = journal.repository.commonDirectory
        name = FilePath("wf/agents/\(journal.workflow)/\(agent)")
        access = journal.repository.access
    }

    /// The agents of a workflow that a supervisor has in hand, also where none of them was started yet.
    package static func watched(of journal: Journal) throws -> [Name] {
        let folder = journal.repository.commonDirectory.appending("wf/agents").appending(journal.workflow.text)
        return try Folder.names(in: folder).sorted().compactMap { try? Name($0) }
            .filter { RunFolder($0, of: journal).isWatched }
    }

    private func file(_ attempt: Int, _ ending: String) -> RootedFile {
        RootedFile(name.appending("\(attempt).\(ending)"), in: root)
    }

    private var path: FilePath { root.pushing(name) }

    /// The output of an attempt.
    package func log(_ attempt: Int) -> RootedFile { file(attempt, "log") }
    /// What came before ``log(_:)``.
    package func oldLog(_ attempt: Int) -> RootedFile { file(attempt, "log.old") }

    func make() throws { try Folder.make(path, access: access) }

    // MARK: Attempts

    /// The attempts that were started here, in order.
    package var attempts: [Int] {
        get throws {
            try Folder.names(in: path).filter { $0.hasSuffix(".run") }.compactMap { Int($0.dropLast(4)) }.sorted()
        }
    }

    /// - Returns: `nil` where the attempt was not started here, or what says so cannot be understood.
    package func record(_ attempt: Int) throws -> RunRecord? {
        try file(attempt, "run").read(upTo: 1 << 20).flatMap { RunRecord(parsing: $0) }
    }

    func write(_ record: RunRecord) throws {
        try file(record.attempt, "run").write(record.bytes, access: access, isDurable: true)
    }

    package func end(_ attempt: Int) throws -> RunEnd? {
        try file(attempt, "end").read(upTo: 1 << 20).flatMap { RunEnd(parsing: $0) }
    }

    func write(_ end: RunEnd, of attempt: Int) throws {
        try file(attempt, "end").write(end.bytes, access: access, isDurable: true)
    }

    /// Whether a supervisor decided what follows the end of the attempt.
    func isJudged(_ attempt: Int) -> Bool { file(attempt, "judged").isThere }

    func setJudged(_ attempt: Int) throws { try file(attempt, "judged").write([], access: access) }

    /// Why somebody asks the attempt to end; `nil` where nobody does.
    func stopReason(_ attempt: Int) throws -> String? {
        try file(attempt, "stop").read(upTo: 1 << 16).map { String(decoding: $0, as: UTF8.self) }
    }

    func requestStop(of attempt: Int, reason: String) throws {
        try file(attempt, "stop").write(Array(reason.utf8), access: access)
    }

    func seen(_ attempt: Int) throws -> RunSeen {
        try file(attempt, "seen").read(upTo: 1 << 16).map { RunSeen(parsing: $0) } ?? RunSeen()
    }

    func write(_ seen: RunSeen, of attempt: Int) throws {
        try file(attempt, "seen").write(seen.bytes, access: access)
    }

    // MARK: Locks

    private var lock: FilePath { path.appending("lock") }
    private var watchLock: FilePath { path.appending("watch") }

    /// - Returns: `nil` where somebody keeps the agent's processes.
    func keep() throws -> FileLock? { try taken(lock) }

    var isKept: Bool { FileLock.isHeld(lock) }

    /// - Returns: `nil` where somebody else watches.
    func watch() throws -> FileLock? {
        try make()
        return try taken(watchLock)
    }

    /// Whoever only asks whether a lock is held holds it for a moment.
    private func taken(_ file: FilePath) throws -> FileLock? {
        do {
            return try FileLock(file, access: access, waitingAtMost: 1)
        } catch  where error.code == .locked {
            return nil
        }
    }

    package var isWatched: Bool { FileLock.isHeld(watchLock) }
}

/// What a keeper saw last of what it keeps.
struct RunSeen: Hashable {
    /// For how many seconds nothing came from it, once that was too long.
    var stalled: Int?
    /// How many tokens it said that it used.
    var tokens: Int?

    init() {}

    init(parsing bytes: [UInt8]) {
        let text = FieldText(parsing: bytes)
        stalled = text.number("stalled")
        tokens = text.number("tokens")
    }

    var bytes: [UInt8] {
        var text = FieldText()
        text.add("stalled", stalled)
        text.add("tokens", tokens)
        return text.bytes
    }
}
