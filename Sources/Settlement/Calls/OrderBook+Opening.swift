import Ledger
import Tokens

/// Opening orders for a charge, as the contracts at 0x…d102 and 0x…d104 do.
extension OrderBook {
    /// Opens an order, or proposes one to its buyer, and pledges claims to it.
    ///
    /// Not all or nothing: the caller undoes what was done where a pledge is refused.
    ///
    /// - Parameters:
    ///   - terms: what was agreed.
    ///   - sources: claims of the sender.
    ///   - template: the id of the template from which the terms come; zero for raw terms.
    ///   - sender: the buyer, or a proposer.
    /// - Returns: the order's id.
    /// - Throws: ``Rejection/outOfGas(limit:)``, ``Rejection/badTerms(_:)``, then what pledging refuses.
    public func open(
        _ terms: Terms, from sources: [IOrders.Pledge], template: Hash32 = .zero,
        by sender: Address
    ) throws(Rejection) -> UInt64 {
        try state.gas.charge(terms.openingGas)
        let id = try open(terms, template: template, by: sender)
        for source in sources {
            try charge(entries: 1)
            try pledge(
                order: source.order, line: source.line, child: id, units: source.units, by: sender)
        }
        return id
    }
}
