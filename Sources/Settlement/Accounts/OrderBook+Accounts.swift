import Ledger

extension OrderBook {
    // MARK: Consent

    /// Whether an account lets others set off its due debts and claims.
    public func consents(_ account: Address) -> Bool { self.account(account).record.consents }

    /// Lets others set off an account's due debts and claims, or no longer.
    public func setConsent(_ isOn: Bool, by: Address) {
        let account = account(by)
        if account.record.consents != isOn {
            willChange(account)
            account.record.consents = isOn
        }
        record(.consentSet(account: by, isOn: isOn))
    }

    // MARK: Which orders and claims

    /// Notes a new order with everybody who has a part in it.
    func indexParties(of order: Order) {
        var seen: Set<Address> = [.zero]
        func add(_ address: Address) {
            if seen.insert(address).inserted { append(order.id, to: account(address)) }
        }
        add(order.fixed.buyer)
        add(order.fixed.proposer)
        for (index, line) in order.lines.enumerated() {
            add(line.payee)
            append(
                Account.Entry(order: order.id, line: UInt16(index)), to: account(line.payee))
        }
        add(order.fixed.arbiter)
        for gate in order.gates { for attestor in gate.terms.attestors { add(attestor) } }
    }

    /// Notes that an account got a part in an order that it may not have had.
    func joined(_ address: Address, _ order: Order) {
        guard !isParty(address, of: order) else { return }
        let key = OrderKey.part(address, order.id)
        guard state.object(key) == nil else { return }
        state.setObject(key, OrderKey.present)
        append(order.id, to: account(address))
    }

    /// Notes that an account is about to get claims of a line.
    func willHold(_ address: Address, _ order: Order, line index: UInt16) {
        joined(address, order)
        guard ClaimList.units(of: address, in: order.lines[Int(index)].open) == 0 else { return }
        append(Account.Entry(order: order.id, line: index), to: account(address))
    }

    private func isParty(_ address: Address, of order: Order) -> Bool {
        order.fixed.buyer == address || order.fixed.proposer == address
            || order.fixed.arbiter == address
            || order.lines.contains { $0.payee == address }
            || order.gates.contains { $0.terms.attestors.contains(address) }
    }

    private func append(_ order: UInt64, to account: Account) {
        willChange(account)
        append(
            Account.Entry(order: order, line: 0), to: &account.record.orders,
            page: { OrderKey.orderPage(account.address, $0) })
    }

    private func append(_ claim: Account.Entry, to account: Account) {
        willChange(account)
        // One old entry is looked at for each new one, so that the list stays as long as what it is for.
        note(.sweep(sweep))
        sweep.parts += Sweep.partsPerClaim
        if account.record.claims.count > 0, sweep.parts >= 0 {
            let position = account.record.sweep
            account.record.sweep = (position + 1) % account.record.claims.count
            if replace(position, in: account, by: claim) { return }
        }
        append(
            claim, to: &account.record.claims, page: { OrderKey.claimPage(account.address, $0) })
    }

    private func append(
        _ entry: Account.Entry, to list: inout Account.PagedList, page: (UInt32) -> [UInt8]
    ) {
        guard list.count < Account.PagedList.limit else { return }
        list.tail.append(entry)
        list.count += 1
        if list.tail.count == Int(Account.PagedList.pageSize) {
            state.setObject(
                page(list.count / Account.PagedList.pageSize - 1), bytes(of: list.tail))
            list.tail = []
        }
    }

    /// Puts a claim in the place of one that the account does not hold any more.
    private func replace(
        _ position: UInt32, in account: Account, by claim: Account.Entry
    ) -> Bool {
        let size = Account.PagedList.pageSize
        let (number, place) = (position / size, Int(position % size))
        guard number < account.record.claims.count / size else {
            guard isPast(account.record.claims.tail[place], account.address) else {
                return false
            }
            account.record.claims.tail[place] = claim
            return true
        }
        let key = OrderKey.claimPage(account.address, number)
        var entries = page(key)
        guard place < entries.count, isPast(entries[place], account.address) else {
            return false
        }
        entries[place] = claim
        state.setObject(key, bytes(of: entries))
        return true
    }

    /// Whether an account does not hold claims of a line any more; of a proposal it does not yet.
    private func isPast(_ entry: Account.Entry, _ holder: Address) -> Bool {
        guard let order = lookSweeping(entry.order) else { return true }
        return order.head.status != .proposed && units(of: holder, line: entry.line, of: order) == 0
    }

    /// An order to be read only, whose size counts unless it was looked at just before.
    private func lookSweeping(_ id: UInt64) -> Order? {
        // What has changed in this block is in memory, so that the last one is as it was.
        if sweep.last?.id == id { return orders.find(id) ?? sweep.last }
        guard let order = look(id) else { return nil }
        sweep.last = order
        sweep.parts -= max(order.parts - Gas.partsFree, 0)
        return order
    }

    /// What an account holds of a line of an order that is open; nothing of others.
    func units(of holder: Address, _ entry: Account.Entry) -> UInt128 {
        guard let order = look(entry.order) else { return 0 }
        return units(of: holder, line: entry.line, of: order)
    }

    /// What an account holds of a line of an order, if that is open.
    func units(of holder: Address, line index: UInt16, of order: Order) -> UInt128 {
        guard order.head.status == .open, index < order.lines.count else { return 0 }
        return ClaimList.units(of: holder, in: order.lines[Int(index)].open)
    }

    /// Calls `body` with the entries of a list from a position on, until it answers false; pages are kept in memory
    /// unless they are only looked at.
    func forEach<Failure: Error>(
        in list: Account.PagedList, from start: UInt32 = 0, keeping: Bool = true,
        page key: (UInt32) -> [UInt8], _ body: (Account.Entry) throws(Failure) -> Bool
    ) throws(Failure) {
        let size = Account.PagedList.pageSize
        var position = start
        while position < list.count {
            let number = position / size
            let isFull = number < list.count / size
            let entries = isFull ? page(key(number), keeping: keeping) : list.tail
            guard position % size < entries.count else { return }
            for entry in entries[Int(position % size)...] {
                guard try body(entry) else { return }
            }
            position = (number + 1) * size
        }
    }

    private func page(_ key: [UInt8], keeping: Bool = true) -> [Account.Entry] {
        guard let bytes = keeping ? state.object(key) : state.peekObject(key) else {
            precondition(state.fault != nil, "a page of an account is not stored")
            return []
        }
        return believed(listIn: bytes) { try $0.readEntry() }
    }

    private func bytes(of entries: [Account.Entry]) -> [UInt8] {
        var writer = ByteWriter(capacity: 10 * entries.count)
        for entry in entries { writer.write(entry) }
        return writer.bytes
    }
}
