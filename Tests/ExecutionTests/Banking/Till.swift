import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// A ledger in memory with two banks and their customers; gas costs nothing.
///
/// After every block the books are looked at: supply, escrow, redemptions in flight.
struct Till {
    /// What a call came to.
    enum Answer: Equatable {
        case done([UInt8])
        case refused([UInt8])
        case skipped

        static func refused(_ rejection: Rejection) -> Answer { .refused(rejection.revertData) }
        static let done = Answer.done([])
    }

    /// A call that somebody signs.
    struct Step {
        var by: Who
        var to = Address.banks
        var data: [UInt8]
        var gasLimit: UInt64 = 100_000_000

        init(_ by: Who, _ data: [UInt8], to: Address = .banks, gasLimit: UInt64 = 100_000_000) {
            self.by = by
            self.to = to
            self.data = data
            self.gasLimit = gasLimit
        }
    }

    /// Who signs.
    enum Who: Int, CaseIterable {
        case east, eastChecker, west, westChecker, north
        case buyer, supplier, maker, stranger, spare
    }

    private(set) var machine: Machine
    let source: MemorySource
    var time: UInt64 = 1_764_000_000_000
    /// The last block.
    var block: StoredBlock
    private var nonces: [Address: UInt64] = [:]

    private static let keys = Who.allCases.map {
        PrivateKey(Keccak256.hash("till \($0)").bytes)!
    }

    static func key(_ who: Who) -> PrivateKey { keys[who.rawValue] }
    static func address(_ who: Who) -> Address { key(who).address }

    static let wealth: UInt128 = 1_000 * Rules.oneDIP

    /// Founds a ledger with the banks East, West and North.
    init(rules: Rules = Rules(gasPrice: 0)) {
        let genesis = Genesis(
            chainID: Genesis.developmentChainID, timeMillis: time,
            allocations: Who.allCases.map {
                Genesis.Allocation(account: Self.address($0), amount: Amount(Self.wealth))
            }, rules: rules,
            validators: [Who.east, .west, .north].map {
                .init(
                    name: "Bank \($0)",
                    address: Address(high: 7, middle: 7, low: UInt32($0.rawValue)),
                    operator: Self.address($0), endpoint: "\($0):4000")
            }, certificateQuorum: 2, checkpointInterval: 0)
        source = MemorySource()
        let begun = Machine.begin(genesis, state: State(source: source))
        machine = begun.machine
        block = try! StoredBlock(decoding: begun.block.stored)
        store()
    }

    /// East has a token in CNY, a checker, and a limit of a million a day; West one in CNY too.
    static func open(rules: Rules = Rules(gasPrice: 0), perDay: UInt128 = 1_000_000) -> Till {
        var till = Till(rules: rules)
        for (bank, checker) in [(Who.east, Who.eastChecker), (.west, .westChecker)] {
            till.createToken(by: bank)
            let token = till.token(of: bank)
            let limit = IBanks.setIssueLimit(token, perDay)
            till.runAll([
                Step(bank, IBanks.setDepositToken(token, "CNY")),
                Step(bank, IBanks.setChecker(address(checker))),
                Step(checker, IBanks.approve(Keccak256.hash(limit))), Step(bank, limit),
            ])
        }
        return till
    }

    // MARK: Blocks

    /// Executes a block of calls.
    @discardableResult
    mutating func run(_ steps: [Step], after seconds: UInt64 = 1) -> [Answer] {
        time += 1000 * seconds
        // Together they may ask for no more than a block has.
        let share = machine.rules.blockGasLimit / UInt64(max(steps.count, 1))
        let transactions = steps.map { step -> VerifiedTransaction in
            let account = Self.address(step.by)
            let nonce = nonces[account, default: 0]
            nonces[account] = nonce + 1
            let transaction = Transaction(
                chainID: Genesis.developmentChainID, nonce: nonce, maxFeePerGas: 1 << 40,
                gasLimit: min(step.gasLimit, share), to: step.to, value: 0, data: step.data)
            return try! VerifiedTransaction.verify(
                transaction.sign(with: Self.key(step.by)), chainID: Genesis.developmentChainID)
        }
        let body = Body.encode(
            version: 1, height: machine.tip.height + 1, parent: machine.tip.body,
            timeMillis: time, leader: .zero, transactions: transactions)
        let executed = try! machine.execute(Body(decoding: body), transactions)
        block = try! StoredBlock(decoding: executed.stored)
        store()
        checkBooks()
        return steps.indices.map { index in
            let record = try! block.record(index)
            return switch record.outcome {
            case .done: .done(Array(record.output))
            case .refused: .refused(Array(record.output))
            case .skipped: .skipped
            }
        }
    }

    /// Executes a block of one call.
    @discardableResult
    mutating func run(
        _ by: Who, _ data: [UInt8], to: Address = .banks, gasLimit: UInt64 = 100_000_000
    ) -> Answer {
        run([Step(by, data, to: to, gasLimit: gasLimit)])[0]
    }

    /// Executes a block of calls, all of which must be done.
    mutating func runAll(_ steps: [Step]) {
        for (index, answer) in run(steps).enumerated() {
            guard case .done = answer else {
                Testing.Issue.record("step \(index): \(answer)")
                continue
            }
        }
    }

    /// Lets time pass without any transaction.
    mutating func pass(seconds: UInt64) { run([], after: seconds) }

    private func store() { source.write(machine.state.collectChanges()) }

    /// Begins anew over what was stored, as a node that was stopped does.
    mutating func restart() {
        let tip = machine.tip
        machine = Machine(
            genesis: machine.genesis, state: State(source: source, height: tip.height), tip: tip)
    }

    // MARK: Books

    var tokens: TokenLedger { machine.tokens }

    func checkBooks() {
        var sums = MoneySums()
        let accounts =
            Who.allCases.map(Self.address) + [.zero]
            + (0xd100...0xd10f as ClosedRange<UInt16>).map(Address.contract)
        for number in 0...tokens.count {
            let token = TokenID(rawValue: number)
            for account in accounts {
                for key in [token.balanceKey(account), token.heldKey(account)] {
                    sums.add(key, machine.state.cell(key).amount)
                }
            }
        }
        #expect(sums.faults(tokens) == [])
        #expect(RedemptionAudit(tokens).faults() == [])
    }

    func balance(_ who: Who, _ bank: Who = .east) -> UInt128 {
        balance(Self.address(who), bank)
    }

    func balance(_ account: Address, _ bank: Who = .east) -> UInt128 {
        tokens.balance(of: account, in: id(of: bank))
    }

    func held(_ who: Who, _ bank: Who = .east) -> UInt128 {
        tokens.held(Self.address(who), in: id(of: bank))
    }

    func supply(_ bank: Who = .east) -> UInt128 { tokens.supply(of: id(of: bank)) }

    func state(_ id: UInt64) -> IBanks.Redemption? { tokens.redemption(id)?.state }

    // MARK: Tokens

    private var created: [Who: TokenID] = [:]

    /// Has a bank issue a token as deposit tokens are.
    @discardableResult
    mutating func createToken(
        by bank: Who, decimals: UInt8 = 2, cap: UInt128 = 0, supply: UInt128 = 0,
        controls: TokenControls = [.mint, .burn, .pause, .freeze, .clawback]
    ) -> Address {
        let new = ITokens.NewToken(
            name: "\(bank) Money", symbol: "M\(tokens.count)", decimals: decimals, cap: cap,
            initialSupply: supply, controls: controls.rawValue, uri: "")
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(new)
        run(bank, writer.finish(), to: .tokens)
        created[bank] = TokenID(rawValue: tokens.count)
        return token(of: bank)
    }

    func id(of bank: Who) -> TokenID { created[bank] ?? .dip }
    func token(of bank: Who = .east) -> Address { tokens.address(of: id(of: bank)) }

    // MARK: Asking

    /// The effects of the last block in the order in which they happened: its own, then its transactions'.
    var effects: [TokenEffect] {
        let count = block.transactions.count
        return ([count] + Array(0..<count)).flatMap { index in
            EffectReader(try! block.record(index).effects).compactMap {
                try? TokenEffect(tag: $0.tag, payload: $0.payload)
            }
        }
    }

    /// Effects of banks in the last block.
    var bankingEffects: [BankingEffect] {
        (0...block.transactions.count).flatMap { index in
            EffectReader(try! block.record(index).effects).compactMap {
                try? BankingEffect(tag: $0.tag, payload: $0.payload)
            }
        }
    }

    func ask(_ data: [UInt8], to: Address = .banks) -> [UInt8] {
        let answer = machine.simulate(
            sender: .zero, to: to, value: 0, data: data, gasLimit: 10_000_000, now: time / 1000)
        return (try? answer.result.get()) ?? []
    }
}

/// Calls as clients encode them.
extension IBanks {
    static func call(
        _ function: Function, words: Int, _ body: (inout ABIWriter) -> Void
    ) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        body(&writer)
        return writer.finish()
    }

    static func setBic(_ bic: String) -> [UInt8] {
        call(.setBic, words: 1) { $0.write(string: bic) }
    }

    static func setDepositToken(_ token: Address, _ currency: String) -> [UInt8] {
        call(.setDepositToken, words: 2) {
            $0.write(token)
            $0.write(fixedBytes: Array(currency.utf8))
        }
    }

    static func setChecker(_ checker: Address) -> [UInt8] {
        call(.setChecker, words: 1) { $0.write(checker) }
    }

    static func approve(_ hash: Hash32) -> [UInt8] {
        call(.approve, words: 1) { $0.write(word: hash) }
    }

    static func setIssueLimit(_ token: Address, _ perDay: UInt128) -> [UInt8] {
        call(.setIssueLimit, words: 2) {
            $0.write(token)
            $0.write(perDay)
        }
    }

    static func setOperator(_ next: Address) -> [UInt8] {
        call(.setOperator, words: 1) { $0.write(next) }
    }

    static func issue(_ token: Address, _ to: Address, _ amount: UInt128, _ number: UInt64)
        -> [UInt8]
    {
        call(.issue, words: 4) {
            $0.write(token)
            $0.write(to)
            $0.write(amount)
            $0.write(word: Hash32(0, 0, 7, number))
        }
    }

    static func issueBatch(_ token: Address, _ issues: [(Address, UInt128, UInt64)]) -> [UInt8] {
        call(.issueBatch, words: 4) {
            $0.write(token)
            $0.write(array: issues.map(\.0))
            $0.write(array: issues.map(\.1))
            $0.write(array: issues.map { Hash32(0, 0, 7, $0.2) })
        }
    }

    static let payout = Hash32(9, 9, 9, 9)

    static func redeem(_ token: Address, _ amount: UInt128, payout: Hash32 = payout) -> [UInt8] {
        call(.redeem, words: 3) {
            $0.write(token)
            $0.write(amount)
            $0.write(word: payout)
        }
    }

    static func setAutoRedeem(
        _ token: Address, payout: Hash32 = payout, minimum: UInt128 = 0
    ) -> [UInt8] {
        call(.setAutoRedeem, words: 3) {
            $0.write(token)
            $0.write(word: payout)
            $0.write(minimum)
        }
    }

    static func instruct(_ id: UInt64) -> [UInt8] {
        call(.instruct, words: 2) {
            $0.write(id)
            $0.write(word: Hash32(1, 0, 0, id))
        }
    }

    static func settle(_ id: UInt64) -> [UInt8] {
        call(.settle, words: 2) {
            $0.write(id)
            $0.write(word: Hash32(2, 0, 0, id))
        }
    }

    static func reject(_ id: UInt64, _ reason: String = "AC04 closed account") -> [UInt8] {
        call(.reject, words: 2) {
            $0.write(id)
            $0.write(string: reason)
        }
    }

    static func attestReserve(_ token: Address, _ balance: UInt128, asOf: UInt64) -> [UInt8] {
        call(.attestReserve, words: 4) {
            $0.write(token)
            $0.write(balance)
            $0.write(word: Hash32(3, 0, 0, 0))
            $0.write(asOf)
        }
    }
}

extension Till {
    /// Has East freeze an account, or thaw it.
    mutating func freeze(_ who: Who, _ isOn: Bool = true) {
        var writer = ABIWriter(selector: IToken.Function.freeze.rawValue, words: 2)
        writer.write(Self.address(who))
        writer.write(isOn)
        runAll([Step(.east, writer.finish(), to: token())])
    }

    /// Has East stop its token, or let it go on.
    mutating func pause(_ isOn: Bool = true) {
        let function = isOn ? IToken.Function.pause : .unpause
        let data = ABIWriter(selector: function.rawValue, words: 0).finish()
        runAll([Step(.east, data, to: token())])
    }

    /// Has the banks decide something, which then holds.
    mutating func decide(_ change: IGovernance.Change) {
        let banks = machine.bankSet.banks.map(\.operator)
        let voters = Who.allCases.filter { banks.contains(Self.address($0)) }
        let answer = run([Step(voters[0], Council.propose(change), to: .treasury)])[0]
        guard case .done(let output) = answer, let id = Hash32(output)?.number else {
            Testing.Issue.record("\(answer)")
            return
        }
        for voter in voters.dropFirst() {
            run([Step(voter, Council.vote(UInt64(id)), to: .treasury)])
        }
        pass(seconds: 1)
    }
}
