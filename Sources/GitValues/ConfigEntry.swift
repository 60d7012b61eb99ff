/// One line of a git configuration, as git's own parser gives it.
package struct ConfigEntry: Hashable, Sendable {
    /// Section and key in lower case, the subsection as written: `phase.Planning.then`.
    package let name: String
    /// Empty for a key without `=`, which git reads as true.
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
