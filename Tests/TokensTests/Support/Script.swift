import Ledger
import Tokens

/// Plays the commands of a scenario, one a line, and tells what each did.
///
///     WHO FUNCTION TOKEN ARGUMENTS…      a call by its ABI; then one line a log, or the refusal
///     WHO create SYMBOL key=value…       issues a token
///     ask TOKEN FUNCTION ARGUMENTS…      a view's result
///     endow WHO AMOUNT                   DIP out of nothing
///     fund WHO TOKEN AMOUNT              pays into 0x…d102 as orders take money
///     pay WHO TOKEN AMOUNT               pays out of 0x…d102, or holds it
///     fee WHO LIMIT FEE                  a transaction's fee: reserved up to the limit, then settled
///     at SECONDS                         sets the time
///     books TOKEN                        supply, balances and held payouts
///     state                              everything stored: keys and values in hexadecimal
///     hex WHO FUNCTION …                 a call's effects: tag, length and payload in hexadecimal
extension Desk {
    func play(_ line: String) -> [String] {
        let words = line.split(separator: " ").map(String.init)
        guard let first = words.first else { return [] }
        let rest = Array(words.dropFirst())
        switch first {
        case "at":
            state.block.now = rest.first.flatMap { UInt64($0) } ?? 0
            return []
        case "endow": return endow(rest)
        case "fund": return fund(rest)
        case "pay": return pay(rest)
        case "fee": return fee(rest)
        case "books": return books(rest)
        case "ask": return ask(rest)
        case "state": return storedBytes()
        case "hex": return effectBytes(rest)
        default: return act(first, rest)
        }
    }

    private func act(_ who: String, _ words: [String]) -> [String] {
        guard words.count >= 2, Self.people.contains(who) else { return ["bad command"] }
        let data: [UInt8]?
        let contract: Address?
        if words[0] == "create" {
            data = encodeCreate(Array(words.dropFirst()))
            contract = .tokens
        } else {
            data = Function.named(words[0]).flatMap { encode($0, Array(words.dropFirst(2))) }
            contract = address(words[1])
        }
        guard let data, let contract else { return ["bad command"] }
        return report { () throws(Rejection) in _ = try call(who, contract, data) }
    }

    private func effectBytes(_ words: [String]) -> [String] {
        guard words.count >= 3 else { return ["bad command"] }
        let data =
            words[1] == "create"
            ? encodeCreate(Array(words.dropFirst(2)))
            : Function.named(words[1]).flatMap { encode($0, Array(words.dropFirst(3))) }
        guard let data, let contract = words[1] == "create" ? .tokens : address(words[2]),
            (try? call(words[0], contract, data)) != nil
        else { return ["bad command"] }
        defer { state.effects.removeAll() }
        return [Hex.encode(state.effects.bytes)]
    }

    private func storedBytes() -> [String] {
        endBlock()
        let cells = store.cells.sorted { $0.key < $1.key }.map { key, cell in
            var value = ByteWriter()
            value.write(cell.amount)
            value.write(cell.aux)
            return "\(Hex.encode(key.bytes)) \(Hex.encode(value.bytes))"
        }
        let objects = store.objects.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            "\(Hex.encode($0.key)) \(Hex.encode($0.value))"
        }
        return cells + objects
    }

    /// Runs, and tells logs or the refusal; a refused operation must have changed nothing.
    private func report(_ body: () throws(Rejection) -> Void) -> [String] {
        endBlock()
        do {
            try body()
            let logs = takeLogs().map { show($0) }
            return logs.isEmpty ? ["nothing happened"] : logs
        } catch {
            let changes = endBlock()
            let isClean =
                changes.cells.isEmpty && changes.objects.isEmpty && state.effects.bytes.isEmpty
            return [show(error)] + (isClean ? [] : ["but something changed"])
        }
    }

    private func ask(_ words: [String]) -> [String] {
        guard words.count >= 2, let contract = address(words[0]),
            let function = Function.named(words[1]),
            let data = encode(function, Array(words.dropFirst(2)))
        else { return ["bad command"] }
        do {
            return [show(try call("alice", contract, data), function.returns)]
        } catch {
            return [show(error)]
        }
    }

    private func endow(_ words: [String]) -> [String] {
        guard words.count == 2, let account = address(words[0]), let amount = UInt128(words[1])
        else { return ["bad command"] }
        return tokens.endow([(account, amount)]) ? [] : ["too much"]
    }

    private func fund(_ words: [String]) -> [String] {
        guard let (account, token, amount) = payment(words) else { return ["bad command"] }
        return report { () throws(Rejection) in
            try tokens.transfer(amount, of: token, from: account, to: .orders)
        }
    }

    private func pay(_ words: [String]) -> [String] {
        guard let (account, token, amount) = payment(words) else { return ["bad command"] }
        return [
            tokens.payOut(amount, of: token, from: .orders, to: account) ? "paid" : "held"
        ]
    }

    private func payment(_ words: [String]) -> (Address, TokenID, UInt128)? {
        guard words.count == 3, let account = address(words[0]), let token = token(words[1]),
            let amount = UInt128(words[2])
        else { return nil }
        return (account, token, amount)
    }

    private func fee(_ words: [String]) -> [String] {
        guard words.count == 3, let account = address(words[0]), let limit = UInt128(words[1]),
            let fee = UInt128(words[2])
        else { return ["bad command"] }
        let fees = Fees(tokens)
        guard let reservation = fees.reserve(for: account, upTo: limit) else {
            return ["nobody pays"]
        }
        fees.settle(reservation, fee: fee)
        return takeLogs().map { show($0) }
    }

    private func books(_ words: [String]) -> [String] {
        guard let name = words.first, let token = token(name) else { return ["bad command"] }
        endBlock()
        let supply = tokens.supply(of: token)
        var lines = ["supply \(supply)"]
        let accounts = (Self.people + Self.contracts.map(\.0)).sorted()
        for name in accounts {
            guard let account = address(name) else { continue }
            let balance = tokens.balance(of: account, in: token)
            let held = tokens.held(account, in: token)
            guard balance > 0 || held > 0 else { continue }
            lines.append("\(name) \(balance)" + (held > 0 ? " and \(held) held" : ""))
        }
        if store.total(space: token.rawValue) != supply { lines.append("and they do not add up") }
        return lines
    }
}
