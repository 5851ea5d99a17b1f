import Consensus
import Ledger
import Peers
import Replica
import Testing

@testable import Node

@Suite struct IntroductionsTests {
    private func address(_ id: UInt64, key: UInt64, host: String = "a") -> PeerAddress {
        PeerAddress(
            id: NodeID(id), nodeKey: Address(high: 0, middle: 0, low: UInt32(key)),
            endpoint: "\(host):1")!
    }

    private func set(_ ids: [UInt64], next: UInt64) throws -> BankSet {
        try BankSet(
            ledger: .zero,
            banks: ids.map {
                Bank(
                    id: $0, name: "\($0)", nodeKey: Address(high: 0, middle: 0, low: UInt32($0)),
                    operator: Address(high: 0, middle: 1, low: UInt32($0)), endpoint: "a:1")
            }, nextID: next)
    }

    private func complete(
        _ introductions: Introductions, _ set: BankSet, at height: UInt64
    ) -> [NodeID: PeerAddress] {
        var addresses: [NodeID: PeerAddress] = [:]
        for bank in set.banks { addresses[NodeID(bank.id)] = address(bank.id, key: bank.id) }
        introductions.complete(&addresses, set, at: height)
        return addresses
    }

    @Test func `what somebody said counts until the ledger has come as far`() throws {
        let introductions = Introductions([address(1, key: 99), address(5, key: 5)], at: 100)
        let before = complete(introductions, try set([1, 2, 3], next: 4), at: 99)
        #expect(before[NodeID(1)]?.nodeKey == Address(high: 0, middle: 0, low: 99))
        #expect(before[NodeID(5)] != nil)
        // The key was taken back, and bank 5 has left.
        let after = complete(introductions, try set([1, 2, 3], next: 6), at: 100)
        #expect(after[NodeID(1)]?.nodeKey == Address(high: 0, middle: 0, low: 1))
        #expect(after[NodeID(5)] == nil)
    }

    @Test func `a bank that the ledger will name can be met, and another endpoint stays`() throws {
        let introductions = Introductions([address(4, key: 4), address(2, key: 2, host: "proxy")])
        let found = complete(introductions, try set([1, 2, 3], next: 4), at: 7)
        #expect(found[NodeID(4)] != nil)
        #expect(found[NodeID(2)]?.endpoint == "proxy:1")
    }

    private func table(saying heights: [UInt64: UInt64]) -> PeerTable {
        let table = PeerTable()
        for (peer, height) in heights {
            table.heard(
                PeerStatus(
                    height: height, certified: 0, oldest: 0, timeMillis: 0, version: 1,
                    isServing: true), from: NodeID(peer), nowMillis: 10)
        }
        return table
    }

    @Test func `one peer that lies about its height closes nobody`() throws {
        let banks = try set([1, 2, 3], next: 4)
        #expect(table(saying: [2: .max]).height(saidBy: 2, in: banks) == nil)
        let both = table(saying: [2: .max, 3: 7])
        #expect(both.height(saidBy: 2, in: banks) == 7)
        #expect(both.height(saidBy: 1, in: banks) == .max)
        #expect(both.height(saidBy: 2, in: banks, since: 11) == nil)
    }

    @Test func `what a removed bank said makes up no majority of those that are left`() throws {
        let left = try set([1, 2, 3], next: 5)
        // The version, then the height.
        let body: [UInt8] = [0, 1] + [0, 0, 0, 0, 0, 0, 0, 9]
        #expect(!table(saying: [2: .max, 4: .max]).hasMajority(executed: body, of: left))
        #expect(table(saying: [2: .max, 3: 9]).hasMajority(executed: body, of: left))
        #expect(table(saying: [2: .max, 5: 9]).hasMajority(executed: body, of: left))
        #expect(!table(saying: [2: .max, 3: 8]).hasMajority(executed: body, of: left))
    }
}
