import Consensus
import Execution
import Foundation
import Ledger
import Replica
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

/// Blocks certify the state of a checkpoint some blocks later; a node may be stopped, or backed up, between.
@Suite(.serialized) struct PendingRootTests {
    private let payee = Address(high: 1, middle: 2, low: 5)

    @Test func `a root is pending between its checkpoint and the block that certifies it`() {
        var genesis = DevelopmentKeys.genesis(timeMillis: 0)
        for interval in 0...12 as ClosedRange<UInt64> {
            genesis.checkpointInterval = interval
            for height in 0...50 as ClosedRange<UInt64> {
                let pending = (0..<height).first { checkpoint in
                    genesis.isCheckpoint(checkpoint)
                        && (height + 1...height + 12).contains {
                            genesis.checkpointDue(at: $0) == checkpoint
                        }
                }
                #expect(genesis.checkpointPending(at: height) == pending)
            }
        }
    }

    private func pay(_ node: TestNode, _ nonces: Range<UInt64>) async throws {
        for nonce in nonces {
            let records = try await node.run([
                TestNode.transfer(from: 0, nonce: nonce, to: payee)
            ])
            try #require(records.count == 1)
        }
    }

    private func start(_ folder: TemporaryFolder) throws -> TestNode {
        try TestNode(in: folder) {
            $0.genesis.checkpointInterval = 10
            $0.flushBlocks = 1
        }
    }

    /// What is in the way of the checkpoint of block 10, as a disk without room would be.
    private func obstacle(_ folder: TemporaryFolder) -> String {
        folder.path + "/data/checkpoints/00000000000000000010"
    }

    @Test func `a node that is stopped while a checkpoint is made can go on`() async throws {
        let folder = TemporaryFolder()
        do {
            let node = try start(folder)
            try await pay(node, 0..<9)
            // As when it is stopped before the checkpoint is whole.
            node.node.checkpoints.stop()
            try await pay(node, 9..<13)
            node.node.stop()
        }
        let node = try start(folder)
        try await pay(node, 13..<25)
        #expect(node.node.head.header.height == 25)
        node.node.stop()
    }

    @Test func `a block that waits for a checkpoint does not halt a node that is stopped`()
        async throws
    {
        let folder = TemporaryFolder()
        do {
            let node = try start(folder)
            try await pay(node, 0..<9)
            node.node.checkpoints.stop()
            try await pay(node, 9..<14)
            let before = node.node.driver.status.commitIndex
            _ = await node.submit([TestNode.transfer(from: 0, nonce: 14, to: payee)])
            // Block 15, which would certify the checkpoint of block 10, is in the log.
            try await until("block 15 is in the log") {
                node.node.driver.status.commitIndex != before
            }
            node.node.stop()
            #expect(node.node.pool.with { $0.haltedBecause } == nil)
        }
        let node = try start(folder)
        #expect(node.node.head.header.height == 15)
        try await pay(node, 15..<25)
        node.node.stop()
    }

    @Test func `a checkpoint that the disk refused is made once there is room`() async throws {
        let folder = TemporaryFolder()
        let node = try start(folder)
        try await pay(node, 0..<9)
        try FileManager.default.createDirectory(
            atPath: obstacle(folder), withIntermediateDirectories: false)
        try await pay(node, 9..<14)
        try FileManager.default.removeItem(atPath: obstacle(folder))
        try await pay(node, 14..<25)
        #expect(node.node.status.closedBecause == nil)
        node.node.stop()
    }

    @Test func `a node that halts for want of a checkpoint goes on once there is room`()
        async throws
    {
        let folder = TemporaryFolder()
        do {
            let node = try start(folder)
            try await pay(node, 0..<9)
            try FileManager.default.createDirectory(
                atPath: obstacle(folder), withIntermediateDirectories: false)
            try await pay(node, 9..<14)
            _ = await node.submit([TestNode.transfer(from: 0, nonce: 14, to: payee)])
            try await until("the node halts") { node.node.status.closedBecause != nil }
            #expect(node.node.status.closedBecause?.contains("checkpoint of block 10") == true)
            node.node.stop()
        }
        try FileManager.default.removeItem(atPath: obstacle(folder))
        let node = try start(folder)
        #expect(node.node.head.header.height == 15)
        try await pay(node, 15..<25)
        node.node.stop()
    }

    @Test func `a backup made between a checkpoint and the block that certifies it can go on`()
        async throws
    {
        let backup = TemporaryFolder()
        do {
            let folder = TemporaryFolder()
            let node = try start(folder)
            try await pay(node, 0..<12)
            #expect(node.node.beginBackup(to: backup.path + "/b") == nil)
            try await until("the backup has ended") { node.node.backups.with { !$0.isRunning } }
            node.node.stop()
        }
        let folder = TemporaryFolder()
        let made = try Backup(path: backup.path + "/b")
        #expect(made.manifest.meta.height == 12)
        try made.restore(to: folder.path + "/data")
        let node = try start(folder)
        try await pay(node, 12..<22)
        #expect(node.node.head.header.height == 22)
        node.node.stop()
    }

    @Test func `no backup is made where the root is lost that a block to come certifies`()
        async throws
    {
        let folder = TemporaryFolder()
        let kept = obstacle(folder)
        do {
            let node = try start(folder)
            try await pay(node, 0..<12)
            // The checkpoint is made beside the blocks, and a node that stops meanwhile gives it up.
            try await until("the checkpoint is made") {
                FileManager.default.fileExists(atPath: kept)
            }
            try Data(GenesisDocument.text(node.node.genesis).utf8).write(
                to: URL(fileURLWithPath: folder.path + "/data/genesis.json"))
            node.node.stop()
        }
        let aside = folder.path + "/aside"
        try FileManager.default.moveItem(atPath: kept, toPath: aside)
        func said(_ fault: String) -> Bool {
            fault.contains("state is that of block 12")
                && fault.contains("checkpoint of block 10, whose root block 15 certifies")
                && fault.contains("restore a backup")
        }
        do {
            let stopped = try StoppedNode(path: folder.path + "/data")
            let fault = #expect(throws: NodeFault.self) {
                _ = try stopped.backUp(to: folder.path + "/b")
            }
            #expect(said(fault?.description ?? ""))
        }
        do {
            let node = try start(folder)
            #expect(node.node.beginBackup(to: folder.path + "/b") == nil)
            try await until("the backup has ended") { node.node.backups.with { !$0.isRunning } }
            guard case .failed(_, let why) = node.node.backups.with({ $0 }) else {
                Issue.record("a backup without that root was made")
                return
            }
            #expect(said(why))
            node.node.stop()
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/b"))
        try FileManager.default.moveItem(atPath: aside, toPath: kept)
        let manifest = try StoppedNode(path: folder.path + "/data")
            .backUp(to: folder.path + "/b")
        #expect(manifest.meta.height == 12 && manifest.pending?.height == 10)
    }
}
