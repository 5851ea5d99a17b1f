"""Random histories, played through a running node's JSON-RPC and on the model, compared step by step.

    DIP=.build/debug/dip .venv/bin/python Tests/model/differential.py --seed 7 --seeds 100 --steps 600

Every history has a new development node with a clock that stands still. A difference ends the run with the
seed, the step and both sides; the same seed plays the same history again.
"""

import argparse
import copy
import http.client
import json
import pathlib
import random
import sys
import tempfile
import urllib.parse

from eth_abi import decode
from eth_account import Account
from eth_utils import keccak
from web3 import Web3

sys.path.append(str(pathlib.Path(__file__).parents[1] / "blackbox"))
from conftest import Node as Process
from histories import ACCOUNTS, ARBITER, Histories
from model import Ledger
from terms import Refused
from vectors import name, perform

ABI = pathlib.Path(__file__).parents[2] / "Genesis/abi"
ZERO = "0x" + "0" * 40
TIMEOUTS = {"fail": 0, "meet": 1, "arbitrate": 2}
EVIDENCE = b"\1" * 32


class Difference(Exception):
    """The node and the model do not agree."""


def key(number):
    return Account.from_key(keccak(text=f"dipnet dev {number}"))


def contract(abi, address):
    return Web3().eth.contract(
        Web3.to_checksum_address(address), abi=json.loads((ABI / f"{abi}.json").read_text()))


def native(abi, number):
    return contract(abi, "0x" + f"{number:040x}")


class Node:
    """What the run needs of a node: one connection, own keys, raw transactions."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        self.nonces = {}
        self.chain_id = int(self.rpc("eth_chainId"), 16)
        self.price = int(self.rpc("eth_gasPrice"), 16)

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self.connection.request("POST", "/", body, {"content-type": "application/json"})
        answer = json.loads(self.connection.getresponse().read())
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def send(self, account, address, data):
        """Signs, sends and waits: the receipt."""
        nonce = self.nonces.get(account.address)
        if nonce is None:
            nonce = int(self.rpc("eth_getTransactionCount", account.address, "latest"), 16)
        signed = account.sign_transaction({
            "to": address, "data": data, "nonce": nonce, "gas": 5_000_000, "value": 0,
            "gasPrice": self.price, "chainId": self.chain_id})
        self.nonces[account.address] = nonce + 1
        hash = self.rpc("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
        receipt = self.rpc("dip_waitForReceipt", hash)
        if receipt is None:
            raise RuntimeError(f"no receipt of {hash}")
        return receipt


class Both:
    """The node and the model, with the same accounts."""

    def __init__(self, url, seed, kind=None):
        self.node = Node(url)
        self.orders, self.claims = native("Orders", 0xD102), native("Claims", 0xD103)
        self.issuer = key(0)
        self.keys = {n: Account.from_key(keccak(text=f"model {n}")) for n in [*ACCOUNTS, ARBITER]}
        self.names = {k.address.lower(): n for n, k in self.keys.items()}
        # T can be frozen; U can also be paused and taken back, and has an allow-list.
        self.tokens = {symbol: self.issue(symbol, bits) for symbol, bits in (("T", 8), ("U", 60))}
        self.model = Ledger(self.tokens)
        for account in self.keys.values():
            self.done(self.node.send(self.issuer, native("Dip", 0xD100).address, self.encode(
                native("Dip", 0xD100), "transfer", account.address, 10**21)))
        self.model.listed.add("U")
        for symbol, token in self.tokens.items():
            names = ACCOUNTS if symbol == "T" else ACCOUNTS[:3]
            for n in names if symbol == "U" else ():
                self.model.allowed.add(("U", n))
                self.done(self.node.send(self.issuer, token.address, self.encode(
                    token, "allow", self.keys[n].address, True)))
            self.done(self.node.send(self.issuer, token.address, self.encode(
                token, "transferBatch", [self.keys[n].address for n in names], [400] * len(names))))
            for n in names:
                self.model.mint(n, symbol, 400)
        self.model.now = self.node.rpc("dip_advanceTime", 1)["time"]
        self.random = random.Random(seed)
        drawn = self.random.choice(["all", "all", "all", "claims", "time", "debts"])
        self.histories = Histories(self.random, self.model, kind or drawn)

    @staticmethod
    def encode(contract, function, *arguments):
        return contract.encode_abi(function, args=list(arguments))

    @staticmethod
    def done(receipt):
        if int(receipt["status"], 16) != 1:
            raise RuntimeError(f"setting up was refused: {receipt.get('refusal')}")
        return receipt

    def issue(self, symbol, controls):
        factory = native("Tokens", 0xD101)
        receipt = self.done(self.node.send(self.issuer, factory.address, self.encode(
            factory, "create", (f"Model {symbol}", symbol, 0, 0, 10**6, controls, ""))))
        return contract("Token", "0x" + receipt["output"][-40:])

    # What a step is as a transaction

    def address(self, name):
        if name and name not in self.keys:
            # Somebody who is named in terms only.
            return Web3.to_checksum_address(keccak(text=f"model {name}")[-20:])
        return self.keys[name].address if name else ZERO

    def terms(self, terms):
        gates = [(
            [self.address(a) for a in gate["attestors"]], gate["threshold"], gate["notBefore"],
            gate["deadline"], TIMEOUTS[gate.get("onTimeout", "fail")],
            0 if gate["follows"] is None else gate["follows"] + 1,
            gate.get("ifSilent") == "meet", gate.get("arbitrationPeriod", 0)) for gate in terms["gates"]]
        lines = [(
            line["tier"], self.address(line["payee"]), int(line["amount"]),
            0 if line["gate"] is None else line["gate"] + 1) for line in terms["lines"]]
        return (self.tokens[terms["token"]].address, self.address(terms["buyer"]),
                self.address(terms["arbiter"]), terms["dueAt"], b"\0" * 32, lines, gates)

    def transaction(self, step):
        """Who sends what to which contract."""
        orders, claims = self.orders, self.claims
        match step["op"]:
            case "open": call = orders, "open", self.terms(step["terms"])
            case "accept" | "decline": call = orders, step["op"], step["order"]
            case "fund" | "guarantee": call = orders, step["op"], step["order"], int(step["amount"])
            case "attest": call = orders, "attest", step["order"], step["gate"], step["bps"], EVIDENCE
            case "dispute": call = orders, "dispute", step["order"], step["gate"], EVIDENCE
            case "resolve": call = orders, "resolve", step["order"], step["gate"], step["bps"]
            case "waive": call = orders, "waive", step["order"], step["line"], int(step["units"])
            case "transferClaim":
                call = (claims, "transfer", step["order"], step["line"], self.address(step["to"]),
                        int(step["units"]))
            case "pledge":
                call = (claims, "pledge", step["order"], step["line"], step["child"],
                        int(step["units"]))
            case "consent": call = orders, "consent", step["on"]
            case "setOff":
                call = (orders, "setOff", [e["order"] for e in step["entries"]],
                        [int(e["amount"]) for e in step["entries"]])
            case "freeze":
                call = self.tokens[step["token"]], "freeze", self.address(step["account"]), step["on"]
            case "offer":
                call = (claims, "offer", step["order"], step["line"], int(step["units"]),
                        int(step["price"]), step["maxAhead"], self.address(step["onlyTo"]),
                        step["expiry"])
            case "buy" | "withdraw": call = claims, step["op"], step["offer"]
            case "pause": call = self.tokens[step["token"]], "pause" if step["on"] else "unpause"
            case "allow":
                call = self.tokens[step["token"]], "allow", self.address(step["account"]), step["on"]
            case "clawback":
                call = (self.tokens[step["token"]], "clawback", self.address(step["account"]),
                        self.address(step["to"]), int(step["amount"]), EVIDENCE)
            case "release":
                call = self.tokens[step["token"]], "releaseHeld", self.address(step["account"])
            case "transfer":
                call = (self.tokens[step["token"]], "transfer", self.address(step["to"]),
                        int(step["amount"]))
        sender = self.keys[step["by"]] if "by" in step else self.issuer
        return sender, call[0].address, self.encode(*call)

    # One step on both sides

    def on_model(self, step):
        before, self.model.paid = copy.deepcopy(self.model.__dict__), []
        try:
            match step["op"]:
                case "freeze" | "pause" | "allow":
                    marks = {"freeze": self.model.frozen, "pause": self.model.paused,
                             "allow": self.model.allowed}[step["op"]]
                    change = marks.add if step["on"] else marks.discard
                    change(step["token"] if step["op"] == "pause" else (step["token"], step["account"]))
                case "clawback":
                    self.model.claw_back(
                        step["account"], step["to"], step["token"], int(step["amount"]))
                case "offer":
                    self.model.offer(
                        step["by"], step["order"], step["line"], int(step["units"]),
                        int(step["price"]), step["maxAhead"], step["onlyTo"], step["expiry"])
                case "buy": self.model.buy(step["by"], step["offer"])
                case "withdraw": self.model.withdraw(step["by"], step["offer"])
                case "release": self.model.release_held(step["account"], step["token"])
                case "transfer":
                    self.model.transfer(step["by"], step["to"], step["token"], int(step["amount"]))
                case _: perform(self.model, step)
        except Refused as refusal:
            self.model.__dict__ = before
            return str(refusal), []
        return "done", [[o, i, name(h), a] for o, i, h, a in self.model.paid]

    def on_node(self, step):
        receipt = self.node.send(*self.transaction(step))
        if int(receipt["status"], 16) != 1:
            return receipt["refusal"]["name"], []
        return "done", self.payments(receipt["logs"])

    def payments(self, logs):
        paid = self.orders.events.Paid()
        topic = "0x" + keccak(text="Paid(uint64,uint16,address,uint64,uint256)").hex()
        found = []
        for log in logs:
            if log["topics"][0] == topic:
                order, to_order = int(log["topics"][1], 16), int(log["topics"][3], 16)
                line, amount = decode(["uint16", "uint256"], bytes.fromhex(log["data"][2:]))
                to = f"order:{to_order}" if to_order else self.names["0x" + log["topics"][2][-40:]]
                found.append([order, line, to, amount])
        return found

    def step(self):
        step = self.histories.next()
        if step["op"] == "advance":
            time = self.node.rpc("dip_advanceTime", step["to"] - self.model.now)["time"]
            self.model.advance(time)
            # Its block fires the timers first, whoever made it.
            step = {"op": "consent", "by": ACCOUNTS[0], "on": True}
        expected, got = self.on_model(step), self.on_node(step)
        if expected != got:
            raise Difference(f"{step}:\n  model {expected}\n  node  {got}")
        return step, expected[0]

    # The whole state

    def compare(self, orders):
        """Every balance, what is held, and the given orders."""
        for n, account in self.keys.items():
            rows = {row["token"]: row for row in self.node.rpc("dip_balances", account.address)["balances"]}
            for symbol, token in self.tokens.items():
                row = rows.get(token.address.lower(), {})
                got = int(row.get("amount", 0)), int(row.get("held", 0))
                expected = self.model.balance(n, symbol), self.model.held.get((symbol, n), 0)
                if got != expected:
                    raise Difference(f"{n} has {got} of {symbol} and held, in the model {expected}")
        for order in orders:
            got, expected = self.node_view(order.id), self.model_view(order)
            if got != expected:
                raise Difference(f"order {order.id}:\n  model {expected}\n  node  {got}")

    def node_view(self, id):
        json = self.node.rpc("dip_order", id)

        def holder(claim):
            return f"order:{claim['order']}" if "order" in claim else self.names[claim["holder"]]

        return {
            "status": json["status"], "level": json["level"], "funded": int(json["funded"]),
            "refunded": int(json["refunded"]), "guarantee": int(json.get("guarantee", 0)),
            "reimbursement": json["reimbursement"] if json.get("reimbursement") else 0,
            "gates": [gate["state"] for gate in json["gates"]],
            "lines": [[int(l["amount"]), int(l["voided"]), int(l["paid"]),
                       [[holder(c), int(c["units"])] for c in l["claims"]]] for l in json["lines"]]}

    @staticmethod
    def model_view(order):
        return {
            "status": order.status, "level": order.level, "funded": order.funded,
            "refunded": order.refunded, "guarantee": order.lock, "reimbursement": order.reimbursement,
            "gates": [gate.state for gate in order.gates],
            "lines": [[l.amount, l.voided, l.paid, [[name(h), u] for h, u in l.claims]]
                      for l in order.lines]}


def run(url, seed, steps, kind=None):
    """Plays a history, of a kind that the seed draws unless told.

    Returns how often each operation was done and refused; raises `Difference` with the seed and the step.
    """
    both = Both(url, seed, kind)
    counts = {}
    for number in range(steps):
        try:
            step, outcome = both.step()
            touched = both.model.orders if number % 25 == 24 else both.model.orders[-1:]
            if number % 5 == 4:
                both.compare(touched)
        except Difference as difference:
            raise Difference(f"seed {seed}, step {number}: {difference}") from None
        counts.setdefault(step["op"], {}).setdefault(outcome, 0)
        counts[step["op"]][outcome] += 1
    both.compare(both.model.orders)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after another")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--counts", action="store_true", help="how each operation went")
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            node = Process(folder, "--clock", "manual").start()
            try:
                counts = run(node.url, seed, options.steps)
            except Difference as difference:
                sys.exit(str(difference))
            finally:
                node.stop()
        done = sum(outcomes.get("done", 0) for outcomes in counts.values())
        print(f"seed {seed}: {options.steps} steps, {done} done, the others refused, the same on both sides")
        if options.counts:
            for operation, outcomes in sorted(counts.items()):
                print(f"  {operation}: " + ", ".join(f"{n} {o}" for o, n in sorted(outcomes.items())))


if __name__ == "__main__":
    main()
