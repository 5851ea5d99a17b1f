"""How a node ends: with a disk that refuses its state, and told to while it replaces itself by a new process."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess

import requests

from conftest import DIP, PATIENCE, Node, dev_account, fill, mounted
from consortium import Consortium, eventually, pay, payment


def test_a_crash_leaves_no_memory_behind(tmp_path):
    """A core dump would have the node's key in it."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    node = Node(tmp_path, "--dev").start()
    try:
        assert resource.prlimit(node.process.pid, resource.RLIMIT_CORE)[0] == 0
    finally:
        node.stop()


def test_a_state_that_the_disk_refuses(tmp_path):
    """There is room for blocks and none for the state: the node says so, and ends when it is told to."""
    genesis = tmp_path / "genesis.json"
    subprocess.run([DIP, "genesis", "init", "--chain-id", "3355", "--bank", "East Bank", "--address",
                    dev_account(0).address, "--output", genesis], check=True, capture_output=True)
    # The state is stored after each block, and the next one waits for that.
    said = json.loads(genesis.read_text())
    assert "checkpointInterval" in said["parameters"]
    said["parameters"]["checkpointInterval"] = 1
    genesis.write_text(json.dumps(said))
    (tmp_path / "data").mkdir(mode=0o700)
    with mounted(tmp_path / "data/state", "16m") as disk:
        node = Node(tmp_path, "--genesis", genesis).start()
        try:
            receiver = dev_account(1).address
            raws = [payment(dev_account(0), receiver, nonce) for nonce in range(300)]
            acknowledged = []
            for raw in raws[:3]:
                digest = node.rpc("dip_sendTransactions", [raw])["result"][0]["hash"]
                assert node.rpc("dip_waitForReceipt", digest, "executed", 20_000)["result"]
                acknowledged.append(digest)
            fill(disk / "stuffing")
            for raw in raws[3:]:
                node.rpc("dip_sendTransactions", [raw])
            eventually(lambda: "No space left" in requests.get(node.url + "/ready").json().get("why", ""))
            node.process.send_signal(signal.SIGTERM)
            _, said = node.process.communicate(timeout=PATIENCE)
            assert node.process.returncode == 0
            assert b"halted" in said and b"No space left" in said
            (disk / "stuffing").unlink()
            node.start()
            for digest in acknowledged:
                assert node.web3.eth.get_transaction_receipt(digest).status == 1
            node.stop()
        finally:
            if node.process.poll() is None:
                node.kill()


def is_gone(node, height):
    """Whether a node has removed a block."""
    try:
        return node.rpc("eth_getBlockByNumber", hex(height), False) is None
    except RuntimeError:
        return True


def feed(fifo, text):
    """Writes into a pipe once somebody reads from it; it stays open, so that he waits for more."""
    def opened():
        with contextlib.suppress(OSError):
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    end = eventually(opened)
    os.write(end, text)
    return end


def test_told_to_end_while_it_starts_again(tmp_path):
    """A node that fetched a checkpoint is replaced by a new process, which opens its data for a while.

    What it reads first is its settings, here from a pipe of which the test has the other end.
    """
    banks = Consortium(tmp_path)
    for node in banks.nodes.values():
        file = node.home / "node.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"keepBlocks": 8}))
    first, second, third = banks.nodes.values()
    try:
        for node in (first, second):
            node.launch()
        for node in (first, second):
            eventually((node.home / "ready.json").exists)
        # So many blocks that the log no longer has the first ones, nor the history.
        account, session = dev_account(1), requests.Session()
        pay([first, second], payment(account, dev_account(2).address, 0))
        nonce = 1
        while first.status()["height"] < 1_150:
            for nonce in range(nonce, nonce + 50):
                session.post(first.url, json={
                    "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction",
                    "params": [payment(account, dev_account(2).address, nonce)]}).raise_for_status()
            nonce += 1
        eventually(lambda: all(is_gone(node, 1) for node in (first, second)))
        file = third.home / "node.json"
        settings = file.read_bytes()
        file.unlink()
        os.mkfifo(file)

        def until_it_starts_again():
            third.launch()
            os.close(feed(file, settings))
            eventually(lambda: "starting again" in third.log)

        until_it_starts_again()
        waits = feed(file, b" ")
        third.process.send_signal(signal.SIGTERM)
        assert third.process.wait(timeout=PATIENCE) == -signal.SIGTERM
        os.close(waits)
        # It may also come before the new process is there.
        shutil.rmtree(third.home / "data")
        (third.home / "node.log").unlink()
        until_it_starts_again()
        third.process.send_signal(signal.SIGTERM)
        assert third.process.wait(timeout=PATIENCE) in (0, -signal.SIGTERM)
        # Nothing is lost by it.
        file.unlink()
        file.write_bytes(settings)
        third.start()
        eventually(lambda: third.status()["height"] >= 1_150)
    finally:
        for node in banks.nodes.values():
            if node.process and node.process.poll() is None:
                node.process.kill()
                node.process.wait()
