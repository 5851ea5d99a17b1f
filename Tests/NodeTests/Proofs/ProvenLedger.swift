import Execution
import Ledger
import Node
import Tokens

/// A ledger in memory whose every block is certified, with what its states would be stored as.
struct ProvenLedger {
    let genesis: Genesis
    let machine: Machine
    /// Keys of accounts, the founders' operators first, and of nodes.
    static let keys = (0..<8).map { PrivateKey(Keccak256.hash("proof test \($0)").bytes)! }
    static let nodeKeys = (0..<8).map { PrivateKey(Keccak256.hash("proof node \($0)").bytes)! }

    /// All blocks with their certificates, by height.
    private(set) var blocks: [(block: StoredBlock, certificate: Certificate)] = []
    /// Stored keys and values after the last block, and after each checkpoint by its height.
    private var entries: [[UInt8]: [UInt8]] = [:]
    private(set) var states: [UInt64: [[UInt8]: [UInt8]]] = [:]
    /// The heights of the blocks that changed the banks.
    private var bankChanges: [UInt64] = []
    private var nonces = [UInt64](repeating: 0, count: 8)
    private var time: UInt64 = 1_000_000

    static func genesis(banks: Int = 3, timeMillis: UInt64 = 1_000_000) -> Genesis {
        Genesis(
            chainID: 88_001, timeMillis: timeMillis,
            allocations: keys.map {
                .init(account: $0.address, amount: Amount(1_000_000_000_000_000_000))
            }, rules: Rules(),
            validators: (0..<banks).map {
                .init(
                    name: "Bank \($0 + 1)", address: nodeKeys[$0].address,
                    operator: keys[$0].address)
            }, certificateQuorum: BankSet.defaultQuorum(of: banks), checkpointInterval: 4)
    }

    init(banks: Int = 3) {
        genesis = Self.genesis(banks: banks)
        let begun = Machine.begin(genesis, state: State(source: EmptySource()))
        machine = begun.machine
        keep(begun.block, signers: [])
    }

    /// A transaction of the key with that index.
    mutating func transaction(
        _ key: Int, to: Address, value: UInt128 = 0, data: [UInt8] = []
    ) -> VerifiedTransaction {
        defer { nonces[key] += 1 }
        let transaction = Transaction(
            chainID: genesis.chainID, nonce: nonces[key], maxFeePerGas: 1_000_000_000,
            gasLimit: 400_000, to: to, value: value, data: data)
        return try! VerifiedTransaction.verify(
            transaction.sign(with: Self.keys[key]), chainID: genesis.chainID)
    }

    /// Executes a block and has the banks certify it.
    mutating func run(_ transactions: [VerifiedTransaction] = []) {
        time += 1000
        let height = machine.tip.height + 1
        let root = machine.checkpointDue(at: height).map { Self.root(of: states[$0]!) }
        let body = Body.encode(
            version: 1, height: height, parent: machine.tip.body, timeMillis: time,
            leader: .zero, transactions: transactions)
        let signers = machine.bankSet.banks
        let executed = try! machine.execute(
            Body(decoding: body), transactions, checkpointRoot: root)
        keep(executed, signers: signers)
        bankChanges = machine.governance.bankChanges
    }

    private mutating func keep(_ executed: ExecutedBlock, signers: [Bank]) {
        let certificate = self.certificate(
            height: executed.header.height, header: executed.hash, signers: signers)
        blocks.append((try! StoredBlock(decoding: executed.stored), certificate))
        let changes = machine.state.collectChanges()
        for change in changes.cells {
            var value = ByteWriter()
            value.write(change.cell.amount)
            value.write(change.cell.aux)
            value.write(change.cell.touched)
            entries[change.key.bytes] = value.bytes
        }
        for change in changes.objects { entries[change.key] = change.value }
        let height = executed.header.height
        if height > 0, height % genesis.checkpointInterval == 0 { states[height] = entries }
    }

    private func certificate(height: UInt64, header: Hash32, signers: [Bank]) -> Certificate {
        let votes = signers.map { bank in
            let key = Self.nodeKeys.first { $0.address == bank.nodeKey }!
            let vote = HeaderVote(
                height: height, header: header, signedBy: key,
                in: .headers(chainID: genesis.chainID))
            return (signer: bank.nodeKey, signature: vote.signature)
        }
        return Certificate(height: height, header: header, votes: votes)
    }

    /// A header that no block has, signed by the banks that there are now.
    func certified(_ header: Header) -> CertifiedHeader {
        CertifiedHeader(
            header,
            certificate(
                height: header.height, header: header.hash, signers: machine.bankSet.banks))
    }

    /// Leaves of a state in the order of their keys.
    static func leaves(of state: [[UInt8]: [UInt8]]) -> [(key: [UInt8], leaf: Hash32)] {
        state.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, value in
            var writer = ByteWriter()
            writer.write(counted: key)
            writer.write(raw: value)
            return (key, MerkleTree.leaf(writer.bytes))
        }
    }

    static func root(of state: [[UInt8]: [UInt8]]) -> Hash32 {
        MerkleTree.root(of: leaves(of: state).map(\.leaf))
    }

    /// Has the banks decide something, and carries it out.
    mutating func pass(_ change: IGovernance.Change) {
        let voters = machine.bankSet.banks.compactMap { bank in
            Self.keys.firstIndex { $0.address == bank.operator }
        }
        var propose = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        propose.write(change.kind)
        propose.write(bytes: IGovernance.Proposal(change, from: 0).data)
        propose.write(UInt64.max)
        run([transaction(voters[0], to: .treasury, data: propose.finish())])
        let count = ABIWriter(selector: IGovernance.Function.count.rawValue, words: 0)
        let answer = machine.simulate(
            sender: .zero, to: .treasury, value: 0, data: count.finish(), gasLimit: 100_000,
            now: time / 1000)
        let id = (try! answer.result.get()).suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        run(
            voters.dropFirst().map { voter in
                var vote = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
                vote.write(id)
                vote.write(true)
                return transaction(voter, to: .treasury, data: vote.finish())
            })
        run()
    }

    // MARK: Proofs

    /// The changes of the banks below a height.
    func history(below height: UInt64) throws -> BankSetHistory {
        BankSetHistory(
            try bankChanges.filter { $0 < height }.map { height in
                let (block, certificate) = blocks[Int(height)]
                return try BankSetChange(of: block, certificate)
            })
    }

    func receipt(_ height: UInt64, _ index: Int) throws -> ProofDocument {
        let (block, certificate) = blocks[Int(height)]
        let proof = ReceiptProof(
            of: block, at: index, certificate: certificate,
            history: try history(below: height))!
        return ProofDocument(.receipt(proof), of: genesis)
    }

    /// The proof of a DIP balance after the last certified checkpoint.
    func balance(_ account: Address) throws -> ProofDocument {
        let (block, certificate) = blocks.last { $0.block.header.checkpointHeight > 0 }!
        let state = states[block.header.checkpointHeight]!
        let leaves = Self.leaves(of: state)
        let key = TokenID.dip.balanceKey(account).bytes
        let place = leaves.firstIndex { $0.key == key }!
        let proof = BalanceProof(
            key: key, value: state[key]!,
            branch: MerkleBranch(
                path: MerkleTree.proof(of: place, in: leaves.map(\.leaf))!,
                index: UInt64(place), count: UInt64(leaves.count)),
            block: CertifiedHeader(block.header, certificate),
            history: try history(below: block.header.height))
        return ProofDocument(.balance(proof), of: genesis)
    }

    /// A story: a payment, a bank that joins, one that leaves, a payment, checkpoints.
    static func story() -> ProvenLedger {
        var ledger = ProvenLedger()
        let payee = keys[6].address
        ledger.run([ledger.transaction(4, to: payee, value: 11)])
        ledger.pass(
            .admitBank(
                name: "Bank 4", node: nodeKeys[3].address, operator: keys[3].address,
                endpoint: "bank-4:4000"))
        ledger.pass(.removeBank(keys[0].address))
        ledger.run([
            ledger.transaction(5, to: .treasury, data: [1, 2, 3, 4]),
            ledger.transaction(4, to: payee, value: 22),
            ledger.transaction(5, to: payee, value: 33),
        ])
        for _ in 0..<4 { ledger.run() }
        return ledger
    }
}
