package import Git

/// What happens while an action runs, told to whoever watches it.
package struct Narration: Sendable {
    /// Says one line.
    package let say: @Sendable (String) -> Void
    /// Where the words of commands go that are the user's own: checks, verifications, hooks.
    package let output: ChildProcess.Output

    package init(output: ChildProcess.Output, say: @escaping @Sendable (String) -> Void) {
        self.output = output
        self.say = say
    }
}
