// swift-tools-version: 6.2
import PackageDescription

// A package of its own, since libFuzzer wants every module instrumented: see
// `Tools/fuzz`. What is fuzzed is in `Sources/FuzzTargets` of the project, and in
// `Sources/NetworkFuzzTargets` what cannot do without NIO, which takes long to build.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "dipnet", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer", path: "Sources/CFuzzer"),
        .target(
            name: "FuzzLoop",
            dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "dipnet")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        fuzzer("fuzz", path: "Sources/Fuzz"),
        fuzzer(
            "fuzz-network", path: "Sources/FuzzNetwork",
            .product(name: "NetworkFuzzTargets", package: "dipnet")),
    ]
)

func fuzzer(_ name: String, path: String, _ more: Target.Dependency...) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["FuzzLoop", .product(name: "FuzzTargets", package: "dipnet")] + more,
        path: path, swiftSettings: [.swiftLanguageMode(.v6)],
        // gold, the default, stops at the sanitizer's debugging records.
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
}
