import Glibc

/// SplitMix64: the same numbers for the same seed, everywhere.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// One of a list that is not empty.
    package mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: list.indices, using: &self)] }

    /// A number from 0 up to, not including, `limit`.
    package mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}

/// A number of the environment that says how long a test runs.
package func testNumber(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

/// The seeds of a random test: `GIT_WF_TEST_COUNT` of them, from `GIT_WF_TEST_SEED` on.
package func testSeeds(count: Int) -> [UInt64] {
    let first = testNumber("GIT_WF_TEST_SEED") ?? 1
    return (0..<(testNumber("GIT_WF_TEST_COUNT") ?? UInt64(count))).map { first + $0 }
}
