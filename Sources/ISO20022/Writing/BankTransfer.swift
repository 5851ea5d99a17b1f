/// A `pacs.009.001.08`: one bank pays another.
public struct BankTransfer: Hashable, Sendable {
    /// How the two settle.
    public enum Settlement: Hashable, Sendable {
        /// On an account of the debtor at the creditor, or of the creditor at the debtor.
        case account(Account, at: Keeper)
        /// Through a clearing system: a code of ISO 20022's list of up to three characters, `TGT` for TARGET, or nil for the usual one.
        case clearing(String?)

        /// Who keeps the account on which it is settled.
        public enum Keeper: Hashable, Sendable {
            /// The bank that sends the message.
            case sender
            /// The bank that receives it.
            case receiver
        }
    }

    /// The message's name.
    public let id: MessageID
    /// When it was made; the same file is made again with the same time.
    public let created: MessageTime
    /// The amount, above zero.
    public let money: Money
    /// The day of settlement.
    public let settlementDate: CivilDate
    /// How it is settled.
    public let settlement: Settlement
    /// The payment's unique name among banks.
    public let uetr: UETR
    /// The name by which the caller recognises it in answers.
    public let endToEndID: MessageID
    /// Who pays and sends the message.
    public let debtor: Institution
    /// Who is paid and gets it.
    public let creditor: Institution
    /// From which account.
    public var debtorAccount: Account?
    /// To which account.
    public var creditorAccount: Account?
    /// What it is for, in lines of text.
    public var lines: [String] = []
    /// Which characters the receiver takes.
    public var characters = CharacterRule.latin

    /// Makes a message.
    public init(
        id: MessageID, created: MessageTime, _ money: Money, settlementDate: CivilDate,
        settlement: Settlement, uetr: UETR, endToEndID: MessageID, debtor: Institution,
        creditor: Institution
    ) {
        self.id = id
        self.created = created
        self.money = money
        self.settlementDate = settlementDate
        self.settlement = settlement
        self.uetr = uetr
        self.endToEndID = endToEndID
        self.debtor = debtor
        self.creditor = creditor
    }

    /// The message's bytes.
    ///
    /// - Throws: ``WritingFault`` where a text cannot be written or the amount is none.
    public func xml() throws(WritingFault) -> [UInt8] {
        var xml = XMLText(MessageDefinition(.bankTransfer, version: 8), characters)
        try xml.element("FICdtTrf") { (xml) throws(WritingFault) in
            try xml.element("GrpHdr") { (xml) throws(WritingFault) in
                xml.value("MsgId", id.text)
                xml.value("CreDtTm", created.description)
                xml.value("NbOfTxs", "1")
                try xml.payment("TtlIntrBkSttlmAmt", money)
                xml.value("IntrBkSttlmDt", settlementDate.description)
                try writeSettlement(into: &xml)
                try xml.institution("InstgAgt", debtor)
                try xml.institution("InstdAgt", creditor)
            }
            try xml.element("CdtTrfTxInf") { (xml) throws(WritingFault) in
                try xml.element("PmtId") { (xml) throws(WritingFault) in
                    xml.value("InstrId", id.text)
                    xml.value("EndToEndId", endToEndID.text)
                    xml.value("UETR", uetr.text)
                }
                try xml.payment("IntrBkSttlmAmt", money)
                xml.value("IntrBkSttlmDt", settlementDate.description)
                try xml.institution("Dbtr", debtor)
                if let debtorAccount { try xml.account("DbtrAcct", debtorAccount) }
                try xml.institution("Cdtr", creditor)
                if let creditorAccount { try xml.account("CdtrAcct", creditorAccount) }
                if !lines.isEmpty {
                    try xml.element("RmtInf") { (xml) throws(WritingFault) in
                        for line in lines { try xml.cut("Ustrd", line, max: 140) }
                    }
                }
            }
        }
        return xml.finished()
    }

    private func writeSettlement(into xml: inout XMLText) throws(WritingFault) {
        try xml.element("SttlmInf") { (xml) throws(WritingFault) in
            switch settlement {
            case .account(let account, let keeper):
                let method: SettlementMethod =
                    keeper == .sender ? .instructingAgent : .instructedAgent
                xml.value("SttlmMtd", method.rawValue)
                try xml.account("SttlmAcct", account)
            case .clearing(let system):
                xml.value("SttlmMtd", SettlementMethod.clearing.rawValue)
                if let system {
                    try xml.element("ClrSys") { (xml) throws(WritingFault) in
                        try xml.whole("Cd", system, max: 3)
                    }
                }
            }
        }
    }
}
