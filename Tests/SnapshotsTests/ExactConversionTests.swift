import Glibc
import TestSupport
import Testing

@Suite struct ExactConversionTests {
    static let conversions: [SnapshotCase] = [
        SnapshotCase("core.autocrlf") { repo in
            try repo.write("crlf-in-index", "a\r\nb\r\n")
            try repo.commit("lf", "a\nb\n")
            try repo.git("config", "core.autocrlf", "true")
            try repo.write("crlf-in-index", "a\r\nb\r\nc\r\n")
            try repo.write("lf", "a\r\nb\r\nc\r\n")
            try repo.write("new", "a\r\nb\r\n")
            try repo.write("mixed", "a\r\nb\n")
            try repo.write("binary", "a\r\nb\u{0}\r\n")
        },
        SnapshotCase("core.autocrlf=input and core.eol") { repo in
            try repo.git("config", "core.autocrlf", "input")
            try repo.git("config", "core.eol", "crlf")
            try repo.write(".gitattributes", "*.t text\n*.a text=auto\n*.b -text\n*.c eol=crlf\n*.d eol=lf\n")
            for end in "tabcde" { try repo.write("x.\(end)", "a\r\nb\r\n") }
        },
        SnapshotCase("core.safecrlf=true and mixed line ends") { repo in
            try repo.git("config", "core.safecrlf", "warn")
            try repo.git("config", "core.autocrlf", "true")
            try repo.write("mixed", "a\r\nb\nc\r\n")
        },
        SnapshotCase("ident") { repo in
            try repo.write(".gitattributes", "*.c ident\n")
            try repo.write("a.c", "$Id: 0123456789 $\n$Id$\n$Id: foreign stuff here $\n")
        },
        SnapshotCase("attributes in a nested file, in info and in a macro") { repo in
            try repo.write(".git/info/attributes", "*.i text\n")
            try repo.write(".gitattributes", "[attr]both text ident\n*.m both\n*.b binary\n")
            try repo.write("sub/.gitattributes", "* text\n")
            for name in ["a.i", "a.m", "a.b", "sub/a", "a"] { try repo.write(name, "$Id: x $\r\nb\r\n") }
        },
        SnapshotCase("attributes that changed after a snapshot") { repo in
            try repo.write("tracked", "a\r\nb\r\n")
            try repo.commit("other", "a\r\nb\r\n")
            try repo.write("other", "a\r\nb\r\nc\r\n")
            try repo.write("untracked", "a\r\nb\r\n")
            try repo.write("d/untracked", "a\r\nb\r\n")
            try repo.snapshot()
            usleep(20_000)
            try repo.snapshot()
            try repo.write(".gitattributes", "* text\n")
        },
        SnapshotCase("a configuration of line ends that changed after a snapshot") { repo in
            try repo.write("untracked", "a\r\nb\r\n")
            try repo.snapshot()
            usleep(20_000)
            try repo.snapshot()
            try repo.git("config", "core.autocrlf", "true")
        },
        SnapshotCase("an external filter") { repo in
            try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
            try repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
            try repo.write(".gitattributes", "*.up filter=upper\n*.un filter=unknown\n")
            for name in ["a.up", "d/b.up", "\"q\\uote.up", "new\nline.up", "cr\r.up", "-x.up", "a.un"] {
                try repo.write(name, "some text\n")
            }
            try repo.writeRaw([0xFF] + Array(".up".utf8), "some text\n")
            try repo.writeRaw([0xFF, 0x0A] + Array(".up".utf8), "some text\n")
            try repo.link("link.up", to: "a.up")
        },
        SnapshotCase("a long-running filter process that is not there") { repo in
            try repo.git("config", "filter.gone.process", "no-such-program-at-all")
            try repo.write(".gitattributes", "*.g filter=gone\n")
            try repo.write("a.g", "text\n")
        },
        SnapshotCase("working-tree-encoding") { repo in
            try repo.write(
                ".gitattributes", "*.u working-tree-encoding=UTF-16LE-BOM text\n*.v working-tree-encoding=ISO-8859-1\n")
            try repo.write("a.u", [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00])
            try repo.write("a.v", [0xE9, 0x0A])
        },
        SnapshotCase("working-tree-encoding with byte order marks, in both orders and in 32 bits") { repo in
            try repo.write(
                ".gitattributes",
                "*.16 working-tree-encoding=UTF-16\n*.le working-tree-encoding=UTF-16LE-BOM\n"
                    + "*.be working-tree-encoding=UTF-16BE\n*.32 working-tree-encoding=UTF-32\n"
                    + "*.8 working-tree-encoding=UTF-8\n*.j working-tree-encoding=SHIFT-JIS text\n")
            try repo.write("big.16", [0xFE, 0xFF, 0x00, 0x61, 0x00, 0x0D, 0x00, 0x0A])
            try repo.write("little.16", [0xFF, 0xFE, 0x61, 0x00, 0x0D, 0x00, 0x0A, 0x00])
            try repo.write("a.le", [0xFF, 0xFE, 0x61, 0x00, 0x0D, 0x00, 0x0A, 0x00])
            try repo.write("a.be", [0x00, 0x61, 0x00, 0x0A])
            try repo.write("a.32", [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0, 0x0A, 0, 0, 0])
            try repo.write("a.8", "é\n")
            try repo.write("a.j", [0x83, 0x65, 0x0D, 0x0A])
            try repo.write("empty.16", "")
        },
        SnapshotCase("contents that are nearly binary") { repo in
            try repo.write(".gitattributes", "* text=auto\n")
            let strange: [(String, [UInt8])] = [
                ("escape", [0x1B]), ("backspace", [0x08]), ("delete", [0x7F]), ("form-feed", [0x0C]), ("bell", [0x07]),
                ("nul", [0x00]), ("end", [0x1A]), ("cr", [0x0D]), ("high", [0xE9]), ("tab", [0x09]),
            ]
            for (name, bytes) in strange {
                for padding in [0, 126, 127, 128, 129, 300] {
                    let line = [UInt8](repeating: 0x61, count: padding) + [0x0D, 0x0A]
                    try repo.write("\(name)-last-\(padding)", line + bytes)
                    try repo.write("\(name)-first-\(padding)", bytes + line)
                    try repo.write("\(name)-twice-\(padding)", bytes + line + bytes)
                }
            }
            try repo.write("only-end", [0x1A])
            try repo.write("mark", [0xEF, 0xBB, 0xBF, 0x61, 0x0D, 0x0A])
            try repo.write("wide", [0xFF, 0xFE, 0x61, 0x00, 0x0D, 0x00, 0x0A, 0x00])
            try repo.write("late-nul", [UInt8](repeating: 0x61, count: 9000) + [0x0D, 0x0A, 0x00])
        },
        SnapshotCase("ident in every form, with and without other conversions") { repo in
            try repo.write(".gitattributes", "* ident\n*.t ident text\n*.a ident text=auto\n")
            let forms = [
                "$Id$", "$Id:$", "$Id: $", "$Id:x$", "$Id: x $", "$Id: two words $", "$Id$Id$", "$$Id$$", "$Id: x\n$",
                "$Id: x", "$Id", "$id$", "$Id: $Id: x $ $", "a$Id: 0123 $b$Id: 4567 $c", "$Id: x\r\n $", "",
                "$Id: \u{0} $", "$Id\n", "$Id:\n$Id$\n",
            ]
            for (number, form) in forms.enumerated() {
                for end in ["", ".t", ".a"] {
                    try repo.write("bare\(number)\(end)", form)
                    try repo.write("lines\(number)\(end)", form + "\r\n" + form + "\r\n")
                }
            }
            try repo.link("link", to: "$Id: x $")
        },
        SnapshotCase("attributes by every form of pattern") { repo in
            try repo.write(
                ".gitattributes",
                "\"a b\" text\n# no\n/top text\nd/ text\nd/e/* text\n**/deep text\n*.[ch] text\n"
                    + "\\#hash text\nx text  \t\ny\ttext\r\n  z text\n\"q\\\"\" text\n[attr]m text\nw m\nv -text m\n")
            for name in [
                "a b", "top", "s/top", "d/f", "d/e/f", "d/e/g/f", "deep", "p/q/deep", "a.c", "p/a.h", "a.o",
                "not", "#hash", "x", "y", "z", "q\"", "w", "v", "p/w",
            ] { try repo.write(name, "a\r\nb\r\n") }
        },
        SnapshotCase("a negative pattern in .gitattributes, which git passes over") { repo in
            try repo.write(".gitattributes", "!not text\n*.t text\n")
            for name in ["!not", "not", "other", "a.t"] { try repo.write(name, "a\r\nb\r\n") }
        },
        SnapshotCase("a .gitattributes that is a symlink, which git does not follow") { repo in
            try repo.write("attributes", "* text\n")
            try repo.link(".gitattributes", to: "attributes")
            try repo.write("a", "a\r\n")
        },
        SnapshotCase("a .gitattributes that is deleted, but still in the index") { repo in
            try repo.write(".gitattributes", "* text\n")
            try repo.commit("a", "a\r\n")
            try repo.remove(".gitattributes")
            try repo.write("a", "a\r\nb\r\n")
            try repo.write("new", "a\r\nb\r\n")
        },
        SnapshotCase("files that are larger than core.bigFileThreshold") { repo in
            try repo.git("config", "core.bigFileThreshold", "1k")
            try repo.write(".gitattributes", "*.t text\n")
            try repo.write("a.t", String(repeating: "line\r\n", count: 1000))
            try repo.write("a.b", String(repeating: "line\r\n", count: 1000))
        },
    ]

    /// Each setting of line ends beside each attribute, each kind of content, and each that the index may have.
    static let lineEnds: [SnapshotCase] = ["true", "false", "input"].flatMap { autocrlf in
        attributes.map { attribute in
            SnapshotCase("core.autocrlf=\(autocrlf) and \(attribute)") { repo in
                let contents = [
                    "lf": "a\nb\n", "crlf": "a\r\nb\r\n", "mixed": "a\r\nb\n", "cr": "a\rb\n", "nul": "a\u{0}\r\n",
                ]
                for (name, text) in contents { try repo.write("\(name)-in-index", text) }
                try repo.commit("z", "one\n")
                try repo.write(".gitattributes", attribute.isEmpty ? "" : "* \(attribute)\n.gitattributes -text\n")
                try repo.git("config", "core.autocrlf", autocrlf)
                try repo.git("config", "filter.same.clean", "cat")
                for (name, text) in contents {
                    try repo.write("\(name)-in-index", text + "c\r\n")
                    try repo.write("\(name)-new", text)
                }
            }
        }
    }

    private static let attributes = [
        "", "text", "-text", "text=auto", "eol=crlf", "eol=lf", "text=auto eol=crlf", "text eol=lf", "-text eol=crlf",
        "crlf", "-crlf", "crlf=input", "binary", "ident", "text=auto ident", "text ident", "!text", "text=unknown",
        "filter=same", "text=auto filter=same", "working-tree-encoding=ISO-8859-1",
        "text=auto working-tree-encoding=ISO-8859-1",
    ]

    @Test("the tree equals what git add -A would write, with each setting of line ends", arguments: lineEnds)
    func ended(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with conversions", arguments: conversions)
    func converted(_ example: SnapshotCase) throws { try exact(example) }
}
