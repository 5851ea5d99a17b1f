"""kill -9 of the desk at every place of every flow, and of the node in the middle: nothing twice, nothing lost."""

import datetime
import random
import re
import subprocess
import time

import pytest
from eth_account import Account

from bank import Bank, booking, dip, iban, key_file, notification, statement, status
from conftest import DIP, Node, abi, contract_address, dev_account, send
from consortium import eventually, free_base_port
from test_orders import open_order

FEES = 10**18


def fault_points():
    """Those that the program has: none is forgotten here when one is added there."""
    run = subprocess.run([DIP, "bank", "desk", "--stop-at", "?"], capture_output=True, text=True)
    return re.search(r"one of ([a-z, -]+)", run.stderr.replace("\n", " ")).group(1).replace(" ", "").split(",")


POINTS = fault_points()
OF_CONFIRMATIONS = ("confirmations-matched", "settle-", "reject-")
OF_THE_EVENING = ("statement-chosen", "attest-")
# What banks owe each other is cleared by two desks: NettingKillTests kills them.
BETWEEN_BANKS = ("net-", "ask-", "tick-")


class World:
    """A bank with a buyer whose orders it pays, a supplier that is paid at once, and what came in."""

    def __init__(self, node, folder):
        self.bank = Bank(node, folder)
        self.web3 = node.web3
        self.buyer, self.supplier = Account.create(), Account.create()
        for account in (self.buyer, self.supplier):
            send(self.web3, dev_account(1), {"to": account.address, "value": FEES, "gas": 21000,
                                             "gasPrice": self.web3.eth.gas_price})
        self.bank.customer(iban(100), "--key-file", key_file(folder, "buyer", self.buyer),
                           "--fund-orders", "--virtual", iban(900), name="Buyer Ltd")
        told = self.bank.customer(iban(101), "--address", self.supplier.address, name="Supplier Ltd")
        dip("bank", "payout", self.bank.token.address, "--payout", told["payout"], "--node", node.url,
            "--key-file", key_file(folder, "supplier", self.supplier))
        self.orders = self.web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
        self.received = {}
        self.booked = 0
        self.number = 0

    def transfer(self):
        """A payment for a new order: 11.00, of which the order takes 10.00."""
        self.number += 1
        order = open_order(self.web3, self.orders, self.buyer, self.bank.token, self.buyer.address,
                           [(0, self.supplier.address, 1_000, 0)])
        reference = f"IN-{self.number}"
        self.received[reference] = (self.buyer.address, 1_100)
        self.booked += 1_100
        return booking("11.00", reference, order=order)

    def money_comes(self, count=1):
        self.notify([self.transfer() for _ in range(count)])

    def notify(self, bookings):
        self.bank.deliver(notification(f"N-{next(self.bank.numbers)}", self.bank.account, bookings))

    def sent(self):
        """Payment orders that the bank has and that are not confirmed yet."""
        open_ones = {i for i, (_, _, state) in self.bank.redemptions().items() if state == "instructed"}
        return [o for o in self.bank.orders() if o["redemption"] in open_ones]

    def check(self):
        redemptions = self.bank.audit(self.received)
        # Every order was paid once, and each payment of an order became one redemption.
        assert len(redemptions) == len(self.received)
        funded = self.orders.events.Funded().get_logs(from_block=0)
        assert len(funded) == len({e.args.order for e in funded}) == len(self.received)
        assert self.bank.balance(self.buyer.address) == 100 * len(self.received)
        return redemptions


@pytest.fixture(scope="module")
def world(node, tmp_path_factory):
    return World(node, tmp_path_factory.mktemp("bank"))


@pytest.mark.parametrize("point", [
    p for p in POINTS if not p.startswith(OF_CONFIRMATIONS + OF_THE_EVENING + BETWEEN_BANKS)])
def test_money_on_its_way_in_and_out(world, point):
    world.money_comes()
    if point == "message-quarantined":
        world.bank.deliver("<broken")
    assert world.bank.once(stop_at=point), "the desk never came there"
    world.bank.once()
    world.check()
    assert len(world.sent()) == len(world.received)


@pytest.mark.parametrize("point", [p for p in POINTS if p.startswith(OF_CONFIRMATIONS)])
def test_what_the_bank_made_of_it(world, point):
    # Beside a test of one point alone there is nothing yet that could be confirmed.
    if len(world.sent()) < 2:
        world.money_comes(2)
        world.bank.once()
    before = {i: r[2] for i, r in world.bank.redemptions().items()}
    paid, refused = world.sent()[:2]
    world.bank.deliver(notification(f"OUT-{paid['redemption']}", world.bank.account, [
        booking("10.00", f"OUT-{paid['redemption']}", credit=False, end_to_end=paid["redemption"])]))
    world.booked -= 1_000
    if point.startswith("reject-"):
        world.bank.deliver(status(
            f"S-{refused['redemption']}", refused["message"], [(refused["redemption"], "RJCT", "AC04")]))
    assert world.bank.once(stop_at=point), "the desk never came there"
    world.bank.once()
    after = {i: r[2] for i, r in world.check().items()}
    changed = {i: state for i, state in after.items() if state != before[i]}
    expected = {paid["redemption"]: "settled"}
    if point.startswith("reject-"):
        expected[refused["redemption"]] = "rejected"
    assert changed == expected


@pytest.mark.parametrize("point", [p for p in POINTS if p.startswith(OF_THE_EVENING)])
def test_the_end_of_the_day(world, point):
    day = datetime.date(2026, 1, 1) + datetime.timedelta(days=POINTS.index(point))
    world.bank.deliver(statement(
        f"T-{point}", world.bank.account, [], f"{world.booked / 100:.2f}", day=day.isoformat()))
    assert world.bank.once(stop_at=point), "the desk never came there"
    world.bank.once()
    attested = [e for e in world.bank.events("ReserveAttested") if e["statementBalance"] == world.booked]
    assert [e["asOf"] for e in attested].count(
        int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp()) + 86_400) == 1
    world.check()


def test_every_place_was_hit():
    assert len(POINTS) >= 40


def test_the_books_balance_after_all_that(world):
    """Whatever is still on its way is confirmed, and the last statement balances to the cent."""
    for order in world.sent():
        world.bank.deliver(notification(f"END-{order['redemption']}", world.bank.account, [
            booking("10.00", f"OUT-{order['redemption']}", credit=False, end_to_end=order["redemption"])]))
        world.booked -= 1_000
    world.bank.once()
    world.check()
    assert not world.sent()
    world.bank.deliver(statement("T-END", world.bank.account, [], f"{world.booked / 100:.2f}"))
    world.bank.once()
    assert world.bank.supply() == world.booked
    books = world.bank.json("reconcile", "--node", world.bank.node.url)
    assert books["balanced"], books


def test_the_node_is_killed_in_the_middle(tmp_path):
    node = Node(tmp_path, "--port", str(free_base_port(1))).start()
    world = World(node, tmp_path)
    dice = random.Random(3355)
    # The buyer opens its orders first: it signs with the key with which the desk pays them.
    bookings = [world.transfer() for _ in range(24)]
    world.bank.start()
    try:
        for first in range(0, 24, 6):
            world.notify(bookings[first:first + 6])
            time.sleep(dice.uniform(0.05, 0.9))
            node.kill()
            time.sleep(0.2)
            node.start()
        eventually(lambda: len(world.sent()) == len(world.received))
        world.check()
        for order in world.sent():
            world.bank.deliver(notification(f"OUT-{order['redemption']}", world.bank.account, [
                booking("10.00", f"OUT-{order['redemption']}", credit=False, end_to_end=order["redemption"])]))
        time.sleep(0.3)
        node.kill()
        node.start()
        eventually(lambda: not world.sent())
        assert {r[2] for r in world.check().values()} == {"settled"}
        world.bank.stop()
    finally:
        if world.bank.process.poll() is None:
            world.bank.kill()
        node.stop()
