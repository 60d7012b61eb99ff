import ArgumentParser

struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Print the manual page, for man.", shouldDisplay: false)

    func run() throws {
        Terminal.standard.answer(ManualPage.text(GitWf.self))
    }
}

/// `git-wf(1)`, in the macros of man(7), made from what the commands say about themselves.
enum ManualPage {
    static func text(_ root: any ParsableCommand.Type) -> String {
        var page = Lines()
        page.add(".TH GIT-WF 1 \"\" \"git-wf \(GitWf.version)\" \"Git Manual\"")
        page.add(".SH NAME")
        page.add("git-wf \\- \(escaped(root.configuration.abstract))")
        page.add(".SH SYNOPSIS")
        page.add(escaped("git wf [-C DIR] [--workflow NAME] COMMAND [OPTION...]"))
        page.add(".SH DESCRIPTION")
        page.add(escaped(root.configuration.discussion))
        page.add(".SH COMMANDS")
        for command in root.configuration.subcommands + root.configuration.groupedSubcommands.flatMap(\.subcommands)
        where command.configuration.shouldDisplay {
            add(command, path: "git wf", to: &page)
        }
        page.add(".SH EXIT STATUS")
        page.add("0: done. 1: the answer is no. 128: it could not be done, and nothing changed. 129: wrong usage.")
        page.add(".SH SEE ALSO")
        page.add("git(1), git-worktree(1)")
        return page.text
    }

    private static func add(_ command: any ParsableCommand.Type, path: String, to page: inout Lines) {
        let name = "\(path) \(command._commandName)"
        page.add(".SS \(escaped(name))")
        // What ArgumentParser prints as help, as it is: one source for both.
        page.add(".nf")
        for line in command.helpMessage(columns: 78).split(separator: "\n", omittingEmptySubsequences: false) {
            page.add(escaped(String(line)))
        }
        page.add(".fi")
        for child in command.configuration.subcommands where child.configuration.shouldDisplay {
            add(child, path: name, to: &page)
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}
