"""A consortium of real processes in one folder, as `dip consortium init` makes it."""

import itertools
import json
import pathlib
import random
import signal
import socket
import subprocess
import time

import requests
from web3 import Web3

from conftest import DIP, PATIENCE

GWEI = 10**9


def dip(*arguments, check=True):
    """Runs a command; its standard output, and what came with it."""
    run = subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)
    assert not check or run.returncode == 0, run.stderr + run.stdout
    return run


def eventually(question, seconds=PATIENCE):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, question.__doc__ or "never"
        time.sleep(0.05)


def free_base_port(banks):
    """Below the ports that the system hands out: a node that is started again finds its own."""
    for base in random.sample(range(10_000, 28_000), 1000):
        try:
            for port in itertools.chain(range(base, base + banks),
                                        range(base + 1000, base + 1000 + banks)):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports")


class BankNode:
    """One bank's node."""

    def __init__(self, number, home, url):
        self.number = number
        self.home = pathlib.Path(home)
        self.url = url
        self.process = None
        self.web3 = Web3(Web3.HTTPProvider(url))

    @property
    def key_file(self):
        return self.home / "operator.key"

    @property
    def admin(self):
        return self.home / "data/admin.sock"

    @property
    def log(self):
        return (self.home / "node.log").read_text()

    def launch(self, *options):
        """Starts the process without waiting for it."""
        (self.home / "ready.json").unlink(missing_ok=True)
        with open(self.home / "node.log", "ab") as log:
            # From its own folder, so that the path of its socket stays short.
            self.process = subprocess.Popen(
                [DIP, "node", "--config", "node.json", "--ready-file", "ready.json", *options],
                cwd=self.home, stdout=log, stderr=log)
        return self

    def start(self, *options):
        self.launch(*options)
        deadline = time.monotonic() + PATIENCE
        while not (self.home / "ready.json").exists():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, "the node does not start"
            time.sleep(0.02)
        return self

    def kill(self):
        """As a power switch would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=PATIENCE) == 0

    def rpc(self, method, *params, timeout=60):
        answer = requests.post(
            self.url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            timeout=timeout).json()
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    def status(self):
        return self.rpc("dip_consortium")

    def bank(self, number):
        """What this node knows of a bank."""
        return next((b for b in self.status()["validators"] if b["id"] == number), None)


class Consortium:
    """Banks with their nodes; numbers count from 1."""

    def __init__(self, folder, banks=3, accounts={}):
        """`accounts`: those of node keys that were made elsewhere, by the bank's number."""
        base = free_base_port(banks)
        self.folder = pathlib.Path(folder) / "banks"
        description = pathlib.Path(folder) / "consortium.json"
        # Checkpoints and epochs come often, so that every test lives with them.
        description.write_text(json.dumps({
            "chainId": 3355, "parameters": {"checkpointInterval": 8, "epochBlocks": 16},
            "banks": [{"name": f"Bank {n + 1}", "endpoint": f"127.0.0.1:{base + n}"}
                      | ({"nodeAccount": accounts[n + 1]} if n + 1 in accounts else {})
                      for n in range(banks)]}))
        told = json.loads(dip("consortium", "init", "--description", description,
                              "--output", self.folder, "--json").stdout)
        self.nodes = {b["bank"]: BankNode(b["bank"], b["folder"], b["rpc"]) for b in told["banks"]}

    def start(self):
        for node in self.nodes.values():
            node.launch()
        for node in self.nodes.values():
            eventually(lambda: (node.home / "ready.json").exists() or node.process.poll())
            assert node.process.poll() is None, node.log
        self.leader()
        return self

    def stop(self):
        for node in self.nodes.values():
            if node.process and node.process.poll() is None:
                node.process.send_signal(signal.SIGTERM)
        for node in self.nodes.values():
            if node.process:
                node.process.wait(timeout=PATIENCE)

    @property
    def running(self):
        return [node for node in self.nodes.values() if node.process.poll() is None]

    def leader(self):
        """A node says that it leads, and the others agree."""
        def agreed():
            leaders = {node.status()["ordering"].get("leader") for node in self.running}
            return leaders.pop() if len(leaders) == 1 else None
        return self.nodes[eventually(agreed)]

    def term(self):
        """How often somebody was to be elected; the newest that any node knows."""
        return max(node.status()["ordering"]["term"] for node in self.running)

    def steadily(self, check, elections=0):
        """Checks something of which so many elections are part.

        Again where there were more: a machine that is busy for a second may have the banks elect another leader.
        """
        while True:
            before = self.term()
            try:
                return check()
            except AssertionError:
                if self.term() <= before + elections:
                    raise

    def followers(self):
        leader = self.leader()
        return [node for node in self.running if node is not leader]

    def settle(self):
        """All running nodes have the same certified head."""
        def settled():
            heads = {node.rpc("eth_getBlockByNumber", tag, False)["hash"]
                     for node in self.running for tag in ("latest", "finalized")}
            return len(heads) == 1
        eventually(settled)


def payment(account, receiver, nonce, value=1):
    """A signed transfer of DIP."""
    return "0x" + bytes(account.sign_transaction({
        "to": receiver, "value": value, "gas": 21000, "gasPrice": GWEI, "nonce": nonce,
        "chainId": 3355}).raw_transaction).hex()


def transaction_hash(raw):
    return Web3.to_hex(Web3.keccak(hexstr=raw))


def pay(nodes, raw, mode="executed", seconds=PATIENCE):
    """Hands a transaction in until some node has its receipt, as a client that never gives up does."""
    deadline = time.monotonic() + seconds
    for node in itertools.cycle(nodes):
        assert time.monotonic() < deadline, "no receipt in time"
        try:
            node.rpc("dip_sendTransactions", [raw], timeout=5)
            receipt = node.rpc(
                "dip_waitForReceipt", transaction_hash(raw), mode, 3000, timeout=5)
            if receipt:
                return receipt
        except (requests.RequestException, RuntimeError, ValueError):
            time.sleep(0.05)
