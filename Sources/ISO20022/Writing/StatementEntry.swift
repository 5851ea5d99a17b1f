/// A booked entry of a ``CustomerStatement``, with the one payment in it.
public struct StatementEntry: Hashable, Sendable {
    /// How much.
    public let money: Money
    /// Whether it came in or left.
    public let direction: Direction
    /// When it was booked.
    public let booked: MessageDate
    /// The servicer's own reference, the same in each report on this entry.
    public let servicerReference: MessageID
    /// Whether it takes back an earlier entry.
    public var isReversal = false
    /// From when it counts; where nil, from the booking.
    public var value: MessageDate?
    /// The kind of transaction; where nil, a transfer within the books of one bank.
    public var code: TransactionCode?
    /// The name that the payer gave the payment.
    public var endToEndID: String?
    /// Who paid, or was paid.
    public var counterparty: Party?
    /// From which account, or to which.
    public var counterpartyAccount: Account?
    /// What it is for: order, line and buyer.
    public var remittance = Remittance()
    /// What else there is to say, up to 500 characters.
    public var additionalInformation: String?

    /// Makes an entry with what each needs.
    public init(
        _ money: Money, _ direction: Direction, booked: MessageDate, servicerReference: MessageID
    ) {
        self.money = money
        self.direction = direction
        self.booked = booked
        self.servicerReference = servicerReference
    }

    func write(into xml: inout XMLText) throws(WritingFault) {
        try xml.element("Ntry") { (xml) throws(WritingFault) in
            try xml.payment("Amt", money)
            xml.value("CdtDbtInd", direction.rawValue)
            if isReversal { xml.value("RvslInd", "true") }
            try xml.element("Sts") { (xml) throws(WritingFault) in xml.value("Cd", "BOOK") }
            try xml.dayOrTime("BookgDt", booked)
            try xml.dayOrTime("ValDt", value ?? booked)
            xml.value("AcctSvcrRef", servicerReference.text)
            try xml.transactionCode(code ?? .bookTransfer(direction))
            try xml.element("NtryDtls") { (xml) throws(WritingFault) in
                try xml.element("TxDtls") { (xml) throws(WritingFault) in
                    try writeDetails(into: &xml)
                }
            }
        }
    }

    private func writeDetails(into xml: inout XMLText) throws(WritingFault) {
        try xml.element("Refs") { (xml) throws(WritingFault) in
            xml.value("AcctSvcrRef", servicerReference.text)
            if let endToEndID { try xml.whole("EndToEndId", endToEndID, max: 35) }
        }
        try xml.payment("Amt", money)
        xml.value("CdtDbtInd", direction.rawValue)
        if counterparty != nil || counterpartyAccount != nil {
            let role = direction == .credit ? "Dbtr" : "Cdtr"
            try xml.element("RltdPties") { (xml) throws(WritingFault) in
                if let counterparty { try xml.wrappedParty(role, counterparty) }
                if let account = counterpartyAccount { try xml.account(role + "Acct", account) }
            }
        }
        try xml.remittance(remittance)
        try xml.cut("AddtlTxInf", additionalInformation, max: 500)
    }
}

extension TransactionCode {
    /// A transfer within the books of one bank: `PMNT`, `RCDT` or `ICDT`, `BOOK`.
    static func bookTransfer(_ direction: Direction) -> TransactionCode {
        var code = TransactionCode()
        code.domain = "PMNT"
        code.family = direction == .credit ? "RCDT" : "ICDT"
        code.subfamily = "BOOK"
        return code
    }
}

extension XMLText {
    mutating func dayOrTime(_ name: String, _ date: MessageDate) throws(WritingFault) {
        try element(name) { (xml) throws(WritingFault) in
            switch date {
            case .day(let day): xml.value("Dt", day.description)
            case .time(let time): xml.value("DtTm", time.description)
            }
        }
    }

    mutating func transactionCode(_ code: TransactionCode) throws(WritingFault) {
        try element("BkTxCd") { (xml) throws(WritingFault) in
            if let domain = code.domain {
                try xml.element("Domn") { (xml) throws(WritingFault) in
                    try xml.whole("Cd", domain, max: 4)
                    try xml.element("Fmly") { (xml) throws(WritingFault) in
                        try xml.whole("Cd", code.family ?? "", max: 4)
                        try xml.whole("SubFmlyCd", code.subfamily ?? "", max: 4)
                    }
                }
            }
            if let proprietary = code.proprietary {
                try xml.element("Prtry") { (xml) throws(WritingFault) in
                    try xml.whole("Cd", proprietary, max: 35)
                }
            }
        }
    }
}
