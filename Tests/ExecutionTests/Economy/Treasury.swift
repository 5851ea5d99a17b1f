import Ledger
import Testing
import Tokens

@testable import Execution

/// A ledger in memory of several banks with node keys, whose blocks carry votes.
struct Treasury {
    let machine: Machine
    let nodes: [PrivateKey]
    let operators: [PrivateKey]
    let clients: [PrivateKey]
    /// The last block.
    var block: StoredBlock
    /// The hashes of all headers, by height.
    private(set) var headers: [Hash32]
    private var nonces: [Address: UInt64] = [:]
    private var time: UInt64 = 1_000_000

    static let wealth: UInt128 = 1_000 * Rules.oneDIP

    init(banks: Int, endowment: UInt128 = 0, rules: Rules = Rules(epochBlocks: 16)) {
        func keys(_ kind: String, _ count: Int) -> [PrivateKey] {
            (0..<count).map { PrivateKey(Keccak256.hash("economy \(kind) \($0)").bytes)! }
        }
        let nodes = keys("node", banks + 2)
        let operators = keys("operator", banks + 2)
        (self.nodes, self.operators) = (nodes, operators)
        clients = keys("client", 4)
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: 1_000_000,
            allocations: (clients + operators).map {
                Genesis.Allocation(account: $0.address, amount: Amount(Self.wealth))
            } + [.init(account: .treasury, amount: Amount(endowment))], rules: rules,
            validators: (0..<banks).map {
                .init(
                    name: "Bank \($0 + 1)", address: nodes[$0].address,
                    operator: operators[$0].address, endpoint: "bank-\($0 + 1):4000")
            }, certificateQuorum: BankSet.defaultQuorum(of: banks), checkpointInterval: 0)
        let begun = Machine.begin(genesis, state: State(source: EmptySource()))
        machine = begun.machine
        block = try! StoredBlock(decoding: begun.block.stored)
        headers = [begun.block.hash]
    }

    var height: UInt64 { machine.tip.height }
    var economy: Economy { machine.economy }

    func balance(_ account: Address) -> UInt128 { machine.tokens.balance(of: account, in: .dip) }

    /// What a bank's node says about a block.
    func vote(_ bank: Int, _ height: UInt64, header: Hash32? = nil) -> HeaderVote {
        HeaderVote(
            height: height, header: header ?? headers[Int(height)], signedBy: nodes[bank],
            in: .headers(chainID: Genesis.developmentChainID))
    }

    /// A transaction.
    mutating func transaction(
        _ key: PrivateKey, to: Address, value: UInt128 = 0, data: [UInt8] = []
    ) -> VerifiedTransaction {
        let nonce = nonces[key.address, default: 0]
        nonces[key.address] = nonce + 1
        let transaction = Transaction(
            chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: .max >> 40,
            gasLimit: 400_000, to: to, value: value, data: data)
        return try! VerifiedTransaction.verify(
            transaction.sign(with: key), chainID: Genesis.developmentChainID)
    }

    /// Executes a block.
    mutating func run(_ transactions: [VerifiedTransaction] = [], votes: [HeaderVote] = []) {
        time += 1000
        let body = Body.encode(
            version: 1, height: height + 1, parent: machine.tip.body, timeMillis: time,
            leader: nodes[0].address, transactions: transactions, votes: votes)
        let executed = try! machine.execute(Body(decoding: body), transactions)
        block = try! StoredBlock(decoding: executed.stored)
        headers.append(executed.hash)
    }

    /// Executes empty blocks up to a height.
    mutating func advance(to height: UInt64) { while self.height < height { run() } }

    /// A payment of a client, which costs 21,000 gas.
    mutating func payment() -> VerifiedTransaction {
        transaction(clients[0], to: clients[1].address, value: 1)
    }

    /// A change that the first banks' operators decide for the next block.
    mutating func decide(_ change: IGovernance.Change) {
        let id = UInt64(machine.governance.count + 1)
        run([transaction(operators[0], to: .treasury, data: Council.propose(change))])
        for voter in 1..<max(2, machine.bankSet.banks.count / 2 + 1)
        where voter < machine.bankSet.banks.count {
            run([transaction(operators[voter], to: .treasury, data: Council.vote(id))])
        }
    }

    /// What the last block itself did.
    var effects: [EconomyEffect] {
        EffectReader(try! block.record(block.transactions.count).effects).compactMap {
            try? EconomyEffect(tag: $0.tag, payload: $0.payload)
        }
    }
}
