/// A payment between banks that comes back, in pacs.004.
public struct ReturnedPayment: Hashable, Sendable {
    /// What comes back.
    public let money: Money
    /// The returning bank's name for the return.
    public var returnID: String?
    /// The message with the original payment.
    public var originalMessageID: String?
    /// References of the original payment; `clearingReference` is that of the return.
    public var references = References()
    /// What was paid originally, which charges may make more.
    public var original: Money?
    /// When banks settle the return.
    public var settlementDate: CivilDate?
    /// Why it comes back.
    public var reasons: [StatusReason] = []

    /// Makes a return of an amount.
    public init(_ money: Money) { self.money = money }
}
