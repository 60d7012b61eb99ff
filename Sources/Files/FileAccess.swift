package import Glibc

/// Who may read and write what is made: the umask decides, and `core.sharedRepository` widens that (`git-config(1)`).
package struct FileAccess: Hashable, Sendable {
    private enum Sharing: Hashable {
        /// As the umask has it.
        case none
        /// So many bits more.
        case added(mode_t)
        /// These bits, whatever the umask says.
        case exact(mode_t)
    }

    private let sharing: Sharing

    private init(_ sharing: Sharing) { self.sharing = sharing }

    /// For its owner alone, whatever the umask says.
    static let owner = FileAccess(.exact(0o600))

    /// What an editor would make.
    package static let ordinary = FileAccess(.none)

    /// - Parameter setting: the value of `core.sharedRepository`; `nil` where it is not set. What git refuses is as if it
    ///   were not set.
    package init(sharedRepository setting: String?) {
        switch setting?.lowercased() {
        case nil, "umask", "false", "no", "off", "0": sharing = .none
        case "group", "true", "yes", "on", "1", "": sharing = .added(0o660)
        case "all", "world", "everybody", "2": sharing = .added(0o664)
        case let setting?:
            let bits = mode_t(setting, radix: 8)
            sharing = bits.map { $0 & 0o600 == 0o600 ? .exact($0 & 0o666) : .none } ?? .none
        }
    }

    /// Whether more than the umask decides.
    package var isShared: Bool { sharing != .none }

    /// The mode of a file that was made with `mode`.
    package func widened(_ mode: mode_t) -> mode_t { widened(mode, isFolder: false) }

    /// The mode of a folder that was made with `mode`. Its group is that of what is made in it.
    package func widenedFolder(_ mode: mode_t) -> mode_t { widened(mode, isFolder: true) }

    /// Runs `body`, whose files a library makes without knowing of `core.sharedRepository`, under the umask that gives them
    /// their modes. The umask is the process': no other thread may make files meanwhile.
    package func underItsUmask<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard isShared else { return try body() }
        let old = umask(0)
        umask(old & ~widenedFolder(0o700) & 0o777)
        defer { umask(old) }
        return try body()
    }

    private func widened(_ mode: mode_t, isFolder: Bool) -> mode_t {
        var bits: mode_t
        switch sharing {
        case .none: return mode
        case .added(let more): bits = more
        case .exact(let exact): bits = exact
        }
        if mode & S_IWUSR == 0 { bits &= ~0o222 }
        if mode & S_IXUSR != 0 || isFolder { bits |= (bits & 0o444) >> 2 }
        var result = mode | bits
        if case .exact = sharing { result = mode & ~0o777 | bits }
        if isFolder, result & 0o060 != 0 { result |= S_ISGID }
        return result
    }
}
