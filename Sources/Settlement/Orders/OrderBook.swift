import Ledger
import Tokens

/// All orders on a ``State``: escrow, claims, the cascade, and what time does to them.
///
/// Orders that are open live decoded in memory, as many as fit; those that a block changed are encoded into
/// the state when the block ends. Every throwing operation checks first and then happens whole, or leaves
/// everything as it was; what follows from it (the cascade) cannot fail.
public final class OrderBook: DraftParticipant {
    /// Where everything is kept.
    public let state: State
    /// The money.
    public let tokens: TokenLedger

    /// Orders in memory.
    var orders = RecentCache<UInt64, Order>()
    /// Accounts in memory.
    var accounts = RecentCache<Address, Account>()
    /// Numbers that belong to no order.
    var counters: Counters
    /// What the running transaction and block have used up.
    var progress = Progress()
    /// Orders to be written when the block ends, in the order of their first change.
    var dirty: ContiguousArray<Order> = []
    /// Accounts to be written when the block ends, in the order of their first change.
    var dirtyAccounts: ContiguousArray<Account> = []
    /// What time does to which order next.
    var timers = TimerQueue<OrderTimer>()
    /// The orders that the running cascade has yet to visit.
    var pending = CascadeSet()
    /// What the block's transactions, or its start, looked at for free places in accounts' lists.
    var sweep = Sweep()
    /// Shares of the order being visited, by line; kept for its memory.
    var shares: ContiguousArray<UInt128> = []

    /// How many lines a closing order looks at for claims that it holds before it goes on in a later block;
    /// the same everywhere but in tests.
    var sourceLimit = 10_000
    /// How many parts of large orders it looks at before it does; some 100 MB, and the same everywhere but in tests.
    var sourcePartLimit = 1 << 20

    /// The payments that may still be made at the start of the block, or set off by its transactions, without
    /// anybody paying for them there and then.
    ///
    /// They were paid for when lines were opened and claims moved, at any time before. Undoing does not give any
    /// back: a refused transaction has kept every node as busy as another.
    public var budget = Int.max

    /// Orders that were too large for who asked for them since the last block, and how many parts they have at least.
    var partsKnown: [UInt64: Int] = [:]

    /// Whether the running cascade is one that nobody pays for there and then: it counts as steps what receivers want
    /// done with what they are paid, and how large the orders are that it needs.
    var isBudgeted = false
    /// Of the running cascade, by which an order knows whether that has counted it.
    var cascadeNumber = 0
    /// What the running cascade has to pay for beside its payments, in parts: those of large orders that it needed, and what
    /// receivers want done; and the most that is paid for.
    var partsNeeded = 0
    var partsMost = Int.max

    private var participant = 0
    private var undos: ContiguousArray<Undo> = []
    /// How many orders, and how many accounts, make a generation of those in memory.
    private let orderLimit: Int
    /// How many parts of orders make one: some 120 MB, where lines are most of them.
    private let partLimit: Int

    /// Numbers that belong to no order.
    struct Counters: Hashable, Sendable {
        /// Orders so far; the next one gets the number after it.
        var orders: UInt64 = 0
        /// Offers so far.
        var offers: UInt64 = 0
        /// The first entry of the queue of cascades that go on in later blocks.
        var queueStart: UInt64 = 0
        /// The number after the last entry of that queue.
        var queueEnd: UInt64 = 0
    }

    /// What the running transaction and block have used up.
    struct Progress: Hashable, Sendable {
        /// Payments made by the running transaction or timer.
        var steps = 0
        /// The time of the block before, or of the last timer that fired in this one.
        var floor: UInt64 = 0
    }

    /// Opens the orders of a state.
    ///
    /// - Parameters:
    ///   - state: where they are kept; what it holds in memory must be written already.
    ///   - tokens: the money of the same state.
    ///   - orderLimit: how many orders, and how many accounts, make a generation; up to two stay in memory.
    ///   - partLimit: how many parts the orders have together that make one.
    public init(
        state: State, tokens: TokenLedger, orderLimit: Int = 1 << 16, partLimit: Int = 1 << 20
    ) {
        self.state = state
        self.tokens = tokens
        self.orderLimit = orderLimit
        self.partLimit = partLimit
        counters =
            state.object(OrderKey.counters).map { believed($0, Counters.init(from:)) } ?? Counters()
        countersWritten = counters
        state.scan(prefix: [OrderKey.timerPrefix]) { key, _ in
            timers.set(believed(key, OrderTimer.init(fromKey:)))
            return true
        }
        participant = state.join(self)
    }

    /// How many orders were ever opened or proposed; ids are 1 to this.
    public var count: UInt64 { counters.orders }

    // MARK: Changing

    /// Call before changing an order's head.
    @inline(__always)
    func willChangeHead(_ order: Order) {
        note(.head(order, order.head, isFirst: markDirty(order)))
    }

    /// Call before paying a line; the head needs its own ``willChangeHead(_:)``.
    @inline(__always)
    func willPay(_ order: Order, line index: Int) {
        let line = order.lines[index]
        note(
            .payment(
                order, line: index, front: line.front, paid: line.paid,
                units: line.claims[line.front].units, areClaimsChanged: line.areClaimsChanged))
    }

    /// Call before changing gates of an order, or its head.
    func willChangeGates(_ order: Order) {
        note(.gates(order, order.gates, order.head, isFirst: markDirty(order)))
    }

    /// Call before changing a line; the head needs its own ``willChangeHead(_:)``.
    ///
    /// One line alone is kept: an order has up to 1,024, and a transaction changes thousands of them.
    func willChange(_ order: Order, line index: Int) {
        note(.line(order, index, order.lines[index]))
    }

    /// Call before changing an account.
    func willChange(_ account: Account) {
        note(.account(account, account.record, isFirst: !account.isDirty))
        guard !account.isDirty else { return }
        account.isDirty = true
        dirtyAccounts.append(account)
    }

    /// Call before changing ``counters``.
    func willChangeCounters() { note(.counters(counters)) }

    /// Call before changing ``progress``.
    func willProgress() { note(.progress(progress)) }

    /// Takes a new order into memory.
    func insert(_ order: Order) {
        _ = markDirty(order)
        orders.insert(order, for: order.id)
        note(.inserted(order))
    }

    /// Works out anew what time does to an order next; its head was saved.
    func retime(_ order: Order) {
        let next = order.nextTimer
        guard next != order.head.timer else { return }
        order.head.timer = next
        timers.set(next, of: order.id)
    }

    @inline(__always)
    private func markDirty(_ order: Order) -> Bool {
        guard !order.isDirty else { return false }
        order.isDirty = true
        dirty.append(order)
        return true
    }

    @inline(__always)
    func note(_ undo: Undo) {
        undos.append(undo)
        state.journal(participant: participant, undo: undos.count - 1)
    }

    // MARK: Drafts

    /// Undoes one change.
    public func undo(_ number: Int) {
        precondition(number == undos.count - 1, "changes of orders are undone in reverse order")
        switch undos.removeLast() {
        case .head(let order, let head, let isFirst):
            restore(head, of: order, isFirst)
        case .payment(let order, let index, let front, let paid, let units, let changed):
            order.lines[index].areClaimsChanged = changed
            order.lines[index].front = front
            order.lines[index].paid = paid
            order.lines[index].claims[front].units = units
        case .line(let order, let index, let line): order.lines[index] = line
        case .gates(let order, let gates, let head, let isFirst):
            order.gates = gates
            restore(head, of: order, isFirst)
        case .source(let order): order.sources.removeLast()
        case .child(let order): order.children.removeLast()
        case .sources(let order, let sources): order.sources = sources
        case .inserted(let order):
            timers.set(nil, of: order.id)
            orders.remove(order.id)
            unmarkDirty(order)
        case .account(let account, let old, let isFirst):
            account.record = old
            if isFirst {
                account.isDirty = false
                let last = dirtyAccounts.removeLast()
                precondition(last === account, "changes of accounts are undone in reverse order")
            }
        case .counters(let old): counters = old
        case .progress(let old): progress = old
        case .sweep(let old):
            // The nodes have looked: undoing gives nothing back.
            sweep = Sweep(last: old.last, parts: min(old.parts, sweep.parts))
        }
    }

    private func restore(_ head: Order.Head, of order: Order, _ isFirst: Bool) {
        if head.timer != order.head.timer { timers.set(head.timer, of: order.id) }
        order.head = head
        if isFirst { unmarkDirty(order) }
    }

    private func unmarkDirty(_ order: Order) {
        order.isDirty = false
        let last = dirty.removeLast()
        precondition(last === order, "changes of orders are undone in reverse order")
    }

    /// Forgets how to undo; the transaction is over.
    public func adopted() {
        undos.removeAll(keepingCapacity: true)
        progress.steps = 0
    }

    /// A transaction begins after one that is not adopted, as in a trial of several: its steps are its own.
    public func beginTransaction() {
        willProgress()
        progress.steps = 0
    }

    /// The start of a block begins, or its transactions.
    ///
    /// - Parameter budget: the payments that may be set off without anybody paying for them there and then.
    public func begin(budget: Int) {
        self.budget = budget
        sweep = Sweep()
    }

    /// Writes what the block changed.
    public func blockEnds() {
        dirty.sort { $0.id < $1.id }
        for order in dirty {
            write(order)
            order.isDirty = false
            if order.head.status == .closed {
                orders.remove(order.id)
            } else {
                orders.weigh(order, for: order.id)
            }
        }
        dirty.removeAll(keepingCapacity: true)
        if counters != countersWritten {
            state.setObject(OrderKey.counters, counters.bytes)
            countersWritten = counters
        }
        dirtyAccounts.sort { $0.address < $1.address }
        for account in dirtyAccounts {
            state.setObject(OrderKey.account(account.address), account.record.bytes)
            account.isDirty = false
        }
        dirtyAccounts.removeAll(keepingCapacity: true)
        trim()
    }

    /// Forgets orders and accounts that exceed the limits of memory and can be read again; between blocks
    /// only.
    ///
    /// A block ends with it. Whoever reads very many orders calls it now and then.
    public func trim() {
        precondition(dirty.isEmpty && dirtyAccounts.isEmpty, "a block is under way")
        sweep = Sweep()
        partsKnown.removeAll()
        orders.age(limit: orderLimit, weight: partLimit)
        accounts.age(limit: orderLimit, weight: .max)
    }

    /// What the orders in memory weigh together, in parts.
    var weight: Int { orders.weight }

    /// The counters as they are in the state.
    private var countersWritten: Counters
}
