import Ledger
import Tokens

@testable import Node

/// Calls by which banks govern.
enum Governing {
    /// A signed call of one of the published accounts.
    static func call(_ account: Int, _ nonce: UInt64, _ data: [UInt8]) -> [UInt8] {
        TestNode.transfer(
            from: account, nonce: nonce, to: .treasury, value: 0, gasLimit: 1_000_000, data: data)
    }

    static func propose(_ change: IGovernance.Change) -> [UInt8] {
        let proposal = IGovernance.Proposal(change, from: 0)
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(change.kind)
        writer.write(bytes: proposal.data)
        writer.write(UInt64.max)
        return writer.finish()
    }

    static func vote(_ id: UInt64) -> [UInt8] {
        var writer = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
        writer.write(id)
        writer.write(true)
        return writer.finish()
    }

    /// Proposes bank 4, whose keys are both a published one, with its node at a port of this machine.
    static func admitFourth(key: Int, port: Int) -> [UInt8] {
        propose(
            .admitBank(
                name: "Bank 4", node: DevelopmentKeys.addresses[key],
                operator: DevelopmentKeys.addresses[key], endpoint: "127.0.0.1:\(port)"))
    }
}
