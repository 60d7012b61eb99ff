package import GitValues
internal import Workflow

/// What one attempt of an agent was started with.
package struct RunRecord: Sendable {
    package let attempt: Int
    /// How many attempts before this one failed in a row.
    let failures: Int
    /// Marks the environment of every process of it (`GIT_WF_RUN`), so that those can be found which left their parents.
    package let id: String
    /// The command as it was given, with its placeholders, for whoever starts the next attempt.
    package let command: [String]
    /// The command as it runs.
    package let arguments: [String]
    /// What its environment has beside what is let through.
    package let variables: [String: String]
    package let limits: RunLimits
    package let started: Timestamp
    /// Who wrote this, and starts its keeper.
    package var starter: ProcessIdentity?
    package var keeper: ProcessIdentity?
    package var process: ProcessIdentity?

    init(
        attempt: Int, failures: Int, id: String, command: [String], arguments: [String], variables: [String: String],
        limits: RunLimits,
        started: Timestamp, starter: ProcessIdentity?
    ) {
        self.attempt = attempt
        self.failures = failures
        self.id = id
        self.command = command
        self.arguments = arguments
        self.variables = variables
        self.limits = limits
        self.started = started
        self.starter = starter
    }

    init?(parsing bytes: [UInt8]) {
        let text = FieldText(parsing: bytes)
        guard let attempt = text.number("attempt"), let id = text["id"], let limits = RunLimits(text),
            let seconds = text["started"].flatMap({ Int64($0) }), let zone = text.number("zone"),
            case let arguments = text.values("argument"), !arguments.isEmpty
        else { return nil }
        self.init(
            attempt: attempt, failures: text.number("failures") ?? 0, id: id, command: text.values("word"),
            arguments: arguments,
            variables: Dictionary(
                text.values("variable").compactMap { entry in
                    entry.firstIndex(of: "=").map {
                        (String(entry[..<$0]), String(entry[entry.index(after: $0)...]))
                    }
                }, uniquingKeysWith: { $1 }), limits: limits,
            started: Timestamp(seconds: seconds, offset: zone),
            starter: text["starter"].flatMap { ProcessIdentity(parsing: $0) })
        keeper = text["keeper"].flatMap { ProcessIdentity(parsing: $0) }
        process = text["process"].flatMap { ProcessIdentity(parsing: $0) }
    }

    var bytes: [UInt8] {
        var text = FieldText()
        text.add("attempt", attempt)
        text.add("failures", failures)
        text.add("id", id)
        for word in command { text.add("word", word) }
        for argument in arguments { text.add("argument", argument) }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) { text.add("variable", "\(name)=\(value)") }
        limits.write(to: &text)
        text.add("started", String(started.seconds))
        text.add("zone", started.offset)
        text.add("starter", starter?.text)
        text.add("keeper", keeper?.text)
        text.add("process", process?.text)
        return text.bytes
    }
}

/// How far an attempt may go.
package struct RunLimits: Hashable, Sendable {
    /// What follows where nothing comes from it.
    package enum OnStall: String, Sendable, CaseIterable { case say, stop, retry }

    /// All times in seconds that the machine was awake.
    package var timeout: Int
    package var stall: Int
    package var onStall: OnStall
    /// How often its worktree is looked at.
    package var look: Int
    /// Between the request to end and the end.
    package var grace: Int
    /// The most tokens that it may say it used; `nil` for any number.
    package var tokens: Int?
    /// The most bytes of its output that are kept.
    package var logSize: Int

    package init(
        timeout: Int = 2700, stall: Int = 600, onStall: OnStall = .say, look: Int = 60, grace: Int = 10,
        tokens: Int? = nil, logSize: Int = 10 << 20
    ) {
        self.timeout = timeout
        self.stall = stall
        self.onStall = onStall
        self.look = look
        self.grace = grace
        self.tokens = tokens
        self.logSize = logSize
    }

    init?(_ text: FieldText) {
        guard let timeout = text.number("timeout"), let stall = text.number("stall"), let look = text.number("look"),
            let grace = text.number("grace"), let logSize = text.number("logSize"),
            let onStall = text["onStall"].flatMap({ OnStall(rawValue: $0) })
        else { return nil }
        self.init(
            timeout: timeout, stall: stall, onStall: onStall, look: look, grace: grace, tokens: text.number("tokens"),
            logSize: logSize)
    }

    func write(to text: inout FieldText) {
        text.add("timeout", timeout)
        text.add("stall", stall)
        text.add("onStall", onStall.rawValue)
        text.add("look", look)
        text.add("grace", grace)
        text.add("tokens", tokens)
        text.add("logSize", logSize)
    }
}

/// How an attempt ended.
package struct RunEnd: Hashable, Sendable {
    package enum Reason: String, Sendable {
        /// By itself: ``RunEnd/exit`` says how.
        case ended
        case timeout, stalled, stopped
        /// It said that it used more tokens than it might.
        case tokens
        /// Its keeper was killed, and its processes with it.
        case lost
        /// The command could not be started.
        case unstartable
    }

    package let reason: Reason
    /// The exit status; 128 and the signal's number for one that a signal ended. `nil` where nobody saw it.
    package let exit: Int?
    /// More words for ``reason``: what could not be started, why it was stopped.
    package let detail: String?
    package let time: Timestamp
    /// How long it ran, without the time that the machine slept.
    package let seconds: Int

    package init(
        _ reason: Reason, exit: Int? = nil, detail: String? = nil, time: Timestamp, seconds: Int
    ) {
        self.reason = reason
        self.exit = exit
        self.detail = detail
        self.time = time
        self.seconds = seconds
    }

    /// Whether the command itself says that all went well.
    package var isSuccess: Bool { reason == .ended && exit == 0 }

    /// For people: why it did not go well, or that it did.
    package var text: String {
        let ran = WorkflowDuration(seconds: Int64(seconds)).text
        switch reason {
        case .ended: return exit.map { $0 > 128 ? "ended by signal \($0 - 128)" : "exit status \($0)" } ?? "ended"
        case .timeout: return "stopped at its time limit, after \(ran)"
        case .stalled: return "stopped after \(ran): nothing came from it\(detail.map { " for \($0)" } ?? "")"
        case .tokens: return "stopped over its budget of tokens\(detail.map { ", at \($0)" } ?? "")"
        case .stopped: return "stopped\(detail.map { ": \($0)" } ?? "")"
        case .lost: return "its keeper was killed, so nobody saw how it ended"
        case .unstartable: return "could not be started: \(detail ?? "nobody knows why")"
        }
    }

    init?(parsing bytes: [UInt8]) {
        let text = FieldText(parsing: bytes)
        guard let reason = text["reason"].flatMap({ Reason(rawValue: $0) }),
            let seconds = text["time"].flatMap({ Int64($0) }), let zone = text.number("zone"),
            let ran = text.number("seconds")
        else { return nil }
        self.init(
            reason, exit: text.number("exit"), detail: text["detail"], time: Timestamp(seconds: seconds, offset: zone),
            seconds: ran)
    }

    var bytes: [UInt8] {
        var text = FieldText()
        text.add("reason", reason.rawValue)
        text.add("exit", exit)
        text.add("detail", detail)
        text.add("time", String(time.seconds))
        text.add("zone", time.offset)
        text.add("seconds", seconds)
        return text.bytes
    }
}
