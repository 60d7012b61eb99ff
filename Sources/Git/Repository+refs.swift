internal import CGit
internal import Files
package import GitValues
internal import Glibc
internal import SystemPackage

/// A ref and what it points at.
package struct Reference: Hashable, Sendable {
    package let name: String
    package let target: ObjectID
}

/// What there is under a ref's own name; a symbolic one is not followed.
package enum ReferenceState: Hashable, Sendable {
    case missing
    case at(ObjectID)
    /// Something that git does not read as the name of a commit, with what it is.
    case broken(String)
}

extension Repository {
    /// What is under the name of a ref that leads to a commit, always to one of its own.
    package func state(ofReference name: String) throws -> ReferenceState {
        if let loose = looseState(of: name) { return loose }
        return try reference(name).map { .at($0) } ?? .missing
    }

    /// - Returns: `nil` where the ref has no file of its own.
    private func looseState(of name: String) -> ReferenceState? {
        let file = commonDirectory.pushing(FilePath(name))
        do {
            guard let bytes = try OrdinaryFile.read(file, upTo: 4096, links: .refused) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.allSatisfy(\.isWhitespace) { return .broken("its file is empty") }
            if text.hasPrefix("ref:") {
                let target = text.dropFirst(4).split(whereSeparator: \.isWhitespace).first ?? ""
                return .broken("it is symbolic and leads to \(target)")
            }
            guard let id = text.split(whereSeparator: \.isWhitespace).first.flatMap({ ObjectID(hex: $0) }) else {
                return .broken("its file holds no id")
            }
            return .at(id)
        } catch {
            // A folder stays behind where refs were packed, and may stand where a ref of its own name is packed now.
            var status = stat()
            if lstat(file.characters, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return nil }
            return .broken("its file cannot be read: \(error.reason)")
        }
    }

    /// The refs whose names begin with `prefix`, which ends in a slash, and that lead to no commit: git passes over them.
    package func brokenReferences(under prefix: String) throws -> [(name: String, reason: String)] {
        try referenceNames(under: prefix).compactMap { name in
            switch try state(ofReference: name) {
            case .missing: nil
            case .broken(let reason): (name, reason)
            case .at(let id): try isThere(id) ? nil : (name, "it leads to \(id.short), which is missing or no commit")
            }
        }
    }

    /// The names of all refs that begin with `prefix`, which ends in a slash, whether they can be read or not, in order.
    package func referenceNames(under prefix: String) throws -> [String] {
        var names = Set(try listedNames(under: prefix))
        var folders = [prefix]
        while let folder = folders.popLast() {
            // One that cannot be listed holds nothing that anybody could read.
            for name in (try? commonDirectory.pushing(FilePath(folder)).namesInside()) ?? []
            where !names.contains(folder + name) {
                var status = stat()
                let file = commonDirectory.pushing(FilePath(folder + name))
                if lstat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    folders.append("\(folder)\(name)/")
                } else if !name.hasSuffix(".lock") {
                    names.insert(folder + name)
                }
            }
        }
        return names.sorted()
    }

    private func isThere(_ commit: ObjectID) throws -> Bool {
        do {
            return try isCommit(commit)
        } catch is GitError {
            return false
        }
    }

    /// Has a ref lead to a commit that could not be read before.
    /// - Throws: `GitError` with code `.modified` where it can be read by now, `.locked` where somebody holds its lock.
    package func mendReference(_ name: String, to target: ObjectID) throws {
        let file = commonDirectory.pushing(FilePath(name))
        let lock = FilePath(file.string + ".lock")
        let descriptor = Glibc.open(lock.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw GitError(
                errno == EEXIST ? .locked : .other(errno), doing: "move \(name)",
                reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        do {
            guard case .broken = try state(ofReference: name) else {
                throw GitError(.modified, doing: "move \(name)", reason: "it can be read by now")
            }
            let text = Array("\(target)\n".utf8)
            guard Glibc.write(descriptor, text, text.count) == text.count,
                fchmod(descriptor, access.widened(0o644)) == 0,
                !pending.isDurable || fsync(descriptor) == 0, rename(lock.string, file.string) == 0
            else { throw FileError("write \(file)") }
        } catch {
            unlink(lock.string)
            throw error
        }
        if pending.isDurable { try TemporaryFile.flush(at: file.removingLastComponent()) }
    }

    /// The commit that a ref points at, symbolic refs followed; `nil` where there is no such ref.
    /// - Throws: `GitError` with code `.damaged` where what is under the name is no ref.
    package func reference(_ name: String) throws -> ObjectID? {
        var oid = git_oid()
        return try Self.patiently {
            do {
                return try found(git_reference_name_to_id(&oid, pointer, name), "read \(name)") ? ObjectID(oid) : nil
            } catch let error as GitError {
                guard case .broken(let reason) = looseState(of: name) else { throw error }
                throw GitError(.damaged, doing: "read \(name)", reason: reason)
            }
        }
    }

    /// All refs whose names begin with `prefix` and that can be read, in the order of their names.
    package func references(under prefix: String) throws -> [Reference] {
        try listedNames(under: prefix).sorted().compactMap { name in
            do {
                return try reference(name).map { Reference(name: name, target: $0) }
            } catch let error as GitError where error.code == .damaged {
                return nil
            }
        }
    }

    private func listedNames(under prefix: String) throws -> [String] {
        try Self.patiently {
            let iterator = try Handle("list \(prefix)", freedBy: git_reference_iterator_free) {
                git_reference_iterator_glob_new(&$0, pointer, prefix + "*")
            }
            var names: [String] = []
            while true {
                var name: UnsafePointer<CChar>?
                let status = git_reference_next_name(&name, iterator.pointer)
                if status == GIT_ITEROVER.rawValue { break }
                try check(status, "list \(prefix)")
                if let name { names.append(String(cString: name)) }
            }
            return names
        }
    }

    /// Points a ref at `target`, by compare-and-swap. What this process made is visible, and kept, before the ref moves.
    /// - Parameters:
    ///   - expected: what it points at now; `nil` where it must not exist.
    ///   - reason: for the reflog, where the ref has one.
    /// - Throws: `GitError` with code `.modified`, `.exists` or `.notFound` when somebody else was faster, `.locked`
    ///   when somebody holds its lock.
    package func setReference(_ name: String, to target: ObjectID, expecting expected: ObjectID?, reason: String) throws
    {
        try pending.publish {
            var isTriedAgain = false
            try access.underItsUmask {
                try Self.patiently {
                    // It may have moved, and only the flush of its directory failed, which was gone by then: it is packed now.
                    if isTriedAgain, try reference(name) == target { return }
                    isTriedAgain = true
                    var oid = target.oid
                    if let expected {
                        var old = expected.oid
                        _ = try Handle("move \(name)", freedBy: git_reference_free) {
                            git_reference_create_matching(&$0, pointer, name, &oid, 1, &old, reason)
                        }
                    } else {
                        _ = try Handle("create \(name)", freedBy: git_reference_free) {
                            git_reference_create(&$0, pointer, name, &oid, 0, reason)
                        }
                    }
                }
            }
        }
    }

    /// Tries again for a moment where something about refs is not there, or fails in no way that libgit2 has a code for:
    /// `git pack-refs` removes directories of refs that became empty while we are in them.
    private static func patiently<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 0..<10 {
            do {
                return try body()
            } catch let error as GitError {
                switch error.code {
                case .other, .notFound: usleep(2000)
                default: throw error
                }
            }
        }
        return try body()
    }

    /// Deletes a ref that points at `expected`, after half a second at most in which somebody else holds its lock, as
    /// `git pack-refs` does.
    package func deleteReference(_ name: String, expecting expected: ObjectID) throws {
        for _ in 0..<250 {
            do {
                return try deleteNow(name, expecting: expected)
            } catch let error as GitError where error.code == .locked {
                usleep(2000)
            }
        }
        try deleteNow(name, expecting: expected)
    }

    private func deleteNow(_ name: String, expecting expected: ObjectID) throws {
        guard
            let reference = try Handle(
                ifFound: "delete \(name)", freedBy: git_reference_free, { git_reference_lookup(&$0, pointer, name) })
        else { return }
        guard let target = git_reference_target(reference.pointer), ObjectID(target) == expected else {
            throw GitError(.modified, doing: "delete \(name)", reason: "it has moved")
        }
        try access.underItsUmask { _ = try check(git_reference_delete(reference.pointer), "delete \(name)") }
    }
}
