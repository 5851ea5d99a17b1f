"""A bank that is admitted by votes, takes part for a while, and is removed by votes, again and again."""

import json
import pathlib
import shutil
import time

from eth_abi import encode

from cascades import DIP_FOR_FEES, Ended, Signer, Signing, contract
from consortium import BankNode, dip
from payments import dev_key
from rpc import NoAnswer, Refused

ADMIT, REMOVE = 0, 1
A_WEEK = 7 * 86_400


class Membership(Signing):
    """Votes with the operators' keys, as those banks would.

    Processes belong to the storm alone: it starts who is `arriving` and ends who is `leaving`.
    """

    def __init__(self, consortium, equip, index=8):
        super().__init__(consortium, "certified", seed=index)
        self.funder = Signer(dev_key(index))
        self.equip = equip
        self.governance = contract("Governance")
        self.banks = consortium.folder / "banks"
        self.operators = {bank: operator(self.banks / f"bank{bank}")
                          for bank in range(1, consortium.count + 1)}
        self.arriving, self.leaving = [], []
        self.last = consortium.count
        self.closing = False

    def work(self):
        try:
            while not self.closing:
                bank = self.admit()
                self.wait(self.random.uniform(5, 15))
                self.remove(bank)
                self.wait(self.random.uniform(2, 8))
        except Ended:
            pass

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.closing:
            time.sleep(0.1)

    def admit(self):
        """Another bank is in force and its node has a vote in ordering."""
        told = self.joined()
        bank = told["bank"]
        node = BankNode(self.banks / f"bank{bank}", bank, self.consortium.world)
        node.is_member = False
        self.equip(node)
        self.operators[bank] = operator(node.folder)
        self.do(self.funder, self.operators[bank].address, value=DIP_FOR_FEES)
        self.decide(ADMIT, encode(
            ["string", "address", "address", "string", "uint64"],
            [f"Bank {bank}", told["nodeKey"], told["operator"], told["endpoint"], 0]),
            [number for number in self.operators if number != bank])
        self.arriving.append(node)
        self.until(lambda: self.role(bank) == "voter")
        node.is_member = True
        return bank

    def remove(self, bank):
        self.decide(REMOVE, encode(["address", "uint64"], [self.operators[bank].address, 0]),
                    list(self.operators))
        self.until(lambda: self.role(bank) is None)
        del self.operators[bank]
        self.leaving.append(bank)

    def joined(self):
        """Makes the new bank's folder; some node has to say how the ledger stands."""
        output = self.consortium.folder / "joining"
        while True:
            shutil.rmtree(output, ignore_errors=True)
            node = self.choose(None)
            bank = None
            try:
                bank = node and node.call("dip_consortium")["nextBank"]
            except (NoAnswer, Refused):
                pass
            # A node that is behind tells a number that another bank got meanwhile.
            if bank == self.last + 1:
                self.consortium.world.add(bank)
                host, port = self.consortium.world.rpc(node.number)
                status, said, _ = dip(
                    "consortium", "join", "--name", f"Bank {bank}",
                    "--endpoint", self.consortium.world.endpoint(bank),
                    "--genesis", self.banks / "genesis.json",
                    "--authorities", self.banks / "bank1/tls/authorities.pem",
                    "--authority", self.banks / "authority", "--output", output,
                    "--node", f"http://{host}:{port}", "--json", timeout=60)
                if status == 0 and json.loads(said)["bank"] == bank:
                    break
            self.pause_or_end()
        self.last = bank
        shutil.move(output / f"bank{bank}", self.banks / f"bank{bank}")
        self.consortium.settle(bank)
        return json.loads(said)

    def decide(self, kind, data, banks):
        """One bank proposes, so many others vote that it is decided."""
        voters = self.random.sample(banks, len(banks) // 2 + 1)
        output = self.call(self.operators[voters[0]], self.governance, "propose", kind, data,
                           int(time.time()) + A_WEEK)
        proposal = int.from_bytes(output, "big")
        for bank in voters[1:]:
            self.call(self.operators[bank], self.governance, "vote", proposal, True)

    def role(self, bank):
        """What the node that leads says of a bank, None if it is none; raises if no node leads."""
        leader = self.consortium.leader()
        if leader is None:
            raise NoAnswer("no leader")
        told = {entry["id"]: entry.get("role", "none") for entry in leader.standing()["validators"]}
        return told.get(bank)

    def until(self, question):
        while True:
            try:
                if question():
                    return
            except (NoAnswer, Refused):
                pass
            self.pause_or_end()

    def pause_or_end(self):
        if self.ending.is_set():
            raise Ended
        time.sleep(0.2)

    def take_arriving(self):
        """The nodes that are to be started; nobody is told the same one again."""
        return [self.arriving.pop() for _ in range(len(self.arriving))]

    def take_leaving(self):
        """The numbers of the banks whose nodes are to be ended."""
        return [self.leaving.pop() for _ in range(len(self.leaving))]


def operator(folder):
    return Signer(bytes.fromhex((pathlib.Path(folder) / "operator.key").read_text().strip()))
