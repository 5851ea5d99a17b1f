import BankDesk
import Files
import Glibc
import JSON
import Ledger

/// That a desk's folder was begun while the bank had no deposit token in the currency: `desk.begun`, until `desk.json`
/// is there.
///
/// Only such a folder goes on by itself with a token that the bank has meanwhile. To any other the token may have come
/// from a desk that works: with the empty journal of a second one, redemptions would be sent back that the first pays.
struct DeskBeginning: Equatable {
    let genesis: Hash32
    let bank: Address
    let currency: CurrencyCode
    /// The ledger's end when the folder was begun: nothing happened with the token before.
    let cursor: String
    /// The token, from when it is known until it is the bank's.
    var token: Address?

    /// Whether it is the beginning of what is asked for now.
    func isFor(_ settings: DeskSettings) -> Bool {
        genesis == settings.genesis && bank == settings.bank && currency == settings.currency
    }

    // MARK: The file

    /// Reads a folder's.
    ///
    /// - Returns: nil where it was not begun, or is whole.
    /// - Throws: ``Failure/failed(_:)`` for a file of other content.
    static func read(_ folder: DeskFolder) throws -> DeskBeginning? {
        guard access(folder.begun, F_OK) == 0 else { return nil }
        let json = try? JSON(parsing: WholeFile.read(folder.begun, limit: 4096))
        guard let json, let genesis = json["genesis"]?.string.flatMap({ Hash32(hex: $0) }),
            let bank = json["bank"]?.address,
            let currency = json["currency"]?.string.flatMap({ CurrencyCode($0) }),
            let cursor = json["cursor"]?.string
        else { throw Failure.failed("\(folder.begun) is damaged: remove it, and give --token") }
        return DeskBeginning(
            genesis: genesis, bank: bank, currency: currency, cursor: cursor,
            token: json["token"]?.address)
    }

    /// Writes it in one step, over an earlier one.
    func write(_ folder: DeskFolder) throws {
        var members: [JSON.Member] = [
            .init("genesis", .string(genesis.hex)), .init("bank", .string(bank.checksummed)),
            .init("currency", .string(currency.description)), .init("cursor", .string(cursor)),
        ]
        if let token { members.append(.init("token", .string(token.checksummed))) }
        try PrivateFile.write(
            Array((Output.pretty(.object(members)) + "\n").utf8), to: folder.begun,
            replacing: true)
    }

    /// Removes it from a folder that is whole.
    static func end(_ folder: DeskFolder) { unlink(folder.begun) }
}
