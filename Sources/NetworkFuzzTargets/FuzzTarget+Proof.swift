import Execution
import FuzzTargets
import Ledger
import Node
import Tokens

extension FuzzTarget {
    /// A proof that a stranger hands on: what holds is one of those that the ledger's bank signed for.
    static let proof = FuzzTarget(
        "proof", seeds: { ProofSample.documents.map { Array($0.text.utf8) } }
    ) { (bytes) throws(FuzzFinding) in
        guard let proof = try? ProofDocument(parsing: bytes) else { return }
        guard (try? ProofDocument(parsing: Array(proof.text.utf8))) == proof else {
            throw FuzzFinding("proof: it is another one when written and read again")
        }
        guard (try? proof.verify(with: ProofSample.genesis)) != nil else { return }
        guard ProofSample.documents.contains(proof) else {
            throw FuzzFinding("proof: what nobody signed is proved")
        }
    }
}

/// All that can be proved of a ledger of one bank with one payment and a checkpoint.
private enum ProofSample {
    static let genesis = Genesis(
        chainID: LedgerSamples.chainID, timeMillis: 1_000_000,
        allocations: [.init(account: LedgerSamples.key.address, amount: Amount(1 << 90))],
        rules: Rules(), validators: [.init(name: "Bank", address: LedgerSamples.key.address)],
        certificateQuorum: 1, checkpointInterval: 2)

    static let documents: [ProofDocument] = {
        let (machine, _) = Machine.begin(genesis, state: State(source: EmptySource()))
        defer { machine.state.end() }
        // A state of three entries, of which the second is a balance; nobody executes from it.
        let key = TokenID.dip.balanceKey(LedgerSamples.key.address).bytes
        let value = [UInt8](repeating: 0, count: 15) + [9] + [UInt8](repeating: 1, count: 16)
        let leaves = [MerkleTree.leaf([1]), leaf(key, value), MerkleTree.leaf([2])]
        let history = BankSetHistory([])
        do {
            let payment = try VerifiedTransaction.verify(
                LedgerSamples.transaction, chainID: genesis.chainID)
            var contents: [ProofDocument.Content] = []
            for transactions in [[payment], [], []] {
                let body = Body.encode(
                    version: 1, height: machine.tip.height + 1, parent: machine.tip.body,
                    timeMillis: 2_000_000 + machine.tip.height,
                    leader: LedgerSamples.key.address, transactions: transactions)
                let executed = try machine.execute(
                    Body(decoding: body), transactions,
                    checkpointRoot: MerkleTree.root(of: leaves))
                let block = try StoredBlock(decoding: executed.stored)
                let certificate = certificate(executed.header)
                for index in 0...transactions.count {
                    let proof = ReceiptProof(
                        of: block, at: index, certificate: certificate, history: history)
                    if let proof { contents.append(.receipt(proof)) }
                }
                guard executed.header.checkpointHeight > 0 else { continue }
                let branch = MerkleBranch(
                    path: MerkleTree.proof(of: 1, in: leaves) ?? [], index: 1, count: 3)
                contents.append(
                    .balance(
                        BalanceProof(
                            key: key, value: value, branch: branch,
                            block: CertifiedHeader(executed.header, certificate),
                            history: history)))
            }
            return contents.map { ProofDocument($0, of: genesis) }
        } catch {
            preconditionFailure("a block of ours was refused: \(error)")
        }
    }()

    private static func certificate(_ header: Header) -> Certificate {
        let vote = HeaderVote(
            height: header.height, header: header.hash, signedBy: LedgerSamples.key,
            in: .headers(chainID: genesis.chainID))
        return Certificate(
            height: header.height, header: header.hash,
            votes: [(LedgerSamples.key.address, vote.signature)])
    }

    private static func leaf(_ key: [UInt8], _ value: [UInt8]) -> Hash32 {
        var writer = ByteWriter()
        writer.write(counted: key)
        writer.write(raw: value)
        return MerkleTree.leaf(writer.bytes)
    }
}
