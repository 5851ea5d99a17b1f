import Execution
import Foundation
import JSON
import Ledger
import Node
import Testing
import Tokens

struct ProofTests {
    /// Never changed once it is made, and its machine no more asked.
    nonisolated(unsafe) static let ledger = ProvenLedger.story()
    /// The block with three transactions, after both changes of the banks.
    static let height: UInt64 = 8

    private func receipt(_ document: ProofDocument) throws -> ProvenReceipt {
        guard case .receipt(let proven) = try document.verify(with: Self.ledger.genesis) else {
            throw ProofFault.notABalance
        }
        return proven
    }

    private func fault(
        _ document: ProofDocument, genesis: Genesis = ledger.genesis
    ) -> ProofFault? {
        do throws(ProofFault) {
            _ = try document.verify(with: genesis)
            return nil
        } catch {
            return error
        }
    }

    /// The same proof with a part exchanged.
    private func changed(
        _ document: ProofDocument, index: UInt32? = nil,
        transaction: ReceiptProof.Included?? = nil, record: [UInt8]? = nil,
        block: CertifiedHeader? = nil, history: [BankSetChange]? = nil
    ) throws -> ProofDocument {
        guard case .receipt(let proof) = document.content else { throw ProofFault.notABalance }
        return ProofDocument(
            .receipt(
                ReceiptProof(
                    index: index ?? proof.index, transaction: transaction ?? proof.transaction,
                    record: record ?? proof.record, recordPath: proof.recordPath,
                    block: block ?? proof.block,
                    history: history.map { BankSetHistory($0) } ?? proof.history)),
            of: Self.ledger.genesis)
    }

    // MARK: What is proved

    @Test func `a payment is proved to somebody who has nothing but the genesis`() throws {
        let document = try Self.ledger.receipt(Self.height, 1)
        let proven = try receipt(ProofDocument(parsing: Array(document.text.utf8)))
        #expect(proven.header.height == Self.height)
        #expect(proven.hash == Self.ledger.blocks[Int(Self.height)].block.hash)
        #expect(proven.transaction?.sender == ProvenLedger.keys[4].address)
        #expect(proven.transaction?.transaction.value == 22)
        #expect(proven.record.outcome == .done)
        #expect(proven.banks.banks.map(\.id) == [2, 3, 4])
        #expect(Set(proven.signers.map(\.id)) == [2, 3, 4])
        let transfers = EffectReader(proven.record.effects).compactMap {
            try? TokenEffect(tag: $0.tag, payload: $0.payload)
        }
        #expect(
            transfers.contains(
                .transfer(
                    token: .dip, from: ProvenLedger.keys[4].address,
                    to: ProvenLedger.keys[6].address, amount: 22)))
    }

    @Test func `every place of every block is proved`() throws {
        for (block, _) in Self.ledger.blocks.dropFirst() {
            for index in 0...block.transactions.count {
                let proven = try receipt(Self.ledger.receipt(block.header.height, index))
                #expect(proven.index == UInt32(index))
                #expect((proven.transaction == nil) == (index == block.transactions.count))
                let outcome = try block.record(index).outcome
                #expect(proven.record.outcome == outcome)
            }
        }
        let block = Self.ledger.blocks[1]
        #expect(
            ReceiptProof(
                of: block.block, at: 2, certificate: block.certificate,
                history: BankSetHistory()) == nil)
    }

    @Test func `a balance is proved against a certified state`() throws {
        let account = ProvenLedger.keys[6].address
        let document = try Self.ledger.balance(account)
        let read = try ProofDocument(parsing: Array(document.text.utf8))
        #expect(read == document)
        guard case .balance(let proven) = try read.verify(with: Self.ledger.genesis) else {
            Issue.record("no balance")
            return
        }
        #expect(proven.key == TokenID.dip.balanceKey(account))
        #expect(proven.height == 8)
        #expect(proven.header.height == 10)
        #expect(proven.cell.amount == 1_000_000_000_000_000_000 + 11 + 22 + 33)
        #expect(proven.cell.touched == 8)
    }

    // MARK: What is not

    @Test func `another ledger's genesis proves nothing`() throws {
        let document = try Self.ledger.receipt(1, 0)
        // The same banks with the same keys and chain id, a second later.
        let other = ProvenLedger.genesis(timeMillis: 1_001_000)
        #expect(
            fault(document, genesis: other)
                == .otherLedger(chainID: 88_001, genesis: Self.ledger.genesis.hash))
        let relabelled = ProofDocument(document.content, of: other)
        #expect(fault(relabelled, genesis: other) == .otherBanks(height: 1))
    }

    @Test func `no change of the banks can be left out, added or moved`() throws {
        let document = try Self.ledger.receipt(Self.height, 1)
        let changes = try Self.ledger.history(below: Self.height).changes
        #expect(changes.map(\.block.header.height) == [4, 7])
        #expect(changes.map(\.banks.banks.count) == [4, 3])
        let wrong: [(history: [BankSetChange], fault: ProofFault)] = [
            ([], .otherBanks(height: 8)),
            ([changes[0]], .otherBanks(height: 8)),
            ([changes[1]], .otherBanks(height: 7)),
            ([changes[1], changes[0]], .otherBanks(height: 7)),
            ([changes[0], changes[0], changes[1]], .outOfOrder(height: 4)),
        ]
        for (history, fault) in wrong {
            #expect(self.fault(try changed(document, history: history)) == fault)
        }
        // Banks other than the block's.
        let invented = BankSetChange(
            changes[1].block, branch: changes[1].branch, banks: changes[0].banks)
        #expect(
            fault(try changed(document, history: [changes[0], invented]))
                == .changeNotInBlock(height: 7))
        // A receipt of the time before the last change, shown under the banks after it.
        #expect(
            fault(try changed(Self.ledger.receipt(5, 0), history: changes))
                == .outOfOrder(height: 5))
        #expect(
            fault(try changed(Self.ledger.receipt(7, 0), history: changes))
                == .outOfOrder(height: 7))
    }

    @Test func `a certificate must be the header's, of enough banks of then`() throws {
        let document = try Self.ledger.receipt(Self.height, 1)
        let (block, certificate) = Self.ledger.blocks[Int(Self.height)]
        let few = Certificate(
            height: certificate.height, header: certificate.header,
            signatures: [certificate.signatures[0]])
        #expect(
            fault(try changed(document, block: CertifiedHeader(block.header, few)))
                == .notCertified(.notEnough(height: 8, signatures: 1, needed: 2)))
        let other = Self.ledger.blocks[9]
        #expect(
            fault(
                try changed(
                    document, block: CertifiedHeader(block.header, other.certificate)))
                == .otherHeader(height: 8))
        // The bank that left signs what it is no longer asked for.
        let votes = [0, 1].map { index in
            let key = ProvenLedger.nodeKeys[index]
            return (
                signer: key.address,
                signature: HeaderVote(
                    height: 8, header: block.hash, signedBy: key, in: .headers(chainID: 88_001)
                ).signature
            )
        }
        #expect(
            fault(
                try changed(
                    document,
                    block: CertifiedHeader(
                        block.header, Certificate(height: 8, header: block.hash, votes: votes))))
                == .notCertified(
                    .notABank(height: 8, account: ProvenLedger.nodeKeys[0].address)))
    }

    @Test func `a record proves nothing at another place or in another block`() throws {
        let document = try Self.ledger.receipt(Self.height, 1)
        guard case .receipt(let other) = try Self.ledger.receipt(Self.height, 2).content,
            case .receipt(let own) = try Self.ledger.receipt(Self.height, 3).content
        else { return }
        #expect(
            fault(try changed(document, record: other.record)) == .recordNotInBlock(height: 8))
        #expect(
            fault(try changed(document, transaction: other.transaction))
                == .transactionNotInBlock(height: 8))
        #expect(fault(try changed(document, index: 2)) == .recordNotInBlock(height: 8))
        for index in [3, 4, .max] as [UInt32] {
            #expect(
                fault(try changed(document, index: index))
                    == .noSuchPlace(height: 8, index: index))
        }
        #expect(
            fault(try changed(document, transaction: .some(nil)))
                == .noSuchPlace(height: 8, index: 1))
        #expect(own.transaction == nil)
        let block = Self.ledger.blocks[9]
        #expect(
            fault(
                try changed(
                    document, block: CertifiedHeader(block.block.header, block.certificate)))
                == .noSuchPlace(height: 9, index: 1))
    }

    @Test func `a header that certifies no state proves no balance`() throws {
        guard case .balance(let proof) = try Self.ledger.balance(.treasury).content else { return }
        let (block, certificate) = Self.ledger.blocks[9]
        func document(_ proof: BalanceProof) -> ProofDocument {
            ProofDocument(.balance(proof), of: Self.ledger.genesis)
        }
        #expect(
            fault(
                document(
                    BalanceProof(
                        key: proof.key, value: proof.value, branch: proof.branch,
                        block: CertifiedHeader(block.header, certificate),
                        history: proof.history))) == .noCheckpoint(height: 9))
        var value = proof.value
        value[15] ^= 1
        #expect(
            fault(
                document(
                    BalanceProof(
                        key: proof.key, value: value, branch: proof.branch, block: proof.block,
                        history: proof.history))) == .entryNotInState(height: 8))
        // Another entry of the same state is proved, but it is no balance.
        let leaves = ProvenLedger.leaves(of: Self.ledger.states[8]!)
        let place = leaves.firstIndex { $0.key == [0x21] }!
        #expect(
            fault(
                document(
                    BalanceProof(
                        key: [0x21], value: Self.ledger.states[8]![[0x21]]!,
                        branch: MerkleBranch(
                            path: MerkleTree.proof(of: place, in: leaves.map(\.leaf))!,
                            index: UInt64(place), count: UInt64(leaves.count)),
                        block: proof.block, history: proof.history))) == .notABalance)
    }

    /// What a token refused and is held back for an account lies in the state like a balance, above 2^31.
    @Test func `a payout that is held back is no balance, though the state has it`() throws {
        guard case .balance(let proof) = try Self.ledger.balance(.treasury).content else { return }
        for (space, wanted) in [
            (0, nil), (0x7fff_ffff, nil), (0x8000_0000, .notABalance), (0x8000_0001, .notABalance),
            (.max, .notABalance),
        ] as [(UInt32, ProofFault?)] {
            let key = CellKey(space: space, address: ProvenLedger.keys[1].address).bytes
            let state = [key: [UInt8](repeating: 7, count: 32), [0x21]: [1]]
            let leaves = ProvenLedger.leaves(of: state)
            var header = proof.block.header
            header.checkpointRoot = ProvenLedger.root(of: state)
            let document = ProofDocument(
                .balance(
                    BalanceProof(
                        key: key, value: state[key]!,
                        branch: MerkleBranch(
                            path: MerkleTree.proof(of: 0, in: leaves.map(\.leaf))!, index: 0,
                            count: 2),
                        block: Self.ledger.certified(header), history: proof.history)),
                of: Self.ledger.genesis)
            #expect(fault(document) == wanted)
        }
    }

    // MARK: Branches

    @Test func `a branch leads from each leaf to the root, and from nowhere else`() {
        for count in 1...33 as ClosedRange<UInt64> {
            let leaves = (0..<count).map { MerkleTree.leaf(Hash32(word: UInt128($0))) }
            let root = MerkleTree.root(of: leaves)
            for index in 0..<count {
                let path = MerkleTree.proof(of: Int(index), in: leaves)!
                let branch = MerkleBranch(path: path, index: index, count: count)
                #expect(branch.root(from: leaves[Int(index)]) == root)
                #expect(
                    branch.root(from: leaves[Int((index + 1) % count)]) == root || count > 1)
            }
        }
    }
}
