"""What an auditor has of the ledger: its journal adds up to every balance, now and at any block before."""

import json
import pathlib
import random
import subprocess
import sys
from datetime import datetime, timezone

import pytest

import books
from conftest import DIP, Node, abi, call, contract_address, dev_account, fill, issue, mounted, send

sys.path.append(str(pathlib.Path(__file__).parents[1] / "model"))

import differential

MINT, BURN, FREEZE, CLAWBACK = 1, 2, 8, 16


def token_life(web3):
    """What happens to tokens beside orders: made, destroyed, taken back, and fees that others pay."""
    issuer, other = dev_account(0), dev_account(3)
    token = issue(web3, issuer, controls=MINT | BURN | FREEZE | CLAWBACK)
    functions = token.functions
    for function in (functions.mint(other.address, 5000), functions.burn(300),
                     functions.clawback(other.address, issuer.address, 700, b"\1" * 32),
                     functions.transfer(other.address, 40)):
        assert call(web3, issuer, function).status == 1
    # A refused one pays its fee all the same.
    assert call(web3, issuer, functions.transfer(other.address, 1)).status == 1
    dip = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    assert call(web3, dev_account(4), dip.functions.grantFees(other.address, 10**18, 2**40)).status == 1
    assert call(web3, other, dip.functions.setFeePayer(dev_account(4).address)).status == 1
    assert call(web3, other, functions.transfer(issuer.address, 3)).status == 1
    refused = send(web3, other, {
        "to": token.address, "gas": 200_000, "gasPrice": web3.eth.gas_price,
        "data": token.encode_abi("transfer", [issuer.address, 10**30])})
    assert refused.status == 0
    return token


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A node with a random history, running again, and the rows that an audit made of its folder."""
    folder = tmp_path_factory.mktemp("books")
    node = Node(folder, "--clock", "manual").start()
    differential.run(node.url, seed=22, steps=400, kind="all")
    token_life(node.web3)
    node.stop()
    rows, roles = books.export(folder / "data", folder)
    node.start()
    yield node, rows, roles
    node.stop()


def test_the_rows_come_to_every_balance(history):
    node, rows, _ = history
    books.check(rows)
    kinds = {row["kind"] for row in rows}
    assert kinds >= {"genesis", "fee", "transfer", "mint", "burn", "clawback", "funding", "payout",
                     "refund", "guarantee", "guaranteeReturn", "release"}
    sums = books.balances(rows)
    assert len(sums) > 30
    for (account, token), amount in sums.items():
        if account == books.ZERO:
            assert -amount == int(node.rpc("dip_token", token)["result"]["supply"])
        else:
            assert amount == int(node.rpc("dip_balanceAt", account, token)["result"]), (account, token)


def test_the_rows_come_to_every_balance_at_any_block(history):
    node, rows, _ = history
    draw = random.Random(5)
    head = node.web3.eth.block_number
    pairs = [pair for pair in books.balances(rows) if pair[0] != books.ZERO]
    for height in [0, 1, head - 1, *draw.sample(range(head), 12)]:
        sums = books.balances(rows, height)
        for account, token in draw.sample(pairs, 12):
            told = node.rpc("dip_balanceAt", account, token, height)["result"]
            assert int(told) == sums[account, token], (account, token, height)


def test_what_is_held_is_told_with_whom_it_is_held_for(history):
    node, rows, _ = history
    held = [row for row in rows if row["held_for"]]
    assert held and all(row["debit_account"] == row["credit_account"] for row in held)
    sums = {}
    for row in rows:
        if row["held_for"]:
            key = row["held_for"], row["token"]
            sums[key] = sums.get(key, 0) + books.units(row)
        elif row["kind"] == "release":
            sums[row["credit_account"], row["token"]] -= books.units(row)
    for (account, token), amount in sums.items():
        now = node.rpc("dip_balances", account)["result"]["balances"]
        assert amount == sum(int(b.get("held", 0)) for b in now if b["token"] == token.lower())


def test_a_statement_has_the_same_movements(history):
    node, rows, _ = history
    accounts = {row["credit_account"] for row in rows if row["kind"] == "payout" and not row["held_for"]}
    assert len(accounts) > 3
    for account in accounts:
        entries, page = [], {"limit": 1000}
        while page:
            told = node.rpc("dip_statement", account, None, None, page)["result"]
            entries += told["entries"]
            page = {"limit": 1000, "cursor": told["next"]} if "next" in told else None
        told = [(str(e["block"]), e["kind"], e["amount"], str(e.get("order", "")), str(e.get("line", "")))
                for e in entries]
        own = [(r["block"], r["kind"], ("-" if r["debit_account"] == account else "") + r["units"],
                r["order"], r["line"]) for r in rows if r["debit_account"] != r["credit_account"]
               and account in (r["debit_account"], r["credit_account"])
               # What moves nothing is an event, and no line of a statement.
               and r["units"] != "0"]
        assert sorted(told) == sorted(own)


def test_the_command_line_tells_balances_of_then(history):
    node, rows, _ = history
    account = next(row["credit_account"] for row in rows if row["kind"] == "payout")
    symbols = {row["token"]: row["symbol"] for row in rows}
    head = node.web3.eth.block_number
    for height in (0, head // 2, head - 1):
        run = subprocess.run([DIP, "account", "balance", account, "--at", str(height), "--json", "--node",
                              node.url, "--keystore", str(node.folder / "keys")], capture_output=True, text=True)
        told = {b["symbol"]: int(b["amount"]) for b in json.loads(run.stdout)["balances"]}
        sums = books.balances(rows, height)
        assert told == {symbol: sums[account, token] for token, symbol in symbols.items()
                        if sums[account, token] or symbol == "DIP"}
    day = subprocess.run([DIP, "account", "balance", account, "--at", "2000-01-01", "--node", node.url,
                          "--token", "DIP"], capture_output=True, text=True)
    assert day.returncode == 1 and "no block at or before that time" in day.stderr


def test_transactions_are_named_as_nodes_know_them(history):
    node, rows, _ = history
    # Times that Python can tell, too.
    named = [row for row in rows if row["transaction"] and row["time"][:5].endswith("-")]
    for row in random.Random(3).sample(named, 20):
        receipt = node.web3.eth.get_transaction_receipt(row["transaction"])
        assert receipt.blockNumber == int(row["block"])
        time = datetime.fromtimestamp(node.web3.eth.get_block(receipt.blockNumber).timestamp, timezone.utc)
        assert row["time"].startswith(f"{time:%Y-%m-%dT%H:%M:%S}.") and row["time"].endswith("Z")


def test_no_file_is_left_where_something_is_wrong(history, tmp_path):
    node, _, _ = history
    journal = tmp_path / "journal.csv"
    # A running node is not audited.
    run = subprocess.run([DIP, "audit", str(node.folder / "data"), "--journal", str(journal)],
                         capture_output=True, text=True)
    assert run.returncode == 1 and not list(tmp_path.iterdir())
    journal.write_text("mine")
    run = subprocess.run([DIP, "audit", str(node.folder / "data"), "--journal", str(journal)],
                         capture_output=True, text=True)
    assert run.returncode == 1 and "there already" in run.stderr and journal.read_text() == "mine"


def test_no_file_is_left_where_there_is_no_room_for_both(tmp_path):
    Node(tmp_path).start().stop()
    with mounted(tmp_path / "small", "64k") as small:
        fill(small / "stuffing")
        # The journal has all the room that there is, and the roles have none.
        (tmp_path / "whole").mkdir()
        audit = [DIP, "audit", str(tmp_path / "data"), "--journal"]
        subprocess.run([*audit, tmp_path / "whole" / "journal.csv"], check=True, capture_output=True)
        pages = -(-(tmp_path / "whole" / "journal.csv").stat().st_size // 4096)
        (small / "stuffing").open("r+b").truncate((small / "stuffing").stat().st_size - pages * 4096)
        run = subprocess.run([*audit, small / "journal.csv", "--roles", small / "roles.csv"],
                             capture_output=True, text=True)
        assert run.returncode == 1 and "No space left on device" in run.stderr, run.stderr
        assert [file.name for file in small.iterdir()] == ["stuffing"]


def test_the_script_of_the_page_comes_to_the_same(history, tmp_path):
    _, rows, _ = history
    page = (pathlib.Path(__file__).parents[2] / "docs/auditing.md").read_text()
    script = page.split("```\nimport collections")[1].split("```")[0]
    run = subprocess.run([sys.executable, "-c", "import collections" + script], capture_output=True,
                         text=True, cwd=history[0].folder)
    assert run.returncode == 0, run.stderr
    told = {(account, token): int(units) for account, token, units in map(str.split, run.stdout.splitlines())}
    assert told == dict(books.balances(rows))


def test_roles_and_parameters_have_a_history(tmp_path):
    node = Node(tmp_path).start()

    def dip(*words):
        run = subprocess.run([DIP, *words, "--node", node.url, "--keystore", str(tmp_path / "keys"),
                              "--json"], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        return json.loads(run.stdout)

    bank = ["--dev-key", "0"]
    dip("consortium", "parameter", "gasPrice", "2000000000", *bank)
    dip("consortium", "reviewer", "dev:5", *bank)
    dip("consortium", "reviewer", "dev:5", "--remove", *bank)
    dip("consortium", "parameter", "gasPrice", "3000000000", *bank)
    dip("consortium", "rotate", "1", "--checker", dev_account(9).address, *bank)
    token = issue(node.web3, dev_account(2), controls=MINT)
    role = token.functions.MINTER_ROLE().call()
    grant = call(node.web3, dev_account(2), token.functions.grantRole(role, dev_account(6).address))
    call(node.web3, dev_account(2), token.functions.revokeRole(role, dev_account(2).address))
    head = node.web3.eth.block_number
    consortium = node.rpc("dip_consortium")["result"]
    node.stop()
    _, changes = books.export(tmp_path / "data", tmp_path)

    def told(what, of):
        return [(c["before"], c["after"], c["proposal"]) for c in changes if (c["what"], c["of"]) == (what, of)]

    assert told("parameter", "gasPrice") == [
        ("", "1000000000", ""), ("1000000000", "2000000000", "1"), ("2000000000", "3000000000", "4")]
    reviewer = dev_account(5).address
    assert told("reviewer", "") == [("", reviewer, "2"), (reviewer, "", "3")]
    name = consortium["validators"][0]["name"]
    assert told("operator", name) == [("", dev_account(0).address, "")]
    assert told("checker", name) == [("", dev_account(9).address, "5")]
    decided = [c for c in changes if c["proposal"]]
    assert all(c["by"] == dev_account(0).address and not c["transaction"] for c in decided)
    issuer, minter = dev_account(2).address, dev_account(6).address
    assert told("MINTER_ROLE", token.address) == [
        ("", issuer, ""), ("", minter, ""), (issuer, "", "")]
    (granted,) = [c for c in changes if c["after"] == minter]
    assert granted["transaction"] == grant.transactionHash.to_0x_hex()
    assert int(granted["block"]) == grant.blockNumber <= head and granted["by"] == issuer
    # What holds in the end is what the node says holds.
    now = {c["of"]: c["after"] for c in changes if c["what"] == "parameter"}
    assert all(str(value) == now[rule] for rule, value in consortium["rules"].items())
