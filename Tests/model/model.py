"""The settlement rules a second time, written from docs/settlement-rules.md alone.

Slow and simple on purpose: every amount is an int, every list is walked, nothing is remembered that can be
worked out. It shares no line and no idea of representation with the ledger, so that where both agree the
rules were read right, and where they differ one of them, or the text, is wrong.

Accounts are strings. An order as holder of claims is its number.
"""

from dataclasses import dataclass, field

AMOUNT_LIMIT = 2**128
TIME_LIMIT = 2**40
WHOLE = 10_000


class Refused(Exception):
    """An operation that the rules refuse, by the name of the error."""


@dataclass
class Gate:
    attestors: list
    threshold: int
    not_before: int
    deadline: int
    on_timeout: str = "fail"  # fail, meet, arbitrate
    follows: int | None = None
    if_silent: str = "fail"
    arbitration_period: int = 0
    state: str = "pending"  # pending, disputed, met, failed
    said: dict = field(default_factory=dict)
    ended_at: int = 0
    arbitration_ends: int = 0


@dataclass
class Line:
    tier: int
    payee: str
    amount: int
    gate: int | None = None
    voided: int = 0
    paid: int = 0
    claims: list = field(default_factory=list)  # [holder, units], first paid first

    @property
    def live(self):
        return self.amount - self.voided


@dataclass
class Order:
    id: int
    token: str
    buyer: str
    proposer: str
    lines: list
    gates: list
    arbiter: str | None = None
    due_at: int = 0
    status: str = "open"  # proposed, open, closed
    level: int = 0
    funded: int = 0
    refunded: int = 0
    guarantor: str | None = None
    lock: int = 0
    reimbursement: int = 0
    sources: list = field(default_factory=list)  # (order, line) whose claims it holds or held, first come first

    @property
    def outstanding(self):
        return sum(line.live for line in self.lines) - (self.funded - self.refunded)


class Ledger:
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

    # Money

    def balance(self, account, token):
        return self.balances.get((token, account), 0)

    def mint(self, account, token, amount):
        self.balances[token, account] = self.balance(account, token) + amount

    def refusal(self, account, token):
        """Why an account can neither send nor receive, None where it can."""
        return "TokenPaused" if token in self.paused else self.bar(account, token)

    def bar(self, account, token):
        """The same, whether or not the token is paused."""
        if (token, account) in self.frozen:
            return "AccountFrozen"
        if token in self.listed and (token, account) not in self.allowed:
            return "AccountNotAllowed"
        return None

    def check(self, *accounts, token):
        for account in accounts:
            if why := self.refusal(account, token):
                raise Refused(why)

    def take(self, account, token, amount):
        if self.balance(account, token) < amount:
            raise Refused("ERC20InsufficientBalance")
        self.check(account, token=token)
        self.balances[token, account] -= amount

    def pay(self, account, token, amount):
        """Money that leaves a contract: held where the token refuses the payee."""
        purse = self.held if self.refusal(account, token) else self.balances
        purse[token, account] = purse.get((token, account), 0) + amount

    def release_held(self, account, token):
        if not self.held.get((token, account)):
            raise Refused("NothingHeld")
        self.check(account, token=token)
        self.mint(account, token, self.held.pop((token, account)))

    def claw_back(self, account, to, token, amount):
        has, held = self.balance(account, token), self.held.get((token, account), 0)
        if amount > has + held:
            raise Refused("ERC20InsufficientBalance")
        if why := self.bar(to, token):
            raise Refused(why)
        self.balances[token, account] = has - min(has, amount)
        if amount > has:
            self.held[token, account] = held - (amount - has)
        self.mint(to, token, amount)

    def transfer(self, sender, to, token, amount):
        if self.balance(sender, token) < amount:
            raise Refused("ERC20InsufficientBalance")
        self.check(sender, to, token=token)
        self.balances[token, sender] -= amount
        self.mint(to, token, amount)

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

    # Gates

    def opens_at(self, order, gate):
        """When the gate can be met; None while the gate that it follows is not met."""
        if gate.follows is None:
            return gate.not_before
        before = order.gates[gate.follows]
        return before.ended_at + gate.not_before if before.state == "met" else None

    def due_time(self, order, gate):
        if gate.follows is None:
            return gate.deadline
        before = order.gates[gate.follows]
        return before.ended_at + gate.deadline if before.state == "met" else None

    def enough(self, gate):
        return sum(1 for share in gate.said.values() if share > 0) >= gate.threshold

    def hopeless(self, gate):
        return len(gate.attestors) - sum(1 for s in gate.said.values() if s == 0) < gate.threshold

    def look_at_gate(self, order, index):
        """Ends a gate, and those that follow it, if what was said and the time are enough now.

        Others whose time has come wait for their own timers, which fire one after another.
        """
        gate = order.gates[index]
        if gate.state != "pending":
            return
        if gate.follows is not None and order.gates[gate.follows].state == "failed":
            self.end(order, index, 0)
            return
        opens = self.opens_at(order, gate)
        if opens is None:
            return
        if self.enough(gate) and self.now >= opens:
            self.end(order, index, min([s for s in gate.said.values() if s], default=WHOLE))
        elif self.hopeless(gate):
            if gate.on_timeout == "arbitrate":
                self.to_arbiter(gate)
            else:
                self.end(order, index, 0)

    def to_arbiter(self, gate):
        gate.state = "disputed"
        gate.arbitration_ends = self.now + gate.arbitration_period

    def end(self, order, index, share):
        gate = order.gates[index]
        gate.state = "met" if share else "failed"
        gate.ended_at = self.now
        for line in order.lines:
            if line.gate == index:
                keep = min(line.live, line.amount * share // WHOLE)
                if keep < line.live and self.budget > 0:
                    self.budget -= 1 + len(line.claims) // 8
                self.void(line, line.live - keep)
        for follower, gate in enumerate(order.gates):
            if gate.follows == index:
                self.look_at_gate(order, follower)

    def void(self, line, units):
        line.voided += units
        while units:
            entry = line.claims[-1]
            cut = min(units, entry[1])
            entry[1] -= cut
            units -= cut
            if entry[1] == 0:
                line.claims.pop()

    def attest(self, by, id, index, share):
        order = self.order(id)
        gate = self.gate(order, index)
        if by not in gate.attestors:
            raise Refused("NotAttestor")
        if gate.state != "pending":
            raise Refused("GateIsClosed")
        if by in gate.said:
            raise Refused("AlreadyAttested")
        if share > WHOLE:
            raise Refused("BadShare")
        gate.said[by] = share
        self.look_at_gate(order, index)
        self.cascade(order)

    def dispute(self, by, id, index):
        order = self.order(id)
        gate = self.gate(order, index)
        if gate.on_timeout != "arbitrate":
            raise Refused("NoArbiter")
        holders = [h for line in order.lines if line.gate == index for h, _ in line.claims]
        parties = {order.buyer} | {
            self.orders[h - 1].buyer if isinstance(h, int) else h for h in holders}
        if by not in parties:
            raise Refused("NotParty")
        if gate.state != "pending":
            raise Refused("GateIsClosed")
        if gate.follows is not None and order.gates[gate.follows].state != "met":
            raise Refused("GateNotReached")
        self.to_arbiter(gate)

    def resolve(self, by, id, index, share):
        order = self.order(id)
        gate = self.gate(order, index)
        if by != order.arbiter:
            raise Refused("NotArbiter")
        if gate.state != "disputed":
            raise Refused("NotDisputed")
        if share > WHOLE:
            raise Refused("BadShare")
        self.end(order, index, share)
        self.cascade(order)

    # Claims

    @staticmethod
    def merged(claims):
        out = []
        for holder, units in claims:
            if units == 0:
                continue
            if out and out[-1][0] == holder:
                out[-1][1] += units
            else:
                out.append([holder, units])
        return out

    def move_claim(self, by, order, index, to, units):
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        if to == by:
            raise Refused("SelfTransfer")
        claims, rest = [], units
        for holder, has in reversed(line.claims):
            moved = min(has, rest) if holder == by else 0
            rest -= moved
            claims[:0] = [[to, moved], [holder, has - moved]]
        claims = self.merged(claims)
        if len(claims) > max(256, len(line.claims)):
            raise Refused("TooManyHolders")
        # An order is on every list and never frozen.
        self.check(by, *([to] if isinstance(to, str) else []), token=order.token)
        return line, claims

    def transfer_claim(self, by, id, index, to, units):
        line, claims = self.move_claim(by, self.order(id), index, to, units)
        line.claims = claims

    def below(self, order):
        """The orders that money of an order flows into."""
        found = {h for line in order.lines for h, _ in line.claims if isinstance(h, int)}
        if order.reimbursement:
            found.add(order.reimbursement)
        return [id for id in found if self.orders[id - 1].status == "open"]

    def pledge(self, by, id, index, child_id, units):
        child = self.order(child_id)
        if by != child.buyer:
            raise Refused("NotParty")
        parent = self.order(id)
        self.line(parent, index)
        if parent.token != child.token:
            raise Refused("TokenMismatch")
        levels = self.lifted(parent, child)
        line, claims = self.move_claim(by, parent, index, child_id, units)
        line.claims = claims
        self.connect(parent, index, child)
        for order, level in levels.items():
            self.orders[order - 1].level = level

    def lifted(self, parent, child):
        levels, todo = {}, [(child.id, parent.level + 1)]
        if parent.id == child.id:
            raise Refused("PledgeCycle")
        while todo:
            id, level = todo.pop()
            if max(levels.get(id, 0), self.orders[id - 1].level) >= level:
                continue
            if id == parent.id:
                raise Refused("PledgeCycle")
            levels[id] = level
            if len(levels) > 10_000 or level > 10_000:
                raise Refused("PledgeTooDeep")
            todo += [(next, level + 1) for next in self.below(self.orders[id - 1])]
        if max(levels.values(), default=0) > 64:
            raise Refused("PledgeTooDeep")
        return levels

    def waive(self, by, id, index, units):
        order = self.order(id)
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        self.check(by, token=order.token)
        line.voided += units
        for entry in reversed(line.claims):
            if entry[0] == by:
                cut = min(units, entry[1])
                entry[1] -= cut
                units -= cut
        line.claims = self.merged(line.claims)
        self.cascade(order, is_paid_for=True)

    # Offers

    def offer(self, by, id, index, units, price, max_ahead, only_to, expiry):
        order = self.order(id)
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        self.check(by, token=order.token)
        self.offers.append([by, id, index, units, price, max_ahead, only_to, expiry, True])

    def open_offer(self, number):
        if not 1 <= number <= len(self.offers) or not self.offers[number - 1][-1]:
            raise Refused("OfferGone")
        return self.offers[number - 1]

    def buy(self, by, number):
        offer = self.open_offer(number)
        seller, id, index, units, price, max_ahead, only_to, expiry, _ = offer
        if expiry and self.now > expiry:
            raise Refused("OfferGone")
        if only_to and by != only_to:
            raise Refused("NotParty")
        order = self.order(id)
        line = self.line(order, index)
        if sum(u for h, u in line.claims if h == seller) < units:
            raise Refused("InsufficientClaim")
        if self.ahead(line, seller, units) > max_ahead:
            raise Refused("OfferGone")
        line, claims = self.move_claim(seller, order, index, by, units)
        self.transfer(by, seller, order.token, price)
        line.claims, offer[-1] = claims, False

    @staticmethod
    def ahead(line, seller, units):
        """What stands before the last unit that is sold, and is not sold itself: unit by unit, as it were."""
        pieces, rest = [], units
        for holder, has in reversed(line.claims):
            sold = min(has, rest) if holder == seller else 0
            rest -= sold
            pieces[:0] = [(True, sold), (False, has - sold)]
        last = max(place for place, (is_sold, n) in enumerate(pieces) if is_sold and n)
        return sum(n for is_sold, n in pieces[:last] if not is_sold)

    def withdraw(self, by, number):
        offer = self.open_offer(number)
        if by != offer[0]:
            raise Refused("NotParty")
        offer[-1] = False

    # The cascade

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
