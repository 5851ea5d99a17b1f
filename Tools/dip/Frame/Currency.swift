import JSON
import Ledger
import SupplyChain

/// A token, as far as amounts of it are read and written.
struct Currency: Sendable, Hashable {
    let address: Address
    let symbol: String
    let decimals: Int

    /// DIP, in which fees are paid.
    static let dip = Currency(address: .dip, symbol: "DIP", decimals: 18)

    /// Where the token is not known: smallest units.
    static let unknown = Currency(address: .zero, symbol: "units", decimals: 0)

    init(address: Address, symbol: String, decimals: Int) {
        self.address = address
        self.symbol = symbol
        self.decimals = decimals
    }

    /// From an object with `token` or `address`, `symbol` and `decimals`.
    init?(_ json: JSON) {
        guard let address = json["token"]?.address ?? json["address"]?.address,
            let symbol = json["symbol"]?.string,
            let decimals = json["decimals"]?.whole, decimals <= 255
        else { return nil }
        self.init(
            address: address, symbol: Output.clean(symbol, atMost: 32), decimals: Int(decimals))
    }

    /// Reads what a person writes, such as `12.50`, exactly.
    ///
    /// - Parameters:
    ///   - text: whole units with a decimal point, or smallest units.
    ///   - inUnits: whether they are smallest units.
    /// - Returns: smallest units.
    /// - Throws: ``Failure/usage(_:)`` for anything that is not exactly an amount of this token.
    func amount(_ text: String, inUnits: Bool = false) throws -> UInt128 {
        if inUnits {
            guard let amount = Amount(decimal: text) else {
                throw Failure.usage("\"\(text)\" is no number of smallest units below 2^128")
            }
            return amount.units
        }
        // What a spreadsheet saves as 1.23457E+11 it has rounded, and nobody sees by how much.
        guard let number = DecimalNumber(text), !text.contains(where: { "eE".contains($0) }) else {
            if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                throw tooMuch(text)
            }
            throw Failure.usage(
                "\"\(text)\" is no amount: write all digits, with a point, such as 12 or 12.50")
        }
        // As written: 1.250 is a thousand more to some who write it, and the last 0 says nothing else.
        guard Self.places(of: text) <= decimals else {
            throw Failure.usage(
                "\"\(text)\" is too fine: \(symbol) has \(decimals) decimal places")
        }
        guard let units = number.units(decimals: decimals) else { throw tooMuch(text) }
        return units
    }

    private func tooMuch(_ text: String) -> Failure {
        .usage(
            "\"\(Output.clean(text, atMost: 60))\" \(symbol) is more than any amount can be (2^128 units)"
        )
    }

    /// How many digits stand behind the point of a number.
    private static func places(of text: String) -> Int {
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
        return text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
    }

    /// With the symbol: `12.5 EBD`.
    func text(_ units: UInt128) -> String { "\(number(units)) \(symbol)" }

    /// The number alone, in groups of three digits.
    func number(_ units: UInt128) -> String {
        // Cents are always shown; the eighteen places of DIP only as far as they are needed.
        DecimalNumber(digits: units, scale: decimals).grouped(places: decimals <= 4 ? decimals : 0)
    }

    /// The number alone without groups, as other programs read it.
    func plain(_ units: UInt128) -> String {
        DecimalNumber(digits: units, scale: decimals).description
    }

    /// An amount in an answer of the node, with its sign if it has one.
    func text(_ json: JSON?) -> String {
        guard let json else { return "?" }
        if let text = json.string, text.hasPrefix("-"),
            let units = Amount(decimal: text.dropFirst())
        {
            return "-" + self.text(units.units)
        }
        return json.whole.map { text($0) } ?? json.plain
    }
}
