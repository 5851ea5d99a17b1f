import Ledger
import Tokens

extension OrderBook {
    /// How many offers were ever made; ids are 1 to this.
    public var offerCount: UInt64 { counters.offers }

    /// Offers units of one's claim for a price.
    ///
    /// - Returns: the offer's id.
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `unknownLine`, `insufficientClaim`, then the
    ///   token's refusals.
    @discardableResult
    public func offer(_ offer: Offer) throws(Rejection) -> UInt64 {
        let order = try order(offer.order)
        let line = try line(offer.line, of: order)
        try checkClaim(of: offer.seller, offer.units, on: line)
        try tokens.check(offer.seller, in: order.fixed.token)
        willChangeCounters()
        counters.offers += 1
        state.setObject(OrderKey.offer(counters.offers), offer.bytes)
        record(
            .offered(
                offer: counters.offers, seller: offer.seller, order: offer.order,
                line: offer.line, units: offer.units, price: offer.price))
        return counters.offers
    }

    /// Buys what is offered: the price and the claim change hands in one step, or neither.
    ///
    /// - Throws: ``Rejection/offerGone(_:)`` (there is none, it was bought or withdrawn, or it expired),
    ///   `notParty` (it is for somebody else), `wrongStatus` of the order, `insufficientClaim` of the seller,
    ///   `offerGone` where more units of others stand ahead than the offer says, `selfTransfer`,
    ///   `erc1155InvalidReceiver`, `tooManyHolders`, then the token's refusals.
    public func buy(offer id: UInt64, by: Address) throws(Rejection) {
        guard var offer = openOffer(id) else { throw .offerGone(id) }
        guard offer.expiry == 0 || state.block.now <= offer.expiry else { throw .offerGone(id) }
        guard offer.onlyTo == .zero || offer.onlyTo == by else { throw .notParty(by) }
        let order = try order(offer.order)
        let line = try line(offer.line, of: order)
        try checkClaim(of: offer.seller, offer.units, on: line)
        guard ClaimList.ahead(of: offer.units, of: offer.seller, in: line.open) <= offer.maxAhead
        else { throw .offerGone(id) }
        offer.isOpen = false
        let mark = state.mark()
        do {
            state.setObject(OrderKey.offer(id), offer.bytes)
            record(.bought(offer: id, buyer: by))
            try transferClaim(
                order: offer.order, line: offer.line, to: by, units: offer.units,
                from: offer.seller)
            try tokens.transfer(offer.price, of: order.fixed.token, from: by, to: offer.seller)
        } catch {
            state.rollback(to: mark)
            throw error
        }
    }

    /// Takes an offer back.
    ///
    /// - Throws: ``Rejection/offerGone(_:)``, `notParty`.
    public func withdraw(offer id: UInt64, by: Address) throws(Rejection) {
        guard var offer = openOffer(id) else { throw .offerGone(id) }
        guard offer.seller == by else { throw .notParty(by) }
        offer.isOpen = false
        state.setObject(OrderKey.offer(id), offer.bytes)
        record(.withdrawn(offer: id))
    }

    /// An offer that was neither bought nor withdrawn.
    private func openOffer(_ id: UInt64) -> Offer? {
        guard let offer = storedOffer(id), offer.isOpen else { return nil }
        return offer
    }

    /// An offer, whatever became of it; nil if there is none.
    public func storedOffer(_ id: UInt64) -> Offer? {
        guard id > 0, id <= counters.offers, let bytes = state.object(OrderKey.offer(id)) else {
            return nil
        }
        return believed(bytes, Offer.init(from:))
    }
}
