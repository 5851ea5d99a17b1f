import Gateway
import JSON
import Ledger
import Tokens

/// The arguments of an event, as words.
struct Arguments {
    let json: JSON
    private let names: Names

    init(_ json: JSON, _ names: Names) {
        self.json = json
        self.names = names
    }

    /// An argument as it stands.
    subscript(name: String) -> String { json[name]?.plain ?? "?" }

    func number(_ name: String) -> UInt64? { json[name]?.whole64 }

    func flag(_ name: String) -> Bool { json[name]?.bool == true }

    func account(_ name: String) -> String {
        json[name]?.address.map { names.text($0) } ?? self[name]
    }

    /// An order where there is one, else the account.
    func party(_ account: String, _ order: String) -> String {
        guard let id = number(order), id != 0 else { return self.account(account) }
        return "order \(id)"
    }

    /// An amount with its symbol, or smallest units where the token is not known.
    func sum(_ name: String, _ currency: Currency?) -> String {
        let text = self[name]
        if text == Hash32.allOnes.hex { return "any amount" }
        return currency?.text(json[name]) ?? "\(text) units"
    }

    /// Basis points as a percentage.
    func percent(_ name: String) -> String {
        json[name]?.whole64.map { Self.percent(bps: $0) } ?? "?"
    }

    /// 8050 as `80.5 %`.
    static func percent(bps: UInt64) -> String {
        let whole = bps / 100
        let rest = bps % 100
        guard rest != 0 else { return "\(whole) %" }
        let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
        return "\(whole).\(digits) %"
    }

    /// The order that an ERC-1155 id belongs to.
    func orderOfClaim(_ name: String) -> UInt64? {
        json[name]?.whole.flatMap { UInt64(exactly: $0 >> 16) }
    }

    /// The line that an ERC-1155 id stands for.
    func claim(_ name: String) -> String {
        guard let id = json[name]?.whole else { return self[name] }
        return "order \(id >> 16), line \(id & 0xffff)"
    }

    func role(_ name: String) -> String {
        TokenRole.allCases.first { $0.id.hex == self[name] }?.rawValue ?? self[name]
    }
}

extension Session {
    /// The token at an address; smallest units where there is none, as in a dry run that issues it.
    func currencyIfKnown(_ address: Address?) async throws -> Currency {
        guard let address else { return .unknown }
        do {
            return try await currency(address)
        } catch ClientFault.method, ClientFault.badAnswer {
            return Currency(address: address, symbol: "units", decimals: 0)
        }
    }

    /// The token of an order, or nil where the order is not known or closed long ago.
    func currencyIfKnown(ofOrder id: UInt64?) async throws -> Currency? {
        guard let id else { return nil }
        do {
            return try await currency(ofOrder: id)
        } catch ClientFault.method, ClientFault.badAnswer {
            return nil
        }
    }
}
