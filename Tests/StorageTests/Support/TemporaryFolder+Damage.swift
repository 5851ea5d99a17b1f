import Foundation
import TestSupport

extension TemporaryFolder {
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
