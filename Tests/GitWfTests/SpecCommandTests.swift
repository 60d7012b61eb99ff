import SystemPackage
import TestSupport
import Testing

struct SpecCommandTests {
    private static let form = """
        # Spec: NAME

        ## Goal
        One thing.

        ## Files to Read
        - a.txt

        ## Files to Modify
        - PATH

        ## Requirements
        - It holds

        ## Constraints
        - None

        ## Deliverable
        - A report
        """

    private func write(_ name: String, _ path: String, _ repo: TestRepository, more: String = "") throws {
        let text = Self.form.replacing("NAME", with: name).replacing("PATH", with: path)
        try repo.write("specs/\(name).md", "\(text)\n\(more)")
    }

    @Test("spec new begins with the user's own template and an item, and never writes over one")
    func new() throws {
        let repo = try TestRepository.begun()
        try repo.write("specs/TEMPLATE.md", "# Spec: TITLE\n\n## Goal\n\n## House rules\n- Be kind\n")
        try repo.done("spec", "new", "one", "--item", "4", "--modify", "new.txt (new)")
        let text = try repo.text("specs/one.md")
        #expect(
            text.contains("- Be kind") && text.contains("## Files to Modify\n- new.txt (new)")
                && !text.contains("TITLE"))
        try repo.refuses(["spec", "new", "one"], status: 1, says: ["already"])
        try repo.refuses(["spec", "new", "../x"], status: 128, says: [])
        #expect(try repo.done("spec", "show", "one").text == text.dropLast())
        #expect(try repo.done("spec", "list").text.hasPrefix("one: has faults"))
    }

    @Test("spec check names each fault, circles and overlaps; what is new, or of other lines, is none")
    func check() throws {
        let repo = try TestRepository.begun()
        try write("fine", "new.txt (new)", repo)
        #expect(try repo.wf("spec", "check", "fine").status == 0)
        try write("gone", "nowhere.txt", repo)
        try write("out", "../x.txt (new)", repo)
        try write("first", "a.txt:1-10", repo, more: "\n## Depends On\n- second\n")
        try write("second", "a.txt:11-20", repo, more: "\n## Depends On\n- first\n")
        try write("glob", "n*.txt", repo)
        try repo.write("specs/empty.md", "")
        try repo.write("specs/binary.md", [0x23, 0x20, 0, 1, 2])
        try repo.write("specs/large.md", [UInt8](repeating: 0x61, count: 1 << 21))
        let answer = try repo.wf("spec", "check", "--json")
        #expect(answer.status == 1)
        let document = try JSONValue(answer)
        let faults = Dictionary(
            uniqueKeysWithValues: (document["specs"]?.list ?? []).map { spec in
                (spec["name"]?.text ?? "", (spec["errors"]?.list ?? []).compactMap(\.text))
            })
        #expect(faults["fine"] == [] && faults["glob"] == [])
        #expect(
            faults["gone"] == [
                "nowhere.txt is to be modified, and is not there; (new) behind it says that it will be made"
            ])
        #expect(faults["out"] == ["../x.txt is outside of the repository"])
        #expect(faults["first"] == ["depends on itself: first -> second -> first"])
        #expect(faults["empty"] == ["it is empty"] && faults["binary"] == ["it is no text"])
        #expect(faults["large"]?.first?.contains("large") == true)
        let overlaps = document["overlaps"]?.list ?? []
        #expect(overlaps.contains { $0["path"]?.text == "a.txt" && $0["disjoint"] == .bool(true) })
        #expect(overlaps.contains { $0["path"]?.text == "new.txt" && $0["disjoint"] == .bool(false) })
    }

    @Test("agents whose specs overlap are started only where somebody says so, and then it is on the record")
    func overlaps() throws {
        let repo = try TestRepository.begun()
        try write("one", "src/", repo)
        try write("two", "src/*.ts", repo)
        try write("three", "docs/ (new)", repo, more: "\n## Depends On\n- one\n")
        try repo.done("agent", "start", "one")
        let listed = try repo.json("spec", "list")["specs"]?.texts("standing")
        #expect(listed == ["open", "waits for one", "overlaps one"])
        try repo.refuses(["agent", "start", "two"], status: 1, says: ["one", "src", "--overlap"])
        try repo.done("agent", "start", "two", "--overlap")
        #expect(
            try repo.git("log", "-1", "--format=%b", "refs/wf/demo/leader").text.contains("two and one both may change")
        )
        // Run, it waits for what it depends on, and the others may finish first.
        let run = try repo.play(["three", "one"], "report complete Done")
        #expect(run.status == 0 && run.text.contains("three: waits for one"), "\(run.text)")
    }

    @Test("an agent's brief shows every section of its spec, whatever it is called")
    func everySection() throws {
        let repo = try TestRepository.begun()
        try write("one", "new.txt (new)", repo, more: "\n## House rules\n- Be kind\n\n## Tests\n- All of them\n")
        let worktree = try repo.done("agent", "start", "one").lines[0]
        let brief = try repo.worktree(at: FilePath(worktree)).done("resume").text
        for text in ["One thing.", "It holds", "Be kind", "All of them"] { #expect(brief.contains(text), "\(brief)") }
    }
}
