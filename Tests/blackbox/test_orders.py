"""Orders and claims through the ABI alone."""

import pytest
from eth_account import Account
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD

from conftest import abi, call, contract_address, dev_account, issue

ZERO = "0x" + "0" * 40


@pytest.fixture(scope="module")
def world(node):
    web3 = node.web3
    token = issue(web3, dev_account(1))
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    claims = web3.eth.contract(contract_address(0xD103), abi=abi("Claims"))
    return web3, token, orders, claims


def terms(token, buyer, lines, gates=(), arbiter=ZERO, due=0):
    return (token.address, buyer, arbiter, due, b"\0" * 32, list(lines), list(gates))


def open_order(web3, orders, account, *arguments, sources=None):
    function = (orders.functions.open(terms(*arguments)) if sources is None
                else orders.functions.openFrom(terms(*arguments), sources))
    receipt = call(web3, account, function)
    assert receipt.status == 1
    return orders.events.Opened().process_receipt(receipt, errors=DISCARD)[0].args.order


def test_one_payment_settles_two_tiers(world):
    web3, token, orders, claims = world
    carmaker, axles = dev_account(1), dev_account(2)
    forge, forwarder = Account.create(), Account.create()
    top = open_order(web3, orders, carmaker, token, carmaker.address, [
        (0, axles.address, 600, 0), (0, forwarder.address, 15, 0)])
    below = open_order(web3, orders, axles, token, axles.address, [
        (0, forge.address, 250, 0)], sources=[(top, 0, 250)])
    holders = claims.functions.holders(top, 0).call()
    assert [(h[1], h[2]) for h in holders] == [(below, 250), (0, 350)]
    before = token.functions.balanceOf(axles.address).call()
    receipt = call(web3, carmaker, orders.functions.fund(top, 2**256 - 1))
    assert receipt.status == 1
    assert token.functions.balanceOf(forge.address).call() == 250
    assert token.functions.balanceOf(forwarder.address).call() == 15
    assert token.functions.balanceOf(axles.address).call() == before + 350
    paid = orders.events.Paid().process_receipt(receipt, errors=DISCARD)
    assert [(p.args.order, p.args.toOrder, p.args.amount) for p in paid] == [
        (top, below, 250), (top, 0, 350), (top, 0, 15), (below, 0, 250)]
    assert {e.args.order for e in orders.events.Closed().process_receipt(receipt, errors=DISCARD)} == {top, below}
    assert orders.functions.order(top).call()[0] == 3
    moved = sum(e.args.value for e in token.events.Transfer().process_receipt(receipt, errors=DISCARD)
                if e.address == token.address and e.args["from"] == carmaker.address)
    assert moved == 615


def test_refusals_are_custom_errors_with_arguments(world):
    web3, token, orders, _ = world
    bank, stranger = dev_account(1), dev_account(3)
    order = open_order(web3, orders, bank, token, bank.address, [(0, stranger.address, 10, 0)])
    for function, account in [
        (orders.functions.fund(10**6, 1), bank),
        (orders.functions.fund(order, 11), bank),
        (orders.functions.fund(order, 0), bank),
        (orders.functions.accept(order), bank),
        (orders.functions.attest(order, 0, 1, b"\0" * 32), bank),
        (orders.functions.open(terms(token, bank.address, [])), bank),
    ]:
        with pytest.raises(ContractCustomError):
            function.call({"from": account.address})


def test_claims_are_sold_against_payment_in_one_step(world):
    web3, token, orders, claims = world
    buyer, supplier, factor = dev_account(1), dev_account(2), dev_account(4)
    call(web3, buyer, token.functions.transfer(factor.address, 1000))
    order = open_order(web3, orders, buyer, token, buyer.address, [(0, supplier.address, 100, 0)])
    receipt = call(web3, supplier, claims.functions.offer(order, 0, 100, 95, 0, ZERO, 2**40))
    offer = claims.events.Offered().process_receipt(receipt, errors=DISCARD)[0].args.offerId
    before = token.functions.balanceOf(supplier.address).call()
    assert call(web3, factor, claims.functions.buy(offer)).status == 1
    assert token.functions.balanceOf(supplier.address).call() == before + 95
    assert claims.functions.balanceOf(factor.address, order << 16).call() == 100
    assert call(web3, buyer, orders.functions.fund(order, 100)).status == 1
    assert token.functions.balanceOf(factor.address).call() == 1000 - 95 + 100


def test_a_batch_is_all_or_nothing(world):
    web3, token, orders, _ = world
    bank = dev_account(1)
    batch = web3.eth.contract(contract_address(0xD109), abi=abi("Batch"))
    payee = Account.create().address

    def transfer(amount):
        return (token.address,
                bytes.fromhex(token.encode_abi("transfer", [payee, amount])[2:]), 0)

    assert call(web3, bank, batch.functions.execute([transfer(1), transfer(2)])).status == 1
    assert token.functions.balanceOf(payee).call() == 3
    with pytest.raises(ContractCustomError):
        batch.functions.execute([transfer(1), transfer(10**30)]).call({"from": bank.address})
    assert token.functions.balanceOf(payee).call() == 3


def test_an_unknown_selector_is_refused(world):
    web3, _, orders, _ = world
    with pytest.raises(Exception) as caught:
        web3.eth.call({"to": orders.address, "data": "0xdeadbeef",
                       "from": dev_account(1).address})
    assert "0xc2a825f5deadbeef" in str(caught.value)  # UnknownSelector(bytes4)
