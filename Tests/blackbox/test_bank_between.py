"""Three banks with nodes and desks of their own: a chain across them, and what they owe each other for it."""

import datetime
import re
import subprocess
import time

import pytest
from eth_account import Account
from web3.logs import DISCARD

from bank import TODAY, Bank, booking, complaints, document, header, iban, notification, statement
from conftest import DIP, PATIENCE, abi, call, contract_address, dev_account, send
from consortium import Consortium, eventually
from test_orders import open_order

EUR = 100


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """East, West and North; West and North take East's money at par, East takes West's."""
    folder = tmp_path_factory.mktemp("between")
    consortium = Consortium(folder, banks=3).start()
    banks = []
    try:
        for number, name in enumerate(("East", "West", "North"), 1):
            node = consortium.nodes[number]
            place = folder / name
            place.mkdir()
            operator = Account.from_key("0x" + node.key_file.read_text().strip().removeprefix("0x"))
            banks.append(Bank(node, place, name=f"{name} Bank", account=iban(number), operator=operator,
                              checker=dev_account(6 + number)))
            banks[-1].known_as = f"Bank {number}"
        east, west, north = banks
        for bank, other, limit in ((west, east, "500"), (north, east, "700"), (east, west, "900")):
            accept(bank, other, limit)
        yield banks
    finally:
        for bank in banks:
            if bank.process and bank.process.poll() is None:
                bank.kill()
        consortium.stop()


def accept(bank, other, limit):
    """A bank takes another's token: its operator asks, its checker reads and approves."""
    file = bank.folder.parent / "accept.json"
    ask = ["accept", other.token.address, limit, "--node", bank.node.url]
    bank.dip(*ask, "--for-checker", file)
    run = subprocess.run(
        [DIP, "bank", "approve", "--file", str(file), "--yes", "--node", bank.node.url, "--key-file",
         str(bank.keys["checker"])], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"take up to {limit}.00 DEUR ({limit}00 units of {other.token.address}) at par" in run.stdout
    assert f"{other.token.address} is the money of {other.known_as}" in run.stdout
    bank.dip(*ask)


def firm(bank, number):
    """A customer with some DIP, whose payouts are to come in its bank's token."""
    web3 = bank.node.web3
    account = Account.create()
    send(web3, dev_account(number), {"to": account.address, "value": 10**18, "gas": 21000,
                                     "gasPrice": web3.eth.gas_price})
    bank.customer(iban(100 + number), "--address", account.address, "--virtual", iban(900 + number),
                  name=f"Firm {number}")
    assert call(web3, account, bank.contract.functions.setPayoutToken(bank.token.address)).status == 1
    return account


@pytest.fixture(scope="module")
def firms(world):
    east, west, north = world
    return firm(east, 1), firm(west, 2), firm(north, 3), firm(west, 4), firm(east, 5)


def came(bank, amount, reference, number):
    """Money arrives at a bank for one of its firms."""
    entry = booking(f"{amount}.00", reference, to=iban(900 + number))
    bank.deliver(notification(f"N-{reference}", bank.account, [entry]))
    bank.once()


def in_hand(bank, other):
    return bank.contract.functions.acceptance(bank.token.address, other.token.address).call()[1]


def has(account, *banks):
    return [bank.balance(account.address) for bank in banks]


def pay_chain(world, firms):
    """The buyer owes the supplier 1000, of which the supplier pledged 600 to the maker; one payment."""
    east, west, north = world
    buyer, supplier, maker, *_ = firms
    web3 = east.node.web3
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    top = open_order(web3, orders, buyer, east.token, buyer.address, [(0, supplier.address, 1000 * EUR, 0)])
    below = open_order(web3, orders, supplier, east.token, supplier.address, [(0, maker.address, 600 * EUR, 0)],
                       sources=[(top, 0, 600 * EUR)])
    receipt = call(web3, buyer, orders.functions.fund(top, 1000 * EUR))
    assert receipt.status == 1
    closed = [e.args.order for e in orders.events.Closed().process_receipt(receipt, errors=DISCARD)]
    assert closed == [below, top] or closed == [top, below]
    return receipt


def converted(bank, receipt):
    return [(e.args.account, e.args.to, e.args.amount)
            for e in bank.contract.events.Converted().process_receipt(receipt, errors=DISCARD)]


# Messages of the clearing


def payments(bank):
    """What a bank's outbox orders to be paid to other banks: name -> amount."""
    found = {}
    for path in (bank.folder / "outbox").glob("pacs.009-*.xml"):
        text = path.read_text()
        name = re.search(r"<EndToEndId>(.*)</EndToEndId>", text).group(1)
        found[name] = (re.search(r'<IntrBkSttlmAmt Ccy="EUR">(.*)</IntrBkSttlmAmt>', text).group(1), path)
    return found


def answer(name, code, reason=None):
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return document("pacs.002.001.10", (
        f"<FIToFIPmtStsRpt>{header('A-' + name[-30:])}<TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>{name}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pacs.009.001.08</OrgnlMsgNmId></OrgnlGrpInf><OrgnlEndToEndId>{name}</OrgnlEndToEndId>"
        f"<TxSts>{code}</TxSts>{why}</TxInfAndSts></FIToFIPmtStsRpt>"))


def booked(bank, name, amount, credit):
    entry = booking(amount, f"B{name[-20:]}", end_to_end=name, credit=credit)
    bank.deliver(notification(f"C{name[-30:]}", bank.account, [entry]))
    return entry


def net(banks, cycle):
    """Every bank says the same before the cycle ends; the desks do the rest long before its deadline."""
    began = time.monotonic()
    for bank in banks:
        bank.json("redemptions")
    # Twenty times as long as it takes on this machine to call for each bank a command that does less.
    now, seconds = time.time(), max(20, 20 * (time.monotonic() - began))
    closes, deadline = (datetime.datetime.fromtimestamp(now + later, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                        for later in (seconds, seconds + 600))
    for bank in banks:
        bank.dip("net", "--cycle", cycle, "--closes", closes, "--deadline", deadline, "--node", bank.node.url,
                 status=1)


def is_over(bank, cycle):
    run = subprocess.run([DIP, "bank", "net", "--cycle", cycle, "--desk", bank.folder, "--node", bank.node.url],
                         capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode in (0, 1), run.stderr
    return run.returncode == 0


def pairs(bank, cycle):
    return {p["bank"]: (p["owing"], p["owed"], p["state"]) for p in bank.json(
        "net", "--cycle", cycle, "--node", bank.node.url)["pairs"]}


def evening(bank, entries, balance):
    """The bank's statement, and that the desk's books agree with it."""
    bank.deliver(statement(f"T-{bank.account[-4:]}-{balance}", bank.account, entries, f"{balance}.00"))
    eventually(lambda: bank.contract.functions.reserve(bank.token.address).call()[0] == balance * EUR)
    books = bank.json("reconcile", "--date", TODAY, "--node", bank.node.url)
    assert books["balanced"] and books["unexplained"] == "0", books


def test_a_chain_across_three_banks(world, firms):
    east, west, north = world
    buyer, supplier, maker, westerner, easterner = firms
    came(east, 3000, "E-1", 1)
    came(west, 100, "W-1", 4)
    receipt = pay_chain(world, firms)
    # One block, one payment; each firm has the money of its own bank.
    assert sorted(converted(east, receipt)) == sorted([
        (supplier.address, west.token.address, 400 * EUR), (maker.address, north.token.address, 600 * EUR)])
    assert has(supplier, east, west) == [0, 400 * EUR] and has(maker, east, north) == [0, 600 * EUR]
    assert in_hand(west, east) == 400 * EUR and in_hand(north, east) == 600 * EUR
    # The other way too, so that there is something to net.
    web3 = west.node.web3
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    order = open_order(web3, orders, westerner, west.token, westerner.address, [(0, easterner.address, 100 * EUR, 0)])
    assert call(web3, westerner, orders.functions.fund(order, 100 * EUR)).status == 1
    assert has(easterner, east, west) == [100 * EUR, 0] and in_hand(east, west) == 100 * EUR


def test_limits_that_are_used_up_hold_nobody_up(world, firms):
    """The second chain finds room for 100 at West and at North; all are paid in the same block."""
    east, west, north = world
    buyer, supplier, maker, *_ = firms
    receipt = pay_chain(world, firms)
    assert sorted(converted(east, receipt)) == sorted([
        (supplier.address, west.token.address, 100 * EUR), (maker.address, north.token.address, 100 * EUR)])
    assert has(supplier, east, west) == [300 * EUR, 500 * EUR]
    assert has(maker, east, north) == [500 * EUR, 700 * EUR]


def test_the_banks_settle_what_they_owe(world, firms):
    east, west, north = world
    for bank in world:
        bank.start()
    net(world, "C-1")
    eventually(lambda: len(payments(east)) == 2)
    assert payments(west) == {} and payments(north) == {}
    owed = payments(east)
    # East owes West 500 less 100, and North 700.
    assert sorted(amount for amount, _ in owed.values()) == ["400.00", "700.00"]
    for _, path in owed.values():
        assert complaints(path, "pacs.009.001.08") == ""
    entries = {bank: [] for bank in world}
    for name, (amount, _) in owed.items():
        east.deliver(answer(name, "ACSC"))
        entries[east].append(booked(east, name, amount, credit=False))
        creditor = west if amount == "400.00" else north
        entries[creditor].append(booked(creditor, name, amount, credit=True))
    for bank in world:
        eventually(lambda: is_over(bank, "C-1"))
    assert pairs(east, "C-1") == {"Bank 2": ("50000", "10000", "settled"), "Bank 3": ("70000", "0", "settled")}
    assert [in_hand(west, east), in_hand(north, east), in_hand(east, west)] == [0, 0, 0]
    # What was paid between the banks is destroyed at one and stays with the other's customers.
    assert [bank.supply() for bank in world] == [1900 * EUR, 500 * EUR, 700 * EUR]
    evening(east, [booking("3000.00", "E-1", to=iban(901)), *entries[east]], 1900)
    evening(west, [booking("100.00", "W-1", to=iban(904)), *entries[west]], 500)
    evening(north, entries[north], 700)
    for bank in world:
        assert bank.cases() == []


def test_a_bank_that_does_not_pay_is_unwound(world, firms):
    """The payment to West is made, the one to North is refused: the first pair settles, the other goes back."""
    east, west, north = world
    pay_chain(world, firms)
    before = [bank.supply() for bank in world]
    assert [in_hand(west, east), in_hand(north, east)] == [400 * EUR, 600 * EUR]
    done = payments(east)
    net(world, "C-2")
    eventually(lambda: len(payments(east)) == 4)
    for name, (amount, _) in payments(east).items():
        if name in done:
            continue
        if amount == "400.00":
            east.deliver(answer(name, "ACSC"))
            booked(east, name, amount, credit=False)
            booked(west, name, amount, credit=True)
        else:
            assert amount == "600.00"
            east.deliver(answer(name, "RJCT", "AM04"))
    for bank in world:
        eventually(lambda: is_over(bank, "C-2"))
    assert pairs(east, "C-2") == {"Bank 2": ("40000", "0", "settled"), "Bank 3": ("60000", "0", "unwound")}
    assert pairs(north, "C-2") == {"Bank 1": ("0", "60000", "unwound")}
    # North has in hand what it had, and its customers their money; it is owed as before.
    assert [in_hand(west, east), in_hand(north, east)] == [0, 600 * EUR]
    assert [bank.supply() for bank in world] == [before[0] - 400 * EUR, before[1], before[2]]
    for bank in world:
        assert bank.cases() == []
        bank.stop()
    # The cycle after finds it again.
    books = north.json("reconcile", "--date", TODAY, "--node", north.node.url)
    assert (books["balance"], books["inHand"], books["balanced"]) == ("70000", "60000", True), books
