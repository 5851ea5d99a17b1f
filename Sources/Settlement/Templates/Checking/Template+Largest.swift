import Ledger

extension Template {
    /// The most lines of an order from it.
    var linesMost: Int {
        lines.reduce(0) { $0 + $1.lines(members: roles[$1.to].members.upperBound) }
    }

    /// The most attestors of all its gates together.
    var attestorsMost: Int {
        gates.reduce(0) { $0 + $1.attest.reduce(0) { $0 + roles[$1].members.upperBound } }
    }

    /// The most accounts that have a part in it.
    var partiesMost: Int { roles.reduce(0) { $0 + $1.members.upperBound } }

    /// The most bytes of both records of an order from it when it is opened: `docs/formats/order.md`.
    var bytesMost: Int {
        let fixed = 142 + linesMost * 40 + gates.count * 29 + attestorsMost * 20
        let changing = 60 + linesMost + gates.count * 20 + attestorsMost * 3
        return fixed + changing
    }

    /// The most gas of speaking on all its gates, and of funding it at once, where no payee has what it is paid redeemed
    /// or converted.
    var settlingGasMost: UInt64 {
        let disputes = gates.count { $0.late == .arbitrate }
        // A line and its claim; attestors and the arbiter have paid for that with the opening.
        let size = Gas.size(parts: 2 * linesMost + gates.count + attestorsMost)
        return UInt64(attestorsMost + 2 * disputes + 1) * Gas.call
            + UInt64(disputes + 1) * size + UInt64(linesMost) * Gas.payment
    }

    /// How long gates take to end from the opening of the order, or from the latest time among the
    /// parameters, with the longest durations.
    var longestSeconds: UInt64 {
        var ends: [UInt64] = []
        for gate in gates {
            let start = gate.follows.map { ends[$0] } ?? 0
            let end = max(gate.from.map(longest) ?? 0, gate.by.map(longest) ?? 0)
            ends.append(start + end + (gate.arbitration.map(longest) ?? 0))
        }
        return ends.max() ?? 0
    }

    private func longest(_ moment: Moment) -> UInt64 {
        switch moment {
        case .after(let seconds): seconds
        case .parameter(let index):
            parameters[index].type == .time ? 0 : UInt64(parameters[index].range.upperBound)
        }
    }
}
