import Ledger

/// One entitlement of an order, and how far it is settled.
struct Line: Sendable {
    /// Lower tiers are paid first.
    let tier: UInt16
    /// The gate it waits for as index + 1; 0 for none.
    let gate: UInt8
    /// Who was entitled when the order was opened.
    let payee: Address
    /// What was agreed, more than 0.
    let amount: UInt128
    /// How much of it will never be paid.
    var voided: UInt128 = 0
    /// How much of it was paid; `paid + voided <= amount`.
    var paid: UInt128 = 0
    /// The first entry of `claims` that is not paid in full.
    ///
    /// What is before it is history, kept so that a
    /// payment need not move the others.
    var front = 0
    /// Who gets the rest, in this order; from `front` on their units sum to `amount - voided - paid`.
    var claims: [Claim]
    /// Whether claims changed since they were last written.
    var areClaimsChanged = false
    /// Whether the claims as they were last written are an object of their own.
    var areClaimsApart = false

    /// The most entries that are written with the order.
    static let claimsInline = 4

    /// A line as terms describe it: its payee holds all of it.
    init(_ terms: Terms.Line) {
        tier = terms.tier
        gate = terms.gate
        payee = terms.payee
        amount = terms.amount
        claims = [Claim(holder: terms.payee, units: terms.amount)]
    }

    /// What can be paid at all.
    @inline(__always) var live: UInt128 { amount &- voided }
    /// What has yet to be paid.
    @inline(__always) var unpaid: UInt128 { amount &- voided &- paid }
    /// Who is yet to be paid, in order.
    @inline(__always) var open: ArraySlice<Claim> { claims[front...] }

    /// Replaces what is open.
    mutating func setClaims(_ open: [Claim]) {
        claims = open
        front = 0
        areClaimsChanged = true
    }
}
