import Consensus
import Ledger
import NIOCore
import Testing

@testable import Peers

struct WireTests {
    static let key = PrivateKey([UInt8](repeating: 7, count: 32))!
    static let identity = Identity(
        id: NodeID(1), chainID: 5, genesis: Hash32(1, 2, 3, 4), instance: 11)
    static let certificate = Hash32(9, 8, 7, 6)

    static func hello() -> Hello {
        let message = identity.endorsement(of: certificate, to: NodeID(2), lane: .bulk)
        return identity.hello(
            to: NodeID(2), lane: .bulk, certificate: certificate,
            endorsement: message.sign(with: key, in: .headers(chainID: 5)))
    }

    @Test func `a Hello's bytes are those of the description`() throws {
        let bytes = ControlFrame.hello(Self.hello()).bytes
        #expect(
            Hex.encode(bytes.prefix(112))
                == "800000ad" + "01" + "4449504e50454552" + "0003" + "0000000000000005"
                + "0000000000000001000000000000000200000000000000030000000000000004"
                + "0000000000000001" + "0000000000000002" + "02"
                + "0000000000000009000000000000000800000000000000070000000000000006"
                + "000000000000000b")
        #expect(bytes.count == 4 + Hello.byteCount)
        #expect(try ControlFrame(Array(bytes.dropFirst(4))) == .hello(Self.hello()))
    }

    @Test func `the endorsement covers every fact that binds the certificate`() {
        let hello = Self.hello()
        #expect(hello.endorser == Self.key.address)
        var endorsers = [hello.endorser]
        let changes: [(inout Hello) -> Void] = [
            { $0.genesis = Hash32(1, 2, 3, 5) }, { $0.from = NodeID(3) }, { $0.to = NodeID(3) },
            { $0.lane = .consensus }, { $0.certificate = Hash32(9, 8, 7, 5) }, { $0.chainID = 6 },
        ]
        for change in changes {
            var other = hello
            change(&other)
            endorsers.append(other.endorser)
        }
        #expect(Set(endorsers).count == changes.count + 1)
    }

    @Test func `every cut and every changed byte of a Hello is refused or read, never a trap`() {
        let bytes = Array(ControlFrame.hello(Self.hello()).bytes.dropFirst(4))
        for count in 0..<bytes.count {
            #expect(throws: Refusal.self) { try ControlFrame(Array(bytes.prefix(count))) }
        }
        #expect(throws: Refusal.self) { try ControlFrame(bytes + [0]) }
        for place in 0..<bytes.count {
            var changed = bytes
            changed[place] ^= 0xff
            guard case .hello(var hello) = try? ControlFrame(changed) else { continue }
            // Which process it is binds nobody.
            if hello.instance != Self.hello().instance {
                hello.instance = Self.hello().instance
                #expect(hello == Self.hello())
                continue
            }
            #expect(throws: Refusal.self) {
                let other = Identity(
                    id: NodeID(2), chainID: 5, genesis: Hash32(1, 2, 3, 4))
                try other.check(
                    hello, presented: Self.certificate, nodeKey: Self.key.address)
            }
        }
    }

    @Test func `a refusal's text is shown without what could forge a log`() throws {
        let refusal = Refusal(.notInBankSet, "no\nERROR \u{1b}[2J ü")
        let read = try ControlFrame(Array(ControlFrame.refusal(refusal).bytes.dropFirst(4)))
        #expect(read == .refusal(Refusal(.notInBankSet, "no?ERROR ?[2J ??")))
        let unknown = try ControlFrame([2, 0xff, 0xff])
        #expect(unknown == .refusal(Refusal(.other, "")))
        #expect(try ControlFrame([2]) == .refusal(Refusal(.other, "")))
        #expect(throws: Refusal.self) { try ControlFrame([3]) }
        #expect(throws: Refusal.self) { try ControlFrame([]) }
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 1_000])
    func `frames are the same however the bytes are cut`(_ step: Int) throws {
        var stream: [UInt8] = [0, 0, 0, 0]
        stream += [0, 0, 0, 3, 1, 2, 3]
        stream += ControlFrame.hello(Self.hello()).bytes
        stream += [0, 0, 1, 0] + [UInt8](repeating: 5, count: 256)
        var reader = FrameReader(payloadLimit: 256)
        var frames: [Frame] = []
        for start in Swift.stride(from: 0, to: stream.count, by: step) {
            var buffer = ByteBuffer(bytes: stream[start..<min(start + step, stream.count)])
            while let frame = try reader.next(&buffer) { frames.append(frame) }
            #expect(buffer.readableBytes == 0)
        }
        #expect(
            frames == [
                .empty, .payload([1, 2, 3]),
                .control(Array(ControlFrame.hello(Self.hello()).bytes.dropFirst(4))),
                .payload([UInt8](repeating: 5, count: 256)),
            ])
    }

    @Test(
        arguments: [
            [0, 0, 1, 1], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 2, 1], [0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]])
    func `a frame beyond its limit is refused at its header`(_ header: [UInt8]) {
        var reader = FrameReader(payloadLimit: 256)
        var buffer = ByteBuffer(bytes: header)
        let refusal = #expect(throws: Refusal.self) { try reader.next(&buffer) }
        #expect(refusal?.reason == .frameTooLarge)
    }

    @Test func `an endpoint is a host and a port`() {
        func address(_ text: String) -> PeerAddress? {
            PeerAddress(id: NodeID(1), nodeKey: .zero, endpoint: text)
        }
        #expect(address("bank.example:7000")?.host == "bank.example")
        #expect(address("[::1]:7000")?.host == "::1")
        #expect(address("[::1]:7000")?.endpoint == "[::1]:7000")
        for text in ["", ":1", "a", "a:", "a:0", "a:65536", "a:x", "::1:5", "[]:5"] {
            #expect(address(text) == nil, "\(text)")
        }
    }
}
