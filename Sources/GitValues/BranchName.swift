extension String {
    /// The name of a branch as people write it.
    package var shortBranch: String { hasPrefix("refs/heads/") ? String(dropFirst("refs/heads/".count)) : self }
}

extension String? {
    /// The name of a branch as people write it, or that there is none.
    package var shownBranch: String { self?.shortBranch ?? "no branch" }
}
