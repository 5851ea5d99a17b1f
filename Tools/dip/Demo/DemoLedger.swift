import Gateway
import JSON
import Ledger

/// A call that one of the demo's accounts makes.
struct DemoCall {
    let key: PrivateKey
    let to: Address
    let data: [UInt8]
    /// The DIP that goes along.
    let value: UInt128
    /// The most gas; estimated where it is not given.
    var gas: UInt64?

    /// A call of a function.
    init<Function: RawRepresentable<UInt32>>(
        by key: PrivateKey, _ to: Address, _ function: Function, words: Int,
        value: UInt128 = 0, gas: UInt64? = nil,
        _ write: (inout ABIWriter) -> Void
    ) {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        self.key = key
        self.to = to
        data = writer.finish()
        self.value = value
        self.gas = gas
    }
}

/// The ledger as the demo uses it: many accounts at once, everything through JSON-RPC.
final class DemoLedger {
    /// What became of a call that was carried out.
    struct Receipt {
        let block: UInt64
        let output: [UInt8]
    }

    /// How many calls go into one request.
    private static let batchSize = 100
    /// The most time to wait for a receipt in one request, milliseconds.
    private static let patience: JSON = 60_000

    let rpc: RPCClient
    let chainID: UInt64
    private let gasPrice: UInt128
    private let blockGas: UInt64
    private var nonces: [Address: UInt64] = [:]

    init(_ rpc: RPCClient) async throws {
        self.rpc = rpc
        let answers = try await rpc.batch([
            .init("eth_chainId"), .init("eth_gasPrice"),
            .init("eth_getBlockByNumber", ["latest", false]),
        ])
        guard let chainID = try answers[0].get().quantity,
            let gasPrice = try answers[1].get().quantity
        else { throw Self.strange("eth_chainId", try answers[0].get()) }
        let block = try answers[2].get()
        guard let blockGas = block["gasLimit"]?.quantity else {
            throw Self.strange("eth_getBlockByNumber", block)
        }
        self.chainID = UInt64(clamping: chainID)
        self.blockGas = UInt64(clamping: blockGas)
        self.gasPrice = gasPrice
    }

    /// Goes on where accounts stand that have sent something before.
    func learnNonces(of accounts: [Address]) async throws {
        let answers = try await ask(
            accounts.map { .init("eth_getTransactionCount", [.string($0.hex), "pending"]) })
        for (account, answer) in zip(accounts, answers) {
            guard let nonce = answer.quantity else {
                throw Self.strange("eth_getTransactionCount", answer)
            }
            nonces[account] = UInt64(clamping: nonce)
        }
    }

    // MARK: Sending

    /// Carries out calls, which must not depend on each other unless they are one account's.
    ///
    /// - Returns: the receipts in the same order.
    /// - Throws: ``Failure`` for the first that is refused.
    func perform(_ calls: [DemoCall]) async throws -> [Receipt] {
        var receipts: [Receipt] = []
        for start in stride(from: 0, to: calls.count, by: Self.batchSize) {
            let part = Array(calls[start..<min(start + Self.batchSize, calls.count)])
            receipts += try await performPart(part)
        }
        return receipts
    }

    /// Carries out one call.
    func perform(_ call: DemoCall) async throws -> Receipt {
        try await perform([call])[0]
    }

    private func performPart(_ calls: [DemoCall]) async throws -> [Receipt] {
        let raws = try await sign(calls)
        let hashes = raws.map { Keccak256.hash($0).hex }
        try await submit(raws)
        let answers = try await rpc.batch(
            hashes.map {
                .init("dip_waitForReceipt", [.string($0), "executed", Self.patience])
            })
        var receipts: [Receipt] = []
        for (answer, hash) in zip(answers, hashes) {
            receipts.append(try Self.receipt(try answer.get(), hash))
        }
        return receipts
    }

    /// Signs calls in order, each with its account's next nonce.
    func sign(_ calls: [DemoCall]) async throws -> [[UInt8]] {
        let gas = try await gas(calls)
        return zip(calls, gas).map { call, gas in
            let nonce = nonces[call.key.address, default: 0]
            nonces[call.key.address] = nonce + 1
            return Transaction(
                chainID: chainID, nonce: nonce, maxFeePerGas: gasPrice, gasLimit: gas, to: call.to,
                value: call.value, data: call.data
            ).sign(with: call.key)
        }
    }

    /// Hands signed transactions to the node.
    func submit(_ raws: [[UInt8]]) async throws {
        let answers = try await rpc.call(
            "dip_sendTransactions", [.array(raws.map { .data($0) })])
        for answer in answers.array ?? [] {
            guard let error = answer["error"], !error.isNull else { continue }
            throw Failure.failed(
                "the node does not take a transaction: \(error["message"]?.string ?? "")")
        }
    }

    /// Waits until a transaction is certified, so that nothing can undo it.
    func certified(_ hash: String) async throws -> Receipt {
        try await Self.certified(hash, at: rpc)
    }

    /// The same, as one of several nodes says it.
    static func certified(_ hash: String, at rpc: RPCClient) async throws -> Receipt {
        try receipt(
            try await rpc.call("dip_waitForReceipt", [.string(hash), "certified", patience]), hash)
    }

    /// What each call may use: as given, else what it would use now and a quarter more, if a block has so much.
    private func gas(_ calls: [DemoCall]) async throws -> [UInt64] {
        var wanted: [RPCClient.Call] = []
        for call in calls where call.gas == nil {
            let parameters = JSON.object([
                .init("from", .string(call.key.address.hex)), .init("to", .string(call.to.hex)),
                .init("data", .data(call.data)), .init("value", .quantity(call.value)),
            ])
            wanted.append(.init("eth_estimateGas", [parameters]))
        }
        var estimates = try await rpc.batch(wanted)[...]
        return try calls.map { call in
            if let gas = call.gas { return gas }
            let estimate = try estimates.popFirst()?.get() ?? .null
            guard let gas = estimate.quantity else {
                throw Self.strange("eth_estimateGas", estimate)
            }
            return UInt64(clamping: min(gas + gas / 4, max(gas, UInt128(blockGas))))
        }
    }

    private static func receipt(_ json: JSON, _ hash: String) throws -> Receipt {
        guard !json.isNull else {
            throw Failure.unknownOutcome("no receipt for \(hash) within a minute", hash: hash)
        }
        if let refusal = json["refusal"], !refusal.isNull {
            throw Failure.failed(
                "transaction \(hash) was refused: \(refusal["message"]?.string ?? "")")
        }
        guard let block = json["blockNumber"]?.quantity, json["status"]?.quantity == 1 else {
            throw strange("dip_waitForReceipt", json)
        }
        return Receipt(
            block: UInt64(clamping: block), output: json["output"]?.data ?? [])
    }

    // MARK: Reading

    /// The results of many questions, in order.
    func ask(_ calls: [RPCClient.Call]) async throws -> [JSON] {
        var results: [JSON] = []
        for start in stride(from: 0, to: calls.count, by: Self.batchSize) {
            let part = Array(calls[start..<min(start + Self.batchSize, calls.count)])
            for answer in try await rpc.batch(part) { results.append(try answer.get()) }
        }
        return results
    }

    /// What accounts have of a token now.
    func balances(_ accounts: [Address], of token: Address) async throws -> [UInt128] {
        let answers = try await ask(
            accounts.map {
                .init("dip_balanceAt", [.string($0.hex), .string(token.hex)])
            })
        return try answers.map { answer in
            guard let amount = answer.string.flatMap({ Amount(decimal: $0) }) else {
                throw Self.strange("dip_balanceAt", answer)
            }
            return amount.units
        }
    }

    /// How much of a token there is.
    func supply(of token: Address) async throws -> UInt128 {
        let data = ABIWriter(selector: IToken.Function.totalSupply.rawValue, words: 0).finish()
        let answer = try await rpc.call(
            "eth_call", [["to": .string(token.hex), "data": .data(data)], "latest"])
        guard let bytes = answer.data, let supply = Hash32(bytes)?.number else {
            throw Self.strange("eth_call", answer)
        }
        return supply
    }

    /// Orders as they stand.
    func orders(_ ids: [UInt64]) async throws -> [JSON] {
        try await ask(ids.map { .init("dip_order", [.integer($0)]) })
    }

    /// The chained hash of the state after a block.
    func stateHash(ofBlock height: UInt64) async throws -> String {
        try await Self.stateHash(ofBlock: height, at: rpc)
    }

    /// The same, as one of several nodes says it.
    static func stateHash(ofBlock height: UInt64, at rpc: RPCClient) async throws -> String {
        let block = try await rpc.call("eth_getBlockByNumber", [.quantity(height), false])
        guard let hash = block["stateRoot"]?.string else {
            throw strange("eth_getBlockByNumber", block)
        }
        return hash
    }

    static func strange(_ method: String, _ answer: JSON) -> Failure {
        .failed(
            "the node's answer to \(method) is not understood:"
                + " \(Output.compact(answer).prefix(300))")
    }
}
