/// The files that `init` and `spec new` write, as they are in this folder.
///
/// A preset is a `.wfconfig` and a TODO file whose sections are named for its phases. Its `[workflow]` has the two lines
/// `name = NAME` and `goal = GOAL`, each behind a tab, for `init` to replace. No preset sets a key that runs a command:
/// those stand there as comments.
package enum Templates {
    /// The presets' names, in the order in which help lists them.
    package static let names = ["feature", "migration", "monitoring", "articles", "minimal"]

    /// The `.wfconfig` of a preset; `nil` when there is none of that name.
    package static func definition(named name: String) -> [UInt8]? { preset(named: name)?.definition }

    /// The TODO.md of a preset; `nil` when there is none of that name.
    package static func todo(named name: String) -> [UInt8]? { preset(named: name)?.todo }

    /// An empty spec: `# Spec: TITLE`, then each section with a hint in a comment.
    package static let spec = PackageResources.spec_md

    /// What tells an agent without hooks about git-wf, between two comments that mark it in AGENTS.md or CLAUDE.md.
    package static let agentsSection = PackageResources.agents_section_md

    private static func preset(named name: String) -> (definition: [UInt8], todo: [UInt8])? {
        switch name {
        case "feature": (PackageResources.feature_wfconfig, PackageResources.feature_TODO_md)
        case "migration": (PackageResources.migration_wfconfig, PackageResources.migration_TODO_md)
        case "monitoring": (PackageResources.monitoring_wfconfig, PackageResources.monitoring_TODO_md)
        case "articles": (PackageResources.articles_wfconfig, PackageResources.articles_TODO_md)
        case "minimal": (PackageResources.minimal_wfconfig, PackageResources.minimal_TODO_md)
        default: nil
        }
    }
}
