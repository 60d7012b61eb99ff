internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Workflow

/// A parser of text that anybody may have written, with what must hold whatever it is given.
package enum FuzzedParser: String, CaseIterable, Sendable {
    /// A checkpoint's message with its trailers.
    case trailers
    /// `.wfconfig`
    case wfconfig
    /// `TODO.md`
    case todo
    /// A checkpoint document.
    case document
    /// The cached state of a lane.
    case cache
    /// A path of a tree, as somebody recorded it.
    case path
    /// An operation that was begun.
    case intent

    /// Something that did not hold.
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// Parses bytes.
    /// - Throws: `Violation`. An input that is refused is no violation.
    package func check(_ bytes: [UInt8]) throws {
        switch self {
        case .trailers: try Self.checkTrailers(bytes)
        case .wfconfig: try Self.checkDefinition(bytes)
        case .todo: try Self.checkTodo(bytes)
        case .document: try Self.checkDocument(bytes)
        case .cache: try Self.checkCache(bytes)
        case .path: try Self.checkPath(bytes)
        case .intent: try Self.checkIntent(bytes)
        }
    }

    private static func expect(_ holds: Bool, _ claim: String) throws {
        if !holds { throw Violation(description: claim) }
    }

    private static func checkTrailers(_ bytes: [UInt8]) throws {
        let message = CheckpointMessage(parsing: bytes)
        try expect(
            CheckpointMessage(parsing: message.encoded()) == message.normalised, "an encoded message is read back")
        let checkpoint = Checkpoint(
            id: .zero, tree: .zero, parents: [], time: Timestamp(seconds: 0, offset: 0), message: message)
        // Whatever the trailers say, the state machine answers.
        let started = try? WorkflowState(beginning: checkpoint, definition: Definition())
        _ = try? started?.applying(checkpoint)
        _ = try? AgentState(beginning: checkpoint)
    }

    private static func checkDefinition(_ bytes: [UInt8]) throws {
        let definition: Definition
        do {
            let entries = try Repository.configEntries(of: bytes, file: ".wfconfig")
            definition = try Definition(entries: entries, file: ".wfconfig")
        } catch {
            let sentence = "\(error)"
            try expect(!sentence.isEmpty && !sentence.contains("\n"), "a refusal is one sentence: \(sentence)")
            return
        }
        try expect(!definition.phases.isEmpty, "a definition has phases")
        for phase in definition.phases {
            // Nothing goes round in circles.
            var steps = 0
            var next = phase.then
            while let name = next, steps <= definition.phases.count {
                next = definition.phases.first { $0.name == name }?.then
                steps += 1
            }
            try expect(steps <= definition.phases.count, "the phases after \(phase.name) end")
        }
    }

    private static func checkTodo(_ bytes: [UInt8]) throws {
        let list = TodoList(bytes)
        for (index, item) in list.items.prefix(8).enumerated() {
            let changed = TodoList(try list.settingDone(item.number, !item.done))
            try expect(changed.items.count == list.items.count, "ticking keeps all items")
            for (place, (old, new)) in zip(list.items, changed.items).enumerated() {
                try expect(
                    old.text == new.text && (old.done == new.done) == (place != index), "ticking changes one item")
            }
        }
        // Where an item would be code or a comment, it is refused.
        if let added = try? list.adding("added by a test") {
            try expect(TodoList(added).items.count == list.items.count + 1, "adding adds one item")
        }
        let half = Array(bytes.prefix(bytes.count / 2))
        _ = TodoList.uniting(base: half, ours: bytes, theirs: Array(bytes.reversed()))
        let items = ItemLog(workflow: "fuzzed")
        let before = items.identified(TodoList(half))
        let after = items.identified(list, after: before)
        for list in [before, after] {
            try expect(Set(list.items.map(\.id)).count == list.items.count, "each item has an id of its own")
        }
        _ = TodoList.changes(from: before, to: after)
    }

    private static func checkDocument(_ bytes: [UInt8]) throws {
        let document = CheckpointDocument(bytes)
        let written = CheckpointDocument(document.text)
        try expect(
            written.text == document.text,
            "a document that was written is read back: \(document.text.debugDescription) became "
                + written.text.debugDescription)
    }

    private static func checkCache(_ bytes: [UInt8]) throws {
        // Behind its checksum, too, which no random bytes have.
        for file in [bytes, try StateCache.file(of: bytes)] {
            _ = StateCache.decode(WorkflowState.self, from: file)
            _ = StateCache.decode(AgentState.self, from: file)
        }
    }

    /// What may be written leads nowhere but into the worktree, by rules that are simpler than those that decided.
    private static func checkPath(_ bytes: [UInt8]) throws {
        for isSymlink in [false, true] {
            guard let accepted = try? WorktreePath(RepositoryPath(bytes: bytes), isSymlink: isSymlink) else { continue }
            try expect(accepted.path.bytes == bytes, "a path stays what it is")
            try expect(!bytes.isEmpty && !bytes.contains(0), "a path has bytes, and no NUL")
            for component in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                try expect(!component.isEmpty, "no component is empty")
                try expect(![".", ".."].contains { component.elementsEqual($0.utf8) }, "no component leads elsewhere")
                // NTFS knows no case, and no blanks and dots at the end.
                var rest = component
                while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: ".") { rest.removeLast() }
                let name = String(decoding: rest, as: UTF8.self).lowercased()
                try expect(name != ".git" && name != "git~1", "no component stands for .git")
            }
        }
    }

    private static func checkIntent(_ bytes: [UInt8]) throws {
        guard let intent = Intent(parsing: bytes) else { return }
        let again = Intent(parsing: intent.encoded)
        try expect(again?.encoded == intent.encoded, "an intent that was written is read back")
    }
}
