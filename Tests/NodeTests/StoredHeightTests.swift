import Foundation
import Ledger
import Storage
import TestSupport
import Testing

@testable import Node

@Suite struct StoredHeightTests {
    private let folder = TemporaryFolder()
    private let identity = StoreIdentity(chainID: 1, genesisHash: .zero)

    @Test func `only a state that is damaged or not there gives way to a fetched one`() throws {
        let data = try DataFolder(path: folder.path + "/data")
        #expect(try OpenedData.storedHeight(data, identity) == nil)
        do throws(StoreFault) {
            let other = StoreIdentity(chainID: 2, genesisHash: .zero)
            Issue.record("\(String(describing: try OpenedData.storedHeight(data, other)))")
        } catch {
            #expect(error.kind == .foreign)
        }
        // Its name taken by a file: nobody may conclude that there is no state.
        let aside = folder.path + "/aside"
        try FileManager.default.moveItem(atPath: data.statePath, toPath: aside)
        try Data([1]).write(to: URL(fileURLWithPath: data.statePath))
        #expect(throws: StoreFault.self) { _ = try OpenedData.storedHeight(data, identity) }
        try FileManager.default.removeItem(atPath: data.statePath)
        try FileManager.default.moveItem(atPath: aside, toPath: data.statePath)
        try Data("nonsense".utf8).write(
            to: URL(fileURLWithPath: data.statePath + "/CURRENT"))
        #expect(try OpenedData.storedHeight(data, identity) == nil)
    }

    private func pay(_ nonce: UInt64, _ test: TestNode) async throws {
        let payee = Address(high: 1, middle: 2, low: 5)
        let paid = try await test.run([TestNode.transfer(from: 0, nonce: nonce, to: payee)])
        try #require(paid.count == 1)
    }

    @Test func `a log that lacks what the state has is refused, and left as it is`() async throws {
        let log = folder.path + "/data/log"
        let (older, newer) = (folder.path + "/older", folder.path + "/newer")
        do {
            let test = try TestNode(in: folder)
            try await pay(0, test)
            test.node.stop()
        }
        try FileManager.default.copyItem(atPath: log, toPath: older)
        do {
            let test = try TestNode(in: folder)
            for nonce in UInt64(1)..<4 { try await pay(nonce, test) }
            #expect(test.node.storeState(timeoutMillis: 60_000))
            test.node.stop()
        }
        // As of a copy of the folder that took the log before the state, and of one without its log.
        try FileManager.default.moveItem(atPath: log, toPath: newer)
        for lost in [true, false] {
            if !lost { try FileManager.default.copyItem(atPath: older, toPath: log) }
            let before = (try? FileManager.default.contentsOfDirectory(atPath: log))?.sorted()
            let fault = #expect(throws: NodeFault.self) { _ = try TestNode(in: folder) }
            #expect(fault?.description.contains("but the log ends at") == true)
            #expect(fault?.isLasting == true)
            let after = try FileManager.default.contentsOfDirectory(atPath: log).sorted()
            #expect(after == before ?? ["lock"])
            try FileManager.default.removeItem(atPath: log)
        }
        try FileManager.default.moveItem(atPath: newer, toPath: log)
        let test = try TestNode(in: folder)
        #expect(test.node.head.header.height == 4)
        test.node.stop()
    }
}
