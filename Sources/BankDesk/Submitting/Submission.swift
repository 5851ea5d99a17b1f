import ISO20022
import Ledger

/// A customer's pain.001 with what became of its payments until now.
public struct Submission: Sendable {
    /// The message.
    public let header: MessageHeader
    /// Its payments, in its order.
    public let payments: [SubmittedPayment]

    /// The message that tells the customer's program: pain.002 in the version that goes with the request's.
    ///
    /// Paid payments are `ACSC`, accepted ones `ACSP`, refused ones `RJCT` with reason. The same payments with the same
    /// fate in the same second give the same bytes.
    ///
    /// - Parameter time: seconds since 1970.
    /// - Returns: its bytes.
    /// - Throws: ``DeskFault/refused(_:)`` for a file without payments, or whose names cannot be given back.
    public func answer(at time: UInt64) throws(DeskFault) -> [UInt8] {
        let fates = payments.flatMap { Array("\($0.endToEnd) \($0.state.rawValue)\n".utf8) }
        let digest = Keccak256.hash(Array("\(header.id)\n\(time)\n".utf8) + fates)
        guard let id = MessageID("ANS-" + Hex.encode(digest.bytes.prefix(15)).uppercased()),
            let created = MessageTime(millisecondsSince1970: Int64(clamping: time) * 1000)
        else { throw .refused("the answer's time is none") }
        do {
            return try PaymentAnswer(
                id: id, created: created, original: header, payments: payments.map(Self.told)
            ).xml()
        } catch {
            throw .refused("no answer can be written: \(error)")
        }
    }

    private static func told(
        _ payment: SubmittedPayment
    ) throws(WritingFault) -> PaymentAnswer.Payment {
        let code =
            switch payment.state {
            case .accepted, .paying, .unclear: "ACSP"
            case .paid: "ACSC"
            case .refused: "RJCT"
            }
        guard let status = PaymentStatus(code), let currency = CurrencyCode(payment.currency)
        else { throw .contradiction("a payment in no currency") }
        var told = PaymentAnswer.Payment(
            instruction: payment.instruction, endToEndID: payment.endToEnd,
            money: Money(Amount(payment.amount), currency), status: status)
        told.instructionID = payment.instructedID
        told.reason = payment.reason.flatMap { ReasonCode($0) }
        told.text = payment.text
        return told
    }
}
