import Ledger
import Testing

@testable import Replica

@Suite struct PeerMessageTests {
    private func status(isServing: Bool) -> [UInt8] {
        var writer = ByteWriter()
        PeerMessage.status(
            PeerStatus(
                height: 7, certified: 6, oldest: 1, timeMillis: 1_000, version: 1,
                isServing: isServing)
        ).write(to: &writer)
        return writer.bytes
    }

    @Test func `a flag that is neither 0 nor 1 is refused`() throws {
        for isServing in [false, true] {
            let bytes = status(isServing: isServing)
            guard case .status(let read) = try PeerMessage(decoding: bytes) else {
                Issue.record("it is a status")
                return
            }
            #expect(read.isServing == isServing)
        }
        for flag in [UInt8(2), 3, 0xff] {
            let bytes = status(isServing: true).dropLast() + [flag]
            #expect(throws: DecodingFault.self) { try PeerMessage(decoding: Array(bytes)) }
        }
    }

    private func transactions(_ raws: [[UInt8]]) -> [UInt8] {
        var writer = ByteWriter()
        PeerMessage.transactions(raws).write(to: &writer)
        return writer.bytes
    }

    @Test func `what is shorter than any transaction is not taken for one`() throws {
        let whole = try TestAccounts.transfer(from: 1, nonce: 0).raw
        // Nine fields, each of its one byte: no other is as short and read.
        let shortest: [UInt8] = [0xc9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x25, 0x01, 0x01]
        #expect(try Transaction.decode(shortest).chainID == 1)
        #expect(shortest.count == Transaction.minimumBytes)
        guard
            case .transactions(let read) = try PeerMessage(
                decoding: transactions([whole, shortest]))
        else {
            Issue.record("they are transactions")
            return
        }
        #expect(read == [whole, shortest])
        let short = Array(repeating: UInt8(1), count: Transaction.minimumBytes - 1)
        for raws in [[[]], [whole, []], [short], Array(repeating: [], count: 65_536)] {
            #expect(throws: DecodingFault.self) { try PeerMessage(decoding: transactions(raws)) }
        }
    }
}
