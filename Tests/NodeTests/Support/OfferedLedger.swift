import Consensus
import Execution
import Ledger
import Replica

@testable import Node

/// A ledger with a certified checkpoint, as one peer keeps it and another that is behind lacks it.
///
/// The banks changed three times: before the tip of the one that is behind a bank was admitted; after it an
/// operator's key was changed, and changed back, which leaves the banks as they were.
struct OfferedLedger: Sendable {
    static let shared = OfferedLedger()

    let genesis: Genesis
    let blocks: [(block: StoredBlock, certificate: Certificate)]
    /// The heights at which the banks changed.
    let changes: [UInt64]
    /// The last block of whoever is behind, and the banks that sign the one after it.
    let tip: UInt64
    let set: BankSet
    /// The height of the newest certified checkpoint.
    let height: UInt64
    /// The state there, its entries by stored key.
    let state: [[UInt8]: [UInt8]]

    private init() {
        var ledger = ProvenLedger()
        let (before, after) = (ProvenLedger.keys[1].address, ProvenLedger.keys[5].address)
        ledger.pass(
            .admitBank(
                name: "Bank 4", node: ProvenLedger.nodeKeys[3].address,
                operator: ProvenLedger.keys[3].address, endpoint: "bank-4:4000"))
        let tip = ledger.machine.tip.height
        self.tip = tip
        set = ledger.machine.bankSet
        ledger.pass(.rotateKey(bank: before, which: .operator, key: after))
        ledger.pass(.rotateKey(bank: after, which: .operator, key: before))
        precondition(ledger.machine.bankSet == set)
        let changes = ledger.machine.governance.bankChanges
        precondition(changes.count == 3 && changes[0] <= tip && changes[1] > tip)
        while ledger.blocks[ledger.blocks.count - 1].block.header.checkpointHeight <= changes[2] {
            ledger.run()
        }
        self.changes = changes
        genesis = ledger.genesis
        blocks = ledger.blocks
        height = blocks[blocks.count - 1].block.header.checkpointHeight
        state = ledger.states[height]!
    }

    func stored(_ height: UInt64) -> (block: [UInt8], certificate: [UInt8]) {
        let (block, certificate) = blocks[Int(height)]
        return (block.bytes, certificate.bytes)
    }

    /// What whoever is behind has of the changes.
    var known: [KnownChange] {
        changes.filter { $0 <= tip }.map { height in
            KnownChange(
                height: height, block: stored(height).block,
                certificate: stored(height).certificate)
        }
    }

    /// An offer that is right but for the changes.
    func offer(
        _ changes: [(block: [UInt8], certificate: [UInt8])], outline: [UInt8] = []
    ) -> CheckpointOffer {
        let landing = blocks[blocks.count - 1]
        return CheckpointOffer(
            outline: outline, block: stored(height).block,
            blockCertificate: stored(height).certificate, header: landing.block.header.bytes,
            certificate: landing.certificate.bytes, changes: changes)
    }
}
