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
    /// What its receiver wants done with it, at the end of the transaction, counts as well where it is done for
    /// a budget; whoever pays for the payments of a cascade pays for no receiver's wishes.
    private func payOut(
        _ amount: UInt128, of order: Order, to payee: Address, isReturn: Bool = false
    ) -> Bool {
        let waiting = isBudgeted ? tokens.payoutsWaiting : 0
        let isPaid = tokens.payOut(
            amount, of: order.fixed.token, from: .orders, to: payee, isReturn: isReturn)
        if isBudgeted, tokens.payoutsWaiting > waiting { progress.steps += Self.stepsPerServing }
        return isPaid
    }

    /// How many lines or sources are looked at in the time of one payment.
    private static let looksPerStep = 64

    /// How many parts of large orders a node reads in the time of one payment, as ``Gas/part`` has it.
    static let partsPerStep = 16

    /// A cascade begins, that counts each order anew.
    func beginCascade() {
        cascadeNumber += 1
        partsNeeded = 0
        partsMost = .max
    }

    /// How large an order is that the running cascade needs at hand, beyond small ones; nothing where it has been
    /// counted.
    func parts(neededOf order: Order) -> Int {
        guard order.countedIn != cascadeNumber else { return 0 }
        order.countedIn = cascadeNumber
        return max(order.parts - Gas.partsFree, 0)
    }

    /// Counts an order that the running cascade needs: in gas where that is charged, else in steps.
    ///
    /// A node has to read it, and holds it until the block ends.
    private func count(_ order: Order) { count(parts: parts(neededOf: order)) }

    func count(parts: Int) {
        if isBudgeted { progress.steps += parts / Self.partsPerStep } else { partsNeeded += parts }
    }

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
            guard progress.steps < stepLimit, partsNeeded <= partsMost else { return false }
            progress.steps += 1
            willPay(order, line: index)
            let front = order.lines[index].front
            let claim = order.lines[index].claims[front]
            let amount = min(left, claim.units)
            if amount == claim.units {
                order.lines[index].front = front + 1
            } else {
                order.lines[index].claims[front].units = claim.units - amount
            }
            order.lines[index].areClaimsChanged = true
            order.lines[index].paid += amount
            order.head.unpaid -= amount
            left -= amount
            if let child = claim.holder.orderID {
                recordPaid(order.id, line: index, toOrder: child, amount)
                let child = known(child)
                fund(child, amount)
                count(child)
            } else {
                let isPaid = payOut(amount, of: order, to: claim.holder)
                recordPaid(order, line: index, to: claim.holder, amount, isHeld: !isPaid)
            }
        }
        return true
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
            let reimbursement = known(order.head.reimbursement)
            count(reimbursement)
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

    /// Claims that a closing order still holds go in their place to the order that reimburses its guarantor,
    /// or behind all others to its buyer.
    private func releaseSources(of order: Order, _ stepLimit: Int) -> Bool {
        let sources = order.sources.elements
        guard !sources.isEmpty else { return true }
        let reimbursement = order.head.reimbursement == 0 ? nil : known(order.head.reimbursement)
        var parts = 0
        defer {
            progress.steps += min(sources.count, sourceLimit) / Self.looksPerStep
            count(parts: parts)
        }
        let partsLeft = min(sourcePartLimit, max(partsMost - partsNeeded, 0))
        for (position, source) in sources.enumerated() {
            guard position < sourceLimit, parts <= partsLeft else {
                // Those are done; the rest waits, so that no order is too dear to close.
                // Its head was saved.
                note(.sources(order, order.sources))
                order.sources.removeFirst(position)
                return false
            }
            let parent = known(source.order)
            parts += self.parts(neededOf: parent)
            let index = Int(source.line)
            let open = parent.lines[index].open
            guard open.contains(where: { $0.holder == order.address }) else { continue }
            guard progress.steps < stepLimit else { return false }
            progress.steps += 1
            let units = ClaimList.units(of: order.address, in: open)
            let heir: Address
            willChangeHead(parent)
            willChange(parent, line: index)
            if let reimbursement, reimbursement.head.status == .open {
                heir = reimbursement.address
                parent.lines[index].setClaims(
                    ClaimList.replacing(order.address, by: heir, in: open))
                willChangeHead(reimbursement)
                connect(parent, line: source.line, to: reimbursement)
            } else {
                heir = order.fixed.buyer
                willHold(heir, parent, line: source.line)
                parent.lines[index].setClaims(
                    ClaimList.demoting(order.address, to: heir, in: open))
            }
            record(
                .claimMoved(
                    order: parent.id, line: source.line, by: .orders, from: order.address,
                    to: heir, units: units))
        }
        return true
    }

    /// Notes that an order holds claims of a line; the heads of both were saved.
    func connect(_ parent: Order, line: UInt16, to child: Order) {
        let source = Order.Source(order: parent.id, line: line)
        if child.sources.add(source) { note(.source(child)) }
        if parent.children.add(child.id) { note(.child(parent)) }
    }
}
