import Ledger

/// What the ledger keeps of a token itself; balances are in cells.
struct TokenRecord: Hashable, Sendable {
    let address: Address
    let issuer: Address
    let name: String
    let symbol: String
    let uri: String
    let decimals: UInt8
    let controls: TokenControls
    /// The most that there may ever be, 0 where that is 2^128 − 1.
    let cap: UInt128
    /// What there is; the sum of all balances.
    var supply: UInt128
    /// What else changes.
    var flags: Flags

    /// What is either so or not of a token.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        static let paused = Flags(rawValue: 1)
        static let deposit = Flags(rawValue: 2)
        static let accepted = Flags(rawValue: 4)
        static let adminShared = Flags(rawValue: 8)
    }

    /// DIP before genesis.
    static let dip = TokenRecord(
        address: .dip, issuer: .zero, name: "Dipnet", symbol: "DIP", uri: "", decimals: 18,
        controls: [], cap: 0, supply: 0, flags: [])
}

extension TokenRecord {
    /// Whether all transfers are stopped.
    var isPaused: Bool {
        get { flags.contains(.paused) }
        set { flags = newValue ? flags.union(.paused) : flags.subtracting(.paused) }
    }

    /// Whether a bank alone makes and destroys it, against money in its accounts.
    var isDeposit: Bool {
        get { flags.contains(.deposit) }
        set { flags = newValue ? flags.union(.deposit) : flags.subtracting(.deposit) }
    }

    /// Whether another bank ever took it at par.
    var isAccepted: Bool {
        get { flags.contains(.accepted) }
        set { flags = newValue ? flags.union(.accepted) : flags.subtracting(.accepted) }
    }

    /// Whether the admin's role was ever given to another account than the issuer.
    var isAdminShared: Bool {
        get { flags.contains(.adminShared) }
        set { flags = newValue ? flags.union(.adminShared) : flags.subtracting(.adminShared) }
    }

    /// The part that never changes, as stored under ``TokenKey/token(_:)``.
    var fixedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 64 + name.utf8.count + symbol.utf8.count + uri.utf8.count)
        writer.write(address)
        writer.write(issuer)
        writer.write(byte: decimals)
        writer.write(controls.rawValue)
        writer.write(cap)
        writer.write(text: name)
        writer.write(text: symbol)
        writer.write(text: uri)
        return writer.bytes
    }

    /// The part that changes, as stored under ``TokenKey/supply(_:)``.
    var changingBytes: [UInt8] {
        var writer = ByteWriter(capacity: 17)
        writer.write(supply)
        writer.write(byte: flags.rawValue)
        return writer.bytes
    }

    /// Reads the two parts back.
    init(fixed: [UInt8], changing: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(fixed)
        address = try reader.readAddress()
        issuer = try reader.readAddress()
        decimals = try reader.read()
        controls = TokenControls(rawValue: try reader.read())
        cap = try reader.read()
        name = try reader.readText()
        symbol = try reader.readText()
        uri = try reader.readText()
        try reader.finish()
        (supply, flags) = try Self.read(changing: changing)
    }

    /// Reads the part that changes.
    static func read(changing bytes: [UInt8]) throws(DecodingFault) -> (UInt128, Flags) {
        var reader = ByteReader(bytes)
        let supply: UInt128 = try reader.read()
        let flags = Flags(rawValue: try reader.read())
        try reader.finish()
        return (supply, flags)
    }
}
