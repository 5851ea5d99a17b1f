"""Plays worked cases of settlement on the model: `python3 Tests/model/vectors.py FILE…`"""

import copy
import json
import sys

from model import Ledger
from terms import Gate, Line, Refused


def read(path):
    with open(path) as file:
        return json.load(file) if path.endswith(".json") else [json.loads(line) for line in file]


def gate(terms):
    return Gate(
        terms.get("attestors", []), terms["threshold"], terms.get("notBefore", 0),
        terms.get("deadline", 0), terms.get("onTimeout", "fail"), terms.get("follows"),
        terms.get("ifSilent", "fail"), terms.get("arbitrationPeriod", 0))


def line(terms):
    return Line(terms["tier"], terms["payee"], int(terms["amount"]), terms.get("gate"))


def perform(ledger, step):
    ledger.steps = 0
    match step["op"]:
        case "open":
            terms = step["terms"]
            return ledger.open(
                step["by"], terms["token"], terms["buyer"], [line(t) for t in terms["lines"]],
                [gate(t) for t in terms["gates"]], terms.get("arbiter"), terms.get("dueAt", 0))
        case "accept": ledger.accept(step["by"], step["order"])
        case "decline": ledger.decline(step["by"], step["order"])
        case "fund": ledger.fund(step["by"], step["order"], int(step["amount"]))
        case "attest": ledger.attest(step["by"], step["order"], step["gate"], step["bps"])
        case "dispute": ledger.dispute(step["by"], step["order"], step["gate"])
        case "resolve": ledger.resolve(step["by"], step["order"], step["gate"], step["bps"])
        case "waive": ledger.waive(step["by"], step["order"], step["line"], int(step["units"]))
        case "transferClaim":
            ledger.transfer_claim(
                step["by"], step["order"], step["line"], step["to"], int(step["units"]))
        case "pledge":
            ledger.pledge(
                step["by"], step["order"], step["line"], step["child"], int(step["units"]))
        case "guarantee": ledger.guarantee(step["by"], step["order"], int(step["amount"]))
        case "consent": ledger.consent(step["by"], step["on"])
        case "setOff":
            ledger.set_off([(entry["order"], int(entry["amount"])) for entry in step["entries"]])
        case "advance": ledger.advance(step["to"])
        case other: raise ValueError(f"no such operation: {other}")


def name(holder):
    return f"order:{holder}" if isinstance(holder, int) else holder


def outcome(ledger, step):
    """What the model makes of a step: all or nothing of it, as a vector says it."""
    before = copy.deepcopy(ledger.__dict__)
    ledger.paid = []
    try:
        order = perform(ledger, step)
    except Refused as refusal:
        # What was undone has used up what a block may do all the same.
        ledger.__dict__ = before | {"budget": ledger.budget}
        return {"error": str(refusal).replace("GateIsClosed", "GateClosed")}
    said = {"ok": True, "paid": [
        {"order": o, "line": i, "to": name(h), "amount": str(a)} for o, i, h, a in ledger.paid]}
    return said | ({"order": order} if order else {})


def view(order):
    return {
        "id": order.id, "status": order.status, "buyer": order.buyer, "funded": str(order.funded),
        "refunded": str(order.refunded), "gates": [gate.state for gate in order.gates],
        "lines": [
            {"amount": str(l.amount), "voided": str(l.voided), "paid": str(l.paid),
             "claims": [[name(h), str(u)] for h, u in l.claims]} for l in order.lines]}


def play(case):
    """Every difference between the case and the model, in words."""
    limits = case.get("limits", {})
    ledger = Ledger({"T", "U"}, limits.get("steps", 20_000), limits.get("payments", float("inf")))
    for account, amount in case["mint"].items():
        account, _, token = account.partition("@")
        ledger.mint(account, token or "T", int(amount))
    differences = []
    for index, step in enumerate(case["steps"]):
        got = outcome(ledger, step)
        if got != step["expect"]:
            differences.append(f"step {index} {step}: expected {step['expect']}, got {got}")
    for account, amount in case["final"]["balances"].items():
        who, _, token = account.partition("@")
        if (got := ledger.balance(who, token or "T")) != int(amount):
            differences.append(f"{account} has {got}, expected {amount}")
    for got, expected in zip(map(view, ledger.orders), case["final"]["orders"], strict=True):
        if got != expected:
            differences.append(f"expected {expected}, got {got}")
    return differences


if __name__ == "__main__":
    cases = [case for path in sys.argv[1:] for case in read(path)]
    failed = 0
    for case in cases:
        if differences := play(case):
            failed += 1
            print(f"{case['name']}:", *differences[:3], sep="\n  ")
    print(f"{len(cases)} cases, {failed} failed")
    sys.exit(failed > 0)
