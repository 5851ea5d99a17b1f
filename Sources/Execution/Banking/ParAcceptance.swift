import Ledger
import Tokens

/// That a bank takes another bank's deposit token of its currency at par.
public struct ParAcceptance: Hashable, Sendable {
    /// The other bank's token.
    public let other: TokenID
    /// The most that the bank's operator is to have of it; 0 once the bank takes no more.
    public internal(set) var limit: UInt128

    /// All that a bank takes for a token of its own, 20 bytes each; `docs/formats/state.md`.
    static func bytes(of acceptances: [ParAcceptance]) -> [UInt8] {
        var writer = ByteWriter(capacity: 20 * acceptances.count)
        for acceptance in acceptances {
            writer.write(acceptance.other.rawValue)
            writer.write(acceptance.limit)
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> [ParAcceptance] {
        var reader = ByteReader(bytes)
        var acceptances: [ParAcceptance] = []
        while reader.remaining > 0 {
            acceptances.append(
                ParAcceptance(
                    other: TokenID(rawValue: try reader.read()), limit: try reader.read()))
        }
        return acceptances
    }
}

/// Finds into what payouts are converted; remembers what cannot change between payouts.
struct Exchange {
    private struct Pair: Hashable {
        let from: TokenID
        let to: TokenID
    }

    /// Who takes it, and how much at most.
    private struct Par {
        let holder: Address
        let limit: UInt128
    }

    private let registry: BankRegistry
    private var pars: [Pair: Par?] = [:]
    private var currencies: [TokenID: CurrencyCode?] = [:]

    init(_ registry: BankRegistry) { self.registry = registry }

    /// Into what a payout is converted now, nil for nothing.
    mutating func conversion(of due: PayoutDue) -> Conversion? {
        let wanted = registry.tokens.payoutTokens(of: due.payee)
        guard !wanted.contains(due.token), let currency = currency(of: due.token),
            let token = wanted.first(where: { self.currency(of: $0) == currency }),
            let par = par(Pair(from: due.token, to: token))
        else { return nil }
        let inHand = registry.tokens.balance(of: par.holder, in: due.token)
        guard inHand < par.limit else { return nil }
        return Conversion(to: token, holder: par.holder, room: par.limit - inHand)
    }

    private mutating func currency(of token: TokenID) -> CurrencyCode? {
        if let known = currencies[token] { return known }
        let currency = registry.deposit(token)?.currency
        currencies[token] = .some(currency)
        return currency
    }

    private mutating func par(_ pair: Pair) -> Par? {
        if let known = pars[pair] { return known }
        var par: Par?
        if registry.activeOperator(of: pair.from) != nil,
            let holder = registry.activeOperator(of: pair.to),
            let acceptance = registry.acceptance(of: pair.from, for: pair.to),
            acceptance.limit > 0
        {
            par = Par(holder: holder, limit: acceptance.limit)
        }
        pars[pair] = .some(par)
        return par
    }
}
