"""A load of real supply chains: orders opened and pledged from the product down, then paid at the top."""

import csv
import json
import threading
from dataclasses import dataclass

import coincurve
from eth_account import Account
from eth_hash.auto import keccak
from web3 import Web3

from consortium import ROOT, expect
from payments import Caller, dev_key, sign

CHAIN = ROOT / "Genesis/chains/bulldozer.txt"
PRODUCT = "Final_Assembly"
DIP_FOR_FEES = 10**21
GAS = 3_000_000
SUPPLY = 10**15
ZERO = "0x" + "0" * 40
PLACES = {"Tokens": 0xD101, "Orders": 0xD102, "Governance": 0xD107}


def contract(name, address=None):
    """A contract that encodes calls; it asks no node."""
    return Web3().eth.contract(
        Web3.to_checksum_address(address or f"0x{PLACES[name]:040x}"),
        abi=json.loads((ROOT / f"Genesis/abi/{name}.json").read_text()))


class Signer:
    """An account, its key and the nonce of its next transaction."""

    def __init__(self, secret):
        self.key = coincurve.PrivateKey(secret)
        self.address = Account.from_key(secret).address
        self.nonce = 0


class Ended(Exception):
    """The load ended before a transaction was acknowledged."""


class Signing(Caller):
    """A caller that makes transactions as it goes, from several accounts."""

    def do(self, signer, to, data=b"", value=0):
        """Signs, hands in, and waits until it is acknowledged: its receipt."""
        raw, hash = sign(signer.key, signer.nonce, bytes.fromhex(to[2:]), value,
                         self.consortium.chain_id, data, GAS)
        signer.nonce += 1
        receipt = self.pay(raw, hash)
        if receipt is None:
            raise Ended
        expect(receipt["status"] == "0x1", "refused:", receipt.get("refusal"))
        return receipt

    def call(self, signer, contract, function, *arguments):
        """The same with a function of a contract; what it returned."""
        data = bytes.fromhex(contract.encode_abi(function, list(arguments))[2:])
        return bytes.fromhex(self.do(signer, contract.address, data)["output"][2:])


@dataclass
class Firm:
    """A stage of the chain."""

    cost: int
    suppliers: list
    signer: Signer
    price: int = 0


def read_chain(seed):
    """The firms of the chain by name, each with a key of its own."""
    firms = {}
    with open(CHAIN) as file:
        for row in list(csv.reader(file))[1:]:
            suppliers = [name for name in row[8::2] if name]
            firms[row[0]] = Firm(round(float(row[3])), suppliers,
                                 Signer(keccak(f"firm {seed} {row[0]}".encode())))

    def price(name):
        firm = firms[name]
        firm.price = firm.cost + sum(price(supplier) for supplier in firm.suppliers)
        return firm.price
    price(PRODUCT)
    return firms


class Chain(Signing):
    """Settles the same chain again and again, in money of its own.

    A season is nine orders, opened from the product down, each pledged the claims of the one above, and
    then one to three payments at the top which pay 21 suppliers in five tiers.
    """

    def __init__(self, consortium, index, mode):
        super().__init__(consortium, mode, seed=index)
        self.buyer = Signer(dev_key(index))
        self.firms = read_chain(index)
        self.orders = contract("Orders")
        self.closing = threading.Event()
        self.ledger_orders = []
        self.seasons = self.payments = 0
        self.token = None

    def work(self):
        try:
            self.found()
            while not self.closing.is_set():
                self.season()
        except Ended:
            pass

    def found(self):
        output = self.call(self.buyer, contract("Tokens"), "create",
                           ("Deposit Dollar", "DUSD", 0, 0, SUPPLY, 0, ""))
        self.token = Web3.to_checksum_address("0x" + output[-20:].hex())
        for firm in self.firms.values():
            if firm.suppliers:
                self.do(self.buyer, firm.signer.address, value=DIP_FOR_FEES)

    def season(self):
        product = self.firms[PRODUCT]
        top = self.open("open", self.buyer, [product])
        self.supply(product, top, 0)
        left = product.price
        for part in range(self.random.choice([1, 1, 2, 3]), 0, -1):
            # The last part is whatever is outstanding.
            amount = self.random.randint(1, left - part) if part > 1 else 2**256 - 1
            self.call(self.buyer, self.orders, "fund", top, amount)
            left -= amount
            self.payments += 1
        self.seasons += 1

    def supply(self, firm, above, line):
        """The orders with which a firm buys from its suppliers, paid by its claim on the order above."""
        if not firm.suppliers:
            return
        suppliers = [self.firms[name] for name in firm.suppliers]
        needed = sum(supplier.price for supplier in suppliers)
        order = self.open("openFrom", firm.signer, suppliers, [(above, line, needed)])
        for index, supplier in enumerate(suppliers):
            self.supply(supplier, order, index)

    def open(self, function, buyer, payees, *sources):
        lines = [(0, payee.signer.address, payee.price, 0) for payee in payees]
        terms = (self.token, buyer.address, ZERO, 0, b"\0" * 32, lines, [])
        order = int.from_bytes(self.call(buyer, self.orders, function, terms, *sources), "big")
        self.ledger_orders.append(order)
        return order

    def finish(self, seconds=120):
        """Lets it pay what it has opened, so that all money has an owner, and nothing is in doubt."""
        self.closing.set()
        self.join(seconds)
        if self.fault:
            raise self.fault
        expect(not self.is_alive(), f"a chain was not settled within {seconds} s: {self.trouble}")

    def said(self):
        return (f"{self.seasons} chains of {len(self.firms)} firms settled by {self.payments} payments, "
                f"{len(self.ledger_orders)} orders")


def check_chains(nodes, chains):
    """What every node must say of chains that are settled: the firms' money, the orders, and all sums."""
    numbers = [order for chain in chains for order in chain.ledger_orders]
    expect(len(set(numbers)) == len(numbers), "two orders were told the same number")
    told = None
    for node in nodes:
        count = call(node, contract("Orders"), "count")
        expect(count == len(numbers), f"bank {node.number} has {count} orders, {len(numbers)} were opened")
        orders = node.client.batch("dip_order", [[number] for number in sorted(numbers)])
        for order in orders:
            expect((order["status"], order["paid"], order["refunded"], order["outstanding"])
                   == ("closed", order["price"], "0", "0"),
                   f"bank {node.number}: an order is not settled:", order)
        expect(told is None or orders == told, f"bank {node.number} tells other orders than bank 1")
        told = orders
        for chain in chains:
            check_money(node, chain)
    return len(numbers)


def check_money(node, chain):
    token = contract("Token", chain.token)
    sum_of_all = call(node, token, "balanceOf", f"0x{0xD102:040x}")
    expect(sum_of_all == 0, f"bank {node.number}: orders hold {sum_of_all} after all are settled")
    wanted = {chain.buyer.address: SUPPLY - chain.seasons * chain.firms[PRODUCT].price}
    for firm in chain.firms.values():
        wanted[firm.signer.address] = chain.seasons * firm.cost
    for address, amount in wanted.items():
        balance = call(node, token, "balanceOf", address)
        expect(balance == amount, f"bank {node.number}: {address} has {balance} and not {amount} "
               f"after {chain.seasons} chains")
        sum_of_all += balance
    supply = call(node, token, "totalSupply")
    expect(sum_of_all == supply == SUPPLY,
           f"bank {node.number}: {sum_of_all} in all hands, {supply} issued, {SUPPLY} made")


def call(node, contract, function, *arguments):
    """A number that a view returns."""
    return int(node.call("eth_call", {
        "to": contract.address, "data": contract.encode_abi(function, list(arguments))}, "latest"), 16)
