import Ledger
import Tokens

extension SettlementEffect {
    /// Says the effect in one line, for people.
    ///
    /// - Parameter name: how to call an account.
    /// - Returns: what happened.
    public func text(_ name: (Address) -> String = \.hex) -> String {
        func who(_ address: Address) -> String {
            address.orderID.map { "order \($0)" } ?? name(address)
        }
        func held(_ isHeld: Bool) -> String { isHeld ? ", held" : "" }
        return switch self {
        case .paid(let order, let line, _, let to, let amount, let isHeld):
            "order \(order) line \(line) pays \(who(to)) \(amount)\(held(isHeld))"
        case .paidToOrder(let order, let line, let to, let amount):
            "order \(order) line \(line) pays order \(to) \(amount)"
        case .opened(let order, _, let buyer, let price, _, let isProposal, _):
            "order \(order) \(isProposal ? "proposed" : "opened"), buyer \(who(buyer)), price \(price)"
        case .accepted(let order, _): "order \(order) accepted"
        case .declined(let order, let by): "order \(order) declined by \(who(by))"
        case .consentSet(let account, let isOn):
            "\(who(account)) \(isOn ? "consents" : "does not consent") to set-off"
        case .funded(let order, _, let from, let amount):
            "order \(order) gets \(amount) from \(who(from))"
        case .attested(let order, let gate, let attestor, let bps, _):
            "order \(order) gate \(gate): \(who(attestor)) says \(bps)"
        case .gateClosed(let order, let gate, let state, let bps):
            switch state {
            case .met: "order \(order) gate \(gate) met with \(bps)"
            case .disputed: "order \(order) gate \(gate) goes to the arbiter"
            case .failed, .pending: "order \(order) gate \(gate) failed"
            }
        case .voided(let order, let line, let cut):
            "order \(order) line \(line) voided: "
                + cut.map { "\(who($0.holder)) \($0.units)" }.joined(separator: ", ")
        case .refunded(let order, _, let to, let amount, let isHeld):
            "order \(order) gives back \(amount) to \(who(to))\(held(isHeld))"
        case .refundedToOrder(let order, let to, let amount):
            "order \(order) gives back \(amount) to order \(to)"
        case .disputed(let order, let gate, let by, _):
            "order \(order) gate \(gate) disputed by \(who(by))"
        case .resolved(let order, let gate, let bps):
            "order \(order) gate \(gate): the arbiter says \(bps)"
        case .pledged(let order, let line, let child, let by, let units):
            "order \(order) line \(line): \(who(by)) pledges \(units) to order \(child)"
        case .guaranteed(let order, _, let guarantor, let amount):
            "order \(order) guaranteed by \(who(guarantor)) with \(amount)"
        case .guaranteeReturned(let order, _, let guarantor, let amount, let isHeld):
            "order \(order) returns \(amount) of the guarantee to \(who(guarantor))\(held(isHeld))"
        case .guaranteeDrawn(let order, let guarantor, let amount, let reimbursement):
            "order \(order) draws \(amount) from \(who(guarantor)), owed by order \(reimbursement)"
        case .setOff(let order, _, let amount): "order \(order) set off by \(amount)"
        case .closed(let order): "order \(order) closed"
        case .claimMoved(let order, let line, _, let from, let to, let units):
            "order \(order) line \(line): \(units) from \(who(from)) to \(who(to))"
        case .offered(let offer, let seller, let order, let line, let units, let price):
            "offer \(offer): \(who(seller)) sells \(units) of order \(order) line \(line) for \(price)"
        case .bought(let offer, let buyer): "offer \(offer) bought by \(who(buyer))"
        case .withdrawn(let offer): "offer \(offer) withdrawn"
        case .approvalForAll(let owner, let by, let isApproved):
            "\(who(by)) may \(isApproved ? "" : "not ")move claims of \(who(owner))"
        }
    }
}
