import Execution
import Ledger
import Settlement

/// Orders with very many accounts, each of which has a list of orders and claims as long in memory as they get.
extension GasWork {
    /// How many accounts have such lists.
    private static let partyCount = 2_048

    private func party(_ index: Int) -> Address {
        Self.fresh(60_000 + index % Self.partyCount)
    }

    /// An order with a line for each of some accounts.
    private func paying(_ parties: Range<Int>, buyer: Int = GasWork.buyer) -> IOrders.Terms {
        var terms = terms(lines: parties.count, buyer: buyer)
        for (line, index) in parties.enumerated() { terms.lines[line].payee = party(index) }
        return terms
    }

    mutating func partyRows() throws {
        let half = Self.partyCount / 2
        for start in [0, half] {
            _ = try opened(paying(start..<start + half), 63)
        }
        forget()
        try add("open, \(half) payees with long lists", [open(paying(0..<half))])
        forget()
        try add(
            "open, one line, payee, arbiter and attestor with long lists, in a batch",
            [
                batch(
                    (0..<300).map { index in
                        var small = terms(lines: 1)
                        small.lines[0].payee = party(3 * index)
                        small.lines[0].gate = 1
                        small.arbiter = party(3 * index + 1)
                        small.gates = [
                            .init(
                                attestors: [party(3 * index + 2)], threshold: 1, deadline: 1 << 40,
                                onTimeout: .arbitrate, arbitrationPeriod: 1)
                        ]
                        return open(small)
                    })
            ])
        forget()
        var attested = terms(lines: 1)
        attested.gates = (0..<64).map { gate in
            .init(
                attestors: (0..<32).map { party(gate * 32 + $0) }, threshold: 32,
                deadline: 1 << 40)
        }
        try add("open, \(Self.partyCount) attestors with long lists", [open(attested)])
    }
}
