import ISO20022
import Ledger
import Testing

@Suite("Writing pain.002")
struct PaymentAnswerTests {
    static func payment(
        _ name: String, _ status: String, in instruction: String = "ERP-1-1"
    ) throws -> PaymentAnswer.Payment {
        var payment = PaymentAnswer.Payment(
            instruction: instruction, endToEndID: name,
            money: try Money(decimal: "12.50", try #require(CurrencyCode("EUR"))),
            status: try #require(PaymentStatus(status)))
        if status == "RJCT" {
            payment.reason = ReasonCode("AM04")
            payment.text = "the debtor has not enough on the ledger"
        }
        return payment
    }

    static func answer(
        to version: Int, _ payments: [PaymentAnswer.Payment], message: String = "ERP-1"
    ) throws -> PaymentAnswer {
        PaymentAnswer(
            id: try #require(MessageID("ANS-1")),
            created: try #require(MessageTime("2026-11-25T18:00:00Z")),
            original: MessageHeader(
                MessageDefinition(.paymentInitiation, version: version), id: message,
                created: try #require(MessageTime("2026-11-25T10:00:00"))), payments: payments)
    }

    @Test(
        "the official schema takes what is written, in the version that goes with the request's",
        .enabled(if: Schema.canValidate), arguments: [(3, "03"), (9, "10")])
    func valid(version: Int, written: String) throws {
        var long = try Self.payment("E-2", "RJCT")
        long.instructionID = "采购 7"
        long.text = Array(repeating: "words", count: 60).joined(separator: " ")
        let answer = try Self.answer(
            to: version,
            [
                try Self.payment("E-1", "ACSC"), long,
                try Self.payment("E-3", "ACSP", in: "ERP-1-2"),
            ], message: "ERP & 公司")
        let complaints = try Schema.complaints(try answer.xml(), "pain.002.001.\(written)")
        #expect(complaints == "")
    }

    @Test("what is written is read back", arguments: [3, 9])
    func roundTrip(version: Int) throws {
        let answer = try Self.answer(
            to: version, [try Self.payment("E-1", "ACSC"), try Self.payment("E-2", "RJCT")])
        let reports = try parts(answer.xml()).compactMap { part in
            if case .status(let report) = part { report } else { nil }
        }
        let payments = reports.filter { $0.scope == .transaction }
        #expect(payments.map(\.references.endToEndID) == ["E-1", "E-2"])
        #expect(payments.map(\.status?.outcome) == [.settled, .refused])
        #expect(payments[1].reasons.first?.code?.text == "AM04")
        #expect(payments.allSatisfy { $0.originalMessageID == "ERP-1" })
        #expect(reports.first { $0.scope == .message }?.status?.text == "PART")
    }

    @Test(
        "several payments have one status",
        arguments: [
            (["ACSC", "ACSC"], "ACSC"), (["ACSC", "ACSP"], "ACSP"), (["RJCT", "RJCT"], "RJCT"),
            (["RJCT", "ACSP"], "PART"),
        ])
    func group(statuses: [String], expected: String) throws {
        let payments = try statuses.enumerated().map { try Self.payment("E-\($0)", $1) }
        let xml = String(decoding: try Self.answer(to: 9, payments).xml(), as: UTF8.self)
        #expect(xml.contains("<GrpSts>\(expected)</GrpSts>"))
        #expect(xml.contains("<PmtInfSts>\(expected)</PmtInfSts>"))
    }

    @Test(
        "a request without names is answered, as the schema wants it",
        .enabled(if: Schema.canValidate), arguments: [(3, "03"), (9, "10")])
    func nameless(version: Int, written: String) throws {
        var payment = try Self.payment("", "ACSP", in: "")
        payment.instructionID = ""
        let xml = try Self.answer(to: version, [payment], message: "").xml()
        #expect(try Schema.complaints(xml, "pain.002.001.\(written)") == "")
        let text = String(decoding: xml, as: UTF8.self)
        for name in ["OrgnlMsgId", "OrgnlPmtInfId", "OrgnlEndToEndId"] {
            #expect(text.contains("<\(name)>NOTPROVIDED</\(name)>"))
        }
        #expect(!text.contains("OrgnlInstrId"))
    }

    @Test(
        "an amount of more digits than the message has room for is left out",
        .enabled(if: Schema.canValidate),
        arguments: [(999_999_999_999_999_999, true), (1_000_000_000_000_000_000, false)])
    func large(units: UInt128, isWritten: Bool) throws {
        let payment = PaymentAnswer.Payment(
            instruction: "ERP-1-1", endToEndID: "E-1",
            money: Money(Amount(units), try #require(CurrencyCode("EUR"))),
            status: try #require(PaymentStatus("RJCT")))
        let xml = try Self.answer(to: 9, [payment]).xml()
        #expect(try Schema.complaints(xml, "pain.002.001.10") == "")
        #expect(String(decoding: xml, as: UTF8.self).contains("OrgnlTxRef") == isWritten)
    }

    @Test("an answer to nothing is not written")
    func nothing() throws {
        let answer = try Self.answer(to: 9, [])
        #expect(throws: WritingFault.nothing) { try answer.xml() }
    }
}
