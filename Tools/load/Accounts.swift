import Foundation
import Ledger

/// Numbers from a seed that is printed, so that a run can be repeated.
struct Seeded {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Accounts with keys, made from a seed on all cores.
struct Accounts: Sendable {
    let seed: UInt64
    let addresses: [Address]

    init(count: Int, seed: UInt64) {
        self.seed = seed
        addresses = inParallel(count) { Self.key($0, seed: seed).address }
    }

    func key(_ index: Int) -> PrivateKey { Self.key(index, seed: seed) }

    private static func key(_ index: Int, seed: UInt64) -> PrivateKey {
        guard let key = PrivateKey(Keccak256.hash("load \(seed) account \(index)").bytes) else {
            preconditionFailure("a digest is out of a key's range once in 2^128")
        }
        return key
    }
}

/// The results of `make` for 0 up to `count`, computed on all cores.
func inParallel<Element>(
    _ count: Int, _ make: @Sendable (Int) -> Element
) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        nonisolated(unsafe) let places = buffer
        let cores = ProcessInfo.processInfo.activeProcessorCount
        DispatchQueue.concurrentPerform(iterations: cores) { core in
            for index in stride(from: core, to: count, by: cores) {
                places.initializeElement(at: index, to: make(index))
            }
        }
        initialized = count
    }
}
