import Ledger
import Tokens

/// A claim that an account holds, with what a list of them says of its order.
public struct ListedClaim: Sendable {
    /// Where it stands in the account's list.
    public var place: UInt32
    /// The claim.
    public var claim: ClaimView
    /// The token in which its order settles.
    public var token: TokenID
    /// Who owes it.
    public var buyer: Address
    /// When it is due, in seconds; 0 for never.
    public var dueAt: UInt64
    /// The gate that its line waits for as index + 1; 0 for none.
    public var gate: UInt8
}

/// What some places of an account's list of claims have: as much as is read at once.
public struct ClaimPlaces: Sendable {
    /// The claims that the account holds, in the order of the list; a line may be there twice.
    public var claims: [ListedClaim] = []
    /// The place that was not looked at any more; nil where the list ends.
    public var next: UInt32?
    /// How many places and parts of orders were looked at, small orders for ``orderParts`` each.
    public var parts = 0

    /// What looking for an order takes at least, in parts.
    static let orderParts = 64
}

extension OrderBook {
    /// The claims on open orders at some places of an account's list.
    ///
    /// The list has each line of which the account got claims, and may have it again where they were given away and
    /// came back; a place that is not needed any more may get another line.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - place: the first place that is looked at.
    ///   - limit: the most claims.
    ///   - parts: how many places and parts of orders may be looked at; what goes beyond is the last one.
    /// - Returns: the claims, and where the list goes on.
    public func claimPlaces(
        of account: Address, from place: UInt64, limit: Int, parts: Int
    ) -> ClaimPlaces {
        var found = ClaimPlaces()
        guard let start = UInt32(exactly: place) else { return found }
        var at = start
        // Many lines of one order stand one behind another.
        var last: (id: UInt64, order: Order, isWhole: Bool)?
        let list = peek(account: account).claims
        forEach(in: list, from: start, keeping: false, page: { OrderKey.claimPage(account, $0) }) {
            entry in
            guard found.claims.count < limit, found.parts < parts else {
                found.next = at
                return false
            }
            defer { at += 1 }
            found.parts += 1
            if last?.id != entry.order {
                last = glance(entry.order).map { (entry.order, $0.order, $0.isWhole) }
                let size = last.map { $0.order.lines.count + $0.order.gates.count } ?? 0
                found.parts += max(size, ClaimPlaces.orderParts)
            }
            guard let (_, order, isWhole) = last, order.head.status == .open,
                entry.line < order.lines.count
            else { return true }
            let line = order.lines[Int(entry.line)]
            var units: UInt128
            if isWhole || !line.areClaimsApart {
                found.parts += line.claims.count
                units = ClaimList.units(of: account, in: line.open)
            } else {
                guard let bytes = claimsApart(of: order.id, line: entry.line) else { return true }
                let claims = believed(bytes) { try $0.readClaimsApart() }
                found.parts += claims.count
                units = ClaimList.units(of: account, in: claims[...])
            }
            guard units > 0 else { return true }
            found.claims.append(
                ListedClaim(
                    place: at,
                    claim: ClaimView(order: order.id, line: entry.line, units: units),
                    token: order.fixed.token, buyer: order.fixed.buyer, dueAt: order.fixed.dueAt,
                    gate: line.gate))
            return true
        }
        return found
    }

    /// The ids of the claims that some places of an account's list name, whether they are held or not.
    public func claimIDs(of account: Address, at places: Range<UInt32>) -> [UInt128] {
        var ids: [UInt128] = []
        let list = peek(account: account).claims
        forEach(
            in: list, from: places.lowerBound, keeping: false,
            page: { OrderKey.claimPage(account, $0) }
        ) { entry in
            guard ids.count < places.count else { return false }
            ids.append(ClaimView(order: entry.order, line: entry.line, units: 0).id)
            return true
        }
        return ids
    }
}
