import Ledger

/// An amount of a currency, exact.
public struct Money: Hashable, Sendable {
    /// Why a text is no amount.
    public enum Fault: Error, Hashable, Sendable {
        /// It is no plain decimal number: digits, and a point and digits.
        case form
        /// It has more than the 18 digits that an amount may have.
        case digits
        /// It has more decimals than its currency.
        case decimals(right: Int)
    }

    /// The amount in the currency's smallest unit: cents of a euro, yen of a yen.
    public let amount: Amount
    /// The currency.
    public let currency: CurrencyCode

    /// Makes an amount.
    public init(_ amount: Amount, _ currency: CurrencyCode) {
        self.amount = amount
        self.currency = currency
    }

    /// Reads a decimal number without sign, exponent or separators, `1500.00` for instance.
    ///
    /// - Throws: ``Fault`` if it is of another form, longer than 18 digits or finer than the currency.
    public init(decimal text: some StringProtocol, _ currency: CurrencyCode) throws(Fault) {
        try self.init(decimal: Array(text.utf8)[...], currency)
    }

    init(decimal bytes: ArraySlice<UInt8>, _ currency: CurrencyCode) throws(Fault) {
        var units = UInt128(0)
        var digits = 0
        var decimals: Int?
        for byte in bytes {
            switch byte {
            case 0x30...0x39:
                digits += 1
                guard digits <= 18 else { throw .digits }
                units = units * 10 + UInt128(byte & 15)
                decimals = decimals.map { $0 + 1 }
            case UInt8(ascii: ".") where decimals == nil && digits > 0: decimals = 0
            default: throw .form
            }
        }
        guard digits > 0, decimals != 0 else { throw .form }
        guard decimals ?? 0 <= currency.decimals else { throw .decimals(right: currency.decimals) }
        for _ in (decimals ?? 0)..<currency.decimals { units *= 10 }
        self.init(Amount(units), currency)
    }

    /// The number with all decimals of the currency, `1500.00` for instance.
    public var decimal: String {
        let digits = Digits.text(amount.units, width: currency.decimals + 1)
        guard currency.decimals > 0 else { return digits }
        return digits.dropLast(currency.decimals) + "." + digits.suffix(currency.decimals)
    }
}

extension Money: CustomStringConvertible {
    /// `EUR 1500.00`.
    public var description: String { "\(currency) \(decimal)" }
}

extension Money.Fault: CustomStringConvertible {
    /// The reason in a sentence.
    public var description: String {
        switch self {
        case .form:
            "an amount is digits, and a point and digits where it has decimals, nothing else"
        case .digits: "an amount has at most 18 digits"
        case .decimals(let right): "amounts of this currency have at most \(right) decimals"
        }
    }
}

extension Money {
    /// The smallest units, negative for a debit.
    ///
    /// An amount that was read has at most 22 digits, so that no sum of them overflows.
    func signedUnits(_ direction: Direction) -> Int128 {
        let units = Int128(truncatingIfNeeded: amount.units)
        return direction == .credit ? units : -units
    }
}
