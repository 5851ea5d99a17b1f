import Consensus
import Execution
import Gateway
import JSON
import Ledger

/// What only the operator of a node may ask for, on its socket file.
extension RPCMethods {
    mutating func addAdministration(of node: Node) {
        offloaded("admin_transferLeadership", scope: .admin) { (request, writer) throws(RPCError) in
            let bank = try node.bank(named: request.params().find(0, "bank"))
            switch node.transferLeadership(to: bank) {
            case .begun(let target):
                writer.object { writer in writer.member("to", number: target.rawValue) }
            case .notLeader(let leader):
                throw RPCError(
                    code: -32000,
                    message: leader.map { "bank \($0) leads: ask its node" }
                        ?? "no bank leads at present")
            case .underWay:
                throw RPCError(code: -32000, message: "leadership is being handed over already")
            case .unsuitableMember where bank == node.id.rawValue:
                throw RPCError(code: -32000, message: "this node leads already")
            case .unsuitableMember:
                throw RPCError(
                    code: -32000,
                    message: bank.map {
                        "bank \($0) cannot lead now: it does not vote, or was not heard lately"
                    } ?? "there is no other bank that could lead now")
            case .stopped: throw RPCError(code: -32000, message: "this node takes no part any more")
            }
        }
    }
}

extension Node {
    /// A bank's number, given as such or as the bank's name; nil where none is given.
    fileprivate func bank(named json: JSON?) throws(RPCError) -> UInt64? {
        guard let json, !json.isNull else { return nil }
        let banks = bankSet.banks
        if let number = json.unsigned ?? json.quantity,
            let bank = banks.first(where: { $0.id == number })
        {
            return bank.id
        }
        if let name = json.string, let bank = banks.first(where: { $0.name == name }) {
            return bank.id
        }
        throw .invalidParams("bank: expected the number or name of a bank of this ledger")
    }
}
