import Execution
import Ledger

/// Real bytes of a ledger of one bank with one payment.
package enum LedgerSamples {
    package static let chainID = Genesis.developmentChainID
    package static let key = sampleKey(1)

    /// A key that everybody can work out, for samples only.
    package static func sampleKey(_ number: Int) -> PrivateKey {
        guard let key = PrivateKey(Keccak256.hash("fuzz \(number)").bytes) else {
            preconditionFailure("the hash is a key with all but certainty")
        }
        return key
    }

    package static let genesis = Genesis(
        chainID: chainID, timeMillis: 1_000_000,
        allocations: (0..<4).map {
            Genesis.Allocation(account: sampleKey($0).address, amount: Amount(1 << 90))
        }, rules: Rules(), validators: [.init(name: "Bank", address: key.address)],
        certificateQuorum: 1)

    package static var banks: BankSet { genesis.bankSet }

    package static let transaction = Transaction(
        chainID: chainID, nonce: 0, maxFeePerGas: 1_000_000_000, gasLimit: 100_000,
        to: sampleKey(2).address, value: 5, data: []
    ).sign(with: key)

    private static let made: (body: [UInt8], block: [UInt8], certificate: [UInt8]) = {
        let (machine, _) = Machine.begin(genesis, state: State(source: EmptySource()))
        do {
            let verified = try VerifiedTransaction.verify(transaction, chainID: chainID)
            let body = Body.encode(
                version: 1, height: 1, parent: machine.tip.body, timeMillis: 2_000_000,
                leader: key.address, transactions: [verified])
            let block = try machine.execute(Body(decoding: body), [verified])
            let vote = HeaderVote(
                height: 1, header: block.hash, signedBy: key, in: .headers(chainID: chainID))
            let certificate = Certificate(
                height: 1, header: block.hash, votes: [(key.address, vote.signature)])
            return (body, block.stored, certificate.bytes)
        } catch {
            preconditionFailure("a sample of ours was refused: \(error)")
        }
    }()

    /// Two headers of one bank at one height.
    package static var evidence: [UInt8] {
        let domain = EIP712.Domain.headers(chainID: chainID)
        let votes = [Hash32.zero, genesis.hash].map {
            HeaderVote(height: 1, header: $0, signedBy: key, in: domain)
        }
        return [1] + votes.flatMap(\.bytes)
    }

    package static var body: [UInt8] { made.body }
    package static var block: [UInt8] { made.block }
    package static var certificate: [UInt8] { made.certificate }
}
