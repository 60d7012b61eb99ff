internal import Git
internal import GitValues
internal import Glibc

extension ExternalFilters {
    /// How many files one process is asked for: what it says is held in memory until it ends.
    private static let batch = 100

    /// The bytes that blobs have in the worktree, through the user's filters, with one process for many.
    /// - Returns: in the order of `requests`; `nil` where a filter failed, or git does not know the blob: one of a snapshot
    ///   that was only taken is in no object database yet.
    func smudge(_ requests: [(blob: ObjectID, path: RepositoryPath)]) throws -> [[UInt8]?] {
        var results: [[UInt8]?] = []
        var rest = requests[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batch)
            rest = rest.dropFirst(batch.count)
            if batch.count > 1, let contents = try smudged(batch) {
                results += contents
                continue
            }
            // git ends at the first file that it cannot convert; the others are asked for one by one.
            for (blob, path) in batch {
                do {
                    results.append(try smudge(blob, at: path))
                } catch let error where error is GitError || error is SnapshotError {
                    results.append(nil)
                }
            }
        }
        return results
    }

    /// - Returns: `nil` where git did not answer for all.
    private func smudged(_ requests: ArraySlice<(blob: ObjectID, path: RepositoryPath)>) throws -> [[UInt8]]? {
        // git says how long a content is before it is filtered, and not where it ends afterwards. Each is followed by a
        // question for an object that cannot be, whose answer nobody could have written into a file.
        let name = "none-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
        var input: [UInt8] = []
        for (blob, path) in requests {
            input += Array(blob.hex.utf8) + [UInt8(ascii: " ")] + path.bytes + [0] + Array(name.utf8) + [0]
        }
        let result = try git.run(
            ["cat-file", "--batch=", "--filters", "-z"], in: top, variables: variables, input: input)
        guard result.status == 0 else { return nil }
        var contents: [[UInt8]] = []
        var rest = result.output[...]
        let end = Array("\n\(name) missing\n".utf8)
        while !rest.isEmpty {
            // An empty line, the content, a line end.
            guard rest.first == UInt8(ascii: "\n"), let stop = Self.first(end, in: rest.dropFirst()) else { return nil }
            contents.append(Array(rest[(rest.startIndex + 1)..<stop]))
            rest = rest[(stop + end.count)...]
        }
        return contents.count == requests.count ? contents : nil
    }

    /// Where `part`, which begins with a line end, is first in `bytes`.
    private static func first(_ part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var position = 0
            while buffer.count - position >= part.count,
                let found = memchr(base + position, Int32(part[0]), buffer.count - position)
            {
                position = UnsafeRawPointer(base).distance(to: found)
                guard buffer.count - position >= part.count else { return nil }
                if memcmp(base + position, part, part.count) == 0 { return bytes.startIndex + position }
                position += 1
            }
            return nil
        }
    }
}
