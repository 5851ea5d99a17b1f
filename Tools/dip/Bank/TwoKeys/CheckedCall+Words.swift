import JSON
import Ledger

extension CheckedCall {
    /// In one line, as in "issue 1,250.00 EUR to 3 accounts".
    ///
    /// - Parameters:
    ///   - names: for accounts.
    ///   - currency: of a token; nil where it is not known.
    /// - Returns: what it would do.
    func summary(_ names: Names, _ currency: (Address) -> Currency?) -> String {
        func sum(_ amount: UInt128, _ token: Address) -> String {
            Self.sum(amount, token, currency(token))
        }
        switch content {
        case .issue(let token, let payments):
            let all = payments.reduce((units: 0 as UInt128, isTooLarge: false)) { all, payment in
                let (units, overflow) = all.units.addingReportingOverflow(payment.amount)
                return (units, all.isTooLarge || overflow)
            }
            let amount = all.isTooLarge ? "more than any amount can be" : sum(all.units, token)
            guard payments.count == 1 else {
                return "issue \(amount) against \(payments.count) payments"
            }
            return "issue \(amount) to \(names.text(payments[0].to))"
        case .limit(let token, let perDay): return "let \(sum(perDay, token)) a day be issued"
        case .accept(let other, let limit): return "take up to \(sum(limit, other)) at par"
        case .recover(let from, let to, _):
            return "move what \(names.text(from)) has to \(names.text(to))"
        case .checker(let next): return "make \(names.text(next)) the bank's checker"
        case .operatorKey(let next): return "make \(names.text(next)) the bank's operator"
        case .bic(let bic): return "make \(Output.clean(bic, atMost: 40)) the bank's BIC"
        }
    }

    /// An amount in the node's words for the token, beside what the call itself says: units and address.
    static func sum(_ amount: UInt128, _ token: Address, _ currency: Currency?) -> String {
        let units = "\(amount) units of \(token.checksummed)"
        return currency.map { "\($0.text(amount)) (\(units))" } ?? units
    }

    /// The tokens that it speaks of.
    var tokens: [Address] {
        switch content {
        case .issue(let token, _), .limit(let token, _), .accept(let token, _): [token]
        case .recover, .checker, .operatorKey, .bic: []
        }
    }

    /// As programs read it, and as `dip bank approve --file` takes it.
    func json(_ what: String) -> JSON {
        [
            "what": .string(what), "hash": .string(hash.hex),
            "to": .string(Address.banks.checksummed), "data": .data(data),
        ]
    }

    /// How the checker is told of it in a sentence.
    ///
    /// - Returns: a command; for a batch, which no command line could hold, where to get the file.
    var request: String {
        data.count <= 2048
            ? "dip bank approve --call 0x\(Hex.encode(data))"
            : "dip bank approve --file FILE, with what --for-checker FILE writes"
    }
}
