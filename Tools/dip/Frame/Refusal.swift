import Gateway
import JSON
import Ledger
import Node

/// Why the ledger or its pool refused a call: name, arguments, cause and cure.
///
/// The node says most of it, as `docs/rpc.md` describes; what it leaves out is taken from the catalogue.
struct Refusal: CustomStringConvertible {
    /// What a program reads.
    let json: JSON
    /// The token in which the call's amounts are, for words; smallest units where it is not known.
    var currency: Currency?
    /// For words.
    var names: Names?

    /// A refusal object of the node.
    init(_ json: JSON) { self.json = json }

    /// Of a method's error that means a refusal; nil for any other.
    init?(_ error: RPCError) {
        if error.code == 3, let data = error.data?.data {
            self.init(revert: data, message: error.message)
        } else if error.data?["cause"]?.string != nil {
            self.init(
                .object([.init("message", .string(error.message))] + (error.data?.object ?? [])))
        } else {
            return nil
        }
    }

    /// Of revert data.
    init(revert data: [UInt8], message: String) {
        let selector = data.prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        guard data.count >= 4, let entry = RejectionCatalogue.entry(selector: selector) else {
            self.init(["message": .string(message), "data": .data(data)])
            return
        }
        let arguments = Decoded.values(Array(data.dropFirst(4)), as: entry.item.inputs) ?? []
        self.init([
            "message": .string(message), "name": .string(entry.item.name),
            "code": .integer(entry.code), "arguments": .object(arguments),
            "cause": .string(entry.cause), "cure": .string(entry.cure), "data": .data(data),
        ])
    }

    var description: String {
        Output.clean(text(json), atMost: 8192, lines: true)
    }

    private func text(_ json: JSON) -> String {
        var lines = [headline(json)]
        if let cause = json["cause"]?.string { lines.append("  why:  \(cause)") }
        if let cure = json["cure"]?.string { lines.append("  cure: \(cure)") }
        if let inner = json["inner"], !inner.isNull { lines.append("  within: \(text(inner))") }
        return lines.joined(separator: "\n")
    }

    private func headline(_ json: JSON) -> String {
        let arguments = json["arguments"]?.object ?? []
        guard let name = json["name"]?.string, json["arguments"] != nil else {
            return json["message"]?.string ?? "refused without a reason"
        }
        let list = arguments.map { "\($0.name) \(word($0))" }
        return list.isEmpty ? name : "\(name) (\(list.joined(separator: ", ")))"
    }

    /// The arguments that are amounts of the call's token.
    private static let amounts: Set<String> = [
        "balance", "needed", "allowance", "cap", "wanted", "outstanding", "owes", "owed", "units",
        "amount", "perDay", "issuedToday",
    ]

    private func word(_ argument: JSON.Member) -> String {
        if let names, let address = argument.value.address { return names.short(address) }
        if let currency, Self.amounts.contains(argument.name), let units = argument.value.whole {
            return currency.text(units)
        }
        return argument.value.plain
    }

    /// The same, for words that name accounts and count in a token.
    func told(_ names: Names, _ currency: Currency?) -> Refusal {
        var told = self
        told.names = names
        told.currency = currency
        return told
    }
}
