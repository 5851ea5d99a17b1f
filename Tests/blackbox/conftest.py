"""A real node for each test module, in a temporary folder, asked by other people's libraries."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from eth_account import Account
from eth_utils import keccak
from web3 import Web3
from web3.logs import DISCARD

import books

DIP = os.environ.get("DIP", str(pathlib.Path(__file__).parents[2] / ".build/debug/dip"))
ABI = pathlib.Path(__file__).parents[2] / "Genesis/abi"
#: Seconds until what should have come long ago is taken to come never, however slow the machine.
PATIENCE = 180


def contract_address(number):
    return Web3.to_checksum_address("0x" + f"{number:040x}")


class Node:
    """A node as a process."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self.options = options
        self.process = None

    def start(self):
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [DIP, "node", "--dev", "--data", str(self.folder / "data"), "--port", "0",
             "--ready-file", str(ready), *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stderr.read().decode())
            if time.monotonic() > deadline:
                raise RuntimeError("the node does not start")
            time.sleep(0.02)
        self.url = json.loads(ready.read_text())["url"]
        self.web3 = Web3(Web3.HTTPProvider(self.url, request_kwargs={"timeout": PATIENCE}))
        return self

    def kill(self):
        """As a power switch would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """In order; whatever a test did with it, its ledger and its books must be right afterwards."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=PATIENCE) == 0
            books.audit(self.folder / "data")

    def rpc(self, method, *params):
        return self.web3.provider.make_request(method, list(params))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("node")).start()
    yield node
    node.stop()


@pytest.fixture
def web3(node):
    return node.web3


@contextlib.contextmanager
def mounted(place, size):
    """A file system of its own with little room, where the machine allows it."""
    place.mkdir()
    run = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)], capture_output=True)
    if run.returncode != 0:
        pytest.skip("no file system may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(file):
    """Writes until there is no room left."""
    with open(file, "wb", buffering=0) as stuffing, contextlib.suppress(OSError):
        while stuffing.write(b"\0" * 4096):
            pass


def dev_account(index):
    """The published key `index` of development ledgers."""
    return Account.from_key(keccak(text=f"dipnet dev {index}"))


@pytest.fixture
def bank():
    return dev_account(1)


@pytest.fixture
def supplier():
    return Account.create()


def abi(name):
    return json.loads((ABI / f"{name}.json").read_text())


def send(web3, account, transaction):
    """Signs with eth-account, sends, waits for the receipt."""
    transaction.setdefault("nonce", web3.eth.get_transaction_count(account.address, "pending"))
    transaction.setdefault("chainId", web3.eth.chain_id)
    signed = account.sign_transaction(transaction)
    return web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(signed.raw_transaction), timeout=PATIENCE, poll_latency=0.01)


def call(web3, account, function):
    """Calls a function of a contract in a transaction, as any wallet would."""
    return send(web3, account, function.build_transaction({
        "from": account.address,
        "nonce": web3.eth.get_transaction_count(account.address, "pending"),
    }))


def issue(web3, account, controls=0, supply=10**9, name="Deposit Yuan", symbol="DCNY", decimals=2):
    """Issues a token; its contract."""
    factory = web3.eth.contract(contract_address(0xD101), abi=abi("Tokens"))
    receipt = call(web3, account, factory.functions.create(
        (name, symbol, decimals, 0, supply, controls, "")))
    assert receipt.status == 1
    event = factory.events.TokenCreated().process_receipt(receipt, errors=DISCARD)[0]
    return web3.eth.contract(event.args.token, abi=abi("Token"))
