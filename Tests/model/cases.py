"""Random histories as worked cases, for a ledger that plays files of them: a hundred times faster than through a node.

    .venv/bin/python Tests/model/cases.py --seeds 500 > cases.jsonl && .build/debug/dip vectors cases.jsonl

What the model makes of each step is what must come of it. Kinds of history are those of `histories.py`; in
some of them amounts reach 2^128. `--counts` tells which operations were done and refused how often.
"""

import argparse
import json
import random
import sys

from histories import ACCOUNTS, Histories
from model import Ledger
from vectors import outcome, view

# What a case can say.
OPERATIONS = {
    "open", "accept", "decline", "fund", "attest", "dispute", "resolve", "waive", "transferClaim", "pledge",
    "guarantee", "consent", "setOff", "advance"}
KINDS = {"all": 6, "claims": 4, "time": 5, "debts": 4, "ladder": 0.5, "crowd": 0.5}


def written(step):
    """A step as a case writes it: what is not there is left out."""
    if "terms" not in step:
        return step
    terms = {key: value for key, value in step["terms"].items() if value is not None}
    for part in ("lines", "gates"):
        terms[part] = [{k: v for k, v in record.items() if v is not None} for record in terms[part]]
    return step | {"terms": terms}


def case(seed, steps=150):
    """A case that follows from its seed."""
    choose = random.Random(seed)
    kind = choose.choices(list(KINDS), list(KINDS.values()))[0]
    unit = choose.choice([1, 1, 1, 1, 10**34])
    # Some ledgers have small blocks, in which little can be done at once.
    limits = {"steps": choose.choice([1, 3, 20_000]), "payments": choose.choice([1, 2, 4, 9])}
    limits = limits if choose.random() < 0.4 else {}
    ledger = Ledger({"T", "U"}, limits.get("steps", 20_000), limits.get("payments", float("inf")))
    mint = {}
    for token, accounts in (("T", ACCOUNTS), ("U", ACCOUNTS[:3])):
        for account in accounts:
            ledger.mint(account, token, 400 * unit)
            mint[account if token == "T" else f"{account}@{token}"] = str(400 * unit)
    histories = Histories(choose, ledger, kind, unit)
    steps += len(histories.planned)
    done = []
    while len(done) < steps:
        step = histories.next()
        if step["op"] in OPERATIONS:
            step = written(step)
            done.append(step | {"expect": outcome(ledger, step)})
    balances = {
        account if token == "T" else f"{account}@{token}": str(amount)
        for (token, account), amount in ledger.balances.items() if amount}
    return {"name": f"{kind} {seed}", "why": "", "mint": mint, "steps": done, **({"limits": limits} if limits else {}),
            "final": {"balances": balances, "orders": [view(order) for order in ledger.orders]}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--counts", action="store_true", help="how each operation went, to standard error")
    options = parser.parse_args()
    counts = {}
    for seed in range(options.seed, options.seed + options.seeds):
        made = case(seed, options.steps)
        print(json.dumps(made))
        for step in made["steps"]:
            told = counts.setdefault(step["op"], {})
            told[step["expect"].get("error", "done")] = told.get(step["expect"].get("error", "done"), 0) + 1
    for operation, outcomes in sorted(counts.items() if options.counts else ()):
        told = ", ".join(f"{n} {o}" for o, n in sorted(outcomes.items()))
        print(f"  {operation}: {told}", file=sys.stderr)


if __name__ == "__main__":
    main()
