"""A ledger whose blocks are as small as they may be."""

import json
import subprocess

import pytest

from bank import Bank, booking, iban, notification
from conftest import DIP, PATIENCE, Node, dev_account


@pytest.fixture
def node(tmp_path):
    genesis = tmp_path / "genesis.json"
    subprocess.run([DIP, "genesis", "init", "--chain-id", "3355", "--bank", "East Bank", "--address",
                    dev_account(0).address, "--output", genesis], check=True, capture_output=True)
    said = json.loads(genesis.read_text())
    assert said["parameters"]["blockGasLimit"] > 1_000_000
    said["parameters"]["blockGasLimit"] = 1_000_000
    genesis.write_text(json.dumps(said))
    (tmp_path / "data").mkdir(mode=0o700)
    node = Node(tmp_path, "--genesis", genesis).start()
    yield node
    node.stop()


def test_a_call_that_nearly_fills_a_block_asks_for_no_more_than_it(node, tmp_path):
    """A quarter more than the trial took does not fit: the pool would refuse it."""

    def dip(*words):
        return subprocess.run(
            [DIP, *words, "--node", node.url, "--dev-key", "0", "--json"], check=True, capture_output=True,
            text=True, timeout=PATIENCE)

    dip("token", "issue", "--name", "Coin", "--symbol", "COIN", "--decimals", "2", "--supply", "1000")
    few, many = (tmp_path / f"{count}.csv" for count in (400, 500))
    for file in few, many:
        count = int(file.stem)
        file.write_text("".join(f"0x{0x1234 << 128 | index:040x},0.01\n" for index in range(count)))
    sent = dip("token", "batch", "COIN", few)
    gas = json.loads(sent.stdout)["gas"]
    assert gas * 5 / 4 < 1_000_000 and "a block has" not in sent.stderr
    sent = dip("token", "batch", "COIN", many)
    done = json.loads(sent.stdout)
    assert 800_000 < done["gas"] < 1_000_000
    assert f"the trial took {done['gas']} gas" in sent.stderr and "1000000 gas, all that a block has" in sent.stderr
    assert node.web3.eth.get_transaction(done["transaction"]).gas == 1_000_000


@pytest.mark.parametrize("count", [65, 100])
def test_a_desk_issues_what_nearly_fills_a_block_and_what_does_not_fit(node, tmp_path, count):
    """Half more than the trial took does not fit, or the trial itself does not: nothing was ever issued."""
    subprocess.run([DIP, "send", dev_account(9).address, "5", "--dev-key", "0", "--node", node.url], check=True,
                   capture_output=True)
    bank = Bank(node, tmp_path)
    virtual = iban(900)
    bank.customer(iban(100), "--address", dev_account(5).address, "--virtual", virtual)
    bank.deliver(notification("N1", bank.account, [
        booking("1.00", f"R{number}", to=virtual) for number in range(count)]))
    bank.dip("desk", "--once", "--node", node.url)
    assert bank.token.functions.totalSupply().call() == 100 * count
    block = node.web3.eth.get_block("latest", full_transactions=True)
    alone = count > 80
    # With half more it asks for what a block has, and no more.
    assert block.transactions[-1].gas < 60_000 if alone else block.transactions[-1].gas == 1_000_000
    assert not bank.cases()
