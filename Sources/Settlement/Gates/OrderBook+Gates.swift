import Ledger
import Tokens

extension OrderBook {
    // MARK: Operations

    /// Says how much of a gate is fulfilled: once, by an attestor.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - index: the gate, counted from 0.
    ///   - bps: 0 no, 10,000 all of it.
    ///   - evidence: the hash of what the attestor saw.
    ///   - by: the attestor.
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownGate`, `notAttestor`,
    ///   `gateIsClosed`, `alreadyAttested`, `badShare`; ``Rejection/outOfGas(limit:)`` half way, after which
    ///   the caller must roll back.
    public func attest(
        order id: UInt64, gate index: UInt8, bps: UInt16, evidence: Hash32 = .zero, by: Address
    ) throws(Rejection) {
        var place = 0
        let order = try order(id, paying: .agreedSize) { order throws(Rejection) in
            try check(order, is: .open)
            let gate = try gate(index, of: order)
            guard let attestor = gate.terms.attestors.firstIndex(of: by) else {
                throw .notAttestor(by)
            }
            guard gate.state == .pending else { throw .gateIsClosed(order: id, gate: index) }
            guard !gate.said.contains(where: { $0.attestor == attestor }) else {
                throw .alreadyAttested(by)
            }
            guard bps <= Gate.whole else { throw .badShare(bps) }
            place = attestor
        }
        willChangeGates(order)
        order.gates[Int(index)].said.append(Gate.Statement(attestor: UInt8(place), bps: bps))
        record(.attested(order: id, gate: index, attestor: by, bps: bps, evidence: evidence))
        try evaluate(order, gate: Int(index))
        settle(order)
    }

    /// Hands a gate to the arbiter.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - index: the gate, counted from 0.
    ///   - reason: the hash of the complaint.
    ///   - by: who complains.
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownGate`, `noArbiter`, `notParty`,
    ///   `gateIsClosed`, `gateNotReached`.
    public func dispute(
        order id: UInt64, gate index: UInt8, reason: Hash32 = .zero, by: Address
    ) throws(Rejection) {
        let order = try order(id)
        let gate = try gate(index, of: order)
        guard gate.terms.onTimeout == .arbitrate else { throw .noArbiter(id) }
        guard try canDispute(order, gate: index, by) else { throw .notParty(by) }
        guard gate.state == .pending else { throw .gateIsClosed(order: id, gate: index) }
        guard gate.isReached else { throw .gateNotReached(order: id, gate: index) }
        willChangeGates(order)
        record(.disputed(order: id, gate: index, by: by, reason: reason))
        handToArbiter(order, gate: Int(index))
        retime(order)
    }

    /// Decides a dispute: the arbiter says with which share the gate is met; 0 fails it.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownGate`, `notArbiter`, `notDisputed`,
    ///   `badShare`; ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    public func resolve(
        order id: UInt64, gate index: UInt8, bps: UInt16, by: Address
    ) throws(Rejection) {
        let order = try order(id, paying: .agreedSize) { order throws(Rejection) in
            try check(order, is: .open)
            let gate = try gate(index, of: order)
            guard order.fixed.arbiter == by, by != .zero else { throw .notArbiter(by) }
            guard gate.state == .disputed else { throw .notDisputed(order: id, gate: index) }
            guard bps <= Gate.whole else { throw .badShare(bps) }
        }
        willChangeGates(order)
        record(.resolved(order: id, gate: index, bps: bps))
        try end(order, gate: Int(index), share: bps)
        settle(order)
    }

    private func gate(_ index: UInt8, of order: Order) throws(Rejection) -> Gate {
        guard index < order.gates.count else { throw .unknownGate(order: order.id, gate: index) }
        return order.gates[Int(index)]
    }

    /// The buyer, a holder of a claim that waits for the gate, or the buyer of an order that holds one.
    ///
    /// Each order that has to be looked at is charged for, and so are many claims of a line.
    private func canDispute(
        _ order: Order, gate index: UInt8, _ account: Address
    ) throws(Rejection) -> Bool {
        if order.fixed.buyer == account { return true }
        for line in order.lines where line.gate == index + 1 {
            try state.gas.charge(UInt64(line.open.count / Self.claimsPerVisit) * Gas.visit)
            for claim in line.open {
                if claim.holder == account { return true }
                guard let id = claim.holder.orderID else { continue }
                try state.gas.charge(Gas.look)
                if try paid(id, keeping: false)?.fixed.buyer == account { return true }
            }
        }
        return false
    }

    // MARK: What follows

    /// After gates of an order changed: works out its next timer and pays what can be paid.
    func settle(_ order: Order) {
        retime(order)
        cascade(from: order)
    }

    /// Lets every gate that can be met be met, as an order becomes binding.
    func evaluateGates(of order: Order) throws(Rejection) {
        for index in order.gates.indices { try evaluate(order, gate: index) }
    }

    /// Ends a pending gate if what was said and the time are enough for it.
    func evaluate(_ order: Order, gate index: Int) throws(Rejection) {
        let gate = order.gates[index]
        guard gate.state == .pending, gate.isReached else { return }
        if gate.isLost {
            if gate.terms.onTimeout == .arbitrate {
                goToArbiter(order, gate: index)
            } else {
                try end(order, gate: index, share: 0)
            }
        } else if gate.hasPassed, state.block.now >= gate.opensAt {
            try end(order, gate: index, share: gate.share)
        }
    }

    /// A gate's deadline came without an outcome.
    func timeOut(_ order: Order, gate index: Int) throws(Rejection) {
        switch order.gates[index].terms.onTimeout {
        case .fail: try end(order, gate: index, share: 0)
        case .meet: try end(order, gate: index, share: Gate.whole)
        case .arbitrate: goToArbiter(order, gate: index)
        }
    }

    /// Hands a gate to the arbiter without anybody having asked, and says so.
    private func goToArbiter(_ order: Order, gate index: Int) {
        handToArbiter(order, gate: index)
        record(.gateClosed(order: order.id, gate: UInt8(index), state: .disputed, bps: 0))
    }

    private func handToArbiter(_ order: Order, gate index: Int) {
        order.gates[index].state = .disputed
        order.gates[index].arbitrationEndsAt =
            state.block.now + order.gates[index].terms.arbitrationPeriod
    }

    /// Ends a gate: met with a share, or failed with a share of 0, and whatever follows it.
    ///
    /// - Throws: ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    func end(_ order: Order, gate index: Int, share: UInt16) throws(Rejection) {
        let now = state.block.now
        order.gates[index].state = share > 0 ? .met : .failed
        order.gates[index].bps = share
        order.gates[index].closedAt = now
        record(
            .gateClosed(
                order: order.id, gate: UInt8(index), state: order.gates[index].state, bps: share))
        try count(order.lines.count / Self.linesPerVisit)
        for line in order.lines.indices where Int(order.lines[line].gate) == index + 1 {
            try keep(share, order, line: line)
        }
        for follower in order.gates.indices
        where Int(order.gates[follower].terms.follows) == index + 1
            && order.gates[follower].state == .pending
        {
            if share > 0 {
                order.gates[follower].reach(at: now)
                try evaluate(order, gate: follower)
            } else {
                try end(order, gate: follower, share: 0)
            }
        }
    }

    /// How many lines are asked for their gate, and how many claims for their holder, in the time of a visit.
    private static let linesPerVisit = 256
    private static let claimsPerVisit = 64
    /// How many claims are cut in the time that a line takes to be voided.
    private static let claimsPerVoidedLine = 8

    /// Voids what a line behind a gate does not get.
    private func keep(_ share: UInt16, _ order: Order, line index: Int) throws(Rejection) {
        guard share < Gate.whole else { return }
        let line = order.lines[index]
        guard let part = Amount(line.amount).scaled(by: UInt128(share), over: 10_000) else {
            preconditionFailure("a share is more than the whole")
        }
        guard line.live > part.units else { return }
        try count(1 + line.open.count / Self.claimsPerVoidedLine)
        void(line.live - part.units, order, line: index)
    }

    /// Charges and counts what follows a gate at once: nothing of it can wait for a later block, and all of it
    /// can be undone and done again.
    private func count(_ work: Int) throws(Rejection) {
        try state.gas.charge(UInt64(work) * Gas.visit)
        if budget > 0 { budget -= work }
    }

    /// Cuts a line's claims from the junior end; the head was saved.
    private func void(_ units: UInt128, _ order: Order, line index: Int) {
        willChange(order, line: index)
        let (left, cut) = ClaimList.cutting(units, from: order.lines[index].open)
        order.lines[index].setClaims(left)
        noteVoided(units, order, line: index)
        record(.voided(order: order.id, line: UInt16(index), cut: cut))
    }

    /// Counts units of a line as voided; line and head were saved, and its claims are cut.
    func noteVoided(_ units: UInt128, _ order: Order, line index: Int) {
        order.lines[index].voided += units
        order.head.live -= units
        order.head.unpaid -= units
    }
}
