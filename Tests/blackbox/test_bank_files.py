"""Files twice, in pieces, renamed, out of order, from the future; two desks: one effect."""

import datetime
import shutil
import subprocess
import time

import pytest
from eth_account import Account

from bank import TODAY, Bank, booking, dip, iban, notification, statement
from conftest import PATIENCE, call, dev_account
from consortium import eventually

LATER = (datetime.date.fromisoformat(TODAY) + datetime.timedelta(days=5)).isoformat()


@pytest.fixture(scope="module")
def bank(node, tmp_path_factory):
    bank = Bank(node, tmp_path_factory.mktemp("bank"))
    bank.buyer = Account.create().address
    bank.customer(iban(100), "--address", bank.buyer, "--virtual", iban(900))
    bank.received = {}
    return bank


def money(bank, reference, amount="10.00", **more):
    """An entry for the customer, which is expected once."""
    bank.received[reference] = (bank.buyer, round(float(amount) * 100))
    return booking(amount, reference, to=iban(900), **more)


def test_twice_and_under_another_name(bank):
    text = notification("N-1", bank.account, [money(bank, "A-1"), money(bank, "A-2", "20.00")])
    bank.deliver(text, "one.xml")
    bank.deliver(text, "two.xml")
    bank.once()
    bank.audit(bank.received)
    bank.deliver(text, "three.xml")
    # The same movements in another message, and each by itself.
    bank.deliver(notification("N-2", bank.account, [money(bank, "A-2", "20.00")]))
    bank.deliver(notification("N-3", bank.account, [money(bank, "A-1")]))
    bank.once()
    bank.audit(bank.received)
    assert bank.cases() == []


def test_a_reference_that_is_used_again_goes_to_a_person(bank):
    bank.deliver(notification("N-4", bank.account, [booking("11.00", "A-1", to=iban(900))]))
    bank.once()
    bank.audit(bank.received)
    (case,) = bank.cases()
    assert case["reason"] == "reference-reused"
    bank.dip("quarantine", "refuse", case["id"], "--reason", "the bank's mistake")


def write_slowly(bank, name, references, parts, pause):
    """Puts a file into the inbox in so many parts; whether no pause was as long as one that the desk need not bear."""
    text = notification(f"N-{name}", bank.account, [booking("1.00", r, to=iban(900)) for r in references])
    path, size, before, is_slow = bank.folder / f"inbox/{name}.xml", len(text) // parts + 1, None, False
    bank.start()
    with open(path, "w") as file:
        for start in range(0, len(text), size):
            if start:
                time.sleep(pause)
                is_there = path.exists()
            began = time.monotonic()
            file.write(text[start:start + size])
            file.flush()
            if start:
                is_slow = time.monotonic() - before >= 2
                if is_slow:
                    break
                assert is_there, "it was taken away"
            before = began
    if not is_slow:
        bank.received |= {reference: (bank.buyer, 100) for reference in references}
        eventually(lambda: len(bank.issued()) == len(bank.received))
        bank.stop()
        return True
    # The test itself stood still, and the file looked whole.
    path.unlink(missing_ok=True)
    bank.stop()
    bank.once()
    issued = bank.issued()
    bank.received |= {r: (bank.buyer, 100) for r in references if bank.ledger_reference(r) in issued}
    for case in bank.cases():
        bank.dip("quarantine", "refuse", case["id"], "--reason", "half of it")
    return False


@pytest.mark.parametrize("name, count, parts, pause", [("pieces", 40, 8, 0.1), ("pausing", 4, 2, 1.5)])
def test_a_file_that_is_written_slowly(bank, name, count, parts, pause):
    """What comes after a pause must not go to a file that was taken away."""
    assert any(write_slowly(bank, f"{name}-{attempt}", [f"{name}-{attempt}-{n}" for n in range(count)], parts, pause)
               for attempt in range(5)), "this machine stands still all the time"
    bank.audit(bank.received)
    assert bank.cases() == []


def test_out_of_order(bank):
    """The statement of the day comes before the notifications, and a later notification before an earlier one."""
    first, second = money(bank, "C-1", "3.00"), money(bank, "C-2", "4.00")
    bank.deliver(statement("T-1", bank.account, [first, second], "77.00"), "1.xml")
    bank.deliver(notification("N-7", bank.account, [second], created=f"{TODAY}T09:00:00Z"), "2.xml")
    bank.deliver(notification("N-6", bank.account, [first]), "3.xml")
    bank.once()
    bank.audit(bank.received)
    assert bank.cases() == []


def test_a_confirmation_before_its_payment_order(bank):
    """A debit that names a redemption which is not there yet is nobody's money."""
    bank.deliver(notification("N-8", bank.account, [
        booking("5.00", "D-1", credit=False, end_to_end="999999")]))
    bank.once()
    (case,) = bank.cases()
    assert case["reason"] == "unknown-debit"
    bank.dip("quarantine", "refuse", case["id"], "--reason", "a test")


def test_from_the_future(bank):
    bank.deliver(notification("N-9", bank.account, [booking("5.00", "E-1", to=iban(900), day=LATER)]))
    bank.deliver(notification("N-10", bank.account, [booking("6.00", "E-2", to=iban(900))],
                              created=f"{LATER}T00:00:00Z"))
    bank.once()
    bank.audit(bank.received)
    cases = {case["reason"]: case for case in bank.cases()}
    assert set(cases) == {"future", "message.future"}
    # A person says that it is right: both go their way, once.
    bank.dip("quarantine", "release", cases["message.future"]["id"])
    bank.dip("quarantine", "release", cases["future"]["id"], "--customer", 1)
    bank.received |= {"E-1": (bank.buyer, 500), "E-2": (bank.buyer, 600)}
    bank.once()
    bank.audit(bank.received)


def test_what_is_no_complete_file_is_left_alone(bank):
    inbox = bank.folder / "inbox"
    for name in (".hidden.xml", "half.xml.part", "half.tmp"):
        (inbox / name).write_text("<half")
    (inbox / "link.xml").symlink_to("/etc/passwd")
    (inbox / "folder").mkdir()
    bank.once()
    assert bank.cases() == []
    assert len(list(inbox.iterdir())) == 5
    for path in inbox.iterdir():
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_second_desk_is_refused(bank):
    bank.start()
    second = subprocess.run(bank.command("--once"), capture_output=True, text=True, timeout=PATIENCE)
    bank.stop()
    # Not for good: the first one may be a command that is done in a moment.
    assert second.returncode == 1 and "another desk" in second.stderr


def test_two_desks_on_copies_of_one_folder(bank):
    """Somebody restored a backup beside the desk that runs: both get the same files, with the same keys."""
    twin = bank.folder.parent / "twin"
    shutil.copytree(bank.folder, twin)
    text = notification("N-11", bank.account, [money(bank, f"F-{n}", "2.00") for n in range(30)])
    for folder in (bank.folder, twin):
        (folder / "inbox/same.xml").write_text(text)
    commands = [bank.command("--once"), bank.command("--once")]
    commands[1][commands[1].index(str(bank.folder))] = str(twin)
    desks = [subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for c in commands]
    for desk in desks:
        _, errors = desk.communicate(timeout=PATIENCE)
        assert desk.returncode == 0, errors
    bank.once()
    bank.audit(bank.received)
    shutil.rmtree(twin)


def test_netting_without_a_desk_uses_the_desks_folders(node, tmp_path):
    bank = Bank(node, tmp_path, currency="NOK")
    outbox = tmp_path / "to the bank"
    outbox.mkdir()
    mill = dev_account(5)
    known = bank.customer(iban(100), "--address", mill.address, "--virtual", iban(900))
    bank.deliver(notification("N-1", bank.account, [booking("10.00", "R-1", to=iban(900), currency="NOK")]))
    subprocess.run(bank.command("--once", "--outbox", str(outbox)), check=True, timeout=PATIENCE)
    redeem = bank.contract.functions.redeem(bank.token.address, 1000, known["payout"])
    assert call(node.web3, mill, redeem).status == 1
    said = bank.dip("net", "--cycle", "C1", "--closes", "2020-01-01T00:00:00Z", "--deadline", "2020-01-01T01:00:00Z",
                    "--node", node.url)
    assert "All pairs are over" in said
    # The bank fetches its files there, and nowhere else.
    assert len(list(outbox.glob("pain.001-*.xml"))) == 1
    assert bank.orders() == []


def test_two_desks_do_not_share_an_inbox(bank, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    twin = bank.folder.parent / "twin"
    shutil.copytree(bank.folder, twin)
    commands = [bank.command("--inbox", str(shared)), bank.command("--once", "--inbox", str(shared))]
    commands[1][commands[1].index(str(bank.folder))] = str(twin)
    first = subprocess.Popen(commands[0], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: (shared / ".dipnet-desk").exists())
    second = subprocess.run(commands[1], capture_output=True, text=True, timeout=PATIENCE)
    assert second.returncode == 1
    assert "another desk takes the files of the inbox" in second.stderr
    # One that was killed is no reason to wait on its machine.
    first.kill()
    first.wait()
    assert (shared / ".dipnet-desk").exists()
    (shared / "a.xml").write_text(notification("N-20", bank.account, [money(bank, "S-1")]))
    third = subprocess.run(commands[1], capture_output=True, text=True, timeout=PATIENCE)
    assert third.returncode == 0, third.stderr
    assert list(shared.iterdir()) == []
