import ISO20022
import Ledger
import Testing

@Suite("Writing pacs.009")
struct BankTransferTests {
    static func transfer(
        _ settlement: BankTransfer.Settlement, units: UInt128 = 100
    ) throws -> BankTransfer {
        var transfer = BankTransfer(
            id: try #require(MessageID("NET-7-A-B")),
            created: try #require(MessageTime("2026-11-25T18:00:00Z")),
            Money(Amount(units), try #require(CurrencyCode("CNY"))),
            settlementDate: try #require(CivilDate("2026-11-26")), settlement: settlement,
            uetr: try #require(UETR(bytes: [UInt8](0..<16))),
            endToEndID: try #require(MessageID("CYCLE-7")),
            debtor: Institution(bic: BIC("BKCHCNBJXXX")),
            creditor: Institution(bic: BIC("ICBKCNBJXXX")))
        transfer.lines = ["Interbank cycle 7"]
        return transfer
    }

    static func settlements() throws -> [BankTransfer.Settlement] {
        let account = Account(.other("NOSTRO-1"))
        return [
            .clearing(nil), .clearing("TGT"), .account(account, at: .sender),
            .account(account, at: .receiver),
        ]
    }

    @Test("the official schema takes what is written", .enabled(if: Schema.canValidate))
    func valid() throws {
        for settlement in try Self.settlements() {
            let xml = try Self.transfer(settlement).xml()
            let complaints = try Schema.complaints(xml, "pacs.009.001.08")
            #expect(complaints == "")
        }
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let methods: [SettlementMethod] = [
            .clearing, .clearing, .instructingAgent, .instructedAgent,
        ]
        for (settlement, method) in zip(try Self.settlements(), methods) {
            let message = try Self.transfer(settlement)
            let parts = try parts(message.xml())
            guard case .header(let header) = parts[0], case .transfer(let transfer) = parts[1]
            else {
                Issue.record("parts in another order")
                return
            }
            #expect(header.settlement == method)
            #expect(header.sender?.bic == message.debtor.bic)
            #expect(transfer.money == message.money)
            #expect(transfer.references.uetr == message.uetr)
            #expect(transfer.references.endToEndID == "CYCLE-7")
            #expect(transfer.parts.settlementDate == message.settlementDate)
            #expect(transfer.parts.creditor?.bic == message.creditor.bic)
            #expect(transfer.parts.remittance.lines == ["Interbank cycle 7"])
        }
    }

    @Test(
        "an amount that is none is not written",
        arguments: [0, 1_000_000_000_000_000_000, UInt128.max])
    func amounts(units: UInt128) throws {
        let transfer = try Self.transfer(.clearing(nil), units: units)
        #expect(throws: WritingFault.self) { try transfer.xml() }
    }
}
