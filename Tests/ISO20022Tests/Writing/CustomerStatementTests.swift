import ISO20022
import Ledger
import Testing

@Suite("Writing camt.053")
struct CustomerStatementTests {
    static func statement(closing: Int128 = 99_000) throws -> CustomerStatement {
        let cny = try #require(CurrencyCode("CNY"))
        var account = Account(.other("6222021001116245702"), currency: cny)
        account.proxy = "0x00000000000000000000000000000000000000a1"
        account.owner = Party(name: "北京钢铁有限公司")
        account.servicer = Institution(bic: BIC("BKCHCNBJXXX"))
        var paid = StatementEntry(
            try Money(decimal: "1000.00", cny), .credit,
            booked: .time(try #require(MessageTime("2026-11-25T10:15:00.250Z"))),
            servicerReference: try #require(MessageID("DIP-812-3")))
        paid.counterparty = Party(name: "买方 & Co")
        paid.counterpartyAccount = Account(.iban(try IBAN("DE89370400440532013000")))
        paid.remittance = OrderReference(order: 42, line: 3, buyer: "买方 & Co").remittance()
        paid.endToEndID = "42-3"
        paid.additionalInformation = "Release of line 3"
        var redeemed = StatementEntry(
            try Money(decimal: "20.00", cny), .debit,
            booked: .day(try #require(CivilDate("2026-11-25"))),
            servicerReference: try #require(MessageID("DIP-813-1")))
        redeemed.isReversal = true
        var statement = CustomerStatement(
            id: try #require(MessageID("STMT-1")),
            created: try #require(MessageTime("2026-11-25T18:00:00+08:00")), account: account,
            currency: cny, openingUnits: 1000, closingUnits: closing,
            from: try #require(MessageTime("2026-11-25T00:00:00+08:00")),
            to: try #require(MessageTime("2026-11-25T23:59:59+08:00")), entries: [paid, redeemed])
        statement.sequence = 7
        return statement
    }

    @Test("the official schema takes what is written", .enabled(if: Schema.canValidate))
    func valid() throws {
        let complaints = try Schema.complaints(try Self.statement().xml(), "camt.053.001.08")
        #expect(complaints == "")
    }

    @Test("what is written is read back, with order, line and buyer")
    func roundTrip() throws {
        let parts = try parts(Self.statement().xml())
        guard case .account(let account) = parts[1], case .entry(let entry) = parts[2],
            case .transaction(let transaction) = parts[3], case .entry(let second) = parts[5],
            case .accountEnd(let end) = parts.last
        else {
            Issue.record("parts in another order")
            return
        }
        #expect(account.account.owner?.name == "北京钢铁有限公司")
        #expect(account.account.proxy == "0x00000000000000000000000000000000000000a1")
        #expect(account.head.electronicSequence == 7)
        #expect(account.balance(.openingBooked)?.signedUnits == 1000)
        #expect(account.balance(.closingBooked)?.signedUnits == 99_000)
        #expect(entry.servicerReference == "DIP-812-3" && entry.status == .booked)
        #expect(transaction.debtor?.name == "买方 & Co")
        #expect(OrderReference(transaction.remittance) == OrderReference(order: 42, line: 3))
        #expect(transaction.remittance.structured.first?.invoicee?.name == "买方 & Co")
        #expect(second.isReversal && second.direction == .debit)
        #expect(end.difference == 0 && end.summaryAgrees == true)
    }

    @Test("the same statement has the same bytes")
    func deterministic() throws {
        #expect(try Self.statement().xml() == Self.statement().xml())
    }

    @Test("a statement that does not add up is not written")
    func contradiction() throws {
        for closing in [99_001, Int128.max, .min] {
            let statement = try Self.statement(closing: closing)
            #expect(throws: WritingFault.self) { try statement.xml() }
        }
    }

    @Test("an overdrawn account has debit balances", .enabled(if: Schema.canValidate))
    func overdrawn() throws {
        let eur = try #require(CurrencyCode("EUR"))
        let time = try #require(MessageTime("2026-11-25T18:00:00Z"))
        let statement = CustomerStatement(
            id: try #require(MessageID("S")), created: time,
            account: Account(.iban(try IBAN("DE89370400440532013000"))), currency: eur,
            openingUnits: -5, closingUnits: -5, from: time, to: time, entries: [])
        let xml = try statement.xml()
        let complaints = try Schema.complaints(xml, "camt.053.001.08")
        #expect(complaints == "")
        guard case .account(let account) = try parts(xml)[1] else {
            Issue.record("no account")
            return
        }
        #expect(account.balance(.closingBooked)?.signedUnits == -5)
    }
}
