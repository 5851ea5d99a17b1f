import Execution
import Ledger
import Settlement

/// Orders as large as they get.
extension GasWork {
    /// The buyer of nearly all orders.
    static let buyer = 2
    /// Who is paid.
    static let payee = 3

    func call(
        _ function: IOrders.Function, _ words: Int, by: Int = GasWork.buyer,
        _ body: (inout ABIWriter) -> Void
    ) -> Call {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        body(&writer)
        return Call(by: by, to: .orders, data: writer.finish())
    }

    func call(
        _ function: IClaims.Function, _ words: Int, by: Int = GasWork.payee,
        _ body: (inout ABIWriter) -> Void
    ) -> Call {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        body(&writer)
        return Call(by: by, to: .claims, data: writer.finish())
    }

    /// Terms of so many lines and gates, each gate with 32 attestors.
    func terms(lines: Int, gates: Int = 0, buyer: Int = GasWork.buyer) -> IOrders.Terms {
        let attestors = (0..<32).map { address(100 + $0) }
        return IOrders.Terms(
            token: .contract(0xd100), buyer: address(buyer), dueAt: 0,
            lines: (0..<lines).map {
                .init(
                    tier: 0, payee: address(Self.payee), amount: 1_000_000,
                    gate: gates > 0 ? UInt8($0 % gates + 1) : 0)
            },
            gates: (0..<gates).map { _ in
                .init(attestors: attestors, threshold: 32, deadline: 1 << 40)
            })
    }

    func open(_ terms: IOrders.Terms, by: Int = GasWork.buyer) -> Call {
        call(.open, 1, by: by) { $0.write(terms) }
    }

    /// Opens so many orders and gives the first one's id.
    mutating func opened(
        _ terms: IOrders.Terms, _ count: Int, by: Int = GasWork.buyer
    ) throws -> UInt64 {
        let first = machine.orders.count + 1
        let call = open(terms, by: by)
        try all(Array(repeating: call, count: count))
        return first
    }

    func fund(_ order: UInt64, _ amount: UInt128, by: Int = GasWork.buyer) -> Call {
        call(.fund, 2, by: by) {
            $0.write(order)
            $0.write(amount)
        }
    }

    func transfer(
        _ order: UInt64, _ line: Int, to: Address, _ units: UInt128 = 1, by: Int = GasWork.payee
    ) -> Call {
        call(.transfer, 4, by: by) {
            $0.write(order)
            $0.write(UInt16(line))
            $0.write(to)
            $0.write(units)
        }
    }

    mutating func orderRows() throws {
        let payee = Self.payee
        let large = terms(lines: 1024, gates: 64)
        try add("open, 1,024 lines, 64 gates of 32", Array(repeating: open(large), count: 10))
        let first = machine.orders.count + 1
        try run(Array(repeating: open(large, by: 4), count: 20))
        try add(
            "accept, 1,024 lines, 64 gates of 32",
            (0..<10).map { index in call(.accept, 1) { $0.write(first + UInt64(index)) } })
        try add(
            "decline, 1,024 lines, 64 gates of 32",
            (10..<20).map { index in call(.decline, 1) { $0.write(first + UInt64(index)) } })
        try add(
            "consent, in a batch",
            [batch((0..<1000).map { n in call(.consent, 1) { $0.write(n % 2 == 0) } })])

        let wide = try opened(terms(lines: 1024), 300)
        try add(
            "fund, 1,024 lines, many times, in a batch",
            [batch((0..<100).map { _ in fund(wide, 1) })])
        try add(
            "waive, 1,024 lines, in a batch",
            [
                batch(
                    (0..<500).map { line in
                        call(.waive, 3, by: payee) {
                            $0.write(wide)
                            $0.write(UInt16(line))
                            $0.write(1 as UInt128)
                        }
                    })
            ])
        forget()
        try add(
            "fund, 1,024 lines, read anew, in a batch",
            [batch((0..<300).map { fund(wide + UInt64($0), 1) })])
        forget()
        try add(
            "transfer, 1,024 lines, read anew, in a batch",
            [batch((0..<300).map { transfer(wide + UInt64($0), 7, to: address(300)) })])
        forget()
        let ids = (0..<300).map { Hash32(word: UInt128(wide + UInt64($0)) << 16 | 9) }
        try add(
            "safeBatchTransferFrom, 1,024 lines, read anew",
            [
                call(.safeBatchTransferFrom, 5) {
                    $0.write(address(payee))
                    $0.write(address(301))
                    $0.write(array: ids)
                    $0.write(array: ids.map { _ in 1 as UInt128 })
                    $0.write(bytes: [])
                }
            ])
        forget()
        try add(
            "balanceOfBatch, 1,024 lines, read anew",
            [
                call(.balanceOfBatch, 2) {
                    $0.write(array: ids.map { _ in address(payee) })
                    $0.write(array: ids)
                }
            ])
        forget()
        try add(
            "order, 1,024 lines, read anew, in a batch",
            [batch((0..<300).map { index in call(.order, 1) { $0.write(wide + UInt64(index)) } })])
        forget()
        try add(
            "claimsOf, 1,024 lines, read anew",
            [
                call(.claimsOf, 3) {
                    $0.write(address(301))
                    $0.write(0 as UInt64)
                    $0.write(300 as UInt16)
                }
            ])
        forget()
        try add(
            "attest refused, 1,024 lines, 64 gates of 32, read anew",
            (0..<10).map { index in
                call(.attest, 4, by: 5) {
                    $0.write(first + UInt64(index))
                    $0.write(0 as UInt8)
                    $0.write(10_000 as UInt16)
                    $0.write(word: .zero)
                }
            }, mayFail: true)
        try add(
            "attest, 1,024 lines, 64 gates of 32, in a batch",
            [
                batch(
                    (0..<64).map { gate in
                        call(.attest, 4, by: 100) {
                            $0.write(first)
                            $0.write(UInt8(gate))
                            $0.write(10_000 as UInt16)
                            $0.write(word: .zero)
                        }
                    })
            ])
    }
}
