import Glibc
import TestSupport
import Testing

@Suite("What makes the same bytes into other blobs after a snapshot is in the next one")
struct ConversionTransitionTests {
    /// Files of each kind, tracked, edited since, and untracked, with content that each conversion changes.
    static let state: Transition.Change = { repo in
        let text = "one\r\n$Id: x $\r\n"
        for name in ["clean", "edited", "d/clean", "d/edited"] { try repo.write(name, text) }
        try repo.commit("other", "other\n")
        for name in ["edited", "d/edited"] { try repo.write(name, text + "edited\r\n") }
        for name in ["untracked", "d/untracked", "new/deep/untracked", "lf"] { try repo.write(name, text + "new\r\n") }
        try repo.write("lf", "one\n$Id: x $\n")
        try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        try repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
        try repo.git("config", "filter.turned.clean", "rev")
    }

    static let files: [Transition] = [
        Transition("a .gitattributes at the top comes, changes, and goes", before: state).then {
            try $0.write(".gitattributes", "* text\n")
        }.then {
            try $0.write(".gitattributes", "* ident -text\n")
        }.then {
            try $0.remove(".gitattributes")
        },
        Transition("a .gitattributes below comes, changes, and goes", before: state).then { repo in
            try repo.write("d/.gitattributes", "* text\n")
            try repo.write("new/.gitattributes", "deep/* text\n")
        }.then { repo in
            try repo.write("d/.gitattributes", "u* text\n")
            try repo.write("new/.gitattributes", "deep/* ident\n")
        }.then { repo in
            try repo.remove("d/.gitattributes")
            try repo.remove("new/.gitattributes")
        },
        Transition("a .gitattributes is edited to the same size and its time set back", before: state).then {
            try $0.write(".gitattributes", "* ident\n")
        }.then { repo in
            try repo.settingBack(".gitattributes", ".") { try repo.write(".gitattributes", "* -text\n") }
        }.then { repo in
            try repo.settingBack(".gitattributes", ".") { try repo.replace(".gitattributes", "*  text\n") }
        },
        Transition("a .gitattributes becomes a symlink, and a directory", before: state).then { repo in
            try repo.write("attributes", "* text\n")
            try repo.link(".gitattributes", to: "attributes")
        }.then { repo in
            try repo.remove(".gitattributes")
            try repo.write(".gitattributes/x", "* text\n")
        },
        Transition("a .gitattributes that is ignored, and one that only the index has", before: state).then { repo in
            try repo.write(".gitignore", ".gitattributes\n")
            try repo.write(".gitattributes", "* text\n")
        }.then { repo in
            try repo.git("add", "-f", ".gitattributes")
            try repo.remove(".gitattributes")
        },
        Transition("info/attributes comes, changes, and goes", before: state).then {
            try $0.write(".git/info/attributes", "* text\n")
        }.then { repo in
            try repo.settingBack(".git/info/attributes") { try repo.write(".git/info/attributes", "u ident\n") }
        }.then {
            try $0.remove(".git/info/attributes")
        },
        Transition("core.attributesFile is set, edited, and unset", before: state).then { repo in
            try repo.write("../attributes", "* text\n")
            try repo.git("config", "core.attributesFile", "\(repo.folder.path)/attributes")
        }.then { repo in
            try repo.write("../attributes", "* ident\n")
        }.then { repo in
            try repo.git("config", "--unset", "core.attributesFile")
        },
        Transition("attributes are there before the files that they are about", before: state).then {
            try $0.write("later/.gitattributes", "*.txt text\n")
        }.then {
            try $0.write("later/a.txt", "one\r\n")
        }.then {
            try $0.move("later", to: "renamed")
        },
        Transition("a file moves to where other attributes are", before: state).then { repo in
            try repo.write("d/.gitattributes", "* text\n")
            try repo.move("untracked", to: "d/moved")
            try repo.move("d/untracked", to: "moved")
        },
        Transition("a macro changes", before: state).then {
            try $0.write(".gitattributes", "[attr]mine text\nu* mine\ne* mine\n")
        }.then {
            try $0.write(".gitattributes", "[attr]mine ident\nu* mine\ne* mine\n")
        },
    ]

    static let configuration: [Transition] = [
        Transition("core.autocrlf is true, input, false, and unset", before: state).then {
            try $0.git("config", "core.autocrlf", "true")
        }.then {
            try $0.git("config", "core.autocrlf", "input")
        }.then {
            try $0.git("config", "core.autocrlf", "false")
        }.then {
            try $0.git("config", "--unset", "core.autocrlf")
        },
        Transition("core.eol", before: state).then { repo in
            try repo.write(".gitattributes", "* text=auto\n")
            try repo.git("config", "core.eol", "crlf")
        }.then {
            try $0.git("config", "core.eol", "lf")
        },
        Transition("a filter is set, is another one, and is none", before: state).then {
            try $0.write(".gitattributes", "u* filter=upper\ne* filter=upper\n")
        }.then {
            try $0.git("config", "filter.upper.clean", "rev")
        }.then {
            try $0.git("config", "--remove-section", "filter.upper")
        },
        Transition("one filter for another", before: state).then {
            try $0.write(".gitattributes", "u* filter=upper\ne* filter=upper\n")
        }.then {
            try $0.write(".gitattributes", "u* filter=turned\ne* filter=turned\n")
        },
        Transition("working-tree-encoding comes, changes, and goes", before: state).then { repo in
            try repo.write("untracked", [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00])
            try repo.write(".gitattributes", "untracked working-tree-encoding=UTF-16LE-BOM\n")
        }.then {
            try $0.write(".gitattributes", "untracked working-tree-encoding=ISO-8859-1\n")
        }.then {
            try $0.remove(".gitattributes")
        },
        Transition("extensions.worktreeConfig brings another configuration", before: state).then { repo in
            try repo.git("config", "extensions.worktreeConfig", "true")
            try repo.git("config", "--worktree", "core.autocrlf", "true")
        }.then {
            try $0.git("config", "--worktree", "core.autocrlf", "false")
        },
        Transition("an included configuration changes", before: state).then { repo in
            try repo.write("../included", "")
            try repo.git("config", "include.path", "../../included")
        }.then { repo in
            try repo.write("../included", "[core]\n\tautocrlf = true\n")
        },
    ]

    @Test("attributes", arguments: files, Transition.Pace.allCases)
    func ofFiles(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("configuration", arguments: configuration, Transition.Pace.allCases)
    func configured(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }
}
