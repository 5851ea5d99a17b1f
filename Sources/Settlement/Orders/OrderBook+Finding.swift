import Ledger

/// What an operation pays for having an order at hand.
enum OrderCost {
    /// By the size that was agreed when it was opened, which nobody else can change.
    case agreedSize
    /// For the work that making it binding is.
    case accepting
    /// For the work that voiding it is.
    case declining

    /// What an order costs whose claims others may have cut up since.
    func gas(of size: AgreedSize) -> UInt64 {
        switch self {
        case .agreedSize: Gas.size(parts: size.parts)
        case .accepting:
            UInt64(size.lines + (size.gates + size.attestors) / Self.attestorsPerLine) * Gas.visit
        case .declining: UInt64(size.lines) * Gas.visit
        }
    }

    /// How many attestors are looked at in the time that a line takes to become binding.
    private static let attestorsPerLine = 4
}

/// Orders and accounts, from memory or as they are stored.
///
/// What is refused never hangs on what a node has in memory.
extension OrderBook {
    /// The order with an id, loaded if need be; nil if there is none.
    func find(_ id: UInt64) -> Order? {
        orders.find(id) ?? stored(id, keeping: true, atMost: .max)
    }

    /// An order to be read only, nil if there is none; it is not kept in memory, so that a call which looks at very many
    /// holds one at a time.
    func look(_ id: UInt64) -> Order? {
        orders.find(id) ?? stored(id, keeping: false, atMost: .max)
    }

    /// As ``find(_:)`` or ``look(_:)``, for a call that pays for the order's size; what the gas does not pay for is not
    /// even decoded.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - keeping: whether it is kept in memory, as what is to be changed must be.
    ///   - free: how many of its parts are paid for already.
    /// - Returns: the order; nil if there is none.
    /// - Throws: ``Rejection/outOfGas(limit:)``.
    func paid(
        _ id: UInt64, keeping: Bool, free: Int = Gas.partsFree
    ) throws(Rejection) -> Order? {
        if let order = orders.find(id) {
            try state.gas.charge(Gas.size(parts: order.parts, free: free))
            return order
        }
        let gas = min(state.gas.limit - state.gas.used, 1 << 40)
        let most = free + Int(gas / Gas.part)
        guard let order = stored(id, keeping: keeping, atMost: most) else {
            guard id > 0, id <= counters.orders else { return nil }
            try state.gas.charge(.max)
            return nil
        }
        try state.gas.charge(Gas.size(parts: order.parts, free: free))
        return order
    }

    /// An order that is not in memory, unless it has more than so many parts: then it is decoded no further, and its
    /// bytes are not looked at again in this block for as few.
    ///
    /// - Returns: nil where there is none, too.
    func stored(_ id: UInt64, keeping: Bool, atMost most: Int) -> Order? {
        if let known = partsKnown[id], known > most { return nil }
        guard let stored = records(of: id, keeping: keeping) else { return nil }
        guard let order = decoded(stored, id, keeping: keeping, extent: .whole(atMost: most))
        else {
            partsKnown[id] = most + 1
            return nil
        }
        if keeping { orders.insert(order, for: id) }
        return order
    }

    /// An order that another record names, so that it is there.
    @inline(__always)
    func known(_ id: UInt64) -> Order {
        guard let order = find(id) else { preconditionFailure("order \(id) is named but unknown") }
        return order
    }

    /// As much of an order as was agreed when it was opened, for readers; nil if there is none.
    ///
    /// One that is in memory is whole. Of another, lines have no claims where ``Line/areClaimsApart``.
    func glance(_ id: UInt64) -> (order: Order, isWhole: Bool)? {
        if let order = orders.find(id) { return (order, true) }
        guard let stored = records(of: id, keeping: false),
            let order = decoded(stored, id, keeping: false, extent: .glance)
        else { return nil }
        return (order, false)
    }

    /// An order as the state has it.
    struct StoredOrder: Sendable {
        let fixed: [UInt8]
        let changing: [UInt8]

        var agreed: AgreedSize {
            do {
                return try AgreedSize(fixed: fixed)
            } catch {
                preconditionFailure("an order as stored: \(error)")
            }
        }
    }

    func records(of id: UInt64, keeping: Bool) -> StoredOrder? {
        guard id > 0, id <= counters.orders else { return nil }
        // What never changes is not needed again as bytes.
        guard let fixed = state.peekObject(OrderKey.fixed(id)),
            let changing = object(OrderKey.changing(id), keeping: keeping)
        else {
            precondition(state.fault != nil, "order \(id) is counted but not stored")
            return nil
        }
        return StoredOrder(fixed: fixed, changing: changing)
    }

    private func object(_ key: [UInt8], keeping: Bool) -> [UInt8]? {
        keeping ? state.object(key) : state.peekObject(key)
    }

    /// Nil only where it has more parts than the extent allows.
    private func decoded(
        _ stored: StoredOrder, _ id: UInt64, keeping: Bool, extent: Order.Extent
    ) -> Order? {
        if case .whole(let most) = extent, most < .max, stored.agreed.parts > most { return nil }
        do {
            return try Order(
                id: id, fixed: stored.fixed, changing: stored.changing, extent: extent
            ) { line in object(OrderKey.claims(id, line), keeping: keeping) }
        } catch {
            preconditionFailure("order \(id) as stored: \(error)")
        }
    }

    /// An order to be read only, whose size is paid for.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``.
    func existing(_ id: UInt64) throws(Rejection) -> Order {
        guard let order = try paid(id, keeping: false) else { throw .unknownOrder(id) }
        return order
    }

    /// An open order whose size is paid for, after its own overdue timers fired.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``,
    ///   ``Rejection/wrongStatus(order:status:)``.
    func order(_ id: UInt64, free: Int = Gas.partsFree) throws(Rejection) -> Order {
        guard let order = try paid(id, keeping: true, free: free) else { throw .unknownOrder(id) }
        try fireOverdueTimers(of: order)
        try check(order, is: .open)
        return order
    }

    /// An order for which no more is paid than it cost when it was opened, after its own overdue timers fired.
    ///
    /// What others cut it into is read for nothing: up to ``cutPartsMost`` times what was agreed at once, more only where
    /// the operation is not refused. Before, as much of it as was agreed is asked.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - cost: what is paid for its being at hand.
    ///   - check: what an operation wants of it; asks neither claims nor sources nor children.
    /// - Returns: the order.
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``, then what `check` throws.
    func order(
        _ id: UInt64, paying cost: OrderCost, if check: (Order) throws(Rejection) -> Void
    ) throws(Rejection) -> Order {
        let order = try agreed(id, paying: cost, if: check)
        try fireOverdueTimers(of: order)
        try check(order)
        return order
    }

    private func agreed(
        _ id: UInt64, paying cost: OrderCost, if check: (Order) throws(Rejection) -> Void
    ) throws(Rejection) -> Order {
        // In a batch, a later call may undo it, so that it could be done again and again.
        if state.isBatch {
            guard let order = try paid(id, keeping: true) else { throw .unknownOrder(id) }
            if cost != .agreedSize { try state.gas.charge(cost.gas(of: AgreedSize(order))) }
            return order
        }
        if let order = orders.find(id) {
            try state.gas.charge(cost.gas(of: AgreedSize(order)))
            return order
        }
        guard let stored = records(of: id, keeping: true) else { throw .unknownOrder(id) }
        let size = stored.agreed
        try state.gas.charge(cost.gas(of: size))
        let whole = Order.Extent.whole(atMost: Self.cutPartsMost * size.parts)
        if let order = decoded(stored, id, keeping: true, extent: whole) {
            orders.insert(order, for: id)
            return order
        }
        if let order = decoded(stored, id, keeping: false, extent: .glance),
            order.head.timer.map({ $0.time > state.block.now }) ?? true
        {
            try check(order)
        }
        return known(id)
    }

    /// How many times as many parts as were agreed an order may have that is read at once.
    private static let cutPartsMost = 4

    /// - Throws: ``Rejection/wrongStatus(order:status:)``.
    func check(_ order: Order, is status: OrderStatus) throws(Rejection) {
        guard order.head.status == status else {
            throw .wrongStatus(order: order.id, status: order.head.status.rawValue)
        }
    }

    /// What the book knows of an account, for readers, who may ask for any: it is not kept in memory.
    func peek(account address: Address) -> Account.Record {
        if let account = accounts.find(address) { return account.record }
        return state.peekObject(OrderKey.account(address)).map {
            believed($0, Account.Record.init(from:))
        } ?? Account.Record()
    }

    /// What the book knows of an account; nothing yet of most.
    func account(_ address: Address) -> Account {
        if let account = accounts.find(address) { return account }
        let stored = state.object(OrderKey.account(address))
        let account = Account(
            address, stored.map { believed($0, Account.Record.init(from:)) } ?? Account.Record())
        accounts.insert(account, for: address)
        return account
    }
}
