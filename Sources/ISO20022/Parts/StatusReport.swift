/// What became of a payment, or of all payments of an instruction or message.
public struct StatusReport: Hashable, Sendable {
    /// Of what it tells.
    public enum Scope: Hashable, Sendable {
        /// Of a message; counts for all its payments that have no status of their own.
        case message
        /// Of an instruction; counts for all its payments that have no status of their own.
        case instruction
        /// Of one payment.
        case transaction
    }

    /// Of what it tells.
    public let scope: Scope
    /// The message that it tells of; in pacs.002 a transaction may name its own, and has none where the report tells of
    /// several and it names none of them.
    public var originalMessageID: String?
    /// That message's kind, `pain.001.001.09` for instance, as the bank writes it.
    public var originalMessageName: String?
    /// References that the payment had: `instructionID`, `instructedID`, `endToEndID`, `transactionID`, `uetr`; and the
    /// `servicerReference` and `clearingReference` that it has got.
    public var references = References()
    /// What became of it; nil where only a higher or lower scope has a status.
    public var status: PaymentStatus?
    /// Why.
    public var reasons: [StatusReason] = []
    /// When the bank accepted it.
    public var accepted: MessageTime?
    /// The amount, where the bank repeats it.
    public var money: Money?

    /// Makes a report without a status.
    public init(_ scope: Scope) { self.scope = scope }
}

/// A reason that a bank gives.
public struct StatusReason: Hashable, Sendable {
    /// By code.
    public var code: ReasonCode?
    /// In the bank's own word.
    public var proprietary: String?
    /// In words.
    public var lines: [String] = []

    /// Makes an empty reason.
    public init() {}
}

/// What became of a payment, by ISO 20022's external codes.
public struct PaymentStatus: Hashable, Sendable {
    /// What it means for the money.
    public enum Outcome: Hashable, Sendable {
        /// It has left the debtor's account or reached the creditor's: it is final.
        case settled
        /// It is not paid: refused or cancelled.
        case refused
        /// Some payments are paid or underway and others are not: ask for each.
        case partly
        /// Nothing is decided.
        case underway
    }

    /// Up to four characters, `ACSC` for instance.
    public let text: String

    /// Reads a code.
    ///
    /// - Returns: nil unless it is one to four capital letters or digits.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard let code = ReasonCode(bytes) else { return nil }
        text = code.text
    }

    /// What it means for the money; a code that the desk does not know decides nothing.
    public var outcome: Outcome {
        switch text {
        // Settlement on the debtor's account, on the creditor's, and both with or without a change.
        case "ACSC", "ACCC": .settled
        case "RJCT", "CANC": .refused
        case "PART": .partly
        default: .underway
        }
    }
}
