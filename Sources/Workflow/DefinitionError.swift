/// What is wrong with a definition, and where.
package struct DefinitionError: Error, Hashable, Sendable {
    /// The file, as the caller named it.
    package let file: String
    /// The full key as people write it: `phase.testing.onFail`.
    package let key: String
    package let problem: Problem

    package enum Problem: Hashable, Sendable {
        case unknownSection(String)
        case unknownKey(allowed: [String])
        /// `then` where `phase.NAME.then` was meant.
        case nameMissing
        /// `workflow.NAME.goal` where `workflow.goal` was meant.
        case nameNotAllowed(section: String)
        case include
        case duplicate
        case valueMissing
        case invalidValue(String, allowed: String)
        case invalidName(NameError)
        /// A phase that neither `then` nor `onFail` leads to from the first one.
        case unreachable(from: Name)
        /// The phases from one to itself, along `then`.
        case cycle([Name])
    }
}

extension DefinitionError: CustomStringConvertible {
    /// One sentence, with every text from the file quoted.
    package var description: String { "\(Self.visible(file)): \(Self.visible(key)): \(sentence)" }

    private var sentence: String {
        switch problem {
        case .unknownSection(let section):
            "there is no section \(section.quoted); the sections are \(DefinitionKey.sections.joined(separator: ", "))"
        case .unknownKey(let allowed):
            "there is no such key; the keys here are \(allowed.joined(separator: ", "))"
        case .nameMissing:
            "a phase needs a name, as in [phase \"testing\"]"
        case .nameNotAllowed(let section):
            "[\(section)] takes no name"
        case .include:
            "a definition must be whole in its own file, without include"
        case .duplicate:
            "it is given twice; keep one"
        case .valueMissing:
            "it has no value"
        case .invalidValue(let value, let allowed):
            "\(value.quoted) is not \(allowed)"
        case .invalidName(let error):
            error.description
        case .unreachable(let first):
            "nothing leads to this phase from \(first), which the workflow begins with; name it in a then or an onFail, or "
                + "take it out"
        case .cycle(let names):
            "the phases lead in a circle (\(names.map(\.text).joined(separator: " → "))), so that the workflow could never"
                + " complete; leave out one then, and go back with onFail or `git wf phase start`"
        }
    }

    /// Keys and paths stand bare where nothing in them could be mistaken.
    private static func visible(_ text: String) -> String {
        let isBare = text.utf8.count <= 60 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isBare ? text : text.quoted
    }
}
