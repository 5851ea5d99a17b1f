import Ledger

extension OrderBook {
    /// When the next timer fires, in seconds; nil if none waits.
    public var nextTimer: UInt64? { timers.first()?.time }

    /// Fires what is due at the start of a block, in order of (time, order, kind, gate).
    ///
    /// While a timer fires, the block's `now` is that timer's time, but never before the time of the block
    /// before or of the timer that fired before it; after the call it is as it was.
    ///
    /// - Parameters:
    ///   - now: the block's time, in seconds.
    ///   - previous: the time of the block before, in seconds.
    ///   - limit: the most timers to fire; the rest fires in the next block.
    ///   - budget: the most payments that they may set off, lines that they void counted too. The one that
    ///     uses it up fires, what it sets off beyond goes on from the queue, and those after it wait.
    /// - Returns: how many fired.
    @discardableResult
    public func fireTimers(
        upTo now: UInt64, after previous: UInt64, limit: Int = .max, budget: Int = .max
    ) -> Int {
        progress.floor = previous
        self.budget = budget
        var fired = 0
        while fired < limit, self.budget > 0, let timer = timers.first(), timer.time <= now {
            do throws(Rejection) {
                try fire(timer, known(timer.order))
            } catch {
                preconditionFailure("the start of a block has gas without limit: \(error)")
            }
            progress.steps = 0
            fired += 1
        }
        return fired
    }

    /// An order's own overdue timers fire before any operation on it.
    ///
    /// - Throws: ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    @inline(__always)
    func fireOverdueTimers(of order: Order) throws(Rejection) {
        guard let timer = order.head.timer, timer.time <= state.block.now else { return }
        try fireOverdue(timer, order)
    }

    @inline(never)
    private func fireOverdue(_ first: OrderTimer, _ order: Order) throws(Rejection) {
        try fire(first, order)
        while let next = order.head.timer, next.time <= state.block.now { try fire(next, order) }
    }

    private func fire(_ timer: OrderTimer, _ order: Order) throws(Rejection) {
        let now = state.block.now
        defer { state.block.now = now }
        willProgress()
        progress.floor = max(progress.floor, timer.time)
        state.block.now = progress.floor
        willChangeGates(order)
        let gate = Int(timer.gate)
        switch timer.kind {
        case .dueDate: drawGuarantee(of: order)
        case .opening: try evaluate(order, gate: gate)
        case .deadline: try timeOut(order, gate: gate)
        case .arbitrationEnd:
            let isMet = order.gates[gate].terms.silenceMeets
            try end(order, gate: gate, share: isMet ? Gate.whole : 0)
        }
        settle(order)
    }
}
