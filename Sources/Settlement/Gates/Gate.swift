import Ledger

/// A gate of an order, and where it stands.
struct Gate: Sendable {
    /// What was agreed.
    let terms: Terms.Gate
    var state: GateState = .pending
    /// Who spoke, as index into the attestors, and what share they said, in the order of speaking.
    var said: [Statement] = []
    /// From when it can be met; 0 while the gate it follows is not met.
    var opensAt: UInt64 = 0
    /// When it ends without an outcome; 0 while the gate it follows is not met, or if there is no such time.
    var dueAt: UInt64 = 0
    /// Until when the arbiter may decide; 0 unless it was disputed.
    var arbitrationEndsAt: UInt64 = 0
    /// The share with which it was met, in basis points.
    var bps: UInt16 = 0
    /// When it was met or failed; 0 before.
    var closedAt: UInt64 = 0
    /// Whether it follows no gate, or one that is met.
    var isReached: Bool

    struct Statement: Hashable, Sendable {
        let attestor: UInt8
        let bps: UInt16
    }

    /// A gate on which nobody spoke.
    init(_ terms: Terms.Gate) {
        self.terms = terms
        isReached = terms.follows == 0
        if isReached {
            opensAt = terms.notBefore
            dueAt = terms.deadline
        }
    }

    /// The gate that it follows is met: its times count from now on.
    mutating func reach(at now: UInt64) {
        isReached = true
        opensAt = now + terms.notBefore
        dueAt = terms.deadline == 0 ? 0 : now + terms.deadline
    }

    /// How many said more than 0.
    var passes: Int { said.count(where: { $0.bps > 0 }) }

    /// Whether enough attestors said more than 0.
    var hasPassed: Bool { passes >= Int(terms.threshold) }

    /// Whether too few attestors are left to reach the threshold.
    var isLost: Bool {
        let noes = said.count - passes
        return terms.attestors.count - noes < Int(terms.threshold)
    }

    /// The smallest share that somebody said, noes apart; all of it for a gate of time alone.
    var share: UInt16 { said.lazy.map(\.bps).filter { $0 > 0 }.min() ?? Self.whole }

    /// All of it, in basis points.
    static let whole: UInt16 = 10_000

    /// What the gate waits for next, nil if for nothing that comes by itself.
    var nextTimer: (time: UInt64, kind: TimerKind)? {
        switch state {
        case .met, .failed: return nil
        case .disputed: return (arbitrationEndsAt, .arbitrationEnd)
        case .pending:
            guard isReached else { return nil }
            if hasPassed { return (opensAt, .opening) }
            return (dueAt, .deadline)
        }
    }
}
