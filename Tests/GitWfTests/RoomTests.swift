import SystemPackage
import TestSupport
import Testing

/// The table of CONTRIBUTING.md, `Package.swift` and the imports of every file say the same.
@Suite("The rooms")
struct RoomTests {
    private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    private static func text(_ name: String) throws -> String {
        String(decoding: try Files.read(root.pushing(FilePath(name))), as: UTF8.self)
    }

    /// The rooms in the order of the table, topmost first; those of one row stand beside each other.
    private static let rows: [[String]] = {
        let lines = (try? text("CONTRIBUTING.md").split(separator: "\n")) ?? []
        return lines.filter { $0.hasPrefix("| `Sources/") }.map { line in
            line.matches(of: #/`Sources/([A-Za-z-]+)`/#).map { String($0.1) }
        }
    }()

    private static func files(of room: String) -> [FilePath] {
        func below(_ folder: FilePath) -> [FilePath] {
            Files.names(in: folder).sorted().flatMap { name -> [FilePath] in
                let path = folder.appending(name)
                if name.hasSuffix(".swift") { return [path] }
                return name.contains(".") ? [] : below(path)
            }
        }
        return below(root.appending("Sources").appending(room))
    }

    @Test("every folder of Sources is in the table, and in Package.swift in its order")
    func table() throws {
        let rooms = Self.rows.flatMap(\.self)
        #expect(Set(rooms) == Set(Files.names(in: Self.root.appending("Sources"))) && rooms.count > 10)
        let package = try Self.text("Package.swift")
        let targets = package.matches(of: #/(?:\.target|executableTarget)\(\s*name: "([^"]+)"/#).map { String($0.1) }
        let swift = rooms.filter { !$0.hasPrefix("C") }
        #expect(targets.filter { swift.contains($0) } == swift)
    }

    @Test("imports point down only")
    func directions() throws {
        var checked = 0
        for (place, row) in Self.rows.enumerated() {
            let below = Set(Self.rows[(place + 1)...].flatMap(\.self))
            for room in row {
                for file in Self.files(of: room) {
                    let source = String(decoding: try Files.read(file), as: UTF8.self)
                    for match in source.matches(of: #/(?m)^(?:@testable |package |internal |public )?import (\w+)$/#) {
                        let imported = String(match.1)
                        guard Self.rows.contains(where: { $0.contains(imported) }) else { continue }
                        #expect(below.contains(imported), "\(file) imports \(imported)")
                        checked += 1
                    }
                }
            }
        }
        #expect(checked > 100)
    }

    @Test("what is pure imports no system, no library and no clock", arguments: ["Workflow", "GitValues"])
    func pure(room: String) throws {
        for file in Self.files(of: room) {
            let source = String(decoding: try Files.read(file), as: UTF8.self)
            for word in ["Glibc", "Git", "Files", "Foundation", "SystemPackage", "Dispatch"] {
                #expect(!source.contains("import \(word)\n"), "\(file) imports \(word)")
            }
            #expect(!source.contains("ContinuousClock"), "\(file) has a clock")
        }
    }

    /// Whoever else writes a file hands a ``RootedFile`` to the room Files.
    private static let makers: Set<String> = [
        // Git's own packs, and the user's index and a damaged ref by git's own lock.
        "OwnPack.swift", "IndexCopy.swift", "Repository+refs.swift",
        // In a folder of a random name.
        "IndexFiles.swift", "FormerRules.swift",
        // What was recorded, in the worktree, and hooks in their folder: each name below a folder that is open.
        "WriteBatch.swift", "OpenDirectory+renaming.swift", "HookFile.swift",
    ]

    @Test("files are made, renamed and linked in one room, and in the few places that say why")
    func makers() throws {
        var found: Set<String> = []
        for room in Self.rows.flatMap(\.self) where room != "Files" && !room.hasPrefix("C") {
            for file in Self.files(of: room) {
                let source = String(decoding: try Files.read(file), as: UTF8.self)
                let isMaker = source.contains(
                    #/O_CREAT|O_TRUNC|\bsymlink\(|\b(renameat2?|clinux_rename\w*)\(|\b(rename|link)\([\w.]+\.(string|characters)|\[\.create/#
                )
                if isMaker, let name = file.lastComponent?.string { found.insert(name) }
            }
        }
        #expect(found.isSubset(of: Self.makers), "\(found.subtracting(Self.makers).sorted())")
    }

    @Test("nothing but the commands prints, exits or reads this process' environment")
    func silence() throws {
        for room in Self.rows.flatMap(\.self) where room != "git-wf" && !room.hasPrefix("C") {
            for file in Self.files(of: room) {
                let source = String(decoding: try Files.read(file), as: UTF8.self)
                for match in source.matches(of: #/(?m)^[^\/\n]*\b(print|exit|getenv|isatty)\(/#) {
                    Issue.record("\(file): \(match.0)")
                }
            }
        }
    }
}
