"""Random histories of settlement: what somebody might do next, seen from the model's state.

Most steps can succeed, some cannot: wrong ids, wrong people, too much money. Small amounts make
collisions (equal shares, odd units, the same holder twice) likely.
"""

ACCOUNTS = [f"a{n}" for n in range(7)]
ARBITER = "arb"
TOKENS = ["T", "U"]


class Histories:
    def __init__(self, random, ledger):
        self.random = random
        self.ledger = ledger

    def account(self):
        return self.random.choice(ACCOUNTS)

    def order_id(self):
        """Usually one that is open, rarely one that is not there."""
        orders = self.ledger.orders
        alive = [order.id for order in orders if order.status != "closed"]
        if alive and self.random.random() < 0.9:
            return self.random.choice(alive[-12:])
        return self.random.randint(1, len(orders) + 1)

    def order(self):
        id = self.order_id()
        return id, self.ledger.orders[id - 1] if id <= len(self.ledger.orders) else None

    def order_with(self, fits):
        """Usually an open order of a kind, if there is one."""
        found = [o for o in self.ledger.orders if o.status == "open" and fits(o)]
        if found and self.random.random() < 0.9:
            order = self.random.choice(found)
            return order.id, order
        return self.order()

    def next(self):
        kinds = {
            "open": 14, "fund": 14, "pledge": 14, "attest": 14, "advance": 7, "transferClaim": 7,
            "waive": 3, "guarantee": 6, "dispute": 4, "resolve": 5, "accept": 4, "decline": 1,
            "setOff": 6, "consent": 5, "freeze": 1, "release": 2, "transfer": 1}
        kind = self.random.choices(list(kinds), list(kinds.values()))[0]
        return {"op": kind, **getattr(self, kind)()}

    def open(self):
        random, now = self.random, self.ledger.now
        buyer = self.account()
        gates = []
        for index in range(random.choice([0, 0, 0, 1, 1, 2, 3])):
            follows = random.randrange(index) if index and random.random() < 0.5 else None
            base = now if follows is None else 0
            if random.random() < 0.2:
                gates.append({
                    "attestors": [], "threshold": 0, "notBefore": base + random.randint(0, 60),
                    "deadline": 0, "follows": follows})
                continue
            attestors = random.sample(ACCOUNTS, random.randint(1, 3))
            gates.append({
                "attestors": attestors, "threshold": random.randint(1, len(attestors)),
                "notBefore": random.choice([0, base + random.randint(0, 40)]),
                "deadline": base + random.randint(41, 200), "follows": follows,
                "onTimeout": random.choice(["fail", "meet", "arbitrate", "arbitrate"]),
                "ifSilent": random.choice(["fail", "meet"]),
                "arbitrationPeriod": random.randint(0 if random.random() < 0.05 else 1, 40)})
        one_line = random.random() < 0.4
        lines = [
            {"payee": self.account(), "amount": str(random.randint(0 if random.random() < 0.02 else 1, 60)),
             "tier": random.randint(0, 2),
             "gate": random.choice([None, *range(len(gates))])}
            for _ in range(1 if one_line else random.randint(1, 6))]
        return {"by": buyer if random.random() < 0.85 else self.account(), "terms": {
            "token": "U" if random.random() < 0.1 else "T", "buyer": buyer, "lines": lines,
            "gates": gates, "arbiter": ARBITER if random.random() < 0.9 else None,
            "dueAt": random.choice([0, now, now + random.randint(1, 80), now + random.randint(1, 80)])}}

    def fund(self):
        id, order = self.order()
        owed = order.outstanding if order else 10
        amount = self.random.choice([owed, self.random.randint(0, max(owed, 1)), owed + 1])
        return {"by": self.account(), "order": id, "amount": str(max(amount, 0))}

    def attest(self):
        id, order = self.order_with(
            lambda order: any(gate.state == "pending" for gate in order.gates))
        gates = len(order.gates) if order else 0
        index = self.random.randint(0, gates) if self.random.random() < 0.1 else self.random.randrange(max(gates, 1))
        by = self.account()
        if gates and index < gates and order.gates[index].attestors and self.random.random() < 0.9:
            by = self.random.choice(order.gates[index].attestors)
        return {"by": by, "order": id, "gate": index,
                "bps": self.random.choice([0, 10_000, 10_000, 10_000, self.random.randint(1, 10_001)])}

    def dispute(self):
        id, order = self.order_with(
            lambda order: any(gate.on_timeout == "arbitrate" for gate in order.gates))
        by = order.buyer if order and self.random.random() < 0.6 else self.account()
        return {"by": by, "order": id, "gate": self.random.randrange(max(len(order.gates) if order else 1, 1))}

    def resolve(self):
        disputed = [
            (order.id, index) for order in self.ledger.orders if order.status == "open"
            for index, gate in enumerate(order.gates) if gate.state == "disputed"]
        id, index = self.random.choice(disputed) if disputed else (self.order_id(), 0)
        by = ARBITER if self.random.random() < 0.9 else self.account()
        return {"by": by, "order": id, "gate": index,
                "bps": self.random.choice([0, 10_000, self.random.randint(1, 9_999)])}

    def holding(self):
        """A claim that somebody holds: holder, order, line, units."""
        found = [
            (holder, order.id, index, units) for order in self.ledger.orders if order.status == "open"
            for index, line in enumerate(order.lines) for holder, units in line.claims
            if isinstance(holder, str)]
        return self.random.choice(found) if found else (self.account(), 1, 0, 1)

    def units(self, has):
        return str(self.random.choice([has, self.random.randint(1, has), self.random.randint(0, has + 1)]))

    def transferClaim(self):
        holder, id, index, units = self.holding()
        by = holder if self.random.random() < 0.95 else self.account()
        return {"by": by, "order": id, "line": index, "to": self.account(), "units": self.units(units)}

    def waive(self):
        holder, id, index, units = self.holding()
        return {"by": holder, "order": id, "line": index, "units": str(self.random.randint(0, 1 + units // 2))}

    def pledge(self):
        holder, id, index, units = self.holding()
        own = [o.id for o in self.ledger.orders if o.status == "open" and o.buyer == holder]
        child = self.random.choice(own) if own and self.random.random() < 0.95 else self.order_id()
        return {"by": holder, "order": id, "line": index, "child": child, "units": self.units(units)}

    def guarantee(self):
        id, order = self.order_with(lambda order: order.due_at > self.ledger.now)
        owed = order.outstanding if order else 10
        return {"by": self.account(), "order": id,
                "amount": str(max(0, self.random.randint(0, max(owed, 0) + 1)))}

    def accept(self):
        waiting = [order for order in self.ledger.orders if order.status == "proposed"]
        order = self.random.choice(waiting) if waiting else None
        return {"by": order.buyer if order and self.random.random() < 0.9 else self.account(),
                "order": order.id if order else self.order_id()}

    def decline(self):
        return self.accept()

    def setOff(self):
        """Walks from debtor to creditor over due open accounts until it comes round."""
        random = self.random
        debts = {}
        for order in self.ledger.orders:
            if (order.status == "open" and len(order.lines) == 1 and order.outstanding > 0
                    and len(order.lines[0].claims) == 1 and 0 < order.due_at <= self.ledger.now):
                holder = order.lines[0].claims[0][0]
                if isinstance(holder, str):
                    debts.setdefault(order.buyer, []).append((holder, order))
        path, at = [], random.choice(list(debts)) if debts else None
        seen = {}
        while at in debts and at not in seen:
            seen[at] = len(path)
            at, order = random.choice(debts[at])
            path.append(order)
        circle = path[seen[at]:] if at in seen else path
        amount = min((order.outstanding for order in circle), default=0)
        return {"by": self.account(), "entries": [
            {"order": order.id, "amount": str(amount + (random.random() < 0.05))} for order in circle]}

    def consent(self):
        return {"by": self.account(), "on": self.random.random() < 0.9}

    def freeze(self):
        frozen = [account for token, account in self.ledger.frozen if token == "T"]
        if frozen and self.random.random() < 0.7:
            return {"account": min(frozen), "token": "T", "on": False}
        return {"account": self.account(), "token": "T", "on": True}

    def release(self):
        held = sorted(account for token, account in self.ledger.held if token == "T")
        return {"by": self.account(), "account": self.random.choice(held) if held else self.account(),
                "token": "T"}

    def transfer(self):
        by = self.account()
        return {"by": by, "to": self.account(), "token": self.random.choice(TOKENS),
                "amount": str(self.random.randint(0, self.ledger.balance(by, "T") + 1))}

    def advance(self):
        waiting = sorted(timer[0] for timer in self.ledger.timers())
        now = self.ledger.now
        if waiting and self.random.random() < 0.5:
            return {"to": max(now, self.random.choice(waiting[:4]) + self.random.randint(-1, 1))}
        return {"to": now + self.random.randint(1, 30)}
