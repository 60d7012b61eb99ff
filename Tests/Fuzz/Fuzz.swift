import Fuzzing
import Glibc

/// What libFuzzer, which has the `main`, calls with each input: see `fuzz` in the Makefile. `GIT_WF_FUZZ` names the parser.
@_cdecl("LLVMFuzzerTestOneInput")
public func checkOne(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try parser.check(Array(UnsafeBufferPointer(start: base, count: count)))
    } catch {
        complain("\(parser.rawValue): \(error)")
        abort()
    }
    return 0
}

private let parser: FuzzedParser = {
    if let parser = getenv("GIT_WF_FUZZ").flatMap({ FuzzedParser(rawValue: String(cString: $0)) }) { return parser }
    complain("GIT_WF_FUZZ names what is fuzzed: \(FuzzedParser.allCases.map(\.rawValue).joined(separator: ", "))")
    exit(2)
}()

private func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
