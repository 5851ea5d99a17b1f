import Foundation
import Ledger
import Testing

/// Files of test cases beside this one.
enum Vectors {
    static func load(_ name: String) throws -> Any {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/\(name)"))
        return try JSONSerialization.jsonObject(with: data)
    }
}

/// SplitMix64, so that a failing case can be made again from its seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

extension [String: Any] {
    /// A text that must be there.
    func text(_ name: String) throws -> String { try #require(self[name] as? String, "\(name)") }

    /// Bytes in hexadecimal that must be there.
    func bytes(_ name: String) throws -> [UInt8] {
        let digits = try text(name)
        return try #require(Hex.decode(digits), "\(name)")
    }

    /// Objects that must be there.
    func objects(_ name: String) throws -> [[String: Any]] {
        try #require(self[name] as? [[String: Any]], "\(name)")
    }
}
