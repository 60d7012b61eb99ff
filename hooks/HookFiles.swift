/// The files in this folder, as they are embedded in the binary.
package enum HookFiles {
    /// The script that is installed for each git hook, with `@HOOK@`, `@BINARY@` and `@CHECKSUM@` to be replaced.
    package static let gitHook = PackageResources.git_hook_sh
}
