internal import CGit
internal import Files
package import GitValues
internal import Glibc

/// A ref and what it points at.
package struct Reference: Hashable, Sendable {
    package let name: String
    package let target: ObjectID
}

extension Repository {
    /// The commit that a ref points at, symbolic refs followed; `nil` where there is no such ref.
    package func reference(_ name: String) throws -> ObjectID? {
        var oid = git_oid()
        return try Self.patiently {
            try found(git_reference_name_to_id(&oid, pointer, name), "read \(name)") ? ObjectID(oid) : nil
        }
    }

    /// All refs whose names begin with `prefix`, in the order of their names.
    package func references(under prefix: String) throws -> [Reference] {
        let names = try Self.patiently {
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
        return try names.sorted().compactMap { name in
            try reference(name).map { Reference(name: name, target: $0) }
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
