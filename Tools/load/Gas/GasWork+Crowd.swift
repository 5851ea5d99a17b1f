import Execution
import Ledger
import Settlement

/// Small orders that many large ones hang on.
extension GasWork {
    func encoded(
        _ selector: UInt32, _ words: Int, _ body: (inout ABIWriter) -> Void
    ) -> [UInt8] {
        var writer = ABIWriter(selector: selector, words: words)
        body(&writer)
        return writer.finish()
    }

    func pledge(
        _ order: UInt64, _ line: Int, to child: UInt64, _ units: UInt128 = 1_000,
        by: Int = GasWork.payee
    ) -> Call {
        call(.pledge, 4, by: by) {
            $0.write(order)
            $0.write(UInt16(line))
            $0.write(child)
            $0.write(units)
        }
    }

    /// An order of one line with an arbiter, whose payee has pledged it to so many large orders of its own.
    private mutating func parent(of count: Int, _ large: IOrders.Terms) throws -> UInt64 {
        var small = terms(lines: 1, gates: 1)
        small.arbiter = address(6)
        small.gates[0].onTimeout = .arbitrate
        small.gates[0].arbitrationPeriod = 1_000
        small.lines.append(.init(tier: 0, payee: address(Self.payee), amount: 1_000_000, gate: 0))
        let parent = try opened(small, 1)
        let children = try opened(large, count, by: Self.payee)
        for line in 0..<2 {
            try all((0..<count).map { pledge(parent, line, to: children + UInt64($0)) })
        }
        return parent
    }

    mutating func crowdRows() throws {
        let count = 240
        let large = terms(lines: 1024, gates: 64, buyer: Self.payee)
        let crowd = try parent(of: count, large)
        forget()
        try add(
            "dispute refused, \(count) large orders hold the claims, read anew",
            [
                call(.dispute, 3, by: 5) {
                    $0.write(crowd)
                    $0.write(0 as UInt8)
                    $0.write(word: .zero)
                }
            ], mayFail: true)
        forget()
        var refused = fund(crowd, 400_000)
        refused.gas = 450_000
        try add("fund refused, \(count) large orders below, read anew", [refused], mayFail: true)
        forget()
        try add("fund, \(count) large orders below, read anew", [fund(crowd, 400_000)])

        // One order that holds claims of many large ones, and is about to close.
        let holder = try opened(terms(lines: 1, buyer: Self.payee), 1, by: Self.payee)
        let sources = try opened(large, count, by: Self.payee)
        try all((0..<count).map { pledge(sources + UInt64($0), 0, to: holder, 10) })
        forget()
        try add(
            "fund, closing lets go of \(count) large orders, read anew",
            [fund(holder, 1_000_000, by: Self.payee)])

        let attested = try opened(terms(lines: 1024, gates: 64), 500)
        forget()
        try add(
            "attest, 1,024 lines, 64 gates of 32, read anew, one each",
            (0..<500).map { index in
                call(.attest, 4, by: 100) {
                    $0.write(attested + UInt64(index))
                    $0.write(0 as UInt8)
                    $0.write(10_000 as UInt16)
                    $0.write(word: .zero)
                }
            })
        var small = terms(lines: 1)
        small.lines[0].payee = address(7)
        let listed = try opened(small, 500)
        forget()
        try add(
            "transfer, one line, to an account of large orders, one each",
            (0..<500).map { transfer(listed + UInt64($0), 0, to: address(Self.payee), by: 7) })
        try timerRow()
    }

    /// Gates whose deadline passes, as the start of a block counts them.
    private mutating func timerRow() throws {
        var late = terms(lines: 1024, gates: 64)
        late.gates[0].deadline = time / 1000 + 5_000
        let count = 200
        _ = try opened(late, count)
        forget()
        time += 6_000_000
        // Each counts by its size: lines and as many claims, gates, attestors, sixteen of which are a payment.
        let parts = 2 * 1024 + 64 + 64 * 32 - Gas.partsFree
        try add(
            "a deadline, 1,024 lines, 64 gates of 32, read anew", [],
            gas: UInt64(count * (parts / 16)) * Gas.payment)
    }
}
