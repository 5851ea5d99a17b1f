/// A kind of ISO 20022 message that the bank desk knows, whatever its version.
///
/// - Source: ISO 20022 message definition identifiers, `camt.054.001.08` for instance.
public enum MessageKind: String, Hashable, Sendable, CaseIterable {
    /// Report on an account within a day.
    case accountReport = "camt.052"
    /// Statement of an account at the end of a day.
    case statement = "camt.053"
    /// Notification of debits and credits.
    case notification = "camt.054"
    /// A customer's orders to pay.
    case paymentInitiation = "pain.001"
    /// What became of a customer's orders.
    case paymentStatus = "pain.002"
    /// What became of payments between banks.
    case interbankStatus = "pacs.002"
    /// Payments that come back.
    case paymentReturn = "pacs.004"
    /// A customer's payment between banks.
    case customerTransfer = "pacs.008"
    /// A bank's own payment.
    case bankTransfer = "pacs.009"
}
