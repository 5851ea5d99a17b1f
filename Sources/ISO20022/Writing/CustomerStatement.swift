import Ledger

/// A `camt.053.001.08`: what happened in a customer's account, for the customer's own books.
public struct CustomerStatement: Hashable, Sendable {
    /// The message's name, and the statement's.
    public let id: MessageID
    /// When it was made; the same file is made again with the same time.
    public let created: MessageTime
    /// The account with its currency; owner and servicer are written where they are known.
    ///
    /// An address on the ledger, which is too long for an account number, may stand as its proxy.
    public let account: Account
    /// The currency of balances and entries.
    public let currency: CurrencyCode
    /// What was in it before the first entry, in smallest units, negative where overdrawn.
    public let openingUnits: Int128
    /// What is in it after the last entry: must be the opening balance and all entries.
    public let closingUnits: Int128
    /// The first moment that it tells of.
    public let from: MessageTime
    /// The last.
    public let to: MessageTime
    /// Counts the account's statements, so that a missing one is noticed.
    public var sequence: Int?
    /// Booked entries, in the order of booking.
    public let entries: [StatementEntry]
    /// Which characters the customer's program takes.
    public var characters = CharacterRule.unicode

    /// Makes a statement.
    public init(
        id: MessageID, created: MessageTime, account: Account, currency: CurrencyCode,
        openingUnits: Int128, closingUnits: Int128, from: MessageTime, to: MessageTime,
        entries: [StatementEntry]
    ) {
        self.id = id
        self.created = created
        self.account = account
        self.currency = currency
        self.openingUnits = openingUnits
        self.closingUnits = closingUnits
        self.from = from
        self.to = to
        self.entries = entries
    }

    /// The message's bytes.
    ///
    /// - Throws: ``WritingFault/contradiction(_:)`` where the balances and entries do not fit, or another where a text cannot be
    ///   written.
    public func xml() throws(WritingFault) -> [UInt8] {
        let sums = try sums()
        var xml = XMLText(MessageDefinition(.statement, version: 8), characters)
        try xml.element("BkToCstmrStmt") { (xml) throws(WritingFault) in
            try xml.element("GrpHdr") { (xml) throws(WritingFault) in
                xml.value("MsgId", id.text)
                xml.value("CreDtTm", created.description)
            }
            try xml.element("Stmt") { (xml) throws(WritingFault) in
                xml.value("Id", id.text)
                if let sequence { xml.value("ElctrncSeqNb", String(sequence)) }
                xml.value("CreDtTm", created.description)
                try xml.element("FrToDt") { (xml) throws(WritingFault) in
                    xml.value("FrDtTm", from.description)
                    xml.value("ToDtTm", to.description)
                }
                try xml.element("Acct") { (xml) throws(WritingFault) in
                    try xml.accountContent(account)
                    if let owner = account.owner { try xml.party("Ownr", owner) }
                    if let servicer = account.servicer { try xml.institution("Svcr", servicer) }
                }
                try balance("OPBD", openingUnits, from.date, &xml)
                try balance("CLBD", closingUnits, to.date, &xml)
                try summary(sums, &xml)
                for entry in entries { try entry.write(into: &xml) }
            }
        }
        return xml.finished()
    }

    private struct Sums {
        var credits = (count: 0, units: UInt128(0))
        var debits = (count: 0, units: UInt128(0))
    }

    private func sums() throws(WritingFault) -> Sums {
        // Before anything is added up, so that no sum can overflow.
        guard openingUnits.magnitude < XMLText.amountLimit,
            closingUnits.magnitude < XMLText.amountLimit
        else { throw .amount(element: "Bal") }
        var sums = Sums()
        var units = openingUnits
        for entry in entries {
            guard entry.money.currency == currency else {
                throw .contradiction("an entry is in another currency than the account")
            }
            guard entry.money.amount.units < XMLText.amountLimit else {
                throw .amount(element: "Amt")
            }
            units += entry.money.signedUnits(entry.direction)
            if entry.direction == .credit {
                sums.credits.count += 1
                sums.credits.units += entry.money.amount.units
            } else {
                sums.debits.count += 1
                sums.debits.units += entry.money.amount.units
            }
        }
        guard sums.credits.units + sums.debits.units < XMLText.amountLimit else {
            throw .amount(element: "Sum")
        }
        guard units == closingUnits else {
            throw .contradiction("opening balance and entries are not the closing balance")
        }
        return sums
    }

    private func balance(
        _ code: String, _ units: Int128, _ date: CivilDate, _ xml: inout XMLText
    ) throws(WritingFault) {
        try xml.element("Bal") { (xml) throws(WritingFault) in
            try xml.element("Tp") { (xml) throws(WritingFault) in
                try xml.element("CdOrPrtry") { (xml) throws(WritingFault) in xml.value("Cd", code) }
            }
            try xml.amount("Amt", Money(Amount(units.magnitude), currency))
            xml.value("CdtDbtInd", (units < 0 ? Direction.debit : .credit).rawValue)
            try xml.element("Dt") { (xml) throws(WritingFault) in
                xml.value("Dt", date.description)
            }
        }
    }

    private func summary(_ sums: Sums, _ xml: inout XMLText) throws(WritingFault) {
        try xml.element("TxsSummry") { (xml) throws(WritingFault) in
            try xml.element("TtlNtries") { (xml) throws(WritingFault) in
                xml.value("NbOfNtries", String(entries.count))
                xml.value(
                    "Sum", Money(Amount(sums.credits.units + sums.debits.units), currency).decimal)
                let net = closingUnits - openingUnits
                try xml.element("TtlNetNtry") { (xml) throws(WritingFault) in
                    xml.value("Amt", Money(Amount(net.magnitude), currency).decimal)
                    xml.value("CdtDbtInd", (net < 0 ? Direction.debit : .credit).rawValue)
                }
            }
            for (name, sum) in [("TtlCdtNtries", sums.credits), ("TtlDbtNtries", sums.debits)] {
                try xml.element(name) { (xml) throws(WritingFault) in
                    xml.value("NbOfNtries", String(sum.count))
                    xml.value("Sum", Money(Amount(sum.units), currency).decimal)
                }
            }
        }
    }
}
