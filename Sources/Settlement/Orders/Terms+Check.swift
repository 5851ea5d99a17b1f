import Ledger

extension Terms {
    /// The most lines of an order.
    public static let lineLimit = 1024
    /// The most gates of an order.
    public static let gateLimit = 64
    /// The most attestors of a gate.
    public static let attestorLimit = 32
    /// The latest time and longest duration, 2^40 seconds.
    public static let timeLimit: UInt64 = 1 << 40

    /// Checks everything that terms alone and the time can decide; the token is the caller's.
    ///
    /// - Parameters:
    ///   - now: the time of the block, in seconds.
    ///   - isToken: whether a token answers at an address, which can be no party either.
    /// - Returns: the price, the sum of the lines.
    /// - Throws: ``Rejection/badTerms(_:)`` naming the field.
    @discardableResult
    public func check(
        now: UInt64, isToken: (Address) -> Bool = { _ in false }
    ) throws(Rejection) -> UInt128 {
        guard buyer.canBeParty, !isToken(buyer) else { throw .badTerms("buyer") }
        guard dueAt <= Self.timeLimit else { throw .badTerms("dueAt") }
        guard (1...Self.lineLimit).contains(lines.count) else { throw .badTerms("lines") }
        guard gates.count <= Self.gateLimit else { throw .badTerms("gates") }
        var price: UInt128 = 0
        for (index, line) in lines.enumerated() {
            guard line.payee.canBeParty, !isToken(line.payee) else {
                throw .badTerms("lines[\(index)].payee")
            }
            guard line.amount > 0 else { throw .badTerms("lines[\(index)].amount") }
            guard line.gate <= gates.count else { throw .badTerms("lines[\(index)].gate") }
            let (sum, overflow) = price.addingReportingOverflow(line.amount)
            guard !overflow else { throw .badTerms("lines[\(index)].amount: price reaches 2^128") }
            price = sum
        }
        for index in gates.indices { try check(gate: index, now: now) }
        try checkArbiter()
        return price
    }

    private func check(gate index: Int, now: UInt64) throws(Rejection) {
        let gate = gates[index]
        func bad(_ field: String) -> Rejection { .badTerms("gates[\(index)].\(field)") }
        let limit = Self.timeLimit
        guard gate.attestors.count <= Self.attestorLimit,
            !gate.attestors.contains(.zero),
            Set(gate.attestors).count == gate.attestors.count
        else { throw bad("attestors") }
        guard gate.threshold <= gate.attestors.count else { throw bad("threshold") }
        guard gate.notBefore <= limit else { throw bad("notBefore") }
        guard gate.deadline <= limit else { throw bad("deadline") }
        guard gate.arbitrationPeriod <= limit else { throw bad("arbitrationPeriod") }
        guard gate.follows <= index else { throw bad("follows") }
        if gate.threshold == 0 {
            guard gate.attestors.isEmpty else { throw bad("attestors") }
            guard gate.deadline == 0 else { throw bad("deadline") }
            guard gate.onTimeout == .fail else { throw bad("onTimeout") }
            guard gate.notBefore > 0 || gate.follows > 0 else { throw bad("notBefore") }
        } else {
            guard gate.deadline > gate.notBefore, gate.follows > 0 || gate.deadline > now
            else { throw bad("deadline") }
        }
        if gate.onTimeout == .arbitrate {
            guard arbiter != .zero else { throw .badTerms("arbiter") }
            guard gate.arbitrationPeriod > 0 else { throw bad("arbitrationPeriod") }
        }
    }

    /// An arbiter decides between others, so it is neither of them.
    private func checkArbiter() throws(Rejection) {
        guard arbiter != .zero else { return }
        guard arbiter != buyer, !lines.contains(where: { $0.payee == arbiter }),
            !gates.contains(where: {
                $0.onTimeout == .arbitrate && $0.attestors.contains(arbiter)
            })
        else { throw .badTerms("arbiter") }
    }
}

extension Address {
    /// Whether money may be owed by or to this address: not nobody, a contract of the ledger, or an
    /// order, whose money is accounted for elsewhere.
    public var canBeParty: Bool { self != .zero && !isNativeContract && orderID == nil }
}
