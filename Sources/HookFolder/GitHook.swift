/// The hooks of git's that are installed, in the order in which they are listed.
package enum GitHook: String, CaseIterable, Sendable {
    case postCommit = "post-commit"
    case postMerge = "post-merge"
    case postCheckout = "post-checkout"
    case postRewrite = "post-rewrite"
    case preRebase = "pre-rebase"
}
