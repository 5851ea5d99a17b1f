import Ledger

/// Orders and accounts, from memory or as they are stored.
extension OrderBook {
    /// The order with an id, loaded if need be; nil if there is none.
    func find(_ id: UInt64) -> Order? {
        if let order = orders.find(id) { return order }
        guard let order = load(id, keeping: true) else { return nil }
        orders.insert(order, for: id)
        return order
    }

    /// An order to be read only, nil if there is none; it is not kept in memory, so that a call which looks at very many
    /// holds one at a time.
    func look(_ id: UInt64) -> Order? { orders.find(id) ?? load(id, keeping: false) }

    /// An order that another record names, so that it is there.
    @inline(__always)
    func known(_ id: UInt64) -> Order {
        guard let order = find(id) else { preconditionFailure("order \(id) is named but unknown") }
        return order
    }

    private func load(_ id: UInt64, keeping: Bool) -> Order? {
        guard id > 0, id <= counters.orders else { return nil }
        func object(_ key: [UInt8]) -> [UInt8]? {
            keeping ? state.object(key) : state.peekObject(key)
        }
        // What never changes is not needed again as bytes.
        guard let fixed = state.peekObject(OrderKey.fixed(id)),
            let changing = object(OrderKey.changing(id))
        else {
            precondition(state.fault != nil, "order \(id) is counted but not stored")
            return nil
        }
        do {
            return try Order(id: id, fixed: fixed, changing: changing) { line in
                object(OrderKey.claims(id, line))
            }
        } catch {
            preconditionFailure("order \(id) as stored: \(error)")
        }
    }

    /// An order to be read only, whose size is paid for.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``.
    func existing(_ id: UInt64) throws(Rejection) -> Order {
        guard let order = look(id) else { throw .unknownOrder(id) }
        try state.gas.charge(order.sizeGas)
        return order
    }

    /// An order with this status, after its own overdue timers fired.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - status: where it must stand.
    ///   - isPrepaid: whether opening it paid for what is done, whatever size others have given it meanwhile.
    /// - Returns: the order.
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``,
    ///   ``Rejection/wrongStatus(order:status:)``.
    func order(
        _ id: UInt64, _ status: OrderStatus = .open, isPrepaid: Bool = false
    ) throws(Rejection) -> Order {
        guard let order = find(id) else { throw .unknownOrder(id) }
        // In a batch, a later call may undo it, so that it could be done again and again.
        if !isPrepaid || state.isBatch { try state.gas.charge(order.sizeGas) }
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
