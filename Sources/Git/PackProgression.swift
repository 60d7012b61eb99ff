internal import Files
internal import Glibc
internal import SystemPackage

/// Which packs of ours a new one takes in, so that all packs stay a geometric progression: each has at least twice as many
/// objects as the next smaller one. So each object is copied a few times however many packs there were, the packs are few, and
/// git has no reason to put them together: its maintenance (2.54 and later) does that with every commit that finds them in
/// another order, and before that once there are fifty.
struct PackProgression {
    private struct Pack {
        let own: OwnPack
        let count: Int
    }

    /// How many times as many objects git wants a pack to have (`git repack --geometric=2`).
    private static let factor = 2
    /// How many packs of ours there may be in any order before the next one takes some in. A git that puts packs into that order
    /// writes a multi-pack-index; where there is none it counts them, and begins at 50.
    private static let limit = 16
    /// A pack of so many bytes is taken in only where that is cheap beside what was written since.
    private static let cheapSize = 1 << 20

    /// Ours, the one with the fewest objects first.
    private let packs: [Pack]
    /// How many objects the packs have that stay as they are.
    private let others: [Int]

    /// - Parameter names: those in the directory of packs.
    /// - Returns: `nil` while the packs may be in any order.
    init?(_ names: [String], in directory: FilePath) {
        let indexes = MultiPackIndexes(in: directory)
        let count = names.count { $0.hasPrefix(OwnPack.prefix) && $0.hasSuffix(".idx") }
        guard indexes.isAny || count >= Self.limit else { return nil }
        let kept = Set(names.filter { $0.hasSuffix(".keep") || $0.hasSuffix(".mtimes") }.map(Self.base))
        var own: [String: OwnPack] = [:]
        for pack in OwnPack.list(names, in: directory) where indexes.packs?.contains(pack.name) == false {
            own[pack.name] = pack
        }
        var packs: [Pack] = []
        var others: [Int] = []
        for name in names where name.hasSuffix(".idx") && name.hasPrefix("pack-") && !kept.contains(Self.base(name)) {
            guard let count = OwnPack.count(directory, Self.base(name)) else { continue }
            if let pack = own[Self.base(name)] {
                packs.append(Pack(own: pack, count: count))
            } else {
                others.append(count)
            }
        }
        self.packs = packs.sorted { ($0.count, $0.own.name) < ($1.count, $1.own.name) }
        self.others = others
    }

    private static func base(_ name: String) -> String { String(name.prefix { $0 != "." }) }

    /// The packs to put together with a new one.
    /// - Parameter count: how many objects that has.
    func toJoin(with count: Int) -> [OwnPack] {
        var taken = 0
        var sum = count
        // As many as the progression of ours needs.
        while taken < packs.count, packs[taken].count < Self.factor * sum {
            sum += packs[taken].count
            taken += 1
        }
        if isProgression(taken, sum) { return own(taken) }
        // More of them may make room for those that are not ours.
        var (more, total, size) = (taken, sum, 0)
        while more < packs.count {
            total += packs[more].count
            size += packs[more].own.size
            more += 1
            if size > Self.cheapSize { break }
            if isProgression(more, total) { return own(more) }
        }
        return own(taken)
    }

    private func own(_ count: Int) -> [OwnPack] { packs[..<count].map(\.own) }

    private func isProgression(_ taken: Int, _ sum: Int) -> Bool {
        let counts = (others + packs[taken...].map(\.count) + [sum]).sorted()
        return zip(counts, counts.dropFirst()).allSatisfy { $1 >= Self.factor * $0 }
    }
}
