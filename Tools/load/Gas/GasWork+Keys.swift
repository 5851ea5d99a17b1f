import Execution
import Ledger
import Settlement

/// Keys of banks and of customers, what banks take of each other, and decisions that wait for their height.
extension GasWork {
    /// Of a second bank.
    static let otherBank = 12

    private mutating func approve(_ calls: [Call], by checker: Int = 1) throws {
        try all(
            calls.map { call in
                bank(.approve, 1, by: checker) { $0.write(word: Keccak256.hash(call.data)) }
            })
    }

    /// A deposit token of a bank's own, in a currency.
    private mutating func depositToken(_ currency: String, by: Int) throws -> Address {
        let token = try token(27, supply: 0, by: by)
        try run([
            bank(.setDepositToken, 2, by: by) {
                $0.write(token)
                $0.write(fixedBytes: Array(currency.utf8))
            }
        ])
        return token
    }

    mutating func keyRows() throws {
        try run([bank(.setChecker, 1) { $0.write(address(1)) }])
        try recoverRow()
        try parRow()
        let setChecker = bank(.setChecker, 1) { $0.write(address(14)) }
        let setBack = bank(.setChecker, 1) { $0.write(address(1)) }
        func approve(_ call: Call, by: Int) -> Call {
            bank(.approve, 1, by: by) { $0.write(word: Keccak256.hash(call.data)) }
        }
        try add(
            "approve and setChecker, one each",
            (0..<100).flatMap { _ in
                [approve(setChecker, by: 1), setChecker, approve(setBack, by: 14), setBack]
            })
        try decisionRow()
        let setOperator = bank(.setOperator, 1) { $0.write(address(15)) }
        try add(
            "approve and setOperator, one each",
            (0..<100).flatMap { _ in [approve(setOperator, by: 1), setOperator] })
        // As much as one of the calls that asked for it.
        try add(
            "an operator's rotation, at the start of a block", [],
            gas: rows[rows.count - 1].gas)
    }

    /// A customer with claims on very many small orders lost its key.
    private mutating func recoverRow() throws {
        let count = 1_000
        let (lost, new) = (16, 17)
        var small = terms(lines: 1)
        small.lines[0].payee = address(lost)
        small.token = try depositToken("EUR", by: 0)
        _ = try opened(small, count)
        let entity = IEntities.Entity(
            lei: .zero, creditCode: "911000001000013428", name: "Lost", industry: "C1234",
            bank: .zero, since: 0, active: false)
        try run(
            [lost, new].map { account in
                Call(
                    by: 0, to: .entities,
                    data: encoded(IEntities.Function.attest.rawValue, 2) {
                        $0.write(address(account))
                        $0.write(entity)
                    })
            })
        let recover = bank(.recover, 3) {
            $0.write(address(lost))
            $0.write(address(new))
            $0.write(word: .allOnes)
        }
        try approve([recover])
        forget()
        try add("recover, \(count) orders of one line, read anew", [recover])
    }

    /// Some that have two decimals, as all tokens here.
    private static let currencies = [
        "AED", "AFN", "ALL", "AMD", "ARS", "AUD", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB",
        "BRL", "BSD", "BWP", "BZD", "CAD", "CDF", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DKK",
        "DOP", "DZD", "EGP", "ETB", "FJD", "GBP", "GEL", "GHS", "GMD", "HKD", "HNL", "HUF", "IDR",
        "ILS",
    ]

    /// A bank takes the tokens of another one at par, one in each currency.
    private mutating func parRow() throws {
        var calls: [Call] = []
        for currency in Self.currencies {
            _ = try depositToken(currency, by: 0)
            let other = try depositToken(currency, by: Self.otherBank)
            calls.append(
                bank(.acceptAtPar, 2) {
                    $0.write(other)
                    $0.write(1_000 as UInt128)
                })
        }
        try approve(calls)
        forget()
        try add("acceptAtPar, \(calls.count) currencies, read anew, in a batch", [batch(calls)])
        let lower = calls.map { call in
            var lower = call
            lower.data[lower.data.count - 1] = 1
            return lower
        }
        try add("acceptAtPar, a smaller limit, in a batch", [batch(lower)])
    }

    private mutating func decisionRow() throws {
        let (count, notice) = (Governance.waitingMax, 10)
        let height = machine.tip.height + UInt64(notice)
        func proposal(_ index: Int) -> Call {
            let proposal = IGovernance.Proposal(
                .setParameter(name: "reviewFee", value: UInt128(index) + 1), from: height)
            return Call(
                to: .governance,
                data: encoded(IGovernance.Function.propose.rawValue, 3) {
                    $0.write(IGovernance.Kind.setParameter)
                    $0.write(bytes: proposal.data)
                    $0.write(1 << 40 as UInt64)
                })
        }
        func vote(_ id: UInt64) -> Call {
            Call(
                by: Self.otherBank, to: .governance,
                data: encoded(IGovernance.Function.vote.rawValue, 2) {
                    $0.write(id)
                    $0.write(true)
                })
        }
        // They are the first proposals of this ledger.
        try run([batch((0..<count).map(proposal))])
        try add(
            "vote that decides, \(count) wait, in a batch",
            [batch((0..<count).map { vote(UInt64($0) + 1) })])
        let voted = rows[rows.count - 1].gas
        while machine.tip.height + 1 < height { try run([]) }
        // As much as the votes that asked for it.
        try add("\(count) decisions that take effect at a height", [], gas: voted)
    }
}
