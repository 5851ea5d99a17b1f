import Execution
import Foundation
import Ledger
import Logging
import Replica
import Signing
import TestSupport
import Testing
import Threads
import Tokens

@testable import Node

/// A node on real files, with the development genesis.
struct TestNode {
    let node: Node

    init(_ node: Node) { self.node = node }

    init(
        in folder: TemporaryFolder, manualClock: Bool = false, log: Locked<[String]>? = nil,
        configure: (inout NodeConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = NodeConfiguration(
            folder: folder.path + "/data",
            genesis: DevelopmentKeys.genesis(timeMillis: 1_700_000_000_000),
            key: .local(DevelopmentKeys.key(0)!), verifiers: 2)
        configuration.isClockManual = manualClock
        configuration.diskReserve = 0
        configure(&configuration)
        node = try Node.start(
            configuration,
            logger: Logger(label: "test") { _ in
                log.map { Notes(text: $0) as any LogHandler } ?? SwiftLogNoOpLogHandler()
            })
    }

    static func transfer(
        from index: Int, nonce: UInt64, to: Address, value: UInt128 = 1, gasLimit: UInt64 = 21_000,
        price: UInt128 = 1_000_000_000, data: [UInt8] = []
    ) -> [UInt8] {
        Transaction(
            chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: price,
            gasLimit: gasLimit, to: to, value: value, data: data
        ).sign(with: DevelopmentKeys.key(index)!)
    }

    func submit(_ raws: [[UInt8]]) async -> [Result<Hash32, PoolRefusal>] {
        await withCheckedContinuation { continuation in
            node.submit(raws) { continuation.resume(returning: $0) }
        }
    }

    func await(_ hash: Hash32, millis: UInt64 = 120_000) async -> Awaited {
        await withCheckedContinuation { continuation in
            node.wait(for: hash, .executed, timeoutMillis: millis) {
                continuation.resume(returning: $0)
            }
        }
    }

    /// Submits and waits; the record of each.
    func run(_ raws: [[UInt8]]) async throws -> [Record] {
        var records: [Record] = []
        for answer in await submit(raws) {
            guard case .found(let block, let index) = await self.await(try answer.get()) else {
                Issue.record("a transaction was dropped or timed out")
                continue
            }
            records.append(try block.record(index))
        }
        return records
    }

    func balance(_ account: Address) -> UInt128 {
        node.withMachine { $0.tokens.balance(of: account, in: .dip) }
    }
}

/// Copies a folder as it stands on disk, sockets and locks aside.
func copyFolder(_ from: String, to: String) throws {
    try FileManager.default.copyItem(atPath: from, toPath: to)
}

/// Waits until something has come: two minutes, since the machine may be slow, and not for ever.
func until(_ what: String, _ hasCome: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(120)
    while try await !hasCome() {
        try #require(ContinuousClock.now < end, "never: \(what)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
