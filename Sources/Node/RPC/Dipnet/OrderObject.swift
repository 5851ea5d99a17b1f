import Execution
import JSON
import Ledger
import Settlement
import Tokens

/// Orders as `dip_*` methods write them.
struct OrderObject {
    /// The order.
    let view: OrderView
    /// Its token.
    let token: TokenInfo

    /// An order, nil if there is none.
    init?(_ id: UInt64, _ machine: Machine) {
        guard let view = machine.orders.view(of: id) else { return nil }
        self.view = view
        token = machine.tokens.info(view.token)
    }

    /// Writes the order with its lines, claims and gates.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writeSummary(to: &writer)
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

    /// Writes the members that say how the order stands.
    func writeSummary(to writer: inout JSONWriter) {
        let summary = view.summary
        writer.member("id", number: view.id)
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
        writer.member("paid", amount: view.lines.reduce(0) { $0 + $1.summary.paid })
        writer.member("outstanding", amount: summary.outstanding)
        writer.member("level", number: view.level)
        if let nextTimer = view.nextTimer { writer.member("nextTimer", number: nextTimer) }
        if summary.guarantor != .zero {
            writer.member("guarantor", address: summary.guarantor)
            writer.member("guarantee", amount: summary.guarantee)
        }
        if summary.reimbursement != 0 {
            writer.member("reimbursement", number: summary.reimbursement)
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

/// The chain of orders below one, as a tree.
struct OrderTree {
    private let machine: Machine
    private var left: Int
    private var seen: Set<UInt64> = []
    private var isTruncated = false

    /// Over the orders of a machine; at most so many are written.
    init(_ machine: Machine, limit: Int) {
        self.machine = machine
        left = limit
    }

    /// Writes the tree; false if there is no such order.
    mutating func write(_ id: UInt64, to writer: inout JSONWriter) -> Bool {
        guard let order = OrderObject(id, machine) else { return false }
        seen.insert(id)
        left -= 1
        writer.object { writer in
            writeContents(of: order, to: &writer)
            if isTruncated { writer.member("truncated", bool: true) }
        }
        return true
    }

    private mutating func writeContents(of order: OrderObject, to writer: inout JSONWriter) {
        order.writeSummary(to: &writer)
        writer.key("lines")
        writer.array(of: order.view.lines.indices) { order.writeLine($1, to: &$0) }
        writer.key("children")
        writer.openArray()
        // Levels bound the depth: an order is above all that it pays.
        for child in order.view.children { write(child, under: order, to: &writer) }
        writer.closeArray()
    }

    private mutating func write(
        _ child: UInt64, under parent: OrderObject, to writer: inout JSONWriter
    ) {
        let pledged = parent.view.lines.enumerated().compactMap { index, line -> (Int, UInt128)? in
            let units = line.claims.reduce(0 as UInt128) {
                $1.holder.orderID == child ? $0 + $1.units : $0
            }
            return units > 0 ? (index, units) : nil
        }
        writer.object { writer in
            if seen.contains(child) {
                writer.member("id", number: child)
                writer.member("repeated", bool: true)
            } else if left > 0, let order = OrderObject(child, machine) {
                seen.insert(child)
                left -= 1
                writeContents(of: order, to: &writer)
            } else {
                isTruncated = true
                writer.member("id", number: child)
                writer.member("truncated", bool: true)
            }
            writer.key("pledged")
            writer.array(of: pledged) { writer, claim in
                writer.object { writer in
                    writer.member("line", number: claim.0)
                    writer.member("units", amount: claim.1)
                }
            }
        }
    }
}
