"""Every eth_* method's result has the shape that Ethereum's published schemas give it.

`eth-shapes.json` says where they come from and which members are ours.
"""

import asyncio
import json
import pathlib

import pytest
from eth_account import Account
from jsonschema import Draft202012Validator
from web3 import AsyncWeb3, Web3, WebSocketProvider
from web3.middleware import SignAndSendRawMiddlewareBuilder
from websockets.sync.client import connect

from conftest import PATIENCE, abi, call, contract_address, dev_account, issue, send

GWEI = 10**9
SHAPES = json.loads((pathlib.Path(__file__).parent / "eth-shapes.json").read_text())
NOTHING = "0x" + "77" * 32
REFUSED = {"eth_sendTransaction", "eth_sign", "eth_signTransaction", "eth_getProof",
           "eth_newPendingTransactionFilter"}


def fits(method, result):
    """Fails with the place in the result and the rule that it breaks."""
    schema = {"$defs": SHAPES["$defs"], **SHAPES["methods"][method]}
    faults = [f"{fault.json_path}: {fault.message[:300]}"
              for fault in Draft202012Validator(schema).iter_errors(result)]
    assert not faults, f"{method}: {faults}: {json.dumps(result)[:1000]}"


@pytest.fixture(scope="module")
def ask(node):
    seen = set()

    def ask(method, *params):
        answer = node.rpc(method, *params)
        assert "result" in answer, f"{method}{params}: {answer}"
        fits(method, answer["result"])
        seen.add(method)
        return answer["result"]
    ask.seen = seen
    return ask


@pytest.fixture(scope="module")
def world(node):
    """A ledger on which all kinds of things happened: each kind of transaction, a refusal, a timer."""
    web3, bank = node.web3, dev_account(1)
    other = Account.create().address
    token = issue(web3, bank)
    plain = {"to": other, "value": 5, "gas": 21000}
    receipts = [
        send(web3, bank, plain | {"gasPrice": GWEI}),
        send(web3, bank, plain | {"gasPrice": GWEI, "type": 1, "gas": 30_000, "accessList": [
            {"address": other, "storageKeys": [NOTHING]}]}),
        send(web3, bank, plain | {"maxFeePerGas": 2 * GWEI, "maxPriorityFeePerGas": 1}),
        call(web3, bank, token.functions.transfer(other, 3)),
        send(web3, bank, {"to": token.address, "gas": 200_000, "gasPrice": GWEI, "value": 0,
                          "data": token.encode_abi("transfer", ["0x" + "0" * 40, 1])}),
    ]
    assert [receipt.status for receipt in receipts] == [1, 1, 1, 1, 0]
    return node, token, receipts


@pytest.fixture(scope="module")
def system_block(world):
    """A block that did something itself: a gate's time was over."""
    node, token, _ = world
    web3, bank = node.web3, dev_account(1)
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    now = web3.eth.get_block("latest").timestamp
    zero = "0x" + "0" * 40
    gate = ([bank.address], 1, 0, now + 2, 0, 0, False, 0)
    receipt = call(web3, bank, orders.functions.open((
        token.address, bank.address, zero, 0, b"\0" * 32, [(0, dev_account(2).address, 10, 1)], [gate])))
    assert receipt.status == 1
    for _ in range(400):
        found = [log for log in node.rpc("eth_getLogs", {
            "fromBlock": hex(receipt.blockNumber), "toBlock": "latest"})["result"] if log.get("system")]
        if found:
            return found[0]["blockHash"]
        send(web3, bank, {"to": zero[:-1] + "9", "value": 0, "gas": 21000, "gasPrice": GWEI})
    raise AssertionError("no timer was due")


def test_the_chain_and_what_gas_costs(ask):
    for method in ("web3_clientVersion", "net_version", "net_listening", "net_peerCount", "eth_chainId",
                   "eth_blockNumber", "eth_syncing", "eth_accounts", "eth_mining", "eth_hashrate",
                   "eth_coinbase", "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_blobBaseFee"):
        ask(method)
    ask("web3_sha3", "0x00ff")
    for count, percentiles in ((1, []), (4, [10, 50.5, 90]), (1024, [50])):
        told = ask("eth_feeHistory", hex(count), "latest", percentiles)
        blocks = len(told["gasUsedRatio"])
        assert len(told["baseFeePerGas"]) == blocks + 1 and len(told.get("reward", [])) in (0, blocks)
    ask("eth_feeHistory", "0x2", "pending", [])


def test_blocks_by_number_tag_and_hash(ask, world, system_block):
    for tag in ("earliest", "finalized", "safe", "latest", "pending",
                *(hex(receipt.blockNumber) for receipt in world[2])):
        for full in (False, True):
            block = ask("eth_getBlockByNumber", tag, full)
            if block["hash"]:
                assert ask("eth_getBlockByHash", block["hash"], full) == block
        ask("eth_getBlockTransactionCountByNumber", tag)
        ask("eth_getBlockReceipts", "latest" if tag == "pending" else tag)
    assert ask("eth_getBlockByHash", NOTHING, False) is None
    assert ask("eth_getBlockByNumber", "0xffffff", False) is None
    assert ask("eth_getBlockTransactionCountByHash", NOTHING) is None
    ask("eth_getBlockTransactionCountByHash", system_block)
    ask("eth_getBlockReceipts", system_block)
    ask("eth_getUncleCountByBlockNumber", "latest")
    ask("eth_getUncleCountByBlockHash", system_block)
    ask("eth_getUncleByBlockNumberAndIndex", "latest", "0x0")
    ask("eth_getUncleByBlockHashAndIndex", system_block, "0x0")


def test_transactions_and_receipts_of_each_kind(ask, world, system_block):
    for receipt in world[2]:
        hash, block = Web3.to_hex(receipt.transactionHash), Web3.to_hex(receipt.blockHash)
        index = hex(receipt.transactionIndex)
        told = ask("eth_getTransactionByHash", hash)
        assert told == ask("eth_getTransactionByBlockHashAndIndex", block, index)
        assert told == ask("eth_getTransactionByBlockNumberAndIndex", hex(receipt.blockNumber), index)
        assert ask("eth_getTransactionReceipt", hash)["type"] == told["type"]
    assert {ask("eth_getTransactionByHash", Web3.to_hex(receipt.transactionHash))["type"]
            for receipt in world[2]} == {"0x0", "0x1", "0x2"}
    assert ask("eth_getTransactionByHash", system_block)["system"]
    ask("eth_getTransactionReceipt", system_block)
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        assert ask(method, NOTHING) is None
    assert ask("eth_getTransactionByBlockHashAndIndex", NOTHING, "0x0") is None
    assert ask("eth_getTransactionByBlockNumberAndIndex", "latest", "0xffff") is None


def test_a_transaction_that_waits(ask, world, node):
    """It has nonces missing before it, so that it stays where it is."""
    waiting = dev_account(4)
    for more in ({"gasPrice": GWEI}, {"gasPrice": GWEI, "accessList": [], "type": 1},
                 {"maxFeePerGas": GWEI, "maxPriorityFeePerGas": 0}):
        nonce = 5 + len(more)
        raw = waiting.sign_transaction({
            "to": dev_account(5).address, "value": 1, "gas": 30_000, "chainId": 3355,
            "nonce": nonce} | more).raw_transaction
        hash = ask("eth_sendRawTransaction", Web3.to_hex(raw))
        assert ask("eth_getTransactionByHash", hash)["blockHash"] is None
    for full in (False, True):
        ask("eth_getBlockByNumber", "pending", full)
    assert ask("eth_getTransactionReceipt", hash) is None


def test_a_transaction_that_is_waited_for(ask):
    raw = dev_account(6).sign_transaction({
        "to": dev_account(5).address, "value": 1, "gas": 21_000, "gasPrice": GWEI, "chainId": 3355,
        "nonce": 0}).raw_transaction
    receipt = ask("eth_sendRawTransactionSync", Web3.to_hex(raw))
    assert receipt == ask("eth_getTransactionReceipt", receipt["transactionHash"])


def test_accounts_and_calls(ask, world):
    _, token, _ = world
    bank = dev_account(1).address
    for block in ("latest", "finalized", "safe", "pending", "earliest", "0x1"):
        ask("eth_getBalance", bank, block)
        ask("eth_getTransactionCount", bank, block)
    for address in (bank, token.address, contract_address(0xD102)):
        ask("eth_getCode", address, "latest")
        ask("eth_getStorageAt", address, "0x0", "latest")
    request = {"from": bank, "to": token.address, "data": token.encode_abi("transfer", [bank, 1])}
    ask("eth_call", request, "latest")
    ask("eth_call", {"from": bank, "to": bank}, "latest")
    ask("eth_estimateGas", request)
    ask("eth_estimateGas", request, "latest")


def test_logs_and_filters(ask, world, system_block):
    node, token, receipts = world
    found = ask("eth_getLogs", {"fromBlock": "earliest", "toBlock": "latest"})
    assert any(log.get("system") for log in found)
    ask("eth_getLogs", {"blockHash": system_block})
    ask("eth_getLogs", {"fromBlock": "0x1", "address": [token.address], "topics": [None, []]})
    logs = ask("eth_newFilter", {"fromBlock": "earliest", "address": token.address})
    blocks = ask("eth_newBlockFilter")
    call(node.web3, dev_account(1), token.functions.transfer(dev_account(2).address, 1))
    for name in (logs, blocks):
        assert ask("eth_getFilterChanges", name)
        ask("eth_getFilterChanges", name)
    assert ask("eth_getFilterLogs", logs)
    assert ask("eth_uninstallFilter", logs) and not ask("eth_uninstallFilter", logs)


def test_what_is_told_of_a_subscription(ask, world):
    node, token, _ = world

    with connect(node.url.replace("http", "ws")) as socket:
        def over(method, *params):
            socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
            result = json.loads(socket.recv(10))["result"]
            fits(method, result)
            ask.seen.add(method)
            return result
        names = {over("eth_subscribe", "newHeads"): "Header",
                 over("eth_subscribe", "logs", {"address": token.address}): "Log"}
        call(node.web3, dev_account(1), token.functions.transfer(dev_account(2).address, 1))
        told = set()
        while told != {"Header", "Log"}:
            message = json.loads(socket.recv(10))["params"]
            shape = names[message["subscription"]]
            schema = {"$defs": SHAPES["$defs"], "$ref": f"#/$defs/{shape}"}
            Draft202012Validator(schema).validate(message["result"])
            told.add(shape)
        for name in names:
            assert over("eth_unsubscribe", name)


def test_no_method_was_left_out(ask, world, node):
    """Runs last: every method that the node offers was asked, or says that it is not there."""
    offered = {method["name"] for method in node.rpc("rpc.discover")["result"]["methods"]
               if method["name"].split("_")[0] in ("eth", "net", "web3")}
    for method in REFUSED:
        assert node.rpc(method)["error"]["code"] == -32601
    assert offered - REFUSED == set(SHAPES["methods"])
    assert ask.seen == set(SHAPES["methods"])


def test_web3_py_as_it_comes(world, node):
    """Its own middleware fills in fees, nonces, gas and chain id, and formats blocks and logs."""
    web3 = Web3(Web3.HTTPProvider(node.url))
    bank = dev_account(3)
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(bank), layer=0)
    web3.eth.default_account = bank.address
    hash = web3.eth.send_transaction({"to": dev_account(2).address, "value": 1})
    receipt = web3.eth.wait_for_transaction_receipt(hash, timeout=PATIENCE, poll_latency=0.01)
    assert receipt.status == 1 and receipt.type == 2
    for tag in ("earliest", "finalized", "safe", "latest", "pending", receipt.blockNumber):
        block = web3.eth.get_block(tag, full_transactions=True)
        assert block.number >= 0 and isinstance(block.timestamp, int)
    assert web3.eth.get_block(receipt.blockHash, True).transactions[0]["from"] == bank.address
    assert len(web3.eth.get_block_receipts(receipt.blockNumber)) >= 1
    history = web3.eth.fee_history(3, "latest", [10, 90])
    assert len(history.baseFeePerGas) == len(history.gasUsedRatio) + 1
    assert all(len(row) == 2 for row in history.reward)
    assert web3.eth.max_priority_fee == 0 and web3.eth.gas_price == GWEI


def test_web3_py_over_websocket(world, node):
    """It says that its requests are binary, and listens by itself."""
    async def listen():
        async with AsyncWeb3(WebSocketProvider(node.url.replace("http", "ws"))) as web3:
            assert await web3.eth.chain_id == 3355
            await web3.eth.subscribe("newHeads")
            receipt = await asyncio.to_thread(send, node.web3, dev_account(1), {
                "to": dev_account(2).address, "value": 1, "gas": 21000, "gasPrice": GWEI})
            async for message in web3.socket.process_subscriptions():
                return receipt, message["result"]
    receipt, head = asyncio.run(asyncio.wait_for(listen(), PATIENCE))
    assert (int(head["number"], 16), head["hash"]) == (receipt.blockNumber, Web3.to_hex(receipt.blockHash))
