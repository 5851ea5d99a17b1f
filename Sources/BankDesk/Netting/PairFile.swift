import ISO20022
import Ledger

/// The file with which a bank pays what it owes another one: pacs.009.001.08.
enum PairFile {
    /// Composes the file, always the same for the same pair.
    ///
    /// - Throws: ``WritingFault`` for a name or an account that the message cannot carry.
    static func bytes(
        _ pair: NetPair, _ cycle: NettingCycle, _ settings: DeskSettings
    ) throws(WritingFault) -> [UInt8] {
        guard let id = MessageID(pair.messageID), let uetr = PairName.uetr(pair.reference),
            let created = MessageTime(
                millisecondsSince1970: Int64(clamping: cycle.closesAt) * 1000)
        else { throw .contradiction("the pair's name or time is none") }
        var message = BankTransfer(
            id: id, created: created, Money(Amount(pair.toPay), settings.currency),
            settlementDate: created.date, settlement: .clearing(nil), uetr: uetr, endToEndID: id,
            debtor: institution(settings.bic, settings.name),
            creditor: institution(pair.bic, pair.name))
        message.debtorAccount = AccountID(settings.account).map { Account($0) }
        message.lines = ["Dipnet netting \(cycle.id)"]
        message.characters = settings.takesAllCharacters ? .unicode : .latin
        return try message.xml()
    }

    private static func institution(_ bic: String, _ name: String) -> Institution {
        var institution = Institution(bic: BIC(bic))
        if institution.bic == nil { institution.name = name }
        return institution
    }
}
