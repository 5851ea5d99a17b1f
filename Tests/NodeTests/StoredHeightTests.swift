import Foundation
import Ledger
import Storage
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
}
