import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What happens to files after a snapshot is in the next one")
struct FileTransitionTests {
    static let edits: [Transition] = [
        Transition("files are edited").then { repo in
            for name in ["a", "d/e/f", "u", "n/m/w"] { try repo.write(name, "longer than before\n") }
        },
        Transition("files are edited to the same size").then { repo in
            for name in ["a", "u"] { try repo.write(name, "two\n") }
            try repo.write("d/e/f", "thr33\n")
        },
        Transition("files are edited to the same size, and back").then {
            for name in ["a", "u"] { try $0.write(name, "two\n") }
        }.then {
            for name in ["a", "u"] { try $0.write(name, "one\n") }
        },
        Transition("files are replaced by others of the same size").then { repo in
            for name in ["a", "u"] { try repo.replace(name, "two\n") }
        },
        Transition("files are emptied, and filled again").then { repo in
            for name in ["a", "u"] { try repo.write(name, "") }
        }.then { repo in
            for name in ["a", "u"] { try repo.write(name, "one\n") }
        },
        Transition("files grow at their end, and are cut short").then { repo in
            _ = try repo.run("sh", ["-c", "echo more >>a; echo more >>n/v"])
        }.then { repo in
            for name in ["a", "n/v"] { truncate(repo.file(name).string, 3) }
        },
        Transition("files are edited through links of theirs that are elsewhere").then { repo in
            for name in ["a", "u", "d/b"] {
                try Files.makeFolders(repo.file("../elsewhere"))
                link(repo.file(name).string, repo.file("../elsewhere/\(name.last ?? "x")").string)
            }
        }.then { repo in
            for name in ["a", "u", "b"] { try repo.write("../elsewhere/\(name)", "six\n") }
        },
        Transition("files are deleted, and made again as they were").then { repo in
            for name in ["a", "u", "d/e/f", "n/m/w", "l"] { try repo.remove(name) }
        }.then { repo in
            try repo.write("a", "one\n")
            try repo.write("u", "one\n")
            try repo.write("d/e/f", "three\n")
            try repo.write("n/m/w", "three\n")
            try repo.link("l", to: "d/b")
        },
        Transition("files are deleted and made again between two snapshots").then { repo in
            for name in ["a", "u"] {
                try repo.remove(name)
                try repo.write(name, "one\n")
            }
        },
        Transition("two files of the same size change places").then { repo in
            for (one, other) in [("a", "u"), ("d/b", "n/v")] {
                try repo.write(one, "1st\n")
                try repo.write(other, "2nd\n")
            }
        }.then { repo in
            for (one, other) in [("a", "u"), ("d/b", "n/v")] {
                try repo.move(one, to: "between")
                try repo.move(other, to: one)
                try repo.move("between", to: other)
            }
        },
        Transition("files are renamed, and renamed back").then { repo in
            try repo.move("a", to: "A")
            try repo.move("u", to: "d/e/u")
            try repo.move("d/b", to: "n/b")
        }.then { repo in
            try repo.move("A", to: "a")
            try repo.move("d/e/u", to: "u")
            try repo.move("n/b", to: "d/b")
        },
        Transition("new files, beside each kind of neighbour").then { repo in
            for place in ["", "d/", "d/e/", "n/", "n/m/", "new/", "d/new/", "n/new/deep/"] {
                try repo.write(place + "added", "new\n")
            }
        },
        Transition("nothing at all").then { _ in },
        Transition("symlinks get another target of the same length").then { repo in
            try repo.link("n/link", to: "../d/b")
        }.then { repo in
            for name in ["l", "n/link"] { try repo.remove(name) }
            try repo.link("l", to: "d/e")
            try repo.link("n/link", to: "../d/e")
        },
    ]

    static let times: [Transition] = [
        Transition("the time is set back after an edit of the same size", isByContent: true).then { repo in
            try repo.settingBack("a", "u") { for name in ["a", "u"] { try repo.write(name, "two\n") } }
        },
        Transition("the time is set back after a replacement of the same size", isByContent: true).then { repo in
            try repo.settingBack("a", "u") { for name in ["a", "u"] { try repo.replace(name, "two\n") } }
        },
        Transition(
            "old files are edited, and their times set back",
            before: { repo in
                try Transition.standard(repo)
                for name in ["a", "u", "d/b", "n/v"] { try Files.setTimes(of: repo.file(name), to: 1_000_000_000) }
                try repo.git("add", "a", "d/b")
            }, isByContent: true
        ).then { repo in
            try repo.settingBack("a", "u", "d/b", "n/v") {
                for name in ["a", "u", "d/b", "n/v"] { try repo.write(name, "six\n") }
            }
        },
        Transition("the times alone change").then { repo in
            for name in ["a", "u", "d", "n/m", "l"] {
                try Files.setTimes(of: repo.file(name), to: 1_000_000_000)
            }
        }.then { repo in
            for name in ["a", "u", "d", "n/m", "l"] {
                try Files.setTimes(of: repo.file(name), to: 4_000_000_000)
            }
        },
        Transition("nothing but the time of change is another").then { repo in
            chmod(repo.file("a").string, 0o600)
            chmod(repo.file("u").string, 0o640)
            chmod(repo.file("d").string, 0o700)
            chmod(repo.file("n").string, 0o711)
        },
        Transition("a directory is replaced by one of the same name, files and times", isByContent: true).then { repo in
            try repo.settingBack("d", "d/b", "n", "n/v") {
                for (name, file) in [("d", "b"), ("n", "v")] {
                    try repo.move(name, to: "../" + name)
                    try repo.write("\(name)/\(file)", "six\n")
                }
            }
        },
        Transition("directories with the same files change places", isByContent: true).then { repo in
            for (place, text) in [("p", "one\n"), ("q", "six\n"), ("d/p", "two\n"), ("d/q", "ten\n")] {
                try repo.write("\(place)/same", text)
                try Files.setTimes(of: repo.file("\(place)/same"), to: 1_000_000_000)
                try Files.setTimes(of: repo.file(place), to: 1_000_000_000)
            }
            try repo.git("add", "p", "q")
        }.then { repo in
            for place in ["", "d/"] {
                try repo.settingBack(place.isEmpty ? "." : place) {
                    try repo.move(place + "p", to: place + "between")
                    try repo.move(place + "q", to: place + "p")
                    try repo.move(place + "between", to: place + "q")
                }
            }
        },
        Transition("a new file, and the time of its directory is set back").then { repo in
            try repo.settingBack(".", "d", "d/e", "n", "n/m") {
                for place in ["", "d/", "d/e/", "n/", "n/m/"] { try repo.write(place + "added", "new\n") }
            }
        },
        Transition("a file less, and the time of its directory is set back").then { repo in
            try repo.settingBack(".", "d", "d/e", "n", "n/m") {
                for name in ["a", "u", "d/e/f", "d/b", "n/v", "n/m/w"] { try repo.remove(name) }
            }
        },
        Transition("a file is renamed, and the time of its directory is set back").then { repo in
            try repo.settingBack(".", "d", "n") {
                try repo.move("a", to: "a2")
                try repo.move("d/b", to: "d/b2")
                try repo.move("n/v", to: "n/v2")
            }
        },
        Transition("a file is edited in place; its directory shows nothing").then { repo in
            try repo.settingBack("d", "d/e", "n", "n/m") {
                try repo.write("d/e/f", "four, and longer\n")
                try repo.write("n/m/w", "four, and longer\n")
            }
        },
        Transition("the worktree is copied with its times, and the copy takes its place").then { repo in
            _ = try repo.run("sh", ["-c", "cp -a . ../copy && rm -rf .git * .gitignore && cp -a ../copy/. ."])
        }.then { repo in
            try repo.settingBack("a", "n") {
                try repo.write("a", "longer than before\n")
                try repo.write("n/added", "new\n")
            }
        },
    ]

    static let modes: [Transition] = [
        Transition("files are made executable, and no longer").then { repo in
            for name in ["a", "u", "n/v"] { chmod(repo.file(name).string, 0o755) }
            chmod(repo.file("run").string, 0o644)
        }.then { repo in
            for name in ["a", "u", "n/v"] { chmod(repo.file(name).string, 0o644) }
            chmod(repo.file("run").string, 0o755)
        },
        Transition("files are executable for some, but not for their owner").then { repo in
            for name in ["a", "u", "run"] { chmod(repo.file(name).string, 0o655) }
        },
        Transition("core.fileMode is switched off and on").then { repo in
            for name in ["a", "u"] { chmod(repo.file(name).string, 0o755) }
            try repo.git("config", "core.fileMode", "false")
        }.then { repo in
            try repo.git("config", "core.fileMode", "true")
        },
        Transition("a mode is staged under core.fileMode=false").then { repo in
            try repo.git("config", "core.fileMode", "false")
            try repo.git("update-index", "--chmod=+x", "a")
            try repo.git("update-index", "--chmod=-x", "run")
        },
        Transition("core.symlinks is switched off").then { repo in
            try repo.git("config", "core.symlinks", "false")
            try repo.remove("l")
            try repo.write("l", "d/e/f")
        },
    ]

    static let directories: [Transition] = [
        Transition("directories are renamed, and renamed back").then { repo in
            try repo.move("d", to: "dd")
            try repo.move("n", to: "nn")
        }.then { repo in
            try repo.move("dd", to: "d")
            try repo.move("nn", to: "n")
        },
        Transition("a directory takes the place of another").then { repo in
            try repo.write("d2/b", "another\n")
            try repo.write("d2/e/g", "another\n")
            try repo.write("n2/v", "another\n")
        }.then { repo in
            for name in ["d", "n"] {
                try repo.remove(name)
                try repo.move(name + "2", to: name)
            }
        },
        Transition("a directory moves into another, and out again").then { repo in
            try repo.move("d", to: "n/m/d")
        }.then { repo in
            try repo.move("n", to: "d/n")
        }.then { repo in
            try repo.move("d/n/m/d", to: "e")
        },
        Transition("nested directories are deleted, and come back").then { repo in
            for name in ["d", "n", "build"] { try repo.move(name, to: "../" + name) }
        }.then { repo in
            for name in ["d", "n", "build"] { try repo.move("../" + name, to: name) }
        },
        Transition("the files of directories go, the directories stay").then { repo in
            for name in ["d/b", "d/e/f", "n/v", "n/m/w"] { try repo.remove(name) }
        }.then { repo in
            try repo.write("d/e/f", "again\n")
            try repo.write("n/m/w", "again\n")
        },
        Transition("everything is deleted but what is ignored, and comes back").then { repo in
            for name in ["a", "u", "run", "l", "d/b", "d/e", "n"] { try repo.move(name, to: "../away/" + name) }
        }.then { repo in
            for name in ["a", "u", "run", "l", "d/b", "d/e", "n"] { try repo.move("../away/" + name, to: name) }
        },
        Transition("a directory becomes a symlink to where it is now, and a directory again").then { repo in
            for name in ["d", "n"] {
                try repo.move(name, to: "../" + name)
                try repo.link(name, to: "../" + name)
            }
        }.then { repo in
            for name in ["d", "n"] {
                try repo.remove(name)
                try repo.move("../" + name, to: name)
            }
        },
        Transition("a directory of a thousand files gets one more, loses one, and has one edited").then { repo in
            for number in 0..<1000 { try repo.write("many/f\(number)", "\(number)\n") }
        }.then { repo in
            try repo.write("many/f1000", "new\n")
            try repo.remove("many/f500")
            try repo.write("many/f999", "edit\n")
        },
    ]

    /// Everything in the place of everything, tracked and untracked, and back again.
    static let swaps: [Transition] = SwapKind.allCases.map { old in
        @Sendable func exchange(_ repo: TestRepository, isBack: Bool) throws {
            for new in SwapKind.allCases where new != old {
                for place in ["tracked/\(new)/x", "untracked/\(new)/x"] {
                    if repo.exists(place) { try repo.remove(place) }
                    try (isBack ? old : new).make(repo, place)
                }
            }
        }
        return Transition(
            "\(old.rawValue) becomes each other kind of thing, and comes back",
            before: { repo in
                try repo.write("a", "one\n")
                for new in SwapKind.allCases { try old.make(repo, "tracked/\(new)/x") }
                try repo.git("add", "-A")
                try repo.git("commit", "-qm", "tracked")
                for new in SwapKind.allCases { try old.make(repo, "untracked/\(new)/x") }
            }
        ).then {
            try exchange($0, isBack: false)
        }.then {
            try exchange($0, isBack: true)
        }
    }

    @Test("edits", arguments: edits, Transition.Pace.allCases)
    func edited(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("times that say nothing", arguments: times, Transition.Pace.allCases)
    func timed(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("modes", arguments: modes, Transition.Pace.allCases)
    func ofModes(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("directories", arguments: directories, Transition.Pace.allCases)
    func ofDirectories(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("one kind of thing for another", arguments: swaps, Transition.Pace.allCases)
    func swapped(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }
}

/// What can be at a path.
enum SwapKind: String, CaseIterable, Sendable {
    case nothing
    case file = "a file"
    case sameSize = "a file of the same size"
    case empty = "an empty file"
    case executable = "an executable"
    case emptyDirectory = "an empty directory"
    case directory = "a directory"
    case deepDirectory = "a directory in a directory"
    case symlink = "a symlink"
    case ignoredOnly = "a directory of ignored files"
    case repository = "a repository of its own"

    func make(_ repo: TestRepository, _ place: String) throws {
        switch self {
        case .nothing: break
        case .file: try repo.write(place, "file\n")
        case .sameSize: try repo.write(place, "five\n")
        case .empty: try repo.write(place, "")
        case .executable: try repo.write(place, "file\n", mode: 0o755)
        case .emptyDirectory: try Files.makeFolders(repo.file(place))
        case .directory: try repo.write(place + "/y", "file\n")
        case .deepDirectory: try repo.write(place + "/y/z", "file\n")
        case .symlink: try repo.link(place, to: "file\n")
        case .ignoredOnly:
            try repo.write(".git/info/exclude", "*.o\n")
            try repo.write(place + "/y.o", "file\n")
        case .repository: try repo.nestedCopy(place)
        }
    }
}
