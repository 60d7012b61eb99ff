/// Who took a checkpoint: the value of `Wf-Actor`, and what `--as` takes.
package enum Actor: Hashable, Sendable {
    case leader
    case agent(Name)
    /// A person, by whatever they call themselves.
    case human(String)
    /// The hook of git or of a coding agent, such as `post-commit`.
    case hook(String)

    /// Reads `leader`, `agent:NAME`, `human:NAME` or `hook:NAME`.
    ///
    /// - Throws: `ActorError` for anything else: an agent's name must be a `Name`, the others' one line of 1 to 100
    ///   characters that are not control characters and do not begin or end with a space.
    package init(parsing text: String) throws(ActorError) {
        if text == "leader" {
            self = .leader
            return
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw ActorError(text: text) }
        let name = String(text[text.utf8.index(after: colon)...])
        switch text[..<colon] {
        case "agent":
            do {
                self = .agent(try Name(name))
            } catch {
                throw ActorError(text: text, nameError: error)
            }
        case "human" where Self.isFreeName(name): self = .human(name)
        case "hook" where Self.isFreeName(name): self = .hook(name)
        default: throw ActorError(text: text)
        }
    }

    private static func isFreeName(_ name: String) -> Bool {
        // A line that a trailer gives back as it was.
        !name.isEmpty && name.utf8.count <= 400 && name.count <= 100
            && name.utf8.elementsEqual(PlainText.line(name).utf8)
    }
}

extension Actor: CustomStringConvertible {
    /// As `init(parsing:)` takes it.
    package var description: String {
        switch self {
        case .leader: "leader"
        case .agent(let name): "agent:\(name)"
        case .human(let name): "human:\(name)"
        case .hook(let name): "hook:\(name)"
        }
    }
}

/// A text that names nobody who can act.
package struct ActorError: Error, Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// Set when it is an agent's name that does not do.
    package let nameError: NameError?

    init(text: String, nameError: NameError? = nil) {
        self.text = text
        self.nameError = nameError
    }

    package var description: String {
        if let nameError { return "\(text.quoted) is not an actor: \(nameError)" }
        return "\(text.quoted) is not an actor: give leader, agent:NAME, human:NAME or hook:NAME"
    }
}
