import Execution
import Ledger
import Settlement

/// Very many small orders that one call reaches without naming them, or names in a list.
extension GasWork {
    /// The holder of a claim on each of them.
    private static let holder = 9

    /// Orders of one line and so many claims, of which account 9 has the first and others the rest.
    private mutating func cut(_ count: Int, claims: Int) throws -> UInt64 {
        var terms = terms(lines: 1, buyer: Self.payee)
        terms.lines[0].payee = address(Self.holder)
        let first = try opened(terms, count, by: Self.payee)
        guard claims > 1 else { return first }
        for index in 0..<count {
            try run([
                batch(
                    (1..<claims).map {
                        transfer(
                            first + UInt64(index), 0, to: Self.fresh(80_000 + $0 % 2), 1_000,
                            by: Self.holder)
                    })
            ])
        }
        return first
    }

    mutating func belowRows() throws {
        for claims in [1, 62] {
            try cascadeRows(claims == 1 ? 3_840 : 480, claims: claims)
            try listRows(500, claims: claims)
        }
        try sourceRows()
    }

    /// Payments that go through them.
    private mutating func cascadeRows(_ count: Int, claims: Int) throws {
        let lines = 16
        let top = try opened(terms(lines: lines), 1)
        let first = try cut(count, claims: claims)
        try all(
            (0..<count).map { index in
                pledge(top, index % lines, to: first + UInt64(index), 2_000)
            })
        forget()
        var refused = fund(top, UInt128(lines) * 1_000_000)
        refused.gas = UInt64(count) * Gas.payment
        let below = "\(count) orders of \(claims) claims below, read anew"
        try add("fund refused, \(below)", [refused], mayFail: true)
        forget()
        try add("fund, \(below)", [fund(top, UInt128(lines) * 1_000_000)])
    }

    private mutating func listRows(_ count: Int, claims: Int) throws {
        let first = try cut(count, claims: claims)
        let ids = (0..<count).map { Hash32(word: UInt128(first + UInt64($0)) << 16) }
        let orders = "\(count) orders of \(claims) claims, read anew"
        forget()
        try add(
            "claimsOf, \(orders)",
            [
                call(.claimsOf, 3) {
                    $0.write(address(Self.holder))
                    $0.write(1 << 40 as UInt64)
                    $0.write(1 as UInt16)
                }
            ])
        forget()
        try add(
            "balanceOfBatch, \(orders)",
            [
                call(.balanceOfBatch, 2) {
                    $0.write(array: ids.map { _ in Address.zero })
                    $0.write(array: ids)
                }
            ])
        forget()
        try add(
            "safeBatchTransferFrom, \(orders)",
            [
                call(.safeBatchTransferFrom, 5, by: Self.holder) {
                    $0.write(address(Self.holder))
                    $0.write(address(301))
                    $0.write(array: ids)
                    $0.write(array: ids.map { _ in 1 as UInt128 })
                    $0.write(bytes: [])
                }
            ])
        let own = terms(lines: 1, buyer: Self.holder)
        let pledges = (0..<count).map {
            IOrders.Pledge(order: first + UInt64($0), line: 0, units: 1_000)
        }
        forget()
        try add(
            "openFrom, pledges of \(orders)",
            [
                call(.openFrom, 2, by: Self.holder) {
                    $0.write(own)
                    $0.write(array: pledges)
                }
            ])
    }

    /// An order that closes and holds claims of them.
    private mutating func sourceRows() throws {
        let sources = 2_000
        let holder = try cut(1, claims: 1)
        let held = try opened(terms(lines: 1), sources)
        try all((0..<sources).map { pledge(held + UInt64($0), 0, to: holder, 10) })
        forget()
        var refused = fund(holder, 1_000_000, by: Self.payee)
        refused.gas = 300_000
        try add(
            "fund refused, closing lets go of \(sources) small orders, read anew", [refused],
            mayFail: true)
        forget()
        try add(
            "fund, closing lets go of \(sources) small orders, read anew",
            [fund(holder, 1_000_000, by: Self.payee)])
    }
}
