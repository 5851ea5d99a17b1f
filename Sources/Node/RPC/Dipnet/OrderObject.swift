import JSON
import Ledger
import Settlement
import Tokens

/// What lists have of an order, as `dip_*` methods write it.
struct OrderSummaryObject {
    /// The order.
    let outline: OrderOutline
    /// Its token.
    let token: TokenInfo

    /// Writes the members that say how the order stands.
    func write(to writer: inout JSONWriter) {
        let summary = outline.summary
        writer.member("id", number: outline.id)
        writer.member("status", string: "\(summary.status)")
        writer.member("token", address: token.address)
        writer.member("symbol", string: token.symbol)
        writer.member("decimals", number: token.decimals)
        writer.member("buyer", address: summary.buyer)
        writer.member("proposer", address: summary.proposer)
        if summary.arbiter != .zero { writer.member("arbiter", address: summary.arbiter) }
        writer.member("openedAt", number: summary.openedAt)
        if summary.dueAt != 0 { writer.member("dueAt", number: summary.dueAt) }
        writer.member("document", hash: summary.document)
        if summary.templateId != .zero { writer.member("template", hash: summary.templateId) }
        writer.member("price", amount: summary.price)
        writer.member("funded", amount: summary.funded)
        writer.member("refunded", amount: summary.refunded)
        writer.member("paid", amount: outline.paid)
        writer.member("outstanding", amount: summary.outstanding)
        writer.member("level", number: outline.level)
        if let nextTimer = outline.nextTimer { writer.member("nextTimer", number: nextTimer) }
        if summary.guarantor != .zero {
            writer.member("guarantor", address: summary.guarantor)
            writer.member("guarantee", amount: summary.guarantee)
        }
        if summary.reimbursement != 0 {
            writer.member("reimbursement", number: summary.reimbursement)
        }
    }
}

/// Orders as `dip_*` methods write them.
struct OrderObject {
    /// The order.
    let view: OrderView
    /// What lists have of it.
    let summary: OrderSummaryObject

    /// An order of which the rest is to be made.
    init(_ reading: OrderReading, _ token: TokenInfo) {
        view = reading.view
        summary = OrderSummaryObject(outline: view.outline, token: token)
    }

    /// Writes the order with its lines, claims and gates.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            summary.write(to: &writer)
            writer.key("lines")
            writer.array(of: view.lines.indices) { writeLine($1, to: &$0) }
            writer.key("gates")
            writer.array(of: view.gates.indices) { writeGate($1, to: &$0) }
            writer.key("children")
            writer.array(of: view.children) { $0.number($1) }
            writer.key("sources")
            writer.array(of: view.sources) { writer, source in
                writer.object { writer in
                    writer.member("order", number: source.order)
                    writer.member("line", number: source.line)
                }
            }
        }
    }

    /// Writes a line with who is yet to be paid.
    func writeLine(_ index: Int, to writer: inout JSONWriter) {
        let line = view.lines[index]
        writer.object { writer in
            writer.member("index", number: index)
            writer.member("tier", number: line.summary.tier)
            writer.member("payee", address: line.summary.payee)
            writer.member("amount", amount: line.summary.amount)
            writer.member("voided", amount: line.summary.voided)
            writer.member("paid", amount: line.summary.paid)
            writer.member("allocated", amount: line.summary.allocated)
            if line.summary.gate != 0 { writer.member("gate", number: line.summary.gate - 1) }
            writer.key("claims")
            writer.array(of: line.claims) { writer, claim in
                writer.object { writer in
                    if let order = claim.holder.orderID {
                        writer.member("order", number: order)
                    } else {
                        writer.member("holder", address: claim.holder)
                    }
                    writer.member("units", amount: claim.units)
                }
            }
        }
    }

    private func writeGate(_ index: Int, to writer: inout JSONWriter) {
        let gate = view.gates[index]
        writer.object { writer in
            writer.member("index", number: index)
            writer.member("state", string: "\(gate.state)")
            writer.key("attestors")
            writer.array(of: gate.terms.attestors) { $0.address($1) }
            writer.member("threshold", number: gate.terms.threshold)
            writer.member("notBefore", number: gate.terms.notBefore)
            writer.member("deadline", number: gate.terms.deadline)
            writer.member("onTimeout", string: "\(gate.terms.onTimeout)")
            if gate.terms.follows != 0 { writer.member("follows", number: gate.terms.follows - 1) }
            writer.member("silenceMeets", bool: gate.terms.silenceMeets)
            writer.member("arbitrationPeriod", number: gate.terms.arbitrationPeriod)
            writer.key("said")
            writer.array(of: zip(gate.said, gate.shares)) { writer, said in
                writer.object { writer in
                    writer.member("attestor", address: said.0)
                    writer.member("bps", number: said.1)
                }
            }
            writer.member("opensAt", number: gate.opensAt)
            writer.member("dueAt", number: gate.dueAt)
            writer.member("arbitrationEndsAt", number: gate.arbitrationEndsAt)
            writer.member("bps", number: gate.bps)
            writer.member("closedAt", number: gate.closedAt)
        }
    }
}
