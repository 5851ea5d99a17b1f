import Consensus
import Execution
import Foundation
import Ledger
import Replica
import TestSupport
import Testing
import Threads

@testable import Node

/// What a leader that breaks the rules orders, and nobody can execute.
@Suite struct VoidBodyTests {
    private func nonsense(after tip: Tip) -> [[UInt8]] {
        func body(
            version: UInt16 = 1, height: UInt64, parent: Hash32, time: UInt64
        ) -> [UInt8] {
            Body.encode(
                version: version, height: height, parent: parent, timeMillis: time, leader: .zero,
                transactions: [])
        }
        let time = tip.timeMillis
        var forged = body(height: tip.height + 1, parent: tip.body, time: time)
        // One transaction, which is none.
        forged.replaceSubrange((forged.count - 4)..., with: [0, 0, 0, 1, 0, 0, 0, 1, 0xff])
        return [
            [], [UInt8](repeating: 0xff, count: 60), forged,
            body(height: tip.height + 1, parent: .zero, time: time),
            body(height: tip.height + 5, parent: tip.body, time: time),
            body(version: 2, height: tip.height + 1, parent: tip.body, time: time),
            body(height: tip.height + 1, parent: tip.body, time: time - 1),
        ]
    }

    @Test func `what nobody can execute is passed over, also when the log is read again`()
        async throws
    {
        let folder = TemporaryFolder()
        let receiver = DevelopmentKeys.key(9)!.address
        func pay(_ node: TestNode, nonce: UInt64) async throws {
            let records = try await node.run([
                TestNode.transfer(from: 1, nonce: nonce, to: receiver)
            ])
            #expect(records.map(\.outcome) == [.done])
        }
        var balance: UInt128 = 0
        do {
            let node = try TestNode(in: folder) { $0.flushBlocks = 1_000_000 }
            balance = node.balance(receiver)
            try await pay(node, nonce: 0)
            let junk = nonsense(after: node.node.withMachine { $0.tip })
            for payload in junk {
                guard case .accepted = node.node.driver.submit(payload) else {
                    Issue.record("was not ordered")
                    return
                }
            }
            try await pay(node, nonce: 1)
            #expect(node.node.voidBodies == UInt64(junk.count))
            #expect(node.node.status.closedBecause == nil)
            try copyFolder(folder.path + "/data", to: folder.path + "/killed")
            node.node.stop()
        }
        let again = try TestNode(in: folder) { $0.folder = folder.path + "/killed" }
        try await pay(again, nonce: 2)
        #expect(again.balance(receiver) == balance + 3)
        again.node.stop()
    }

    /// Were it tried again, a node that is started again would have another block than the others, and sign it.
    @Test func `a body that came too early stays passed over on top of a state that it would fit`()
        async throws
    {
        let folder = TemporaryFolder()
        let killed = folder.path + "/killed"
        var hashes: [Hash32] = []
        do {
            let node = try TestNode(in: folder) { $0.flushBlocks = 1_000_000 }
            let tip = node.node.withMachine { $0.tip }
            func order(_ bodies: [Body]) async throws {
                try await self.order(bodies, by: node.node)
                hashes.append(node.node.head.hash)
            }
            let first = try body(1, on: tip.body, after: tip)
            try await order([try body(2, on: first.hash, after: tip), first])
            #expect(node.node.storeState(timeoutMillis: 60_000))
            // What a power cut leaves: this state, and all of the log.
            try FileManager.default.createDirectory(
                atPath: killed, withIntermediateDirectories: true)
            for name in ["state", "history"] {
                try copyFolder(folder.path + "/data/" + name, to: killed + "/" + name)
            }
            try await order([try body(2, on: first.hash, after: tip, millis: 3)])
            #expect(node.node.voidBodies == 1)
            node.node.stop()
        }
        try copyFolder(folder.path + "/data/log", to: killed + "/log")
        let again = try TestNode(in: folder) { $0.folder = killed }
        #expect(again.node.head.hash == hashes.last)
        let height = again.node.head.header.height
        #expect(try again.node.chain.block(at: height - 1)?.hash == hashes[0])
        again.node.stop()
    }

    @Test func `nor is it tried where the state does not say which entries of the log it has`()
        async throws
    {
        let node = try TestNode(in: TemporaryFolder())
        defer { node.node.stop() }
        let tip = node.node.withMachine { $0.tip }
        let first = try body(1, on: tip.body, after: tip)
        let early = try body(2, on: first.hash, after: tip)
        try await order([early, first], by: node.node)
        // As behind a backup or a checkpoint: the log is read from its beginning.
        var position = LogPosition(tip: 1, logIndex: nil, isAlone: false)
        let workers = WorkerPool<Submitter>(named: "test", count: 1)
        defer { workers.stop() }
        let reader = BodyReader(
            chain: node.node.chain, pool: node.node.pool, workers: workers,
            cut: Locked(CutBodies()))
        for body in [early, first] {
            guard case .known = try reader.read(body.bytes, at: &position) else {
                Issue.record("block \(body.height) is tried")
                return
            }
        }
        let second = try body(2, on: first.hash, after: tip, millis: 3)
        guard case .next(let next, _) = try reader.read(second.bytes, at: &position) else {
            Issue.record("what comes behind is not executed")
            return
        }
        #expect(next.hash == second.hash)
    }

    private func body(
        _ height: UInt64, on parent: Hash32, after tip: Tip, millis: UInt64? = nil
    ) throws -> Body {
        try Body(
            decoding: Body.encode(
                version: 1, height: height, parent: parent,
                timeMillis: tip.timeMillis + (millis ?? height),
                leader: DevelopmentKeys.addresses[0], transactions: []))
    }

    /// Has bodies ordered, and waits for the block of the last one.
    private func order(_ bodies: [Body], by node: Node) async throws {
        for body in bodies {
            guard case .accepted = node.driver.submit(body.bytes) else { throw NotOrdered() }
        }
        try await until("the block of the last body") { node.head.header.body == bodies.last?.hash }
    }

    private struct NotOrdered: Error {}
}
