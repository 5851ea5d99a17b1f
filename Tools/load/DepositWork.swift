import Execution
import Foundation
import Ledger
import Settlement
import Tokens

/// What deposit tokens cost the core: payouts in them beside payouts in an ordinary token, issues, and
/// redemptions, on one core and in memory.
struct DepositWork {
    /// One kind of work, and how fast it went.
    struct Row: Codable {
        var name: String
        var perSecond: Double
        /// Beside the first row.
        var ratio: Double
    }

    private static let payees = 10_000
    private static let lines = 1_000
    private static let wealth: UInt128 = 1 << 90

    private let machine: Machine
    private let accounts: Accounts
    private let signer = Signer()
    private var nonces: [UInt64]
    private var time: UInt64 = 1_764_000_000_000
    private var references: UInt64 = 0
    private var random = Seeded(1)

    /// Where another bank's operator is among the accounts, its checker behind it.
    private static let elsewhere = 2 + payees

    /// Account 0 is the bank's operator, account 1 its checker; the last two are another bank's; the others are
    /// paid.
    init() {
        let accounts = Accounts(count: Self.payees + 4, seed: 7)
        self.accounts = accounts
        nonces = Array(repeating: 0, count: Self.payees + 4)
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: time, allocations: [],
            rules: Rules(gasPrice: 0, blockGasLimit: 1_000_000_000_000, stepLimit: 1_000_000),
            validators: [("Bank", 0), ("Elsewhere", Self.elsewhere)].map {
                .init(name: $0.0, address: accounts.addresses[$0.1])
            }, certificateQuorum: 2, checkpointInterval: 0)
        machine = Machine.begin(genesis, state: State(source: EmptySource())).machine
    }

    /// Measures each kind in turn, in time of the processor, and gives the mean.
    mutating func measure() throws -> [Row] {
        let plain = try token(deposit: false)
        let deposit = try token(deposit: true)
        var rows: [Row] = []
        func add(_ name: String, _ perSecond: Double) {
            rows.append(
                Row(
                    name: name, perSecond: perSecond,
                    ratio: perSecond / (rows.first?.perSecond ?? perSecond)))
        }
        var seconds = [0.0, 0.0]
        // Turn by turn, and who begins changes: what else the machine does meets both alike, and so does
        // a ledger that grows.
        for turn in 0..<8 {
            for index in turn % 2 == 0 ? [0, 1] : [1, 0] {
                let took = 1 / (try payouts([plain, deposit][index]))
                if turn > 1 { seconds[index] += took / 6 }
            }
        }
        let other = try token(deposit: true, by: Self.elsewhere)
        let accept = call(.acceptAtPar, 2) {
            $0.write(deposit)
            $0.write(UInt128.max)
        }
        try approve(accept, by: Self.elsewhere)
        let accepted = try mean { work throws in try work.payouts(deposit) }
        try all(.setPayoutToken, 1) { $0.write(other) }
        let converted = try mean { work throws in try work.payouts(deposit) }
        try all(.setPayoutToken, 1) { $0.write(Address.zero) }
        try all(.setAutoRedeem, 3) {
            $0.write(deposit)
            $0.write(word: Hash32(1, 1, 1, 1))
            $0.write(1 as UInt64)
        }
        let redeemed = try mean { work throws in try work.payouts(deposit) }
        let issues = try mean { work throws in try work.issue(deposit, batches: 10) }
        add("payouts by cascade, an ordinary token", 1 / seconds[0])
        add("payouts by cascade, a deposit token", 1 / seconds[1])
        add("payouts by cascade, a deposit token that another bank takes", accepted)
        add("payouts by cascade that are converted", converted)
        add("payouts by cascade that redeem themselves", redeemed)
        add("issues in batches of 1,000", issues)
        return rows
    }

    /// How many a second, of five times after one that does not count.
    private mutating func mean(
        _ perSecond: (inout DepositWork) throws -> Double
    ) throws -> Double {
        _ = try perSecond(&self)
        var seconds = 0.0
        for _ in 0..<5 { seconds += try 1 / perSecond(&self) / 5 }
        return 1 / seconds
    }

    /// A table for people, or one JSON array.
    static func text(_ rows: [Row], json: Bool) throws -> String {
        if json { return String(decoding: try JSONEncoder().encode(rows), as: UTF8.self) }
        let lines = rows.map {
            String(format: "%12.0f/s  %5.2f  ", $0.perSecond, $0.ratio) + $0.name
        }
        return (["deposit tokens, one core, in memory:"] + lines).joined(separator: "\n")
    }

    // MARK: Work

    /// Pays orders of 1,000 lines by cascade.
    /// - Returns: payouts a second.
    private mutating func payouts(_ token: Address) throws -> Double {
        let orders = 20
        let first = machine.orders.count + 1
        let opens = (0..<orders).map { _ in
            var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            writer.write(
                IOrders.Terms(
                    token: token, buyer: accounts.addresses[0],
                    lines: (0..<Self.lines).map { _ in
                        .init(
                            tier: 0, payee: accounts.addresses[2 + random.below(Self.payees)],
                            amount: 1)
                    }))
            return writer.finish()
        }
        try run(opens.map { (0, .orders, $0) })
        let funds = (0..<orders).map { index in
            var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            writer.write(first + UInt64(index))
            writer.write(UInt128(Self.lines))
            return writer.finish()
        }
        return Double(orders * Self.lines) / (try run(funds.map { (0, .orders, $0) }))
    }

    private mutating func issue(_ token: Address, batches: Int) throws -> Double {
        let calls = (0..<batches).map { _ in
            let payees = (0..<Self.lines).map { _ in
                accounts.addresses[2 + random.below(Self.payees)]
            }
            return call(.issueBatch, 4) {
                $0.write(token)
                $0.write(array: payees)
                $0.write(array: payees.map { _ in 1 as UInt128 })
                $0.write(
                    array: payees.map { _ in
                        references += 1
                        return Keccak256.hash("\(references)")
                    })
            }
        }
        return Double(batches * Self.lines) / (try run(calls.map { (0, .banks, $0) }))
    }

    /// All that are paid call 0x…d105.
    private mutating func all(
        _ function: IBanks.Function, _ words: Int, _ body: (inout ABIWriter) -> Void
    ) throws {
        let data = call(function, words, body)
        try run((2..<2 + Self.payees).map { ($0, .banks, data) })
    }

    /// A call of a bank that its checker approved.
    private mutating func approve(_ data: [UInt8], by bank: Int) throws {
        let hash = Keccak256.hash(data)
        try run([
            (bank + 1, .banks, call(.approve, 1) { $0.write(word: hash) }), (bank, .banks, data),
        ])
    }

    /// A token that a bank has enough of.
    private mutating func token(deposit: Bool, by bank: Int = 0) throws -> Address {
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "Money", symbol: "M", decimals: 2, cap: 0,
                initialSupply: deposit ? 0 : Self.wealth, controls: 31, uri: ""))
        try run([(bank, .tokens, writer.finish())])
        let id = TokenID(rawValue: machine.tokens.count)
        let token = machine.tokens.address(of: id)
        guard deposit else { return token }
        try run([
            (
                bank, .banks,
                call(.setDepositToken, 2) {
                    $0.write(token)
                    $0.write(fixedBytes: Array("CNY".utf8))
                }
            ),
            (bank, .banks, call(.setChecker, 1) { $0.write(accounts.addresses[bank + 1]) }),
        ])
        let limit = call(.setIssueLimit, 2) {
            $0.write(token)
            $0.write(UInt128.max)
        }
        try approve(limit, by: bank)
        let issue = call(.issue, 4) {
            $0.write(token)
            $0.write(accounts.addresses[bank])
            $0.write(Self.wealth)
            $0.write(word: .zero)
        }
        try run([(bank, .banks, issue)])
        return token
    }

    private func call(
        _ function: IBanks.Function, _ words: Int, _ body: (inout ABIWriter) -> Void
    ) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        body(&writer)
        return writer.finish()
    }

    /// Executes a block of calls, all of which must be done.
    /// - Returns: the seconds that executing took, signatures left out.
    @discardableResult
    private mutating func run(_ calls: [(by: Int, to: Address, data: [UInt8])]) throws -> Double {
        time += 1000
        var raws: [VerifiedTransaction] = []
        for call in calls {
            let raw = signer.sign(
                accounts.key(call.by), nonce: nonces[call.by], to: call.to, data: call.data,
                gas: 100_000_000)
            nonces[call.by] += 1
            raws.append(try .verify(raw, chainID: Genesis.developmentChainID))
        }
        let (block, seconds) = try machine.executeTimed(raws, timeMillis: time)
        try block.checkAllDone()
        return seconds
    }
}
