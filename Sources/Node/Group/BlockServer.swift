import Consensus
import Ledger
import Replica
import Storage
import Threads

/// Answers what peers ask for, on a thread of its own.
final class BlockServer: Sendable {
    private let chain: Chain
    private let history: HistoryStore
    private let checkpoints: Checkpoints
    private let worker = Worker(named: "serve-blocks")
    /// Requests of each peer that are not answered yet.
    private let waiting = Locked([NodeID: Int]())
    /// More than an honest peer asks at once.
    private static let waitingMax = 16
    /// Bytes of blocks in an answer, above which only one goes.
    private static let bytesMax: UInt32 = 8 << 20
    /// Blocks in an answer.
    private static let blocksMax: UInt64 = 1_024

    init(chain: Chain, history: HistoryStore, checkpoints: Checkpoints) {
        self.chain = chain
        self.history = history
        self.checkpoints = checkpoints
    }

    /// Answers a request through `answer`, once; with nothing if too many of the peer's wait.
    func serve(
        _ request: PeerRequest, of peer: NodeID, _ answer: @escaping @Sendable (PeerReply) -> Void
    ) {
        let hasRoom = waiting.with { waiting in
            guard waiting[peer, default: 0] < Self.waitingMax else { return false }
            waiting[peer, default: 0] += 1
            return true
        }
        guard hasRoom else { return answer(.nothing) }
        worker.submit { [self] in
            defer { waiting.with { $0[peer, default: 0] -= 1 } }
            do throws(StoreFault) {
                answer(try reply(to: request))
            } catch {
                // What the disk does not give now another peer may have.
                answer(.nothing)
            }
        }
    }

    /// Ends the thread.
    func stop() { worker.stop() }

    private func reply(to request: PeerRequest) throws(StoreFault) -> PeerReply {
        switch request {
        case .blocks(let range, let bytes):
            return try blocks(range, bytes: Int(min(bytes, Self.bytesMax)))
        case .certificates(let range):
            let last = min(
                range.upperBound, range.lowerBound &+ (PeerRequest.certificatesMax - 1),
                chain.head.header.height)
            guard range.lowerBound <= last else { return .certificates([]) }
            var found: [[UInt8]] = []
            for height in range.lowerBound...last {
                if let bytes = try history.certificate(at: height) { found.append(bytes) }
            }
            return .certificates(found)
        case .checkpoint(let height): return try checkpoints.offer(above: height, chain: chain)
        case .chunk(let height, let index, let offset):
            return try checkpoints.piece(of: height, chunk: Int(index), from: offset)
        }
    }

    private func blocks(
        _ range: ClosedRange<UInt64>, bytes: Int
    ) throws(StoreFault) -> PeerReply {
        var found: [SealedBlock] = []
        var left = bytes
        var height = range.lowerBound
        while height <= range.upperBound, UInt64(found.count) < Self.blocksMax,
            let block = try chain.block(at: height)
        {
            let sealed = SealedBlock(
                header: block.header, body: Array(block.body),
                certificate: try history.certificate(at: height) ?? [])
            guard found.isEmpty || sealed.byteCount <= left else { break }
            left -= sealed.byteCount
            found.append(sealed)
            height += 1
        }
        return .blocks(found, oldest: history.first ?? 0)
    }
}
