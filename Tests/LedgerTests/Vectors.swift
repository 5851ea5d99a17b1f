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
