import ISO20022
import Testing

@Suite("Payments that are asked for")
struct PaymentTests {
    @Test("pain.001 is read with its instruction and transfers", arguments: [3, 9])
    func initiation(version: Int) throws {
        let parts = try parts(Messages.initiation(version: version))
        try #require(parts.count == 4)
        guard case .instruction(let instruction) = parts[1], case .transfer(let transfer) = parts[3]
        else {
            Issue.record("parts in another order")
            return
        }
        #expect(instruction.id == "INF-1" && instruction.transactions == 2)
        #expect(instruction.executionDate == .day(try #require(CivilDate("2026-11-26"))))
        #expect(instruction.chargeBearer == .serviceLevel)
        #expect(transfer.money.description == "EUR 50.25")
        #expect(transfer.references.endToEndID == "E-1")
        #expect(transfer.references.instructionID == "INF-1")
        #expect(transfer.debtor.name == "Käufer")
        #expect(transfer.debtorAccount?.id == .iban(try IBAN("DE89370400440532013000")))
        #expect(transfer.parts.creditorAccount?.id == .other("6222021001116245702"))
        #expect(OrderReference(transfer.parts.remittance)?.order == 42)
    }

    @Test("a message with fewer transfers than it says is refused")
    func count() {
        #expect(fault(Messages.initiation(version: 9, count: "3"))?.code == .count)
    }

    @Test("transfers that do not add up to the control sum are refused")
    func sum() {
        #expect(fault(Messages.initiation(version: 9, sum: "150.26"))?.code == .sum)
    }

    @Test("zeros at the end of a control sum do not matter")
    func sumZeros() {
        #expect(fault(Messages.initiation(version: 9, sum: "150.25000")) == nil)
    }

    @Test("a total between banks that is not the amounts' sum is refused")
    func total() {
        let text = Messages.customerTransfer.replacing(
            "<TtlIntrBkSttlmAmt Ccy=\"EUR\">50.25", with: "<TtlIntrBkSttlmAmt Ccy=\"EUR\">50.24")
        #expect(fault(text)?.code == .sum)
        let dollars = Messages.customerTransfer.replacing(
            "<TtlIntrBkSttlmAmt Ccy=\"EUR\">", with: "<TtlIntrBkSttlmAmt Ccy=\"USD\">")
        #expect(fault(dollars)?.code == .sum)
    }

    @Test("a payment by cheque is refused: nobody here writes them")
    func cheque() {
        let text = Messages.initiation(version: 9).replacing("<PmtMtd>TRF", with: "<PmtMtd>CHK")
        #expect(fault(text)?.code == .unsupported)
    }

    @Test("an equivalent in another currency is refused: nobody here exchanges")
    func equivalent() {
        let text = Messages.initiation(version: 9).replacing(
            "<InstdAmt Ccy=\"EUR\">100.00</InstdAmt>",
            with: "<EqvtAmt><Amt Ccy=\"EUR\">100.00</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>")
        #expect(fault(text)?.code == .unsupported)
    }

    @Test("a customer's payment between banks is read")
    func customerTransfer() throws {
        guard case .transfer(let transfer) = try parts(Messages.customerTransfer)[1] else {
            Issue.record("no transfer")
            return
        }
        #expect(transfer.money.description == "EUR 50.25")
        #expect(transfer.debtor.name == "Käufer")
        #expect(transfer.parts.creditor?.name == "Lieferant")
        #expect(transfer.parts.creditorAgent?.bic == BIC("POFICHBEXXX"))
        #expect(transfer.references.transactionID == "T-1")
    }

    @Test("a bank's own payment is read with banks as parties")
    func bankTransfer() throws {
        let parts = try parts(Messages.bankTransfer)
        guard case .header(let header) = parts[0], case .transfer(let transfer) = parts[1] else {
            Issue.record("no transfer")
            return
        }
        #expect(header.settlement == .clearing)
        #expect(transfer.money.description == "CNY 1000000.00")
        #expect(transfer.debtor.bic == BIC("BKCHCNBJXXX"))
        #expect(transfer.references.uetr == UETR("eb6305c9-1f7f-49de-aed0-16487c27b42d"))
    }
}
