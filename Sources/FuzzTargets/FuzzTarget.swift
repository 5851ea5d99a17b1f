/// Code of ours that reads bytes from outside, for a fuzzer and for the replay of what fuzzers found.
public struct FuzzTarget: Sendable {
    /// Its name, as on the command line and of its corpus' folder.
    public let name: String
    /// Well-formed bytes to begin with.
    public let seeds: @Sendable () -> [[UInt8]]
    /// Reads any bytes.
    ///
    /// What is refused is no finding; a trap is, and so is what it throws.
    public let run: @Sendable ([UInt8]) throws(FuzzFinding) -> Void

    package init(
        _ name: String, seeds: @escaping @Sendable () -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) throws(FuzzFinding) -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    /// Those that need no network library; the others are in `NetworkFuzzTargets`.
    public static let plain: [FuzzTarget] =
        ledger + texts + wire + files + [.raft, .catchUp, .offer]
}

/// Something that must hold of whatever was read, and did not.
public struct FuzzFinding: Error, CustomStringConvertible {
    /// What it was.
    public let description: String

    /// Says what it was.
    public init(_ description: String) { self.description = description }
}

extension FuzzTarget {
    /// A decoder whose values have one encoding only: what it takes, it must write again.
    package static func canonical(
        _ name: String, seeds: @escaping @Sendable () -> [[UInt8]],
        _ rewritten: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) -> FuzzTarget {
        FuzzTarget(name, seeds: seeds) { (bytes) throws(FuzzFinding) in
            guard let again = try? rewritten(bytes) else { return }
            guard again == bytes else {
                throw FuzzFinding("\(name): \(bytes.count) bytes were taken and written otherwise")
            }
        }
    }
}
