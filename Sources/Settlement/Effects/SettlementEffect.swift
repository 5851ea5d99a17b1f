import Ledger
import Tokens

/// What an operation on orders did: one thing, as it is recorded for receipts and logs.
public enum SettlementEffect: Hashable, Sendable {
    case paid(
        order: UInt64, line: UInt16, token: TokenID, to: Address, amount: UInt128, isHeld: Bool)
    case paidToOrder(order: UInt64, line: UInt16, to: UInt64, amount: UInt128)
    case opened(
        order: UInt64, token: TokenID, buyer: Address, price: UInt128, template: Hash32,
        isProposal: Bool, claims: [Claim])
    case accepted(order: UInt64, claims: [Claim])
    case declined(order: UInt64, by: Address)
    case consentSet(account: Address, isOn: Bool)
    case funded(order: UInt64, token: TokenID, from: Address, amount: UInt128)
    case attested(order: UInt64, gate: UInt8, attestor: Address, bps: UInt16, evidence: Hash32)
    case gateClosed(order: UInt64, gate: UInt8, state: GateState, bps: UInt16)
    case voided(order: UInt64, line: UInt16, cut: [Claim])
    case refunded(order: UInt64, token: TokenID, to: Address, amount: UInt128, isHeld: Bool)
    case refundedToOrder(order: UInt64, to: UInt64, amount: UInt128)
    case disputed(order: UInt64, gate: UInt8, by: Address, reason: Hash32)
    case resolved(order: UInt64, gate: UInt8, bps: UInt16)
    case pledged(order: UInt64, line: UInt16, child: UInt64, by: Address, units: UInt128)
    case guaranteed(order: UInt64, token: TokenID, guarantor: Address, amount: UInt128)
    case guaranteeReturned(
        order: UInt64, token: TokenID, guarantor: Address, amount: UInt128, isHeld: Bool)
    case guaranteeDrawn(
        order: UInt64, guarantor: Address, amount: UInt128, reimbursement: UInt64)
    case setOff(order: UInt64, holder: Address, amount: UInt128)
    case closed(order: UInt64)
    case claimMoved(
        order: UInt64, line: UInt16, by: Address, from: Address, to: Address, units: UInt128)
    case offered(
        offer: UInt64, seller: Address, order: UInt64, line: UInt16, units: UInt128,
        price: UInt128)
    case bought(offer: UInt64, buyer: Address)
    case withdrawn(offer: UInt64)
    case approvalForAll(owner: Address, operator: Address, isApproved: Bool)
}
