"""A load of payments, and a note of every one that was acknowledged."""

import random
import threading
import time
from dataclasses import dataclass

import coincurve
import rlp
from eth_account import Account
from eth_hash.auto import keccak

from rpc import NoAnswer, Refused

GWEI = 10**9
GAS = 21_000


def dev_key(index):
    """The published key `index` of development ledgers."""
    return keccak(f"dipnet dev {index}".encode())


def sign(key, nonce, receiver, value, chain_id, data=b"", gas=GAS):
    """A transaction as raw bytes and its hash.

    Does what `Account.sign_transaction` does in a twentieth of the time; `Payer` compares the first of each
    account.
    """
    fields = [nonce, GWEI, gas, receiver, value, data]
    digest = keccak(rlp.encode([*fields, chain_id, 0, 0]))
    signature = key.sign_recoverable(digest, hasher=None)
    numbers = [int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")]
    raw = rlp.encode([*fields, chain_id * 2 + 35 + signature[64], *numbers])
    return raw, "0x" + keccak(raw).hex()


@dataclass(slots=True)
class Acknowledged:
    """A payment that a node said is done."""

    hash: str
    height: int
    block: str
    index: int
    bank: int
    mode: str
    sent: float
    acknowledged: float


class Caller(threading.Thread):
    """Hands transactions in, each until it is acknowledged, whatever happens to the nodes.

    One whose fate is unknown is sent again to another node, the same bytes: so each is made once.
    """

    def __init__(self, consortium, mode, seed, favourite=None):
        super().__init__(daemon=True)
        self.consortium, self.mode, self.favourite = consortium, mode, favourite
        self.random = random.Random(seed)
        self.acknowledged = []
        self.trouble = {}
        self.ending = threading.Event()
        self.fault = None

    def run(self):
        try:
            self.work()
        except BaseException as fault:  # noqa: B902, told at the end
            self.fault = fault

    def pay(self, raw, hash):
        """Its receipt once it is acknowledged; None if the load ends before, then its fate is unknown."""
        sent = time.monotonic()
        node = self.choose(None)
        while not self.ending.is_set():
            if node is None:
                time.sleep(0.02)
                node = self.choose(None)
                continue
            try:
                self.send(node, raw)
                receipt = node.call("dip_waitForReceipt", hash, self.mode, 1_500, timeout=3)
                if receipt:
                    self.note(hash, receipt, node, sent)
                    return receipt
                self.wonder("no receipt in time")
            except NoAnswer:
                self.wonder("no answer")
                time.sleep(0.01)
            except Refused as refusal:
                self.wonder(refusal.name or refusal.message[:60])
                time.sleep(0.02)
            node = self.choose(node)
        return None

    def send(self, node, raw):
        try:
            node.call("eth_sendRawTransaction", "0x" + raw.hex(), timeout=3)
        except Refused as refusal:
            # It is on its way, or done: what a client that asks again has to expect.
            if not refusal.message.startswith("already known"):
                raise

    def choose(self, previous):
        """Any node that runs, another one than the last if there is one; the favourite one first."""
        running = [node for node in self.consortium.nodes if node.answers]
        if previous is None and self.favourite in [node.number for node in running]:
            return self.consortium[self.favourite]
        others = [node for node in running if node is not previous] or running
        return self.random.choice(others) if others else None

    def note(self, hash, receipt, node, sent):
        self.acknowledged.append(Acknowledged(
            hash, int(receipt["blockNumber"], 16), receipt["blockHash"],
            int(receipt["transactionIndex"], 16), node.number, self.mode, sent, time.monotonic()))

    def wonder(self, what):
        self.trouble[what] = self.trouble.get(what, 0) + 1


class Payer(Caller):
    """Pays one unit after the other from one account."""

    def __init__(self, consortium, index, mode, prepared=2_000, pause=0.0, favourite=None):
        super().__init__(consortium, mode, index, favourite)
        self.pause = pause
        secret = dev_key(index)
        self.key = coincurve.PrivateKey(secret)
        self.account = Account.from_key(secret).address
        self.receiver = keccak(f"receiver {index}".encode())[-20:]
        self.signed = []
        self._prepare(prepared)
        check = Account.from_key(secret).sign_transaction({
            "nonce": 0, "gasPrice": GWEI, "gas": GAS, "to": self.receiver, "value": 1, "data": b"",
            "chainId": consortium.chain_id})
        assert check.raw_transaction == self.signed[0][0]

    def _prepare(self, count):
        first = len(self.signed)
        self.signed += [sign(self.key, first + nonce, self.receiver, 1, self.consortium.chain_id)
                        for nonce in range(count)]

    def work(self):
        nonce = 0
        while not self.ending.is_set():
            if nonce == len(self.signed):
                self._prepare(500)
            if not self.pay(*self.signed[nonce]):
                return
            nonce += 1
            if self.pause:
                time.sleep(self.pause)


class Load:
    """Several payers at once."""

    def __init__(self, consortium, payers=4, pause=0.0, prepared=2_000):
        self.consortium = consortium
        modes = ("executed", "certified")
        self.payers = [Payer(consortium, index + 1, modes[index % 2], prepared, pause)
                       for index in range(payers)]

    def start(self):
        self.began = time.monotonic()
        for payer in self.payers:
            payer.start()
        return self

    @property
    def count(self):
        return sum(len(payer.acknowledged) for payer in self.payers)

    def await_more(self, count, seconds=180):
        """Waits until so many more are acknowledged."""
        wanted = self.count + count
        deadline = time.monotonic() + seconds
        while self.count < wanted:
            for payer in self.payers:
                if payer.fault:
                    raise payer.fault
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"only {self.count - wanted + count} of {count} payments in {seconds} s; "
                    f"troubles: {self.troubles()}")
            time.sleep(0.01)

    def stop(self):
        """Ends the load; what was under way has an unknown fate and may or may not be made."""
        for payer in self.payers:
            payer.ending.set()
        for payer in self.payers:
            payer.join()
            if payer.fault:
                raise payer.fault
        self.seconds = time.monotonic() - self.began
        return self

    def troubles(self):
        total = {}
        for payer in self.payers:
            for what, count in payer.trouble.items():
                total[what] = total.get(what, 0) + count
        return total


class Probe(Payer):
    """Pays once when told to, and says how long that took."""

    def __init__(self, consortium, index=9, prepared=300):
        super().__init__(consortium, index, "executed", prepared)
        self.nonce = 0

    def choose(self, previous):
        """Stays with one node, so that what is measured is the ledger and not the client's patience."""
        return self.node

    def once(self, node):
        """Seconds until a payment is acknowledged by a node that is submitted to it now."""
        self.node = node
        if self.nonce == len(self.signed):
            self._prepare(100)
        raw, hash = self.signed[self.nonce]
        assert self.pay(raw, hash)
        self.nonce += 1
        done = self.acknowledged[-1]
        return done.acknowledged - done.sent
