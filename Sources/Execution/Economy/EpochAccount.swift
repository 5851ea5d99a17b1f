import Ledger

/// What the fees of an epoch were, and who got a part of them.
public struct EpochAccount: Hashable, Sendable {
    /// A bank's part.
    public struct Part: Hashable, Sendable {
        /// The bank's id.
        public let bank: UInt64
        /// To whom it was paid; the zero address if the bank had left, and the treasury kept it.
        public let account: Address
        /// How many sampled heights it signed.
        public let signed: UInt32
        /// How much it got, in DIP units.
        public let amount: UInt128
    }

    /// The epoch's number.
    public let epoch: UInt64
    /// The fees of its blocks, in DIP units.
    public let fees: UInt128
    /// The banks that signed, ascending by id.
    public let parts: [Part]

    /// What was paid together.
    public var paid: UInt128 { parts.reduce(0) { $0 + $1.amount } }

    init(epoch: UInt64, fees: UInt128, parts: [Part]) {
        self.epoch = epoch
        self.fees = fees
        self.parts = parts
    }

    /// What each count has of a sum: `sum × count ÷ all counts`, rounded down.
    ///
    /// - Parameters:
    ///   - sum: what is shared.
    ///   - counts: in any order.
    /// - Returns: the parts in the same order; together at most the sum, nothing where nobody counts.
    static func split(_ sum: UInt128, by counts: [UInt32]) -> [UInt128] {
        let all = counts.reduce(0) { $0 + UInt128($1) }
        return counts.map { $0 == 0 ? 0 : part(of: sum, UInt128($0), in: all) }
    }

    /// `sum × part ÷ whole` without a product beyond 2^128, for a part up to the whole and that below 2^64.
    static func part(of sum: UInt128, _ part: UInt128, in whole: UInt128) -> UInt128 {
        sum / whole * part + sum % whole * part / whole
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 24 + 48 * parts.count)
        writer.write(epoch)
        writer.write(fees)
        for part in parts {
            writer.write(part.bank)
            writer.write(part.account)
            writer.write(part.signed)
            writer.write(part.amount)
        }
        return writer.bytes
    }

    /// Decodes an account.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        epoch = try reader.read()
        fees = try reader.read()
        var parts: [Part] = []
        while reader.remaining > 0 {
            parts.append(
                Part(
                    bank: try reader.read(), account: try reader.readAddress(),
                    signed: try reader.read(), amount: try reader.read()))
        }
        self.parts = parts
    }
}
