/// What a user sets with `git config`, beside what a workflow's definition says. Every setting that is read is one of these, so
/// that `doctor` can tell the ones that do nothing.
package enum UserSetting: String, CaseIterable, Sendable {
    /// Untracked files that are in snapshots though they are large or look like secrets.
    case allow = "wf.allow"
    /// Whether an approval counts that is a human's only by what was said.
    case claimedApproval = "wf.claimedApproval"
    case fsync = "wf.fsync"
    /// How long segments of automatic checkpoints are kept.
    case keepAuto = "wf.keepAuto"
    /// How long the worktrees of removed agents are kept, where they had something that nobody else has.
    case keepRemoved = "wf.keepRemoved"
    case maxFileSize = "wf.maxFileSize"
    case maxUntracked = "wf.maxUntracked"
}

extension Repository {
    package func config(_ setting: UserSetting) throws -> String? { try config(setting.rawValue) }

    package func configFlag(_ setting: UserSetting) throws -> Bool? { try configFlag(setting.rawValue) }

    package func configValues(_ setting: UserSetting) throws -> [String] {
        try configValues(setting.rawValue.lowercased())
    }

    /// The `wf.*` keys that are set and that nothing reads, in the case in which git lists them.
    package func unusedSettings() throws -> [String] {
        let used = Set(UserSetting.allCases.map { $0.rawValue.lowercased() })
        let set = try configEntries(matching: "^wf\\.").map { String($0.prefix { $0 != "=" }) }
        return Set(set).subtracting(used).sorted()
    }
}
