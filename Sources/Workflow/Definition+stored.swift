extension Definition: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        name = try store.read()
        goal = try store.read()
        duration = try store.read()
        budget = try store.read()
        todo = try store.read()
        phases = try store.read()
        checkpoint = try store.read()
        agents = try store.read()
        merge = try store.read()
        resume = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(name)
        store.add(goal)
        store.add(duration)
        store.add(budget)
        store.add(todo)
        store.add(phases)
        store.add(checkpoint)
        store.add(agents)
        store.add(merge)
        store.add(resume)
    }
}

extension PhaseDefinition: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        name = try store.read()
        then = try store.read()
        onFail = try store.read()
        gate = try store.read()
        check = try store.read()
        budget = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(name)
        store.add(then)
        store.add(onFail)
        store.add(gate)
        store.add(check)
        store.add(budget)
    }
}

extension CheckpointSettings: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            every: try store.read(), on: try store.read(), maxFileSize: try store.read(),
            maxUntracked: try store.read(), allow: try store.read(), commit: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(every)
        store.add(on)
        store.add(maxFileSize)
        store.add(maxUntracked)
        store.add(allow)
        store.add(commit)
    }
}

extension AgentSettings: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            parallel: try store.read(), timeout: try store.read(), retries: try store.read(), include: try store.read(),
            setup: try store.read(), command: try store.read(), look: try store.read(), stall: try store.read(),
            onStall: try store.read(), grace: try store.read(), tokens: try store.read(), logSize: try store.read(),
            env: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(parallel)
        store.add(timeout)
        store.add(retries)
        store.add(include)
        store.add(setup)
        store.add(command)
        store.add(look)
        store.add(stall)
        store.add(onStall)
        store.add(grace)
        store.add(tokens)
        store.add(logSize)
        store.add(env)
    }
}

extension MergeSettings: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(verify: try store.read(), strategy: try store.read(), scope: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(verify)
        store.add(strategy)
        store.add(scope)
    }
}

extension ResumeSettings: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(budget: try store.read(), read: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(budget)
        store.add(read)
    }
}
