import JSON
import Ledger

/// The bank of a checker as the ledger has it, for the words around a call.
struct CheckersBank {
    private let json: JSON
    private let others: [JSON]
    private let names: Names

    /// Asks the ledger.
    ///
    /// - Throws: ``Failure/failed(_:)`` where the account checks no bank.
    init(of checker: Address, _ session: Session) async throws {
        let banks = try await session.call("dip_banks")
        guard
            let found = banks.elements.first(where: { $0["checker"]?.address == checker })
        else {
            throw Failure.failed(
                "\(session.names.text(checker)) is no bank's checker: sign with the checker's key")
        }
        json = found
        others = banks.elements
        names = session.names
    }

    /// Name, BIC and operator.
    var title: String {
        let bic = json["bic"]?.string.map { " (\(Output.clean($0, atMost: 11)))" } ?? ""
        let account = json["operator"]?.address.map { names.text($0) } ?? "?"
        return "\(Self.name(json))\(bic), operator \(account)"
    }

    private static func name(_ bank: JSON) -> String {
        Output.clean(bank["name"]?.string ?? "", atMost: 80)
    }

    /// Whose deposit token it is; several banks' may have one symbol.
    private func issuer(of token: Address) -> String {
        let bank = others.first {
            $0["tokens"]?.elements.contains { $0["address"]?.address == token } == true
        }
        return bank.map { "the money of \(Self.name($0))" } ?? "no bank's money"
    }

    private var tokens: [JSON] { json["tokens"]?.elements ?? [] }

    /// What stands beside a call: what there is now of what it changes, and what looks wrong.
    ///
    /// - Parameters:
    ///   - call: which.
    ///   - currencies: the tokens it speaks of.
    /// - Returns: lines.
    func context(of call: CheckedCall, _ currencies: [Address: Currency]) -> [String] {
        func sum(_ amount: JSON?, _ token: Address) -> String {
            amount?.whole.map { CheckedCall.sum($0, token, currencies[token]) } ?? "?"
        }
        switch call.content {
        case .issue(let token, _), .limit(let token, _):
            guard let own = tokens.first(where: { $0["address"]?.address == token }) else {
                return ["\(token.checksummed) is not this bank's token: the ledger will refuse it"]
            }
            return [
                "now: \(sum(own["perDay"], token)) a day, \(sum(own["issuedToday"], token)) issued today, "
                    + "supply \(sum(own["supply"], token))"
            ]
        case .accept(let other, _):
            let now = tokens.flatMap { $0["accepted"]?.elements ?? [] }
                .first { $0["token"]?.address == other }
            return [
                "\(other.checksummed) is \(issuer(of: other))",
                now.map {
                    "now: up to \(sum($0["limit"], other)), \(sum($0["inHand"], other)) in hand"
                } ?? "now: nothing of it is taken",
            ]
        case .recover(_, _, let reason): return ["hash of the papers: \(reason.hex)"]
        case .checker: return ["the account that approves now will approve nothing any more"]
        case .operatorKey, .bic: return []
        }
    }
}
