// swift-tools-version: 6.2
import PackageDescription

// The architecture on one page. Arrows point one way: an edge may import the core, the core never
// learns that an edge exists. The core (Ledger, Tokens, Settlement, Execution) is deterministic: no
// clock, chance, floating point, file or socket.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("MemberImportVisibility"),
    // A transfer crosses four modules; without this each crossing costs an un-inlined generic call.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

let package = Package(
    name: "dipnet",
    products: [
        .executable(name: "dip", targets: ["dip"]),
        // For the package of fuzzers only.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
        .library(name: "NetworkFuzzTargets", targets: ["NetworkFuzzTargets"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // The deterministic core.
        .target(
            name: "Ledger", dependencies: ["CSecp256k1", "COpenSSL", "CPrefetch"],
            swiftSettings: strict),
        .target(name: "Tokens", dependencies: ["Ledger"], swiftSettings: strict),
        .target(name: "Settlement", dependencies: ["Ledger", "Tokens"], swiftSettings: strict),
        .target(
            name: "Execution", dependencies: ["Ledger", "Tokens", "Settlement"],
            swiftSettings: strict),

        // Worked cases of settlement as files, for tests and for `dip vectors`.
        .target(
            name: "VectorFiles", dependencies: ["Ledger", "Settlement"], swiftSettings: strict),

        // The edges.
        .target(name: "Files", swiftSettings: strict),
        // Threads of the system with names of their own, and what they wait in.
        .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: strict),
        // A strict reader and a writer, for the gateway and for whoever has a file of it.
        .target(name: "JSON", swiftSettings: strict),
        .target(
            name: "Consensus", dependencies: ["Ledger", "Files", "Threads", "CRaft", "CCRC32C"],
            swiftSettings: strict),
        // One node's rules around ordering: what it takes, cuts, signs, forwards and fetches.
        .target(
            name: "Replica", dependencies: ["Ledger", "Tokens", "Execution", "Consensus"],
            swiftSettings: strict),
        .target(
            name: "Storage", dependencies: ["Ledger", "Files", "Threads", "CLevelDB"],
            swiftSettings: strict),
        // Executes a stored ledger again and compares.
        .target(
            name: "Auditing",
            dependencies: ["Ledger", "Tokens", "Settlement", "Execution", "Storage", "Threads"],
            swiftSettings: strict),
        // Whole nodes in one process, over simulated disks, links and clocks.
        .target(
            name: "Simulation",
            dependencies: [
                "Ledger", "Tokens", "Settlement", "Execution", "Consensus", "Replica", "Storage",
            ], swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "Files", "JSON", "Threads",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .target(
            name: "Wallet", dependencies: ["Ledger", "Files", "JSON", "COpenSSL"],
            swiftSettings: strict),
        // A key wherever it lies: here, or in a signer elsewhere that is asked over HTTP.
        .target(
            name: "Signing", dependencies: ["Ledger", "Gateway", "JSON", "Wallet"],
            swiftSettings: strict),
        .target(name: "SupplyChain", dependencies: ["JSON"], swiftSettings: strict),
        // Templates and bindings as people write them.
        .target(name: "YAML", dependencies: ["Settlement", "CYaml"], swiftSettings: strict),
        // The messages that banks exchange, as values.
        .target(name: "ISO20022", dependencies: ["Ledger", "CXML2"], swiftSettings: strict),
        // Between a bank's core system and the ledger: fiat in, fiat out, nothing twice.
        .target(
            name: "BankDesk",
            dependencies: [
                "Ledger", "ISO20022", "Gateway", "JSON", "Signing", "Wallet", "Files", "COpenSSL",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        // The way to the other banks' nodes, and the certificates for it.
        .target(
            name: "Peers",
            dependencies: [
                "Ledger", "Consensus", "Files", "Signing", "Threads", "COpenSSL",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .target(
            name: "Node",
            dependencies: [
                "Ledger", "Tokens", "Settlement", "Execution", "Consensus", "Replica", "Peers",
                "Storage", "Gateway", "JSON", "Files", "Signing", "Threads", "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "dip",
            dependencies: [
                "Auditing", "BankDesk", "ISO20022", "Ledger", "Tokens", "Settlement", "Execution",
                "Consensus", "Files", "Gateway", "JSON", "Node", "Peers", "Replica", "Storage",
                "Signing", "Threads", "Wallet", "SupplyChain", "VectorFiles", "YAML",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Tools/dip", swiftSettings: strict),

        .executableTarget(
            name: "dip-load",
            dependencies: [
                "Ledger", "Tokens", "Consensus", "Execution", "Gateway", "JSON", "Node", "Peers",
                "Replica", "Settlement", "Signing", "SupplyChain",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], path: "Tools/load", exclude: ["limits.c"], swiftSettings: strict),

        // Whole nodes in simulated worlds.
        .executableTarget(
            name: "dip-simulate", dependencies: ["Simulation"], path: "Tools/simulator",
            swiftSettings: strict),

        // Everything that reads bytes from outside, for fuzzers (`Fuzz/`) and for the replay of their finds.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Ledger", "Tokens", "Settlement", "Execution", "Consensus", "Replica", "Storage",
                "ISO20022", "JSON", "SupplyChain", "Wallet", "YAML",
            ], swiftSettings: strict),
        // Those of it that need NIO, apart for the sake of the fuzzers' build.
        .target(
            name: "NetworkFuzzTargets",
            dependencies: [
                "Ledger", "Tokens", "Settlement", "Execution", "Consensus", "Replica", "Peers",
                "Gateway", "JSON", "Node", "Signing", "BankDesk", "FuzzTargets",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], swiftSettings: strict),

        // Tests, one target a module.
        // What tests of several targets share.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "CSecp256k1", "TestSupport"],
            exclude: ["Vectors"],
            swiftSettings: strict),
        .testTarget(
            name: "TokensTests", dependencies: ["Ledger", "Tokens", "TestSupport"],
            exclude: ["Scenarios"],
            swiftSettings: strict),
        .testTarget(
            name: "SettlementTests",
            dependencies: ["Ledger", "Tokens", "Settlement", "VectorFiles", "TestSupport"],
            exclude: ["Scenarios", "Vectors"], swiftSettings: strict),
        .testTarget(
            name: "ExecutionTests",
            dependencies: ["Execution", "Ledger", "Settlement", "Tokens", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ConsensusTests", dependencies: ["Consensus", "Threads", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ReplicaTests", dependencies: ["Replica", "Execution", "Ledger", "Threads"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Ledger", "Simulation"], swiftSettings: strict),
        .testTarget(
            name: "AuditingTests",
            dependencies: ["Auditing", "Execution", "Ledger", "Storage", "Tokens", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Ledger", "CLevelDB", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DipTests",
            dependencies: [
                "dip", "Execution", "JSON", "Ledger", "Node", "Settlement", "Signing", "Wallet",
                "YAML", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "NetworkFuzzTargets"],
            swiftSettings: strict),
        .testTarget(
            name: "WalletTests", dependencies: ["Wallet", "JSON", "Ledger"],
            exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "SigningTests", dependencies: ["Signing", "Gateway", "Ledger", "Wallet"],
            swiftSettings: strict),
        .testTarget(
            name: "ISO20022Tests", dependencies: ["ISO20022", "Ledger"], swiftSettings: strict),
        .testTarget(
            name: "BankDeskTests",
            dependencies: [
                "BankDesk", "ISO20022", "Gateway", "JSON", "Ledger", "Signing", "Wallet",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Journal/Earlier"], swiftSettings: strict),
        .testTarget(
            name: "SupplyChainTests", dependencies: ["SupplyChain"], swiftSettings: strict),
        .testTarget(
            name: "JSONTests", dependencies: ["JSON", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "JSON", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .testTarget(
            name: "FilesTests", dependencies: ["Files"], swiftSettings: strict),
        .testTarget(
            name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(
            name: "PeersTests",
            dependencies: [
                "Peers", "Consensus", "Files", "Gateway", "Ledger", "Signing", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .testTarget(
            name: "NodeTests",
            dependencies: [
                "Node", "Consensus", "Execution", "Gateway", "JSON", "Ledger", "Peers", "Replica",
                "Settlement", "Signing", "Storage", "Threads", "Tokens", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["Proofs/receipt-proof.json"], swiftSettings: strict),

        // C libraries from Debian: a module map and a shim, nothing else.
        .systemLibrary(
            name: "CSecp256k1", pkgConfig: "libsecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
        .systemLibrary(name: "CLevelDB", providers: [.apt(["libleveldb-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CRaft", providers: [.apt(["libraft-dev"])]),
        .systemLibrary(
            name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // An instruction of the processor, in the same form.
        .systemLibrary(name: "CCRC32C"),
        .systemLibrary(name: "CPrefetch"),

        // Calls of Linux, in the same form.
        .systemLibrary(name: "CLinux"),
    ]
)
