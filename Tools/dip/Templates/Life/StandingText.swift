import JSON
import Ledger
import Settlement
import Wallet

/// Where a template stands, in words.
struct StandingText {
    private let found: LedgerTemplate
    private let names: Names

    init(_ found: LedgerTemplate, _ names: Names) {
        self.found = found
        self.names = names
    }

    private var json: JSON { found.json }

    var lines: [String] {
        var facts: [(String, String)] = [("id", found.id.hex), ("status", status)]
        if let developer = json["developer"]?.address {
            facts.append(("developer", names.text(developer)))
        }
        if let replaces = json["replaces"]?.string { facts.append(("replaces", replaces)) }
        if let next = json["replacedBy"]?.string { facts.append(("replaced by", next)) }
        facts.append(("royalty", "\(Currency.dip.text(found.template.royalty)) an order"))
        facts.append(("uses", json["uses"]?.plain ?? "?"))
        facts.append(("earned", Currency.dip.text(json["earned"])))
        if let deposit = json["deposit"]?.whole, deposit > 0 {
            facts.append(("left for reviews", Currency.dip.text(deposit)))
        }
        for review in json["reviews"]?.elements ?? [] {
            let who = review["reviewer"]?.address.map { names.text($0) } ?? "?"
            let word = review["approved"]?.bool == true ? "for it" : "against it"
            facts.append((word, "\(who), report \(review["report"]?.plain ?? "?")"))
        }
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { "  \($0.0.padded(to: width))  \($0.1)" }
    }

    private var status: String {
        let votes = LedgerTemplate.votes(json)
        let required = json["reviewsRequired"]?.whole ?? 0
        return switch found.status {
        case "draft":
            "draft, \(votes.yes) of \(required) approvals, \(votes.no) of \(required) rejections"
        case "active": "active: 'dip order new \(found.shortID)' opens an order from it"
        case let other: other
        }
    }
}
