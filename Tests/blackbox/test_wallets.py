"""Reading, sending and fees, as web3.py and every wallet built on the same calls does it."""

import pytest
from eth_account import Account
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError

from conftest import PATIENCE, dev_account, send

GWEI = 10**9


def test_a_client_learns_the_chain(web3):
    assert web3.is_connected()
    assert web3.eth.chain_id == 3355
    assert web3.net.version == "3355"
    assert web3.client_version.startswith("dipnet/")
    assert web3.eth.gas_price == GWEI
    assert web3.eth.max_priority_fee == 0
    assert web3.eth.syncing is False
    assert web3.eth.accounts == []


@pytest.mark.parametrize("form", ["legacy", "access list", "dynamic fee"])
def test_dip_is_sent_by_each_kind_of_transaction(web3, bank, supplier, form):
    transaction = {"to": supplier.address, "value": 12345, "gas": 21000}
    if form == "dynamic fee":
        transaction |= {"maxFeePerGas": GWEI, "maxPriorityFeePerGas": 0}
    else:
        transaction |= {"gasPrice": GWEI}
    if form == "access list":
        transaction |= {"type": 1, "accessList": []}
    before = web3.eth.get_balance(bank.address)
    receipt = send(web3, bank, transaction)
    assert receipt.status == 1
    assert receipt.gasUsed == 21000
    assert receipt.effectiveGasPrice == GWEI
    assert web3.eth.get_balance(supplier.address) == 12345
    assert web3.eth.get_balance(bank.address) == before - 12345 - 21000 * GWEI


def test_estimates_are_exact(web3, bank, supplier):
    assert web3.eth.estimate_gas(
        {"from": bank.address, "to": supplier.address, "value": 1}) == 21000


def test_blocks_transactions_and_receipts_agree(web3, bank, supplier):
    receipt = send(web3, bank, {
        "to": supplier.address, "value": 7, "gas": 21000, "maxFeePerGas": GWEI,
        "maxPriorityFeePerGas": 0})
    block = web3.eth.get_block(receipt.blockNumber, full_transactions=True)
    assert block.hash == receipt.blockHash == web3.eth.get_block(block.hash).hash
    transaction = web3.eth.get_transaction(receipt.transactionHash)
    assert block.transactions[receipt.transactionIndex].hash == transaction.hash
    assert transaction["from"] == bank.address
    assert transaction.value == 7
    assert web3.eth.get_block_transaction_count(block.number) == len(block.transactions)
    assert web3.eth.get_transaction_by_block(block.number, 0).hash == block.transactions[0].hash
    assert block.parentHash == web3.eth.get_block(block.number - 1).hash
    history = web3.eth.fee_history(1, "latest")
    assert history.baseFeePerGas[0] == GWEI


def test_history_is_answered_by_block(web3, bank, supplier):
    heights = []
    for value in (1, 2, 3):
        heights.append(send(web3, bank, {
            "to": supplier.address, "value": value, "gas": 21000, "gasPrice": GWEI}).blockNumber)
    assert [web3.eth.get_balance(supplier.address, height) for height in heights] == [1, 3, 6]
    assert web3.eth.get_balance(supplier.address, heights[0] - 1) == 0
    assert web3.eth.get_balance(supplier.address, "finalized") == 6


def refusal(web3, raw):
    with pytest.raises(Web3RPCError) as caught:
        web3.eth.send_raw_transaction(raw)
    return caught.value.rpc_response["error"]["message"]


def sign(web3, account, **changes):
    transaction = {
        "to": dev_account(5).address, "value": 1, "gas": 21000, "gasPrice": GWEI,
        "chainId": 3355, "nonce": web3.eth.get_transaction_count(account.address, "pending")}
    transaction |= changes
    return account.sign_transaction(transaction).raw_transaction


def test_every_refusal_says_why(web3, bank):
    poor = Account.create()
    assert "insufficient funds" in refusal(web3, sign(web3, poor))
    assert "chain" in refusal(web3, sign(web3, bank, chainId=1))
    assert "nonce too low" in refusal(web3, sign(web3, bank, nonce=0))
    assert "nonce too high" in refusal(web3, sign(web3, bank, nonce=10**6))
    assert "intrinsic gas too low" in refusal(web3, sign(web3, bank, gas=20999))
    assert str(GWEI) in refusal(web3, sign(web3, bank, gasPrice=GWEI - 1))
    assert "exceeds block gas limit" in refusal(web3, sign(web3, bank, gas=10**13))
    assert "factory" in refusal(web3, sign(web3, bank, to=b"", data=b"\x60\x60", gas=100000))
    assert "invalid" in refusal(web3, b"\x02\xc0")


def test_a_repeated_transaction_is_already_known(web3, bank):
    raw = sign(web3, bank)
    digest = web3.eth.send_raw_transaction(raw)
    web3.eth.wait_for_transaction_receipt(digest, timeout=PATIENCE, poll_latency=0.01)
    assert "already known" in refusal(web3, raw)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt("0x" + "11" * 32)


def test_contracts_have_code_and_accounts_have_none(web3, bank):
    assert web3.eth.get_code(Web3.to_checksum_address("0x" + f"{0xd102:040x}")) == b"\xfe"
    assert web3.eth.get_code(bank.address) == b""
    assert web3.eth.get_storage_at(bank.address, 0) == b"\0" * 32
