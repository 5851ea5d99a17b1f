"""Steps of random histories with something wrong in them."""

ARBITER = "arb"


class Spoiling:
    """What histories do to a step; `random`, `ledger`, `account` and `order_id` are theirs."""

    def spoilt(self, step):
        """The same with one thing that is likely wrong: what refuses it first is for the ledger to say."""
        other = {
            "order": lambda: self.random.choice([0, len(self.ledger.orders) + 1, 2**64 - 1, self.order_id()]),
            "child": lambda: self.random.choice([0, len(self.ledger.orders) + 1, self.order_id()]),
            "line": lambda: self.random.choice([0, step.get("line", 0) + 1, 65_535]),
            "gate": lambda: self.random.choice([0, step.get("gate", 0) + 1, 255]),
            "units": lambda: self.random.choice(["0", str(2**128 - 1)]),
            "amount": lambda: self.random.choice(["0", str(2**128 - 1)]),
            "bps": lambda: self.random.choice([10_001, 65_535]),
            "by": self.account,
            "to": self.account,
            "entries": lambda: self.spoilt_entries(step["entries"]),
            "terms": lambda: self.spoilt_terms(step["terms"])}
        keys = sorted(set(step) & set(other))
        if step["op"] == "transfer" or not keys:
            return step
        if step["op"] == "advance":
            return {"op": "advance", "to": self.ledger.now}
        # Often two things at once: which one is told is a rule, too.
        for key in self.random.sample(keys, min(len(keys), self.random.choice([1, 1, 2]))):
            step = step | {key: other[key]()}
        return step

    def spoilt_entries(self, entries):
        entries = [dict(entry) for entry in entries]
        more = {"order": self.order_id(), "amount": str(self.random.randint(0, 3))}
        match self.random.randrange(5):
            case 0: entries += entries[:1]
            case 1: entries.insert(self.random.randint(0, len(entries)), more)
            case 2 if entries: self.random.choice(entries)["amount"] = "0"
            case 3 if entries: self.random.choice(entries)["order"] = self.order_id()
            case 4: self.random.shuffle(entries)
        return entries

    def spoilt_terms(self, terms):
        """Terms with one field at, or just beyond, its limit."""
        terms = terms | {"lines": [dict(l) for l in terms["lines"]], "gates": [dict(g) for g in terms["gates"]]}
        random = self.random
        line = random.choice(terms["lines"])
        gate = random.choice(terms["gates"]) if terms["gates"] else {}
        now = self.ledger.now
        changes = [
            (terms, "lines", []), (terms, "dueAt", 2**40), (terms, "dueAt", 2**40 + 1),
            (terms, "arbiter", terms["buyer"]), (terms, "arbiter", line["payee"]), (terms, "buyer", ""),
            (line, "payee", ""), (line, "amount", str(2**128 - 1)), (line, "amount", "0"),
            (line, "gate", len(terms["gates"]))]
        if gate:
            attestors = gate["attestors"] or ["a0"]
            changes += [
                (gate, "deadline", now), (gate, "deadline", now + 1), (gate, "deadline", gate["notBefore"]),
                (gate, "deadline", 2**40), (gate, "deadline", 2**40 + 1), (gate, "notBefore", 2**40 - 1),
                (gate, "threshold", len(gate["attestors"]) + 1), (gate, "threshold", 0),
                (gate, "attestors", attestors + attestors[:1]), (gate, "attestors", attestors + [ARBITER]),
                (gate, "attestors", [""]), (gate, "attestors", []),
                (gate, "attestors", [f"t{n}" for n in range(32)]),
                (gate, "attestors", [f"t{n}" for n in range(33)]),
                (gate, "follows", terms["gates"].index(gate)), (gate, "onTimeout", "arbitrate"),
                (gate, "onTimeout", "meet"), (gate, "arbitrationPeriod", 2**40 + 1)]
        record, key, value = random.choice(changes)
        record[key] = value
        return terms
