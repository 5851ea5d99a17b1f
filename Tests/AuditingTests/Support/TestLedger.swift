import Execution
import Ledger
import Tokens

@testable import Storage

/// A ledger of three banks on real files, written as a node writes it, without the node.
final class TestLedger {
    static let interval: UInt64 = 10
    static let keys = (0..<6).map { PrivateKey(Keccak256.hash("audit test \($0)").bytes)! }
    /// Node keys that banks change to, in blocks 8 and 22.
    static let laterKeys = (0..<2).map { PrivateKey(Keccak256.hash("later \($0)").bytes)! }

    static let genesis = Genesis(
        chainID: Genesis.developmentChainID, timeMillis: 1_000_000,
        allocations: keys.map {
            Genesis.Allocation(account: $0.address, amount: Amount(1_000_000_000_000_000_000))
        }, rules: Rules(publicationFee: 1_000, reviewFee: 100),
        validators: (0..<3).map { .init(name: "Bank \($0)", address: keys[$0].address) },
        certificateQuorum: 2, checkpointInterval: interval)
    static let identity = StoreIdentity(
        chainID: genesis.chainID, genesisHash: genesis.hash)

    /// A call that somebody signs, besides what happens in every ledger.
    struct Act {
        var by: Int
        var to: Address
        var data: [UInt8]
    }

    let path: String
    private let acts: [UInt64: [Act]]
    private let folder: DataFolder
    private let store: StateStore
    private let history: HistoryStore
    private let checkpoints: CheckpointFolder
    private let machine: Machine
    private var roots: [UInt64: Hash32] = [:]
    private var nonces = Array(repeating: UInt64(0), count: 6)
    private var time: UInt64 = 1_000_000

    /// Makes a ledger of so many blocks, whose state is stored at a height.
    static func make(
        in path: String, blocks: UInt64 = 33, stored: UInt64 = 31, acts: [UInt64: [Act]] = [:]
    ) throws {
        let ledger = try TestLedger(path, acts)
        for _ in 0..<blocks { try ledger.grow(stored: stored) }
        ledger.machine.state.end()
    }

    private init(_ path: String, _ acts: [UInt64: [Act]]) throws {
        self.path = path
        self.acts = acts
        folder = try DataFolder(path: path)
        store = try StateStore(path: folder.statePath, identity: Self.identity)
        history = try HistoryStore(path: folder.historyPath, identity: Self.identity)
        checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        let (machine, block) = Machine.begin(Self.genesis, state: State(source: store))
        self.machine = machine
        try keep(block, [], certificate: nil)
        try flush()
    }

    private func keep(
        _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction], certificate: [UInt8]?
    ) throws {
        try history.append(
            [
                BlockRecord(
                    height: executed.header.height, hash: executed.hash,
                    transactions: transactions.map(\.hash), logItems: [],
                    bytes: executed.stored, certificate: certificate)
            ], sync: false)
    }

    private func flush() throws {
        let tip = machine.tip
        try store.apply(
            machine.state.collectChanges(),
            meta: StateMeta(
                height: tip.height, headerHash: tip.header, stateHash: tip.stateHash))
        machine.state.written(upTo: tip.height)
    }

    private func grow(stored: UInt64) throws {
        let height = machine.tip.height + 1
        let transactions =
            transactions(for: height)
            + (acts[height] ?? []).map { signed($0.by, to: $0.to, $0.data) }
        time += 1000
        let body = Body.encode(
            version: 1, height: height, parent: machine.tip.body, timeMillis: time,
            leader: Self.keys[0].address, transactions: transactions)
        let root = machine.checkpointDue(at: height).flatMap { roots[$0] }
        let banks = machine.bankSet.banks
        let block = try machine.execute(
            Body(decoding: body), transactions, checkpointRoot: root)
        // Now and then two banks out of three, always another pair, and at times none.
        let signers = height % 7 == 0 ? [] : [banks[Int(height) % 3], banks[Int(height + 1) % 3]]
        try keep(
            block, transactions,
            certificate: signers.isEmpty ? nil : certificate(of: block, by: signers))
        if Self.genesis.isCheckpoint(height), height < stored {
            try flush()
            roots[height] = try checkpoints.write(
                store.snapshot(), CheckpointControl(share: 100))?.root
        }
        if height == stored { try flush() }
    }

    private func certificate(of block: ExecutedBlock, by signers: [Bank]) -> [UInt8] {
        let domain = EIP712.Domain.headers(chainID: Self.genesis.chainID)
        return Certificate(
            height: block.header.height, header: block.hash,
            votes: signers.map { bank in
                let key = (Self.keys + Self.laterKeys).first { $0.address == bank.nodeKey }!
                let vote = HeaderVote(
                    height: block.header.height, header: block.hash, signedBy: key, in: domain)
                return (bank.nodeKey, vote.signature)
            }
        ).bytes
    }

    // MARK: What happens

    private func signed(
        _ from: Int, to: Address, value: UInt128 = 0, _ data: [UInt8] = [],
        gasLimit: UInt64 = 1_000_000
    ) -> VerifiedTransaction {
        let transaction = Transaction(
            chainID: Self.genesis.chainID, nonce: nonces[from], maxFeePerGas: 1_000_000_000,
            gasLimit: gasLimit, to: to, value: value, data: data)
        nonces[from] += 1
        return try! .verify(
            transaction.sign(with: Self.keys[from]), chainID: Self.genesis.chainID)
    }

    private func transactions(for height: UInt64) -> [VerifiedTransaction] {
        let token = TokenID(rawValue: 1).address
        switch height {
        case 1:
            var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
            writer.write(
                ITokens.NewToken(
                    name: "Euro", symbol: "EUR", decimals: 2, cap: 0, initialSupply: 1_000_000,
                    controls: 0, uri: ""))
            return [signed(4, to: .tokens, writer.finish())]
        case 2: return [open(.dip), open(token)]
        case 3: return [fund(1, 500), signed(3, to: Self.keys[5].address, value: 77)]
        case 4: return [publish()]
        case 5: return [fund(2, 300), signed(2, to: token, [1, 2, 3])]
        case 6: return [propose(newKey: 0, ofBank: 2)]
        case 7: return [vote(1)]
        case 12: return [attest(1)]
        case 20: return [propose(newKey: 1, ofBank: 1)]
        case 21: return [vote(2)]
        default:
            let count = Int(height % 4)
            return (0..<count).map { number in
                signed(
                    (number + Int(height)) % 6,
                    to: Address(high: height, middle: UInt64(number), low: 5), value: 3)
            }
        }
    }

    /// Bank 0 proposes another node key for a bank.
    private func propose(newKey: Int, ofBank bank: Int) -> VerifiedTransaction {
        let change = IGovernance.Change.rotateKey(
            bank: Self.keys[bank].address, which: .node, key: Self.laterKeys[newKey].address)
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(change.kind)
        writer.write(bytes: IGovernance.Proposal(change, from: 0).data)
        writer.write(UInt64.max)
        return signed(0, to: .treasury, writer.finish())
    }

    /// Bank 1 votes for a proposal, which decides it.
    private func vote(_ id: UInt64) -> VerifiedTransaction {
        var writer = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
        writer.write(id)
        writer.write(true)
        return signed(1, to: .treasury, writer.finish())
    }

    private func open(_ token: Address) -> VerifiedTransaction {
        var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        writer.write(
            IOrders.Terms(
                token: token, buyer: Self.keys[4].address,
                lines: [
                    IOrders.Line(tier: 0, payee: Self.keys[3].address, amount: 400, gate: 1),
                    IOrders.Line(tier: 1, payee: Self.keys[5].address, amount: 200),
                ],
                gates: [
                    IOrders.Gate(
                        attestors: [Self.keys[2].address], threshold: 1,
                        deadline: 1_000_000 / 1000 + 20)
                ]))
        return signed(4, to: .orders, writer.finish())
    }

    /// Publishes a template, which then waits for reviews with its deposit.
    private func publish() -> VerifiedTransaction {
        var writer = ABIWriter(selector: ITemplates.Function.publish.rawValue, words: 2)
        writer.write(
            string: """
                {"language": 1, "name": "Invoice", "roles": {"buyer": {"pays": true}, "seller": {}},
                 "parameters": {"price": {"type": "amount"}}, "price": "price",
                 "lines": [{"to": "seller", "rest": true}], "royalty": "0.5"}
                """)
        writer.write(word: .zero)
        return signed(3, to: .templates, value: 1_300, writer.finish(), gasLimit: 20_000_000)
    }

    private func fund(_ order: UInt64, _ amount: UInt128) -> VerifiedTransaction {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(order)
        writer.write(amount)
        return signed(4, to: .orders, value: order == 1 ? amount : 0, writer.finish())
    }

    private func attest(_ order: UInt64) -> VerifiedTransaction {
        var writer = ABIWriter(selector: IOrders.Function.attest.rawValue, words: 4)
        writer.write(order)
        writer.write(UInt8(0))
        writer.write(UInt16(10_000))
        writer.write(word: .zero)
        return signed(2, to: .orders, writer.finish())
    }
}
