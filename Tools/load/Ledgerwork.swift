import Execution
import Foundation
import JSON
import Ledger
import Node

/// Signs for the accounts of a run.
struct Signer: Sendable {
    static let gasPrice: UInt128 = 1_000_000_000
    private let chainID = Genesis.developmentChainID

    /// A signed transaction of a key whose nonce the caller counts.
    func sign(
        _ key: PrivateKey, nonce: UInt64, to: Address, value: UInt128 = 0, data: [UInt8] = [],
        gas: UInt64 = 21_000
    ) -> [UInt8] {
        Transaction(
            chainID: chainID, nonce: nonce, maxFeePerGas: Self.gasPrice, gasLimit: gas, to: to,
            value: value, data: data
        ).sign(with: key)
    }
}

/// The node as the load asks it.
struct Asker {
    private let socket: Connection

    init(port: Int) throws { socket = try Connection(port: port) }
    init(socket: Connection) { self.socket = socket }

    func call(_ method: String, _ params: String) throws -> JSON {
        let bytes = try socket.call(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        let answer = try JSON(parsing: bytes)
        guard let result = answer["result"] else {
            throw LoadFailure("\(method): \(String(decoding: bytes, as: UTF8.self).prefix(300))")
        }
        return result
    }

    func height() throws -> UInt64 {
        UInt64(try call("eth_blockNumber", "[]").quantity ?? 0)
    }

    func stateHash(at height: UInt64) throws -> String {
        let block = try call("eth_getBlockByNumber", "[\"0x\(String(height, radix: 16))\",false]")
        return block["stateRoot"]?.string ?? ""
    }

    func nonce(_ account: Address) throws -> UInt64 {
        UInt64(try call("eth_getTransactionCount", "[\"\(account)\",\"latest\"]").quantity ?? 0)
    }
}

/// Everything that a run measures, in order.
struct Run {
    var node: NodeProcess
    let signer = Signer()
    let operatorKey: PrivateKey
    var operatorNonce: UInt64 = 0
    var random: Seeded
    var accounts: Accounts
    var nonces: [UInt64]
    var token = Address.zero

    /// A run with so many accounts, those of the options if nil.
    init(_ options: Load, accounts count: Int? = nil, node: NodeProcess) {
        let count = count ?? options.accounts
        self.node = node
        guard let key = DevelopmentKeys.key(1) else {
            preconditionFailure("there are ten development keys")
        }
        operatorKey = key
        random = Seeded(options.seed)
        accounts = Accounts(count: count, seed: options.seed)
        nonces = Array(repeating: 0, count: count)
    }

    /// Transfers in one request.
    static let usualGroup = 250

    /// Submits transactions of which each ends a request of its own or a group of them.
    func submit(
        _ raws: [[UInt8]], perRequest: Int, connections: Int = 4
    ) throws -> Double {
        var submitter = Submitter(port: node.port)
        submitter.perRequest = perRequest
        submitter.connections = connections
        return try submitter.run(submitter.requests(raws))
    }

    /// A payment of one unit of DIP by the operator.
    mutating func operatorPayment() -> [UInt8] {
        operatorCall(accounts.addresses[0], [], value: 1, gas: 21_000)
    }

    /// A call of the operator's, with its next nonce.
    mutating func operatorCall(
        _ to: Address, _ data: [UInt8], value: UInt128 = 0, gas: UInt64
    ) -> [UInt8] {
        defer { operatorNonce += 1 }
        return signer.sign(
            operatorKey, nonce: operatorNonce, to: to, value: value, data: data, gas: gas)
    }

    /// Gives every account DIP for its fees, and issues a token to the operator.
    mutating func prepare() throws {
        operatorNonce = try Asker(port: node.port).nonce(operatorKey.address)
        let each: UInt128 = 200_000_000_000_000_000
        var raws: [[UInt8]] = []
        for start in stride(from: 0, to: accounts.addresses.count, by: 1000) {
            let group = accounts.addresses[start..<min(start + 1000, accounts.addresses.count)]
            var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
            writer.write(array: group.map { IBatch.Call(to: $0, data: [], value: each) })
            raws.append(
                operatorCall(
                    .batch, writer.finish(), value: each * UInt128(group.count),
                    gas: 12_000_000))
        }
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "Load", symbol: "LOAD", decimals: 2, cap: 0,
                initialSupply: 1 << 100, controls: 0, uri: ""))
        raws.append(operatorCall(.tokens, writer.finish(), gas: 1_000_000))
        _ = try submit(raws, perRequest: 2, connections: 1)
        let created = try Asker(port: node.port).call(
            "eth_call",
            "[{\"to\":\"\(Address.tokens)\",\"data\":\"0xe0886f90\(String(repeating: "0", count: 64))\"},\"latest\"]"
        )
        token = Address(created.data?.suffix(20) ?? []) ?? .zero
        guard token != .zero else { throw LoadFailure("the token was not issued") }
    }

    /// Signed single transfers of DIP, payers and payees uniform over all accounts.
    ///
    /// - Returns: the seconds from the first byte sent to the last receipt.
    mutating func singles(_ count: Int, perRequest: Int = usualGroup) throws -> Double {
        // One connection after the other could overtake a payer's nonces; the pool waits for the gap.
        try submit(transfers(count), perRequest: perRequest)
    }

    /// Signed single transfers that come at a pace.
    ///
    /// - Returns: as ``PacedRun/run(_:)``.
    mutating func paced(_ rate: Double, group: Int, seconds: Double) throws -> [Double] {
        try PacedRun(port: node.port, rate: rate, group: group).run(
            transfers(Int(rate * seconds)))
    }

    /// Transfers of DIP, payers and payees uniform over all accounts, signed on all cores.
    private mutating func transfers(_ count: Int) -> [[UInt8]] {
        var plan: [(payer: Int, payee: Int, nonce: UInt64)] = []
        for _ in 0..<count {
            let payer = random.below(accounts.addresses.count)
            plan.append((payer, random.below(accounts.addresses.count), nonces[payer]))
            nonces[payer] += 1
        }
        let fixed = plan
        let (accounts, signer) = (accounts, signer)
        return inParallel(count) { index in
            signer.sign(
                accounts.key(fixed[index].payer), nonce: fixed[index].nonce,
                to: accounts.addresses[fixed[index].payee], value: 1)
        }
    }

    /// Payouts of an issued token in signed batches of 1,000, payees uniform over all accounts.
    mutating func batches(_ count: Int) throws -> Double {
        var raws: [[UInt8]] = []
        for _ in 0..<count {
            let payees = (0..<1000).map { _ in
                accounts.addresses[random.below(accounts.addresses.count)]
            }
            var writer = ABIWriter(selector: IToken.Function.transferBatch.rawValue, words: 2)
            writer.write(array: payees)
            writer.write(array: payees.map { _ in UInt128(1) })
            raws.append(operatorCall(token, writer.finish(), gas: 6_000_000))
        }
        return try submit(raws, perRequest: 4)
    }

    /// One payment at a time, submitted to receipt, in milliseconds; with a rest of so many microseconds after each,
    /// so that the next one meets an idle node.
    mutating func idle(
        _ count: Int, _ way: SinglePayment.Way = .oneRequest, rest: useconds_t = 2_000
    ) throws -> [Double] {
        let socket = try Connection(port: node.port)
        var times: [Double] = []
        for _ in 0..<count {
            let payment = SinglePayment(operatorPayment(), way)
            let begin = now()
            try payment.make(socket)
            times.append((now() - begin) * 1000)
            if rest > 0 { usleep(rest) }
        }
        return times.sorted()
    }
}
