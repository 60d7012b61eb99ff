import Markdown

extension TodoList {
    /// Both sides' changes of a TODO file, when all that they changed is check boxes.
    ///
    /// A box that one side changed is taken from that side. A box that both changed is the same on both, since there is
    /// but one other state.
    /// - Parameters:
    ///   - base: the file that both sides began with.
    ///   - ours: the file on one side; where both sides ticked a box, its `x` or `X` is this side's.
    ///   - theirs: the file on the other side.
    /// - Returns: the united file; `nil` when a side differs from the base in anything else.
    package static func uniting(base: [UInt8], ours: [UInt8], theirs: [UInt8]) -> [UInt8]? {
        guard base.count == ours.count, base.count == theirs.count else { return nil }
        var result = base
        var rest = 0
        for box in TodoList(base).tasks.compactMap(\.box) {
            let offset = box.offset
            guard ours[rest..<offset] == base[rest..<offset], theirs[rest..<offset] == base[rest..<offset] else {
                return nil
            }
            guard let ourMark = isTicked(ours[offset]), let theirMark = isTicked(theirs[offset]) else { return nil }
            let isTheirs = ourMark == box.isChecked && (theirMark != box.isChecked || ours[offset] == base[offset])
            result[offset] = isTheirs ? theirs[offset] : ours[offset]
            rest = offset + 1
        }
        guard ours[rest...] == base[rest...], theirs[rest...] == base[rest...] else { return nil }
        return result
    }

    /// What a byte between the brackets says; `nil` when it makes no box.
    private static func isTicked(_ mark: UInt8) -> Bool? {
        switch mark {
        case UInt8(ascii: " "): false
        case UInt8(ascii: "x"), UInt8(ascii: "X"): true
        default: nil
        }
    }
}
