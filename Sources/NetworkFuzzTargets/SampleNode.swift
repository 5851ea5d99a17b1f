import Execution
import Foundation
import FuzzTargets
import Gateway
import Ledger
import Logging
import NIOCore
import NIOPosix
import Node
import Replica
import Settlement
import Signing
import Tokens

/// A development node that has executed a few blocks, in a folder that goes with the process.
final class SampleNode: Sendable {
    static let shared = SampleNode()

    /// The methods that it answers, by name.
    let methods: [String]
    private let engine: RPCEngine
    private let node: Node
    private let folder: URL

    private init() {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "dipnet-fuzz-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            node = try Self.started(in: folder)
            for raw in SampleTransactions.all { try Self.execute(raw, on: node) }
        } catch {
            preconditionFailure("a node of ours does not start: \(error)")
        }
        var limits = RPCLimits()
        // Nobody who waits for what never comes keeps the fuzzer waiting.
        limits.waitMillis = 5
        limits.callGas = 5_000_000
        let methods = rpcMethods(for: node, limits: limits)
        self.methods = methods.names
        engine = RPCEngine(
            methods: methods, limits: ServerLimits(), metrics: Metrics(),
            workers: .init(count: 1, queue: 1_024))
        atexit { SampleNode.shared.end() }
    }

    private static func started(in folder: URL) throws -> Node {
        guard let key = DevelopmentKeys.key(0) else { preconditionFailure("there are ten keys") }
        var configuration = NodeConfiguration(
            folder: folder.path + "/data",
            genesis: DevelopmentKeys.genesis(timeMillis: 1_700_000_000_000),
            key: .local(key), verifiers: 1)
        configuration.isClockManual = true
        configuration.diskReserve = 0
        return try Node.start(
            configuration, logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func execute(_ raw: [UInt8], on node: Node) throws {
        let executed = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        node.submit([raw]) { answers in
            guard case .success(let hash)? = answers.first else {
                preconditionFailure("a transaction of ours is refused: \(answers)")
            }
            node.wait(for: hash, .executed, timeoutMillis: 60_000) { _ in executed.succeed() }
        }
        try executed.futureResult.wait()
    }

    private func end() {
        node.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The answer to a body, or why it is refused as a whole; nil where nobody wants one.
    func answer(_ body: [UInt8]) throws(RPCError) -> [UInt8]? {
        let outlet = SampleOutlet()
        // No administration, which would write files where the caller wants them.
        let session = RPCSession(scopes: [.read, .send], outlet: outlet)
        switch engine.answer(ByteBuffer(bytes: body), session: session, tag: 0) {
        case .refused(let error):
            outlet.deliver(nil, tag: 0)
            throw error
        case .answered(let answer):
            outlet.deliver(nil, tag: 0)
            return answer.map { Array($0.readableBytesView) }
        case .later: return outlet.wait().map { Array($0.readableBytesView) }
        }
    }
}

/// Waits for one answer.
private final class SampleOutlet: RPCOutlet {
    private let answer = MultiThreadedEventLoopGroup.singleton.any()
        .makePromise(of: ByteBuffer?.self)

    let isOver = false
    let client = ClientAddress.here
    let refusals: RefusalBudget? = nil

    func deliver(_ response: ByteBuffer?, tag: Int) { answer.succeed(response) }
    func keep(_ change: Int) {}
    func signal(_ signal: SubscriptionFeed.Signal) {}

    func wait() -> ByteBuffer? { (try? answer.futureResult.wait()) ?? nil }
}

/// A payment, a token, and an order in it.
private enum SampleTransactions {
    static let all: [[UInt8]] = [
        signed(0, to: DevelopmentKeys.addresses[1], value: 5), signed(1, to: .tokens, data: token),
        signed(2, to: .orders, data: order),
    ]

    private static func signed(
        _ nonce: UInt64, to: Address, value: UInt128 = 0, data: [UInt8] = []
    ) -> [UInt8] {
        guard let key = DevelopmentKeys.key(0) else { preconditionFailure("there are ten keys") }
        return Transaction(
            chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: 2_000_000_000,
            gasLimit: 5_000_000, to: to, value: value, data: data
        ).sign(with: key)
    }

    private static var token: [UInt8] {
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "Sample Yuan", symbol: "SCNY", decimals: 2, cap: 0, initialSupply: 1_000_000,
                controls: 0, uri: ""))
        return writer.finish()
    }

    private static var order: [UInt8] {
        let parties = DevelopmentKeys.addresses
        var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        writer.write(
            IOrders.Terms(
                token: .dip, buyer: parties[0], arbiter: .zero, dueAt: 0,
                document: Hash32(1, 2, 3, 4),
                lines: [IOrders.Line(tier: 0, payee: parties[1], amount: 10, gate: 0)], gates: []))
        return writer.finish()
    }
}
