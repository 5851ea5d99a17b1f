import ISO20022
import Testing

/// What each real message gives, or why it is refused.
@Suite("Messages of real banks", .enabled(if: Samples.exists, "shared/data/iso20022 is not here"))
struct SampleTests {
    @Test("a Swiss bank's notification in version 04 is read whole")
    func swissNotification() throws {
        let parts = try parts(
            Samples.bytes(
                "moov_200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml"
            ))
        try #require(parts.count == 6)
        guard case .header(let header) = parts[0], case .account(let account) = parts[1],
            case .entry(let entry) = parts[2], case .transaction(let transaction) = parts[3],
            case .entryEnd(let end) = parts[4], case .accountEnd(let accountEnd) = parts[5]
        else {
            Issue.record("parts in another order")
            return
        }
        #expect(header.definition == MessageDefinition(.notification, version: 4))
        #expect(header.id == "201904245375204223076552")
        #expect(header.created.zone == .bankLocal)
        #expect(header.page == Page(number: 1, isLast: true))
        #expect(account.account.id == .iban(try IBAN("CH2909000000250094239")))
        #expect(account.account.owner?.name == "Robert Schneider SA Grands magasins Biel/Bienne")
        #expect(entry.money.description == "CHF 1500.00")
        #expect(entry.direction == .credit && entry.status == .booked && !entry.isReversal)
        #expect(entry.booked == .day(try #require(CivilDate("2019-04-24"))))
        #expect(entry.value == .day(try #require(CivilDate("2019-04-25"))))
        #expect(entry.servicerReference == "074820002ZZ9J42U")
        #expect(entry.code.subfamily == "VCOM")
        #expect(transaction.money == entry.money)
        #expect(transaction.references.servicerReference == "074820002ZZ9J42U")
        #expect(end.difference == 0)
        #expect(end.additionalInformation?.hasPrefix("SAMMELGUTSCHRIFT") == true)
        #expect(accountEnd.bookedUnits == 150_000)
    }

    @Test("a Finnish bank's statement in version 02 is read whole, and its balances agree")
    func finnishStatement() throws {
        let parts = try parts(Samples.bytes("moov_FI_camt_053_sample.xml.xml"))
        guard case .account(let account) = parts[1], case .accountEnd(let end) = parts.last else {
            Issue.record("no account")
            return
        }
        #expect(account.account.id == .iban(try IBAN("FI7433010001222090")))
        #expect(account.balances.count == 4)
        #expect(end.entries == 10 && end.bookedCredits == 6 && end.bookedDebits == 4)
        #expect(end.difference == 0)
        #expect(end.summaryAgrees == true)
        // Some batches are given as one sum: the desk is told that their payments are elsewhere.
        let ends = parts.compactMap { if case .entryEnd(let end) = $0 { end } else { nil } }
        #expect(ends.count { !$0.batchesAgree } == 4)
        #expect(ends.allSatisfy { $0.difference ?? 0 == 0 })
    }

    @Test(
        "a statement of Goldman Sachs in version 02 is read whole, with an account that is no IBAN")
    func goldmanStatement() throws {
        let parts = try parts(Samples.bytes("ph_camt053_001_02.xml"))
        guard case .account(let account) = parts[1], case .accountEnd(let end) = parts.last else {
            Issue.record("no account")
            return
        }
        #expect(account.account.id == .other("DD01100056869"))
        #expect(account.account.servicer?.bic == BIC("GSCRUS30"))
        #expect(account.balance(.openingBooked)?.signedUnits == -84_368_620)
        #expect(end.entries == 15)
        // The numbers were made up: what the bank says of them does not hold, and the desk is told.
        #expect(end.summaryAgrees == false)
        #expect(end.hasOtherCurrencies)
        #expect(end.difference == nil)
    }

    @Test(
        "what is refused is refused for this reason",
        arguments: [
            // Yen with decimals: 79255.00 instructed.
            ("moov_FI_camt_054_sample.xml.xml", MessageFault.Code.decimals),
            // The check digits 00 belong to no IBAN.
            ("moov_sepa_payment_naujas_1.xml", .iban),
            // camt.055 asks to cancel a payment.
            ("moov_valid_camt_v09.xml", .unknownMessage),
            // pain.002.001.11 and pain.001.001.08.
            ("moov_valid_pain_v11.xml", .unknownVersion),
            ("ph_pain001_001_08.xml", .unknownVersion),
        ])
    func refused(name: String, code: MessageFault.Code) throws {
        #expect(fault(try Samples.bytes(name))?.code == code)
    }

    @Test("but for the yen's decimals and the made-up IBANs, the refused ones are read")
    func repaired() throws {
        let notification = String(
            decoding: try Samples.bytes("moov_FI_camt_054_sample.xml.xml"), as: UTF8.self)
        #expect(fault(notification.replacing("79255.00", with: "79255")) == nil)
        let initiation = String(
            decoding: try Samples.bytes("moov_sepa_payment_naujas_1.xml"), as: UTF8.self)
        let right = try ["7180000000000000", "7400000000000000"].reduce(initiation) {
            text, national in
            text.replacing(
                "LT00" + national, with: try IBAN(country: "LT", national: national).text)
        }
        #expect(fault(right) == nil)
    }
}
