"""The life of a contract template through the ABI alone, as a developer, reviewers and a company see it."""

import json

import pytest
from eth_abi import encode
from eth_utils import keccak
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD

from conftest import abi, call, contract_address, dev_account, issue, send

DIP = 10**18
DEPOSITS = contract_address(0xD104)
TREASURY = contract_address(0xD107)
NONE = b"\0" * 32
DRAFT, ACTIVE, REJECTED, DEPRECATED, SUSPENDED = range(1, 6)

# Dev key 0 is the bank's operator, 1 the developer, 2 and 3 review, 4 buys, 5 makes, 6 inspects.
BANK, DEVELOPER, FIRST, SECOND, BUYER, MAKER, INSPECTOR = map(dev_account, range(7))


def delivery(name="Delivery", royalty="5"):
    """A maker delivers, an inspector says so, and a tenth is kept back for thirty days."""
    return {
        "language": 1, "name": name, "industry": "C34",
        "locale": {"zh": {"name": "交货"}},
        "roles": {"buyer": {"pays": True}, "maker": {}, "inspector": {}},
        "parameters": {"price": {"type": "amount", "min": "1", "max": "1000000000"}},
        "gates": {
            "delivered": {"attest": ["inspector"], "by": "30d"},
            "warranted": {"follows": "delivered", "from": "30d"},
        },
        "price": "price",
        "lines": [{
            "to": "maker", "rest": True, "gate": "delivered",
            "retain": {"share": "10%", "until": "warranted"},
        }],
        "royalty": royalty,
    }


def canonical(template):
    """RFC 8785, as far as templates need it."""
    return json.dumps(template, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class World:
    def __init__(self, web3):
        self.web3 = web3
        self.templates = web3.eth.contract(DEPOSITS, abi=abi("Templates"))
        self.governance = web3.eth.contract(TREASURY, abi=abi("Governance"))
        self.orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
        self.dip = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))

    def balance(self, address):
        return self.web3.eth.get_balance(address)

    def call(self, account, function, value=0):
        return send(self.web3, account, function.build_transaction({
            "from": account.address, "value": value,
            "nonce": self.web3.eth.get_transaction_count(account.address, "pending"),
        }))

    def decide(self, kind, types, values):
        """The bank decides alone; it holds from the next block on."""
        receipt = call(self.web3, BANK, self.governance.functions.propose(
            kind, encode(types, values), 2**64 - 1))
        assert receipt.status == 1
        # A block after the one that decided it.
        call(self.web3, BANK, self.orders.functions.consent(False))

    def publish(self, template, replaces=NONE, account=DEVELOPER):
        fee, deposit = self.templates.functions.publicationCost().call()
        receipt = self.call(account, self.templates.functions.publish(
            json.dumps(template, indent=2, ensure_ascii=False), replaces), fee + deposit)
        assert receipt.status == 1
        event = self.event(receipt, "Published")
        assert event.developer == account.address and event.name == template["name"]
        return event.id

    def review(self, account, template, approve=True):
        return self.call(account, self.templates.functions.review(
            template, approve, keccak(text="report")))

    def activate(self, template, replaces=NONE):
        identity = self.publish(template, replaces)
        for reviewer in (FIRST, SECOND):
            assert self.review(reviewer, identity).status == 1
        assert self.status(identity) == ACTIVE
        return identity

    def status(self, template):
        return self.templates.functions.template(template).call()[0]

    def event(self, receipt, name, contract=None):
        events = getattr((contract or self.templates).events, name)().process_receipt(
            receipt, errors=DISCARD)
        return events[0].args if events else None

    def transfers(self, receipt):
        return [(e.args["from"], e.args.to, e.args.value)
                for e in self.dip.events.Transfer().process_receipt(receipt, errors=DISCARD)
                if e.address == self.dip.address]

    def bindings(self, token, price="1000", **more):
        return json.dumps({
            "token": token, "buyer": BUYER.address, "maker": MAKER.address,
            "inspector": INSPECTOR.address, "price": price, **more})

    def refusal(self, name, function, account, value=0):
        """What a call is refused with, which nobody needs to send; its arguments as bytes."""
        with pytest.raises(ContractCustomError) as refused:
            function.call({"from": account.address, "value": value})
        inputs = next(i["inputs"] for i in self.templates.abi
                      if i["type"] == "error" and i["name"] == name)
        selector = keccak(text=f"{name}({','.join(i['type'] for i in inputs)})")[:4]
        assert refused.value.data.startswith("0x" + selector.hex()), refused.value
        return bytes.fromhex(refused.value.data[10:])


@pytest.fixture(scope="module")
def world(node):
    world = World(node.web3)
    for reviewer in (FIRST, SECOND):
        world.decide(4, ["address", "uint64"], [reviewer.address, 0])
    assert set(world.governance.functions.reviewers().call()) == {FIRST.address, SECOND.address}
    return world


def test_from_publication_to_a_paid_order(world):
    fee, deposit = world.templates.functions.publicationCost().call()
    template = delivery()
    source = json.dumps(template, indent=2, ensure_ascii=False)
    publish = world.templates.functions.publish(source, NONE)
    needed = world.refusal("FeeTooLow", publish, DEVELOPER, fee + deposit - 1)
    assert int.from_bytes(needed) == fee + deposit

    held = world.balance(DEPOSITS)
    receipt = world.call(DEVELOPER, publish, fee + deposit + 7)
    assert receipt.status == 1
    identity = world.event(receipt, "Published").id
    assert identity == keccak(text=canonical(template))
    assert world.balance(DEPOSITS) == held + deposit
    moved = world.transfers(receipt)
    assert (DEVELOPER.address, TREASURY, fee) in moved
    assert (DEVELOPER.address, DEPOSITS, deposit) in moved
    status, developer, text, uses, earned = world.templates.functions.template(identity).call()
    assert (status, developer, uses, earned) == (DRAFT, DEVELOPER.address, 0, 0)
    assert text == canonical(template)

    # Published once, whatever the white space.
    world.refusal("TemplateRefused", world.templates.functions.publish(canonical(template), NONE),
                  DEVELOPER, fee + deposit)
    token = issue(world.web3, BUYER)
    opening = world.templates.functions.open(identity, world.bindings(token.address), [])
    assert world.refusal("TemplateNotActive", opening, BUYER, 5 * DIP) == identity + DRAFT.to_bytes(32)

    world.refusal("NotReviewer", world.templates.functions.review(identity, True, NONE), BUYER)
    before = world.balance(FIRST.address)
    receipt = world.review(FIRST, identity)
    cost = receipt.gasUsed * receipt.effectiveGasPrice
    assert world.balance(FIRST.address) == before + 5 * DIP - cost
    assert world.event(receipt, "Reviewed").reviewer == FIRST.address
    world.refusal(
        "AlreadyReviewed", world.templates.functions.review(identity, True, NONE), FIRST)
    receipt = world.review(SECOND, identity)
    assert world.event(receipt, "StatusChanged").status == ACTIVE
    assert world.balance(DEPOSITS) == held

    # The company: what it costs, what it says, and then the order.
    royalty, gas = world.templates.functions.quote(identity, world.bindings(token.address)).call()
    assert royalty == 5 * DIP
    terms = world.templates.functions.preview(identity, world.bindings(token.address)).call()
    assert [(line[1], line[2]) for line in terms[5]] == [(MAKER.address, 900), (MAKER.address, 100)]
    developer, treasury = world.balance(DEVELOPER.address), world.balance(TREASURY)
    receipt = world.call(BUYER, opening, royalty)
    assert receipt.status == 1
    assert receipt.gasUsed == gas
    opened = world.event(receipt, "Opened", world.orders)
    assert opened.templateId == identity
    paid = world.event(receipt, "RoyaltyPaid")
    assert (paid.id, paid.order, paid.amount) == (identity, opened.order, royalty)
    assert world.balance(DEVELOPER.address) == developer + royalty * 7 // 10
    assert world.balance(TREASURY) == treasury + royalty // 5 + gas * receipt.effectiveGasPrice
    assert world.transfers(receipt)[-1] == (BUYER.address, TREASURY, gas * receipt.effectiveGasPrice)
    assert world.orders.functions.order(opened.order).call()[8] == identity
    assert world.templates.functions.template(identity).call()[3:] == [1, royalty * 7 // 10]

    # And the money.
    call(world.web3, BUYER, world.orders.functions.fund(opened.order, 2**256 - 1))
    call(world.web3, INSPECTOR, world.orders.functions.attest(opened.order, 0, 10_000, NONE))
    assert token.functions.balanceOf(MAKER.address).call() == 900
    assert token.functions.balanceOf(contract_address(0xD102)).call() == 100


def test_a_template_in_which_money_could_be_short_is_refused_at_the_price_of_its_gas(world):
    template = delivery("Too much")
    template["lines"].insert(0, {"to": "inspector", "fixed": "10"})
    fee, deposit = world.templates.functions.publicationCost().call()
    publish = world.templates.functions.publish(json.dumps(template), NONE)
    world.refusal("TemplateRefused", publish, DEVELOPER, fee + deposit)
    before, count = world.balance(DEVELOPER.address), world.templates.functions.count().call()
    receipt = send(world.web3, DEVELOPER, publish.build_transaction({
        "from": DEVELOPER.address, "value": fee + deposit, "gas": 20_000_000,
        "gasPrice": world.web3.eth.gas_price}))
    assert receipt.status == 0
    assert world.balance(DEVELOPER.address) == before - receipt.gasUsed * receipt.effectiveGasPrice
    assert world.templates.functions.count().call() == count


def test_what_does_not_fit_the_template_is_refused_where_it_is_wrong(world):
    identity = world.activate(delivery("Fitting"))
    token = issue(world.web3, BUYER)
    for change, pointer in [
        ({"price": "0"}, "/price"), ({"price": 12.5}, "/price"), ({"maker": "0x12"}, "/maker"),
        ({"colour": "red"}, "/colour"), ({"token": BUYER.address}, "/token"),
    ]:
        bindings = json.dumps({**json.loads(world.bindings(token.address)), **change})
        data = world.refusal("BindingRefused", world.templates.functions.open(
            identity, bindings, []), BUYER, 5 * DIP)
        length = int.from_bytes(data[64:96])
        assert data[96:96 + length].decode().startswith(pointer[:len("/price")]) or \
            data[96:96 + length] == b"", pointer
    orders = world.orders.functions.count().call()
    before = world.balance(BUYER.address)
    opening = world.templates.functions.open(
        identity, world.bindings(token.address), [(10**6, 0, 1)])
    receipt = send(world.web3, BUYER, opening.build_transaction({
        "from": BUYER.address, "value": 5 * DIP, "gas": 2_000_000,
        "gasPrice": world.web3.eth.gas_price}))
    assert receipt.status == 0
    assert world.orders.functions.count().call() == orders
    assert world.balance(BUYER.address) == before - receipt.gasUsed * receipt.effectiveGasPrice


def test_versions_follow_each_other(world):
    first = world.activate(delivery("Versioned"))
    stranger = world.templates.functions.publish(json.dumps(delivery("Stolen")), first)
    fee, deposit = world.templates.functions.publicationCost().call()
    world.refusal("NotDeveloper", stranger, MAKER, fee + deposit)
    second = world.publish(delivery("Versioned 2"), first)
    assert world.status(first) == ACTIVE
    for reviewer in (FIRST, SECOND):
        world.review(reviewer, second)
    assert (world.status(first), world.status(second)) == (DEPRECATED, ACTIVE)
    world.refusal("NotDeveloper", world.templates.functions.deprecate(second), MAKER)
    assert world.call(DEVELOPER, world.templates.functions.deprecate(second)).status == 1
    assert world.status(second) == DEPRECATED


def test_the_banks_suspend_a_template(world):
    identity = world.activate(delivery("Suspended"))
    world.decide(8, ["bytes32", "uint64"], [identity, 0])
    assert world.status(identity) == SUSPENDED
    token = issue(world.web3, BUYER)
    opening = world.templates.functions.open(identity, world.bindings(token.address), [])
    assert world.refusal(
        "TemplateNotActive", opening, BUYER, 5 * DIP) == identity + SUSPENDED.to_bytes(32)


def test_rejected_and_withdrawn_templates_give_the_rest_of_the_deposit_back(world):
    held = world.balance(DEPOSITS)
    rejected = world.publish(delivery("Rejected"))
    for reviewer in (FIRST, SECOND):
        receipt = world.review(reviewer, rejected, False)
    assert world.status(rejected) == REJECTED
    assert (DEPOSITS, DEVELOPER.address, 5 * DIP) in world.transfers(receipt)
    withdrawn = world.publish(delivery("Withdrawn"))
    receipt = world.call(DEVELOPER, world.templates.functions.deprecate(withdrawn))
    assert (DEPOSITS, DEVELOPER.address, 15 * DIP) in world.transfers(receipt)
    assert world.balance(DEPOSITS) == held


def test_templates_are_listed(world, node):
    count = world.templates.functions.count().call()
    listed, start = [], 0
    while start is not None:
        page = node.rpc("dip_templates", start, 2)["result"]
        assert page["count"] == count and len(page["templates"]) <= 2
        listed += page["templates"]
        start = page.get("next")
    assert [t["index"] for t in listed] == list(range(count))
    assert ["0x" + world.templates.functions.at(i).call().hex() for i in range(count)] == [
        t["id"] for t in listed]
    first = listed[0]
    assert first["name"] == "Delivery" and first["names"] == {"zh": "交货"}
    assert first["status"] == "active" and first["uses"] == 1
    assert first["earned"] == str(35 * DIP // 10) and first["royalty"] == str(5 * DIP)
    assert [r["approved"] for r in first["reviews"]] == [True, True]
    assert first["roles"] == ["buyer", "inspector", "maker"]
    replaced = next(t for t in listed if t["name"] == "Versioned")
    assert replaced["replacedBy"] == next(
        t["id"] for t in listed if t["name"] == "Versioned 2")
    for filter, found in [
        ({"status": "suspended"}, {"Suspended"}), ({"industry": "C", "status": "rejected"}, {"Rejected"}),
        ({"industry": "D"}, set()), ({"role": "carrier"}, set()),
        ({"developer": BUYER.address}, set()),
    ]:
        page = node.rpc("dip_templates", 0, 100, filter)["result"]
        assert {t["name"] for t in page["templates"]} == found
    one = node.rpc("dip_template", first["id"])["result"]
    assert one["json"] == canonical(delivery())
    assert node.rpc("dip_template", "0x" + "00" * 32)["result"] is None
    assert "filter" in node.rpc("dip_templates", 0, 100, {"colour": "red"})["error"]["message"]


def test_the_books_of_templates_survive_a_crash(world, node):
    counted = world.templates.functions.count().call()
    held = world.balance(DEPOSITS)
    node.kill()
    node.start()
    world = World(node.web3)
    assert world.templates.functions.count().call() == counted
    assert world.balance(DEPOSITS) == held
    identity = world.templates.functions.at(0).call()
    token = issue(world.web3, BUYER)
    receipt = world.call(BUYER, world.templates.functions.open(
        identity, world.bindings(token.address), []), 5 * DIP)
    assert receipt.status == 1
    assert world.event(receipt, "Opened", world.orders).templateId == identity
