import Ledger
import Testing

struct BodyTests {
    static func body(_ votes: [HeaderVote]) -> [UInt8] {
        Body.encode(
            version: 1, height: 70, parent: Consortium.otherHeader,
            timeMillis: 1_700_000_000_123, leader: .contract(5), transactions: [], votes: votes)
    }

    /// Golden bytes, from the words of `docs/formats/block.md`: a change here is another ledger.
    @Test func `a body with votes has the bytes that are written down`() throws {
        let head =
            "00010000000000000046"
            + "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
            + "0000018bcfe5687b" + "0000000000000000000000000000000000000005" + "00000000"
        let vote =
            "00000002dfdc1c35000102030405060708090a0b0c0d0e0f1011121314151617"
            + "18191a1b1c1d1e1faa8b7b072609411ec028bc3d5269b7273ccec848beddd4ec"
            + "b4704b070c9471a96edcd91350c7db13301bef0ad69db4b2ffa1ef1f2d8ff587"
            + "6da2b1aeefb862e01c"
        #expect(Hex.encode(Self.body([])) == head + "00")
        let bytes = Self.body([Consortium.vote(0), Consortium.vote(0)])
        #expect(Hex.encode(bytes) == head + "02" + vote + vote)
        let body = try Body(decoding: bytes)
        #expect(body.votes == [Consortium.vote(0), Consortium.vote(0)])
        #expect(body.transactions.isEmpty && body.height == 70)
    }

    @Test func `a body has at most 64 votes, all of them and nothing else`() throws {
        let full = Self.body(Array(repeating: Consortium.vote(1), count: Body.votesLimit))
        #expect(try Body(decoding: full).votes.count == 64)
        var more = full + Consortium.vote(1).bytes
        more[74] = 65
        for bytes in [more, Array(full.dropLast()), full + [0], Array(full.prefix(74))] {
            #expect(throws: DecodingFault.self) { try Body(decoding: bytes) }
        }
    }

    @Test func `what is no vote is left out`() throws {
        var bytes = Self.body([Consortium.vote(0), Consortium.vote(1)])
        bytes[75 + 104] = 0
        #expect(try Body(decoding: bytes).votes == [Consortium.vote(1)])
    }
}
