import Actions
import ArgumentParser
import GitValues
import Workflow

struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Let what this .wfconfig says count here. Only a human may.",
        discussion: """
            A .wfconfig is a tracked file, so what it says is someone else's until you say otherwise: the commands that it \
            runs, the files that it lets into checkpoints, and changes of anything but the goal, the name, budgets, reading \
            lists and gates that are added. This shows all of that, and asks. What is trusted are the present values, in this \
            repository and for this workflow.

            In a script of yours, --yes takes the hash that was shown.

            Example: git wf trust
            """)

    @Option(help: ArgumentHelp("Trust what has this hash, without a question.", valueName: "hash")) var yes: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        let trusting = try Trusting(session)
        guard let question = try trusting.question() else {
            if options.json { return try JSONDocument.print(Answer(nil, isTrusted: true)) }
            return Terminal.standard.answer("Nothing of this .wfconfig waits to be trusted.")
        }
        if let yes {
            try trusting.consent(to: question, hash: yes)
            return try answer(question, isTrusted: true)
        }
        try answer(question, isTrusted: false)
        // Whoever reads JSON is asked nothing.
        if options.json { throw ExitCode(Failure.Status.no.rawValue) }
        guard session.caller.isHumanPresent else {
            throw Failure(
                "nothing is trusted yet: only a human may, in a terminal of their own", status: .no,
                hint: "a human runs git wf trust; in a script of theirs it is git wf trust --yes \(question.hash)")
        }
        guard Terminal.standard.ask("Trust all of it? [y/N] ", about: text(question, isTrusted: false)),
            let words = readLine(), ["y", "yes"].contains(words.lowercased())
        else {
            throw Failure("nothing is trusted", status: .no)
        }
        try trusting.consent(to: question)
        Terminal.standard.narrate("Trusted.")
    }

    private func answer(_ question: TrustQuestion, isTrusted: Bool) throws {
        if options.json { return try JSONDocument.print(Answer(question, isTrusted: isTrusted)) }
        Terminal.standard.answer(text(question, isTrusted: isTrusted))
    }

    private func text(_ question: TrustQuestion, isTrusted: Bool) -> String {
        var lines = Lines()
        if !question.waiting.isEmpty {
            lines.add(isTrusted ? "In force now:" : "Comes in force:")
            for change in question.waiting { lines.add("  \(change.printable)") }
        }
        if !question.powers.isEmpty {
            lines.add(isTrusted ? "Trusted:" : "May run, or lets files into checkpoints:")
            for power in question.powers { lines.add("  \(power.name.printable) = \(power.value.quotedWhole)") }
        }
        return lines.text
    }

    private struct Answer: Encodable {
        struct Power: Encodable {
            let key: String
            let command: String
        }

        let hash: String?
        /// What may count, once it is trusted.
        let asked: [Power]
        let trusted: [Power]
        let waiting: [String]

        init(_ question: TrustQuestion?, isTrusted: Bool) {
            hash = question?.hash
            let powers = (question?.powers ?? []).map { Power(key: $0.name, command: $0.value) }
            asked = isTrusted ? [] : powers
            trusted = isTrusted ? powers : []
            waiting = question?.waiting ?? []
        }
    }
}
