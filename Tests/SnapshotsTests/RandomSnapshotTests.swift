import Git
import GitValues
import Glibc
import Snapshots
import TestSupport
import Testing

@Suite struct RandomSnapshotTests {
    @Test("the tree equals what git add -A would write, after any edits", arguments: testSeeds(count: 24))
    func anyEdits(seed: UInt64) throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        var edits = try RandomEdits(repo, seed: seed)
        var compared = 0
        for _ in 0..<15 {
            try edits.step(RandomEdits.Step.allCases)
            // Now and then more happens between two snapshots.
            if edits.random.below(4) == 0 { continue }
            let tree: Snapshot
            do {
                // Taken whatever git thinks of the state: a snapshot never fails.
                tree = try repo.snapshot()
            } catch {
                Issue.record("seed \(seed) after \(edits.log): \(error)")
                return
            }
            guard let expected = try? repo.oracleTree(["--sparse"]) else { continue }
            compared += 1
            if tree.tree.hex == expected { continue }
            let differences = try repo.differences(from: tree.tree)
            if differences.isEmpty { continue }
            Issue.record("seed \(seed) after \(edits.log)\n\(differences.joined(separator: "\n"))")
            return
        }
        #expect(compared >= 4, "seed \(seed): git made a tree \(compared) times only")
        try repo.expectComplete(repo.opened().reference(TestRepository.checkpointRef).map(\.hex) ?? "")
    }
}

extension TestRepository {
    /// Where a snapshot has neither what git makes nor what git makes of an index whose times it does not trust.
    ///
    /// git believes its index where the seconds are the same. So it misses an edit of the same size whose time was set
    /// back; and what it believes it does not convert anew when attributes change. Both are git's; but what the snapshot
    /// has must then be made of the bytes that are there.
    func differences(from tree: ObjectID) throws -> [String] {
        // git 2.39 can write an entry of a sparse index more than once; then it looks at one of them, and we at another.
        let entries = try git("ls-files", "--stage", "-z").stdout.split(separator: 0)
        if Set(entries).count < entries.count { return [] }
        let ours = try listing(["ls-tree", "-r", "-z", tree.hex])
        func oracle(trustsTimes: Bool) throws -> [String: String] {
            try listing(["ls-tree", "-r", "-z", scratchTree(["--sparse"], trustsTimes: trustsTimes)])
        }
        let staged = try listing(["ls-files", "--stage", "-z"]).mapValues { text in
            text.split(separator: " ").prefix(2).joined(separator: " blob ")
        }
        let believed = try oracle(trustsTimes: true)
        let read = try oracle(trustsTimes: false)
        return try Set(ours.keys).union(believed.keys).union(read.keys).sorted().compactMap { path in
            let entry = ours[path]
            if entry == read[path] { return nil }
            // Its index, too, where it reads a file again only because of the second that it was written in.
            if entry == believed[path] || entry == staged[path], let entry, let bytes = try? self.read(path),
                let id = ObjectID(hex: entry.suffix(40)),
                try canonical(opened().blob(id)) == canonical(bytes)
            {
                return nil
            }
            let (none, name) = ("nothing", path.debugDescription)
            return "\(name): \(entry ?? none), git \(believed[path] ?? none), read anew \(read[path] ?? none)"
        }
    }

    private func listing(_ arguments: [String]) throws -> [String: String] {
        let records = String(decoding: try git(arguments).stdout, as: UTF8.self).split(separator: "\0")
        return Dictionary(
            records.compactMap { record in
                guard let tab = record.firstIndex(of: "\t") else { return nil }
                return (String(record[record.index(after: tab)...]), String(record[..<tab]))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What every conversion of `RandomEdits` leaves alone.
    private func canonical(_ bytes: [UInt8]) -> [UInt8] {
        let text = bytes.filter { $0 != UInt8(ascii: "\r") }.map { (0x61...0x7A).contains($0) ? $0 - 32 : $0 }
        var result: [UInt8] = []
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let isIdent = line.starts(with: Array("$ID".utf8)) && line.last == UInt8(ascii: "$")
            result += isIdent ? Array("$ID$".utf8) : Array(line)
            result.append(UInt8(ascii: "\n"))
        }
        return result
    }
}
