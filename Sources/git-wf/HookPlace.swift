import Actions
import ArgumentParser
import Git
import HookFolder
import Journal
import SystemPackage

/// The hooks of the repository that the command runs in.
struct HookPlace {
    let directory: HookDirectory
    private let repository: Repository

    /// - Parameter isChanging: whether they are to be changed, which is no agent's to do.
    init(isChanging: Bool = false) throws {
        let surroundings = try Invocation.current.surroundings()
        let workspace = try Workspace(surroundings)
        if isChanging { try workspace.requireNoAgent("change the hooks") }
        repository = workspace.repository
        directory = try HookDirectory(repository, surroundings: surroundings)
    }

    func answer(json: Bool) throws {
        let states = try directory.states(binary: Invocation.current.program.path)
        let misses = HookMiss.misses(in: repository.commonDirectory)
        if json {
            struct Hook: Encodable {
                let name: String
                let state: String
                let path: String?
                let chained: String?
            }
            struct Miss: Encodable {
                let time: String
                let hook: String
                let status: Int
            }
            struct Answer: Encodable {
                let hooks: [Hook]
                let manager: String?
                let misses: [Miss]
            }
            return try JSONDocument.print(
                Answer(
                    hooks: states.map {
                        Hook(
                            name: $0.name, state: $0.state.rawValue, path: $0.path?.string, chained: $0.chained?.string)
                    },
                    manager: directory.manager?.rawValue,
                    misses: misses.map { Miss(time: $0.time, hook: $0.hook, status: $0.status) }))
        }
        var lines = Lines()
        for state in states {
            let chain = state.chained.map { "  then \($0.lastComponent?.string ?? "")" } ?? ""
            lines.add("\(state.name.padded(to: 14))  \(state.state.rawValue)\(chain)")
        }
        if let manager = directory.manager, let path = directory.path {
            lines.add("managed by \(manager.rawValue), in \(path.string.printable)")
        }
        if let obstacle = directory.obstacle { lines.add(obstacle.printable) }
        for name in try directory.switchedOff() { lines.add("hook.\(name).enabled is false") }
        for miss in misses.suffix(5) {
            lines.add("missed: \(miss.hook.printable) at \(miss.time.printable), exit \(miss.status)")
        }
        Terminal.standard.answer(lines.text)
    }
}
