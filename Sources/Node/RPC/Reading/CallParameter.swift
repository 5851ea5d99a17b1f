import Execution
import Gateway
import JSON
import Ledger

/// A call as `eth_call`, `eth_estimateGas` and `dip_simulate` take it.
struct CallParameter {
    /// As whom; the zero address if not said.
    var from = Address.zero
    /// Whom; nil asks for a contract to be created.
    var to: Address?
    /// DIP units.
    var value: UInt128 = 0
    /// The call.
    var data: [UInt8] = []
    /// The most gas; nil for the most that is allowed.
    var gas: UInt64?
    /// The price that is offered; nil where none is.
    var price: UInt128?

    /// Reads an object; members that mean nothing here are passed over.
    init(_ json: JSON, _ name: String) throws(RPCError) {
        guard let members = json.object else {
            throw .invalidParams("\(name): expected an object with from, to, value and data")
        }
        var input: [UInt8]?
        for member in members where !member.value.isNull {
            let value = member.value
            switch member.name {
            case "from": from = try Self.need(value.address, "\(name).from: expected an address")
            case "to": to = try Self.need(value.address, "\(name).to: expected an address")
            case "value":
                self.value = try Self.need(
                    value.quantity ?? value.unsigned ?? value.decimal,
                    "\(name).value: expected a quantity below 2^128")
            case "data", "input":
                let data = try Self.need(value.data, "\(name).\(member.name): expected data")
                guard input == nil || input == data else {
                    throw .invalidParams("\(name): data and input differ; give one of them")
                }
                input = data
            case "gas":
                gas = try Self.need(
                    (value.quantity ?? value.unsigned).flatMap { UInt64(exactly: $0) },
                    "\(name).gas: expected a quantity")
            case "gasPrice", "maxFeePerGas":
                price = try Self.need(
                    value.quantity ?? value.unsigned,
                    "\(name).\(member.name): expected a quantity below 2^128")
            default: break
            }
        }
        data = input ?? []
    }

    private static func need<Value>(
        _ value: Value?, _ message: String
    ) throws(RPCError) -> Value {
        guard let value else { throw .invalidParams(message) }
        return value
    }

    /// What the machine runs, with at most so much gas.
    func simulated(gasLimit: UInt64) -> SimulatedCall {
        SimulatedCall(
            sender: from, to: to, value: value, data: data,
            gasLimit: min(gas ?? .max, gasLimit))
    }
}

extension JSON {
    /// A decimal number in a string, as `dip_*` methods write amounts, else nil.
    var decimal: UInt128? { string.flatMap { Amount(decimal: $0)?.units } }
}
