/// A spec for somebody to fill in: the form, or what a user made of it, with what is known already. What stands there stays, hints in
/// comments too.
package struct SpecForm {
    private var lines: [String]

    package init(_ template: [UInt8]) {
        var text = String(decoding: template, as: UTF8.self)
        while text.last == "\n" { text.removeLast() }
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    package var text: String { lines.joined(separator: "\n") + "\n" }

    /// Gives it a title, where it has none of its own.
    package mutating func setTitle(_ title: String) {
        let heading = "# Spec: \(PlainText.line(title))"
        guard let place = lines.firstIndex(where: { $0.hasPrefix("# ") }) else {
            lines.insert(contentsOf: [heading, ""], at: 0)
            return
        }
        let present = Spec(lines[place]).title
        if present.isEmpty || present == "TITLE" { lines[place] = heading }
    }

    /// Adds lines at the beginning of a section, which is made where it is missing.
    package mutating func add(_ new: [String], to section: Spec.Section) {
        if new.isEmpty { return }
        let place = lines.firstIndex { line in
            line.hasPrefix("## ")
                && SectionedDocument.plainName(String(line.dropFirst(3))) == section.rawValue.lowercased()
        }
        if let place {
            lines.insert(contentsOf: new, at: place + 1)
        } else {
            lines += ["", "## \(section.rawValue)"] + new
        }
    }
}
