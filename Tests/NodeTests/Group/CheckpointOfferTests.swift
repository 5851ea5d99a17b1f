import Execution
import Ledger
import Replica
import Testing

@testable import Node

struct CheckpointOfferTests {
    private let ledger = OfferedLedger.shared

    private var changes: [(block: [UInt8], certificate: [UInt8])] {
        ledger.changes.map { ledger.stored($0) }
    }

    private func check(
        _ changes: [(block: [UInt8], certificate: [UInt8])], known: [KnownChange]? = nil
    ) throws -> VouchedCheckpoint {
        try ledger.offer(changes).check(
            genesis: ledger.genesis, above: ledger.tip, signedBy: ledger.set,
            known: known ?? ledger.known)
    }

    private func isComplete(_ vouched: VouchedCheckpoint) -> Bool {
        vouched.changes.map(\.stored.bytes) == changes.map(\.block)
            && vouched.changes.map(\.certificate) == changes.map(\.certificate)
    }

    @Test func `an honest offer is vouched for`() throws {
        #expect(isComplete(try check(changes)))
    }

    @Test(arguments: ["left out", "without certificate", "another's certificate", "no change"])
    func `what this node knows of the banks is not believed from a peer`(fault: String) throws {
        var offered = changes
        switch fault {
        case "left out": offered.removeFirst()
        case "without certificate": offered[0].certificate = []
        case "another's certificate": offered[0].certificate = offered[1].certificate
        default: offered[0] = ledger.stored(ledger.changes[0] - 1)
        }
        #expect(isComplete(try check(offered)))
    }

    @Test func `a change that this node has lost is believed with its certificate only`() throws {
        let lost = [KnownChange(height: ledger.changes[0], block: nil, certificate: nil)]
        #expect(isComplete(try check(changes, known: lost)))
        let uncertified = [
            KnownChange(height: ledger.changes[0], block: changes[0].block, certificate: nil)
        ]
        #expect(isComplete(try check(changes, known: uncertified)))
        var wrong = changes
        wrong[0].certificate = wrong[1].certificate
        #expect(throws: DecodingFault.self) { try check(wrong, known: lost) }
        #expect(throws: DecodingFault.self) {
            try check(Array(changes.dropFirst()), known: lost)
        }
    }

    @Test(arguments: ["left out", "another's certificate", "no change", "twice"])
    func `changes that this node does not know must be certified`(fault: String) throws {
        var offered = changes
        switch fault {
        case "left out": offered.remove(at: 1)
        case "another's certificate": offered[1].certificate = offered[2].certificate
        case "no change": offered.insert(ledger.stored(ledger.changes[1] + 1), at: 2)
        default: offered.insert(offered[1], at: 1)
        }
        #expect(throws: DecodingFault.self) { try check(offered) }
    }

    @Test func `banks that the changes do not come to are refused`() throws {
        #expect(throws: DecodingFault.self) {
            try ledger.offer(changes).check(
                genesis: ledger.genesis, above: ledger.tip, signedBy: ledger.genesis.bankSet,
                known: ledger.known)
        }
    }
}
