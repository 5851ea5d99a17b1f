import Foundation

/// A folder that is gone when nothing refers to it any more.
final class TemporaryFolder {
    let path: String

    init() {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("dipnet-storage-\(UUID().uuidString)")
        try! FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Inverts one byte of the first file whose name ends so, counted from the end if negative.
    /// - Returns: whether there was such a file with such a byte.
    func damage(filesEnding suffix: String, at offset: Int) throws -> Bool {
        for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        where name.hasSuffix(suffix) {
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
            let index = offset < 0 ? bytes.count + offset : offset
            guard bytes.indices.contains(index) else { continue }
            bytes[index] ^= 0xFF
            try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
            return true
        }
        return false
    }
}

/// The same numbers in every run with the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
