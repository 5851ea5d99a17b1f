"""What lines wait for: attestations, disputes, what time does."""

from terms import WHOLE, Refused


class Gates:
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
