import Consensus
import Execution
import FuzzTargets
import Ledger
import NIOCore
import Peers

extension FuzzTarget {
    /// What comes over a connection between banks before any of it is a message, and when it ends.
    static let peers: [FuzzTarget] = [
        FuzzTarget("frames", seeds: { FrameSamples.seeds }) { (bytes) throws(FuzzFinding) in
            try FrameSamples.check(bytes)
        },
        FuzzTarget("hello", seeds: { FrameSamples.controls }) { (bytes) throws(FuzzFinding) in
            try FrameSamples.checkControl(bytes)
        },
        FuzzTarget("link", seeds: { [[UInt8](0..<80), [0, 1, 0, 2, 0, 5, 0, 1, 1, 3, 1, 2, 1]] }) {
            (bytes) throws(FuzzFinding) in
            var history = LinkHistory(bytes)
            try history.run()
        },
    ]
}

/// Frames, and what two nodes say first.
private enum FrameSamples {
    static let certificate = Hash32(5, 6, 7, 8)
    private static let key = LedgerSamples.sampleKey(2)
    private static let (dialer, accepter) = (identity(2), identity(1))
    static let hello: ControlFrame = {
        let endorsement = dialer.endorsement(of: certificate, to: NodeID(1), lane: .bulk)
            .sign(with: key, in: .headers(chainID: LedgerSamples.chainID))
        return .hello(
            dialer.hello(
                to: NodeID(1), lane: .bulk, certificate: certificate, endorsement: endorsement))
    }()

    private static func identity(_ bank: UInt64) -> Identity {
        Identity(
            id: NodeID(bank), chainID: LedgerSamples.chainID, genesis: LedgerSamples.genesis.hash,
            instance: bank)
    }

    /// The bytes of control frames behind their header.
    static let controls: [[UInt8]] = [
        hello, .refusal(Refusal(.wrongChain, "you run chain 1, this node runs chain 2")),
    ].map { Array($0.bytes.dropFirst(4)) }

    /// The first byte bounds payloads, the second says in what pieces the rest comes.
    static let seeds: [[UInt8]] = [
        [200, 3] + hello.bytes + [0, 0, 0, 0, 0, 0, 0, 3, 7, 8, 9],
        [2, 1, 0, 0, 0, 1, 5, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ]

    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard bytes.count >= 2 else { return }
        let (limit, stream) = (Int(bytes[0]), Array(bytes[2...]))
        let whole = read(stream, by: stream.count + 1, limit)
        guard read(stream, by: Int(bytes[1] % 16) + 1, limit) == whole else {
            throw FuzzFinding("frames: in pieces they are others")
        }
        var written = ByteWriter()
        for frame in whole.frames {
            switch frame {
            case .empty: written.write(UInt32(0))
            case .payload(let payload):
                guard payload.count <= limit else {
                    throw FuzzFinding("frames: \(payload.count) bytes where \(limit) are taken")
                }
                written.write(counted: payload)
            case .control(let control):
                guard control.count <= FrameReader.controlLimit else {
                    throw FuzzFinding("frames: a control frame of \(control.count) bytes")
                }
                written.write(UInt32(control.count) | FrameReader.controlBit)
                written.write(raw: control)
            }
        }
        guard stream.starts(with: written.bytes) else {
            throw FuzzFinding("frames: they are not what came")
        }
    }

    private struct Reading: Equatable {
        var frames: [Frame] = []
        var refusal: Refusal?
    }

    private static func read(_ stream: [UInt8], by size: Int, _ limit: Int) -> Reading {
        var reader = FrameReader(payloadLimit: limit)
        var reading = Reading()
        var rest = stream[...]
        do throws(Refusal) {
            while !rest.isEmpty {
                var piece = ByteBuffer(bytes: rest.prefix(size))
                rest = rest.dropFirst(size)
                while let frame = try reader.next(&piece) { reading.frames.append(frame) }
            }
        } catch {
            reading.refusal = error
        }
        return reading
    }

    static func checkControl(_ bytes: [UInt8]) throws(FuzzFinding) {
        let frame: ControlFrame
        do throws(Refusal) {
            frame = try ControlFrame(bytes)
        } catch {
            return
        }
        switch frame {
        case .hello(let hello):
            guard Array(frame.bytes.dropFirst(4)) == bytes else {
                throw FuzzFinding("hello: it is written otherwise")
            }
            guard
                (try? accepter.check(
                    hello, presented: certificate, nodeKey: key.address))
                    != nil
            else { return }
            // Nobody but the holder of the key makes one that passes, and this is the only one it made.
            guard case .hello(let signed) = self.hello, signed.endorsed == hello.endorsed else {
                throw FuzzFinding("hello: one passes that nobody signed")
            }
        case .refusal(let refusal):
            let isShown = refusal.text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            guard isShown, refusal.text.utf8.count <= Refusal.textLimit,
                (try? ControlFrame(Array(frame.bytes.dropFirst(4)))) == frame
            else { throw FuzzFinding("hello: a refusal that cannot be shown") }
        }
    }
}

/// Plays bytes as what may happen to the way to a peer, in any order.
private struct LinkHistory {
    private var choices: FuzzChoices
    private var link = LinkMachine(redialMillis: 50...2_000, drainMillis: 2_000)
    /// Connections that were asked for and did not end.
    private var living: Set<Int> = []
    private var flowing: Int?
    private var isWaiting = false
    private var isStopped = false
    private var isRenewing = false

    init(_ bytes: [UInt8]) { choices = FuzzChoices(Array(bytes.prefix(2048))) }

    mutating func run() throws(FuzzFinding) {
        try perform(link.start())
        while !choices.isOver {
            try perform(step())
            try check()
        }
    }

    private mutating func step() -> [LinkMachine.Action] {
        let choice = choices.byte()
        // One of those that live, or one that never did.
        let known = living.sorted()
        let number = known.isEmpty ? 99 : known[Int(choice >> 4) % known.count]
        switch choice % 12 {
        case 0...2: return link.ready(number)
        case 3...5: return link.opened(number)
        case 6, 7:
            living.remove(number)
            if flowing == number { flowing = nil }
            return link.ended(
                number, lastedMillis: Int64(choices.byte()) * 16, isDrained: choice % 12 == 7,
                random: choices.word())
        case 8:
            // Also one that was set for something that is over.
            isWaiting = false
            return link.timeOut()
        case 9: return link.heard()
        case 10:
            guard !isRenewing else { return [] }
            isRenewing = true
            return link.renew()
        default:
            guard choice > 200 else { return [] }
            isStopped = true
            return link.stop()
        }
    }

    private mutating func perform(_ actions: [LinkMachine.Action]) throws(FuzzFinding) {
        for action in actions {
            switch action {
            case .dial(let number):
                guard !isStopped, living.insert(number).inserted else {
                    throw FuzzFinding("link: connection \(number) is dialed")
                }
                isWaiting = false
            case .wait(let millis):
                guard (0...4_000).contains(millis) else {
                    throw FuzzFinding("link: it waits \(millis) ms")
                }
                isWaiting = true
            case .sayHello(let number), .drain(let number):
                guard living.contains(number) else {
                    throw FuzzFinding("link: \(action) to one that is over")
                }
            case .end(let number):
                guard living.remove(number) != nil else {
                    throw FuzzFinding("link: connection \(number) is ended twice")
                }
                if flowing == number { flowing = nil }
            case .flow(let number, _):
                guard living.contains(number), flowing == nil else {
                    throw FuzzFinding("link: frames flow on \(number) and on another")
                }
                flowing = number
            case .lose: flowing = nil
            case .finishRenewal: isRenewing = false
            }
        }
    }

    private func check() throws(FuzzFinding) {
        guard living.count <= 2 else {
            throw FuzzFinding("link: \(living.count) connections at a time")
        }
        // Or the peer would never be dialed again.
        guard !living.isEmpty || isWaiting || isStopped else {
            throw FuzzFinding("link: there is neither a connection nor a time to dial")
        }
        guard !isStopped || living.isEmpty else {
            throw FuzzFinding("link: connections outlive it")
        }
    }
}
