import Ledger
import Testing

@testable import Consensus

/// Golden bytes: a change here makes folders of earlier versions unreadable.
@Suite struct FormatTests {
    @Test func `CRC-32C gives the published check values`() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, B.4.
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for cut in [0, 1, 5, 8, 13, 999, 1_000] {
            let first = CRC32C.checksum(Array(bytes[..<cut]))
            #expect(CRC32C.checksum(Array(bytes[cut...]), seed: first) == CRC32C.checksum(bytes))
            bytes[cut...].withUnsafeBytes { rest in
                // The processor and the table agree, wherever the bytes lie in memory.
                #expect(
                    CRC32C.checksum(rest, seed: first)
                        == CRC32C.checksumByTable(rest, seed: first))
            }
        }
    }

    @Test func `a segment's header has these bytes`() throws {
        let header = SegmentHeader(
            owner: testOwner, first: 258, previousTerm: 3, previousChecksum: 0xaabb_ccdd,
            salt: 0x0102_0304_0506_0708)
        let bytes = header.bytes
        #expect(bytes.count == 4_096)
        #expect(
            Hex.encode(Array(bytes[..<88])) == """
                4449504e4c4f47310000000100001000\
                0000000000000001000000000000000200000000000000030000000000000004\
                000000000000000100000000000001020000000000000003aabbccdd00000000\
                0102030405060708
                """)
        #expect(try SegmentHeader(bytes, owner: testOwner, file: "f") == header)
        var newer = bytes
        newer[11] = 2
        #expect(throws: LogFault(.unknownVersion(2), file: "f", operation: "open")) {
            try SegmentHeader(newer, owner: testOwner, file: "f")
        }
    }

    @Test func `a record has these bytes`() throws {
        let files = MemoryFiles()
        let log = try SegmentedLog.forTest(files)
        try log.append([LogEntry(term: 2, kind: .command, payload: [1, 2, 3])], at: 1)
        let bytes = try files.open(LogNames.segment(first: 1)).readAll()
        #expect(
            Hex.encode(Array(bytes[4_096..<(4_096 + 40)])) == """
                44524543000000030000000000000001000000000000000200000000000000000100000000000000
                """)
        #expect(Array(bytes[(4_096 + 48)..<(4_096 + 56)]) == [1, 2, 3, 0, 0, 0, 0, 0])
    }

    @Test func `members have these bytes, and no others are read`() throws {
        let membership = Membership([
            .init(id: NodeID(2), role: .standby, address: "b:1"), .init(id: NodeID(1)),
        ])!
        let bytes = membership.bytes
        #expect(
            Hex.encode(bytes) == """
                010000000200000000000000010100000000000000000000000200000000\
                03623a31
                """)
        #expect(try Membership(bytes) == membership)
        for cut in bytes.indices {
            #expect(throws: DecodingFault.self) { try Membership(Array(bytes[..<cut])) }
        }
        #expect(throws: DecodingFault.self) { try Membership(bytes + [0]) }
        #expect(Membership([]) == nil)
        #expect(Membership([.init(id: NodeID(1)), .init(id: NodeID(1))]) == nil)
    }

    @Test func `term, vote and marker survive their bytes, and no changed byte is believed`() throws
    {
        let state = HardState(term: 9, vote: NodeID(4))
        let marker = SnapshotMarker(
            point: SnapshotPoint(
                index: 12, term: 3, membership: Membership(onlyVoter: NodeID(1)), membershipIndex: 1
            ),
            application: [5, 6])
        let sealedState = state.sealed(for: testOwner)
        let sealedMarker = marker.sealed(for: testOwner)
        #expect(try HardState(sealed: sealedState, owner: testOwner, file: "vote") == state)
        #expect(
            try SnapshotMarker(sealed: sealedMarker, owner: testOwner, file: "snapshot") == marker)
        for position in sealedState.indices {
            var bytes = sealedState
            bytes[position] ^= 1
            #expect(throws: LogFault.self) {
                try HardState(sealed: bytes, owner: testOwner, file: "vote")
            }
        }
        for position in sealedMarker.indices {
            var bytes = sealedMarker
            bytes[position] ^= 1
            #expect(throws: LogFault.self) {
                try SnapshotMarker(sealed: bytes, owner: testOwner, file: "snapshot")
            }
        }
    }
}
