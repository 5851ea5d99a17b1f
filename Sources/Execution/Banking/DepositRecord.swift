import Ledger

/// What is kept of a deposit token beside what every token has.
public struct DepositRecord: Hashable, Sendable {
    /// Whose money it is: the id of a ``BankRecord``.
    public let bank: UInt64
    /// The currency of the money.
    public let currency: CurrencyCode
    /// How much may be issued a day without the checker.
    public internal(set) var perDay: UInt128 = 0
    /// The day of the last issue: seconds since 1970 over 86,400.
    var day: UInt64 = 0
    /// How much was issued on that day, approved or not.
    var issued: UInt128 = 0

    init(bank: UInt64, currency: CurrencyCode) {
        self.bank = bank
        self.currency = currency
    }

    /// How much was issued on the day of a time in seconds; days are those of UTC.
    public func issued(onDayOf now: UInt64) -> UInt128 { day == now / Self.daySeconds ? issued : 0 }

    /// Adds to what was issued on the day of a time.
    mutating func add(_ amount: UInt128, at now: UInt64) {
        issued = issued(onDayOf: now) + amount
        day = now / Self.daySeconds
    }

    private static let daySeconds: UInt64 = 86_400

    /// The canonical bytes, 51; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 51)
        writer.write(bank)
        writer.write(raw: currency.bytes)
        writer.write(perDay)
        writer.write(day)
        writer.write(issued)
        return writer.bytes
    }

    /// Decodes a record.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        bank = try reader.read()
        guard let currency = CurrencyCode(try reader.readRaw(3)) else {
            throw DecodingFault("no currency", at: reader.offset - 3)
        }
        self.currency = currency
        perDay = try reader.read()
        day = try reader.read()
        issued = try reader.read()
        try reader.finish()
    }
}

/// What a bank said last of the money behind a deposit token.
public struct ReserveAttestation: Hashable, Sendable {
    /// What the account's statement says, in the token's smallest unit.
    public let statementBalance: UInt128
    /// How much of the token there was when the bank said so, redemptions in flight included.
    public let supply: UInt128
    /// The hash of the statement.
    public let statement: Hash32
    /// The time of the statement's balance, seconds.
    public let asOf: UInt64
    /// When the bank said so, seconds.
    public let since: UInt64

    /// The canonical bytes, 80; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.write(statementBalance)
        writer.write(supply)
        writer.write(statement)
        writer.write(asOf)
        writer.write(since)
        return writer.bytes
    }

    init(statementBalance: UInt128, supply: UInt128, statement: Hash32, asOf: UInt64, since: UInt64)
    {
        self.statementBalance = statementBalance
        self.supply = supply
        self.statement = statement
        self.asOf = asOf
        self.since = since
    }

    /// Decodes an attestation.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        statementBalance = try reader.read()
        supply = try reader.read()
        statement = try reader.readHash()
        asOf = try reader.read()
        since = try reader.read()
        try reader.finish()
    }
}
