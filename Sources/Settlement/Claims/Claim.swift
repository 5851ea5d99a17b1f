import Ledger

/// Units of a line that are not paid yet, and who holds them: an account, or an order to which they
/// are pledged.
@frozen
public struct Claim: Hashable, Sendable {
    /// An account, or an order in its form as an address.
    public var holder: Address
    /// How much of the line's amount, more than 0.
    public var units: UInt128

    /// Makes a claim.
    public init(holder: Address, units: UInt128) {
        self.holder = holder
        self.units = units
    }
}

/// The rules by which a line's claims change hands: an ordered list, paid from the front, cut from the
/// back, in which neighbouring entries of one holder are one entry.
enum ClaimList {
    /// The most entries of a line.
    static let limit = 256

    /// How much a holder has.
    static func units(of holder: Address, in claims: ArraySlice<Claim>) -> UInt128 {
        var sum: UInt128 = 0
        for claim in claims where claim.holder == holder { sum += claim.units }
        return sum
    }

    /// Moves units to another holder: taken from the most junior entries, and put right before what is
    /// left of each.
    ///
    /// - Precondition: `from` has the units.
    static func moving(
        _ units: UInt128, from: Address, to: Address, in claims: ArraySlice<Claim>
    ) -> [Claim] {
        var reversed: [Claim] = []
        reversed.reserveCapacity(claims.count + 1)
        var left = units
        for claim in claims.reversed() {
            guard left > 0, claim.holder == from else {
                append(claim, to: &reversed)
                continue
            }
            let taken = min(left, claim.units)
            left -= taken
            append(Claim(holder: from, units: claim.units - taken), to: &reversed)
            append(Claim(holder: to, units: taken), to: &reversed)
        }
        precondition(left == 0, "more claims are moved than there are")
        reversed.reverse()
        return reversed
    }

    /// Takes units away from a holder, the most junior first.
    ///
    /// - Precondition: `from` has the units.
    static func removing(
        _ units: UInt128, from: Address, in claims: ArraySlice<Claim>
    ) -> [Claim] {
        var reversed: [Claim] = []
        reversed.reserveCapacity(claims.count)
        var left = units
        for claim in claims.reversed() {
            let taken = claim.holder == from ? min(left, claim.units) : 0
            left -= taken
            append(Claim(holder: claim.holder, units: claim.units - taken), to: &reversed)
        }
        precondition(left == 0, "more claims are removed than there are")
        reversed.reverse()
        return reversed
    }

    /// Cuts units from the junior end, whoever holds them.
    ///
    /// - Returns: what is left, and what was cut, the most junior first.
    static func cutting(
        _ units: UInt128, from claims: ArraySlice<Claim>
    ) -> (left: [Claim], cut: [Claim]) {
        var left = Array(claims)
        var cut: [Claim] = []
        var rest = units
        while rest > 0, let last = left.popLast() {
            let taken = min(rest, last.units)
            rest -= taken
            cut.append(Claim(holder: last.holder, units: taken))
            if last.units > taken {
                left.append(Claim(holder: last.holder, units: last.units - taken))
            }
        }
        precondition(rest == 0, "more is voided than there is")
        return (left, cut)
    }

    /// How many units of others, or kept by the holder, stand before the last unit that a move would take.
    static func ahead(
        of units: UInt128, of holder: Address, in claims: ArraySlice<Claim>
    ) -> UInt128 {
        // A move takes from the back and puts what it takes before what it leaves of an entry.
        var rest = units
        var ahead: UInt128 = 0
        var isTaken = false
        for claim in claims.reversed() {
            if claim.holder == holder, rest > 0 {
                let taken = min(rest, claim.units)
                rest -= taken
                // What is left of the most junior entry stands behind, that of others ahead of it.
                if isTaken { ahead += claim.units - taken }
                isTaken = true
            } else if isTaken {
                ahead += claim.units
            }
        }
        return ahead
    }

    /// Gives every entry of one holder to another, each in its place.
    static func replacing(
        _ holder: Address, by other: Address, in claims: ArraySlice<Claim>
    ) -> [Claim] {
        var result: [Claim] = []
        result.reserveCapacity(claims.count)
        for claim in claims {
            append(
                Claim(holder: claim.holder == holder ? other : claim.holder, units: claim.units),
                to: &result)
        }
        return result
    }

    /// Takes every entry of one holder out and gives the sum to another, behind all others.
    static func demoting(
        _ holder: Address, to other: Address, in claims: ArraySlice<Claim>
    ) -> [Claim] {
        var result: [Claim] = []
        result.reserveCapacity(claims.count)
        var sum: UInt128 = 0
        for claim in claims {
            if claim.holder == holder { sum += claim.units } else { append(claim, to: &result) }
        }
        append(Claim(holder: other, units: sum), to: &result)
        return result
    }

    private static func append(_ claim: Claim, to list: inout [Claim]) {
        guard claim.units > 0 else { return }
        if let last = list.indices.last, list[last].holder == claim.holder {
            list[last].units += claim.units
        } else {
            list.append(claim)
        }
    }
}
