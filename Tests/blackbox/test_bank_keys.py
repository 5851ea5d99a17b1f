"""Two keys: the checker sees what it approves, in words that follow from the call itself."""

import json
import pathlib
import re
import subprocess

import pytest
from eth_account import Account
from eth_utils import keccak

from bank import Bank, booking, dip, iban, key_file, notification, status
from conftest import DIP, PATIENCE, abi, call, dev_account, send
from signer import Signer

LEI = "529900D6BF99LW9R2E68"


@pytest.fixture(scope="module")
def bank(node, tmp_path_factory):
    return Bank(node, tmp_path_factory.mktemp("bank"), limit="1000")


def approve(bank, *options, answer=None, status=0, key="checker"):
    """All that the command said; `answer` is what the person at the terminal types."""
    run = subprocess.run(
        [DIP, "bank", "approve", *map(str, options), "--node", bank.node.url, "--key-file", bank.keys[key]],
        capture_output=True, text=True, timeout=PATIENCE, input=answer)
    assert run.returncode == status, run.stdout + run.stderr
    return run.stdout + run.stderr


def asked(bank, *command):
    """What a command of the operator's would have the checker approve."""
    run = subprocess.run(
        [DIP, "bank", *map(str, command), "--desk", bank.folder, "--node", bank.node.url, "--json"],
        capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 1, run.stdout + run.stderr
    error = json.loads(run.stdout)["error"]
    assert f"--call {error['call']['data']}" in run.stderr
    return error["call"]


def is_approved(bank, data):
    return bank.contract.functions.approved(bank.operator.address, keccak(hexstr=data)).call()


def test_a_call_is_shown_and_asked_about(bank):
    call = asked(bank, "limit", "2500")
    assert call["hash"] == "0x" + keccak(hexstr=call["data"]).hex()
    said = approve(bank, "--call", call["data"], answer="n\n", status=1)
    # Symbol and places are the node's word; units and token are the call's own.
    assert f"let 2,500.00 DEUR (250000 units of {bank.token.address}) a day be issued" in said
    assert f"now: 1,000.00 DEUR (100000 units of {bank.token.address}) a day" in said
    assert bank.operator.address in said or "dev:0" in said
    assert call["hash"] in said and "nothing was sent" in said
    assert not is_approved(bank, call["data"])
    # Nobody at the terminal is no yes.
    assert "--yes" in approve(bank, "--call", call["data"], answer="", status=64)
    assert not is_approved(bank, call["data"])
    assert "let 2,500.00 DEUR" in approve(bank, "--call", call["data"], "--dry-run")
    assert not is_approved(bank, call["data"])
    approve(bank, "--call", call["data"], answer="y\n")
    assert is_approved(bank, call["data"])
    bank.dip("limit", "2500", "--node", bank.node.url)
    assert bank.contract.functions.issueLimit(bank.token.address).call()[0] == 250_000


def test_a_hash_alone_is_approved_only_blindly(bank):
    hash = "0x" + "ab" * 32
    assert "--blind" in approve(bank, hash, "--yes", status=64)
    assert not bank.contract.functions.approved(bank.operator.address, hash).call()
    told = json.loads(approve(bank, hash, "--blind", "--json"))
    assert told["ok"] and bank.contract.functions.approved(bank.operator.address, hash).call()


def test_a_customer_that_lost_its_key(node, tmp_path):
    """As docs/bank-desk.md has it: what it had asked for is paid or comes to the new account, not to the lost key."""
    bank = Bank(node, tmp_path, currency="CHF", limit="1000")
    web3, at = node.web3, ("--node", node.url)
    lost, found = Account.create(), Account.create()
    send(web3, dev_account(1), {"to": lost.address, "value": 10**18, "gas": 21000, "gasPrice": web3.eth.gas_price})
    told = bank.customer(iban(102), "--address", lost.address, "--virtual", iban(902))
    bank.deliver(notification("N-8", bank.account, [booking("100.00", "LOST-1", to=iban(902), currency="CHF")]))
    bank.once()

    def redeem(amount):
        payout = bytes.fromhex(told["payout"].removeprefix("0x"))
        asked_for = bank.contract.functions.redeem(bank.token.address, amount, payout)
        assert call(web3, lost, asked_for).status == 1

    redeem(3_000)
    bank.once()
    redeem(2_000)
    for account in (lost, found):
        dip("entity", "attest", account.address, "--name", "East Machine Works", "--lei", LEI,
            "--key-file", bank.keys["operator"], *at)
    command = ("recover", lost.address, found.address, "--reason", "0x" + "07" * 32)
    assert f"move what {lost.address}" in approve(bank, "--call", asked(bank, *command)["data"], "--yes")
    bank.dip(*command, *at)
    assert (bank.balance(lost.address), bank.balance(found.address)) == (0, 5_000)
    bank.dip("customer", "set", told["id"], "--address", found.address)
    bank.once()
    states = [state for owner, _, state in bank.redemptions().values() if owner == lost.address]
    assert states == ["instructed", "rejected"]
    assert (bank.balance(lost.address), bank.balance(found.address)) == (0, 7_000)
    (paid,) = bank.orders()
    bank.deliver(status("S-8", paid["message"], [(paid["redemption"], "RJCT", "AC04")]))
    bank.once()
    assert (bank.balance(lost.address), bank.balance(found.address)) == (0, 10_000)


def test_an_issue_is_shown_payment_by_payment(bank):
    customer = Account.create().address
    bank.customer(iban(100), "--address", customer)
    file = bank.folder.parent / "call.json"
    said = bank.dip("issue", customer, "99999.99", "--reference", "R-77", "--for-checker", file,
                    "--node", bank.node.url)
    assert said == "" and bank.issued() == {}
    assert file.stat().st_mode & 0o077 == 0
    said = approve(bank, "--file", file, "--yes")
    assert f"issue 99,999.99 DEUR (9999999 units of {bank.token.address})" in said and customer in said
    assert bank.ledger_reference("R-77").hex() in said
    bank.dip("issue", customer, "99999.99", "--reference", "R-77", "--node", bank.node.url)
    assert bank.balance(customer) == 9_999_999


def test_what_a_file_says_is_the_calls_own_word(bank):
    """Neither a hash nor words beside a call are believed."""
    file = bank.folder.parent / "forged.json"
    large, small = (asked(bank, "limit", amount)["data"] for amount in ("9000000", "9000"))
    file.write_text(json.dumps([{"data": large, "hash": "0x" + keccak(hexstr=small).hex(),
                                 "what": "let 9,000.00 DEUR a day be issued"}]))
    assert "is not the hash" in approve(bank, "--file", file, "--yes", status=64)
    file.write_text(json.dumps({"data": large, "what": "let 9,000.00 DEUR a day be issued"}))
    said = approve(bank, "--file", file, answer="n\n", status=1)
    assert "let 9,000,000.00 DEUR (900000000 units" in said and "let 9,000.00" not in said
    file.write_text(json.dumps({"data": large, "to": bank.token.address}))
    assert "not to the banks' contract" in approve(bank, "--file", file, "--yes", status=64)
    assert not is_approved(bank, large) and not is_approved(bank, small)


def test_what_is_no_such_call(bank, tmp_path):
    settle = bank.contract.encode_abi("settle", [1, b"\1" * 32])
    assert "takes no approval" in approve(bank, "--call", settle, "--yes", status=64)
    call = asked(bank, "limit", "9001")["data"]
    for wrong in (call + "00", call[:-2], call[:10]):
        assert "cannot be read" in approve(bank, "--call", wrong, "--yes", status=64)
    for wrong in ("0x", "0x12", "0x1234567", "no", "0xa9059cbb" + "00" * 64):
        approve(bank, "--call", wrong, "--yes", status=64)
    for text in ("[]", "{}", "[{}]", '{"data": 5}', "not json", ""):
        file = tmp_path / "call.json"
        file.write_text(text)
        approve(bank, "--file", file, "--yes", status=64)
    assert "missing.json" in approve(bank, "--file", tmp_path / "missing.json", status=64)


def test_who_checks_nothing(bank):
    call = asked(bank, "limit", "9002")["data"]
    assert "no bank's checker" in approve(bank, "--call", call, "--yes", key="operator", status=1)


def test_another_banks_token(bank):
    stranger = Account.create().address
    call = bank.contract.encode_abi("setIssueLimit", [stranger, 5])
    assert "is not this bank's token" in approve(bank, "--call", call, answer="n\n", status=1)


def test_the_other_calls_have_words(bank):
    account = Account.create().address
    for call, words in (
            (bank.contract.encode_abi("setChecker", [account]), f"make {account} the bank's checker"),
            (bank.contract.encode_abi("setOperator", [account]), f"make {account} the bank's operator"),
            (bank.contract.encode_abi("setBic", ["EASTDEFF"]), "make EASTDEFF the bank's BIC"),
            (bank.contract.encode_abi("recover", [account, bank.operator.address, b"\7" * 32]), f"move what {account}"),
            (bank.contract.encode_abi("acceptAtPar", [bank.token.address, 12345]),
             f"take up to 123.45 DEUR (12345 units of {bank.token.address}) at par")):
        said = approve(bank, "--call", call, answer="n\n", status=1)
        assert words in said and "0x" + keccak(hexstr=call).hex() in said


def test_the_desk_says_what_it_waits_with(bank):
    customer = Account.create().address
    number = bank.customer(iban(101), "--address", customer, "--virtual", iban(901))["id"]
    bank.deliver(notification("N-9", bank.account, [booking("123456.78", "BIG-1", to=iban(901))]))
    assert "for the checker: 1 " in bank.dip("desk", "--once", "--node", bank.node.url)
    assert bank.balance(customer) == 0
    table = bank.dip("approve")
    assert "issue 123,456.78 EUR" in table and "LimitExceeded" in table
    file = bank.folder.parent / "calls.json"
    file.write_text(bank.dip("approve", "--json"))
    (waiting,) = json.loads(file.read_text())
    assert waiting["reason"] == "LimitExceeded" and waiting["hash"] == "0x" + keccak(hexstr=waiting["data"]).hex()
    said = approve(bank, "--file", file, answer="y\n")
    assert re.search(r"123,456\.78 +12345678 ", said) and customer in said
    bank.once()
    assert bank.balance(customer) == 12_345_678
    assert json.loads(bank.dip("approve", "--json")) == []
    assert "for the checker" not in bank.dip("desk", "--once", "--node", bank.node.url)
    assert number


def test_the_operators_key(bank, tmp_path):
    next_key = Account.create()
    file = key_file(bank.folder.parent, "next", next_key)
    call = asked(bank, "operator", "--new-key-file", file)
    assert "the bank's operator" in approve(bank, "--call", call["data"], "--yes")

    def changes_to(file, *options):
        return bank.dip("operator", "--new-key-file", file, "--node", bank.node.url, *options)

    told = json.loads(changes_to(file, "--json"))
    assert told == {"ok": True, "bank": next_key.address}
    # The same key comes to be in a signer: it has to be told where it is besides.
    signer = Signer(tmp_path, next_key, tls=False)
    try:
        file = signer.file(tmp_path / "signer.json", next_key)
        left = json.loads(changes_to(file, "--json"))["keyLeft"]
        kept = json.loads(pathlib.Path(left).read_text())["address"]
        assert kept.lower().removeprefix("0x") == next_key.address.lower()[2:]
        said = changes_to(file)
        assert f"the desk has it too, in {left}.\nRemove that file" in said
        pathlib.Path(left).unlink()
        assert "Remove that file" not in changes_to(file)
        assert "for the checker" not in bank.dip("desk", "--once", "--node", bank.node.url)
    finally:
        signer.kill()
