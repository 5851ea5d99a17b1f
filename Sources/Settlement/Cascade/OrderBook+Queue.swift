import Ledger

extension OrderBook {
    /// How many cascades wait to go on.
    public var queuedCascades: UInt64 { counters.queueEnd - counters.queueStart }

    /// Goes on with cascades that were beyond their step limit or a block's budget, first come, first served.
    ///
    /// - Parameter budget: the most payments to make.
    /// - Returns: how many steps were made; a long walk over lines counts, and what receivers
    ///   want done with payouts, so that it can be more.
    @discardableResult
    public func continueCascades(budget: Int) -> Int {
        guard queuedCascades > 0, budget > 0 else { return 0 }
        willProgress()
        isBudgeted = true
        defer { isBudgeted = false }
        progress.steps = 0
        while queuedCascades > 0, progress.steps < budget {
            let key = OrderKey.queued(counters.queueStart)
            beginCascade()
            let ids = queued(key)
            let (taken, parts) = takeUp(ids, steps: budget - progress.steps)
            runCascade(stepLimit: budget)
            // Once they have paid, so that they come on however small the budget is.
            count(parts: parts)
            let isDone = pending.isEmpty
            let rest = pending.removeAll() + ids[taken...]
            if rest.isEmpty {
                state.setObject(key, nil)
                willChangeCounters()
                counters.queueStart += 1
            } else {
                state.setObject(key, bytes(of: rest))
            }
            guard isDone else { break }
        }
        let made = progress.steps
        progress.steps = 0
        return made
    }

    /// Lets orders of a queued cascade be visited: the first, and as many more as their size leaves some of the steps.
    ///
    /// - Returns: how many, and how large they are beyond small ones.
    private func takeUp(_ ids: [UInt64], steps: Int) -> (count: Int, parts: Int) {
        var (count, parts) = (0, 0)
        for id in ids {
            guard count == 0 || parts / Self.partsPerStep < steps else { break }
            let order = known(id)
            pending.insert(order)
            parts += self.parts(neededOf: order)
            count += 1
        }
        return (count, parts)
    }

    /// Lets the rest of a cascade wait for the next block.
    func enqueue(_ orders: [UInt64]) {
        state.setObject(OrderKey.queued(counters.queueEnd), bytes(of: orders))
        willChangeCounters()
        counters.queueEnd += 1
    }

    /// The orders that the waiting cascades have yet to visit, for an audit.
    var queuedOrders: Set<UInt64> {
        var all: Set<UInt64> = []
        for number in counters.queueStart..<counters.queueEnd {
            all.formUnion(queued(OrderKey.queued(number)))
        }
        return all
    }

    private func queued(_ key: [UInt8]) -> [UInt64] {
        guard let bytes = state.object(key) else {
            precondition(state.fault != nil, "a queued cascade is not stored")
            return []
        }
        return believed(bytes) { reader in
            var ids: [UInt64] = []
            for _ in 0..<(try reader.read(UInt32.self)) { ids.append(try reader.read()) }
            return ids
        }
    }

    private func bytes(of orders: [UInt64]) -> [UInt8] {
        var writer = ByteWriter(capacity: 4 + 8 * orders.count)
        writer.write(UInt32(orders.count))
        for id in orders { writer.write(id) }
        return writer.bytes
    }
}
