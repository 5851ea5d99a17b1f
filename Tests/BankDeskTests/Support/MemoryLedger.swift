import Gateway
import JSON
import Ledger
import Synchronization

@testable import BankDesk

/// The ledger as far as a desk sees it, in memory: nonces, references, redemptions, orders.
///
/// It can be told to be silent, to lose answers, to hold transactions back, and not to certify.
final class MemoryLedger: DeskLedger {
    struct Redemption: Equatable {
        var token: Address
        var owner: Address
        var amount: UInt128
        var state: IBanks.Redemption
    }

    struct Contents: Equatable {
        var nonces: [Address: UInt64] = [:]
        var balances: [Address: UInt128] = [:]
        var supply: UInt128 = 0
        var issues: [Hash32: Issue] = [:]
        var redemptions: [UInt64: Redemption] = [:]
        var orders: [UInt64: OrderFacts] = [:]
        var perDay: UInt128 = .max
        var issuedToday: UInt128 = 0
        var attested: [UInt128] = []
        var height: UInt64 = 1
        var gasPrice: UInt128 = 1
        /// What a block has, and what each call takes.
        var blockGas: UInt64 = 1_000_000_000
        var gas: UInt64 = 100_000
        /// What each issue of a batch takes beside.
        var gasOfIssue: UInt64 = 0
        /// Calls that were carried out and changed something, in order.
        var done: [String] = []
    }

    struct Issue: Equatable {
        let to: Address
        let amount: UInt128
    }

    private struct State {
        var contents = Contents()
        var receipts: [Hash32: CallReceipt] = [:]
        var events: [BankEvent] = []
        var pool: [VerifiedTransaction] = []
        var approved: Set<Hash32> = []
        var bank: Address
        var otherBanks: [Address] = []
        var penniless: Set<Address> = []
        /// What happens in the moment in which somebody asks who the banks are.
        var withOperators: [BankEvent] = []
        /// Redemptions of which the ledger takes nothing now, and why.
        var refused: [UInt64: String] = [:]
        var isHolding = false
        var keepsIssues = true
        var isCertifying = true
        var isCurrent = true
        /// What the node tells of nonces while it is behind.
        var oldNonces: [Address: UInt64]?
        var waits = 0
        /// What the node says of each transaction instead of taking it.
        var words: (@Sendable () -> String)?
        /// Asked before each call of the node: true throws before it, false after it, nil not at all.
        var trouble: (@Sendable () -> Bool?)?
    }

    static let chainID: UInt64 = 3355
    static let genesis = Keccak256.hash(Array("genesis".utf8))

    let token: Address
    private let state: Mutex<State>

    init(token: Address, bank: Address) {
        self.token = token
        state = Mutex(State(bank: bank))
    }

    // MARK: For tests

    var contents: Contents { state.withLock { $0.contents } }

    func set(_ change: @Sendable (inout Contents) -> Void) {
        state.withLock { change(&$0.contents) }
    }

    func setTrouble(_ trouble: (@Sendable () -> Bool?)?) { state.withLock { $0.trouble = trouble } }

    func hold(_ isHolding: Bool) {
        state.withLock { state in
            state.isHolding = isHolding
            if !isHolding { carryOut(&state) }
        }
    }

    func certify(_ isCertifying: Bool) { state.withLock { $0.isCertifying = isCertifying } }

    /// The node tells the nonces of before, and whether it says that it is behind; nil when it has caught up.
    func lag(_ nonces: [Address: UInt64]?, isTold: Bool = false) {
        state.withLock { state in
            state.oldNonces = nonces
            state.isCurrent = !isTold
        }
    }

    /// The bank has another operator.
    func setBank(_ bank: Address) { state.withLock { $0.bank = bank } }

    /// The node keeps no receipts of what was carried out until now.
    func forgetReceipts() { state.withLock { $0.receipts = [:] } }

    /// The node keeps no block any more in which something was issued.
    func forgetIssues() { state.withLock { $0.keepsIssues = false } }

    /// There are other banks, with these operators now.
    func setOtherBanks(_ operators: [Address]) { state.withLock { $0.otherBanks = operators } }

    /// Something happened at the banks' contract that the desk's own flows did not do.
    func announce(_ events: BankEvent...) { state.withLock { $0.events += events } }

    /// The ledger takes nothing of a redemption now; nil: it does again.
    func refuse(_ id: UInt64, _ name: String?) { state.withLock { $0.refused[id] = name } }

    /// Something happens at the banks' contract when somebody asks who the banks are, just before the answer.
    func happensWhenOperatorsAreAsked(_ event: BankEvent) {
        state.withLock { $0.withOperators.append(event) }
    }

    /// Somebody with the operator's key gives tokens back by hand.
    func rejectByHand(_ id: UInt64) {
        state.withLock { state in
            state.contents.nonces[state.bank, default: 0] += 1
            _ = move(id, from: [.requested, .instructed], .rejected, &state)
        }
    }

    /// An account cannot pay fees any more.
    func impoverish(_ account: Address) { state.withLock { _ = $0.penniless.insert(account) } }

    /// An account has got DIP again.
    func enrich(_ account: Address) { state.withLock { _ = $0.penniless.remove(account) } }

    /// How often the desk asked for receipts, was ready to wait, and got not all of them.
    var waits: Int { state.withLock { $0.waits } }

    /// The node takes no transaction, and says why; nil: it does again.
    func refuseAll(_ words: (@Sendable () -> String)?) { state.withLock { $0.words = words } }

    func dropPool() { state.withLock { $0.pool = [] } }

    func approve(_ hash: Hash32) { state.withLock { _ = $0.approved.insert(hash) } }

    /// A customer asks for its money.
    @discardableResult
    func redeem(_ amount: UInt128, by owner: Address, payout: Hash32) -> UInt64 {
        state.withLock { state in
            let id = UInt64(state.contents.redemptions.count) + 1
            precondition(state.contents.balances[owner, default: 0] >= amount)
            state.contents.balances[owner, default: 0] -= amount
            state.contents.redemptions[id] = Redemption(
                token: token, owner: owner, amount: amount, state: .requested)
            state.events.append(
                .requested(
                    id: id, token: token, owner: owner, amount: amount, payout: payout,
                    block: state.contents.height))
            return id
        }
    }

    /// A redemption's time is over.
    func returnRedemption(_ id: UInt64) {
        state.withLock { state in
            guard let one = state.contents.redemptions[id], one.state == .requested else { return }
            state.contents.redemptions[id]?.state = .returned
            state.contents.balances[one.owner, default: 0] += one.amount
            state.events.append(.returned(id: id))
        }
    }

    /// Another transaction of an account.
    func spendNonce(of account: Address) {
        state.withLock { $0.contents.nonces[account, default: 0] += 1 }
    }

    // MARK: DeskLedger

    private func ask<Value>(_ body: (inout State) -> Value) throws(DeskFault) -> Value {
        let trouble = state.withLock { $0.trouble }
        let when = trouble?()
        let lost = DeskFault.node(.unreachable("the node is silent"))
        if when == true { throw lost }
        let value = state.withLock { body(&$0) }
        if when == false { throw lost }
        return value
    }

    func facts() async throws(DeskFault) -> LedgerFacts {
        try ask { state in
            LedgerFacts(
                chainID: Self.chainID, genesis: Self.genesis, gasPrice: state.contents.gasPrice,
                blockGas: state.contents.blockGas, time: 2_000_000_000,
                certified: state.isCertifying ? state.contents.height : 0,
                isCurrent: state.isCurrent)
        }
    }

    func funds(of account: Address) async throws(DeskFault) -> UInt128 {
        try ask { $0.penniless.contains(account) ? 0 : 1_000_000_000 }
    }

    func nonce(of account: Address) async throws(DeskFault) -> UInt64 {
        try ask { $0.oldNonces?[account, default: 0] ?? $0.contents.nonces[account, default: 0] }
    }

    func attempt(_ call: LedgerCall) async throws(DeskFault) -> Trial {
        try ask { state in
            var copy = state
            let gas = Self.gas(of: call.data, state)
            guard gas <= state.contents.blockGas else {
                return .refused(LedgerRefusal("OutOfGas"))
            }
            if let refusal = run(call.data, by: call.signer, to: call.target, &copy) {
                return .refused(refusal)
            }
            return .works(gas: gas, payer: call.signer)
        }
    }

    func send(_ raw: [[UInt8]]) async throws(DeskFault) -> [String?] {
        try ask { state in
            let answers = raw.map { take($0, &state) }
            if !state.isHolding { carryOut(&state) }
            return answers
        }
    }

    private func take(_ raw: [UInt8], _ state: inout State) -> String? {
        if let words = state.words { return words() }
        guard let one = try? VerifiedTransaction.verify(raw, chainID: Self.chainID) else {
            return "no transaction"
        }
        guard !state.penniless.contains(one.sender) else { return "insufficient funds" }
        guard one.transaction.maxFeePerGas >= state.contents.gasPrice else {
            return "max fee per gas less than block base fee"
        }
        guard one.transaction.gasLimit <= state.contents.blockGas else {
            return "exceeds block gas limit"
        }
        // One of a nonce.
        state.pool.removeAll {
            $0.sender == one.sender && $0.transaction.nonce == one.transaction.nonce
        }
        state.pool.append(one)
        return nil
    }

    func receipts(
        of questions: [ReceiptQuestion]
    ) async throws(DeskFault) -> [CallReceipt?] {
        try ask { state in
            let answers = questions.map { question in
                question.certified && !state.isCertifying ? nil : state.receipts[question.hash]
            }
            let isWaiting = zip(questions, answers).contains { $0.milliseconds > 0 && $1 == nil }
            if isWaiting { state.waits += 1 }
            return answers
        }
    }

    func time(ofBlock height: UInt64) async throws(DeskFault) -> UInt64? { height }

    func read(_ contract: Address, _ data: [UInt8]) async throws(DeskFault) -> [UInt8] {
        try ask { state in
            var reader = ABIReader(data.dropFirst(4))
            switch Self.selector(data) {
            case IToken.Function.totalSupply.rawValue:
                return Hash32(word: state.contents.supply).bytes
            case IGovernance.Function.banks.rawValue:
                state.events += state.withOperators
                state.withOperators = []
                var writer = ABIWriter(words: 1)
                writer.write(array: [state.bank] + state.otherBanks)
                return writer.finish()
            case IBanks.Function.accepted.rawValue:
                var writer = ABIWriter(words: 3)
                for _ in 0..<3 { writer.write(array: [] as [Address]) }
                return writer.finish()
            case IToken.Function.balanceOf.rawValue:
                let waiting = state.contents.redemptions.values.filter(\.state.isInFlight)
                return Hash32(word: waiting.reduce(0) { $0 + $1.amount }).bytes
            case IBanks.Function.issueLimit.rawValue:
                return Hash32(word: state.contents.perDay).bytes
                    + Hash32(word: state.contents.issuedToday).bytes
            default:
                let id = (try? reader.uint(UInt64.self)) ?? 0
                let standing = state.contents.redemptions[id]?.state ?? .none
                return Hash32(word: UInt128(standing.rawValue)).bytes
            }
        }
    }

    func events(from cursor: String) async throws(DeskFault) -> EventPage {
        try ask { state in
            let place = Int(cursor.split(separator: ":")[0]) ?? 0
            let next = Array(state.events.dropFirst(place).prefix(3))
            return EventPage(
                events: next, cursor: "\(place + next.count):0",
                hasMore: place + next.count < state.events.count)
        }
    }

    func issued(
        _ token: Address, under reference: Hash32
    ) async throws(DeskFault) -> (to: Address, amount: UInt128)? {
        try ask { $0.keepsIssues ? $0.contents.issues[reference] : nil }.map { ($0.to, $0.amount) }
    }

    func order(_ id: UInt64) async throws(DeskFault) -> OrderFacts? {
        try ask { $0.contents.orders[id] }
    }

    // MARK: Carrying out

    private static func selector(_ data: [UInt8]) -> UInt32 {
        data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func gas(of data: [UInt8], _ state: State) -> UInt64 {
        guard selector(data) == IBanks.Function.issueBatch.rawValue else {
            return state.contents.gas
        }
        var reader = ABIReader(data.dropFirst(4))
        let to = try? (reader.address(), reader.array(of: Address.self)).1
        return state.contents.gas + state.contents.gasOfIssue * UInt64(to?.count ?? 0)
    }

    private func carryOut(_ state: inout State) {
        var rest: [VerifiedTransaction] = []
        var isGoingOn = true
        while isGoingOn {
            isGoingOn = false
            rest = []
            for transaction in state.pool {
                let nonce = state.contents.nonces[transaction.sender, default: 0]
                if transaction.transaction.nonce < nonce { continue }
                // Skipped: its nonce is not used.
                if transaction.transaction.maxFeePerGas < state.contents.gasPrice { continue }
                if transaction.transaction.gasLimit > state.contents.blockGas { continue }
                guard transaction.transaction.nonce == nonce else {
                    rest.append(transaction)
                    continue
                }
                state.contents.nonces[transaction.sender] = nonce + 1
                state.contents.height += 1
                var after = state
                let refusal =
                    transaction.transaction.gasLimit
                        < Self.gas(of: Array(transaction.transaction.data), state)
                    ? LedgerRefusal("OutOfGas")
                    : run(
                        Array(transaction.transaction.data), by: transaction.sender,
                        to: transaction.transaction.to ?? .zero, &after)
                if refusal == nil { state = after }
                state.receipts[transaction.hash] = CallReceipt(
                    block: state.contents.height, refusal: refusal)
                isGoingOn = true
            }
            state.pool = rest
        }
    }

    /// - Returns: why it is refused.
    private func run(
        _ data: [UInt8], by sender: Address, to target: Address, _ state: inout State
    ) -> LedgerRefusal? {
        var reader = ABIReader(data.dropFirst(4))
        do {
            if target == .orders {
                let id: UInt64 = try reader.uint()
                return fund(id, try reader.amount(), by: sender, &state)
            }
            guard target == .banks else { return LedgerRefusal("UnknownContract") }
            guard sender == state.bank else { return LedgerRefusal("NotBank") }
            switch IBanks.Function(rawValue: Self.selector(data)) {
            case .issueBatch:
                _ = try reader.address()
                let to = try reader.array(of: Address.self)
                let amounts = try reader.array(of: UInt128.self)
                let references = try reader.array(of: Hash32.self)
                return issue(to, amounts, references, Keccak256.hash(data), &state)
            case .instruct:
                let id: UInt64 = try reader.uint()
                return move(
                    id, from: [.requested], .instructed, message: try reader.word(), &state)
            case .settle: return move(try reader.uint(), from: [.instructed], .settled, &state)
            case .reject:
                return move(
                    try reader.uint(), from: [.requested, .instructed], .rejected, &state)
            case .attestReserve:
                _ = try reader.address()
                state.contents.attested.append(try reader.amount())
                return nil
            default: return LedgerRefusal("UnknownSelector")
            }
        } catch {
            return LedgerRefusal("BadCalldata")
        }
    }

    private func issue(
        _ to: [Address], _ amounts: [UInt128], _ references: [Hash32], _ hash: Hash32,
        _ state: inout State
    ) -> LedgerRefusal? {
        for index in to.indices {
            guard state.contents.issues[references[index]] == nil else {
                return LedgerRefusal("DuplicateReference", word: references[index])
            }
            guard amounts[index] > 0 else { return LedgerRefusal("ZeroAmount") }
            state.contents.issues[references[index]] = Issue(
                to: to[index], amount: amounts[index])
            state.contents.balances[to[index], default: 0] += amounts[index]
            state.contents.supply += amounts[index]
            state.contents.issuedToday += amounts[index]
        }
        guard
            state.contents.issuedToday <= state.contents.perDay
                || state.approved.remove(hash) != nil
        else { return LedgerRefusal("LimitExceeded") }
        state.contents.done.append("issue \(to.count)")
        return nil
    }

    private func move(
        _ id: UInt64, from: [IBanks.Redemption], _ next: IBanks.Redemption,
        message: Hash32 = .zero, _ state: inout State
    ) -> LedgerRefusal? {
        if let name = state.refused[id] { return LedgerRefusal(name) }
        guard let one = state.contents.redemptions[id], from.contains(one.state) else {
            return LedgerRefusal("WrongRedemptionState")
        }
        state.contents.redemptions[id]?.state = next
        switch next {
        case .settled:
            state.contents.supply -= one.amount
            state.events.append(.settled(id: id))
        case .rejected:
            state.contents.balances[one.owner, default: 0] += one.amount
            state.events.append(.rejected(id: id))
        default: state.events.append(.instructed(id: id, message: message))
        }
        state.contents.done.append("\(next) \(id)")
        return nil
    }

    private func fund(
        _ id: UInt64, _ amount: UInt128, by sender: Address, _ state: inout State
    ) -> LedgerRefusal? {
        guard let order = state.contents.orders[id], order.outstanding >= amount,
            state.contents.balances[sender, default: 0] >= amount
        else { return LedgerRefusal("NotPayable") }
        state.contents.balances[sender, default: 0] -= amount
        state.contents.orders[id]?.outstanding -= amount
        state.contents.done.append("fund \(id) \(amount)")
        return nil
    }
}
