import Ledger

/// What an operation pays for having an order at hand.
enum OrderCost {
    /// By its size.
    case size
    /// By the size that was agreed when it was opened, which nobody else can change.
    case agreedSize
    /// Nothing but what the operation itself charges.
    case nothing
}

/// Orders and accounts, from memory or as they are stored.
extension OrderBook {
    /// The order with an id, loaded if need be; nil if there is none.
    func find(_ id: UInt64) -> Order? {
        orders.find(id) ?? stored(id, keeping: true).map { keep(decoded($0, id, keeping: true)) }
    }

    /// An order to be read only, nil if there is none; it is not kept in memory, so that a call which looks at very many
    /// holds one at a time.
    func look(_ id: UInt64) -> Order? {
        orders.find(id) ?? stored(id, keeping: false).map { decoded($0, id, keeping: false) }
    }

    /// As ``find(_:)`` or ``look(_:)``, for a call that pays for the order's size; what the gas does not pay for is not
    /// even decoded.
    ///
    /// - Throws: ``Rejection/outOfGas(limit:)``.
    func paid(_ id: UInt64, keeping: Bool) throws(Rejection) -> Order? {
        if let order = orders.find(id) {
            try state.gas.charge(order.sizeGas)
            return order
        }
        guard let stored = stored(id, keeping: keeping) else { return nil }
        guard Gas.size(parts: stored.leastParts) <= state.gas.limit - state.gas.used else {
            throw try spent()
        }
        let order = decoded(stored, id, keeping: keeping)
        if keeping { keep(order) }
        try state.gas.charge(order.sizeGas)
        return order
    }

    /// Uses up all gas.
    private func spent() throws(Rejection) -> Rejection {
        try state.gas.charge(.max)
        return .outOfGas(limit: state.gas.limit)
    }

    /// An order that another record names, so that it is there.
    @inline(__always)
    func known(_ id: UInt64) -> Order {
        guard let order = find(id) else { preconditionFailure("order \(id) is named but unknown") }
        return order
    }

    /// An order as the state has it.
    private struct StoredOrder {
        let fixed: [UInt8]
        let changing: [UInt8]

        /// No part takes more bytes than a line of the largest amount, so that there are no fewer than these.
        var leastParts: Int {
            (fixed.count - Order.fixedHeadBytes) / Order.fixedPartBytesMost
        }
    }

    private func stored(_ id: UInt64, keeping: Bool) -> StoredOrder? {
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

    private func decoded(_ stored: StoredOrder, _ id: UInt64, keeping: Bool) -> Order {
        do {
            return try Order(id: id, fixed: stored.fixed, changing: stored.changing) { line in
                object(OrderKey.claims(id, line), keeping: keeping)
            }
        } catch {
            preconditionFailure("order \(id) as stored: \(error)")
        }
    }

    @discardableResult
    private func keep(_ order: Order) -> Order {
        orders.insert(order, for: order.id)
        return order
    }

    /// An order to be read only, whose size is paid for.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``.
    func existing(_ id: UInt64) throws(Rejection) -> Order {
        guard let order = try paid(id, keeping: false) else { throw .unknownOrder(id) }
        return order
    }

    /// An order with this status, after its own overdue timers fired.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - status: where it must stand.
    ///   - cost: what is paid for its being at hand.
    /// - Returns: the order.
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``,
    ///   ``Rejection/wrongStatus(order:status:)``.
    func order(
        _ id: UInt64, _ status: OrderStatus = .open, paying cost: OrderCost = .size
    ) throws(Rejection) -> Order {
        // In a batch, a later call may undo it, so that it could be done again and again.
        let isWhole = cost == .size || state.isBatch
        guard let order = isWhole ? try paid(id, keeping: true) : find(id) else {
            throw .unknownOrder(id)
        }
        if !isWhole, cost == .agreedSize { try state.gas.charge(order.agreedGas) }
        try fireOverdueTimers(of: order)
        try check(order, is: status)
        return order
    }

    /// - Throws: ``Rejection/wrongStatus(order:status:)``.
    func check(_ order: Order, is status: OrderStatus) throws(Rejection) {
        guard order.head.status == status else {
            throw .wrongStatus(order: order.id, status: order.head.status.rawValue)
        }
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
