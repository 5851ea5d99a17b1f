import Ledger
import Tokens

extension OrderBook {
    func run(_ function: IOrders.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .open, .openFrom, .accept, .decline, .consent, .fund, .waive, .guarantee, .setOff:
            try runMoney(function, call)
        case .attest, .attestBySig, .dispute, .resolve:
            try runGate(function, call)
        case .consents, .order, .lines, .gates, .count, .ordersOf:
            try runView(function, call)
        }
    }

    private func runMoney(_ function: IOrders.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        let sender = call.sender
        switch function {
        case .open:
            let terms = try call.read(Terms.self)
            return Returned.of(try open(terms, from: [], by: sender))
        case .openFrom:
            let (terms, pledges) = try call.read {
                (reader: inout ABIReader) throws(Rejection) in
                (try reader.read(Terms.self), try reader.array(of: IOrders.Pledge.self))
            }
            return Returned.of(try open(terms, from: pledges, by: sender))
        case .accept, .decline:
            let order = try call.read(UInt64.self)
            try prepaid(order) { () throws(Rejection) in
                if function == .accept {
                    try accept(order: order, by: sender)
                } else {
                    try decline(order: order, by: sender)
                }
            }
        case .consent: setConsent(try call.read(Bool.self), by: sender)
        case .fund:
            let (order, amount) = try call.read { (reader: inout ABIReader) throws(Rejection) in
                (try reader.uint(UInt64.self), try reader.amountOrAll())
            }
            try fund(order: order, amount: amount, by: sender)
        case .waive:
            let (order, line, units) = try call.read(UInt64.self, UInt16.self, UInt128.self)
            try waive(order: order, line: line, units: units, by: sender)
        case .guarantee:
            let (order, amount) = try call.read(UInt64.self, UInt128.self)
            // The order that a due date may open is paid for with the lock.
            try state.gas.charge(Gas.newRecord + 2 * Gas.payment)
            try guarantee(order: order, amount: amount, by: sender)
        default: try runSetOff(call)
        }
        return Returned.nothing
    }

    private func runSetOff(_ call: Call) throws(Rejection) {
        let (orders, amounts) = try call.read { (reader: inout ABIReader) throws(Rejection) in
            (try reader.array(of: UInt64.self), try reader.array(of: UInt128.self))
        }
        guard orders.count == amounts.count else {
            throw .lengthMismatch(UInt64(orders.count), UInt64(amounts.count))
        }
        try state.gas.charge(UInt64(orders.count) * (Gas.call + Gas.payment))
        try setOff(zip(orders, amounts).map { SetOffEntry(order: $0, amount: $1) })
    }

    private func runGate(_ function: IOrders.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .attest:
            let (order, gate, bps, evidence) = try call.read(
                UInt64.self, UInt8.self, UInt16.self, Hash32.self)
            try prepaid(order) { () throws(Rejection) in
                try attest(order: order, gate: gate, bps: bps, evidence: evidence, by: call.sender)
            }
        case .attestBySig:
            let (attestation, attestor, signature) = try call.read {
                (reader: inout ABIReader) throws(Rejection) in
                let attestation = EIP712.Attestation(
                    order: try reader.uint(), gate: try reader.uint(), bps: try reader.uint(),
                    evidence: try reader.word(), deadline: try reader.uint())
                return (attestation, try reader.address(), try reader.bytes())
            }
            try state.gas.charge(Gas.signature)
            try prepaid(attestation.order) { () throws(Rejection) in
                try attest(attestation, by: attestor, signature: signature)
            }
        case .dispute:
            let (order, gate, reason) = try call.read(UInt64.self, UInt8.self, Hash32.self)
            try dispute(order: order, gate: gate, reason: reason, by: call.sender)
        default:
            let (order, gate, bps) = try call.read(UInt64.self, UInt8.self, UInt16.self)
            try prepaid(order) { () throws(Rejection) in
                try resolve(order: order, gate: gate, bps: bps, by: call.sender)
            }
        }
        return Returned.nothing
    }

    /// Does what opening an order has paid for.
    ///
    /// At most the agreed size costs something, whatever others made of it since. Whoever is refused pays for having had
    /// all of it looked at.
    private func prepaid(
        _ id: UInt64, _ body: () throws(Rejection) -> Void
    ) throws(Rejection) {
        do throws(Rejection) {
            try body()
        } catch {
            // What it was refused for is told, also where no gas is left.
            if !state.isBatch { _ = try? paid(id, keeping: false) }
            throw error
        }
    }

    private func runView(_ function: IOrders.Function, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .consents: return Returned.of(consents(try call.read(Address.self)))
        case .order:
            return Returned.of(summary(of: try existing(try call.read(UInt64.self))))
        case .lines:
            let (id, start, count) = try call.read(UInt64.self, UInt16.self, UInt16.self)
            let order = try existing(id)
            try state.gas.charge(UInt64(order.lines.count) * Gas.visit)
            let first = min(Int(start), order.lines.count)
            let end = min(first + Int(count), order.lines.count)
            let (views, looks) = Self.lineViews(of: order, first..<end)
            try state.gas.charge(UInt64(looks / Self.looksPerStep) * Gas.payment)
            return Returned.of(array: views)
        case .gates:
            let order = try existing(try call.read(UInt64.self))
            // A gate says who may attest, who has, and what.
            let records = order.gates.reduce(0) {
                $0 + 1 + $1.terms.attestors.count + $1.said.count
            }
            try state.gas.charge(UInt64(records) * Gas.visit)
            return Returned.of(array: order.gates.map(Self.view))
        case .ordersOf:
            let (account, start, limit) = try call.read(Address.self, UInt64.self, UInt16.self)
            try state.gas.charge(UInt64(limit) * Gas.visit)
            return Returned.of(array: orders(of: account, from: start, limit: Int(limit)))
        default:
            return try call.read { (_: inout ABIReader) in Returned.of(count) }
        }
    }

    /// Takes an attestation that somebody else brings in for the attestor who signed it.
    ///
    /// - Throws: ``Rejection/signatureExpired(deadline:)``, ``Rejection/badSignature``; then as
    ///   ``attest(order:gate:bps:evidence:by:)``.
    public func attest(
        _ attestation: EIP712.Attestation, by attestor: Address,
        signature: some Collection<UInt8>
    ) throws(Rejection) {
        guard state.block.now <= attestation.deadline else {
            throw .signatureExpired(deadline: attestation.deadline)
        }
        let domain = EIP712.Domain(chainID: state.block.chainID, contract: .orders)
        guard attestor != .zero, let signature = Signature(signature),
            attestation.recover(signature, in: domain) == attestor
        else { throw .badSignature }
        try attest(
            order: attestation.order, gate: attestation.gate, bps: attestation.bps,
            evidence: attestation.evidence, by: attestor)
    }
}
