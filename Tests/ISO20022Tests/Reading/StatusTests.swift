import ISO20022
import Testing

@Suite("What became of payments")
struct StatusTests {
    @Test("pain.002 is read from the message down to each payment", arguments: [3, 10])
    func status(version: Int) throws {
        let reports = try parts(Messages.status(version: version)).compactMap { part in
            if case .status(let report) = part { report } else { nil }
        }
        #expect(reports.map(\.scope) == [.message, .instruction, .transaction, .transaction])
        #expect(reports.allSatisfy { $0.originalMessageID == "PAIN-1" })
        #expect(reports[0].status?.outcome == .partly)
        #expect(reports[1].status == nil)
        #expect(reports[2].status?.outcome == .settled)
        #expect(reports[2].references.endToEndID == "E-0")
        #expect(reports[2].references.instructionID == "INF-1")
        #expect(reports[2].references.servicerReference == "S-0")
        #expect(reports[2].accepted == MessageTime("2026-11-25T10:30:00Z"))
        #expect(reports[3].status?.outcome == .refused)
        #expect(reports[3].reasons.first?.code?.words == "the account is closed")
        #expect(reports[3].reasons.first?.lines == ["closed last year"])
        #expect(reports[3].money?.description == "EUR 50.25")
    }

    @Test("pacs.002 is read with the message that each payment was in")
    func interbank() throws {
        guard case .status(let report) = try parts(Messages.interbankStatus)[1] else {
            Issue.record("no report")
            return
        }
        #expect(report.originalMessageID == "P9-1")
        #expect(report.references.uetr == UETR("eb6305c9-1f7f-49de-aed0-16487c27b42d"))
        #expect(report.status?.outcome == .settled)
    }

    @Test("a payment that comes back is read with its reason")
    func returned() throws {
        guard case .returned(let returned) = try parts(Messages.paymentReturn)[1] else {
            Issue.record("no return")
            return
        }
        #expect(returned.money.description == "EUR 49.25")
        #expect(returned.original?.description == "EUR 50.25")
        #expect(returned.originalMessageID == "P8-1")
        #expect(returned.reasons.first?.code == ReasonCode("AC04"))
    }

    @Test(
        "only a final code is final",
        arguments: [
            ("ACSC", PaymentStatus.Outcome.settled), ("ACCC", .settled), ("ACSP", .underway),
            ("ACCP", .underway), ("ACTC", .underway), ("ACWC", .underway), ("PDNG", .underway),
            ("RCVD", .underway), ("RJCT", .refused), ("CANC", .refused), ("PART", .partly),
            ("ZZZZ", .underway),
        ])
    func outcomes(code: String, outcome: PaymentStatus.Outcome) throws {
        #expect(try #require(PaymentStatus(code)).outcome == outcome)
    }
}
