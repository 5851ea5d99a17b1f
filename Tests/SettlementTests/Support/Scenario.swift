import Ledger
import Settlement
import Tokens

/// A story in text: commands, `----`, what comes of each.
///
/// A command is a line; `line` and `gate` below an `open` belong to it. `#` begins a remark.
struct Scenario {
    private var ledger: TestLedger
    private var output: [String] = []

    /// Plays commands and gives everything that they bring about.
    static func play(_ commands: String) throws -> String {
        var scenario = Scenario(ledger: try TestLedger())
        var pending: [String] = []
        for raw in commands.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = raw.prefix { $0 != "#" }
            let text = String(line.reversed().drop { $0 == " " }.reversed())
            guard !text.isEmpty else { continue }
            if text.hasPrefix(" ") {
                pending.append(text)
            } else {
                try scenario.run(pending)
                pending = [text]
            }
        }
        try scenario.run(pending)
        return scenario.output.joined(separator: "\n") + "\n"
    }

    private init(ledger: TestLedger) { self.ledger = ledger }

    private mutating func run(_ lines: [String]) throws {
        guard let first = lines.first else { return }
        output.append("> " + first)
        var words = Words(first)
        let verb = words.next()
        switch verb {
        case "at":
            let time = try words.number(UInt64.self)
            report(
                ledger.advance(
                    to: time, timerLimit: try words.number(after: "timers") ?? .max,
                    budget: try words.number(after: "payments") ?? .max))
        case "steps": ledger.state.block.stepLimit = try words.number()
        case "show": try show(words.number())
        case "balances": try showBalances(words.rest)
        case "claims":
            let name = words.next()
            for claim in try ledger.book.claims(of: ledger.address(name), from: 0, limit: 100) {
                output.append("  order \(claim.order) line \(claim.line): \(claim.units)")
            }
        default:
            let action = try Action(verb, &words, Array(lines.dropFirst()), ledger)
            do {
                report(try ledger.perform(action.body))
            } catch {
                output.append("  refused: \(text(of: error))")
            }
        }
    }

    private mutating func report(_ effects: [SettlementEffect]) {
        for effect in effects { output.append("  " + effect.text(ledger.name)) }
    }

    private func text(of error: Rejection) -> String {
        let parts = error.parts
        let arguments = parts.arguments.map { argument in
            switch argument {
            case .uint(let number, _): "\(number)"
            case .address(let address): ledger.name(address)
            case .string(let text): text
            default: "\(argument)"
            }
        }
        return parts.name + (arguments.isEmpty ? "" : " " + arguments.joined(separator: ", "))
    }

    private mutating func show(_ id: UInt64) throws {
        guard let order = ledger.book.view(of: id) else { throw ScenarioFault("no order \(id)") }
        let it = order.summary
        output.append(
            "  order \(id) \(it.status), funded \(it.funded), refunded \(it.refunded), "
                + "outstanding \(it.outstanding), level \(order.level)")
        for (index, line) in order.lines.enumerated() {
            let claims = line.claims.map { claim in
                (claim.holder.orderID.map { "order \($0)" } ?? ledger.name(claim.holder))
                    + " \(claim.units)"
            }
            output.append(
                "  line \(index): \(line.summary.amount), voided \(line.summary.voided), paid "
                    + "\(line.summary.paid), allocated \(line.summary.allocated)"
                    + (claims.isEmpty ? "" : "; " + claims.joined(separator: ", ")))
        }
        for (index, gate) in order.gates.enumerated() {
            output.append("  gate \(index): \(gate.state) \(gate.bps)")
        }
    }

    private mutating func showBalances(_ names: [String]) throws {
        for name in names {
            let parts = name.split(separator: "@").map(String.init)
            guard let token = TestLedger.tokens[parts.count > 1 ? parts[1] : "T"] else {
                throw ScenarioFault("no token of \(name)")
            }
            let address = parts[0] == "escrow" ? Address.orders : ledger.address(parts[0])
            let held = ledger.tokens.held(address, in: token)
            output.append(
                "  \(name) \(ledger.tokens.balance(of: address, in: token))"
                    + (held > 0 ? ", held \(held)" : ""))
        }
    }
}

struct ScenarioFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The words of a command.
struct Words {
    private var words: [String]

    init(_ line: String) {
        words = line.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
    }

    var isEmpty: Bool { words.isEmpty }
    var rest: [String] { words }
    mutating func next() -> String { words.isEmpty ? "" : words.removeFirst() }

    mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws -> T {
        let word = next()
        guard let number = T(word) else { throw ScenarioFault("\(word) is no number") }
        return number
    }

    /// What follows a word anywhere in the command, nil if the word is not there.
    func word(after key: String) -> String? {
        guard let place = words.firstIndex(of: key), place + 1 < words.count else { return nil }
        return words[place + 1]
    }

    func number<T: FixedWidthInteger>(after key: String) throws -> T? {
        guard let word = word(after: key) else { return nil }
        guard let number = T(word) else { throw ScenarioFault("\(word) is no number") }
        return number
    }

    func contains(_ word: String) -> Bool { words.contains(word) }
}
