import Ledger
import Testing

@testable import Storage

@Suite struct ChunkHasherTests {
    /// An entry as it stands in a chunk.
    private func entry(of valueBytes: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [UInt32(5 + valueBytes), 1] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes + [StateKey.cells] + [UInt8](repeating: 7, count: valueBytes)
    }

    private func root(_ chunk: [UInt8], inPiecesOf count: Int) throws -> Hash32 {
        var hasher = ChunkHasher()
        for start in stride(from: 0, to: chunk.count, by: count) {
            try chunk[start..<min(start + count, chunk.count)].withUnsafeBytes {
                try hasher.absorb($0)
            }
        }
        return try hasher.finish()
    }

    @Test func `a chunk has its root however it is cut into pieces`() throws {
        let chunk = [0, 1, 3, 200, 0, 70].flatMap { entry(of: $0) }
        let whole = try root(chunk, inPiecesOf: chunk.count)
        for count in 1..<chunk.count { #expect(try root(chunk, inPiecesOf: count) == whole) }
    }

    @Test func `no entry can be longer than it may, in whatever pieces its length comes`() throws {
        for count in 1...8 {
            #expect(throws: DecodingFault.self) {
                try root(Array(repeating: 0xff, count: 64), inPiecesOf: count)
            }
        }
        #expect(throws: DecodingFault.self) {
            try root(entry(of: 100).dropLast(), inPiecesOf: 8)
        }
    }

    @Test func `a large entry in small pieces is not copied for each of them`() throws {
        let chunk = entry(of: 8 << 20)
        let piece = 16 << 10
        var hasher = ChunkHasher()
        var places: [UnsafePointer<UInt8>?] = []
        for start in stride(from: 0, to: chunk.count, by: piece) {
            try chunk[start..<min(start + piece, chunk.count)].withUnsafeBytes {
                try hasher.absorb($0)
            }
            let place = hasher.rest.withUnsafeBufferPointer(\.baseAddress)
            if place != places.last { places.append(place) }
        }
        // It moves where its memory doubles, nine times, not with each of the 513 pieces.
        #expect(places.count < 30)
        #expect(try hasher.finish() == root(chunk, inPiecesOf: chunk.count))
    }
}
