"""The settlement rules a second time, written from docs/settlement-rules.md alone.

Slow and simple on purpose: every amount is an int, every list is walked, nothing is remembered that can be
worked out. It shares no line and no idea of representation with the ledger, so that where both agree the
rules were read right, and where they differ one of them, or the text, is wrong.

A ledger in parts, each of which reads on its own: `terms.py`, `money.py`, `gates.py`, `claims.py`, `cascade.py`.
"""

from cascade import Cascade
from claims import Claims
from gates import Gates
from money import Money
from terms import AMOUNT_LIMIT, TIME_LIMIT, WHOLE, Line, Order, Refused


class Ledger(Money, Gates, Claims, Cascade):
    def __init__(self, tokens=("T",), step_limit=20_000, block_limit=float("inf")):
        self.step_limit = step_limit
        self.block_limit = block_limit
        self.budget = block_limit  # what the block may yet pay that no transaction of it pays for
        self.steps = 0  # of the running operation or timer
        self.queue = []  # orders that are yet to be visited, of each cascade that goes on in the next block
        self.floor = 0  # the time of the block before, or of the timer that fired last
        self.tokens = set(tokens)
        self.balances = {}  # (token, account)
        self.held = {}  # (token, account)
        self.frozen = set()  # (token, account)
        self.paused = set()
        self.listed = set()  # tokens with an allow-list
        self.allowed = set()  # (token, account)
        self.orders = []
        self.offers = []
        self.consents = set()
        self.now = 0
        self.paid = []  # (order, line, holder, amount) of the running operation

    # Finding

    def order(self, id, status="open"):
        if not 1 <= id <= len(self.orders):
            raise Refused("UnknownOrder")
        order = self.orders[id - 1]
        self.fire_overdue(order)
        if order.status != status:
            raise Refused("WrongStatus")
        return order

    def line(self, order, index):
        if not 0 <= index < len(order.lines):
            raise Refused("UnknownLine")
        return order.lines[index]

    def gate(self, order, index):
        if not 0 <= index < len(order.gates):
            raise Refused("UnknownGate")
        return order.gates[index]

    # Opening

    def check_terms(self, order):
        def want(condition):
            if not condition:
                raise Refused("BadTerms")

        want(order.token in self.tokens)
        want(order.buyer)
        want(1 <= len(order.lines) <= 1024 and len(order.gates) <= 64)
        want(order.due_at <= TIME_LIMIT)
        for line in order.lines:
            want(line.payee and line.amount > 0)
            want(line.gate is None or 0 <= line.gate < len(order.gates))
        want(sum(line.amount for line in order.lines) < AMOUNT_LIMIT)
        for index, gate in enumerate(order.gates):
            want(len(gate.attestors) <= 32 and len(set(gate.attestors)) == len(gate.attestors))
            want(all(gate.attestors) and gate.threshold <= len(gate.attestors))
            want(max(gate.not_before, gate.deadline, gate.arbitration_period) <= TIME_LIMIT)
            want(gate.follows is None or 0 <= gate.follows < index)
            if gate.threshold == 0:
                want(not gate.attestors and gate.deadline == 0 and gate.on_timeout == "fail")
                want(gate.not_before > 0 or gate.follows is not None)
            else:
                want(gate.deadline > gate.not_before)
                want(gate.follows is not None or gate.deadline > self.now)
            if gate.on_timeout == "arbitrate":
                want(order.arbiter and gate.arbitration_period > 0)
                want(order.arbiter not in gate.attestors)
        if order.arbiter:
            want(order.arbiter != order.buyer)
            want(all(line.payee != order.arbiter for line in order.lines))

    def open(self, by, token, buyer, lines, gates, arbiter=None, due_at=0):
        order = Order(
            len(self.orders) + 1, token, buyer, by, lines, gates, arbiter, due_at,
            status="open" if by == buyer else "proposed")
        self.check_terms(order)
        for line in order.lines:
            line.claims = [[line.payee, line.amount]]
        self.orders.append(order)
        if order.status == "open":
            self.begin(order)
        return order.id

    def begin(self, order):
        for index in range(len(order.gates)):
            self.look_at_gate(order, index)

    def accept(self, by, id):
        order = self.order(id, "proposed")
        if by != order.buyer:
            raise Refused("NotParty")
        self.check_terms(order)
        order.status = "open"
        self.begin(order)

    def decline(self, by, id):
        order = self.order(id, "proposed")
        if by not in (order.buyer, order.proposer):
            raise Refused("NotParty")
        order.status = "closed"
        for line in order.lines:
            line.voided, line.claims = line.amount, []

    def fund(self, by, id, amount):
        order = self.order(id)
        if amount == 0:
            raise Refused("ZeroAmount")
        if amount > order.outstanding:
            raise Refused("Overfunded")
        self.take(by, order.token, amount)
        order.funded += amount
        self.cascade(order, is_paid_for=True)

    # Guarantee

    def guarantee(self, by, id, amount):
        order = self.order(id)
        if order.due_at == 0 or order.due_at <= self.now:
            raise Refused("NoDueDate")
        if amount == 0:
            raise Refused("ZeroAmount")
        if amount > order.outstanding:
            raise Refused("Overfunded")
        if order.lock >= amount:
            raise Refused("AlreadyGuaranteed")
        self.take(by, order.token, amount)
        if order.lock:
            self.pay(order.guarantor, order.token, order.lock)
        order.guarantor, order.lock = by, amount

    def draw(self, order):
        drawn = min(order.lock, order.outstanding)
        rest, order.lock = order.lock - drawn, 0
        if rest:
            self.pay(order.guarantor, order.token, rest)
        if drawn:
            reimbursement = Order(
                len(self.orders) + 1, order.token, order.buyer, order.guarantor,
                [Line(0, order.guarantor, drawn, claims=[[order.guarantor, drawn]])], [],
                due_at=order.due_at, level=order.level + 1)
            self.orders.append(reimbursement)
            order.reimbursement = reimbursement.id
            order.funded += drawn

    # Set-off

    def consent(self, by, on):
        (self.consents.add if on else self.consents.discard)(by)

    def set_off(self, entries):
        for id, _ in entries:
            if 1 <= id <= len(self.orders):
                self.fire_overdue(self.orders[id - 1])
        seen, owes, owed, token = set(), {}, {}, None
        for id, amount in entries:
            order = self.order(id)
            if id in seen:
                raise Refused("DuplicateEntry")
            seen.add(id)
            line = order.lines[0]
            if (len(order.lines) != 1 or len(line.claims) != 1
                    or isinstance(line.claims[0][0], int)
                    or line.gate is not None and order.gates[line.gate].state != "met"):
                raise Refused("NotOpenAccount")
            holder = line.claims[0][0]
            if not 0 < order.due_at <= self.now:
                raise Refused("NotDue")
            if order.buyer not in self.consents or holder not in self.consents:
                raise Refused("NoConsent")
            if token not in (None, order.token):
                raise Refused("TokenMismatch")
            token = order.token
            if amount == 0:
                raise Refused("ZeroAmount")
            if amount > order.outstanding:
                raise Refused("Overfunded")
            owes[order.buyer] = owes.get(order.buyer, 0) + amount
            owed[holder] = owed.get(holder, 0) + amount
        if owes != owed:
            raise Refused("Unbalanced")
        for id, amount in entries:
            order = self.orders[id - 1]
            line = order.lines[0]
            order.funded += amount
            line.paid += amount
            line.claims = self.merged([[line.claims[0][0], line.claims[0][1] - amount]])
        self.cascade(*(self.orders[id - 1] for id, _ in entries))

    # Time

    def timers(self, orders):
        for order in orders:
            if order.status != "open":
                continue
            if order.lock:
                yield order.due_at, order.id, 0, 0
            for index, gate in enumerate(order.gates):
                if gate.state == "disputed":
                    yield gate.arbitration_ends, order.id, 3, index
                opens = self.opens_at(order, gate)
                if gate.state == "pending" and opens is not None:
                    if self.enough(gate):
                        yield opens, order.id, 1, index
                    if gate.threshold:
                        yield self.due_time(order, gate), order.id, 2, index

    def advance(self, to):
        """A block: what waits comes first, then timers, as far as the block may go."""
        self.floor, self.now = self.now, to
        self.budget = self.block_limit - self.go_on(self.block_limit)
        while self.budget > 0 and (due := self.due(self.orders)):
            self.fire(due)
            self.steps = 0
        self.budget = self.block_limit

    def due(self, orders):
        return min((timer for timer in self.timers(orders) if timer[0] <= self.now), default=None)

    def fire_overdue(self, order):
        while due := self.due([order]):
            self.fire(due)

    def fire(self, timer):
        time, id, kind, index = timer
        now, order = self.now, self.orders[id - 1]
        self.floor = self.now = max(self.floor, time)
        if kind == 0:
            self.draw(order)
        elif kind == 2 and order.gates[index].on_timeout == "arbitrate":
            self.to_arbiter(order.gates[index])
        elif kind == 2:
            met = order.gates[index].on_timeout == "meet"
            self.end(order, index, WHOLE if met else 0)
        elif kind == 3:
            self.end(order, index, WHOLE if order.gates[index].if_silent == "meet" else 0)
        else:
            self.look_at_gate(order, index)
        self.cascade(order)
        self.now = now
