import Git
import GitValues
import Testing
import Workflow

@Suite("A definition")
struct DefinitionTests {
    @Test("of an empty file has the article's phases and every default")
    func empty() throws {
        let definition = try define()
        #expect(definition == Definition())
        #expect(definition.phases.map(\.name.text) == ["planning", "implementing", "testing", "deploying"])
        #expect(definition.phases.map(\.then?.text) == ["implementing", "testing", "deploying", nil])
        #expect(definition.todo == "TODO.md")
        #expect(definition.checkpoint.maxFileSize == ByteSize(parsing: "10m"))
        #expect(definition.checkpoint.maxUntracked == 50_000)
        #expect(definition.checkpoint.allow == [])
        #expect(definition.checkpoint.every == nil)
        #expect(definition.merge.strategy == .merge)
        #expect(definition.commands.isEmpty)
    }

    @Test("holds all that a file says")
    func full() throws {
        let definition = try define(
            "workflow.name=feedback-api", "workflow.goal=Feedback; and suggestions", "workflow.duration=6h",
            "workflow.budget=15000", "workflow.todo=docs/TODO.md", "phase.planning.then=build",
            "phase.planning.budget=4000",
            "phase.build.then=ship.it", "phase.build.check=make test", "phase.build.onfail=planning",
            "phase.ship.it.gate=human", "checkpoint.every=30m", "checkpoint.on=commit, break ,,phase",
            "checkpoint.on=time",
            "checkpoint.maxfilesize=1g", "checkpoint.maxuntracked=200", "checkpoint.allow=fixtures/*.pem",
            "checkpoint.allow=!fixtures/live.pem", "checkpoint.commit=phase", "agents.parallel=5", "agents.timeout=90s",
            "agents.retries=0", "agents.include=.env", "agents.include=config/local, too", "agents.setup=npm ci",
            "agents.command=claude -p {prompt}", "merge.verify=make check", "merge.strategy=squash",
            "resume.budget=900",
            "resume.read=a.ts", "resume.read=b.ts")
        #expect(definition.name?.text == "feedback-api")
        #expect(definition.goal == "Feedback; and suggestions")
        #expect(definition.duration == .hours(6))
        #expect(definition.todo == "docs/TODO.md")
        #expect(definition.phases.map(\.name.text) == ["planning", "build", "ship.it"])
        #expect(definition.phases.map(\.then?.text) == ["build", "ship.it", nil])
        #expect(definition.phases[1].onFail?.text == "planning")
        #expect(definition.phases[2].gate == .human)
        #expect(definition.checkpoint.on == [.commit, .pause, .phase, .time])
        #expect(definition.checkpoint.commit == .phase)
        #expect(definition.checkpoint.maxUntracked == 200)
        #expect(definition.checkpoint.allow == ["fixtures/*.pem", "!fixtures/live.pem"])
        #expect(definition.agents.timeout.seconds == 90)
        #expect(definition.agents.retries == 0)
        #expect(definition.agents.include == [".env", "config/local, too"])
        #expect(definition.merge.strategy == .squash)
        #expect(definition.resume.read == ["a.ts", "b.ts"])
        #expect(
            definition.commands.map { "\($0.name)=\($0.value)" } == [
                "phase.build.check=make test", "merge.verify=make check", "agents.setup=npm ci",
                "agents.command=claude -p {prompt}",
            ])
    }

    @Test("without any then goes through its phases in file order")
    func fileOrder() throws {
        let definition = try define("phase.write.budget=1", "phase.edit.check=x", "phase.write.onfail=edit")
        #expect(definition.phases.map(\.name.text) == ["write", "edit"])
        #expect(definition.phases.map(\.then?.text) == ["edit", nil])
    }

    @Test("with any then ends at a phase that has none")
    func explicitOrder() throws {
        let definition = try define("phase.a.then=c", "phase.b.check=x", "phase.c.then=b")
        #expect(definition.phases.map(\.then?.text) == ["c", nil, "b"])
    }

    @Test("has the phases that are only named, behind those that have a section")
    func named() throws {
        let definition = try define("phase.plan.then=build", "phase.build.then=ship", "phase.build.onfail=rethink")
        #expect(definition.phases.map(\.name.text) == ["plan", "build", "ship", "rethink"])
        #expect(definition.phases.map(\.then?.text) == ["build", "ship", nil, nil])
        // In file order nothing leads on to what only a failure leads to.
        let ordered = try define("phase.write.check=x", "phase.edit.check=x", "phase.edit.onfail=rest")
        #expect(ordered.phases.map(\.name.text) == ["write", "edit", "rest"])
        #expect(ordered.phases.map(\.then?.text) == ["edit", nil, nil])
    }

    @Test(
        "that is wrong is refused in one sentence that names file, key, value and what is allowed",
        arguments: [
            (
                ["deploy.to=x"],
                ".wfconfig: deploy.to: there is no section \"deploy\"; the sections are workflow, phase, checkpoint, agents, "
                    + "merge, resume"
            ),
            (
                ["x=1"],
                ".wfconfig: x: there is no section \"x\"; the sections are workflow, phase, checkpoint, agents, merge, resume"
            ),
            (
                ["workflow.nmae=x"],
                ".wfconfig: workflow.nmae: there is no such key; the keys here are name, goal, duration, budget, todo"
            ),
            (
                ["phase.a.on=x"],
                ".wfconfig: phase.a.on: there is no such key; the keys here are then, onFail, gate, check, budget"
            ),
            (["phase.then=x"], ".wfconfig: phase.then: a phase needs a name, as in [phase \"testing\"]"),
            (["workflow.x.name=y"], ".wfconfig: workflow.x.name: [workflow] takes no name"),
            (
                ["include.path=/etc/passwd"],
                ".wfconfig: include.path: a definition must be whole in its own file, without include"
            ),
            (
                ["includeif.onbranch:main.path=x"],
                ".wfconfig: includeif.onbranch:main.path: a definition must be whole in its own file, without include"
            ),
            (["workflow.name=a", "workflow.name=b"], ".wfconfig: workflow.name: it is given twice; keep one"),
            (["phase.a.check=a", "phase.a.check=a"], ".wfconfig: phase.a.check: it is given twice; keep one"),
            (["workflow.goal= "], ".wfconfig: workflow.goal: it has no value"),
            (
                ["phase.a.then=b", "phase.c.check=x"],
                ".wfconfig: phase.c: nothing leads to this phase from a, which the workflow begins with; name it in a then "
                    + "or an onFail, or take it out"
            ),
            (
                ["phase.test.onfail=fix", "phase.plan.then=test", "phase.fix.then=test"],
                ".wfconfig: phase.plan: nothing leads to this phase from test, which the workflow begins with; name it in a "
                    + "then or an onFail, or take it out"
            ),
            (
                ["phase.a.then=a"],
                ".wfconfig: phase.a.then: the phases lead in a circle (a → a), so that the workflow could never complete; "
                    + "leave out one then, and go back with onFail or `git wf phase start`"
            ),
            (
                ["phase.x.then=a", "phase.a.then=b", "phase.b.then=a"],
                ".wfconfig: phase.a.then: the phases lead in a circle (a → b → a), so that the workflow could never complete; "
                    + "leave out one then, and go back with onFail or `git wf phase start`"
            ),
            (["phase.a.gate=robot"], ".wfconfig: phase.a.gate: \"robot\" is not human"),
            (
                ["phase.Planning.check=x"],
                ".wfconfig: phase.Planning.check: \"Planning\" cannot be a name: \"P\" is not allowed, only a-z, 0-9, \".\", "
                    + "\"_\" and \"-\""
            ),
            (
                ["phase.a.then=b.lock"],
                ".wfconfig: phase.a.then: \"b.lock\" cannot be a name: it must not end in \".\" or \".lock\""
            ),
            (["merge.strategy=ours"], ".wfconfig: merge.strategy: \"ours\" is not merge, squash or rebase"),
            (
                ["checkpoint.commit=always"],
                ".wfconfig: checkpoint.commit: \"always\" is not never, phase or checkpoint"
            ),
            (
                ["checkpoint.maxfilesize=ten"],
                ".wfconfig: checkpoint.maxFileSize: \"ten\" is not a size, such as 500k, 10m or 1g"
            ),
            (
                ["checkpoint.maxuntracked=few"],
                ".wfconfig: checkpoint.maxUntracked: \"few\" is not a number from 0 to 100000000"
            ),
            (
                ["checkpoint.every=0m"],
                ".wfconfig: checkpoint.every: \"0m\" is not a duration, such as 30s, 45m, 6h or 2d"
            ),
            (
                ["checkpoint.on=commit, lunch"],
                ".wfconfig: checkpoint.on: \"lunch\" is not commit, item, phase, delegate, merge, checkout, rewrite, rebase, "
                    + "time, break, tool-use, risky, compact, session-end, leader, restore or undo"
            ),
            (
                ["workflow.budget=15k"],
                ".wfconfig: workflow.budget: \"15k\" is not a number of tokens in digits, such as 2000"
            ),
            (
                ["resume.budget=-1"],
                ".wfconfig: resume.budget: \"-1\" is not a number of tokens in digits, such as 2000"
            ),
            (["agents.parallel=0"], ".wfconfig: agents.parallel: \"0\" is not a number from 1 to 1000"),
            (
                ["agents.retries=99999999999999999999"],
                ".wfconfig: agents.retries: \"99999999999999999999\" is not a number from 0 to 1000"
            ),
            (
                ["workflow.todo=../x"],
                ".wfconfig: workflow.todo: \"../x\" is not a path inside the repository, relative to its top"
            ),
            (
                ["agents.include=a/.GIT/config"],
                ".wfconfig: agents.include: \"a/.GIT/config\" is not a path inside the repository, relative to its top"
            ),
            (
                ["phase.\u{1b}[2J.check=x"],
                ".wfconfig: \"phase.\\u{1b}[2J.check\": \"\\u{1b}[2J\" cannot be a name: \"\\u{1b}\" is not allowed, only a-z, "
                    + "0-9, \".\", \"_\" and \"-\""
            ),
        ])
    func refused(lines: [String], sentence: String) {
        let entries = lines.map(entry)
        do throws(DefinitionError) {
            let definition = try Definition(entries: entries, file: ".wfconfig")
            Issue.record("accepted as \(definition)")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test("of many phases is read at once")
    func many() throws {
        let lines = (0..<20_000).map { "phase.p\($0).then=p\($0 + 1)" } + ["phase.p20000.check=x"]
        #expect(try Definition(entries: lines.map(entry), file: "f").phases.count == 20_001)
    }

    private func define(_ lines: String...) throws -> Definition {
        try Definition(entries: lines.map(entry), file: ".wfconfig")
    }

    private func entry(_ line: String) -> ConfigEntry {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return ConfigEntry(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
}
