import Gateway
import JSON
import Ledger
import Wallet

/// What a command works with: the node, the keystore, and what it has learnt from both.
final class Session {
    let client: RPCClient
    let keystore: Keystore
    let names: Names
    let isJSON: Bool
    private var currencies: [Address: Currency] = [.dip: .dip]
    private var orderCurrencies: [UInt64: Currency] = [:]

    init(_ node: NodeOptions, _ keystore: KeystoreOptions, _ output: OutputOptions) throws {
        client = RPCClient(try node.endpoint())
        self.keystore = try keystore.open()
        names = Names(self.keystore)
        isJSON = output.json
    }

    // MARK: Calls

    /// Makes one call of the node.
    func call(_ method: String, _ parameters: JSON...) async throws -> JSON {
        try await client.call(method, .array(parameters))
    }

    /// A call whose result is a whole number.
    func number(_ method: String, _ parameters: JSON...) async throws -> UInt128 {
        let result = try await client.call(method, .array(parameters))
        guard let number = result.whole else { throw strange(method, result) }
        return number
    }

    /// The ledger's chain id.
    func chainID() async throws -> UInt64 {
        UInt64(clamping: try await number("eth_chainId"))
    }

    /// The time of the last block, seconds since 1970.
    func blockTime() async throws -> UInt64 {
        let block = try await call("eth_getBlockByNumber", "latest", false)
        guard let time = block["timestamp"]?.whole64 else {
            throw strange("eth_getBlockByNumber", block)
        }
        return time
    }

    /// The most gas that a transaction may ask for: as much as a block has.
    func blockGasLimit() async throws -> UInt64 {
        let block = try await call("eth_getBlockByNumber", "latest", false)
        guard let limit = block["gasLimit"]?.whole64 else {
            throw strange("eth_getBlockByNumber", block)
        }
        return limit
    }

    /// Reads from a contract, as the last block left it.
    ///
    /// - Throws: what decoding throws, as a fault of the node's.
    func read<Value>(
        _ call: ContractCall, _ decode: (inout ABIReader) throws(Rejection) -> Value
    ) async throws -> Value {
        let result = try await self.call("eth_call", call.json(), "latest")
        guard let data = result.data else { throw strange("eth_call", result) }
        var reader = ABIReader(data)
        do {
            let value = try decode(&reader)
            try reader.finish()
            return value
        } catch {
            throw strange("eth_call", result)
        }
    }

    /// All pages of a list, from `next` to `next`.
    ///
    /// - Parameters:
    ///   - method: takes `parameters`, then `from` and `limit`.
    ///   - parameters: the first ones.
    ///   - member: under which the list stands.
    ///   - most: how many elements at most.
    /// - Returns: the elements in order.
    /// - Throws: what a call throws.
    func pages(
        _ method: String, _ parameters: [JSON], member: String, atMost most: Int
    ) async throws -> ListPart {
        try await ListPart(member, atMost: most) { from, limit in
            try await client.call(method, .array(parameters + [from, .integer(limit)]))
        }
    }

    /// The fault for an answer of another shape than was expected.
    func strange(_ method: String, _ answer: JSON) -> ClientFault {
        .badAnswer(
            "\(client.endpoint): the answer to \(method) is not understood: "
                + Output.clean(Output.compact(answer), atMost: 200))
    }

    // MARK: Tokens

    /// A token by its address, or by its symbol where only one token has it.
    func currency(_ text: String) async throws -> Currency {
        if text.uppercased() == "DIP" { return .dip }
        if text.hasPrefix("0x") { return try await currency(try names.address(text)) }
        let matches = try await pages("dip_tokens", [], member: "tokens", atMost: 100_000)
            .elements.compactMap { Currency($0) }.filter { $0.symbol == text }
        guard let first = matches.first else {
            throw Failure.failed(
                "no token has the symbol \"\(text)\"; 'dip token list' shows those there are")
        }
        guard matches.count == 1 else {
            let choices = matches.map(\.address.checksummed).joined(separator: ", ")
            throw Failure.failed(
                "\(matches.count) tokens have the symbol \"\(text)\"; give an address: \(choices)")
        }
        return first
    }

    /// What is known of the token at an address.
    func currency(_ address: Address) async throws -> Currency {
        if let known = currencies[address] { return known }
        let token = try await call("dip_token", .string(address.hex))
        guard let currency = Currency(token) else { throw strange("dip_token", token) }
        currencies[address] = currency
        return currency
    }

    /// Remembers the token in which an order settles.
    func learn(_ currency: Currency, ofOrder id: UInt64) { orderCurrencies[id] = currency }

    /// The token in which an order settles.
    func currency(ofOrder id: UInt64) async throws -> Currency {
        if let known = orderCurrencies[id] { return known }
        let call = ContractCall(.orders, IOrders.Function.order, words: 1) { $0.write(id) }
        let view = try await read(call) { reader throws(Rejection) in
            try reader.read(IOrders.OrderView.self)
        }
        let currency = try await currency(view.token)
        orderCurrencies[id] = currency
        return currency
    }

    // MARK: Printing

    /// Prints a value with `--json`, else text.
    func show(_ json: JSON, _ text: () -> Void) {
        if isJSON { Output.json(json) } else { text() }
    }
}
