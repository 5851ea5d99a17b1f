import JSON
import Ledger
import Settlement

/// An order as people write it down: the JSON that `dip order open` reads.
///
/// `docs/cli.md` describes every member; one that is not known is refused, since a mistyped one would
/// change what is agreed.
struct OrderFile {
    let terms: IOrders.Terms
    let currency: Currency
    let pledges: [IOrders.Pledge]

    /// Reads a file, and looks up its token and the time.
    ///
    /// - Parameters:
    ///   - path: the file; `-` is the standard input.
    ///   - session: to look up names, tokens and the time.
    ///   - sender: who opens it, the buyer unless the file says otherwise.
    ///   - inUnits: whether amounts are in smallest units.
    /// - Returns: the terms as the ledger takes them.
    /// - Throws: ``Failure/usage(_:)`` naming the member.
    static func read(
        _ path: String, _ session: Session, sender: Address, inUnits: Bool
    ) async throws -> OrderFile {
        let json = try Input.json(path)
        guard let token = json["token"]?.string else {
            throw Failure.usage("\(path), token: must be the symbol or address of a token")
        }
        return try OrderFile(
            json, path, currency: try await session.currency(token), names: session.names,
            sender: sender, now: try await session.blockTime(), inUnits: inUnits)
    }

    /// Reads what a file says.
    ///
    /// - Parameters:
    ///   - json: its contents.
    ///   - place: its name, for faults.
    ///   - currency: its token.
    ///   - names: to look up accounts.
    ///   - sender: who opens it.
    ///   - now: the last block's time, from which distances count.
    ///   - inUnits: whether amounts are in smallest units.
    /// - Throws: ``Failure/usage(_:)`` naming the member.
    init(
        _ json: JSON, _ place: String, currency: Currency, names: Names, sender: Address,
        now: UInt64, inUnits: Bool = false
    ) throws {
        let reader = try MemberReader(
            json, place,
            known: [
                "token", "buyer", "arbiter", "dueAt", "document", "documentFile", "lines", "gates",
                "pledges", "note",
            ])
        let gates = try reader.list("gates", known: GateFile.members)
        let gateNames = try GateFile.names(gates)
        var terms = IOrders.Terms(
            token: currency.address, buyer: try reader.account("buyer", names) ?? sender,
            arbiter: try reader.account("arbiter", names) ?? .zero,
            dueAt: try reader.time("dueAt", now: now),
            document: try Self.document(reader), lines: [])
        for gate in gates {
            terms.gates.append(try GateFile.gate(gate, gateNames, names, now: now))
        }
        let lines = try reader.list("lines", known: ["payee", "amount", "tier", "gate", "note"])
        guard !lines.isEmpty else { throw reader.fault("lines", "an order has one line or more") }
        guard lines.count <= Terms.lineLimit else {
            throw reader.fault(
                "lines",
                "there are \(lines.count), and an order has at most \(Terms.lineLimit): open several"
            )
        }
        for line in lines {
            terms.lines.append(
                IOrders.Line(
                    tier: try line.number("tier", atMost: UInt16.max),
                    payee: try line.needed("payee", line.account("payee", names)),
                    amount: try line.amount("amount", currency, inUnits: inUnits),
                    gate: try line.gate("gate", gateNames)))
        }
        self.terms = terms
        self.currency = currency
        pledges = try reader.list("pledges", known: ["order", "line", "amount"]).map { pledge in
            IOrders.Pledge(
                order: try pledge.number("order", atMost: UInt64.max),
                line: try pledge.number("line", atMost: UInt16.max),
                units: try pledge.amount("amount", currency, inUnits: inUnits))
        }
    }

    private static func document(_ reader: MemberReader) throws -> Hash32 {
        if let path = try reader.optionalText("documentFile") { return try Digest.ofFile(path) }
        guard let text = try reader.optionalText("document") else { return .zero }
        return Digest.word(text)
    }

    /// The sum of the lines.
    var price: String {
        let sum = terms.lines.reduce(Amount.zero as Amount?) { $0?.adding(Amount($1.amount)) }
        return sum.map { currency.text($0.units) } ?? "more than any amount can be"
    }
}

/// A gate of an order's file.
private enum GateFile {
    static let members: Set<String> = [
        "name", "attestors", "threshold", "notBefore", "deadline", "onTimeout", "follows",
        "ifSilent", "arbitrationPeriod", "note",
    ]

    /// Each gate's name and index.
    static func names(_ gates: [MemberReader]) throws -> [String: Int] {
        var names: [String: Int] = [:]
        for (index, gate) in gates.enumerated() {
            guard let name = try gate.optionalText("name") else { continue }
            guard names.updateValue(index, forKey: name) == nil else {
                throw gate.fault("name", "another gate is called \"\(name)\"")
            }
        }
        return names
    }

    static func gate(
        _ file: MemberReader, _ gates: [String: Int], _ names: Names, now: UInt64
    ) throws -> IOrders.Gate {
        let attestors = try file.accounts("attestors", names)
        let follows = try file.gate("follows", gates)
        // Behind another gate both count from the moment at which that one is met.
        func time(_ name: String) throws -> UInt64 {
            follows == 0 ? try file.time(name, now: now) : try file.span(name)
        }
        return IOrders.Gate(
            attestors: attestors,
            threshold: try file.has("threshold")
                ? file.number("threshold", atMost: UInt8.max) : UInt8(clamping: attestors.count),
            notBefore: try time("notBefore"), deadline: try time("deadline"),
            onTimeout: try file.choice(
                "onTimeout", ["fail": .fail, "meet": .meet, "arbitrate": .arbitrate], .fail),
            follows: follows,
            silenceMeets: try file.choice("ifSilent", ["fail": false, "meet": true], false),
            arbitrationPeriod: try file.span("arbitrationPeriod"))
    }
}
