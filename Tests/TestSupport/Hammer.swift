import Glibc
import Synchronization
import SystemPackage

/// A thread that does one thing again and again until it is stopped.
package final class Hammer: Sendable {
    private final class State: Sendable {
        let isStopped = Atomic<Bool>(false)
        let strikes = Atomic<Int>(0)
        let body: @Sendable (Int) -> Void
        init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }

    private let state: State
    private let thread: pthread_t
    private let isJoined = Atomic<Bool>(false)
    private let isEnded = Atomic<Bool>(false)

    /// - Parameter body: gets how often it was called before.
    package init(_ body: @escaping @Sendable (Int) -> Void) throws {
        state = State(body)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let state = Unmanaged<State>.fromOpaque(argument).takeRetainedValue()
                while !state.isStopped.load(ordering: .acquiring) {
                    state.body(state.strikes.load(ordering: .relaxed))
                    state.strikes.add(1, ordering: .releasing)
                }
                return nil
            }, Unmanaged.passRetained(state).toOpaque())
        guard result == 0 else { throw TestFailure("cannot start a thread: \(Errno(rawValue: result))") }
        self.thread = thread
    }

    package var strikes: Int { state.strikes.load(ordering: .acquiring) }
    /// Whether its thread has ended.
    package var isStopped: Bool { isEnded.load(ordering: .acquiring) }

    /// Ends the thread and waits for it.
    package func stop() {
        state.isStopped.store(true, ordering: .releasing)
        if isJoined.exchange(true, ordering: .acquiringAndReleasing) { return }
        pthread_join(thread, nil)
        isEnded.store(true, ordering: .releasing)
    }

    deinit { stop() }
}
