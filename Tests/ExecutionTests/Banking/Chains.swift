import Ledger
import Settlement
import Tokens

@testable import Execution

/// Orders across banks: what tests of conversions and recoveries share.
extension Till {
    /// East, West and North have a token in CNY each, and a checker.
    static func three(rules: Rules = Rules(gasPrice: 0)) -> Till {
        var till = Till.open(rules: rules, perDay: 1_000_000_000)
        till.createToken(by: .north)
        let limit = IBanks.setIssueLimit(till.token(of: .north), 1_000_000_000)
        till.runAll([
            Step(.north, IBanks.setDepositToken(till.token(of: .north), "CNY")),
            Step(.north, IBanks.setChecker(address(.spare))),
            Step(.spare, IBanks.approve(Keccak256.hash(limit))), Step(.north, limit),
        ])
        return till
    }

    static func checker(of bank: Who) -> Who {
        switch bank {
        case .east: .eastChecker
        case .west: .westChecker
        default: .spare
        }
    }

    /// A bank takes another one's token, approved.
    mutating func accept(_ bank: Who, _ other: Who, _ limit: UInt128) {
        let call = IBanks.acceptAtPar(token(of: other), limit)
        runAll([
            Step(Self.checker(of: bank), IBanks.approve(Keccak256.hash(call))), Step(bank, call),
        ])
    }

    /// A bank issues money, whatever its reference.
    mutating func stock(_ who: Who, _ amount: UInt128, by bank: Who = .east) {
        runAll([
            Step(
                bank, IBanks.issue(token(of: bank), Self.address(who), amount, time))
        ])
    }

    /// A buyer opens an order in a bank's money and pays it in one block.
    @discardableResult
    mutating func pay(
        _ lines: [(Who, UInt128)], by buyer: Who = .buyer, in bank: Who = .east,
        gasLimit: UInt64 = 100_000_000
    ) -> [Answer] {
        let order = machine.orders.count + 1
        let sum = lines.reduce(0) { $0 + $1.1 }
        return run([
            Step(buyer, opening(lines, by: buyer, in: bank), to: .orders),
            Step(buyer, Self.funding(order, sum), to: .orders, gasLimit: gasLimit),
        ])
    }

    /// An order in a bank's money, with claims pledged to it.
    func opening(
        _ lines: [(Who, UInt128)], by buyer: Who = .buyer, in bank: Who = .east,
        from pledges: [IOrders.Pledge] = []
    ) -> [UInt8] {
        let terms = IOrders.Terms(
            token: token(of: bank), buyer: Self.address(buyer),
            lines: lines.map { .init(tier: 1, payee: Self.address($0.0), amount: $0.1) })
        let function = pledges.isEmpty ? IOrders.Function.open : .openFrom
        var writer = ABIWriter(selector: function.rawValue, words: pledges.isEmpty ? 1 : 2)
        writer.write(terms)
        if !pledges.isEmpty { writer.write(array: pledges) }
        return writer.finish()
    }

    static func funding(_ order: UInt64, _ amount: UInt128) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(order)
        writer.write(amount)
        return writer.finish()
    }

    /// Has a bank freeze an account in its token, or thaw it.
    mutating func freeze(_ account: Address, by bank: Who, _ isOn: Bool = true) {
        var writer = ABIWriter(selector: IToken.Function.freeze.rawValue, words: 2)
        writer.write(account)
        writer.write(isOn)
        runAll([Step(bank, writer.finish(), to: token(of: bank))])
    }

    /// Has a bank stop its token, or let it go on.
    mutating func pause(by bank: Who, _ isOn: Bool = true) {
        let function = isOn ? IToken.Function.pause : .unpause
        let data = ABIWriter(selector: function.rawValue, words: 0).finish()
        runAll([Step(bank, data, to: token(of: bank))])
    }

    /// What the last block converted.
    var conversions: [(account: Address, from: TokenID, to: TokenID, amount: UInt128)] {
        effects.compactMap {
            guard case .deposit(.converted(let account, let from, let to, let amount, _)) = $0
            else { return nil }
            return (account, from, to, amount)
        }
    }

    /// What a bank accepts of another, and has of it.
    func acceptance(_ bank: Who, _ other: Who) -> (limit: UInt128, inHand: UInt128) {
        let answer = ask(
            IBanks.call(.acceptance, words: 2) {
                $0.write(token(of: bank))
                $0.write(token(of: other))
            })
        guard answer.count == 64 else { return (.max, .max) }
        return (
            Hash32(answer[..<32])?.number ?? .max, Hash32(answer[32...])?.number ?? .max
        )
    }
}

extension IBanks {
    static func acceptAtPar(_ other: Address, _ limit: UInt128) -> [UInt8] {
        call(.acceptAtPar, words: 2) {
            $0.write(other)
            $0.write(limit)
        }
    }

    static func setPayoutToken(_ token: Address) -> [UInt8] {
        call(.setPayoutToken, words: 1) { $0.write(token) }
    }

    static func recover(_ from: Address, _ to: Address, reason: Hash32 = Hash32(4, 0, 0, 0))
        -> [UInt8]
    {
        call(.recover, words: 3) {
            $0.write(from)
            $0.write(to)
            $0.write(word: reason)
        }
    }
}
