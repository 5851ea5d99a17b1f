import Ledger
import Tokens

extension OrderBook {
    /// Gives up units of one's own claim: a credit note.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownLine`, `insufficientClaim`, then the
    ///   token's refusals; ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    public func waive(
        order id: UInt64, line index: UInt16, units: UInt128, by: Address
    ) throws(Rejection) {
        let order = try order(id)
        let line = try line(index, of: order)
        try checkClaim(of: by, units, on: line)
        try tokens.check(by, in: order.fixed.token)
        willChangeHead(order)
        willChange(order, line: Int(index))
        order.lines[Int(index)].setClaims(
            ClaimList.removing(units, from: by, in: line.open))
        noteVoided(units, order, line: Int(index))
        record(.voided(order: id, line: index, cut: [Claim(holder: by, units: units)]))
        try chargedCascade(from: order)
    }

    /// Moves units of one's claim to another account.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownLine`, `insufficientClaim`,
    ///   `selfTransfer`, `erc1155InvalidReceiver` (nobody, a contract of the ledger, a token, or an order, to
    ///   which claims are pledged), `tooManyHolders`, then the token's refusals of either.
    public func transferClaim(
        order id: UInt64, line index: UInt16, to: Address, units: UInt128, from: Address,
        operator: Address? = nil, isListed: Bool = false
    ) throws(Rejection) {
        let order = try order(id, free: isListed ? Gas.partsFreeListed : Gas.partsFree)
        let line = try line(index, of: order)
        try checkClaim(of: from, units, on: line)
        guard to != from else { throw .selfTransfer }
        guard to.canBeParty, tokens.find(to) == nil else { throw .erc1155InvalidReceiver(to) }
        let open = try moved(units, from: from, to: to, order, index)
        try tokens.check(from, in: order.fixed.token)
        try tokens.check(to, in: order.fixed.token)
        willHold(to, order, line: index)
        willChangeHead(order)
        willChange(order, line: Int(index))
        order.lines[Int(index)].setClaims(open)
        record(
            .claimMoved(
                order: id, line: index, by: `operator` ?? from, from: from, to: to, units: units))
    }

    /// A line of an order.
    func line(_ index: UInt16, of order: Order) throws(Rejection) -> Line {
        guard index < order.lines.count else { throw .unknownLine(order: order.id, line: index) }
        return order.lines[Int(index)]
    }

    /// Checks that an account holds units of a line, and more than none.
    func checkClaim(
        of holder: Address, _ units: UInt128, on line: Line
    ) throws(Rejection) {
        let held = ClaimList.units(of: holder, in: line.open)
        guard units > 0, units <= held else {
            throw .insufficientClaim(holder: holder, units: held, needed: units)
        }
    }

    /// The claims of a line as they would be after a move.
    func moved(
        _ units: UInt128, from: Address, to: Address, _ order: Order, _ index: UInt16
    ) throws(Rejection) -> [Claim] {
        let open = ClaimList.moving(
            units, from: from, to: to, in: order.lines[Int(index)].open)
        guard open.count <= ClaimList.limit else {
            throw .tooManyHolders(order: order.id, line: index)
        }
        return open
    }
}
