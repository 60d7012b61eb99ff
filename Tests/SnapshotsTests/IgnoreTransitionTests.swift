import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What comes to be ignored, or no longer is, after a snapshot")
struct IgnoreTransitionTests {
    /// As `Transition.standard`, with `target/`, which is full and ignored by nothing yet.
    static let full: Transition.Change = { repo in
        try Transition.standard(repo)
        for name in ["target/one", "target/deep/two", "d/target/three", "a.log", "n/b.log"] {
            try repo.write(name, name + "\n")
        }
    }

    static let rules: [Transition] = [
        Transition("the .gitignore at the top gets a rule, and loses it", before: full).then {
            try $0.write(".gitignore", "*.o\n/build/\n*.log\ntarget/\n")
        }.then {
            try $0.write(".gitignore", "*.o\n/build/\n")
        },
        Transition("the .gitignore at the top loses its rules, and gets them back").then {
            try $0.write(".gitignore", "")
        }.then {
            try $0.write(".gitignore", "*.o\n/build/\n")
        },
        Transition("the .gitignore at the top goes, and comes back").then {
            try $0.remove(".gitignore")
        }.then {
            try $0.write(".gitignore", "*.o\n/build/\n")
        },
        Transition("a .gitignore is edited to the same size and its time set back").then { repo in
            try repo.settingBack(".gitignore", ".") { try repo.write(".gitignore", "*.p\n/builds\n") }
        }.then { repo in
            try repo.settingBack(".gitignore", ".") { try repo.replace(".gitignore", "*.o\n/build/\n") }
        },
        Transition("a negation comes, and goes").then {
            try $0.write(".gitignore", "*.o\n!x.o\n/build/*\n!/build/deep\n")
        }.then {
            try $0.write(".gitignore", "*.o\n/build/\n!build/deep/out\n")
        },
        Transition("everything is ignored, and nothing").then {
            try $0.write(".gitignore", "*\n")
        }.then {
            try $0.write(".gitignore", "\n")
        },
        Transition("a nested .gitignore comes, changes and goes", before: full).then { repo in
            try repo.write("d/.gitignore", "!*.o\ntarget/\n")
            try repo.write("n/.gitignore", "*\n")
        }.then { repo in
            try repo.write("d/.gitignore", "three\n")
            try repo.write("n/.gitignore", "m/\n")
        }.then { repo in
            try repo.remove("d/.gitignore")
            try repo.remove("n/.gitignore")
        },
        Transition("nested .gitignore files below one another", before: full).then { repo in
            try repo.write("target/.gitignore", "*\n")
            try repo.write("target/deep/.gitignore", "!two\n")
        }.then { repo in
            try repo.write("target/.gitignore", "*\n!deep\n")
        },
        Transition("a .gitignore that ignores itself").then { repo in
            try repo.write("n/.gitignore", ".gitignore\nv\n")
        }.then { repo in
            try repo.write("n/.gitignore", ".gitignore\n")
        },
        Transition("a .gitignore becomes a symlink, which git does not follow, and a directory").then { repo in
            try repo.move(".gitignore", to: "rules")
            try repo.link(".gitignore", to: "rules")
        }.then { repo in
            try repo.remove(".gitignore")
            try repo.write(".gitignore/x", "x\n")
        }.then { repo in
            try repo.remove(".gitignore")
            try repo.move("rules", to: ".gitignore")
        },
        Transition("a .gitignore in what is ignored, and what is ignored no longer").then { repo in
            try repo.write("build/.gitignore", "!out\n")
            try repo.write("build/kept", "kept\n")
        }.then { repo in
            try repo.write(".gitignore", "*.o\n")
        },
    ]

    static let otherFiles: [Transition] = [
        Transition("info/exclude gets a rule, another, and loses them", before: full).then {
            try $0.write(".git/info/exclude", "*.log\n")
        }.then {
            try $0.write(".git/info/exclude", "target\n")
        }.then {
            try $0.remove(".git/info/exclude")
        },
        Transition("info/exclude is edited to the same size and its time set back", before: full).then {
            try $0.write(".git/info/exclude", "*.log\n")
        }.then { repo in
            try repo.settingBack(".git/info/exclude") { try repo.write(".git/info/exclude", "*.lag\n") }
        },
        Transition("core.excludesFile is set, edited, and unset", before: full).then { repo in
            try repo.write("../excludes", "*.log\n")
            try repo.git("config", "core.excludesFile", "\(repo.folder.path)/excludes")
        }.then { repo in
            try repo.write("../excludes", "target/\n")
        }.then { repo in
            try repo.settingBack("../excludes") { try repo.write("../excludes", "tarpit/\n") }
        }.then { repo in
            try repo.git("config", "--unset", "core.excludesFile")
        },
        Transition("core.excludesFile is another file, and then one that is not there", before: full).then { repo in
            try repo.write("../one", "*.log\n")
            try repo.write("../two", "target/\n")
            try repo.git("config", "core.excludesFile", "\(repo.folder.path)/one")
        }.then { repo in
            try repo.git("config", "core.excludesFile", "\(repo.folder.path)/two")
        }.then { repo in
            try repo.git("config", "core.excludesFile", "\(repo.folder.path)/none")
        },
        Transition("core.excludesFile is a tracked file, by a path in the worktree", before: full).then { repo in
            try repo.write("a", "*.log\n")
            try repo.git("config", "core.excludesFile", repo.file("a").string)
        }.then { repo in
            try repo.write("a", "one\n")
        },
        Transition("a configuration that another includes names core.excludesFile", before: full).then { repo in
            try repo.write("../excludes", "*.log\n")
            try repo.git("config", "include.path", "../../included")
            try repo.write("../included", "[core]\n\texcludesFile = \(repo.folder.path)/excludes\n")
        }.then { repo in
            try repo.write("../included", "")
        },
        Transition("core.ignoreCase is switched on, and off", before: full).then { repo in
            try repo.write(".gitignore", "*.LOG\n/TARGET/\n")
        }.then { repo in
            try repo.git("config", "core.ignoreCase", "true")
        }.then { repo in
            try repo.git("config", "core.ignoreCase", "false")
        },
    ]

    static let files: [Transition] = [
        Transition("files move out of what is ignored, and into it").then { repo in
            try repo.move("d/x.o", to: "d/x.c")
            try repo.move("build/deep", to: "n/deep")
            try repo.move("u", to: "u.o")
            try repo.move("n/m", to: "build/m")
        }.then { repo in
            try repo.move("d/x.c", to: "d/x.o")
            try repo.move("n/deep", to: "build/deep")
            try repo.move("u.o", to: "u")
            try repo.move("build/m", to: "n/m")
        },
        Transition("a directory is renamed to what is ignored, and from it").then { repo in
            try repo.move("n", to: "between")
            try repo.move("build", to: "n")
            try repo.move("between", to: "build")
        },
        Transition("an ignored directory becomes a file, and a symlink").then { repo in
            try repo.write(".gitignore", "/build/\n")
            try repo.remove("build")
            try repo.write("build", "a file is not a directory\n")
        }.then { repo in
            try repo.remove("build")
            try repo.link("build", to: "n")
        },
        Transition("ignored files are tracked by force, change, and are tracked no longer").then { repo in
            try repo.git("add", "-f", "d/x.o", "build/deep/out")
        }.then { repo in
            try repo.write("d/x.o", "changed\n")
            try repo.write("build/deep/out", "changed\n")
            try repo.write("build/deep/other", "ignored\n")
        }.then { repo in
            try repo.git("rm", "-rqf", "--cached", "d/x.o", "build")
        },
        Transition("tracked files come to be ignored, are edited, and tracked no longer").then { repo in
            try repo.write(".gitignore", "a\nd/\n")
            try repo.write("d/new", "ignored\n")
        }.then { repo in
            try repo.write("a", "edited, though ignored\n")
            try repo.write("d/e/f", "edited, though ignored\n")
        }.then { repo in
            try repo.git("rm", "-rq", "--cached", "a", "d")
        }.then { repo in
            try repo.write(".gitignore", "\n")
        },
        Transition("an ignored file is deleted, and another one of its name is not ignored").then { repo in
            try repo.remove("d/x.o")
            try repo.write("d/x.o/y", "in a directory, ignored too\n")
        }.then { repo in
            try repo.write(".gitignore", "/build/\n")
        },
        Transition("a file is made, ignored, and un-ignored, with a snapshot after each").then { repo in
            try repo.write("later", "1\n")
        }.then { repo in
            try repo.write(".gitignore", "later\n")
        }.then { repo in
            try repo.write("later", "2\n")
        }.then { repo in
            try repo.write(".gitignore", "\n")
        },
    ]

    @Test(".gitignore files", arguments: rules, Transition.Pace.allCases)
    func ofRules(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("other files of rules", arguments: otherFiles, Transition.Pace.allCases)
    func ofOtherFiles(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("files that rules are about", arguments: files, Transition.Pace.allCases)
    func ofFiles(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }
}
