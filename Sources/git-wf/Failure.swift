import Actions
import Agents
import ArgumentParser
import Git
import GitValues
import Journal
import Merging
import Operations
import Workflow

/// Why a command did not do what was asked, as its last word to the user.
struct Failure: Error {
    /// The statuses of git's own commands.
    enum Status: Int32 {
        /// The answer is no: a conflict, a closed gate, a failed check, nothing to do.
        case no = 1
        /// It could not be done, and nothing changed.
        case impossible = 128
        /// Wrong usage.
        case usage = 129
    }

    /// What callers that read JSON tell apart.
    let code: String
    /// What was tried, and why it failed.
    let cause: String
    /// The command that helps.
    let hint: String?
    let status: Status

    init(_ cause: String, status: Status, hint: String? = nil, code: String? = nil) {
        self.cause = cause
        self.hint = hint
        self.status = status
        self.code = code ?? Self.code(of: status)
    }

    /// Any error that a command throws.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as GitError: self.init(error)
        case let error as TodoListError: self.init(error.description, status: Self.status(of: error))
        case let error as any ExplainedError:
            self.init(error.cause, status: Self.status(of: error), hint: error.hint, code: Self.code(of: error))
        case let error as any CustomStringConvertible: self.init(error.description, status: .impossible)
        default: self.init("\(error)", status: .impossible)
        }
    }

    private static func status(of error: any ExplainedError) -> Status {
        switch error {
        case let error as ActionError: status(of: error.code)
        case let error as AgentError: error.code == .refused ? .no : .impossible
        case let error as MergeError: error.code == .failed ? .impossible : .no
        case is IllegalTransition, is UndoError: .no
        default: .impossible
        }
    }

    private static func code(of error: any ExplainedError) -> String? {
        switch error {
        case is IllegalTransition: "illegal-transition"
        case WorkspaceError.noWorkflow, WorkspaceError.notTakenUp, WorkspaceError.unknown: "no-workflow"
        case WorkspaceError.ambiguous: "ambiguous-workflow"
        default: nil
        }
    }

    private static func code(of status: Status) -> String {
        switch status {
        case .no: "refused"
        case .impossible: "impossible"
        case .usage: "usage"
        }
    }

    /// One line for the cause, and one for what helps.
    var text: String { "git wf: \(cause.printableLines)" + (hint.map { "\nhint: \($0.printable)" } ?? "") }

    private static func status(of code: ActionError.Code) -> Status {
        switch code {
        case .refused: .no
        case .impossible: .impossible
        case .usage: .usage
        }
    }

    private static func status(of error: TodoListError) -> Status {
        switch error {
        case .noItem, .noSection: .no
        case .emptyText: .usage
        case .noPlace: .impossible
        }
    }

    private init(_ error: GitError) {
        switch error.code {
        case .notFound where error.doing.hasPrefix("open the repository"):
            self.init(
                "not in a git repository", status: .impossible, hint: "git init makes one", code: "not-a-repository")
        case .notOwned:
            self.init(
                "this repository belongs to another user, so it is not opened", status: .impossible,
                hint: "git config --global --add safe.directory with its path allows it, if you trust it",
                code: "not-owned")
        case .program where error.reason.contains(".lock': File exists"):
            self.init(
                error.description, status: .impossible,
                hint: "another git is at work here, or one was killed: once none is, remove that file, as git says too",
                code: "locked")
        case .unsupported: self.init(error.reason, status: .impossible, code: "unsupported")
        case .damaged:
            self.init(
                error.description, status: .impossible,
                hint: "git wf fsck names what is damaged, and git wf fsck --repair brings back what can be proven",
                code: "damaged")
        default: self.init(error.description, status: .impossible)
        }
    }
}

/// `error` with `--json`.
struct ErrorAnswer: Encodable {
    struct Problem: Encodable {
        let code: String
        let message: String
        let hint: String?
    }

    let error: Problem

    init(_ failure: Failure) {
        error = Problem(code: failure.code, message: failure.cause, hint: failure.hint)
    }
}
