import GitValues
import Journal
import SystemPackage
import TestSupport
import Testing

@Suite("The lock that a killed process of ours left on a ref goes, and nobody else's")
struct RefLockTests {
    private static let target = String(repeating: "a1", count: 20)
    private static let other = String(repeating: "b2", count: 20)

    @Test(
        "of a move: what it would have written, or the beginning of that; of a deletion: nothing",
        arguments: [
            ("", target, false), ("\(target.prefix(7))", target, false), ("\(target)\n", target, false),
            ("\(other)\n", target, true), ("ref: refs/heads/main\n", target, true),
            ("", nil, false), ("\(target)\n", nil, true),
        ] as [(String, String?, Bool)])
    func leftLock(content: String, target: String?, stays: Bool) throws {
        let repo = try TestRepository()
        try repo.write(".git/refs/heads/x.lock", content)
        try RefLock(of: "refs/heads/x", in: repo.file(".git"))
            .removeIfLeft(ofMoveTo: target.flatMap { ObjectID(hex: $0) })
        #expect(repo.exists(".git/refs/heads/x.lock") == stays)
    }
}
