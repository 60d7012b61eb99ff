internal import CLinux
internal import Glibc

/// Runs what must not be left half-way: signals that would end the process (Ctrl-C, hang-up, termination) wait for its end.
///
/// The children that `body` starts get them late, too. A kill that cannot wait is what intents are for.
package func deferringSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
}
