extension TestRepository {
    /// The commit that joins two tips of a leader's lane, made by git alone.
    ///
    /// - Returns: its id, 40 digits. No ref leads to it.
    package func joinByGit(_ one: String, _ other: String, workflow: String) throws -> String {
        let tips = try [one, other].map { try git("log", "-1", "--format=%ct %H %cd %T", "--date=raw", $0).text }
        guard let newer = tips.max(by: { Self.order($0) < Self.order($1) })?.split(separator: " "), newer.count == 5
        else {
            throw TestFailure("cannot read \(one) and \(other)")
        }
        let parents = tips.map { String($0.split(separator: " ")[1]) }.sorted()
        let message =
            "Lanes joined: \(parents.map { String($0.prefix(7)) }.joined(separator: " and "))\n\n"
            + "Wf-Version: 1\nWf-Workflow: \(workflow)\nWf-Lane: leader\nWf-Kind: lanes-joined\nWf-Actor: leader\n"
            + parents.map { "Wf-Joins: \($0)\n" }.joined()
        let date = "\(newer[2]) \(newer[3])"
        let identity = [
            "GIT_AUTHOR_NAME": "git-wf", "GIT_AUTHOR_EMAIL": "git-wf@localhost", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": "git-wf", "GIT_COMMITTER_EMAIL": "git-wf@localhost", "GIT_COMMITTER_DATE": date,
        ]
        return try git(
            ["commit-tree", String(newer[4])] + parents.flatMap { ["-p", $0] }, stdin: Array(message.utf8),
            environment: identity
        ).text
    }

    private static func order(_ line: String) -> (Int64, String) {
        let words = line.split(separator: " ")
        return (Int64(words[0]) ?? 0, String(words[1]))
    }
}
