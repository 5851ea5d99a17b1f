"""What OpenZeppelin's own tests ask of an ERC-20, asked of an issued token and of DIP.

The interface is the standard's, written out here and not the project's ABI: what a wallet has built in.
`docs/tokens.md` lists what differs on purpose.
"""

import pytest
from eth_account import Account
from eth_utils import keccak
from web3 import Web3
from web3.exceptions import ContractCustomError, Web3RPCError

from conftest import call, contract_address, dev_account, issue, send

ZERO = "0x" + "0" * 40
INFINITE = 2**256 - 1
SUPPLY = 10**9


def function(name, inputs, output=None, view=False):
    return {"type": "function", "name": name, "stateMutability": "view" if view else "nonpayable",
            "inputs": [{"name": f"a{i}", "type": kind} for i, kind in enumerate(inputs)],
            "outputs": [{"name": "", "type": output}] if output else []}


def event(name, first, second):
    return {"type": "event", "name": name, "anonymous": False, "inputs": [
        {"name": first, "type": "address", "indexed": True},
        {"name": second, "type": "address", "indexed": True},
        {"name": "value", "type": "uint256", "indexed": False}]}


ERC20 = [
    function("name", [], "string", True), function("symbol", [], "string", True),
    function("decimals", [], "uint8", True), function("totalSupply", [], "uint256", True),
    function("balanceOf", ["address"], "uint256", True),
    function("allowance", ["address", "address"], "uint256", True),
    function("transfer", ["address", "uint256"], "bool"),
    function("approve", ["address", "uint256"], "bool"),
    function("transferFrom", ["address", "address", "uint256"], "bool"),
    event("Transfer", "from", "to"), event("Approval", "owner", "spender"),
]


class Face:
    """A token, with somebody who has all of it, and two others."""

    def __init__(self, web3, address, holder, spender):
        self.web3 = web3
        self.contract = web3.eth.contract(address, abi=ERC20)
        self.holder, self.spender = holder, spender
        self.other = Account.create()

    def __getattr__(self, name):
        return getattr(self.contract.functions, name)

    def balance(self, account):
        return self.contract.functions.balanceOf(account.address).call()

    def left(self):
        return self.contract.functions.allowance(self.holder.address, self.spender.address).call()

    def do(self, account, function):
        receipt = call(self.web3, account, function)
        assert receipt.status == 1
        return receipt

    def logs(self, receipt):
        """The token's own logs, but for the fee, which is DIP and a Transfer to the treasury."""
        treasury = contract_address(0xD107)
        read = []
        for log in receipt.logs:
            if log.address == self.contract.address:
                kind = self.contract.events.Transfer if len(log.topics) == 3 and log.topics[0] == \
                    keccak(text="Transfer(address,address,uint256)") else self.contract.events.Approval
                args = dict(kind().process_log(log).args)
                if args.get("to") != treasury:
                    read.append((kind.event_name, *args.values()))
        return read


@pytest.fixture(scope="module")
def fee(node):
    """Whoever pays with a fresh account needs DIP for fees."""
    def give(account):
        send(node.web3, dev_account(6), {"to": account.address, "value": 10**19, "gas": 21000,
                                         "gasPrice": node.web3.eth.gas_price})
        return account
    return give


@pytest.fixture(scope="module", params=["issued", "dip"])
def token(request, node, fee):
    holder, spender = fee(Account.create()), fee(Account.create())
    if request.param == "issued":
        address = issue(node.web3, holder, supply=SUPPLY).address
    else:
        address = contract_address(0xD100)
    return Face(node.web3, address, holder, spender)


def refused(function, account):
    """The custom error of ERC-6093 with which a call is refused: its name's selector and arguments."""
    with pytest.raises(ContractCustomError) as caught:
        function.call({"from": account.address})
    return caught.value.data


def error(name, *arguments):
    """The data of a custom error whose arguments are addresses and numbers."""
    kinds = ",".join("address" if isinstance(a, str) else "uint256" for a in arguments)
    words = [bytes.fromhex(a[2:]).rjust(32, b"\0") if isinstance(a, str) else a.to_bytes(32, "big")
             for a in arguments]
    return Web3.to_hex(keccak(text=f"{name}({kinds})")[:4] + b"".join(words))


def test_it_has_metadata_and_a_supply(token):
    assert token.name().call() and token.symbol().call()
    assert 0 <= token.decimals().call() <= 38
    assert token.totalSupply().call() >= token.balance(token.holder) > 0
    assert token.balance(Account.create()) == 0


def test_a_transfer_of_some_moves_it_and_says_so(token):
    before = token.balance(token.other)
    receipt = token.do(token.holder, token.transfer(token.other.address, 100))
    assert token.logs(receipt) == [
        ("Transfer", token.holder.address, token.other.address, 100)]
    assert token.balance(token.other) == before + 100


def test_a_transfer_of_nothing_says_so_too(token):
    before = token.balance(token.other)
    receipt = token.do(token.holder, token.transfer(token.other.address, 0))
    assert token.logs(receipt) == [("Transfer", token.holder.address, token.other.address, 0)]
    assert token.balance(token.other) == before


def test_a_transfer_to_oneself_changes_nothing(token):
    supply = token.totalSupply().call()
    receipt = token.do(token.holder, token.transfer(token.holder.address, 5))
    assert token.logs(receipt) == [("Transfer", token.holder.address, token.holder.address, 5)]
    assert token.totalSupply().call() == supply


def test_functions_return_true(token):
    sender = {"from": token.holder.address}
    assert token.transfer(token.other.address, 1).call(sender) is True
    assert token.approve(token.spender.address, 1).call(sender) is True


def test_more_than_one_has_is_refused(token):
    poor = Account.create()
    assert refused(token.transfer(token.other.address, 1), poor) == error(
        "ERC20InsufficientBalance", poor.address, 0, 1)


def test_the_zero_address_receives_nothing(token):
    assert refused(token.transfer(ZERO, 1), token.holder) == error("ERC20InvalidReceiver", ZERO)


def test_an_approval_says_so_and_replaces_the_last_one(token):
    for amount in (7, 9, 0, SUPPLY * 10):
        receipt = token.do(token.holder, token.approve(token.spender.address, amount))
        assert token.logs(receipt) == [
            ("Approval", token.holder.address, token.spender.address, amount)]
        assert token.left() == amount
    assert token.contract.functions.allowance(
        token.spender.address, token.holder.address).call() == 0


def test_nobody_approves_the_zero_address(token):
    assert refused(token.approve(ZERO, 1), token.holder) == error("ERC20InvalidSpender", ZERO)


def test_an_allowance_is_spent_in_parts_and_not_beyond(token):
    token.do(token.holder, token.approve(token.spender.address, 10))
    before = token.balance(token.other)
    receipt = token.do(token.spender, token.transferFrom(token.holder.address, token.other.address, 6))
    # As OpenZeppelin since 5.0: what is left is read, not told.
    assert token.logs(receipt) == [("Transfer", token.holder.address, token.other.address, 6)]
    assert (token.left(), token.balance(token.other)) == (4, before + 6)
    over = token.transferFrom(token.holder.address, token.other.address, 5)
    assert refused(over, token.spender) == error(
        "ERC20InsufficientAllowance", token.spender.address, 4, 5)
    token.do(token.spender, token.transferFrom(token.holder.address, token.other.address, 4))
    assert token.left() == 0


def test_an_infinite_allowance_stays_infinite(token):
    token.do(token.holder, token.approve(token.spender.address, INFINITE))
    receipt = token.do(token.spender, token.transferFrom(token.holder.address, token.other.address, 3))
    assert token.logs(receipt) == [("Transfer", token.holder.address, token.other.address, 3)]
    assert token.left() == INFINITE
    token.do(token.holder, token.approve(token.spender.address, INFINITE - 1))
    token.do(token.spender, token.transferFrom(token.holder.address, token.other.address, 3))
    assert token.left() == INFINITE - 4


def test_an_allowance_is_no_money(token, fee):
    poor = fee(Account.create())
    token.do(poor, token.approve(token.spender.address, 10**30))
    has = token.balance(poor)
    assert refused(token.transferFrom(poor.address, token.other.address, has + 10**25), token.spender) \
        == error("ERC20InsufficientBalance", poor.address, has, has + 10**25)


def test_the_owner_needs_an_allowance_of_its_own(token):
    function = token.transferFrom(token.holder.address, token.other.address, 1)
    assert refused(function, token.holder) == error(
        "ERC20InsufficientAllowance", token.holder.address, 0, 1)


def test_the_zero_address_takes_no_part_in_transfer_from(token):
    token.do(token.holder, token.approve(token.spender.address, 1))
    assert refused(token.transferFrom(token.holder.address, ZERO, 1), token.spender) == error(
        "ERC20InvalidReceiver", ZERO)
    # Nobody can have given an allowance for it; of nothing it is the approver that is named.
    assert refused(token.transferFrom(ZERO, token.other.address, 1), token.spender) == error(
        "ERC20InsufficientAllowance", token.spender.address, 0, 1)
    assert refused(token.transferFrom(ZERO, token.other.address, 0), token.spender) == error(
        "ERC20InvalidApprover", ZERO)


def test_what_is_refused_in_a_block_changes_nothing_and_leaves_no_log(token):
    before = token.balance(token.holder), token.left()
    receipt = send(token.web3, token.holder, token.transfer(ZERO, 1).build_transaction({
        "from": token.holder.address, "gas": 200_000,
        "nonce": token.web3.eth.get_transaction_count(token.holder.address)}))
    assert receipt.status == 0
    assert token.logs(receipt) == []
    spent = receipt.gasUsed * receipt.effectiveGasPrice \
        if token.contract.address == contract_address(0xD100) else 0
    assert (token.balance(token.holder), token.left()) == (before[0] - spent, before[1])


def test_what_differs_from_other_erc20s(token):
    """Each of these is in docs/tokens.md."""
    # Units are below 2^128.
    assert refused(token.transfer(token.other.address, 2**128), token.holder) == error(
        "AmountTooLarge", 2**128)
    # A contract of the ledger is paid through its own functions, and no token can be sent to itself.
    for address in (contract_address(0xD102), token.contract.address):
        assert refused(token.transfer(address, 1), token.holder) == error(
            "ERC20InvalidReceiver", address)
    # Words that are no addresses, and arguments that are too short, are refused and not cut.
    dirty = token.contract.encode_abi("transfer", [token.other.address, 1]).replace(
        "0x" + "a9059cbb" + "0" * 24, "0x" + "a9059cbb" + "1" * 24)
    for data in (dirty, dirty[:100]):
        with pytest.raises((ContractCustomError, Web3RPCError)) as caught:
            token.web3.eth.call({
                "from": token.holder.address, "to": token.contract.address, "data": data})
        assert "BadCalldata" in str(caught.value) or caught.value.data.startswith(
            error("BadCalldata")[:0] + Web3.to_hex(keccak(text="BadCalldata(string)")[:4]))
    # Functions of OpenZeppelin's extensions that were taken out of it again.
    with pytest.raises(ContractCustomError) as caught:
        token.web3.eth.call({
            "from": token.holder.address, "to": token.contract.address, "data": Web3.to_hex(
                keccak(text="increaseAllowance(address,uint256)")[:4] + bytes(64))})
    assert caught.value.data.startswith(Web3.to_hex(keccak(text="UnknownSelector(bytes4)")[:4]))
