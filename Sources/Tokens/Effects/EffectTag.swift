/// The tags of this module's effects, 0x10 to 0x3f; `docs/formats/effects.md`.
public enum TokenEffectTag {
    /// Money moved, was made (from the zero address) or destroyed (to it).
    public static let transfer: UInt8 = 0x10
    /// One account paid many.
    public static let batch: UInt8 = 0x11
    /// A spender was given an allowance.
    public static let approval: UInt8 = 0x12
    /// A token was issued.
    public static let created: UInt8 = 0x13
    /// A role was given or taken.
    public static let role: UInt8 = 0x14
    /// Transfers were stopped or let go on.
    public static let pause: UInt8 = 0x15
    /// An account was frozen or thawed.
    public static let freeze: UInt8 = 0x16
    /// An account was put on the allow-list or taken off.
    public static let allow: UInt8 = 0x17
    /// Units were taken back.
    public static let clawback: UInt8 = 0x18
    /// Held payouts went to their payee.
    public static let heldReleased: UInt8 = 0x19
    /// An account lets another spend on fees.
    public static let feeGrant: UInt8 = 0x1a
    /// An account named who pays its fees.
    public static let feePayer: UInt8 = 0x1b
    /// A fee went to the treasury.
    public static let fee: UInt8 = 0x1c

    /// A bank issued against payments that arrived.
    public static let issued: UInt8 = 0x20
    /// An owner of deposit tokens asked for money.
    public static let redemptionRequested: UInt8 = 0x21
    /// The bank has sent the payment order.
    public static let redemptionInstructed: UInt8 = 0x22
    /// The bank has paid.
    public static let redemptionSettled: UInt8 = 0x23
    /// The bank could not pay.
    public static let redemptionRejected: UInt8 = 0x24
    /// The bank did not answer in time.
    public static let redemptionReturned: UInt8 = 0x25
    /// An account said what becomes of payouts.
    public static let autoRedeemSet: UInt8 = 0x26
    /// A payout in one bank's token became money of another.
    public static let converted: UInt8 = 0x27
    /// An account said to which token payouts are converted.
    public static let payoutTokenSet: UInt8 = 0x28

    /// All of them, reserved ones included.
    public static let all: ClosedRange<UInt8> = 0x10...0x3f
}
