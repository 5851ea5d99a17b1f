"""The whole way with processes: money comes in by a file, pays a chain, and leaves by a file; the books balance."""

import json

import pytest
from eth_account import Account

from bank import BANKS, STATES, TODAY, Bank, booking, complaints, dip, iban, key_file, notification, statement, status
from conftest import abi, call, contract_address, dev_account, send
from consortium import eventually
from test_orders import open_order

FEES = 10**18


@pytest.fixture(scope="module")
def world(node, tmp_path_factory):
    """A bank, a buyer whose key the bank keeps, and two suppliers who gave it their account numbers."""
    folder = tmp_path_factory.mktemp("bank")
    web3 = node.web3
    bank = Bank(node, folder)
    buyer, maker, mill = Account.create(), Account.create(), Account.create()
    for account in (buyer, maker, mill):
        send(web3, dev_account(1), {"to": account.address, "value": FEES, "gas": 21000,
                                    "gasPrice": web3.eth.gas_price})
    bank.customer(iban(100), "--key-file", key_file(folder, "buyer", buyer), "--fund-orders",
                  "--virtual", iban(900), name="Buyer Ltd")
    for number, account in ((101, maker), (102, mill)):
        told = bank.customer(iban(number), "--address", account.address, name=f"Supplier {number}")
        dip("bank", "payout", bank.token.address, "--payout", told["payout"], "--node", node.url,
            "--key-file", key_file(folder, f"firm{number}", account))
    return bank, buyer, maker, mill


def chain(bank, buyer, maker, mill):
    """The buyer owes the maker 1000, who owes the mill 400 of it."""
    web3 = bank.node.web3
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    top = open_order(web3, orders, buyer, bank.token, buyer.address, [(0, maker.address, 100_000, 0)])
    open_order(web3, orders, maker, bank.token, maker.address, [(0, mill.address, 40_000, 0)],
               sources=[(top, 0, 40_000)])
    return top


def test_the_whole_way(world):
    bank, buyer, maker, mill = world
    top = chain(bank, buyer, maker, mill)
    assert bank.supply() == 0
    # More than the order costs: what is left stays with the buyer.
    came = booking("1250.00", "IN-1", order=top)
    bank.deliver(notification("N-1", bank.account, [came]))
    bank.start()
    eventually(lambda: len(bank.orders()) == 2)
    received = {"IN-1": (buyer.address, 125_000)}
    redemptions = bank.audit(received)
    assert {(owner, amount, state) for owner, amount, state in redemptions.values()} == {
        (maker.address, 60_000, "instructed"), (mill.address, 40_000, "instructed")}
    assert {(o["amount"], o["currency"], o["account"]) for o in bank.orders()} == {
        ("600.00", "EUR", iban(101)), ("400.00", "EUR", iban(102))}
    for path in {o["path"] for o in bank.orders()}:
        assert path.name.startswith("pain.001-")
        assert complaints(path, "pain.001.001.09") == ""
    assert bank.balance(buyer.address) == 25_000

    # The bank pays the maker and cannot pay the mill.
    paid, refused = sorted(bank.orders(), key=lambda o: o["account"])
    debit = booking("600.00", "OUT-1", credit=False, end_to_end=paid["redemption"])
    bank.deliver(notification("N-2", bank.account, [debit]))
    bank.deliver(status("S-1", refused["message"], [(refused["redemption"], "RJCT", "AC04")]))
    eventually(lambda: {r[2] for r in bank.redemptions().values()} == {"settled", "rejected"})
    bank.audit(received)
    assert bank.supply() == 65_000
    assert bank.balance(mill.address) == 40_000
    rejected = [r for r in bank.json("redemptions", "--all") if r["state"] == "rejected"]
    assert [r["reason"] for r in rejected] == ["AC04"]

    # The mill asks again by itself, and is paid.
    payout = next(c["payout"] for c in bank.json("customer", "list") if c["address"] == mill.address)
    dip("bank", "redeem", bank.token.address, "400.00", "--payout", payout,
        "--node", bank.node.url, "--key-file", bank.folder.parent / "firm102.key")
    eventually(lambda: len(bank.orders()) == 3)
    last = max(bank.orders(), key=lambda o: o["redemption"])
    bank.deliver(status("S-2", last["message"], [(last["redemption"], "ACSC", None)]))
    eventually(lambda: bank.redemptions()[last["redemption"]][2] == "settled")

    # The day ends, with a statement that tells the same movements again.
    second = booking("400.00", "OUT-2", credit=False, end_to_end=last["redemption"])
    bank.deliver(statement("T-1", bank.account, [came, debit, second], "250.00"))
    reserve = bank.contract.functions.reserve(bank.token.address)
    eventually(lambda: reserve.call()[0] == 25_000)
    assert reserve.call()[:2] == [25_000, 25_000]
    bank.stop()
    books = bank.json("reconcile", "--date", TODAY, "--node", bank.node.url)
    assert books["balanced"] and books["unexplained"] == "0" and not books["lines"]
    assert (books["balance"], books["supply"], books["inFlight"]) == ("25000", "25000", "0")
    bank.audit(received)
    # What the order did not take is somebody's to know of.
    (case,) = bank.cases()
    assert case["reason"] == "order-unpaid" and f"order {top} takes less" in case["text"] and "250.00 EUR" in case["text"]
    bank.dip("quarantine", "refuse", case["id"], "--reason", "the buyer keeps it for its next order")
    assert bank.cases() == [] and bank.balance(buyer.address) == 25_000


def test_a_difference_is_told_line_by_line(world):
    bank, buyer, *_ = world
    stranger = booking("7.00", "IN-STRANGER", text="for whom?")
    bank.deliver(statement("T-2", bank.account, [stranger], "263.00"))
    bank.once()
    text = bank.dip("reconcile", "--node", bank.node.url, status=1)
    assert "unknown-payer" in text and "Not balanced." in text and "6.00" in text
    books = json.loads(bank.dip("reconcile", "--node", bank.node.url, "--json", status=1).split("\n{")[0])
    assert books["unexplained"] == "600"
    (case,) = bank.cases()
    bank.dip("quarantine", "release", case["id"], "--customer", 1, "--reason", "called the payer")
    bank.once()
    assert bank.balance(buyer.address) == 25_700


def test_names_and_numbers_are_nowhere_in_the_clear(world):
    bank, *_ = world
    files = [bank.folder / "desk.sqlite", bank.folder / "desk.sqlite-wal", bank.folder.parent / "desk.log"]
    for file in files:
        if file.exists():
            data = file.read_bytes()
            for secret in (iban(100), iban(101), iban(900), "Buyer Ltd", "Supplier 101"):
                assert secret.encode() not in data, (file, secret)
    for file in bank.folder.rglob("*"):
        if file.is_file() and file.parent.name != "outbox":
            assert file.stat().st_mode & 0o077 == 0, file
