import Foundation
import Ledger
import TestSupport
import Testing

/// Decoders meet bytes that almost are what they should be: they must not trap, and what they take must
/// be what they write.
struct FuzzTests {
    static func mutated(_ bytes: [UInt8], _ random: inout SeededNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !bytes.isEmpty else { return random.bytes(3) }
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch random.next() % 8 {
            case 0: bytes[index] ^= 1 << UInt8(random.next() % 8)
            case 1: bytes[index] = UInt8(truncatingIfNeeded: random.next())
            case 2:
                bytes[index] = [0, 1, 0x7f, 0x80, 0xb7, 0xb8, 0xc0, 0xf7, 0xf8, 0xff].randomElement(
                    using: &random)!
            case 3: bytes.remove(at: index)
            case 4: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
            case 5: bytes.removeLast(min(bytes.count, Int.random(in: 1...40, using: &random)))
            case 6: bytes[index] = bytes[index] &+ 1
            default:
                let other = Int.random(in: 0..<bytes.count, using: &random)
                let count = min(32, bytes.count - max(index, other))
                bytes.replaceSubrange(index..<(index + count), with: bytes[other..<(other + count)])
            }
        }
        return bytes
    }

    @Test(arguments: [UInt64(1), 20_240_229, 0xd1b])
    func `changed transactions do no harm`(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let cases = try #require(Vectors.load("transactions.json") as? [[String: Any]])
        let originals = try cases.map { try $0.bytes("raw") }
        var accepted = 0
        for round in 0..<4000 {
            let original = originals[round % originals.count]
            let bytes = Self.mutated(original, &random)
            if let decoded = try? Transaction.decode(bytes) {
                accepted += 1
                #expect(decoded.raw == bytes, "seed \(seed), round \(round)")
            }
            if let value = try? RLP.decode(bytes) {
                #expect(RLP.encode(value) == bytes, "seed \(seed), round \(round)")
            }
        }
        // Changes of a number, a hash or the data leave a transaction; without any, nothing was tried.
        #expect(accepted > 100)
    }

    @Test(arguments: [UInt64(1), 20_240_229, 0xd1b])
    func `changed calls do no harm`(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let cases = try #require(Vectors.load("abi-structs.json") as? [[String: Any]])
        let originals = try cases.map { item in
            (
                name: try item.text("struct"), type: try ABIType.parse(item.text("type")),
                bytes: try item.bytes("encoding")
            )
        }
        var accepted = 0
        for round in 0..<3000 {
            let original = originals[round % originals.count]
            let bytes = Self.mutated(original.bytes, &random)
            let values = try? ABIValue.decode(bytes, as: [original.type])
            if let values {
                #expect(
                    ABIValue.encode(values, as: [original.type]) == bytes,
                    "seed \(seed), round \(round)")
            }
            if let rewritten = try? ABIStructTests.rewritten(struct: original.name, bytes) {
                accepted += 1
                #expect(rewritten == bytes, "seed \(seed), round \(round)")
                #expect(values != nil, "seed \(seed), round \(round)")
            }
        }
        #expect(accepted > 100)
    }

    @Test func `random bytes do no harm`() {
        var random = SeededNumbers(seed: 7)
        let type = try! ABIType.parse("(bytes,(string,uint8[])[2],address[][])")
        for round in 0..<3000 {
            var bytes = random.bytes(Int(random.next() % 200))
            if round % 3 == 0, !bytes.isEmpty { bytes[0] = 0xf8 }
            if round % 3 == 1, !bytes.isEmpty { bytes[0] = 2 }
            if let value = try? RLP.decode(bytes) { #expect(RLP.encode(value) == bytes) }
            _ = try? Transaction.decode(bytes)
            _ = try? VerifiedTransaction.verify(bytes, chainID: 1)
            _ = try? ABIValue.decode(bytes, as: [type])
            _ = Signature(bytes)
            _ = PublicKey(bytes)
        }
    }
}
