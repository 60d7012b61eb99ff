internal import Files
internal import Git
internal import GitValues
internal import SystemPackage
internal import Workflow

/// Another tip of a lane or a segment than the one that its ref leads to.
struct LostTip {
    let owner: LaneOwner
    let ref: String
    /// What there was under the ref's name.
    let from: ReferenceState
    let to: ObjectID
    /// How many checkpoints it leads to that the ref does not.
    let count: Int
    /// What says that it was the tip; `nil` where there is only the checkpoint itself, which may never have been published.
    let witness: String?
    /// Whether the ref leads to a commit of somebody else's in front of the tip.
    var isBehind = false
    /// Whether the ref leads to a commit that the tip does not follow, so that something else has to hold it.
    var leavesCommit = false
}

extension LaneCheck {
    /// Looks for tips that lanes had and their refs do not lead to: a cache, a reflog and a trailer were written after the ref
    /// was moved, so each that names a later one proves that it was there. A commit that no ref leads to counts where a worktree
    /// of this repository wrote it and no fetch brought it: anybody can make one that would follow.
    mutating func findLost() throws -> [LostTip] {
        var witnesses = try namedElsewhere()
        let segments = tips.keys.compactMap { SegmentPlace(ref: $0) }.map { LanePlace($0.workflow, $0.lane) }
        let leaders = Set(tips.keys.compactMap { LanePlace(ref: $0) }.map { LanePlace($0.workflow, .leader) })
        let (unreachable, foreign, automatic) = try unreachableCheckpoints()
        let places = Set(states.keys.compactMap { LanePlace(ref: $0) }).union(segments).union(leaders)
            .union(witnesses.keys).union(unreachable.keys)
        var found: [LostTip] = []
        for place in places.union(foreign.keys).sorted() {
            witnesses[place, default: []] += try recorded(of: place)
            var search = TipSearch(place: place, tip: tips[place.ref], members: members[place.ref] ?? [])
            let proven = try longest(witnesses[place] ?? [], &search)
            let further = try longest((unreachable[place] ?? []).map { (id: $0, witness: nil) }, &search)
            for id in foreign[place] ?? [] where try search.distance(of: id, read) > 0 {
                note(
                    id.hex,
                    "no ref leads to this checkpoint, which could follow in \(place.ref); nothing shows that it was written "
                        + "here, so it is left alone")
            }
            // Whoever wrote meanwhile moved the ref; what was read is old then.
            let state = states[place.ref] ?? .missing
            guard try repository.state(ofReference: place.ref) == state else { continue }
            switch (proven, further) {
            case (.tip(let tip), _):
                found.append(tip)
                report(
                    place.ref,
                    "\(state.what(hasTip: search.tip != nil)): \(tip.witness ?? "") names "
                        + "\(tip.to.short), \(tip.count) checkpoint\(tip.count == 1 ? "" : "s") further; "
                        + "git wf fsck --repair moves it there")
            case (.unclear(let reason), _): report(place.ref, "\(reason), so it is left where it is")
            case (.none, .tip(let tip)):
                found.append(tip)
                note(
                    tip.to.hex,
                    "no ref leads to this checkpoint, which would follow in \(place.ref); git wf fsck --repair moves it there"
                )
            case (.none, .unclear(let reason)): note(place.ref, reason)
            case (.none, .none):
                if let end = detours[place.ref] {
                    found.append(LostTip(behind: end, at: place.ref, owner: LaneOwner(place.workflow, place.lane)))
                } else if search.tip == nil, places.contains(place) {
                    report(place.ref, "\(state.what(hasTip: false)), and nothing says where it was")
                }
            }
        }
        return found + (try lostSegments(automatic))
    }

    /// Segments whose refs do not lead to a checkpoint of theirs: where their reflogs know one, or one is there that nothing
    /// leads to and that was written here.
    private mutating func lostSegments(_ unreachable: [Checkpoint]) throws -> [LostTip] {
        let followed = Set(unreachable.compactMap(\.previous))
        var found: [LostTip] = []
        for (ref, state) in states.sorted(by: { $0.key < $1.key }) where tips[ref] == nil || detours[ref] != nil {
            guard SegmentPlace(ref: ref) != nil, let owner = LaneOwner(ref: ref) else { continue }
            if let end = detours[ref] {
                found.append(LostTip(behind: end, at: ref, owner: owner))
                continue
            }
            let named = try repository.reflog(of: ref).last {
                try $0.message.hasPrefix("git-wf: ") && repository.end(of: owner, at: $0.new)?.own == $0.new
            }
            let own = unreachable.filter { owner.owns($0) && !followed.contains($0.id) }
            guard let tip = named?.new ?? (own.count == 1 ? own.first?.id : nil) else { continue }
            let witness = named == nil ? nil : "the reflog"
            found.append(
                LostTip(
                    owner: owner, ref: ref, from: state, to: tip, count: 0, witness: witness, leavesCommit: true))
            report(
                ref,
                "\(witness ?? "nothing but its place") says that it was at \(tip.short); git wf fsck --repair moves it there"
            )
        }
        return found
    }

    /// Checkpoints of lanes that trailers of this repository's own checkpoints name and that no ref of ours leads to as its own.
    private mutating func namedElsewhere() throws -> [LanePlace: [(id: ObjectID, witness: String?)]] {
        let known = members.values.reduce(into: Set<ObjectID>()) { $0.formUnion($1) }
        var elsewhere: [LanePlace: [(id: ObjectID, witness: String?)]] = [:]
        for (id, trailer) in named.sorted(by: { $0.key < $1.key }) where !known.contains(id) {
            guard let checkpoint = try read(id).flatMap({ Checkpoint($0) }), let place = LanePlace(of: checkpoint)
            else {
                continue
            }
            elsewhere[place, default: []].append((id, "\(trailer.key) of \(trailer.by.short)"))
        }
        return elsewhere
    }

    /// What a lane's cache and its reflog name.
    private func recorded(of place: LanePlace) throws -> [(id: ObjectID, witness: String?)] {
        var list: [(id: ObjectID, witness: String?)] = []
        let cache = journal(of: place).cache
        let cached =
            switch place.lane {
            case .leader: cache.load(WorkflowState.self, lane: place.lane)?.tip
            case .agent: cache.load(AgentState.self, lane: place.lane)?.tip
            }
        if let cached { list.append((cached, "the cache")) }
        // What a fetch or the user moved it to is no word of ours.
        let moves = try repository.reflog(of: place.ref).filter { $0.message.hasPrefix("git-wf: ") }
        return list + moves.map { ($0.new, "the reflog") }
    }

    /// How many lines of git's own are passed on.
    private static let damageLimit = 20

    /// The checkpoints of lanes that no ref leads to and that no other one of them follows: those that were written here, and
    /// those of others; and the automatic ones that were written here. What git itself finds damaged on the way there is
    /// reported.
    private mutating func unreachableCheckpoints() throws -> (
        own: [LanePlace: [ObjectID]], foreign: [LanePlace: [ObjectID]], automatic: [Checkpoint]
    ) {
        let output = try repository.git.run(
            [
                "--git-dir=\(repository.commonDirectory)", "fsck", "--unreachable", "--no-reflogs", "--no-progress",
            ], in: repository.commonDirectory)
        // It reads every object, and says of each what is wrong with it.
        if output.status != 0 {
            let errors = String(decoding: output.errors, as: UTF8.self)
            let all = output.text.split(separator: "\n") + errors.split(separator: "\n")
            let remarks = all.filter { !$0.hasPrefix("unreachable ") && !$0.hasPrefix("notice:") }
            // What is written strangely is whole; imports and old tools made commits that git reads and frowns at.
            let isStrange = { (line: Substring) in
                ["error in commit ", "error in tag ", "warning in "].contains { line.hasPrefix($0) }
            }
            let strange = remarks.filter(isStrange)
            for line in strange.prefix(Self.damageLimit) { note("git fsck", String(line)) }
            let damage = remarks.filter { !isStrange($0) }
            for line in damage.prefix(Self.damageLimit) { report("git fsck", String(line)) }
            let rest = damage.count - Self.damageLimit
            if rest > 0 { report("git fsck", "and \(rest) more lines; git fsck shows them") }
            if damage.isEmpty, strange.isEmpty { report("git fsck", "it ended with \(output.status) and said nothing") }
        }
        var own: [LanePlace: [Checkpoint]] = [:]
        var foreign: [LanePlace: [Checkpoint]] = [:]
        var automatic: [Checkpoint] = []
        for line in output.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "unreachable", words[1] == "commit",
                let commit = try ObjectID(hex: String(words[2])).flatMap({ try read($0) }),
                let checkpoint = Checkpoint(commit)
            else { continue }
            let isOwn = try origin.isHere(checkpoint) && !origin.isFetched(checkpoint.id)
            if isOwn, checkpoint.kind == .auto { automatic.append(checkpoint) }
            guard let place = LanePlace(of: checkpoint) else { continue }
            if isOwn {
                own[place, default: []].append(checkpoint)
            } else {
                foreign[place, default: []].append(checkpoint)
            }
        }
        func newest(_ list: [Checkpoint]) -> [ObjectID] {
            let followed = Set(list.flatMap(\.followed))
            return list.map(\.id).filter { !followed.contains($0) }.sorted()
        }
        return (own.mapValues(newest), foreign.mapValues(newest), automatic)
    }

    /// The one of some checkpoints that is furthest behind a lane's tip, where all others are on the way to it.
    private mutating func longest(
        _ candidates: [(id: ObjectID, witness: String?)], _ search: inout TipSearch
    ) throws -> TipSearch.Answer {
        let ahead = try candidates.map { ($0, try search.distance(of: $0.id, read)) }.filter { $0.1 > 0 }
        guard let (best, count) = ahead.max(by: { $0.1 < $1.1 }) else { return .none }
        let chain = try search.ahead(to: best.id, read)
        let ids = Set(chain.map(\.id))
        if let other = ahead.first(where: { !ids.contains($0.0.id) }) {
            return .unclear("both \(best.id.short) and \(other.0.id.short) follow in \(search.place.ref)")
        }
        for checkpoint in chain where try !isWhole(checkpoint) {
            return .unclear(
                "\(best.id.short) follows in \(search.place.ref), but objects of \(checkpoint.id.short) are missing")
        }
        if let reason = refusal(of: best.id, newer: ids, in: search.place) {
            return .unclear("\(best.id.short) follows in \(search.place.ref), but is not allowed there: \(reason)")
        }
        return .tip(
            LostTip(
                owner: LaneOwner(search.place.workflow, search.place.lane), ref: search.place.ref,
                from: states[search.place.ref] ?? .missing, to: best.id, count: count, witness: best.witness,
                leavesCommit: search.tip == nil || detours[search.place.ref] != nil))
    }

    /// Why the machine does not allow one of the newer checkpoints of a lane; `nil` where it allows all.
    private func refusal(of tip: ObjectID, newer: Set<ObjectID>, in place: LanePlace) -> String? {
        do {
            switch (try journal(of: place).foldedFromRoot(place.lane, tip: tip).state, place.lane) {
            case (.leader(let state), .leader): return state.refusals.first { newer.contains($0.id) }?.reason
            case (.agent, .agent): return nil
            default: return "it begins as another kind of lane does"
            }
        } catch {
            return "\(error)"
        }
    }

    /// Notes the user's commits that no ref but ours leads to; those behind another one of them are not named.
    mutating func noteUsersCommits() throws {
        if commits.isEmpty { return }
        let lines = try repository.git.succeed(
            "find what only checkpoints hold",
            [
                "--git-dir=\(repository.commonDirectory)", "rev-list", "--parents", "--ignore-missing", "--stdin",
                "--not", "--exclude=\(LaneRefs.root)*", "--exclude=\(LaneRefs.remoteRoot)*",
                "--exclude=\(KeptRefs.root)*", "--glob=refs/*",
            ], in: repository.commonDirectory, variables: GitProgram.literally,
            input: Array(commits.map { "\($0)\n" }.joined().utf8)
        ).text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let behind = Set(lines.flatMap { $0.dropFirst() })
        for line in lines {
            guard let id = line.first.flatMap({ ObjectID(hex: $0) }), !behind.contains(id.hex),
                let commit = try read(id),
                Checkpoint(commit) == nil
            else { continue }
            let subject = String(decoding: commit.message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            note(id.hex, "only checkpoints hold this commit (\(subject)); git branch NAME \(id.short) gives it a name")
        }
    }
}

extension LostTip {
    /// - Parameter end: where somebody else's commit is in front of the tip.
    fileprivate init(behind end: LaneEnd, at ref: String, owner: LaneOwner) {
        self.init(
            owner: owner, ref: ref, from: .at(end.ref), to: end.own, count: 0, witness: nil, isBehind: true,
            leavesCommit: true)
    }
}

extension ReferenceState {
    /// What is wrong with a ref of that state.
    fileprivate func what(hasTip: Bool) -> String {
        switch self {
        case .missing: "this ref is missing"
        case .broken: "this ref cannot be read"
        case .at: hasTip ? "this ref was set back" : "this ref was overwritten"
        }
    }
}

/// How far checkpoints are behind the tip of a lane.
struct TipSearch {
    enum Answer {
        case none
        case tip(LostTip)
        /// Why there is something, and what it means is not clear.
        case unclear(String)
    }

    let place: LanePlace
    let tip: ObjectID?
    let members: Set<ObjectID>
    /// What was found out; 0 for what does not follow the tip.
    private var distances: [ObjectID: Int] = [:]

    init(place: LanePlace, tip: ObjectID?, members: Set<ObjectID>) {
        self.place = place
        self.tip = tip
        self.members = members
    }

    /// How many checkpoints of the lane one is behind the tip, or behind nothing where there is no tip; 0 for what does not
    /// follow it.
    mutating func distance(of id: ObjectID, _ read: (ObjectID) throws -> Commit?) throws -> Int {
        var path: [ObjectID] = []
        var next: ObjectID? = id
        var base: Int?
        while base == nil {
            guard let id = next else {
                if tip == nil { base = 0 }
                break
            }
            if id == tip {
                base = 0
            } else if let known = distances[id] {
                if known == 0 { break }
                base = known
            } else {
                guard !members.contains(id), let checkpoint = try read(id).flatMap({ Checkpoint($0) }),
                    LanePlace(of: checkpoint) == place, checkpoint.version <= Checkpoint.currentVersion
                else { break }
                if checkpoint.isJoin {
                    let ahead = try ahead(to: id, read)
                    distances[id] = ahead.count
                    if ahead.isEmpty { break }
                    base = ahead.count
                } else {
                    path.append(id)
                    next = checkpoint.previous
                }
            }
        }
        for (index, id) in path.reversed().enumerated() { distances[id] = base.map { $0 + index + 1 } ?? 0 }
        return base.map { $0 + path.count } ?? 0
    }

    /// The checkpoints that one would add to the lane, itself the first; none where one of them cannot be in it, or where it
    /// does not follow the tip.
    func ahead(to id: ObjectID, _ read: (ObjectID) throws -> Commit?) throws -> [Checkpoint] {
        var list: [Checkpoint] = []
        var seen: Set<ObjectID> = []
        var waiting = [id]
        while let id = waiting.popLast() {
            if !seen.insert(id).inserted || members.contains(id) { continue }
            guard let checkpoint = try read(id).flatMap({ Checkpoint($0) }), LanePlace(of: checkpoint) == place,
                checkpoint.version <= Checkpoint.currentVersion
            else { return [] }
            list.append(checkpoint)
            waiting += checkpoint.followed
        }
        return tip.map(seen.contains) ?? true ? list : []
    }
}
