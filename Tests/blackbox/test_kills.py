"""kill -9 under load: whatever was acknowledged is there afterwards, with the same state hash."""

import os
import threading

from conftest import PATIENCE, Node, dev_account

GWEI = 10**9
ROUNDS = int(os.environ.get("KILL_ROUNDS", "8"))


def load(node, account, receiver, acknowledged, started):
    """Sends payments one by one until the node is gone; notes which had a receipt."""
    web3 = node.web3
    try:
        # The node may be gone before the first answer.
        nonce = web3.eth.get_transaction_count(account.address)
        while True:
            raw = account.sign_transaction({
                "to": receiver, "value": 1, "gas": 21000, "gasPrice": GWEI, "nonce": nonce,
                "chainId": 3355}).raw_transaction
            digest = web3.eth.send_raw_transaction(raw)
            answer = node.rpc("dip_waitForReceipt", "0x" + bytes(digest).hex(), "executed", 60000)
            if answer.get("result"):
                acknowledged.append(digest)
                started.set()
            nonce += 1
    except Exception:
        return


def test_nothing_acknowledged_is_lost(tmp_path):
    node = Node(tmp_path)
    receiver = dev_account(9).address
    accounts = [dev_account(index) for index in (1, 2, 3)]
    acknowledged = {account.address: [] for account in accounts}
    last = None
    for _ in range(ROUNDS):
        node.start()
        if last:
            assert node.web3.eth.get_block(last.number).hash == last.hash
            assert node.web3.eth.get_block(last.number).stateRoot == last.stateRoot
        for account in accounts:
            assert (node.web3.eth.get_transaction_count(account.address)
                    >= len(acknowledged[account.address]))
            for digest in acknowledged[account.address][-20:]:
                assert node.web3.eth.get_transaction_receipt(digest).status == 1
        started = threading.Event()
        threads = [
            threading.Thread(target=load, args=(
                node, account, receiver, acknowledged[account.address], started))
            for account in accounts]
        for thread in threads:
            thread.start()
        assert started.wait(PATIENCE)
        last = node.web3.eth.get_block("latest")
        node.kill()
        for thread in threads:
            thread.join()
    node.start()
    assert node.web3.eth.get_block(last.number).hash == last.hash
    node.stop()
