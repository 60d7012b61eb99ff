import Glibc
import TestSupport
import Testing

@Suite("Filters of the user's: git-lfs for real, and processes that are started once")
struct FilterTests {
    /// Whether the machine has git-lfs; `.ci/run` installs it.
    static let hasLFS = (try? TestRepository().run("git", ["lfs", "version"]).status) == 0

    /// As `git lfs install` and `git lfs track '*.bin'` leave it.
    static let tracked: Transition.Change = { repo in
        for (key, value) in [
            ("clean", "git-lfs clean -- %f"), ("smudge", "git-lfs smudge -- %f"), ("process", "git-lfs filter-process"),
            ("required", "true"),
        ] { try repo.git("config", "filter.lfs.\(key)", value) }
        try repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
        try repo.write("a.bin", "large, in spirit\r\n")
        try repo.write("d/b.bin", [0x00, 0xFF, 0x0D, 0x0A])
        try repo.write("empty.bin", "")
        try repo.commit("plain", "one\n")
        try repo.write("d/new.bin", "another\n")
    }

    static let lfs: [Transition] = [
        Transition("files of git-lfs are edited, deleted, renamed and added", before: tracked).then { repo in
            try repo.write("a.bin", "edited\n")
            try repo.write("empty.bin", "no longer\n")
        }.then { repo in
            try repo.remove("d/b.bin")
            try repo.move("a.bin", to: "d/a.bin")
            try repo.write("odd \"name\n.bin", "odd\n")
            try repo.write("run.bin", "executable\n", mode: 0o755)
        }.then { repo in
            try repo.git("add", "-A")
            try repo.git("commit", "-qm", "x")
        },
        Transition("a file of git-lfs that is a pointer already", before: tracked).then { repo in
            let pointer = try repo.git("cat-file", "blob", "HEAD:a.bin")
            try repo.write("pointer.bin", pointer.stdout)
        },
        Transition("a file comes to be one of git-lfs, and no longer is", before: tracked).then { repo in
            try repo.write(".gitattributes", "*.bin filter=lfs -text\nplain filter=lfs -text\n")
            try repo.write("plain", "two\n")
        }.then { repo in
            try repo.write(".gitattributes", "\n")
        },
    ]

    /// A filter that git starts once and speaks its protocol with (gitattributes(5)): capital letters. What has FAIL in
    /// its name fails; what has ABORT in it makes the filter want no more.
    static let program = """
        use strict; use warnings; binmode STDIN; binmode STDOUT; $| = 1;
        sub read_packet { my $n = read(STDIN, my $size, 4); exit 0 unless $n; my $length = hex $size;
            return undef if $length == 0; read(STDIN, my $data, $length - 4) if $length > 4; return $data // ""; }
        sub read_list { my @list; while (defined(my $line = read_packet())) { chomp $line; push @list, $line; } @list }
        sub read_content { my $all = ""; while (defined(my $part = read_packet())) { $all .= $part; } $all }
        sub packet { my $data = shift; printf "%04x%s", length($data) + 4, $data; }
        sub flush { print "0000"; }
        read_list(); packet("git-filter-server\\n"); packet("version=2\\n"); flush();
        read_list(); packet("capability=clean\\n"); packet("capability=smudge\\n"); flush();
        while (1) {
            my %header = map { /^(.*?)=(.*)$/s ? ($1, $2) : () } read_list(); my $content = read_content();
            if ($header{pathname} =~ /FAIL/) { packet("status=error\\n"); flush(); next; }
            if ($header{pathname} =~ /ABORT/) { packet("status=abort\\n"); flush(); next; }
            $content = $header{command} eq "clean" ? uc $content : lc $content;
            packet("status=success\\n"); flush();
            while (length $content) { packet(substr($content, 0, 65516, "")); }
            flush(); flush();
        }
        """

    static func process(_ repo: TestRepository, isRequired: Bool = false) throws {
        try repo.write("../filter.pl", program)
        try repo.git("config", "filter.upper.process", "perl \(repo.folder.path)/filter.pl")
        if isRequired { try repo.git("config", "filter.upper.required", "true") }
        try repo.write(".gitattributes", "*.up filter=upper\n")
    }

    static let processes: [Transition] = [
        Transition(
            "one process for many files, some of them large",
            before: { repo in
                try process(repo)
                for number in 0..<20 { try repo.write("f\(number).up", "text \(number)\n") }
                try repo.commit("large.up", String(repeating: "many a line\n", count: 20_000))
            }
        ).then { repo in
            try repo.write("f1.up", "edited\n")
            try repo.write("new\nline \"quoted\".up", "new\n")
            try repo.write("d/-dash.up", "new\n")
            try repo.writeRaw([0xFF] + Array(".up".utf8), "latin\n")
        }.then { repo in
            try repo.write("empty.up", "")
            try repo.write("crlf.up", "a\r\n")
            try repo.write(".gitattributes", "*.up filter=upper text\n")
        },
        Transition("a process that says no to one file, which is taken as it is", before: { try process($0) })
            .then { repo in
                try repo.write("a.up", "text\n")
                try repo.write("FAIL.up", "text\n")
                try repo.write("z.up", "text\n")
            },
        Transition("a process that wants no more", before: { try process($0) }).then { repo in
            try repo.write("ABORT.up", "text\n")
        },
        Transition(
            "a command and a process; the process goes first",
            before: { repo in
                try process(repo)
                try repo.git("config", "filter.upper.clean", "rev")
            }
        ).then { try $0.write("a.up", "text\n") },
        Transition(
            "a command that is given the file's name, and one that reads nothing",
            before: { repo in
                try repo.git("config", "filter.name.clean", "echo %f")
                try repo.git("config", "filter.nothing.clean", "echo always the same")
                try repo.write(".gitattributes", "*.name filter=name\n*.not filter=nothing\n")
            }
        ).then { repo in
            for name in ["a.name", "d/it's a.name", "b.not"] { try repo.write(name, "text\n") }
        },
    ]

    @Test("git-lfs", .enabled(if: hasLFS, "git-lfs is not installed"), arguments: lfs, Transition.Pace.allCases)
    func largeFiles(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("processes", arguments: processes, Transition.Pace.allCases)
    func ofProcesses(_ transition: Transition, pace: Transition.Pace) async throws { try await transition.run(pace) }

    @Test("a file that a required process says no to is named; a tracked one stays as the index has it")
    func refused() throws {
        let repo = try TestRepository()
        try repo.commit("FAIL.up", "tracked\n")
        try Self.process(repo, isRequired: true)
        try repo.write("a.up", "text\n")
        try repo.write("FAIL.up", "edited, and refused\n")
        try repo.write("FAIL new.up", "refused\n")
        try repo.expectLeavingOut(["FAIL new.up", "FAIL.up"])
    }

    @Test("a file that its encoding does not allow is named; a tracked one stays as the index has it")
    func notInItsEncoding() throws {
        let repo = try TestRepository()
        try repo.commit("a.u", "tracked\n")
        try repo.write(".gitattributes", "*.u working-tree-encoding=UTF-16\n*.v working-tree-encoding=no-such\n")
        try repo.write("a.u", "no byte order mark\n")
        try repo.write("b.u", "neither\n")
        try repo.write("c.v", "text\n")
        try repo.write("d.txt", "text\n")
        try repo.expectLeavingOut(["a.u", "b.u", "c.v"])
    }
}
