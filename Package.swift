// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Dependencies point down only; the order of the targets is the order of the rooms.
let package = Package(
    name: "git-wf",
    products: [.executable(name: "git-wf", targets: ["git-wf"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .executableTarget(
            name: "git-wf",
            dependencies: [
                "Hooks", "Overview", "Actions", "HookFolder", "Merging", "Runner", "Agents", "Operations", "Journal",
                "Snapshots",
                "Workflow", "Git", "GitValues", "Files", "Templates",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings,
            // The toolchain's own. Others warn of each function of glibc that a static executable had better not call.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
        .target(
            name: "Hooks",
            dependencies: [
                "Actions", "HookFolder", "Journal", "Workflow", "Git", "GitValues", "Files",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Overview",
            dependencies: [
                "Actions", "HookFolder", "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues",
                "Files", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Actions",
            dependencies: [
                "HookFolder", "Merging", "Runner", "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git",
                "GitValues",
                "Files", "Templates", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "HookFolder",
            dependencies: [
                "Journal", "Git", "GitValues", "Files", "HookFiles",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Merging",
            dependencies: [
                "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Runner",
            dependencies: [
                "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files", "CLinux",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Agents",
            dependencies: [
                "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Operations",
            dependencies: [
                "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Journal",
            dependencies: [
                "Snapshots", "Workflow", "Git", "GitValues", "Files",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "Snapshots",
            dependencies: [
                "CLinux", "Git", "GitValues", "Files", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(name: "Workflow", dependencies: ["GitValues", "Markdown"], swiftSettings: settings),
        .target(
            name: "Git",
            dependencies: [
                "GitValues", "Files", "CDeflate", "CGit", "CLinux", "CZlib",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(name: "Markdown", dependencies: ["CMark"], swiftSettings: settings),
        .target(
            name: "Files", dependencies: ["CLinux", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        .target(name: "GitValues", swiftSettings: settings),
        .target(
            name: "CGit",
            linkerSettings: [
                // Archives: see Network.c.
                .linkedLibrary(":libgit2.a"), .linkedLibrary(":libmbedcrypto.a"), .linkedLibrary(":libpcre2-8.a"),
                .linkedLibrary(":libhttp_parser.a"),
            ]),
        .target(name: "CLinux"),
        .target(name: "CDeflate", linkerSettings: [.linkedLibrary(":libdeflate.a")]),
        .target(
            name: "CZlib",
            dependencies: ["CDeflate"],
            // See CZlib.c.
            linkerSettings: [.linkedLibrary(":libz.a"), .unsafeFlags(["-Xlinker", "--wrap=inflate"])]),
        .target(
            name: "CMark",
            linkerSettings: [.linkedLibrary(":libcmark-gfm-extensions.a"), .linkedLibrary(":libcmark-gfm.a")]),
        .target(
            name: "HookFiles", path: "hooks", resources: [.embedInCode("git-hook.sh")], swiftSettings: settings),
        .target(
            name: "Templates",
            path: "templates",
            resources: [
                .embedInCode("feature.wfconfig"), .embedInCode("feature.TODO.md"),
                .embedInCode("migration.wfconfig"), .embedInCode("migration.TODO.md"),
                .embedInCode("monitoring.wfconfig"), .embedInCode("monitoring.TODO.md"),
                .embedInCode("articles.wfconfig"), .embedInCode("articles.TODO.md"),
                .embedInCode("minimal.wfconfig"), .embedInCode("minimal.TODO.md"),
                .embedInCode("spec.md"), .embedInCode("agents-section.md"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "GitWfTests",
            // The binary itself is what these drive.
            dependencies: [
                "git-wf", "ScriptedAgent", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Snapshots"],
            swiftSettings: settings),
        .testTarget(
            name: "HooksTests",
            dependencies: ["HookFolder", "TestSupport", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        .testTarget(
            name: "GitTests",
            dependencies: [
                "Git", "GitValues", "Files", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SnapshotsTests",
            dependencies: [
                "Snapshots", "Git", "GitValues", "Files", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "Operations", "Journal", "Workflow", "Git", "GitValues", "Files", "TestSupport", "WorkflowFixture",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "TemplatesTests",
            dependencies: ["Templates", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "WorkflowTests",
            dependencies: [
                "Workflow", "Markdown", "Git", "GitValues", "Files", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AgentsTests",
            dependencies: [
                "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files", "TestSupport",
                "WorkflowFixture",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(name: "RunnerTests", dependencies: ["Runner"], swiftSettings: settings),
        .testTarget(
            name: "MergingTests",
            dependencies: [
                "Merging", "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files",
                "TestSupport", "WorkflowFixture",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "FuzzingTests", dependencies: ["Fuzzing", "TestSupport"], swiftSettings: settings),
        .target(
            name: "Fuzzing", dependencies: ["Operations", "Journal", "Workflow", "Git", "GitValues"],
            path: "Tests/Fuzzing",
            swiftSettings: settings),
        .target(
            name: "WorkflowFixture",
            dependencies: [
                "Agents", "Operations", "Journal", "Snapshots", "Workflow", "Git", "GitValues", "Files", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/WorkflowFixture",
            swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: ["CSpawn", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/TestSupport",
            swiftSettings: settings),
        .executableTarget(
            name: "ScriptedAgent", dependencies: ["CSpawn"], path: "Tests/ScriptedAgent", swiftSettings: settings),
        .target(name: "CSpawn", path: "Tests/CSpawn"),
    ]
)

// libFuzzer brings what this is linked with: `make fuzz`.
if Context.environment["GIT_WF_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["Fuzzing"], path: "Tests/Fuzz", exclude: ["Seeds"], swiftSettings: settings))
}
