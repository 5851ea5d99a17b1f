import Ledger
import Settlement
import Tokens

/// A ledger with two tokens, named accounts, and blocks made by hand.
final class TestLedger {
    let source = MemorySource()
    private(set) var state: State
    private(set) var tokens: TokenLedger
    private(set) var book: OrderBook
    private(set) var names: [Address: String] = [:]
    /// What the transactions of a block may set off together without paying for it.
    var transactionBudget = Int.max
    /// What the last block changed.
    private(set) var changes = StateChanges()
    /// The issuer of both tokens, who holds all their roles.
    static let issuer = TestLedger.address("issuer")
    /// The two tokens, T and U.
    static let tokens = ["T": TokenID(rawValue: 1), "U": TokenID(rawValue: 2)]
    static let chainID: UInt64 = 3355

    init(orderLimit: Int = 1 << 16) throws {
        state = State(source: source)
        tokens = TokenLedger(state: state)
        book = OrderBook(state: state, tokens: tokens, orderLimit: orderLimit)
        for symbol in ["T", "U"] {
            // U has every control; T only what is needed to make money.
            let controls: TokenControls = symbol == "T" ? .mint : .known
            _ = try tokens.create(
                NewToken(
                    name: symbol, symbol: symbol, decimals: 0, cap: 0, initialSupply: 0,
                    controls: controls, uri: ""), by: Self.issuer)
        }
        endBlock()
        beginBlock(at: 0)
    }

    static func address(_ name: String) -> Address {
        guard !name.isEmpty else { return .zero }
        return Address(Keccak256.hash(Array(name.utf8)).bytes.suffix(20)) ?? .zero
    }

    func address(_ name: String) -> Address {
        let address = Self.address(name)
        names[address] = name
        return address
    }

    func name(_ address: Address) -> String { names[address] ?? address.hex }

    /// Does something, or nothing of it; gives the effects.
    @discardableResult
    func perform(
        _ body: (OrderBook) throws(Rejection) -> Void
    ) throws(Rejection) -> [SettlementEffect] {
        let mark = state.mark()
        let start = state.effects.bytes.count
        do throws(Rejection) {
            try body(book)
        } catch {
            state.rollback(to: mark)
            throw error
        }
        let effects = effects(from: start)
        state.adopt()
        return effects
    }

    /// Does something and undoes it, as a reader's simulation does.
    func simulate(_ body: (OrderBook) throws(Rejection) -> Void) {
        let mark = state.mark()
        do throws(Rejection) { try body(book) } catch {}
        state.rollback(to: mark)
    }

    func effects(from start: Int) -> [SettlementEffect] {
        EffectReader(state.effects.bytes[start...]).compactMap {
            try? SettlementEffect(tag: $0.tag, payload: $0.payload)
        }
    }

    /// Makes a block at a time, in seconds.
    @discardableResult
    func advance(
        to time: UInt64, timerLimit: Int = .max, budget: Int = .max
    ) -> [SettlementEffect] {
        let previous = state.block.now
        endBlock()
        beginBlock(at: time)
        let made = book.continueCascades(budget: budget)
        book.fireTimers(
            upTo: time, after: previous, limit: timerLimit, budget: budget - made)
        book.budget = transactionBudget
        defer { state.adopt() }
        return effects(from: 0)
    }

    /// Forgets everything in memory and reads it again from the store.
    ///
    /// - Parameter firing: whether what is due happens.
    func restart(firing: Bool = true) {
        let block = state.block
        endBlock()
        let stepLimit = block.stepLimit
        state = State(source: source, height: block.height)
        state.block = block
        tokens = TokenLedger(state: state)
        book = OrderBook(state: state, tokens: tokens)
        beginBlock(at: block.now)
        state.block.stepLimit = stepLimit
        if firing {
            book.continueCascades(budget: .max)
            book.fireTimers(upTo: block.now, after: block.now)
        }
        book.budget = transactionBudget
    }

    private func endBlock() {
        changes = state.endBlock()
        source.write(changes)
        state.effects.removeAll()
    }

    private func beginBlock(at time: UInt64) {
        let stepLimit = state.block.stepLimit
        state.beginBlock(
            BlockContext(
                height: state.block.height + 1, now: time, chainID: Self.chainID,
                stepLimit: stepLimit))
        state.gas = GasMeter(limit: .max)
    }

    /// Everything that must always hold and does not.
    func faults(_ accounts: [String]) -> [String] {
        let audit = Audit(book)
        let addresses = accounts.map { Self.address($0) } + [Self.issuer]
        return audit.orderFaults()
            + Self.tokens.values.sorted().flatMap {
                audit.moneyFaults(in: $0, accounts: addresses)
            }
    }
}
