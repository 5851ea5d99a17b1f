"""An issued token as any ERC-20, and its controls."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from web3.exceptions import ContractCustomError, ContractLogicError
from web3.logs import DISCARD

from conftest import abi, call, contract_address, dev_account, issue, send

GWEI = 10**9
MINT, BURN, PAUSE, FREEZE, CLAWBACK, ALLOW = 1, 2, 4, 8, 16, 32


@pytest.fixture(scope="module")
def token(node):
    return issue(node.web3, dev_account(1))


def test_metadata_and_balances(web3, token, bank):
    functions = token.functions
    assert functions.name().call() == "Deposit Yuan"
    assert functions.symbol().call() == "DCNY"
    assert functions.decimals().call() == 2
    assert functions.totalSupply().call() == 10**9
    assert functions.balanceOf(bank.address).call() == 10**9
    assert web3.eth.get_code(token.address) == b"\xfe"


def test_a_transfer_moves_money_and_leaves_a_log(web3, token, bank, supplier):
    receipt = call(web3, bank, token.functions.transfer(supplier.address, 500))
    assert receipt.status == 1
    assert token.functions.balanceOf(supplier.address).call() == 500
    event = token.events.Transfer().process_receipt(receipt, errors=DISCARD)[0].args
    assert (event["from"], event.to, event.value) == (bank.address, supplier.address, 500)
    found = token.events.Transfer().get_logs(
        from_block=receipt.blockNumber, argument_filters={"to": supplier.address})
    assert [log.transactionHash for log in found] == [receipt.transactionHash]


def test_approve_and_transfer_from(web3, token, bank, supplier):
    shop = dev_account(2)
    assert call(web3, bank, token.functions.approve(shop.address, 70)).status == 1
    assert token.functions.allowance(bank.address, shop.address).call() == 70
    assert call(web3, shop, token.functions.transferFrom(
        bank.address, supplier.address, 60)).status == 1
    assert token.functions.allowance(bank.address, shop.address).call() == 10
    with pytest.raises((ContractCustomError, ContractLogicError)):
        token.functions.transferFrom(bank.address, supplier.address, 11).call(
            {"from": shop.address})


def test_a_permit_is_an_approval_without_dip(web3, token, bank):
    owner, spender = Account.create(), dev_account(2)
    message = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"}],
            "Permit": [
                {"name": "owner", "type": "address"}, {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"}, {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"}]},
        "primaryType": "Permit",
        "domain": {"name": "Dipnet", "version": "1", "chainId": 3355,
                   "verifyingContract": token.address},
        "message": {"owner": owner.address, "spender": spender.address, "value": 99,
                    "nonce": 0, "deadline": 2**40}}
    signed = owner.sign_message(encode_typed_data(full_message=message))
    arguments = (owner.address, spender.address, 99, 2**40, signed.v,
                 signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    assert call(web3, bank, token.functions.permit(*arguments)).status == 1
    assert token.functions.allowance(owner.address, spender.address).call() == 99
    assert token.functions.nonces(owner.address).call() == 1
    with pytest.raises((ContractCustomError, ContractLogicError)):
        token.functions.permit(*arguments).call({"from": bank.address})


def test_a_refused_transfer_carries_its_custom_error(web3, token, supplier):
    with pytest.raises(ContractCustomError) as caught:
        token.functions.transfer(supplier.address, 1).call({"from": supplier.address})
    assert "e450d38c" in str(caught.value.data or caught.value)


def test_batches_pay_everybody_or_nobody(web3, token, bank):
    payees = [Account.create().address for _ in range(50)]
    receipt = call(web3, bank, token.functions.transferBatch(payees, list(range(1, 51))))
    assert receipt.status == 1
    # The fee is a transfer too, of DIP and from DIP's own address.
    events = token.events.Transfer().process_receipt(receipt, errors=DISCARD)
    assert len([event for event in events if event.address == token.address]) == 50
    assert token.functions.balanceOf(payees[49]).call() == 50


def test_controls_work_when_they_were_chosen(web3, bank, supplier):
    token = issue(web3, bank, controls=MINT | BURN | PAUSE | FREEZE | CLAWBACK)
    functions = token.functions
    assert call(web3, bank, functions.mint(supplier.address, 5)).status == 1
    assert call(web3, bank, functions.freeze(supplier.address, True)).status == 1
    assert functions.isFrozen(supplier.address).call()
    with pytest.raises(ContractCustomError):
        functions.transfer(bank.address, 1).call({"from": supplier.address})
    assert call(web3, bank, functions.clawback(
        supplier.address, bank.address, 5, b"\1" * 32)).status == 1
    assert functions.balanceOf(supplier.address).call() == 0
    assert call(web3, bank, functions.pause()).status == 1
    with pytest.raises(ContractCustomError):
        functions.transfer(supplier.address, 1).call({"from": bank.address})
    assert call(web3, bank, functions.unpause()).status == 1
    assert call(web3, bank, functions.burn(5)).status == 1


def test_controls_that_were_not_chosen_do_not_exist(token, bank, supplier):
    with pytest.raises(ContractCustomError):
        token.functions.mint(supplier.address, 1).call({"from": bank.address})


def test_dip_is_an_erc20_too(web3, bank, supplier):
    dip = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    assert dip.functions.symbol().call() == "DIP"
    assert dip.functions.decimals().call() == 18
    assert call(web3, bank, dip.functions.transfer(supplier.address, 10**18)).status == 1
    assert web3.eth.get_balance(supplier.address) == 10**18
    assert dip.functions.balanceOf(supplier.address).call() == 10**18


def test_a_bank_pays_the_fees_of_its_client(web3, bank, supplier):
    dip = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    send(web3, bank, {"to": supplier.address, "value": 10**15, "gas": 21000, "gasPrice": GWEI})
    assert call(web3, supplier, dip.functions.setFeePayer(bank.address)).status == 1
    assert call(web3, bank, dip.functions.grantFees(
        supplier.address, 10**18, 2**40)).status == 1
    before = web3.eth.get_balance(supplier.address)
    send(web3, supplier, {"to": bank.address, "value": 1, "gas": 21000, "gasPrice": GWEI})
    assert web3.eth.get_balance(supplier.address) == before - 1
    left, _ = dip.functions.feeGrant(bank.address, supplier.address).call()
    assert left == 10**18 - 21000 * GWEI
