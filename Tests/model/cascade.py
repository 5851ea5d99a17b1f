"""How an order's cash becomes payments, and flows on into the orders that hold its claims."""


class Cascade:
    def allocation(self, order):
        """What each line gets of the order's cash, and what is left over."""
        self.looks = 0
        cash = order.funded - order.refunded
        share = [line.paid for line in order.lines]
        for tier in sorted({line.tier for line in order.lines}):
            pool = []
            for index, line in enumerate(order.lines):
                if line.tier == tier:
                    if line.live == line.paid:
                        cash -= line.paid
                    else:
                        pool.append(index)
            need = sum(order.lines[i].live for i in pool)
            if cash >= need:
                for i in pool:
                    share[i] = order.lines[i].live
                cash -= need
                continue
            # Nobody gives back: who would leaves with what it had, and the others share again.
            while pool:
                self.looks += len(pool)
                total = sum(order.lines[i].live for i in pool)
                parts = {i: cash * order.lines[i].live // total for i in pool}
                for i in pool[:cash - sum(parts.values())]:
                    parts[i] += 1
                leaving = [i for i in pool if parts[i] < order.lines[i].paid]
                if not leaving:
                    for i in pool:
                        share[i] = parts[i]
                    break
                cash -= sum(order.lines[i].paid for i in leaving)
                pool = [i for i in pool if i not in leaving]
            # Junior tiers keep what they had, and get nothing.
            return share, 0
        return share, cash

    def cascade(self, *orders, is_paid_for=False):
        """All that follows from a change, as far as the operation and the block may go; the rest is queued."""
        waiting, before = {order.id for order in orders if order.status == "open"}, self.steps
        if is_paid_for:
            self.run(waiting, self.step_limit)
        elif self.budget > 0:
            self.run(waiting, before + min(self.step_limit - before, self.budget))
            self.budget -= self.steps - before
        if waiting:
            self.queue.append(waiting)

    def run(self, waiting, limit):
        """Visits orders until none waits, or as many steps were made as may be."""
        while waiting:
            id = min(waiting, key=lambda id: (self.orders[id - 1].level, id))
            order = self.orders[id - 1]
            if order.status == "open" and not self.visit(order, waiting, limit):
                return
            waiting.remove(id)

    def go_on(self, budget):
        """Serves the queue, first come, first served; tells how many steps that took."""
        self.steps = 0
        while self.queue and self.steps < budget:
            self.run(self.queue[0], budget)
            if self.queue[0]:
                break
            del self.queue[0]
        made, self.steps = self.steps, 0
        return made

    def visit(self, order, waiting, limit):
        """False if the steps were used up before the order was done with."""
        share, surplus = self.allocation(order)
        looks = self.looks
        try:
            return self.settle(order, share, surplus, waiting, limit)
        finally:
            # A long walk over lines takes as long as payments, one for each 64.
            self.steps += looks // 64

    def settle(self, order, share, surplus, waiting, limit):
        for index, line in enumerate(order.lines):
            if line.gate is not None and order.gates[line.gate].state != "met":
                continue
            due = share[index] - line.paid
            while due > 0:
                if self.steps >= limit:
                    return False
                self.steps += 1
                holder, units = line.claims[0]
                amount = min(due, units)
                due -= amount
                line.paid += amount
                line.claims[0][1] -= amount
                if line.claims[0][1] == 0:
                    line.claims.pop(0)
                self.paid.append((order.id, index, holder, amount))
                if isinstance(holder, int):
                    self.pay_order(self.orders[holder - 1], amount, waiting)
                else:
                    self.pay(holder, order.token, amount)
        if surplus:
            order.refunded += surplus
            self.give_back(order, surplus, waiting)
        return any(line.live > line.paid for line in order.lines) or self.close(order, limit)

    def pay_order(self, child, amount, waiting):
        taken = min(amount, max(child.outstanding, 0)) if child.status == "open" else 0
        child.funded += taken
        if taken:
            waiting.add(child.id)
        if amount > taken:
            self.give_back(child, amount - taken, waiting)

    def give_back(self, order, amount, waiting):
        if order.reimbursement:
            first = self.orders[order.reimbursement - 1]
            if first.status == "open":
                taken = min(amount, first.outstanding)
                first.funded += taken
                amount -= taken
                waiting.add(first.id)
        if amount:
            self.pay(order.buyer, order.token, amount)

    def connect(self, parent, index, child):
        if (parent.id, index) not in child.sources:
            child.sources.append((parent.id, index))

    def close(self, order, limit):
        if not self.give_claims_back(order, limit):
            return False
        order.status = "closed"
        if order.lock:
            self.pay(order.guarantor, order.token, order.lock)
            order.lock = 0
        return True

    def give_claims_back(self, order, limit):
        first = self.orders[order.reimbursement - 1] if order.reimbursement else None
        for id, index in order.sources:
            line = self.orders[id - 1].lines[index]
            units = sum(u for h, u in line.claims if h == order.id)
            if not units:
                continue
            if self.steps >= limit:
                return False
            self.steps += 1
            if first and first.status == "open":
                line.claims = self.merged(
                    [[first.id if h == order.id else h, u] for h, u in line.claims])
                self.connect(self.orders[id - 1], index, first)
            else:
                rest = [[h, u] for h, u in line.claims if h != order.id]
                line.claims = self.merged(rest + [[order.buyer, units]])
        self.steps += len(order.sources) // 64
        return True
