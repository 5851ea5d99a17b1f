import Execution
import Gateway
import JSON
import Ledger
import TestSupport
import Testing

@testable import Node

/// A node behind a server on a port of the system's choice, with a client.
final class RPCTestNode {
    let folder = TemporaryFolder()
    let test: TestNode
    let server: RPCServer
    let client: RPCClient
    let endpoint: RPCEndpoint
    let metrics = Metrics()

    init(
        manualClock: Bool = true, limits: RPCLimits = RPCLimits(), refusals: RateLimit? = nil,
        configure: (inout NodeConfiguration) -> Void = { _ in }
    ) async throws {
        test = try TestNode(in: folder, manualClock: manualClock, configure: configure)
        var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
        if let refusals { configuration.limits.refusals = refusals }
        server = try await RPCServer.start(
            configuration, methods: rpcMethods(for: test.node, limits: limits),
            routes: nodeRoutes(for: test.node, metrics: metrics), metrics: metrics)
        endpoint = try RPCEndpoint("http://127.0.0.1:\(server.port!)")
        client = RPCClient(endpoint)
    }

    func stop() async {
        await client.close()
        await server.stop(within: 200)
        test.node.stop()
    }

    /// Runs a test with a node, and ends the node whatever comes.
    static func with(
        manualClock: Bool = true, limits: RPCLimits = RPCLimits(), refusals: RateLimit? = nil,
        configure: (inout NodeConfiguration) -> Void = { _ in },
        _ body: (RPCTestNode) async throws -> Void
    ) async throws {
        let node = try await RPCTestNode(
            manualClock: manualClock, limits: limits, refusals: refusals, configure: configure)
        do {
            try await body(node)
            await node.stop()
        } catch {
            await node.stop()
            throw error
        }
    }

    // MARK: Calls

    @discardableResult
    func call(_ method: String, _ params: JSON...) async throws -> JSON {
        try await client.call(method, .array(params))
    }

    /// The error of a call that must fail.
    func failure(_ method: String, _ params: JSON...) async throws -> RPCError {
        do {
            let result = try await client.call(method, .array(params))
            Issue.record("\(method) was answered with \(result)")
            return RPCError(code: 0, message: "")
        } catch {
            guard case .method(let error) = error else { throw error }
            return error
        }
    }

    // MARK: Transactions

    var keys: [Address] { DevelopmentKeys.addresses }

    /// Signs, sends and waits; the receipt.
    @discardableResult
    func send(
        from index: Int, to: Address?, value: UInt128 = 0, data: [UInt8] = []
    ) async throws -> JSON {
        let nonce = try await call("eth_getTransactionCount", .data(keys[index].bytes), "pending")
        let raw = Transaction(
            chainID: Genesis.developmentChainID, nonce: UInt64(nonce.quantity!),
            maxFeePerGas: 2_000_000_000, gasLimit: 20_000_000, to: to, value: value, data: data
        ).sign(with: DevelopmentKeys.key(index)!)
        let hash = try await call("eth_sendRawTransaction", .data(raw))
        return try await call("dip_waitForReceipt", hash, "executed", 20_000)
    }

    /// Issues a token of key 0 with a supply of a million.
    func issueToken(controls: UInt64 = 0) async throws -> Address {
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "Test Yuan", symbol: "TCNY", decimals: 2, cap: 0, initialSupply: 1_000_000,
                controls: controls, uri: ""))
        let receipt = try await send(from: 0, to: .tokens, data: writer.finish())
        #expect(receipt["status"] == "0x1")
        return try #require(receipt["output"]?.data.flatMap { Hash32($0)?.address })
    }

    /// Opens an order of a buyer with one line for each payee; its id.
    func open(
        _ buyer: Int, token: Address, _ lines: [(Int, UInt128)], dueAt: UInt64 = 0
    ) async throws -> UInt64 {
        var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        writer.write(
            IOrders.Terms(
                token: token, buyer: keys[buyer], arbiter: .zero, dueAt: dueAt,
                document: Hash32(1, 2, 3, 4),
                lines: lines.map {
                    IOrders.Line(tier: 0, payee: keys[$0.0], amount: $0.1, gate: 0)
                }, gates: []))
        let receipt = try await send(from: buyer, to: .orders, data: writer.finish())
        #expect(receipt["status"] == "0x1")
        let word = try #require(receipt["output"]?.data.flatMap { Hash32($0) })
        return word.parts.3
    }

    func data(_ selector: UInt32, _ words: Hash32...) -> [UInt8] {
        var writer = ABIWriter(selector: selector, words: words.count)
        for word in words { writer.write(word: word) }
        return writer.finish()
    }
}

extension JSON {
    /// A path of names and indices into a tree.
    subscript(path names: String...) -> JSON? {
        names.reduce(self as JSON?) { json, name in
            Int(name).map { json?[$0] } ?? json?[name]
        }
    }
}
