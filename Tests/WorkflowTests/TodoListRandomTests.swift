import Testing
import Workflow

@Suite struct TodoListRandomTests {
    /// Pieces that a TODO file may be made of, the awkward ones included; joined with random line ends.
    private static let pieces = [
        "# A", "## Testing", "### B ##", "Under", "---", "===", "- [ ] one", "- [x] two", "* [X] three `x`",
        "  - [ ] four",
        "    - [ ] five", "1. [ ] six", "12) [x] seven", "   more of it", "lazy", "", "", "```", "~~~", "> - [ ] quote",
        "<!--", "-->",
        "\t- [ ] tab", "- plain", "- [ ]", "+ [ ] é [x] 🙂", "<div>", "***", "- - [ ] inner", "- [ ]\tblank",
    ]

    private func source(_ random: inout DocumentGenerator) -> [UInt8] {
        var bytes: [UInt8] = Bool.random(using: &random) ? [] : Array("\u{FEFF}".utf8)
        let ends = [["\n"], ["\r\n"], ["\n", "\r\n", "\r"]].randomElement(using: &random) ?? ["\n"]
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            bytes += (Self.pieces.randomElement(using: &random) ?? "").utf8
            if Int.random(in: 0..<30, using: &random) == 0 { bytes += [0xFF, 0x00] }
            bytes += (ends.randomElement(using: &random) ?? "\n").utf8
        }
        if Bool.random(using: &random) { bytes += "- [ ] last".utf8 }
        return bytes
    }

    @Test("ticking any box of any file changes that item and one byte")
    func ticking() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            let items = ItemLog(workflow: "demo")
            let list = items.identified(TodoList(source(&random)))
            for item in list.items {
                let edited = items.identified(TodoList(try list.settingDone(item.number, !item.done)), after: list)
                #expect(zip(list.bytes, edited.bytes).count { $0 != $1 } == 1, "seed \(seed)")
                var expected = list.items.map(\.done)
                expected[item.number - 1].toggle()
                #expect(edited.items.map(\.done) == expected, "seed \(seed)")
                for (old, new) in zip(list.items, edited.items) {
                    #expect(old.id == new.id && old.text == new.text && old.depth == new.depth, "seed \(seed)")
                    #expect(old.headings == new.headings && old.line == new.line, "seed \(seed)")
                }
                let ticked = edited.items[item.number - 1]
                #expect(
                    TodoList.changes(from: list, to: edited) == [item.done ? .reopened(ticked) : .done(ticked)],
                    "seed \(seed)")
            }
            #expect(TodoList.changes(from: list, to: list).isEmpty, "seed \(seed)")
        }
    }

    @Test("adding to any file keeps every byte and every item")
    func adding() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            let list = TodoList(source(&random))
            let section = Bool.random(using: &random) ? list.items.randomElement(using: &random)?.section : nil
            guard let result = try? list.adding("new item", section: section) else { continue }
            let added = result.count - list.bytes.count
            let start = zip(list.bytes, result).prefix { $0 == $1 }.count
            #expect(result[..<start] + result[(start + added)...] == list.bytes[...], "seed \(seed)")
            let items = TodoList(result).items
            #expect(items.filter { $0.text != "new item" }.map(\.text) == list.items.map(\.text), "seed \(seed)")
            let new = items.first { $0.text == "new item" }
            #expect(new != nil && new?.done == false, "seed \(seed)")
            if let section { #expect(new?.section == section, "seed \(seed)") }
        }
    }

    @Test("boxes that two sides changed are united, whatever the file")
    func uniting() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            let base = TodoList(source(&random))
            var (ours, theirs, both) = (base.bytes, base.bytes, base.bytes)
            for item in base.items {
                let isOurs = Bool.random(using: &random)
                let isTheirs = Bool.random(using: &random)
                if isOurs { ours = try TodoList(ours).settingDone(item.number, !item.done) }
                if isTheirs { theirs = try TodoList(theirs).settingDone(item.number, !item.done) }
                if isOurs || isTheirs { both = try TodoList(both).settingDone(item.number, !item.done) }
            }
            #expect(TodoList.uniting(base: base.bytes, ours: ours, theirs: theirs) == both, "seed \(seed)")
            #expect(TodoList.uniting(base: base.bytes, ours: theirs, theirs: ours) == both, "seed \(seed)")
            #expect(TodoList.uniting(base: base.bytes, ours: ours + [0x78], theirs: theirs) == nil, "seed \(seed)")
        }
    }
}
