import Execution
import JSON
import Ledger

extension Payment {
    /// Writes the payment as `dip_simulate` gives it.
    func write(token: Address?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", string: kind.rawValue)
            writer.member("token", address: token)
            writer.member("from", address: from)
            writer.member("to", address: to)
            writer.member("amount", amount: amount)
            if isHeld { writer.member("held", bool: true) }
            if let order { writer.member("order", number: order) }
            if let line { writer.member("line", number: line) }
            if let toOrder { writer.member("toOrder", number: toOrder) }
            if let redemption { writer.member("redemption", number: redemption) }
            if let reference { writer.member("reference", hash: reference) }
        }
    }
}
