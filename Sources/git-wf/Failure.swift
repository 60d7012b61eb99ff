import Actions
import Agents
import ArgumentParser
import Git
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

    let message: String
    let status: Status

    init(_ message: String, status: Status) {
        self.message = message
        self.status = status
    }

    /// Any error that a command throws, as one sentence and a status.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ActionError: self.init(error.description, status: Self.status(of: error.code))
        case let error as IllegalTransition: self.init(error.description, status: .no)
        case let error as TodoListError: self.init(error.description, status: Self.status(of: error))
        case let error as UndoError: self.init(error.description, status: .no)
        case let error as AgentError: self.init(error.description, status: error.code == .refused ? .no : .impossible)
        case let error as MergeError: self.init(error.description, status: error.code == .failed ? .impossible : .no)
        case let error as GitError: self.init(Self.advice(on: error), status: .impossible)
        case let error as any CustomStringConvertible: self.init(error.description, status: .impossible)
        default: self.init("\(error)", status: .impossible)
        }
    }

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

    private static func advice(on error: GitError) -> String {
        switch error.code {
        case .notFound where error.doing.hasPrefix("open the repository"):
            "not in a git repository; git init makes one"
        case .notOwned:
            "this repository belongs to another user, so it is not opened; if you trust it, "
                + "git config --global --add safe.directory with its path allows it"
        case .unsupported: error.reason
        default: error.description
        }
    }
}
