internal import Files
internal import Glibc
internal import SystemPackage

/// git's multi-pack-indexes in a directory of packs, as far as they say which packs they lead to (`gitformat-pack(5)`). One
/// that leads to a pack which is gone breaks `git clone`, `git push` and `git fsck`.
struct MultiPackIndexes {
    /// Whether there are any, or one is being written.
    let isAny: Bool
    /// The names, without endings, of the packs that they lead to; `nil` where one of them could not be understood, so that it
    /// may lead to any.
    let packs: Set<String>?

    init(in directory: FilePath) {
        let layers = directory.appending("multi-pack-index.d")
        let files =
            [directory.appending("multi-pack-index")].filter { access($0.string, F_OK) == 0 }
            // Layers that no chain names any more count too: it may be just being written.
            + ((try? layers.namesInside()) ?? []).filter { $0.hasSuffix(".midx") }.map { layers.appending($0) }
        isAny = !files.isEmpty || access(directory.appending("multi-pack-index.lock").string, F_OK) == 0
        packs = files.reduce(Set<String>?.some([])) { all, file in
            guard let all else { return nil }
            return Self.packs(in: file).map { all.union($0) }
        }
    }

    /// The names in the chunk `PNAM` of one index; none where it went away meanwhile.
    private static func packs(in file: FilePath) -> Set<String>? {
        let descriptor = open(file.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { return errno == ENOENT ? [] : nil }
        defer { close(descriptor) }
        func bytes(_ offset: Int, _ count: Int) -> [UInt8]? {
            // No table of names is as large as that.
            guard offset >= 0, (1...(64 << 20)).contains(count) else { return nil }
            var buffer = [UInt8](repeating: 0, count: count)
            return pread(descriptor, &buffer, count, off_t(offset)) == count ? buffer : nil
        }
        func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        guard let head = bytes(0, 12), head.starts(with: "MIDX".utf8), 1...2 ~= head[4],
            let table = bytes(12, (Int(head[6]) + 1) * 12)
        else { return nil }
        for start in stride(from: 0, to: table.count - 12, by: 12)
        where table[start..<(start + 4)].elementsEqual("PNAM".utf8) {
            let (begin, end) = (number(table[(start + 5)..<(start + 12)]), number(table[(start + 17)..<(start + 24)]))
            return bytes(begin, end - begin).map { names in
                Set(
                    names.split(separator: 0).map {
                        String(String(decoding: $0, as: UTF8.self).prefix { $0 != "." })
                    })
            }
        }
        return nil
    }
}

/// The files that the git processes of this machine have in memory. Whatever is about to write a multi-pack-index has the
/// indexes of all packs mapped that it will name.
struct FilesInUse {
    private var paths: Set<Substring> = []

    init() {
        for name in (try? FilePath("/proc").namesInside()) ?? [] where name.allSatisfy(\.isNumber) {
            let process = FilePath("/proc").appending(name)
            guard Self.text(process.appending("comm")) == "git\n", let maps = Self.text(process.appending("maps"))
            else {
                continue
            }
            for line in maps.split(separator: "\n") {
                if let slash = line.firstIndex(of: "/") { paths.insert(line[slash...]) }
            }
        }
    }

    func contains(_ name: String) -> Bool { paths.contains { $0.hasSuffix("/\(name)") } }

    private static func text(_ file: FilePath) -> String? {
        let descriptor = open(file.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
