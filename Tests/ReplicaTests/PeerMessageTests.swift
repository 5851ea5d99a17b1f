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
}
