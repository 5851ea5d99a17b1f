import Ledger
import Tokens

extension OrderBook {
    /// Sets off what follows from a change of an order: `docs/settlement-rules.md` §4.
    ///
    /// Cannot fail. What is beyond the step limit goes on in later blocks.
    func cascade(from order: Order) {
        pending.insert(order)
        cascade()
    }

    /// Visits the pending orders until none is left, or steps or budget are used up; then the rest is queued.
    func cascade() {
        willProgress()
        if budget > 0 {
            isBudgeted = true
            defer { isBudgeted = false }
            beginCascade()
            let before = progress.steps
            runCascade(stepLimit: before + min(state.block.stepLimit - before, budget))
            budget -= progress.steps - before
        }
        if !pending.isEmpty { enqueue(pending.removeAll()) }
    }

    /// Sets off what follows from a change of an order whose size is paid for, and charges for each payment, and for
    /// the size of each other order that it needs.
    ///
    /// - Throws: ``Rejection/outOfGas(limit:)`` as soon as the gas does not cover what is next; the caller
    ///   then undoes all of it.
    func chargedCascade(from order: Order) throws(Rejection) {
        willProgress()
        pending.insert(order)
        beginCascade()
        order.countedIn = cascadeNumber
        do throws(Rejection) {
            while let order = pending.first {
                let (before, partsBefore) = (progress.steps, partsNeeded)
                let gas = min(state.gas.limit - state.gas.used, 1 << 40)
                let stepLimit = min(
                    state.block.stepLimit, before + Int(clamping: gas / Gas.payment))
                partsMost = partsBefore + Int(clamping: gas / Gas.part)
                let isDone = visit(order, stepLimit: stepLimit)
                try state.gas.charge(
                    UInt64(progress.steps - before) * Gas.payment
                        + UInt64(partsNeeded - partsBefore) * Gas.part)
                if isDone {
                    pending.removeFirst()
                    continue
                }
                // More than there is: uses all of it up and is refused.
                if progress.steps >= stepLimit, stepLimit < state.block.stepLimit {
                    try state.gas.charge(.max)
                }
                return enqueue(pending.removeAll())
            }
        } catch {
            _ = pending.removeAll()
            throw error
        }
    }

    /// What a redemption or conversion of what was paid takes beside the payment, in payments.
    private static let stepsPerServing = 4

    /// Pays an account out of escrow.
    ///
    /// What its receiver wants done with it, at the end of the transaction, counts as well; where it is paid for, not among
    /// the steps, so that the cascade comes as far as without it. Outside of cascades it counts nowhere.
    func payOut(
        _ amount: UInt128, of order: Order, to payee: Address, isReturn: Bool = false
    ) -> Bool {
        let waiting = tokens.payoutsWaiting
        let isPaid = tokens.payOut(
            amount, of: order.fixed.token, from: .orders, to: payee, isReturn: isReturn)
        guard tokens.payoutsWaiting > waiting else { return isPaid }
        if isBudgeted {
            progress.steps += Self.stepsPerServing
        } else {
            partsNeeded += Self.stepsPerServing * Int(Gas.payment / Gas.part)
        }
        return isPaid
    }

    /// How many lines or sources are looked at in the time of one payment.
    static let looksPerStep = 64

    /// Visits the pending orders until none is left or the steps are used up.
    func runCascade(stepLimit: Int) {
        while let order = pending.first {
            guard visit(order, stepLimit: stepLimit) else { return }
            pending.removeFirst()
        }
    }

    /// Pays what an order can pay, gives back its surplus, and closes it if it is finished.
    ///
    /// - Returns: false if the steps were used up before; what was done stands.
    private func visit(_ order: Order, stepLimit: Int) -> Bool {
        guard order.head.status == .open else { return true }
        // Once it has paid, so that an order comes on however few steps there are.
        defer { count(order) }
        willChangeHead(order)
        let cash = order.head.cash
        var surplus: UInt128 = 0
        if cash >= order.head.live {
            surplus = cash - order.head.live
            for index in order.lines.indices where order.isPayable(order.lines[index]) {
                let due = order.lines[index].unpaid
                if due > 0, !pay(due, order, line: index, stepLimit) { return false }
            }
        } else if order.head.unpaid > 0 {
            // The array is lent to the loop: what follows from a payment is visited later, never inside.
            var shares = ContiguousArray<UInt128>()
            swap(&shares, &self.shares)
            defer { swap(&shares, &self.shares) }
            var looks = 0
            surplus = Allocation.share(
                cash, among: order.lines, tiers: order.tiers, into: &shares, looks: &looks)
            // Counted once it has paid, so that an order comes on however few steps there are.
            defer { progress.steps += looks / Self.looksPerStep }
            for index in order.lines.indices where order.isPayable(order.lines[index]) {
                let due = shares[index] - order.lines[index].paid
                if due > 0, !pay(due, order, line: index, stepLimit) { return false }
            }
        }
        if surplus > 0 {
            order.head.refunded += surplus
            giveBack(surplus, of: order)
        }
        return order.head.unpaid > 0 || close(order, stepLimit)
    }

    /// Pays a line's claims from the front.
    private func pay(_ due: UInt128, _ order: Order, line index: Int, _ stepLimit: Int) -> Bool {
        var left = due
        while left > 0 {
            guard progress.steps < stepLimit else { return false }
            let holder = order.lines[index].claims[order.lines[index].front].holder
            if let id = holder.orderID {
                guard let child = needed(id) else { return false }
                let amount = payFront(left, order, line: index)
                left -= amount
                recordPaid(order.id, line: index, toOrder: id, amount)
                fund(child, amount)
            } else {
                let amount = payFront(left, order, line: index)
                left -= amount
                let isPaid = payOut(amount, of: order, to: holder)
                recordPaid(order, line: index, to: holder, amount, isHeld: !isPaid)
            }
        }
        return true
    }

    /// Takes what is paid from the first claim of a line, one step.
    ///
    /// - Returns: how much of it.
    @inline(__always)
    private func payFront(_ most: UInt128, _ order: Order, line index: Int) -> UInt128 {
        progress.steps += 1
        willPay(order, line: index)
        let front = order.lines[index].front
        let units = order.lines[index].claims[front].units
        let amount = min(most, units)
        if amount == units {
            order.lines[index].front = front + 1
        } else {
            order.lines[index].claims[front].units = units - amount
        }
        order.lines[index].areClaimsChanged = true
        order.lines[index].paid += amount
        order.head.unpaid -= amount
        return amount
    }

    /// Puts money that is in escrow already into an order, and gives back what is too much.
    private func fund(_ order: Order, _ amount: UInt128) {
        let accepted = order.head.status == .open ? min(amount, order.head.outstanding) : 0
        if accepted > 0 {
            willChangeHead(order)
            order.head.funded += accepted
            pending.insert(order)
        }
        if accepted < amount { giveBack(amount - accepted, of: order) }
    }

    /// Gives money back: first to the order that reimburses the guarantor, the rest to the buyer.
    private func giveBack(_ amount: UInt128, of order: Order) {
        var left = amount
        if order.head.reimbursement != 0 {
            guard let reimbursement = needed(order.head.reimbursement) else { return }
            let owed = reimbursement.head.status == .open ? reimbursement.head.outstanding : 0
            let part = min(left, owed)
            if part > 0 {
                left -= part
                record(.refundedToOrder(order: order.id, to: reimbursement.id, amount: part))
                willChangeHead(reimbursement)
                reimbursement.head.funded += part
                pending.insert(reimbursement)
            }
        }
        guard left > 0 else { return }
        let isPaid = payOut(left, of: order, to: order.fixed.buyer, isReturn: true)
        record(
            .refunded(
                order: order.id, token: order.fixed.token, to: order.fixed.buyer, amount: left,
                isHeld: !isPaid))
    }

    /// Closes an order that is finished; its head was saved.
    ///
    /// - Returns: false if the steps were used up before.
    private func close(_ order: Order, _ stepLimit: Int) -> Bool {
        guard releaseSources(of: order, stepLimit) else { return false }
        if order.head.guarantee > 0 { returnGuarantee(of: order) }
        order.head.status = .closed
        retime(order)
        record(.closed(order: order.id))
        return true
    }
}
