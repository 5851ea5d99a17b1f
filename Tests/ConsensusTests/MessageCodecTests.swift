import Ledger
import TestSupport
import Testing

@testable import Consensus

@Suite struct MessageCodecTests {
    /// One message of each kind with the bytes that it must have.
    static let golden: [(message: RaftMessage, hex: String)] = [
        (
            RaftMessage(
                version: 2, term: 7,
                body: .requestVote(
                    .init(
                        candidate: NodeID(3), lastIndex: 9, lastTerm: 6, disruptsLeader: true,
                        isPreVote: false))),
            "01020000000000000007"
                + "0000000000000003000000000000000900000000000000060100"
        ),
        (
            RaftMessage(
                version: 1, term: 7,
                body: .voteResult(
                    .init(isGranted: true, isPreVote: true, features: 1, capacity: 258))),
            "02010000000000000007" + "010100010102"
        ),
        (
            RaftMessage(
                version: 0, term: 7,
                body: .appendEntries(
                    .init(
                        previousIndex: 9, previousTerm: 6, commitIndex: 8,
                        entries: [
                            LogEntry(term: 6, kind: .command, payload: [0xaa, 0xbb]),
                            LogEntry(term: 7, kind: .barrier, payload: []),
                            LogEntry(
                                term: 7, kind: .membership,
                                payload: Membership(onlyVoter: NodeID(1)).bytes),
                        ]))),
            "03000000000000000007" + "000000000000000900000000000000060000000000000008"
                + "00000003" + "00000000000000060100000002aabb" + "00000000000000070200000000"
                + "00000000000000070300000012" + "010000000100000000000000010100000000"
        ),
        (
            RaftMessage(
                version: 1, term: 7,
                body: .appendResult(.init(rejected: 9, lastIndex: 4, features: 1, capacity: 0))),
            "04010000000000000007" + "0000000000000009000000000000000400010000"
        ),
        (
            RaftMessage(
                version: 0, term: 7,
                body: .installSnapshot(
                    SnapshotMarker(
                        point: SnapshotPoint(
                            index: 12, term: 6, membership: Membership(onlyVoter: NodeID(1)),
                            membershipIndex: 1), application: [5]))),
            "05000000000000000007" + "000000000000000c00000000000000060000000000000001"
                + "00000012" + "010000000100000000000000010100000000" + "0000000105"
        ),
        (
            RaftMessage(version: 0, term: 7, body: .timeoutNow(lastIndex: 9, lastTerm: 6)),
            "06000000000000000007" + "00000000000000090000000000000006"
        ),
    ]

    static func bytes(of message: RaftMessage) -> [UInt8] {
        var writer = ByteWriter(capacity: message.byteCount)
        message.write(to: &writer)
        return writer.bytes
    }

    static func read(_ bytes: [UInt8]) throws(DecodingFault) -> RaftMessage {
        var reader = ByteReader(bytes)
        let message = try RaftMessage(from: &reader)
        try reader.finish()
        return message
    }

    @Test(arguments: golden.indices)
    func `each kind of message has these bytes and is read from them`(_ position: Int) throws {
        let (message, hex) = Self.golden[position]
        let bytes = Self.bytes(of: message)
        #expect(Hex.encode(bytes) == hex)
        #expect(message.byteCount == bytes.count)
        #expect(try Self.read(bytes) == message)
        for cut in bytes.indices {
            #expect(throws: DecodingFault.self) { try Self.read(Array(bytes[..<cut])) }
        }
        #expect(throws: DecodingFault.self) { try Self.read(bytes + [0]) }
    }

    @Test func `changed bytes give a fault or another message, which has those bytes`() throws {
        var random = SeededNumbers(seed: 11)
        var read = 0
        for round in 0..<60_000 {
            var bytes = Self.bytes(of: Self.golden[round % Self.golden.count].message)
            for _ in 0...random.below(4) {
                switch random.below(4) {
                case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                case 1: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count))
                case 2: bytes.removeLast(min(bytes.count - 1, random.below(9)))
                default: bytes[random.below(bytes.count)] = random.chance(50) ? 0xff : 0
                }
            }
            guard let message = try? Self.read(bytes) else { continue }
            read += 1
            #expect(Self.bytes(of: message) == bytes)
        }
        #expect(read > 1_000)
    }

    @Test func `claims of many entries or long payloads are refused before memory is taken`() {
        func append(count: UInt32, rest: [UInt8]) -> [UInt8] {
            var writer = ByteWriter()
            writer.write(raw: [3, 0])
            for _ in 0..<4 { writer.write(UInt64(1)) }
            writer.write(count)
            writer.write(raw: rest)
            return writer.bytes
        }
        #expect(throws: DecodingFault.self) { try Self.read(append(count: .max, rest: [])) }
        #expect(throws: DecodingFault.self) {
            try Self.read(append(count: 1_025, rest: [UInt8](repeating: 0, count: 20_000)))
        }
        // Two payloads that are one byte too long together.
        var entries: [UInt8] = []
        for size in [RaftMessage.payloadLimit - 9, 10] {
            var writer = ByteWriter()
            writer.write(UInt64(1))
            writer.write(byte: 1)
            writer.write(UInt32(size))
            entries += writer.bytes + [UInt8](repeating: 7, count: size)
        }
        #expect(throws: DecodingFault.self) { try Self.read(append(count: 2, rest: entries)) }
    }
}
