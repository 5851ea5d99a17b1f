import ISO20022
import JSON
import Ledger

/// A `camt.053.001.08` of an account on the ledger, for its holder's own books: each payment with order, line and
/// buyer.
struct StatementMessage {
    /// The most movements in one message.
    private static let most = 1_000_000

    let session: Session
    /// Whose movements.
    let account: Address
    /// In what.
    let currency: Currency
    /// What the message calls the account; nil for the first digits of its address.
    var number: AccountID?
    /// Its holder, where known.
    var owner: Party?
    /// The bank, where known.
    var servicer: Institution?
    /// What somebody is called.
    var name: (Address) throws -> String

    /// Writes the movements of a span of time.
    ///
    /// The same ledger and times give the same bytes, once the time is over.
    ///
    /// - Parameters:
    ///   - from: its first second.
    ///   - until: its last; the last block's time where it is later.
    /// - Returns: the message's bytes.
    /// - Throws: ``Failure`` for a token that is in no currency of ISO 4217, and what a call throws.
    func bytes(from: UInt64, until: UInt64) async throws -> [UInt8] {
        let code = try await code()
        let until = min(until, try await session.blockTime())
        guard from <= until else {
            throw Failure.usage(
                "the statement would begin after the last block: give an earlier --from")
        }
        let found = try await Movements(
            session, of: account, in: currency.address, from: ["time": .integer(from)],
            to: ["time": .integer(until)], atMost: Self.most)
        guard found.isComplete else {
            throw Failure.usage(
                "there are more than \(Self.most) movements: bring --from and --to nearer together")
        }
        let entries = try found.entries.reversed().map { try entry($0, code) }
        let closing = try await closing(found.entries.first, until: until)
        let opening = entries.reduce(closing) { balance, entry in
            let units = Int128(truncatingIfNeeded: entry.money.amount.units)
            return entry.direction == .credit ? balance - units : balance + units
        }
        guard let first = Self.time(from), let last = Self.time(until),
            let id = MessageID(
                "\(account.hex.dropFirst(2).prefix(10))-\(first.date)-\(last.date)".uppercased())
        else { throw Failure.usage("a statement is of days from 1970 to 9999: give other times") }
        let digits = String(account.hex.dropFirst(2).prefix(34))
        guard let number = number ?? AccountID(digits) else {
            throw Failure.usage("the account has no number")
        }
        var place = ISO20022.Account(number, currency: code)
        // An address is longer than any account number: it stands whole as an alias.
        place.proxy = account.checksummed
        place.owner = owner
        place.servicer = servicer
        do {
            return try CustomerStatement(
                id: id, created: last, account: place, currency: code, openingUnits: opening,
                closingUnits: closing, from: first, to: last, entries: entries
            ).xml()
        } catch {
            throw Failure.failed("the statement cannot be written: \(error)")
        }
    }

    /// The balance behind the last movement, also where that was earlier.
    private func closing(_ newest: JSON?, until: UInt64) async throws -> Int128 {
        var newest = newest
        if newest == nil {
            newest = try await Movements(
                session, of: account, in: currency.address, to: ["time": .integer(until)],
                atMost: 1
            ).entries.first
        }
        guard let newest else { return 0 }
        guard let balance = newest["balance"]?.string.flatMap({ Amount(decimal: $0) }) else {
            throw session.strange("dip_statement", newest)
        }
        return Int128(truncatingIfNeeded: balance.units)
    }

    private func entry(_ json: JSON, _ code: CurrencyCode) throws -> StatementEntry {
        guard let text = json["amount"]?.string, let seconds = json["time"]?.whole64,
            let units = Amount(decimal: text.drop { $0 == "-" }), let booked = Self.time(seconds),
            let block = json["block"]?.whole, let index = json["index"]?.whole,
            let reference = MessageID("\(block)-\(index)")
        else { throw session.strange("dip_statement", json) }
        let direction: Direction = text.hasPrefix("-") ? .debit : .credit
        var entry = StatementEntry(
            Money(units, code), direction, booked: .time(booked), servicerReference: reference)
        if let order = json["order"]?.whole64 {
            let buyer = try json["buyer"]?.address.map(name)
            entry.remittance = OrderReference(
                order: order, line: json["line"]?.whole.map { Int(clamping: $0) }, buyer: buyer
            ).remittance()
            entry.counterparty = buyer.map { Party(name: $0) }
        } else if let other = json["counterparty"]?.address {
            entry.counterparty = Party(name: try name(other))
        }
        var words = json["kind"]?.plain ?? ""
        if let redemption = json["redemption"]?.whole {
            entry.endToEndID = "\(redemption)"
            words += " \(redemption)"
        }
        if let paid = json["reference"]?.string { words += ", payment \(paid)" }
        entry.additionalInformation = words
        return entry
    }

    private static func time(_ seconds: UInt64) -> MessageTime? {
        // Behind the year 9999 there is no time of a message.
        MessageTime(millisecondsSince1970: Int64(min(seconds, 1 << 50)) * 1000)
    }

    /// In which currency a bank's deposit token is.
    private func code() async throws -> CurrencyCode {
        for bank in try await session.call("dip_banks").elements {
            for token in bank["tokens"]?.elements ?? []
            where token["address"]?.address == currency.address {
                guard let code = token["currency"]?.string.flatMap({ CurrencyCode($0) }),
                    code.decimals == currency.decimals
                else { throw session.strange("dip_banks", token) }
                return code
            }
        }
        throw Failure.usage(
            "\(currency.symbol) is no bank's deposit token, and camt.053 needs a currency of ISO 4217"
        )
    }
}
