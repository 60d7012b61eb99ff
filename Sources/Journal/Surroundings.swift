package import Git
package import GitValues
internal import Glibc
package import SystemPackage
package import Workflow

/// What a command gets from outside: the clock, the environment, the directory it runs in. Nothing below the commands
/// asks the system for these by itself.
package struct Surroundings: Sendable {
    package let environment: [String: String]
    package let directory: FilePath
    /// The moment of the command; all that it records carries it.
    package let now: Timestamp
    package let git: GitProgram
    /// The coding agent's session that runs the command; `nil` outside of any.
    package let session: HarnessSession?
    package let program: ProgramPlace

    package init(
        environment: [String: String], directory: FilePath, now: Timestamp, program: ProgramPlace? = nil,
        session: HarnessSession? = nil
    ) {
        self.session = session
        self.environment = environment
        self.program = program ?? ProgramPlace(directory: directory)
        self.directory = directory
        self.now = now
        git = GitProgram(environment: environment)
    }

    package var home: FilePath? { folder("HOME") }

    /// Where what is remembered beside any repository belongs (XDG Base Directory); `nil` without a home.
    package var stateFolder: FilePath? {
        (folder("XDG_STATE_HOME") ?? home?.appending(".local").appending("state"))?.appending("git-wf")
    }

    /// The folder that a variable names. Seen from the working directory it would be whatever a repository has there.
    private func folder(_ variable: String) -> FilePath? {
        environment[variable].map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil }
    }

    /// The moment by the rules of git: `GIT_COMMITTER_DATE`, in any form that git takes, else the clock, in the zone
    /// of this machine.
    package static func currentTime(environment: [String: String], directory: FilePath) throws -> Timestamp {
        guard let date = environment["GIT_COMMITTER_DATE"], !date.isEmpty else {
            var now = time(nil)
            var local = tm()
            localtime_r(&now, &local)
            return Timestamp(seconds: Int64(now), offset: local.tm_gmtoff / 60)
        }
        // Without an @ a small number could be a year, or a day.
        if let raw = Timestamp(raw: date), date.hasPrefix("@") || raw.seconds >= 100_000_000 { return raw }
        // git's own parser knows the other forms.
        let ident = try GitProgram(environment: environment).succeed(
            "read GIT_COMMITTER_DATE",
            ["-c", "user.name=x", "-c", "user.email=x", "var", "GIT_COMMITTER_IDENT"], in: directory)
        let words = ident.text.split(separator: " ").suffix(2).joined(separator: " ")
        guard let parsed = Timestamp(raw: words) else {
            throw GitError(.invalid, doing: "read GIT_COMMITTER_DATE", reason: "git did not understand \(date)")
        }
        return parsed
    }
}

extension Timestamp {
    /// git's internal form, `1700000000 +0100`, with or without an `@`, from 1970 on; `nil` for anything else.
    package init?(raw text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let first = words.first, let seconds = Int64(first.drop { $0 == "@" }),
            0..<1_000_000_000_000_000 ~= seconds,
            words[1].count == 5, let zone = Int(words[1].dropFirst()), let sign = words[1].first, "+-".contains(sign)
        else { return nil }
        let minutes = zone / 100 * 60 + zone % 100
        self.init(seconds: seconds, offset: sign == "-" ? -minutes : minutes)
    }
}
