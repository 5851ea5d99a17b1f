import Execution
import Ledger
import Replica

extension FuzzTarget {
    /// A peer's offer of a checkpoint: whatever it says, no other state than the banks certified is taken.
    static let offer = FuzzTarget("offer", seeds: { [OfferSample.offer] }) {
        (bytes) throws(FuzzFinding) in
        guard case .reply(_, .checkpoint(let offer))? = try? PeerMessage(decoding: bytes),
            let vouched = try? offer.check(
                genesis: OfferSample.genesis, above: 0, signedBy: OfferSample.genesis.bankSet,
                known: [])
        else { return }
        guard vouched.root == OfferSample.root else {
            throw FuzzFinding("offer: the state \(vouched.root) is vouched for by nobody")
        }
    }
}

/// An offer as a peer makes it, of a ledger of one bank with a checkpoint every other block.
private enum OfferSample {
    static let genesis = Genesis(
        chainID: LedgerSamples.chainID, timeMillis: 1_000_000, allocations: [], rules: Rules(),
        validators: [.init(name: "Bank", address: LedgerSamples.key.address)],
        certificateQuorum: 1, checkpointInterval: 2)
    /// What was signed as the root of the state after block 2; whose root it is, nobody asks here.
    static let root = Hash32(1, 2, 3, 4)

    static let offer: [UInt8] = {
        let (machine, _) = Machine.begin(genesis, state: State(source: EmptySource()))
        defer { machine.state.end() }
        var blocks: [ExecutedBlock] = []
        do {
            for height in 1...3 as ClosedRange<UInt64> {
                let body = Body.encode(
                    version: 1, height: height, parent: machine.tip.body,
                    timeMillis: 1_000_000 + height, leader: LedgerSamples.key.address,
                    transactions: [])
                let root = genesis.checkpointDue(at: height).map { _ in Self.root }
                blocks.append(
                    try machine.execute(Body(decoding: body), [], checkpointRoot: root))
            }
        } catch {
            preconditionFailure("a block of ours was refused: \(error)")
        }
        var writer = ByteWriter()
        let offer = CheckpointOffer(
            outline: [], block: blocks[1].stored, blockCertificate: certificate(blocks[1]),
            header: blocks[2].header.bytes, certificate: certificate(blocks[2]), changes: [])
        PeerMessage.reply(number: 1, .checkpoint(offer)).write(to: &writer)
        return writer.bytes
    }()

    private static func certificate(_ block: ExecutedBlock) -> [UInt8] {
        let vote = HeaderVote(
            height: block.header.height, header: block.hash, signedBy: LedgerSamples.key,
            in: .headers(chainID: genesis.chainID))
        return Certificate(
            height: block.header.height, header: block.hash,
            votes: [(LedgerSamples.key.address, vote.signature)]
        ).bytes
    }
}
