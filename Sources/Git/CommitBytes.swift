internal import CGit
package import GitValues
internal import Glibc

/// What a walk needs of a commit, found in the bytes that somebody lends: good only as long as those are.
package struct CommitBytes {
    package let tree: ObjectID
    /// The first parent.
    package let previous: ObjectID?
    /// The committer's.
    package let time: Timestamp
    package let message: UnsafeBufferPointer<UInt8>

    fileprivate init(
        tree: ObjectID, previous: ObjectID?, time: Timestamp, message: UnsafeBufferPointer<UInt8>
    ) {
        self.tree = tree
        self.previous = previous
        self.time = time
        self.message = message
    }

    /// - Returns: `nil` where they are not quite as git writes them.
    fileprivate init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        var lines = HeaderLines(bytes)
        guard let first = lines.next(), let tree = Self.id(first, behind: "tree ") else { return nil }
        var line = lines.next()
        var previous: ObjectID?
        while let parent = line, parent.first == UInt8(ascii: "p") {
            guard let id = Self.id(parent, behind: "parent ") else { return nil }
            previous = previous ?? id
            line = lines.next()
        }
        guard let author = line, Self.begins(author, with: "author "), let committer = lines.next(),
            Self.begins(committer, with: "committer "), let time = Self.time(committer), let start = lines.skip()
        else { return nil }
        self.tree = tree
        self.previous = previous
        self.time = time
        let text = UnsafeBufferPointer(rebasing: bytes[start...])
        // As libgit2 lends it, which ends its strings with a NUL.
        message = UnsafeBufferPointer(rebasing: text[..<(text.firstIndex(of: 0) ?? text.endIndex)])
    }

    fileprivate typealias Line = Slice<UnsafeBufferPointer<UInt8>>

    fileprivate static func begins(_ line: Line, with word: StaticString) -> Bool {
        line.starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    fileprivate static func id(_ line: Line, behind word: StaticString) -> ObjectID? {
        guard line.count == word.utf8CodeUnitCount + 2 * ObjectID.byteCount, begins(line, with: word) else {
            return nil
        }
        return ObjectID(hex: UnsafeBufferPointer(rebasing: line.dropFirst(word.utf8CodeUnitCount)))
    }

    /// The two words at the end: seconds, and the zone.
    private static func time(_ line: Line) -> Timestamp? {
        guard line.count > 16 else { return nil }
        let zone = line.suffix(6)
        var digits = zone.dropFirst(2)
        var hours = 0
        while let digit = digits.popFirst() {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            hours = hours * 10 + Int(digit - UInt8(ascii: "0"))
        }
        let minutes = hours / 100 * 60 + hours % 100
        let sign = zone[zone.startIndex + 1]
        // There is no zone beyond that.
        guard zone.first == UInt8(ascii: " "), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            hours / 100 <= 14, hours % 100 <= 59
        else { return nil }
        var seconds: Int64 = 0
        var place: Int64 = 1
        var rest = line.dropLast(6)
        while let digit = rest.popLast(), digit != UInt8(ascii: " ") {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit, place < 1_000_000_000_000_000 else { return nil }
            seconds += Int64(digit - UInt8(ascii: "0")) * place
            place *= 10
        }
        guard place > 1, rest.last == UInt8(ascii: ">") else { return nil }
        return Timestamp(seconds: seconds, offset: sign == UInt8(ascii: "-") ? -minutes : minutes)
    }

    /// The lines above the first blank one.
    fileprivate struct HeaderLines {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var start = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// - Returns: `nil` at the blank line, and where there is no line end.
        mutating func next() -> Line? {
            guard let end = end(), end > start else { return nil }
            defer { start = end + 1 }
            return bytes[start..<end]
        }

        /// - Returns: the place behind the blank line; `nil` where there is none.
        mutating func skip() -> Int? {
            while next() != nil {}
            return start < bytes.count && bytes[start] == UInt8(ascii: "\n") ? start + 1 : nil
        }

        private func end() -> Int? {
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(base).distance(to: found)
        }
    }
}

/// Reads many commits, one after the other.
package struct CommitReader: ~Copyable {
    private let odb: Handle

    package init(_ repository: Repository) throws {
        odb = try Handle("open the object database", freedBy: git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
    }

    /// Reads without comparing what is read with its id, as git itself does; a damaged file mostly fails zlib's checksum.
    package static func trusting<Result>(_ body: () throws -> Result) rethrows -> Result {
        cgit_set_strict_hash_verification(0)
        defer { cgit_set_strict_hash_verification(1) }
        return try body()
    }

    /// Lends what a walk needs of a commit.
    /// - Throws: `GitError` where the object is missing or is no commit, and what `body` throws.
    package func read<Result>(_ id: ObjectID, _ body: (CommitBytes) throws -> Result) throws -> Result {
        try withBytes(of: id) { bytes in
            if let commit = CommitBytes(bytes) { return try body(commit) }
            let commit = try Commit(id: id, bytes)
            return try commit.message.withUnsafeBufferPointer { message in
                try body(
                    CommitBytes(
                        tree: commit.tree, previous: commit.parents.first, time: commit.committer.time,
                        message: message))
            }
        }
    }

    /// Reads a commit as a whole.
    func commit(_ id: ObjectID) throws -> Commit { try withBytes(of: id) { try Commit(id: id, $0) } }

    private func withBytes<Result>(
        of id: ObjectID, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        var oid = id.oid
        let odb = odb.pointer
        let object = try Handle("read the commit \(id)", freedBy: git_odb_object_free) { handle in
            seeking(in: odb) { git_odb_read(&handle, odb, &oid) }
        }
        guard git_odb_object_type(object.pointer) == GIT_OBJECT_COMMIT else {
            throw GitError(.notFound, doing: "read the commit \(id)", reason: "the object is no commit")
        }
        let bytes = UnsafeRawBufferPointer(
            start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer))
        return try bytes.withMemoryRebound(to: UInt8.self, body)
    }
}

extension Commit {
    /// Reads a commit as git does, which asks for a tree and whole parents and is content with whatever else there is.
    /// - Throws: `GitError` with code `.invalid`.
    fileprivate init(id: ObjectID, _ bytes: UnsafeBufferPointer<UInt8>) throws {
        var lines = CommitBytes.HeaderLines(bytes)
        var parents: [ObjectID] = []
        guard let first = lines.next(), let tree = CommitBytes.id(first, behind: "tree ") else {
            throw GitError(.invalid, doing: "read the commit \(id)", reason: "it names no tree")
        }
        var line = lines.next()
        while let parent = line, CommitBytes.begins(parent, with: "parent ") {
            guard let other = CommitBytes.id(parent, behind: "parent ") else {
                throw GitError(.invalid, doing: "read the commit \(id)", reason: "one of its parents is no id")
            }
            parents.append(other)
            line = lines.next()
        }
        var (author, committer): (Signature?, Signature?)
        while let text = line {
            if author == nil, CommitBytes.begins(text, with: "author ") { author = Signature(text.dropFirst(7)) }
            if committer == nil, CommitBytes.begins(text, with: "committer ") {
                committer = Signature(text.dropFirst(10))
            }
            line = lines.next()
        }
        let rest = lines.skip().map { bytes[$0...] }
        let nobody = Signature(name: "", email: "", time: Timestamp(seconds: 0, offset: 0))
        self.init(
            id: id, tree: tree, parents: parents, author: author ?? nobody, committer: committer ?? nobody,
            // git ends a message at a NUL.
            message: rest.map { Array($0.prefix { $0 != 0 }) } ?? [])
    }
}

extension Signature {
    /// `NAME <MAIL> SECONDS ZONE`. What is missing is empty, and a time that cannot be told is 1970, as git has both.
    fileprivate init(_ line: CommitBytes.Line) {
        func text(_ bytes: CommitBytes.Line) -> String {
            var words = String(decoding: bytes, as: UTF8.self)[...]
            while words.first == " " { words.removeFirst() }
            while words.last == " " { words.removeLast() }
            return String(words)
        }
        let opening = line.firstIndex(of: UInt8(ascii: "<")) ?? line.endIndex
        let mail = line[opening...].dropFirst()
        self.init(
            name: text(line[..<opening]), email: text(mail.prefix { $0 != UInt8(ascii: ">") }),
            time: Self.time(line))
    }

    private static func time(_ line: CommitBytes.Line) -> Timestamp {
        let unknown = Timestamp(seconds: 0, offset: 0)
        guard let closing = line.lastIndex(of: UInt8(ascii: ">")) else { return unknown }
        let words = line[closing...].dropFirst().split(separator: UInt8(ascii: " "))
        // Beyond fifteen digits there is no calendar.
        guard let first = words.first, first.count <= 15,
            let seconds = Int64(String(decoding: first, as: UTF8.self)), seconds >= 0
        else { return unknown }
        guard words.count > 1, words[1].count == 5, let zone = Int(String(decoding: words[1], as: UTF8.self)),
            abs(zone) / 100 <= 14, abs(zone) % 100 <= 59
        else { return Timestamp(seconds: seconds, offset: 0) }
        return Timestamp(seconds: seconds, offset: zone / 100 * 60 + zone % 100)
    }
}
