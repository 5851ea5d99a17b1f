import Gateway
import JSON
import Ledger
import Synchronization

@testable import BankDesk

/// The ledger as desks of several banks see it, in memory: tokens, redemptions, blocks with times.
///
/// Every bank takes every other one's token at par.
final class ClearingLedger: DeskLedger {
    struct Redemption: Equatable {
        let token: Address
        let owner: Address
        let amount: UInt128
        let payout: Hash32
        var state = IBanks.Redemption.requested
    }

    struct Contents: Equatable {
        var nonces: [Address: UInt64] = [:]
        /// By token, then by account.
        var balances: [Address: [Address: UInt128]] = [:]
        var supplies: [Address: UInt128] = [:]
        var redemptions: [Redemption] = []
        var times: [UInt64] = [0]
        var now: UInt64 = 1_764_000_000
        /// What was carried out, in order; blocks without effect left out.
        var done: [String] = []
    }

    private struct State {
        var members: [Member]
        var contents = Contents()
        var receipts: [Hash32: CallReceipt] = [:]
        var events: [BankEvent] = []
        /// The last block that is certified, where none are any more.
        var lastCertified: UInt64?
        /// The first block that is kept.
        var firstKept: UInt64 = 0
        /// Tokens that nobody moves now.
        var paused: Set<Address> = []
        var certified: UInt64 { lastCertified ?? UInt64(contents.times.count - 1) }
    }

    struct Member: Sendable {
        let account: Address
        let token: Address
        let name: String
        let bic: String
    }

    static let chainID: UInt64 = 3355
    static let genesis = Keccak256.hash(Array("genesis".utf8))

    private let state: Mutex<State>

    init(_ members: [Member]) { state = Mutex(State(members: members)) }

    // MARK: For tests

    var contents: Contents { state.withLock { $0.contents } }

    var now: UInt64 { state.withLock { $0.contents.now } }

    func pass(to time: UInt64) { state.withLock { $0.contents.now = max($0.contents.now, time) } }

    /// What a bank took in hand for a customer of another one.
    func give(_ amount: UInt128, of token: Address, to account: Address) {
        state.withLock { state in
            state.contents.balances[token, default: [:]][account, default: 0] += amount
            state.contents.supplies[token, default: 0] += amount
        }
    }

    func inHand(_ token: Address, by account: Address) -> UInt128 {
        contents.balances[token]?[account] ?? 0
    }

    /// Whether blocks from now on are certified.
    func certify(_ isOn: Bool) {
        state.withLock { $0.lastCertified = isOn ? nil : $0.certified }
    }

    /// The node keeps no block that there is by now.
    func forget() { state.withLock { $0.firstKept = UInt64($0.contents.times.count) } }

    /// What no bank took in hand goes back, as at its deadline.
    func returnAll() {
        state.withLock { state in
            for index in state.contents.redemptions.indices
            where state.contents.redemptions[index].state == .requested {
                end(index, .returned, &state)
            }
        }
    }

    /// Nobody moves a token until it goes on.
    func pause(_ token: Address, _ isPaused: Bool) {
        state.withLock { state in
            if isPaused { state.paused.insert(token) } else { state.paused.remove(token) }
        }
    }

    /// The node keeps all blocks again.
    func remember() { state.withLock { $0.firstKept = 0 } }

    /// An operator settles by hand what it has in hand.
    func settle(_ id: UInt64, by account: Address) {
        state.withLock { _ = move(id, .settled, by: account, &$0) }
    }

    /// An operator asks for money by hand.
    func ask(_ amount: UInt128, of token: Address, by owner: Address, _ payout: Hash32) {
        state.withLock { _ = redeem(token, amount, payout, by: owner, &$0) }
    }

    /// An operator gives tokens back by hand.
    func reject(_ id: UInt64, by account: Address) {
        state.withLock { _ = move(id, .rejected, by: account, &$0) }
    }

    /// A bank has another operator from the next block on, who has what the former one had in hand.
    func rotate(_ account: Address, to next: Address) {
        state.withLock { state in
            state.contents.times.append(state.contents.now)
            for index in state.members.indices where state.members[index].account == account {
                let one = state.members[index]
                state.members[index] = Member(
                    account: next, token: one.token, name: one.name, bic: one.bic)
            }
            for token in state.contents.balances.keys {
                let amount = state.contents.balances[token]?.removeValue(forKey: account)
                state.contents.balances[token]?[next] = amount
            }
            state.events.append(
                .operatorChanged(
                    from: account, to: next, block: UInt64(state.contents.times.count - 1)))
        }
    }

    // MARK: DeskLedger

    func facts() async throws(DeskFault) -> LedgerFacts {
        state.withLock {
            LedgerFacts(
                chainID: Self.chainID, genesis: Self.genesis, gasPrice: 1, blockGas: 1_000_000_000,
                time: $0.contents.times.last ?? 0, certified: $0.certified, isCurrent: true)
        }
    }

    func nonce(of account: Address) async throws(DeskFault) -> UInt64 {
        state.withLock { $0.contents.nonces[account, default: 0] }
    }

    func attempt(_ call: LedgerCall) async throws(DeskFault) -> Trial {
        state.withLock { state in
            var copy = state
            let refusal = run(call.data, by: call.signer, to: call.target, &copy)
            return refusal.map { .refused($0) } ?? .works(gas: 100_000, payer: call.signer)
        }
    }

    func send(_ raw: [[UInt8]]) async throws(DeskFault) -> [String?] {
        state.withLock { state in
            for one in raw {
                guard let transaction = try? VerifiedTransaction.verify(one, chainID: Self.chainID),
                    transaction.transaction.nonce
                        == state.contents.nonces[transaction.sender, default: 0]
                else { continue }
                state.contents.nonces[transaction.sender, default: 0] += 1
                state.contents.times.append(state.contents.now)
                var after = state
                let refusal = run(
                    Array(transaction.transaction.data), by: transaction.sender,
                    to: transaction.transaction.to ?? .zero, &after)
                if refusal == nil { state = after }
                state.receipts[transaction.hash] = CallReceipt(
                    block: UInt64(state.contents.times.count - 1), refusal: refusal)
            }
            return raw.map { _ in nil }
        }
    }

    func funds(of account: Address) async throws(DeskFault) -> UInt128 { .max }

    func receipts(
        of questions: [ReceiptQuestion]
    ) async throws(DeskFault) -> [CallReceipt?] {
        state.withLock { state in
            questions.map { question in
                state.receipts[question.hash].flatMap {
                    question.certified && $0.block > state.certified ? nil : $0
                }
            }
        }
    }

    func time(ofBlock height: UInt64) async throws(DeskFault) -> UInt64? {
        state.withLock { height < $0.firstKept ? nil : $0.contents.times[Int(height)] }
    }

    func read(_ contract: Address, _ data: [UInt8]) async throws(DeskFault) -> [UInt8] {
        state.withLock { state in
            var reader = ABIReader(data.dropFirst(4))
            let selector = Self.selector(data)
            if selector == IGovernance.Function.banks.rawValue {
                var writer = ABIWriter(words: 1)
                writer.write(array: state.members.map(\.account))
                return writer.finish()
            }
            if selector == IToken.Function.totalSupply.rawValue {
                return Hash32(word: state.contents.supplies[contract, default: 0]).bytes
            }
            let address = (try? reader.address()) ?? .zero
            if selector == IToken.Function.balanceOf.rawValue {
                return Hash32(word: state.contents.balances[contract]?[address] ?? 0).bytes
            }
            return answer(selector, address, state)
        }
    }

    private func answer(_ selector: UInt32, _ address: Address, _ state: State) -> [UInt8] {
        let members = state.members
        switch IBanks.Function(rawValue: selector) {
        case .bank:
            let member = members.first { $0.account == address }
            var writer = ABIWriter(words: 1)
            writer.write(
                IBanks.Bank(
                    bic: member?.bic ?? "", name: member?.name ?? "",
                    operator: member?.account ?? .zero, active: member != nil))
            return writer.finish()
        case .depositTokens:
            var writer = ABIWriter(words: 1)
            writer.write(array: members.filter { $0.account == address }.map(\.token))
            return writer.finish()
        default:
            let own = members.first { $0.token == address }
            let others = members.filter { $0.token != address }
            var writer = ABIWriter(words: 3)
            writer.write(array: others.map(\.token))
            writer.write(array: others.map { _ in UInt128.max })
            writer.write(
                array: others.map { state.contents.balances[$0.token]?[own?.account ?? .zero] ?? 0 }
            )
            return writer.finish()
        }
    }

    func events(from cursor: String) async throws(DeskFault) -> EventPage {
        state.withLock { state in
            let place = Int(cursor.split(separator: ":")[0]) ?? 0
            let next = Array(state.events.dropFirst(place).prefix(3))
            return EventPage(
                events: next, cursor: "\(place + next.count):0",
                hasMore: place + next.count < state.events.count)
        }
    }

    func issued(
        _ token: Address, under reference: Hash32
    ) async throws(DeskFault) -> (to: Address, amount: UInt128)? { nil }

    func order(_ id: UInt64) async throws(DeskFault) -> OrderFacts? { nil }

    // MARK: Carrying out

    private static func selector(_ data: [UInt8]) -> UInt32 {
        data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func run(
        _ data: [UInt8], by sender: Address, to target: Address, _ state: inout State
    ) -> LedgerRefusal? {
        if data.isEmpty { return nil }
        guard target == .banks else { return LedgerRefusal("UnknownContract") }
        var reader = ABIReader(data.dropFirst(4))
        do {
            switch IBanks.Function(rawValue: Self.selector(data)) {
            case .redeem:
                return redeem(
                    try reader.address(), try reader.amount(), try reader.word(), by: sender,
                    &state)
            case .instruct: return move(try reader.uint(), .instructed, by: sender, &state)
            case .settle: return move(try reader.uint(), .settled, by: sender, &state)
            case .reject: return move(try reader.uint(), .rejected, by: sender, &state)
            default: return nil
            }
        } catch {
            return LedgerRefusal("BadCalldata")
        }
    }

    private func redeem(
        _ token: Address, _ amount: UInt128, _ payout: Hash32, by owner: Address,
        _ state: inout State
    ) -> LedgerRefusal? {
        guard !state.paused.contains(token) else { return LedgerRefusal("TokenPaused") }
        let balance = state.contents.balances[token]?[owner] ?? 0
        guard amount > 0, balance >= amount else { return LedgerRefusal("Insufficient") }
        state.contents.balances[token]?[owner] = balance - amount
        state.contents.redemptions.append(
            Redemption(token: token, owner: owner, amount: amount, payout: payout))
        let id = UInt64(state.contents.redemptions.count)
        state.events.append(
            .requested(
                id: id, token: token, owner: owner, amount: amount, payout: payout,
                block: UInt64(state.contents.times.count - 1)))
        state.contents.done.append("redeem \(amount)")
        return nil
    }

    private func move(
        _ id: UInt64, _ next: IBanks.Redemption, by sender: Address, _ state: inout State
    ) -> LedgerRefusal? {
        let index = Int(id) - 1
        guard state.contents.redemptions.indices.contains(index) else {
            return LedgerRefusal("UnknownRedemption")
        }
        let one = state.contents.redemptions[index]
        guard state.members.contains(where: { $0.account == sender && $0.token == one.token })
        else {
            return LedgerRefusal("NotThisBanksToken")
        }
        let isRight =
            switch next {
            case .instructed: one.state == .requested
            case .settled: one.state == .instructed
            default: one.state.isInFlight
            }
        guard isRight else { return LedgerRefusal("WrongRedemptionState") }
        end(index, next, &state)
        state.contents.done.append("\(next) \(id)")
        return nil
    }

    private func end(_ index: Int, _ next: IBanks.Redemption, _ state: inout State) {
        let one = state.contents.redemptions[index]
        let id = UInt64(index) + 1
        state.contents.redemptions[index].state = next
        switch next {
        case .instructed:
            state.events.append(
                .instructed(id: id, block: UInt64(state.contents.times.count - 1)))
        case .settled:
            state.contents.supplies[one.token, default: 0] -= one.amount
            state.events.append(.settled(id: id))
        default:
            state.contents.balances[one.token, default: [:]][one.owner, default: 0] += one.amount
            state.events.append(next == .rejected ? .rejected(id: id) : .returned(id: id))
        }
    }
}
