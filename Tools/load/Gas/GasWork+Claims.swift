import Execution
import Ledger
import Settlement

/// Very many small orders and claims.
extension GasWork {
    /// The same many times in one transaction.
    func many(
        _ times: Int, by: Int = GasWork.buyer, to: Address, _ data: (Int) -> [UInt8]
    ) -> [Call] {
        [batch((0..<times).map { Call(by: by, to: to, data: data($0)) })]
    }

    /// An account that nobody has seen.
    static func fresh(_ index: Int) -> Address { Address(high: 7, middle: UInt64(index), low: 1) }

    mutating func claimRows() throws {
        var lone = terms(lines: 1)
        lone.lines[0].payee = address(8)
        let small = try opened(lone, 4_000)
        forget()
        try add(
            "claimsOf, 4,000 orders of one line, read anew",
            [
                call(.claimsOf, 3) {
                    $0.write(address(8))
                    $0.write(1 << 40 as UInt64)
                    $0.write(1 as UInt16)
                }
            ])
        forget()
        let ids = (0..<4_000).map { Hash32(word: UInt128(small + UInt64($0)) << 16) }
        try add(
            "balanceOfBatch, 4,000 orders of one line, read anew",
            [
                call(.balanceOfBatch, 2) {
                    $0.write(array: ids.map { _ in Address.zero })
                    $0.write(array: ids)
                }
            ])
        try liftRow()
        try setOffRow()
        try add(
            "transfer to new accounts, one line, in a batch",
            many(400, by: 8, to: .claims) { index in
                transfer(small + UInt64(index), 0, to: Self.fresh(index), by: 8).data
            })
        try add(
            "offer, one line, in a batch",
            many(400, by: 8, to: .claims) { index in
                encoded(IClaims.Function.offer.rawValue, 7) {
                    $0.write(small + UInt64(400 + index))
                    $0.write(0 as UInt16)
                    $0.write(5 as UInt128)
                    $0.write(7 as UInt128)
                    $0.write(UInt128.max)
                    $0.write(Address.zero)
                    $0.write(0 as UInt64)
                }
            })
        forget()
        try add(
            "buy, one line, read anew, in a batch",
            many(400, to: .claims) { index in
                encoded(IClaims.Function.buy.rawValue, 1) { $0.write(UInt64(index) + 1) }
            })
        forget()
        try add(
            "fund, one line, read anew, in a batch",
            many(400, to: .orders) {
                fund(small + UInt64(800 + $0), 1_000_000).data
            })
        try guaranteeRow()
        try viewRows()
    }

    /// A pledge that would lift 4,000 orders, and is refused in the end.
    private mutating func liftRow() throws {
        let top = try opened(terms(lines: 1), 1)
        let own = terms(lines: 1, buyer: Self.payee)
        let middle = try opened(own, 1, by: Self.payee)
        let below = try opened(own, 200, by: Self.payee)
        try all((0..<200).map { pledge(middle, 0, to: below + UInt64($0), 100) })
        let last = try opened(own, 3_800, by: Self.payee)
        try all(
            (0..<3_800).map { index in
                pledge(below + UInt64(index / 19), 0, to: last + UInt64(index), 100)
            })
        forget()
        try add(
            "pledge refused, 4,000 orders below, read anew",
            [pledge(top, 0, to: middle, 2_000_000)],
            mayFail: true)
    }

    /// Debts of accounts whose lists are as long in memory as they get.
    private mutating func setOffRow() throws {
        var debts: [(order: UInt64, amount: UInt128)] = []
        for index in 0..<200 {
            var debt = terms(lines: 1, buyer: 300 + index)
            debt.lines[0].payee = address(300 + (index + 1) % 200)
            debt.dueAt = 1
            let first = try opened(debt, 31, by: 300 + index)
            debts += (0..<31).map { (first + UInt64($0), 5) }
            try run([
                call(.consent, 1, by: 300 + index) { $0.write(true) }
            ])
        }
        forget()
        // The last one is named twice, so that all is looked at and nothing done.
        debts.append(debts[debts.count - 1])
        try add(
            "setOff refused, 6,200 debts of 200 accounts, read anew",
            [
                call(.setOff, 2) {
                    $0.write(array: debts.map(\.order))
                    $0.write(array: debts.map(\.amount))
                }
            ], mayFail: true)
        debts.removeLast()
        try add(
            "setOff, 6,200 debts of 200 accounts",
            [
                call(.setOff, 2) {
                    $0.write(array: debts.map(\.order))
                    $0.write(array: debts.map(\.amount))
                }
            ])
    }

    private mutating func guaranteeRow() throws {
        var due = terms(lines: 1)
        due.dueAt = 1 << 39
        let first = try opened(due, 400)
        forget()
        try add(
            "guarantee, one line, read anew, in a batch",
            many(400, by: 9, to: .orders) { index in
                encoded(IOrders.Function.guarantee.rawValue, 2) {
                    $0.write(first + UInt64(index))
                    $0.write(500_000 as UInt128)
                }
            })
    }

    private mutating func viewRows() throws {
        let wide = try opened(terms(lines: 1024, gates: 64), 1)
        try add(
            "lines, none of 1,024, in a batch",
            many(40, to: .orders) { _ in
                encoded(IOrders.Function.lines.rawValue, 3) {
                    $0.write(wide)
                    $0.write(0 as UInt16)
                    $0.write(0 as UInt16)
                }
            })
        try add(
            "gates, 64 of 32 attestors, in a batch",
            many(20, to: .orders) { _ in
                encoded(IOrders.Function.gates.rawValue, 1) { $0.write(wide) }
            })
        forget()
        let buyer = address(Self.buyer)
        try add(
            "ordersOf, 1,000 of them, read anew, in a batch",
            many(50, to: .orders) { index in
                encoded(IOrders.Function.ordersOf.rawValue, 3) {
                    $0.write(buyer)
                    $0.write(UInt64(index * 64))
                    $0.write(1_000 as UInt16)
                }
            })
        try add(
            "consents of new accounts, in a batch",
            many(1000, to: .orders) { index in
                encoded(IOrders.Function.consents.rawValue, 1) {
                    $0.write(Self.fresh(20_000 + index))
                }
            })
        try add(
            "consent of others' accounts with full lists, in a batch",
            many(200, to: .orders) { index in
                encoded(IOrders.Function.consents.rawValue, 1) { $0.write(address(300 + index)) }
            })
        try add(
            "setApprovalForAll, in a batch",
            many(500, to: .claims) { index in
                encoded(IClaims.Function.setApprovalForAll.rawValue, 2) {
                    $0.write(Self.fresh(index))
                    $0.write(true)
                }
            })
    }
}
