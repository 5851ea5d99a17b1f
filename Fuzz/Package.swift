// swift-tools-version: 6.2
import PackageDescription

// A package of its own, since libFuzzer wants every module instrumented: see
// `Tools/fuzz`. What is fuzzed is in `Sources/FuzzTargets` of the project.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "dipnet", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer", path: "Sources/CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "dipnet")],
            path: "Sources/Fuzz", swiftSettings: [.swiftLanguageMode(.v6)],
            // gold, the default, stops at the sanitizer's debugging records.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
)
