"""Claims as the ERC-1155 that wallets know: what OpenZeppelin's tests ask of one, asked of 0x…d103.

`docs/tokens.md` lists what differs on purpose.
"""

import pytest
from eth_account import Account
from eth_utils import keccak
from web3 import Web3
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD

from conftest import abi, call, contract_address, dev_account, issue, send

ZERO = "0x" + "0" * 40


def argument(kind, name, indexed=False):
    return {"type": kind, "name": name, "indexed": indexed}


def function(name, inputs, outputs=(), view=False):
    return {"type": "function", "name": name, "stateMutability": "view" if view else "nonpayable",
            "inputs": [argument(kind, f"a{i}") for i, kind in enumerate(inputs)],
            "outputs": [argument(kind, "") for kind in outputs]}


def event(name, *arguments):
    return {"type": "event", "name": name, "anonymous": False,
            "inputs": [argument(*one) for one in arguments]}


PARTIES = (("address", "operator", True), ("address", "from", True), ("address", "to", True))
ERC1155 = [
    function("balanceOf", ["address", "uint256"], ["uint256"], True),
    function("balanceOfBatch", ["address[]", "uint256[]"], ["uint256[]"], True),
    function("setApprovalForAll", ["address", "bool"]),
    function("isApprovedForAll", ["address", "address"], ["bool"], True),
    function("safeTransferFrom", ["address", "address", "uint256", "uint256", "bytes"]),
    function("safeBatchTransferFrom", ["address", "address", "uint256[]", "uint256[]", "bytes"]),
    function("supportsInterface", ["bytes4"], ["bool"], True),
    event("TransferSingle", *PARTIES, ("uint256", "id"), ("uint256", "value")),
    event("TransferBatch", *PARTIES, ("uint256[]", "ids"), ("uint256[]", "values")),
    event("ApprovalForAll", ("address", "account", True), ("address", "operator", True),
          ("bool", "approved")),
]


class Claims:
    """Two lines of an order, both of one payee, and somebody whom it lets act."""

    def __init__(self, web3):
        self.web3 = web3
        self.contract = web3.eth.contract(contract_address(0xD103), abi=ERC1155)
        self.orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
        self.buyer = dev_account(1)
        self.token = issue(web3, self.buyer)
        self.holder, self.operator = Account.create(), Account.create()
        for account in (self.holder, self.operator):
            send(web3, self.buyer, {"to": account.address, "value": 10**19, "gas": 21000,
                                    "gasPrice": web3.eth.gas_price})
        receipt = call(web3, self.buyer, self.orders.functions.open((
            self.token.address, self.buyer.address, ZERO, 0, b"\0" * 32,
            [(0, self.holder.address, 1000, 0), (0, self.holder.address, 2000, 0)], [])))
        self.order = self.orders.events.Opened().process_receipt(receipt, errors=DISCARD)[0].args.order
        self.minted = receipt
        self.first, self.second = self.order << 16, self.order << 16 | 1

    def __getattr__(self, name):
        return getattr(self.contract.functions, name)

    def balances(self, account):
        address = getattr(account, "address", account)
        return self.balanceOfBatch([address] * 2, [self.first, self.second]).call()

    def do(self, account, function):
        receipt = call(self.web3, account, function)
        assert receipt.status == 1
        return receipt

    def told(self, receipt, name):
        return [tuple(log.args.values())
                for log in getattr(self.contract.events, name)().process_receipt(receipt, errors=DISCARD)]


@pytest.fixture(scope="module")
def claims(node):
    return Claims(node.web3)


def refused(function, account, name):
    with pytest.raises(ContractCustomError) as caught:
        function.call({"from": account.address})
    assert caught.value.data.startswith(Web3.to_hex(keccak(text=name)[:4])), caught.value.data


def test_it_says_that_it_is_one(claims):
    for id, known in (("0x01ffc9a7", True), ("0xd9b67a26", True), ("0xffffffff", False)):
        assert claims.supportsInterface(bytes.fromhex(id[2:])).call() is known


def test_claims_come_from_nobody_when_an_order_is_opened(claims):
    assert claims.told(claims.minted, "TransferSingle") == [
        (claims.orders.address, ZERO, claims.holder.address, claims.first, 1000),
        (claims.orders.address, ZERO, claims.holder.address, claims.second, 2000)]
    assert claims.balances(claims.holder) == [1000, 2000]


def test_balances_of_many_at_once_need_as_many_ids(claims):
    other = Account.create().address
    assert claims.balanceOf(other, claims.first).call() == 0
    assert claims.balanceOfBatch([], []).call() == []
    refused(claims.balanceOfBatch([other], []), claims.holder,
            "ERC1155InvalidArrayLength(uint256,uint256)")


def test_the_holder_transfers_a_part(claims):
    other = Account.create().address
    receipt = claims.do(claims.holder, claims.safeTransferFrom(
        claims.holder.address, other, claims.first, 10, b"ignored"))
    assert claims.told(receipt, "TransferSingle") == [
        (claims.holder.address, claims.holder.address, other, claims.first, 10)]
    assert claims.balanceOf(other, claims.first).call() == 10


def test_an_operator_transfers_for_the_holder_as_long_as_it_is_let(claims):
    other = Account.create().address
    transfer = claims.safeTransferFrom(claims.holder.address, other, claims.first, 5, b"")
    refused(transfer, claims.operator, "ERC1155MissingApprovalForAll(address,address)")
    for allowed in (True, False):
        receipt = claims.do(claims.holder, claims.setApprovalForAll(claims.operator.address, allowed))
        assert claims.told(receipt, "ApprovalForAll") == [
            (claims.holder.address, claims.operator.address, allowed)]
        assert claims.isApprovedForAll(
            claims.holder.address, claims.operator.address).call() is allowed
        if allowed:
            receipt = claims.do(claims.operator, transfer)
            assert claims.told(receipt, "TransferSingle") == [
                (claims.operator.address, claims.holder.address, other, claims.first, 5)]
    refused(transfer, claims.operator, "ERC1155MissingApprovalForAll(address,address)")
    refused(claims.setApprovalForAll(ZERO, True), claims.holder, "ERC1155InvalidOperator(address)")


def test_a_batch_moves_all_or_nothing(claims):
    other = Account.create().address
    ids = [claims.first, claims.second]
    before = claims.balances(claims.holder)
    refused(claims.safeBatchTransferFrom(claims.holder.address, other, ids, [1, 10**9], b""),
            claims.holder, "InsufficientClaim(address,uint256,uint256)")
    refused(claims.safeBatchTransferFrom(claims.holder.address, other, ids, [1], b""),
            claims.holder, "ERC1155InvalidArrayLength(uint256,uint256)")
    receipt = claims.do(claims.holder, claims.safeBatchTransferFrom(
        claims.holder.address, other, ids, [3, 4], b""))
    moved = claims.told(receipt, "TransferBatch") or [
        (operator, sender, to, [id for *_, id, _ in claims.told(receipt, "TransferSingle")],
         [value for *_, value in claims.told(receipt, "TransferSingle")])
        for operator, sender, to, *_ in claims.told(receipt, "TransferSingle")[:1]]
    assert [tuple(one[:3]) + (list(one[3]), list(one[4])) for one in moved] == [
        (claims.holder.address, claims.holder.address, other, ids, [3, 4])]
    assert claims.balances(other) == [3, 4]
    assert claims.balances(claims.holder) == [before[0] - 3, before[1] - 4]


def test_what_nobody_can_hold_or_has_is_refused(claims):
    holder = claims.holder.address
    refused(claims.safeTransferFrom(holder, ZERO, claims.first, 1, b""), claims.holder,
            "ERC1155InvalidReceiver(address)")
    refused(claims.safeTransferFrom(holder, contract_address(0xD102), claims.first, 1, b""),
            claims.holder, "ERC1155InvalidReceiver(address)")
    refused(claims.safeTransferFrom(holder, Account.create().address, claims.first, 10**6, b""),
            claims.holder, "InsufficientClaim(address,uint256,uint256)")


def test_a_claim_that_is_paid_goes_to_nobody(claims):
    """What an ERC-1155 of another kind would not do: whoever holds a claim is paid, and it ends."""
    before = claims.balances(claims.holder)
    receipt = claims.do(claims.buyer, claims.orders.functions.fund(claims.order, 2**256 - 1))
    ended = claims.told(receipt, "TransferSingle")
    assert all(to == ZERO for _, _, to, _, _ in ended)
    assert sum(value for *_, value in ended) == 3000
    assert claims.balances(claims.holder) == [0, 0]
    assert claims.token.functions.balanceOf(claims.holder.address).call() == sum(before)
