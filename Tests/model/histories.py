"""Random histories of settlement: what somebody might do next, seen from the model's state.

Most steps can succeed, some cannot: wrong ids, wrong people, too much money. Small amounts make
collisions (equal shares, odd units, the same holder twice) likely. A history has a kind: some are of all
things alike, some of claims and pledges mostly, some of gates and time, some of debts that are set off; some
begin with a ladder of pledges deeper than there may be, or with a line of as many holders as there may be.
"""

from spoiling import ARBITER, Spoiling

ACCOUNTS = [f"a{n}" for n in range(7)]
TOKENS = ["T", "U"]
WEIGHTS = {
    "open": 14, "fund": 14, "pledge": 14, "attest": 14, "advance": 7, "transferClaim": 7,
    "waive": 3, "guarantee": 6, "dispute": 4, "resolve": 5, "accept": 4, "decline": 1,
    "setOff": 6, "consent": 5, "freeze": 1, "release": 2, "transfer": 1, "offer": 5, "buy": 6, "withdraw": 1,
    "pause": 0.5, "allow": 1, "clawback": 1}
KINDS = {
    "all": {},
    "claims": {"pledge": 40, "transferClaim": 30, "waive": 8, "fund": 8, "open": 10},
    "time": {"attest": 25, "advance": 14, "guarantee": 14, "dispute": 8, "resolve": 8, "pledge": 20},
    "debts": {"setOff": 40, "consent": 8, "open": 25, "attest": 4, "guarantee": 3, "transferClaim": 4},
    "ladder": {"open": 4, "pledge": 20},
    "crowd": {"transferClaim": 40, "pledge": 20, "open": 4, "fund": 4},
}


class Histories(Spoiling):
    """Gives one step after another; `unit` makes amounts larger, up to where they are too large."""

    def __init__(self, random, ledger, kind="all", unit=1):
        self.random = random
        self.ledger = ledger
        self.kind = kind
        self.unit = unit
        # Where times are multiples of ten, much comes at the same second.
        self.grain = random.choice([1, 1, 10])
        self.planned = {"ladder": self.ladder, "crowd": self.crowd, "debts": self.agreement}.get(kind, list)()

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
        if self.planned:
            return self.planned.pop(0)
        weights = WEIGHTS | KINDS[self.kind]
        op = self.random.choices(list(weights), list(weights.values()))[0]
        step = {"op": op, **getattr(self, op)()}
        return self.spoilt(step) if self.random.random() < (0.2 if op == "setOff" else 0.08) else step

    @staticmethod
    def text(amount):
        return str(min(max(amount, 0), 2**128 - 1))

    def amount(self, most):
        """One to so many, in units of the history, and odd."""
        return self.random.randint(1, most) * self.unit - self.random.choice([0, 0, self.unit // 3])

    # What some histories begin with

    def simple(self, buyer, payee, amount):
        return {"op": "open", "by": buyer, "terms": {
            "token": "T", "buyer": buyer, "arbiter": None, "dueAt": 0, "gates": [],
            "lines": [{"payee": payee, "amount": str(amount), "tier": 0, "gate": None}]}}

    def ladder(self):
        """Orders each of which is to be paid by the one before, pledged from the top, the bottom or anywhere."""
        depth = self.random.randint(60, 70)
        who = [ACCOUNTS[n % len(ACCOUNTS)] for n in range(depth + 1)]
        opened = [self.simple(who[n], who[n + 1], 10) for n in range(depth)]
        pledges = [
            {"op": "pledge", "by": who[n], "order": n, "line": 0, "child": n + 1, "units": "9"}
            for n in range(1, depth)]
        match self.random.randrange(3):
            case 0: pledges.reverse()
            case 1: self.random.shuffle(pledges)
        return opened + pledges

    def crowd(self):
        """A line whose claim is sold in single units until nobody else can have one."""
        steps = [self.simple("a0", "a1", 1000), self.simple("a1", "a2", 300)]
        for n in range(270):
            units = {"by": "a1", "order": 1, "line": 0, "units": "1"}
            if self.random.random() < 0.1:
                steps.append({"op": "pledge", "child": 2, **units})
            else:
                steps.append({"op": "transferClaim", "to": f"a{2 + n % 5}", **units})
        return steps

    def agreement(self):
        """Nearly everybody lets debts be set off."""
        return [{"op": "consent", "by": account, "on": True} for account in ACCOUNTS[1:]]

    # One step of each kind

    def at(self, time):
        """A time as this history has them, not earlier."""
        return -(-time // self.grain) * self.grain

    def open(self):
        random, now = self.random, self.ledger.now
        buyer = self.account()
        gates = []
        for index in range(0 if self.kind == "debts" else random.choice([0, 0, 0, 1, 1, 2, 3])):
            follows = random.randrange(index) if index and random.random() < 0.5 else None
            base = now if follows is None else 0
            if random.random() < 0.2:
                gates.append({
                    "attestors": [], "threshold": 0, "notBefore": self.at(base + random.randint(0, 60)),
                    "deadline": 0, "follows": follows})
                continue
            attestors = random.sample(ACCOUNTS, random.randint(1, 3))
            gates.append({
                "attestors": attestors, "threshold": random.randint(1, len(attestors)),
                "notBefore": random.choice([0, self.at(base + random.randint(0, 30))]),
                "deadline": self.at(base + random.randint(41, 200)), "follows": follows,
                "onTimeout": random.choice(["fail", "meet", "arbitrate", "arbitrate"]),
                "ifSilent": random.choice(["fail", "meet"]),
                "arbitrationPeriod": self.at(random.randint(0 if random.random() < 0.05 else 1, 40))})
        one_line = self.kind == "debts" or random.random() < 0.4
        lines = [
            {"payee": self.account(), "amount": "0" if random.random() < 0.01 else str(self.amount(60)),
             "tier": random.randint(0, 2),
             "gate": random.choice([None, *range(len(gates))])}
            for _ in range(1 if one_line else random.randint(1, 6))]
        later = self.at(now + random.randint(1, 80))
        return {"by": buyer if random.random() < 0.85 else self.account(), "terms": {
            "token": "U" if random.random() < 0.1 else "T", "buyer": buyer, "lines": lines,
            "gates": gates, "arbiter": ARBITER if random.random() < 0.9 else None,
            "dueAt": random.choice([0, now, later, now if self.kind == "debts" else later])}}

    def fund(self):
        id, order = self.order()
        owed = order.outstanding if order else 10
        amount = self.random.choice([owed, self.random.randint(0, max(owed, 1)), owed + 1])
        return {"by": self.account(), "order": id, "amount": self.text(amount)}

    def attest(self):
        id, order = self.order_with(
            lambda order: any(gate.state == "pending" for gate in order.gates))
        gates = len(order.gates) if order else 0
        index = self.random.randint(0, gates) if self.random.random() < 0.1 else self.random.randrange(max(gates, 1))
        by = self.account()
        wanted = [a for a in order.gates[index].attestors if a in ACCOUNTS] if index < gates else []
        if wanted and self.random.random() < 0.9:
            by = self.random.choice(wanted)
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
        return self.text(self.random.choice([has, self.random.randint(1, has), self.random.randint(0, has + 1)]))

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
                "amount": self.text(self.random.randint(0, max(owed, 0) + 1))}

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
        for _ in range(6):
            path, at, seen = [], random.choice(list(debts)) if debts else None, {}
            while at in debts and at not in seen:
                seen[at] = len(path)
                at, order = random.choice(debts[at])
                path.append(order)
            if at in seen:
                break
        # Nothing to set off is a set-off, too, but not one of which much can be learnt.
        if not path and random.random() < 0.9:
            return {"op": "advance", **self.advance()}
        circle = path[seen[at]:] if at in seen else path
        amount = min((order.outstanding for order in circle), default=0)
        amount = random.choice([amount, random.randint(min(amount, 1), amount)])
        return {"by": self.account(), "entries": [
            {"order": order.id, "amount": self.text(amount + (random.random() < 0.05))} for order in circle]}

    def consent(self):
        return {"by": self.account(), "on": self.random.random() < 0.9}

    def offer(self):
        holder, id, index, units = self.holding()
        random = self.random
        return {"by": holder, "order": id, "line": index, "units": self.units(units),
                "price": str(random.randint(0, 40)), "maxAhead": random.choice([2**256 - 1, random.randint(0, 60)]),
                "onlyTo": self.account() if random.random() < 0.2 else "",
                "expiry": random.choice([0, self.ledger.now + random.randint(0, 60)])}

    def buy(self):
        still = [n for n, offer in enumerate(self.ledger.offers, 1) if offer[-1]]
        return {"by": self.account(), "offer": self.random.choice(still[-6:] or [len(self.ledger.offers) + 1])}

    def withdraw(self):
        return self.buy()

    def freeze(self):
        """Sooner or later whoever was frozen is let go."""
        frozen = sorted(self.ledger.frozen)
        if frozen and self.random.random() < 0.7:
            token, account = self.random.choice(frozen)
            return {"account": account, "token": token, "on": False}
        return {"account": self.account(), "token": self.random.choice(TOKENS), "on": True}

    def pause(self):
        return {"token": "U", "on": "U" not in self.ledger.paused}

    def allow(self):
        account = self.account()
        missing = [a for a in ACCOUNTS if ("U", a) not in self.ledger.allowed]
        if missing and self.random.random() < 0.7:
            return {"account": self.random.choice(missing), "token": "U", "on": True}
        return {"account": account, "token": "U", "on": False}

    def clawback(self):
        """From those for whom something is held, if there are any."""
        held = sorted(account for token, account in self.ledger.held if token == "U")
        account = self.random.choice(held or ACCOUNTS)
        most = self.ledger.balance(account, "U") + self.ledger.held.get(("U", account), 0)
        return {"account": account, "to": self.account(), "token": "U",
                "amount": str(self.random.choice([most, most + 1, self.random.randint(0, most)]))}

    def release(self):
        token, account = self.random.choice(sorted(self.ledger.held) or [("T", self.account())])
        return {"by": self.account(), "account": account, "token": token}

    def transfer(self):
        by = self.account()
        return {"by": by, "to": self.account(), "token": self.random.choice(TOKENS),
                "amount": str(self.random.randint(0, self.ledger.balance(by, "T") + 1))}

    def advance(self):
        waiting = sorted(timer[0] for timer in self.ledger.timers(self.ledger.orders))
        now = self.ledger.now
        if waiting and self.random.random() < 0.5:
            return {"to": max(now, self.random.choice(waiting[:4]) + self.random.randint(-1, 1))}
        return {"to": now + self.random.randint(1, 30)}
