import Fuzzing
import SystemPackage
import TestSupport
import Testing

/// The parsers, given their seeds and what chance makes of those: a short run of what `make fuzz` does for as long as one
/// likes. `GIT_WF_TEST_COUNT` says how many inputs each gets, `GIT_WF_TEST_SEED` where to begin.
@Suite struct FuzzingTests {
    static let seeds = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Fuzz/Seeds")

    @Test("no input crashes a parser, or is read wrongly", arguments: FuzzedParser.allCases)
    func parser(_ parser: FuzzedParser) throws {
        let folder = Self.seeds.appending(parser.rawValue)
        let seeds = try Files.names(in: folder).sorted().map { try Files.read(folder.appending($0)) }
        try #require(!seeds.isEmpty)
        for seed in seeds { try parser.check(seed) }
        for number in testSeeds(count: 1000) {
            var random = SeededGenerator(seed: number)
            let input = mutated(seeds, &random)
            do {
                try parser.check(input)
            } catch {
                Issue.record("seed \(number): \(error)\n\(String(decoding: input, as: UTF8.self).debugDescription)")
                return
            }
        }
    }

    /// A seed with pieces taken out, put in, doubled, or brought over from another one.
    private func mutated(_ seeds: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = random.pick(seeds)
        for _ in 0...random.below(6) {
            let start = random.below(bytes.count + 1)
            let end = min(bytes.count, start + random.below(20))
            switch random.below(5) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(UInt8(random.below(256)), at: start)
            case 2: bytes.insert(contentsOf: bytes[start..<end], at: random.below(bytes.count + 1))
            case 3: if start < bytes.count { bytes[start] ^= 1 << UInt8(random.below(8)) }
            default:
                let other = random.pick(seeds)
                let from = random.below(other.count + 1)
                bytes.insert(contentsOf: other[from..<min(other.count, from + 40)], at: start)
            }
        }
        return bytes
    }
}
