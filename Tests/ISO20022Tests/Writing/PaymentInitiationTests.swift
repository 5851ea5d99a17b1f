import ISO20022
import Ledger
import Testing

@Suite("Writing pain.001")
struct PaymentInitiationTests {
    static func message() throws -> PaymentInitiation {
        let eur = try #require(CurrencyCode("EUR"))
        var bank = Institution(bic: BIC("CBSBLT26XXX"))
        bank.name = "Bank & Söhne"
        var buyer = Party(name: "Käufer & Co")
        buyer.country = "DE"
        buyer.town = "Köln"
        buyer.address = ["Domplatz 1"]
        let payments = try (1...3).map { number in
            var payment = PaymentOrder(
                endToEndID: try #require(MessageID("DIP-\(number)")),
                try Money(decimal: "\(number)00.0\(number)", eur), debtor: buyer,
                debtorAccount: Account(.iban(try IBAN("DE89370400440532013000")), currency: eur),
                debtorAgent: bank, creditor: Party(name: "Fournisseur \(number) — Été"),
                creditorAccount: Account(
                    number == 3
                        ? .other("6222021001116245702")
                        : .iban(try IBAN("FR1420041010050500013M02606"))),
                executionDate: try #require(
                    CivilDate(year: 2026, month: 11, day: number == 2 ? 27 : 26)))
            payment.remittance = OrderReference(order: 42, line: number, buyer: "Käufer & Co")
                .remittance()
            payment.uetr = UETR(bytes: [UInt8](repeating: UInt8(number), count: 16))
            payment.purpose = "SUPP"
            return payment
        }
        return PaymentInitiation(
            id: try #require(MessageID("DIP-20261125-1")),
            created: try #require(MessageTime("2026-11-25T10:15:00Z")), initiator: buyer,
            payments: payments)
    }

    @Test(
        "the official schema takes what is written", .enabled(if: Schema.canValidate),
        arguments: [CharacterRule.latin, .unicode])
    func valid(characters: CharacterRule) throws {
        var message = try Self.message()
        message.characters = characters
        let complaints = try Schema.complaints(try message.xml(), "pain.001.001.09")
        #expect(complaints == "")
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let message = try Self.message()
        let parts = try parts(message.xml())
        let transfers = parts.compactMap { part in
            if case .transfer(let transfer) = part { transfer } else { nil }
        }
        #expect(parts.count { if case .instruction = $0 { true } else { false } } == 2)
        #expect(
            Set(transfers.map(\.references.endToEndID))
                == Set(message.payments.map { $0.endToEndID.text }))
        for transfer in transfers {
            #expect(OrderReference(transfer.parts.remittance)?.order == 42)
        }
    }

    @Test("payments of one debtor, date and currency are one instruction, in the order they came")
    func instructions() throws {
        let parts = try parts(Self.message().xml())
        let dates = parts.compactMap { part in
            if case .instruction(let instruction) = part {
                instruction.executionDate.day.day
            } else {
                nil
            }
        }
        #expect(dates == [26, 27])
        let ids = parts.compactMap { part in
            if case .transfer(let transfer) = part { transfer.references.endToEndID } else { nil }
        }
        #expect(ids == ["DIP-1", "DIP-3", "DIP-2"])
    }

    @Test("the same message has the same bytes")
    func deterministic() throws {
        #expect(try Self.message().xml() == Self.message().xml())
    }

    @Test("a message without payments, or with two of the same name, is not written")
    func contradictions() throws {
        let message = try Self.message()
        for payments in [[], [message.payments[0], message.payments[0]]] {
            let other = PaymentInitiation(
                id: message.id, created: message.created, initiator: message.initiator,
                payments: payments)
            #expect(throws: WritingFault.self) { try other.xml() }
        }
    }

    @Test(
        "an amount that is none, or a sum that is too long, is not written",
        arguments: [[0], [UInt128.max], [1_000_000_000_000_000_000], [999_999_999_999_999_999, 1]])
    func amounts(units: [UInt128]) throws {
        let message = try Self.message()
        let payments = try units.enumerated().map { index, units in
            let payment = message.payments[index]
            return PaymentOrder(
                endToEndID: payment.endToEndID,
                Money(Amount(units), try #require(CurrencyCode("JPY"))), debtor: payment.debtor,
                debtorAccount: payment.debtorAccount, debtorAgent: payment.debtorAgent,
                creditor: payment.creditor, creditorAccount: payment.creditorAccount,
                executionDate: payment.executionDate)
        }
        let other = PaymentInitiation(
            id: message.id, created: message.created, initiator: message.initiator,
            payments: payments)
        #expect(throws: WritingFault.self) { try other.xml() }
    }
}
