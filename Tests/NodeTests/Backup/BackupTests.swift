import Execution
import Foundation
import Ledger
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

@Suite struct BackupTests {
    let payee = Address(high: 9, middle: 8, low: 7)

    private func finished(_ node: Node) async throws -> BackupManifest {
        while true {
            switch node.backups.with({ $0 }) {
            case .done(_, let manifest): return manifest
            case .failed(_, let why):
                throw StoreFault(
                    .inputOutput, operation: "back up", path: "", message: why)
            case .none, .running: try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func `a backup of a running node has what was executed, and blocks go on`()
        async throws
    {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder) { $0.flushBlocks = 1000 }
        let target = folder.path + "/backup"
        _ = try await node.run([TestNode.transfer(from: 0, nonce: 0, to: payee, value: 5)])
        let before = node.node.head.header.height
        async let later = node.run(
            (1..<300 as Range<UInt64>).map {
                TestNode.transfer(from: 0, nonce: $0, to: payee)
            })
        #expect(node.node.beginBackup(to: target) == nil)
        let manifest = try await finished(node.node)
        #expect(try await later.count == 299)
        #expect(manifest.meta.height >= before)
        #expect(manifest.term > 0 && manifest.nodeID == 1)
        let backup = try Backup(path: target)
        try backup.verify()
        let genesis = try GenesisDocument.parse(try backup.genesis())
        #expect(genesis.hash == node.node.genesis.hash)
        node.node.stop()
    }

    @Test func `state that is asked for is stored at once, block by block`() async throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder) { $0.flushBlocks = 1000 }
        for nonce in 0..<20 as Range<UInt64> {
            _ = try await node.run([TestNode.transfer(from: 0, nonce: nonce, to: payee)])
            #expect(node.node.storeState(timeoutMillis: 120_000))
            #expect(node.node.status.heightStored == node.node.head.header.height)
        }
        // Nothing new: nothing to store.
        #expect(node.node.storeState(timeoutMillis: 120_000))
        node.node.stop()
    }

    @Test func `storing on demand does not get in the way of checkpoints`() async throws {
        let folder = TemporaryFolder()
        let node = try TestNode(in: folder) { configuration in
            configuration.genesis.checkpointInterval = 3
            configuration.flushBlocks = 2
        }
        let asked = node.node
        let isOver = Locked(false)
        // No task: it never waits for another, who would get no turn on a machine with one processor.
        let asking = SystemThread(named: "ask") {
            while !isOver.with({ $0 }) { _ = asked.storeState(timeoutMillis: 1000) }
        }
        do {
            defer {
                isOver.with { $0 = true }
                asking.join()
            }
            for nonce in 0..<60 as Range<UInt64> {
                let records = try await node.run([
                    TestNode.transfer(from: 0, nonce: nonce, to: payee)
                ])
                #expect(records.count == 1)
            }
        }
        #expect(node.node.status.closedBecause == nil)
        #expect(node.node.head.header.height == 60)
        node.node.stop()
    }

    @Test func `one backup at a time, to a whole path, over nothing`() async throws {
        let folder = TemporaryFolder()
        do {
            let node = try TestNode(in: folder)
            _ = try await node.run([TestNode.transfer(from: 0, nonce: 0, to: payee)])
            #expect(node.node.beginBackup(to: "here") != nil)
            #expect(node.node.beginBackup(to: "/a\0b") != nil)
            #expect(node.node.beginBackup(to: folder.path + "/data") == nil)
            await #expect(throws: StoreFault.self) { _ = try await finished(node.node) }
            node.node.stop()
        }
        // Stopping ends one that is under way, and nothing of it is there; it may have been faster.
        let node = try TestNode(in: folder)
        #expect(node.node.beginBackup(to: folder.path + "/backup") == nil)
        node.node.stop()
        switch node.node.backups.with({ $0 }) {
        case .failed(_, let why):
            #expect(why.contains("stopped"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup"))
        case .done: try Backup(path: folder.path + "/backup").verify()
        case .none, .running: Issue.record("the backup goes on")
        }
    }

    @Test func `a node that was killed says how many blocks its log has beyond its state`()
        async throws
    {
        let folder = TemporaryFolder()
        let copy = folder.path + "/copy"
        do {
            let node = try TestNode(in: folder) { $0.flushBlocks = 1000 }
            _ = try await node.run([TestNode.transfer(from: 0, nonce: 0, to: payee)])
            try Data(GenesisDocument.text(node.node.genesis).utf8).write(
                to: URL(fileURLWithPath: folder.path + "/data/genesis.json"))
            try copyFolder(folder.path + "/data", to: copy)
            node.node.stop()
        }
        do {
            let killed = try StoppedNode(path: copy)
            #expect(killed.blocksBeyond == 1)
            #expect(try killed.backUp(to: folder.path + "/old").meta.height == 0)
        }
        let stopped = try StoppedNode(path: folder.path + "/data")
        #expect(stopped.blocksBeyond == 0)
        let manifest = try stopped.backUp(to: folder.path + "/new")
        #expect(manifest.meta.height == 1 && manifest.nodeID == 1 && manifest.term > 0)
        #expect(throws: NodeFault.self) { _ = try StoppedNode(path: folder.path + "/none") }
    }
}
