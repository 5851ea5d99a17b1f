"""What a person may do wrong at a desk: each is told in a sentence, and nothing happens."""

import os
import shutil
import subprocess

import pytest
from eth_account import Account

from bank import Bank, booking, dip, iban, key_file, notification, wrong_iban
from conftest import DIP, PATIENCE, Node, dev_account, fill, mounted
from consortium import eventually


@pytest.fixture(scope="module")
def bank(node, tmp_path_factory):
    return Bank(node, tmp_path_factory.mktemp("bank"))


def test_no_desk_here(tmp_path):
    for command in ("desk", "reconcile", "quarantine"):
        said = dip("bank", command, "--desk", tmp_path, status=64)
        assert "dip bank init" in said


def test_an_inbox_that_is_not_there(bank):
    run = subprocess.run(bank.command("--once", "--inbox", "/nowhere/inbox"), capture_output=True, text=True)
    assert run.returncode != 0 and "/nowhere/inbox" in run.stderr


def test_not_a_bank(node, tmp_path):
    stranger = key_file(tmp_path, "stranger", dev_account(3))
    said = dip("bank", "init", tmp_path / "desk", "--currency", "EUR", "--account-number", iban(1),
               "--name", "No Bank", "--key-file", stranger, "--node", node.url, status=1)
    assert "NotBank" in said
    assert not (tmp_path / "desk/desk.json").exists()


def test_no_such_currency(node, tmp_path, bank):
    said = dip("bank", "init", tmp_path / "desk", "--currency", "EURO", "--account-number", iban(1),
               "--name", "East Bank", "--key-file", bank.keys["operator"], "--node", node.url, status=64)
    assert "EURO" in said and "ISO 4217" in said


def test_a_second_token_in_one_currency(node, tmp_path, bank):
    said = dip("bank", "init", tmp_path / "desk", "--currency", "EUR", "--account-number", iban(1),
               "--name", "East Bank", "--key-file", bank.keys["operator"], "--node", node.url, status=1)
    assert "currency" in said.lower()


def test_the_same_folder_again(node, bank):
    said = dip("bank", "init", bank.folder, "--currency", "CHF", "--account-number", iban(1),
               "--name", "East Bank", "--key-file", bank.keys["operator"], "--node", node.url, status=64)
    assert "is there already" in said


def test_a_customer_that_cannot_be_paid(bank):
    for number in (wrong_iban(100), "", "X" * 40):
        bank.dip("customer", "add", "--name", "Mill", "--account", number, "--address",
                 Account.create().address, status=1)
    said = bank.dip("customer", "add", "--name", "Mill", "--account", iban(100), "--address",
                    "0x00000000000000000000000000000000000000aA", status=64)
    assert "checksum" in said
    bank.dip("customer", "add", "--name", "工厂", "--account", iban(100), "--address",
             Account.create().address, status=1)
    bank.dip("customer", "show", 77, status=1)


def test_a_wrong_password(bank, tmp_path):
    wrong = tmp_path / "password"
    wrong.touch(mode=0o600)
    wrong.write_text("guess\n")
    said = bank.dip("customer", "list", "--password-file", wrong, status=1)
    assert "password" in said


def test_keys_that_others_may_read(bank):
    password = bank.folder / "password"
    password.chmod(0o644)
    try:
        assert "password" in bank.dip("customer", "list", status=64)
    finally:
        password.chmod(0o600)


def test_the_node_of_another_ledger(bank, tmp_path):
    other = Node(tmp_path, "--start-time", "1700000000", "--clock", "manual").start()
    try:
        run = subprocess.run([*bank.command("--once")[:-3], "--node", other.url, "--once"],
                             capture_output=True, text=True, timeout=PATIENCE)
        assert run.returncode != 0 and "another ledger" in run.stderr
    finally:
        other.stop()


def test_no_node(bank):
    run = subprocess.run([*bank.command("--once")[:-3], "--node", "http://127.0.0.1:1", "--once"],
                         capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 69


def test_no_statement_of_that_day(bank):
    assert "no statement" in bank.dip("reconcile", "--date", "2020-01-01", "--node", bank.node.url, status=64)
    assert "2026-11-25" in bank.dip("reconcile", "--date", "yesterday", "--node", bank.node.url, status=64)


def test_a_decision_on_nothing(bank):
    assert "no case 99" in bank.dip("quarantine", "release", 99, status=1)


@pytest.fixture
def small_disk(tmp_path):
    with mounted(tmp_path / "disk", "8m") as place:
        yield place


def test_a_full_disk(node, tmp_path, small_disk):
    """The desk waits, loses nothing, and goes on when there is room again."""
    bank = Bank(node, tmp_path, currency="CHF")
    customer = Account.create().address
    bank.customer(iban(100), "--address", customer, "--virtual", iban(900))
    shutil.copytree(bank.folder, small_disk / "desk")
    inbox = bank.folder / "inbox"
    bank.folder = small_disk / "desk"
    stuffing = small_disk / "stuffing"
    bank.start("--inbox", str(inbox))
    try:
        fill(stuffing)
        (inbox / "n.xml").write_text(notification("N-1", bank.account, [
            booking("1.00", f"D-{n}", to=iban(900), currency="CHF") for n in range(100)]))
        eventually(lambda: b"the disk is full" in bank.log.read_bytes() or bank.process.poll() is not None)
        assert bank.process.poll() is None, bank.log.read_text()
        assert bank.issued() == {}
        # Started anew, it says what is wrong, and waits as well.
        bank.stop()
        assert "the disk is full" in bank.dip("desk", "--once", "--inbox", inbox, "--node", node.url, status=1)
        bank.start("--inbox", str(inbox), says=b"the desk waits: the disk is full")
        os.unlink(stuffing)
        eventually(lambda: len(bank.issued()) == 100)
        bank.audit({f"D-{n}": (customer, 100) for n in range(100)})
        bank.stop()
    finally:
        if bank.process.poll() is None:
            bank.kill()


def test_a_journal_that_is_gone(bank, tmp_path):
    """An empty one in its place would send back what unknown customers ask for."""
    copy = tmp_path / "desk"
    shutil.copytree(bank.folder, copy)
    for path in copy.glob("desk.sqlite*"):
        path.unlink()
    for command in (("customer", "list"), ("desk", "--once")):
        said = dip("bank", *command, "--desk", copy, status=1)
        assert "desk.sqlite is gone" in said and "backup" in said
    assert not (copy / "desk.sqlite").exists()


def test_keys_that_are_gone(bank, tmp_path):
    copy = tmp_path / "desk"
    shutil.copytree(bank.folder, copy)
    shutil.rmtree(copy / "keys")
    said = dip("bank", "customer", "list", "--desk", copy, status=1)
    assert "desk's keys" in said and "backup" in said


def test_an_address_has_one_customer(bank):
    first, second = (bank.customer(iban(110 + n), "--address", Account.create().address) for n in range(2))
    said = bank.dip("customer", "set", second["id"], "--address", first["address"], status=1)
    assert f"customer {first['id']} has this address" in said
    bank.dip("customer", "set", second["id"], "--address", second["address"])


def test_nobody(bank):
    assert "no customer nobody" in bank.dip("customer", "show", "nobody", status=1)


def test_names_that_banks_take(bank):
    """Signs that have a similar one among those of SEPA are written as that; others are named."""
    for number, name in enumerate(("Mill_2", "Söhne & Co", "a;b", "100%", "Łódź [EU]")):
        bank.customer(iban(120 + number), "--address", Account.create().address, name=name)
    said = bank.dip("customer", "add", "--name", "Завод", "--account", iban(130), "--address",
                    Account.create().address, status=1)
    assert "'З'" in said and "Latin letters" in said and "takesAllCharacters" in said


def test_an_amount_has_its_currency_in_a_refusal(bank):
    payout = "0x" + "77" * 32
    said = dip("bank", "redeem", bank.token.address, "5", "--payout", payout, "--node", bank.node.url,
               "--dev-key", "2", status=1)
    assert "needed 5.00 DEUR" in said


def test_a_case_says_which_file(bank):
    bank.deliver("no message at all")
    bank.deliver(notification("N-7", bank.account, [booking("1.00", "UNKNOWN-7", text="for whom?")]))
    bank.once()
    cases = {case["reason"]: case for case in bank.cases()}
    for reason, folder in (("unknown-payer", "archive"), ("xml.malformed", "quarantine")):
        case = next(c for r, c in cases.items() if r == reason or folder == "quarantine" and r.startswith("xml."))
        (path,) = bank.folder.glob(f"{folder}/*{case['file']}.xml")
        assert str(path) in bank.dip("quarantine", "show", case["id"])
        assert case["file"][:8] in bank.dip("quarantine", "list")
        bank.dip("quarantine", "refuse", case["id"], "--reason", "a test")
