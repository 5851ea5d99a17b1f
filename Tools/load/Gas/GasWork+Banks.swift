import Execution
import Ledger
import Tokens

/// Deposit tokens, redemptions, legal entities: of a ledger with one bank.
extension GasWork {
    func bank(
        _ function: IBanks.Function, _ words: Int, by: Int = 0,
        _ body: (inout ABIWriter) -> Void
    ) -> Call {
        Call(by: by, to: .banks, data: encoded(function.rawValue, words, body))
    }

    /// A call that the bank's checker approves before.
    private mutating func approved(_ call: Call) throws {
        try run([bank(.approve, 1, by: 1) { $0.write(word: Keccak256.hash(call.data)) }])
        try run([call])
    }

    private func issue(_ token: Address, _ to: [Address], _ amount: UInt128, _ first: Int) -> Call {
        bank(.issueBatch, 4) {
            $0.write(token)
            $0.write(array: to)
            $0.write(array: to.map { _ in amount })
            $0.write(array: to.indices.map { Hash32(word: UInt128(first + $0)) })
        }
    }

    mutating func bankRows() throws {
        let deposit = try token(27, supply: 0)
        try run([
            bank(.setDepositToken, 2) {
                $0.write(deposit)
                $0.write(fixedBytes: Array("CHF".utf8))
            },
            bank(.setChecker, 1) { $0.write(address(1)) },
        ])
        try approved(
            bank(.setIssueLimit, 2) {
                $0.write(deposit)
                $0.write(UInt128.max)
            })
        let issues = 2_000
        try add(
            "issueBatch to \(issues) new accounts",
            [issue(deposit, (0..<issues).map { Self.fresh(40_000 + $0) }, 5, 1)])
        try add(
            "issueBatch refused, \(issues) new accounts",
            [issue(deposit, (0..<issues).map { Self.fresh(50_000 + $0) } + [.zero], 5, 100_000)],
            mayFail: true)
        try redemptionRows(deposit)
        try wishRow(deposit)
        try entityRows()
    }

    /// An order that is paid to accounts each of which has what it is paid redeemed.
    private mutating func wishRow(_ deposit: Address) throws {
        let payees = 100..<500
        try run(
            [issue(deposit, [address(Self.buyer)], 1 << 60, 300_000)]
                + payees.map { payee in
                    bank(.setAutoRedeem, 3, by: payee) {
                        $0.write(deposit)
                        $0.write(word: .allOnes)
                        $0.write(1 as UInt128)
                    }
                })
        var terms = terms(lines: payees.count)
        terms.token = deposit
        for (line, payee) in payees.enumerated() { terms.lines[line].payee = address(payee) }
        let order = try opened(terms, 1)
        forget()
        try add(
            "fund, \(payees.count) payees whose payouts are redeemed, read anew",
            [fund(order, UInt128(payees.count) * 1_000_000)])
    }

    private mutating func redemptionRows(_ deposit: Address) throws {
        let holder = Self.payee
        try run([
            issue(deposit, [address(4), address(holder)], 1 << 60, 200_000),
            bank(.redeem, 3, by: 4) {
                $0.write(deposit)
                $0.write(1 as UInt128)
                $0.write(word: .allOnes)
            },
        ])
        func redeem(_ count: Int) -> Call {
            batch(
                (0..<count).map { _ in
                    bank(.redeem, 3, by: holder) {
                        $0.write(deposit)
                        $0.write(1 as UInt128)
                        $0.write(word: .allOnes)
                    }
                })
        }
        let (each, blocks, settled, rejected) = (1_500, 4, 1_000, 800)
        try add("redeem, in a batch", [redeem(each)])
        try run((1..<blocks).map { _ in redeem(each) })
        forget()
        try add(
            "redemptions, a walk over \(each * blocks), read anew",
            [
                bank(.redemptions, 3) {
                    $0.write(address(holder))
                    $0.write(1 as UInt64)
                    $0.write(1 as UInt16)
                }
            ])
        forget()
        try add(
            "instruct, read anew, in a batch",
            many(settled, by: 0, to: .banks) { index in
                bank(.instruct, 2) {
                    $0.write(UInt64(index + 1))
                    $0.write(word: .allOnes)
                }.data
            })
        try add(
            "settle, in a batch",
            many(settled, by: 0, to: .banks) { index in
                bank(.settle, 2) {
                    $0.write(UInt64(index + 1))
                    $0.write(word: .allOnes)
                }.data
            })
        forget()
        try add(
            "reject, read anew, in a batch",
            many(rejected, by: 0, to: .banks) { index in
                bank(.reject, 2) {
                    $0.write(UInt64(settled + index + 1))
                    $0.write(string: String(repeating: "r", count: 256))
                }.data
            })
        // Past the deadline of all others, and of the one of account 4.
        time += 300_000_000
        forget()
        let due = UInt64(each * blocks + 1 - settled - rejected)
        try add("a redemption's deadline, read anew", [], gas: due * Machine.timerGas)
        try add(
            "setAutoRedeem, in a batch",
            many(500, by: holder, to: .banks) { index in
                bank(.setAutoRedeem, 3) {
                    $0.write(deposit)
                    $0.write(word: Hash32(word: UInt128(index + 1)))
                    $0.write(1 as UInt128)
                }.data
            })
        try add(
            "setPayoutToken, in a batch",
            many(500, by: holder, to: .banks) { _ in
                bank(.setPayoutToken, 1) { $0.write(deposit) }.data
            })
        try add(
            "attestReserve, in a batch",
            many(500, by: 0, to: .banks) { _ in
                bank(.attestReserve, 4) {
                    $0.write(deposit)
                    $0.write(5 as UInt128)
                    $0.write(word: .allOnes)
                    $0.write(1 as UInt64)
                }.data
            })
        try add(
            "approve of a call, in a batch",
            many(500, by: 1, to: .banks) { index in
                bank(.approve, 1) { $0.write(word: Hash32(word: UInt128(index))) }.data
            })
    }

    private mutating func entityRows() throws {
        let entity = IEntities.Entity(
            lei: .zero, creditCode: "911000001000013428", name: String(repeating: "厦", count: 85),
            industry: "C1234", bank: .zero, since: 0, active: false)
        try add(
            "attest of an entity, in a batch",
            many(500, by: 0, to: .entities) { index in
                encoded(IEntities.Function.attest.rawValue, 2) {
                    $0.write(Self.fresh(index))
                    $0.write(entity)
                }
            })
        forget()
        try add(
            "entity, read anew, in a batch",
            many(500, by: 0, to: .entities) { index in
                encoded(IEntities.Function.entity.rawValue, 1) { $0.write(Self.fresh(index)) }
            })
    }
}
