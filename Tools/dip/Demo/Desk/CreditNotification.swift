import Files
import Foundation
import ISO20022
import Ledger

/// A bank's message that money came in, and the same message about the chain's money.
struct CreditNotification {
    /// A real bank's message, where the samples lie beside the repository; else a shipped one of the same form.
    private static let files = [
        "shared/data/iso20022/samples/moov_200519_camt.054-Credit_P_CH2909000000250094239"
            + "_1110092691_0_2019042421291293.xml",
        "Genesis/messages/camt.054-credit.xml",
    ]

    /// The message as the bank sent it.
    let original: [UInt8]
    /// What it says came in.
    let money: Money
    /// The account in which it came in.
    let account: AccountID
    private let reference: String
    private let id: String
    private let day: String

    /// Finds and reads the message.
    init() throws {
        let path: String
        do {
            path = try ShippedFile.path(Self.files[0])
        } catch {
            path = try ShippedFile.path(Self.files[1])
        }
        original = try WholeFile.read(path, limit: 1 << 20)
        var reader = try MessageReader(bytes: original)
        var header: MessageHeader?
        var account: AccountID?
        var entry: Entry?
        while let part = try reader.next() {
            switch part {
            case .header(let read): header = read
            case .account(let statement): account = statement.account.id
            case .entry(let read): entry = read
            default: break
            }
        }
        guard let header, let account, let entry, let reference = entry.servicerReference,
            let booked = entry.booked
        else { throw Failure.failed("\(path) does not tell of one booking") }
        self.account = account
        money = entry.money
        self.reference = reference
        id = header.id
        day = booked.day.description
    }

    /// The same message about other money: amount, currency, day and names are filled in, the rest stays.
    ///
    /// - Parameters:
    ///   - paid: the chain's price.
    ///   - order: what the payer wrote, a reference of ISO 11649.
    ///   - payer: its name.
    ///   - name: the bank's new reference.
    ///   - today: the day of the booking.
    /// - Returns: its bytes.
    func filledIn(
        _ paid: Money, for order: String, by payer: String, reference name: String,
        on today: CivilDate
    ) -> [UInt8] {
        let details = """
            <RltdPties><Dbtr><Nm>\(payer)</Nm></Dbtr></RltdPties>
            <RmtInf><Strd><CdtrRefInf><Ref>\(order)</Ref></CdtrRefInf></Strd></RmtInf>
            </TxDtls>
            """
        let text = String(decoding: original, as: UTF8.self)
            .replacing(
                "Ccy=\"\(money.currency)\">\(money.decimal)<",
                with: "Ccy=\"\(paid.currency)\">\(paid.decimal)<"
            )
            .replacing(reference, with: name).replacing(id, with: "\(name)-1")
            .replacing(day, with: today.description).replacing("</TxDtls>", with: details)
        return Array(text.utf8)
    }
}
