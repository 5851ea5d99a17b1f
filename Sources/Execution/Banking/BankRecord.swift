import Ledger
import Tokens

/// What is kept of a bank at 0x…d105, from the first thing that it does there on.
///
/// A bank that left and is admitted again with the same operator is the same bank here, and has its tokens
/// again: the record's id is the one that governance gave it the first time.
public struct BankRecord: Hashable, Sendable {
    /// The account that acts for it; the last one of a bank that left.
    public internal(set) var `operator`: Address
    /// The account that approves; zero as long as there is none.
    public internal(set) var checker: Address = .zero
    /// Its name, as governance had it last.
    public internal(set) var name: String
    /// Its Business Identifier Code; empty where it never said one.
    public internal(set) var bic = ""
    /// Its deposit tokens, in the order in which they became some; one a currency.
    public internal(set) var tokens: [TokenID] = []

    init(operator account: Address, name: String) {
        self.operator = account
        self.name = name
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 96)
        writer.write(`operator`)
        writer.write(checker)
        writer.write(text: name)
        writer.write(text: bic)
        for token in tokens { writer.write(token.rawValue) }
        return writer.bytes
    }

    /// Decodes a record.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        `operator` = try reader.readAddress()
        checker = try reader.readAddress()
        name = try reader.readText()
        bic = try reader.readText()
        while reader.remaining > 0 { tokens.append(TokenID(rawValue: try reader.read())) }
    }
}

/// A call that a bank's checker wants made.
struct CallApproval: Hashable {
    /// Who approved; void once the bank has another checker.
    let checker: Address
    /// The last second at which it counts.
    let expiry: UInt64

    init(checker: Address, expiry: UInt64) {
        self.checker = checker
        self.expiry = expiry
    }

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 28)
        writer.write(checker)
        writer.write(expiry)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        checker = try reader.readAddress()
        expiry = try reader.read()
        try reader.finish()
    }
}
