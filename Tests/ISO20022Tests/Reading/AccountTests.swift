import ISO20022
import Ledger
import Testing

@Suite("Reports on accounts")
struct AccountTests {
    static let reports = Messages.all.filter {
        [.accountReport, .statement, .notification].contains($0.kind)
    }

    @Test("a report is read with account, entries and payments", arguments: reports)
    func report(definition: MessageDefinition) throws {
        let parts = try parts(Messages.text(definition))
        try #require(parts.count == 9)
        guard case .account(let account) = parts[1], case .entry(let entry) = parts[2],
            case .transaction(let first) = parts[3], case .transaction(let second) = parts[4],
            case .entryEnd(let end) = parts[5], case .entry(let bare) = parts[6],
            case .entryEnd(let bareEnd) = parts[7], case .accountEnd(let accountEnd) = parts[8]
        else {
            Issue.record("parts in another order")
            return
        }
        #expect(account.id == "RPT-1")
        #expect(account.head.electronicSequence == 96)
        #expect(account.head.from == MessageTime("2026-11-25T00:00:00"))
        #expect(account.account.id == .iban(try IBAN("DE89370400440532013000")))
        #expect(entry.money.description == "EUR 1500.00")
        #expect(entry.status == .booked && entry.direction == .credit && !entry.isReversal)
        #expect(entry.servicerReference == "REF-1")
        #expect(entry.booked?.day == CivilDate(year: 2026, month: 11, day: 25))
        #expect(entry.code.family == "RCDT")
        #expect(first.money?.description == "EUR 1000.00")
        #expect(first.references.servicerReference == "REF-1-0")
        #expect(first.debtor?.name == "Müller & Söhne")
        #expect(first.debtorAgent?.bic == BIC("COBADEFFXXX"))
        #expect(first.creditorAccount?.id == .iban(try IBAN("CH2909000000250094239")))
        #expect(OrderReference(second.remittance) == OrderReference(order: 42, line: 3))
        #expect(end.transactions == 2 && end.difference == 0 && end.batchesAgree)
        #expect(bare.money.description == "EUR 0.50")
        #expect(bareEnd.transactions == 0 && bareEnd.difference == nil)
        #expect(accountEnd.entries == 2 && accountEnd.bookedCredits == 2)
        #expect(accountEnd.bookedUnits == 150_050)
        #expect(accountEnd.summaryAgrees == true)
        #expect(accountEnd.difference == (definition.kind == .notification ? nil : 0))
    }

    @Test("a plain status is a fault from version 08 on, and a choice before")
    func status() {
        let new = MessageDefinition(.notification, version: 8)
        let old = MessageDefinition(.notification, version: 4)
        #expect(
            fault(Messages.report(new, entries: Messages.entry(version: 4)))?.code == .unexpected)
        #expect(
            fault(Messages.report(old, entries: Messages.entry(version: 8)))?.code == .unexpected)
    }

    @Test(
        "each status of an entry is read as what it is",
        arguments: [
            ("BOOK", 4, Entry.Status.booked), ("PDNG", 2, .pending), ("INFO", 4, .information),
            ("FUTR", 8, .future), ("BOOK", 8, .booked),
        ])
    func statuses(code: String, version: Int, status: Entry.Status) throws {
        let text = Messages.report(
            MessageDefinition(.notification, version: version),
            entries: Messages.entry(version: version, status: code))
        let entries = try parts(text).compactMap {
            if case .entry(let entry) = $0 { entry } else { nil }
        }
        #expect(entries.map(\.status) == [status])
    }

    @Test("a status that is none is a fault", arguments: [("FUTR", 4), ("book", 4), ("XXXX", 8)])
    func wrongStatus(code: String, version: Int) {
        let text = Messages.report(
            MessageDefinition(.notification, version: version),
            entries: Messages.entry(version: version, status: code))
        #expect(fault(text)?.code == .code)
    }

    @Test("payments that do not add up to their entry are told, not refused")
    func differences() throws {
        let definition = MessageDefinition(.statement, version: 8)
        let text = Messages.report(
            definition,
            entries: Messages.entry(
                version: 8, details: Messages.details(version: 8, amounts: ["1000.00", "499.99"])))
        let parts = try parts(text)
        guard case .entryEnd(let end) = parts[5], case .accountEnd(let account) = parts[6] else {
            Issue.record("parts in another order")
            return
        }
        #expect(end.difference == 1)
        #expect(account.difference == 50)
        #expect(account.summaryAgrees == false)
    }

    @Test("a batch that says more payments than there are is told")
    func batch() throws {
        let definition = MessageDefinition(.notification, version: 4)
        let details = Messages.details(version: 4).replacing("<NbOfTxs>2", with: "<NbOfTxs>3")
        let parts = try parts(
            Messages.report(definition, entries: Messages.entry(version: 4, details: details)))
        guard case .entryEnd(let end) = parts[5] else {
            Issue.record("parts in another order")
            return
        }
        #expect(!end.batchesAgree)
    }

    @Test("pending entries and other currencies are not in the sum of what is booked")
    func booked() throws {
        let definition = MessageDefinition(.statement, version: 8)
        let text = Messages.report(
            definition,
            entries: Messages.entry(version: 8, status: "PDNG")
                + Messages.entry(version: 8, amount: "500.00", direction: "DBIT")
                + Messages.entry(version: 8, amount: "7", currency: "JPY"))
        guard case .accountEnd(let end) = try parts(text).last else {
            Issue.record("no end")
            return
        }
        #expect(end.bookedUnits == -50_000)
        #expect(end.hasOtherCurrencies)
        #expect(end.difference == nil)
        #expect(end.bookedCredits == 1 && end.bookedDebits == 1)
    }

    @Test("several accounts come one after another")
    func several() throws {
        let definition = MessageDefinition(.notification, version: 8)
        let text = Messages.text(definition)
        let start = try #require(text.firstRange(of: "<Ntfctn>")).lowerBound
        let end = try #require(text.firstRange(of: "</Ntfctn>")).upperBound
        let notification = text[start..<end]
        let twice = text.replacing(notification, with: notification + notification)
        let parts = try parts(twice)
        #expect(parts.count { if case .account = $0 { true } else { false } } == 2)
        #expect(parts.count { if case .accountEnd = $0 { true } else { false } } == 2)
        #expect(Array(parts[1..<9]) == Array(parts[9..<17]))
    }

    @Test("a copy says that it is one")
    func copies() throws {
        let text = Messages.text(MessageDefinition(.notification, version: 8))
            .replacing("</FrToDt>", with: "</FrToDt><CpyDplctInd>DUPL</CpyDplctInd>")
        guard case .account(let account) = try parts(text)[1] else {
            Issue.record("no account")
            return
        }
        #expect(account.head.isCopy)
    }

    @Test("a payer that is a bank is a party from version 08 on")
    func bankAsParty() throws {
        let text = Messages.text(MessageDefinition(.notification, version: 8)).replacing(
            "<Dbtr><Pty><Nm>Müller &amp; Söhne</Nm></Pty></Dbtr>",
            with: "<Dbtr><Agt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></Agt></Dbtr>")
        guard case .transaction(let transaction) = try parts(text)[3] else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.debtor?.bic == BIC("COBADEFFXXX"))
    }
}
