import Execution
import Ledger
import Settlement

/// Orders that others have cut into very many claims, and calls that do not pay for what they would have to read.
extension GasWork {
    func attest(_ order: UInt64, by: Int, gas: UInt64 = 4_000_000_000) -> Call {
        var call = call(.attest, 4, by: by) {
            $0.write(order)
            $0.write(0 as UInt8)
            $0.write(10_000 as UInt16)
            $0.write(word: .zero)
        }
        call.gas = gas
        return call
    }

    mutating func cutRows() throws {
        let count = 300
        let large = try opened(terms(lines: 1024, gates: 64), count)
        forget()
        try add(
            "attest refused for want of gas, 1,024 lines, 64 gates of 32, read anew, one each",
            (0..<count).map { attest(large + UInt64($0), by: 100, gas: 30_000) }, mayFail: true)
        forget()
        try add(
            "fund refused for want of gas, 1,024 lines, 64 gates of 32, read anew, one each",
            (0..<count).map { index in
                var call = fund(large + UInt64(index), 1)
                call.gas = 30_000
                return call
            }, mayFail: true)
        let proposed = try opened(terms(lines: 1024, gates: 64), count, by: 4)
        forget()
        try add(
            "accept refused for want of gas, 1,024 lines, 64 gates of 32, read anew, one each",
            (0..<count).map { index in
                var accept = call(.accept, 1) { $0.write(proposed + UInt64(index)) }
                accept.gas = 30_000
                return accept
            }, mayFail: true)
        try holderRow(large, count)
        try claimCutRows()
    }

    /// Orders that are about to close, each of which holds a claim of a large one.
    private mutating func holderRow(_ large: UInt64, _ count: Int) throws {
        let holder = try opened(terms(lines: 1, buyer: Self.payee), count, by: Self.payee)
        try all((0..<count).map { pledge(large + UInt64($0), 0, to: holder + UInt64($0), 10) })
        forget()
        try add(
            "fund refused, closing lets go of a large order, read anew, one each",
            (0..<count).map { index in
                var refused = fund(holder + UInt64(index), 1_000_000, by: Self.payee)
                refused.gas = 80_000
                return refused
            }, mayFail: true)
    }

    private mutating func claimCutRows() throws {
        let (count, lines, claims) = (60, 8, 250)
        var terms = terms(lines: lines, gates: 1)
        terms.gates[0].threshold = 1
        let first = try opened(terms, count)
        for index in 0..<count {
            try run(
                (0..<lines).map { line in
                    batch(
                        (0..<claims).map { claim in
                            transfer(
                                first + UInt64(index), line, to: Self.fresh(70_000 + claim % 2),
                                UInt128(1))
                        })
                })
        }
        forget()
        try add(
            "attest refused, \(lines * claims) claims, read anew, one each",
            (0..<count).map { attest(first + UInt64($0), by: 5, gas: 30_000) }, mayFail: true)
        forget()
        try add(
            "order refused for want of gas, \(lines * claims) claims, read anew, one each",
            (0..<count).map { index in
                var view = call(.order, 1) { $0.write(first + UInt64(index)) }
                view.gas = 40_000
                return view
            }, mayFail: true)
        forget()
        try add(
            "order, \(lines * claims) claims, read anew, in a batch",
            [
                batch(
                    (0..<count).map { index in call(.order, 1) { $0.write(first + UInt64(index)) } }
                )
            ])
        forget()
        try add(
            "attest, \(lines * claims) claims that others cut, read anew, one each",
            (0..<count).map { attest(first + UInt64($0), by: 100) })
    }
}
