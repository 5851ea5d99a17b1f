import BankDesk
import Files
import Foundation
import ISO20022
import JSON
import Ledger

/// The bank's core system as far as the demo plays it: it puts messages into the desk's inbox, and carries out what
/// the desk puts into the outbox.
struct CoreSystem {
    /// A payment order that the desk gave.
    struct Payment: Hashable {
        /// The redemption that it pays.
        let redemption: UInt64
        /// How much.
        let money: Money
        /// Who is paid.
        let creditor: String
        /// To which account.
        let account: String
    }

    /// A payment file of the desk.
    struct File {
        /// What the desk calls it.
        let id: String
        /// What it orders.
        let payments: [Payment]
    }

    /// The desk's folder.
    let folder: DeskFolder
    /// The account in which the money behind the token stands.
    let account: AccountID

    /// Puts a message into the inbox: under its name it is complete.
    func deliver(_ message: [UInt8], as name: String) throws {
        let temporary = folder.inbox + "/.\(name)"
        try WholeFile.write(message, to: temporary, mode: 0o600)
        guard rename(temporary, folder.inbox + "/" + name) == 0 else {
            throw Failure.failed("\(name) cannot be put into \(folder.inbox)")
        }
    }

    /// Reads all files in the outbox.
    func outbox() throws -> [File] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.outbox).sorted()
        return try names.filter { $0.hasSuffix(".xml") }.map { try read("\(folder.outbox)/\($0)") }
    }

    private func read(_ path: String) throws -> File {
        var reader = try MessageReader(path: path)
        var id = ""
        var payments: [Payment] = []
        while let part = try reader.next() {
            switch part {
            case .header(let header): id = header.id
            case .transfer(let transfer):
                guard let redemption = transfer.references.endToEndID.flatMap({ UInt64($0) }),
                    let account = transfer.parts.creditorAccount
                else { throw Failure.failed("\(path): a payment without a redemption or account") }
                payments.append(
                    Payment(
                        redemption: redemption, money: transfer.money,
                        creditor: transfer.parts.creditor?.name ?? "", account: account.id.text))
            default: break
            }
        }
        return File(id: id, payments: payments)
    }

    // MARK: What it answers

    /// The whole file was accepted and is being carried out: pain.002.
    func accepted(_ file: File, at time: MessageTime) -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">
            <CstmrPmtStsRpt>
            <GrpHdr><MsgId>ST-\(file.id)</MsgId><CreDtTm>\(time)</CreDtTm></GrpHdr>
            <OrgnlGrpInfAndSts><OrgnlMsgId>\(file.id)</OrgnlMsgId>
            <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACSP</GrpSts></OrgnlGrpInfAndSts>
            </CstmrPmtStsRpt>
            </Document>

            """.utf8)
    }

    /// Each payment has left the account: camt.054.
    func debited(_ file: File, on day: CivilDate, at time: MessageTime) -> [UInt8] {
        let entries = file.payments.map { payment in
            let amount = "<Amt Ccy=\"\(payment.money.currency)\">\(payment.money.decimal)</Amt>"
            return """
                <Ntry>\(amount)<CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
                <BookgDt><Dt>\(day)</Dt></BookgDt><ValDt><Dt>\(day)</Dt></ValDt>
                <AcctSvcrRef>\(Self.reference(of: payment))</AcctSvcrRef>
                <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
                <NtryDtls><TxDtls><Refs><AcctSvcrRef>\(Self.reference(of: payment))</AcctSvcrRef>
                <EndToEndId>\(payment.redemption)</EndToEndId></Refs>
                \(amount)<CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry>
                """
        }
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
            <BkToCstmrDbtCdtNtfctn>
            <GrpHdr><MsgId>DB-\(file.id)</MsgId><CreDtTm>\(time)</CreDtTm></GrpHdr>
            <Ntfctn><Id>DB-\(file.id)</Id><CreDtTm>\(time)</CreDtTm>
            <Acct><Id><IBAN>\(account.text)</IBAN></Id></Acct>
            \(entries.joined(separator: "\n"))
            </Ntfctn>
            </BkToCstmrDbtCdtNtfctn>
            </Document>

            """.utf8)
    }

    /// The bank's own reference of a payment.
    private static func reference(of payment: Payment) -> String { "OUT-\(payment.redemption)" }

    /// The account's statement at the end of a day: camt.053.
    ///
    /// - Parameters:
    ///   - day: which.
    ///   - opening: what was in the account before, in smallest units.
    ///   - entries: what was booked.
    ///   - currency: of all of them.
    /// - Returns: its bytes.
    /// - Throws: ``WritingFault``.
    func statement(
        of day: CivilDate, opening: UInt128, _ entries: [StatementEntry], _ currency: CurrencyCode
    ) throws -> [UInt8] {
        let closing = entries.reduce(Int128(opening)) { sum, entry in
            let units = Int128(entry.money.amount.units)
            return entry.direction == .credit ? sum + units : sum - units
        }
        guard let id = MessageID("STMT-\(day)"),
            let from = MessageTime(day, hour: 0, minute: 0, second: 0, zone: .utc),
            let until = MessageTime(day, hour: 23, minute: 59, second: 59, zone: .utc)
        else { throw Failure.failed("\(day) is no day of a statement") }
        return try CustomerStatement(
            id: id, created: from, account: ISO20022.Account(account, currency: currency),
            currency: currency, openingUnits: Int128(opening), closingUnits: closing, from: from,
            to: until, entries: entries
        ).xml()
    }

    /// The statement's entry of money that came in.
    static func credit(_ money: Money, reference: String, on day: CivilDate) throws
        -> StatementEntry
    {
        try entry(money, .credit, reference, endToEnd: nil, on: day)
    }

    /// The statement's entry of a payment.
    static func debit(_ payment: Payment, on day: CivilDate) throws -> StatementEntry {
        try entry(
            payment.money, .debit, reference(of: payment), endToEnd: String(payment.redemption),
            on: day)
    }

    private static func entry(
        _ money: Money, _ direction: Direction, _ reference: String, endToEnd: String?,
        on day: CivilDate
    ) throws -> StatementEntry {
        guard let id = MessageID(reference) else {
            throw Failure.failed("\(reference) is no reference of a bank")
        }
        var entry = StatementEntry(money, direction, booked: .day(day), servicerReference: id)
        entry.endToEndID = endToEnd
        return entry
    }
}
