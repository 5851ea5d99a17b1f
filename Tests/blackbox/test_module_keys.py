"""Keys that were made in a module and never leave it, behind a signer."""

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from bank import dip
from conftest import dev_account
from consortium import Consortium, pay, payment
from module import Module
from signer import ORDER, Signer


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return Module(tmp_path_factory.mktemp("module"))


def test_a_person_signs_with_a_key_in_a_module(module, tmp_path):
    key = module.make("person")
    signer = Signer(tmp_path, key)
    try:
        file = signer.file(tmp_path / "person.key", key)
        # It makes as many high ones as low ones; nobody takes the high ones.
        for number in range(8):
            text = f"We accept {number}."
            made = dip("key", "sign", text, "--key-file", file).strip()
            assert Account.recover_message(encode_defunct(text=text), signature=made) == key.address
            assert int(made[66:130], 16) <= ORDER // 2
    finally:
        signer.kill()


def test_a_bank_is_founded_with_a_node_key_in_a_module(module, tmp_path):
    key = module.make("node")
    signer = Signer(tmp_path, key)
    consortium = Consortium(tmp_path, accounts={1: key.address})
    node = consortium.nodes[1]
    assert not (node.home / "node.key").exists()
    signer.file(node.home / "node.key", key)
    try:
        consortium.start()
        # Without the third bank the first one's votes are needed.
        consortium.nodes[3].kill()
        payer, receiver = dev_account(2), Account.create().address
        for nonce in range(3):
            receipt = pay(consortium.running, payment(payer, receiver, nonce), "certified")
            assert int(receipt["status"], 16) == 1
        assert len(signer.signed) >= 3
        consortium.settle()
    finally:
        consortium.stop()
        signer.kill()
