import Consensus
import Execution
import Ledger
import Replica
import Storage

/// Once faults have ended, every node gets to the same state.
enum NodesCatchUp {
    static func check(_ world: World, _ headers: SameHeaders) throws {
        let last = headers.hashes.count - 1
        var states: [Hash32] = []
        let banks = world.properties.banks
        for node in world.nodes where node.lie == nil && banks[id: node.id.rawValue] != nil {
            guard let process = node.process, process.machine.tip.height == last,
                process.head.header.height == last
            else {
                throw Finding(
                    .nodesCatchUp,
                    "the ledger is at \(last), but \(node.summary); all: "
                        + world.nodes.map(\.summary).joined(separator: "; "))
            }
            states.append(try process.wholeState())
        }
        try checkMembers(world, banks)
        guard let first = states.first, let other = states.firstIndex(where: { $0 != first }) else {
            return
        }
        throw Finding(
            .nodesCatchUp,
            "the stored states of the first node and of number \(other + 1) of the honest differ, "
                + "though their state hashes do not")
    }
}

extension NodesCatchUp {
    /// Those who order are those whom the ledger names.
    private static func checkMembers(_ world: World, _ banks: BankSet) throws {
        for node in world.nodes {
            guard let driver = node.process?.driver, node.process?.haltedBecause == nil,
                driver.role == .leader, let members = driver.membership
            else { continue }
            let wanted = banks.banks.map { NodeID($0.id) }
            guard members.voters != wanted || members.members.count != wanted.count else {
                continue
            }
            throw Finding(
                .nodesCatchUp,
                "the banks are \(wanted), but members of the group are \(members.members)")
        }
    }
}

extension Process {
    /// Stores everything and hashes the whole store, cell by cell.
    func wholeState() throws -> Hash32 {
        try drain()
        flush()
        try drain()
        var hash = SHA256()
        try stateStore.snapshot().scan { key, value in
            hash.update(key)
            hash.update(value)
            return true
        }
        return hash.finalize()
    }
}

extension SimulatedNode {
    /// How it stands, in a line.
    var summary: String {
        guard let process else { return "node \(id) is down" }
        let driver = process.driver
        return
            "node \(id) \(driver.role) in term \(driver.term), block \(process.machine.tip.height)"
            + ", delivered \(driver.delivered) of \(driver.commitIndex), durable \(driver.durable)"
            + " of \(driver.lastIndex)" + (process.haltedBecause.map { ", halted: \($0)" } ?? "")
    }
}
