"""`dip bank init` may be killed anywhere and said again: one token, one desk, nothing lost."""

import json
import os
import shutil
import subprocess
import time

import pytest
from eth_account import Account

from bank import BANKS, booking, dip, iban, key_file, notification, wrong_iban
from conftest import DIP, Node, abi, dev_account


@pytest.fixture
def fresh(tmp_path):
    """A ledger whose bank has no token yet."""
    node = Node(tmp_path).start()
    yield node
    node.stop()


@pytest.fixture
def keys(tmp_path):
    return {name: key_file(tmp_path, name, dev_account(number)) for name, number in (("operator", 0), ("checker", 9))}


def command(node, folder, keys, *options, account=None):
    return ["bank", "init", folder, "--currency", "EUR", "--account-number", iban(1) if account is None else account, "--name",
            "East Bank", "--key-file", keys["operator"], "--checker-key-file", keys["checker"],
            "--daily-limit", "5000", "--node", node.url, *options]


def tokens(node):
    banks = node.web3.eth.contract(BANKS, abi=abi("Banks"))
    return banks.functions.depositTokens(dev_account(0).address).call()


def works(node, folder):
    """Money can come in."""
    customer = Account.create().address
    said = dip("bank", "customer", "add", "--desk", folder, "--name", "Mill", "--account", iban(100), "--address",
               customer, "--virtual", iban(900), "--node", node.url)
    shown = json.loads(dip("bank", "customer", "show", customer, "--desk", folder, "--json"))
    assert said.splitlines() == [
        f"Customer {shown['id']}: Mill", f"  on the ledger: {customer}",
        f"  reference for its payers: {shown['reference']}",
        f"  payout, for redemptions: {shown['payout']}"]
    message = folder / "inbox/n.xml"
    message.write_text(notification("N-1", iban(1), [booking("12.50", "IN-1", to=iban(900))]))
    os.utime(message, (time.time() - 60,) * 2)
    dip("bank", "desk", "--desk", folder, "--once", "--node", node.url)
    (token,) = tokens(node)
    assert node.web3.eth.contract(token, abi=abi("Token")).functions.balanceOf(customer).call() == 1250


def test_a_checker_that_the_bank_cannot_have_is_refused_before_anything_is_made(fresh, keys, tmp_path):
    run = subprocess.run([DIP, *map(str, command(fresh, tmp_path / "desk", keys | {"checker": keys["operator"]}))],
                         capture_output=True, text=True)
    assert run.returncode == 64 and "the checker cannot be the operator" in run.stderr
    assert not (tmp_path / "desk").exists() and tokens(fresh) == []
    dip(*command(fresh, tmp_path / "desk", keys))
    other = ["bank", "init", tmp_path / "other", "--currency", "CHF", "--account-number", iban(2), "--name", "East Bank",
             "--key-file", keys["operator"], "--checker", dev_account(5).address, "--node", fresh.url]
    run = subprocess.run([DIP, *map(str, other)], capture_output=True, text=True)
    assert run.returncode == 1 and "the bank's checker is" in run.stderr
    assert not (tmp_path / "other").exists() and len(tokens(fresh)) == 1


def test_killed_anywhere_it_goes_on(fresh, keys, tmp_path):
    folder = tmp_path / "desk"
    for attempt in range(1, 30):
        run = subprocess.Popen([DIP, *map(str, command(fresh, folder, keys))], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        # A little later each time, so that it comes through in the end.
        try:
            _, said = run.communicate(timeout=0.05 * attempt)
            assert run.returncode == 0, said.decode()
            break
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
    else:
        dip(*command(fresh, folder, keys))
    told = json.loads(dip(*command(fresh, folder, keys), "--json"))
    assert tokens(fresh) == [told["token"]] and told["next"] == []
    assert fresh.web3.eth.contract(BANKS, abi=abi("Banks")).functions.issueLimit(told["token"]).call()[0] == 500_000
    works(fresh, folder)


def begun(folder, token):
    """As a folder says that it was begun before the bank had the token."""
    (folder / "desk.begun").write_text(json.dumps({
        "genesis": json.loads((folder / "desk.json").read_text())["genesis"], "bank": dev_account(0).address,
        "currency": "EUR", "cursor": "0:0", "token": token}))


@pytest.mark.parametrize("lost", [
    (), ("desk.json",), ("desk.json", "desk.sqlite"), ("desk.json", "desk.sqlite", "fields"),
    ("desk.json", "desk.sqlite", "fields", "operator"),
    ("desk.json", "desk.sqlite", "fields", "operator", "desk.begun")])
def test_what_a_kill_leaves_is_taken_up(fresh, keys, tmp_path, lost):
    """Everything is on the ledger, and the folder is as if the kill had come before these were written."""
    folder = tmp_path / "desk"
    token = json.loads(dip(*command(fresh, folder, keys), "--json"))["token"]
    assert not (folder / "desk.begun").exists()
    begun(folder, token)
    for name in lost:
        files = [f for f in (folder / "keys").iterdir() if f'"{name}"' in f.read_text()]
        for path in files or folder.glob(f"{name}*"):
            path.unlink()
    if "desk.begun" in lost:
        # Nothing says any more that it was this folder: a person has to.
        said = dip(*command(fresh, folder, keys), status=1)
        assert f"--token {token}" in said
        dip(*command(fresh, folder, keys, "--token", token))
    else:
        dip(*command(fresh, folder, keys))
    assert tokens(fresh) == [token] and not (folder / "desk.begun").exists()
    works(fresh, folder)


def test_what_came_before_the_folder_was_lost_is_followed(fresh, keys, tmp_path):
    """A redemption that was asked for while there was no desk is paid by the next one."""
    folder = tmp_path / "desk"
    token = json.loads(dip(*command(fresh, folder, keys), "--json"))["token"]
    works(fresh, folder)
    owner = key_file(tmp_path, "owner", dev_account(5))
    dip("bank", "issue", 1, "10.00", "--reference", "X", "--desk", folder, "--node", fresh.url)
    dip("bank", "customer", "add", "--desk", folder, "--name", "Owner", "--account", iban(101), "--address",
        dev_account(5).address, "--node", fresh.url)
    dip("bank", "issue", 2, "20.00", "--reference", "Y", "--desk", folder, "--node", fresh.url)
    dip("bank", "redeem", token, "20.00", "--payout", "0x" + "77" * 32, "--key-file", owner, "--node", fresh.url)
    shutil.rmtree(folder)
    dip(*command(fresh, folder, keys, "--token", token))
    dip("bank", "desk", "--desk", folder, "--once", "--node", fresh.url)
    (known,) = json.loads(dip("bank", "redemptions", "--desk", folder, "--all", "--json"))
    # It names no account of a customer that the new journal knows.
    assert known["amount"] == "2000" and known["state"] == "rejected" and known["reason"] == "AC01"


def test_a_token_that_has_its_desk_gets_no_other_by_asking_twice(fresh, keys, tmp_path):
    """A second desk would have an empty journal, and send back what the first one pays."""
    token = json.loads(dip(*command(fresh, tmp_path / "desk", keys), "--json"))["token"]
    second = tmp_path / "second"
    for _ in range(2):
        assert f"--token {token}" in dip(*command(fresh, second, keys), status=1)
        assert not second.exists()
    # Nor does the desk's own folder, once its journal is lost.
    for path in (tmp_path / "desk").glob("desk.*"):
        path.unlink()
    for _ in range(2):
        assert f"--token {token}" in dip(*command(fresh, tmp_path / "desk", keys), status=1)
        assert not list((tmp_path / "desk").glob("desk.*"))


def test_another_desk_is_not_taken_for_this_one(fresh, keys, tmp_path):
    folder = tmp_path / "desk"
    dip(*command(fresh, folder, keys))
    before = (folder / "desk.json").read_bytes()
    for options, word in (
            (("--currency", "CHF"), "currency"), (("--account-number", iban(2)), "account"),
            (("--name", "West Bank"), "name")):
        said = dip(*command(fresh, folder, keys), *options, status=64)
        assert "is there already" in said and word in said
    other = tmp_path / "other"
    dip("bank", "init", other, "--currency", "CHF", "--account-number", iban(1), "--name", "East Bank",
        "--key-file", keys["operator"], "--node", fresh.url)
    (other / "desk.json").unlink()
    stranger = key_file(tmp_path, "stranger", dev_account(3))
    assert "NotBank" in dip("bank", "init", other, "--currency", "CHF", "--account-number", iban(1), "--name",
                            "East Bank", "--key-file", stranger, "--node", fresh.url, status=1)
    assert (folder / "desk.json").read_bytes() == before and len(tokens(fresh)) == 2


def test_the_password_is_asked_for_again(fresh, keys, tmp_path):
    folder = tmp_path / "desk"
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for file in (right, wrong):
        file.touch(mode=0o600)
        file.write_text(f"{file.name} horse battery staple\n")
    dip(*command(fresh, folder, keys, "--desk-password-file", right))
    begun(folder, *tokens(fresh))
    (folder / "desk.json").unlink()
    assert "--desk-password-file" in dip(*command(fresh, folder, keys), status=64)
    assert "password" in dip(*command(fresh, folder, keys, "--desk-password-file", wrong), status=1)
    dip(*command(fresh, folder, keys, "--desk-password-file", right))
    assert len(tokens(fresh)) == 1


def test_an_open_folder_is_closed(fresh, keys, tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir(mode=0o755)
    (folder / "spool").mkdir(mode=0o755)
    dip(*command(fresh, folder, keys))
    for path in (folder, folder / "spool", folder / "keys"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_mistyped_is_told_before_anything_is_made(fresh, keys, tmp_path):
    folder = tmp_path / "desk"
    for account in (wrong_iban(1), iban(1)[:-1], "X" * 40, ""):
        said = dip(*command(fresh, folder, keys, account=account), status=64)
        assert "account" in said
    for options in (("--bic", "nobic"), ("--name", "银行")):
        dip(*command(fresh, folder, keys), *options, status=64)
    assert not folder.exists() and tokens(fresh) == []
    # Numbers of other forms are no IBANs.
    dip(*command(fresh, folder, keys, account="6222021001116245702"))
