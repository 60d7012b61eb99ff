/// The answer to a command that is done and recorded. What cannot be read for the answer any more is no failure of the command:
/// whoever ran it again because of that would do it twice.
enum DoneAnswer {
    static func print(_ answer: () throws -> Void) {
        do {
            try answer()
        } catch {
            Terminal.standard.narrate("git wf: this is done and recorded, but no more can be said of it: \(error)")
        }
    }
}
