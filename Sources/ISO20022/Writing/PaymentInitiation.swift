import Ledger

/// A `pain.001.001.09`: payments that a bank is to make.
public struct PaymentInitiation: Hashable, Sendable {
    /// The message's name, at most 30 characters: instructions are called by it and a number.
    public let id: MessageID
    /// When it was made; the same file is made again with the same time.
    public let created: MessageTime
    /// Who asks for it.
    public let initiator: Party
    /// The payments, in the order in which they are written.
    public let payments: [PaymentOrder]
    /// Which characters the bank takes.
    public var characters = CharacterRule.latin
    /// The scheme, `SEPA` for instance, or nil for the bank's usual one.
    public var serviceLevel: String?
    /// Whether the bank may book all payments of an instruction as one; nil where it decides.
    public var isBookedAsOne: Bool?

    /// Makes a message.
    public init(id: MessageID, created: MessageTime, initiator: Party, payments: [PaymentOrder]) {
        self.id = id
        self.created = created
        self.initiator = initiator
        self.payments = payments
    }

    /// What payments share that are in one instruction.
    private struct Side: Hashable {
        let debtor: Party
        let account: Account
        let agent: Institution
        let currency: CurrencyCode
        let date: CivilDate
        let chargeBearer: ChargeBearer

        init(_ payment: PaymentOrder) {
            debtor = payment.debtor
            account = payment.debtorAccount
            agent = payment.debtorAgent
            currency = payment.money.currency
            date = payment.executionDate
            chargeBearer = payment.chargeBearer
        }
    }

    /// The message's bytes: one instruction for each debtor's account, currency, date and bearer of charges.
    ///
    /// - Throws: ``WritingFault`` where a text cannot be written or an amount is none.
    public func xml() throws(WritingFault) -> [UInt8] {
        guard !payments.isEmpty else { throw .nothing }
        guard id.text.utf8.count <= 30 else { throw .tooLong(element: "MsgId", max: 30) }
        guard Set(payments.map(\.endToEndID)).count == payments.count else {
            throw .contradiction("two payments have the same EndToEndId")
        }
        // Before anything is added up, so that no sum can overflow.
        guard payments.allSatisfy({ (1..<XMLText.amountLimit).contains($0.money.amount.units) })
        else { throw .amount(element: "InstdAmt") }
        // In the order in which each is met first.
        var sides: [Side] = []
        var bySide: [Side: [PaymentOrder]] = [:]
        for payment in payments {
            let side = Side(payment)
            if bySide[side] == nil { sides.append(side) }
            bySide[side, default: []].append(payment)
        }

        var xml = XMLText(MessageDefinition(.paymentInitiation, version: 9), characters)
        try xml.element("CstmrCdtTrfInitn") { (xml) throws(WritingFault) in
            try xml.element("GrpHdr") { (xml) throws(WritingFault) in
                xml.value("MsgId", id.text)
                xml.value("CreDtTm", created.description)
                try Self.sums(payments, &xml)
                try xml.party("InitgPty", initiator)
            }
            for (index, side) in sides.enumerated() {
                try instruction("\(id.text)-\(index + 1)", side, bySide[side] ?? [], &xml)
            }
        }
        return xml.finished()
    }

    private static func sums(
        _ payments: [PaymentOrder], _ xml: inout XMLText
    ) throws(WritingFault) {
        var sum = DecimalSum()
        for payment in payments { sum.add(payment.money) }
        xml.value("NbOfTxs", String(payments.count))
        guard sum.digits <= 18 else { throw .amount(element: "CtrlSum") }
        xml.value("CtrlSum", sum.decimal)
    }

    private func instruction(
        _ name: String, _ side: Side, _ payments: [PaymentOrder], _ xml: inout XMLText
    ) throws(WritingFault) {
        try xml.element("PmtInf") { (xml) throws(WritingFault) in
            try xml.whole("PmtInfId", name, max: 35)
            xml.value("PmtMtd", "TRF")
            if let isBookedAsOne { xml.value("BtchBookg", String(isBookedAsOne)) }
            try Self.sums(payments, &xml)
            if let serviceLevel {
                try xml.element("PmtTpInf") { (xml) throws(WritingFault) in
                    try xml.element("SvcLvl") { (xml) throws(WritingFault) in
                        try xml.whole("Cd", serviceLevel, max: 4)
                    }
                }
            }
            try xml.element("ReqdExctnDt") { (xml) throws(WritingFault) in
                xml.value("Dt", side.date.description)
            }
            try xml.party("Dbtr", side.debtor)
            try xml.account("DbtrAcct", side.account)
            try xml.institution("DbtrAgt", side.agent)
            xml.value("ChrgBr", side.chargeBearer.rawValue)
            for payment in payments { try transfer(payment, &xml) }
        }
    }

    private func transfer(_ payment: PaymentOrder, _ xml: inout XMLText) throws(WritingFault) {
        try xml.element("CdtTrfTxInf") { (xml) throws(WritingFault) in
            try xml.element("PmtId") { (xml) throws(WritingFault) in
                xml.value("EndToEndId", payment.endToEndID.text)
                if let uetr = payment.uetr { xml.value("UETR", uetr.text) }
            }
            try xml.element("Amt") { (xml) throws(WritingFault) in
                try xml.payment("InstdAmt", payment.money)
            }
            if let agent = payment.creditorAgent { try xml.institution("CdtrAgt", agent) }
            guard payment.creditor.name?.isEmpty == false else { throw .empty(element: "Cdtr/Nm") }
            try xml.party("Cdtr", payment.creditor)
            try xml.account("CdtrAcct", payment.creditorAccount)
            if let purpose = payment.purpose {
                try xml.element("Purp") { (xml) throws(WritingFault) in
                    try xml.whole("Cd", purpose, max: 4)
                }
            }
            try xml.remittance(payment.remittance)
        }
    }
}
