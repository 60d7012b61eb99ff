import SystemPackage
import TestSupport
import Testing

struct FsckTests {
    @Test("fsck finds lanes whole, agents' and automatic ones among them")
    func whole() throws {
        let repo = try TestRepository.begun(hooks: true)
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try repo.git("commit", "-q", "--allow-empty", "-m", "x")
        let answer = try repo.json("fsck")
        let segment = try repo.segment()
        #expect(
            try answer["lanes"]?.texts("ref")
                == ["refs/wf/demo/agents/one", segment, agent.segment(of: "one"), "refs/wf/demo/leader"])
        #expect(answer["lanes"]?.list.allSatisfy { $0["ok"]?.flag == true } == true)
        #expect(answer["problems"]?.list == [])
    }

    @Test("fsck names a missing object, a commit that is no checkpoint, and a ref at no place of ours")
    func broken() throws {
        let repo = try TestRepository.begun()
        try repo.write("only.txt", "only in a checkpoint\n")
        try repo.done("checkpoint", "one")
        let blob = try repo.id("\(repo.lane):only.txt")
        try repo.remove("only.txt")
        try repo.done("checkpoint", "two")
        try repo.run(
            "sh",
            [
                "-ec",
                "mv .git/objects/pack ../packs; for pack in ../packs/*.pack; do git unpack-objects -q <$pack; done",
            ])
        try repo.remove(".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
        try repo.git("update-ref", repo.segment("0009"), "HEAD")
        try repo.git("update-ref", "refs/wf/elsewhere", "HEAD")
        let output = try repo.wf("fsck", "--json")
        #expect(output.status == 1)
        let problems = try JSONValue(output)["problems"]?.texts("problem") ?? []
        for words in ["objects of its tree are missing", "is no checkpoint", "at no place of ours"] {
            #expect(problems.contains { $0.contains(words) }, "\(words) in \(problems)")
        }
    }

    @Test("fsck reports a checkpoint that the machine does not allow")
    func forged() throws {
        let repo = try TestRepository.begun()
        let tip = try repo.id(repo.lane)
        let message = "Forged\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Kind: phase-completed\nWf-Phase: deploying\n"
        let forged = try repo.git("commit-tree", "HEAD^{tree}", "-p", tip, "-m", message).text
        try repo.git("update-ref", repo.lane, forged)
        let output = try repo.wf("fsck")
        #expect(output.status == 1)
        #expect(output.text.contains("not allowed, and without effect"))
    }
}
