import Glibc
package import SystemPackage

/// The temporary folder of one test, and the environment that programs in it get. It is removed with its last owner.
package final class TestFolder: Sendable {
    /// The folder, absolute and free of symbolic links.
    package let path: FilePath
    /// The git-wf binary under test; `nil` when there is none.
    package let binary: FilePath?
    private let keeps: Bool

    /// Makes the folder with an empty `home`, a `bin` that holds git-wf, and a place for scratch files.
    package init() throws {
        path = try Files.makeTemporary()
        keeps = getenv("GIT_WF_KEEP").map { String(cString: $0) } == "1"
        binary = Self.builtBinary
        for name in ["home", "bin", "scratch"] { try Files.makeFolders(path.appending(name)) }
        if let binary, symlink(binary.string, path.appending("bin/git-wf").string) != 0 {
            throw TestFailure("cannot link \(binary): \(Errno(rawValue: errno))")
        }
    }

    deinit {
        if !keeps { Files.removeTree(path) }
    }

    /// Where the streams of programs and the copies of indexes go; outside any repository.
    package var scratch: FilePath { path.appending("scratch") }

    /// The whole environment of a program: nothing but PATH comes from the test process. The git in the folder that
    /// `GIT_WF_TEST_GIT` names is used instead of the one there.
    package var environment: [String: String] {
        let home = path.appending("home").string
        let inherited = [getenv("GIT_WF_TEST_GIT"), getenv("PATH")].compactMap { $0.map { String(cString: $0) } }
            .joined(separator: ":")
        return [
            "PATH": "\(path.appending("bin")):\(inherited)",
            "HOME": home,
            "XDG_CONFIG_HOME": "\(home)/.config",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A U Thor",
            "GIT_AUTHOR_EMAIL": "author@example.com",
            "GIT_AUTHOR_DATE": "@1771750800 +0000",
            "GIT_COMMITTER_NAME": "C O Mitter",
            "GIT_COMMITTER_EMAIL": "committer@example.com",
            "GIT_COMMITTER_DATE": "@1771750800 +0000",
            "LC_ALL": "C",
            "TZ": "UTC",
        ]
    }

    /// The binary that `GIT_WF_BINARY` names, else the one beside the program that runs the tests.
    private static var builtBinary: FilePath? {
        if let named = getenv("GIT_WF_BINARY") { return FilePath(String(cString: named)) }
        guard let real = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(real) }
        let candidate = FilePath(String(cString: real)).removingLastComponent().appending("git-wf")
        return access(candidate.string, X_OK) == 0 ? candidate : nil
    }
}
