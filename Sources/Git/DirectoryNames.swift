internal import Glibc
package import SystemPackage

extension FilePath {
    /// The names in this directory, without `.` and `..`, in no order.
    /// - Throws: `Errno`.
    package func namesInside() throws(Errno) -> [String] {
        guard let stream = opendir(string) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Errno(rawValue: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}
