"""Where DIP goes, and who is behind an account, asked with other people's libraries."""

import json
import subprocess

import pytest
from web3.exceptions import ContractCustomError, ContractLogicError
from web3.logs import DISCARD

from conftest import DIP, abi, call, contract_address, dev_account, send

TREASURY = contract_address(0xD107)
ENTITIES = contract_address(0xD106)
LEI = "529900D6BF99LW9R2E68"
CODE = "914403001922038216"


def dip(*arguments):
    return subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True)


def pay(web3, value):
    return send(web3, dev_account(1), {
        "to": dev_account(2).address, "value": value, "gas": 21000, "gasPrice": 10**9})


def economy(node):
    return node.rpc("dip_economy")["result"]


# The economy

def test_all_dip_is_accounted_for(node, web3):
    for _ in range(3):
        pay(web3, 10**15)
    told = economy(node)
    assert int(told["supply"]) == 10 * 10**6 * 10**18
    fees = sum(int(fee) for name, fee in told["fees"].items() if name != "reviews")
    assert fees > 0
    balance = web3.eth.get_balance(TREASURY)
    assert balance == int(told["treasury"]["balance"]) == fees
    assert told["epoch"]["number"] == 0 and told["epoch"]["first"] == 1


def test_each_fee_is_a_transfer_to_the_treasury(node, web3):
    before = int(economy(node)["fees"]["transactions"])
    token = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    receipt = pay(web3, 1)
    moved = [event.args for event in token.events.Transfer().process_receipt(
        receipt, errors=DISCARD)]
    paid = [event["value"] for event in moved if event["to"] == TREASURY]
    assert paid == [receipt.gasUsed * receipt.effectiveGasPrice]
    assert int(economy(node)["fees"]["transactions"]) == before + paid[0]


def test_a_present_to_the_treasury_is_no_fee(node, web3):
    token = web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    before = economy(node)
    receipt = call(web3, dev_account(1), token.functions.transfer(TREASURY, 777))
    after = economy(node)
    assert receipt.status == 1
    assert int(after["treasury"]["given"]) == int(before["treasury"]["given"]) + 777


def test_who_signed_sampled_blocks_is_in_the_ledger(node, web3):
    # Every 64th block of an epoch of 10,000 is sampled; its votes travel in the bodies behind it.
    while web3.eth.block_number < 67:
        pay(web3, 1)
    # A vote is signed behind the answers, and need not be there when the next body is made.
    while not economy(node)["epoch"].get("signed") and web3.eth.block_number < 127:
        pay(web3, 1)
    epoch = economy(node)["epoch"]
    assert epoch["sampledEvery"] == 64 and epoch["sampled"] == 1
    assert epoch["signed"] == [
        {"bank": 1, "operator": dev_account(0).address.lower(), "count": 1}]


def test_the_command_line_tells_the_same(node):
    text = dip("economy", "--node", node.url)
    assert text.returncode == 0, text.stderr
    assert "there are 10,000,000 DIP" in text.stdout
    assert "fees of transactions" in text.stdout and "Epoch 0, blocks 1 to 10000" in text.stdout
    told = json.loads(dip("economy", "--json", "--node", node.url).stdout)
    assert told == economy(node)


# Legal entities

@pytest.fixture
def entities(web3):
    return web3.eth.contract(ENTITIES, abi=abi("Entities"))


def entity(lei=LEI, code=CODE, name="东方机械有限公司", industry="C34"):
    word = lei.encode().ljust(32, b"\0")
    return (word, code, name, industry, TREASURY, 0, False)


def test_a_bank_attests_who_is_behind_an_account(web3, entities):
    operator, firm = dev_account(0), dev_account(4)
    assert entities.functions.entity(firm.address).call()[6] is False
    receipt = call(web3, operator, entities.functions.attest(firm.address, entity()))
    assert receipt.status == 1
    event = entities.events.Attested().process_receipt(receipt, errors=DISCARD)[0].args
    assert (event.account, event.bank) == (firm.address, operator.address)
    assert event.lei.rstrip(b"\0").decode() == LEI
    found = entities.functions.entity(firm.address).call()
    assert list(found[1:5]) == [CODE, "东方机械有限公司", "C34", operator.address]
    assert found[5] == web3.eth.get_block(receipt.blockNumber).timestamp and found[6] is True
    receipt = call(web3, operator, entities.functions.revoke(firm.address))
    assert receipt.status == 1
    assert entities.events.Revoked().process_receipt(receipt, errors=DISCARD)
    assert entities.functions.entity(firm.address).call()[6] is False


@pytest.mark.parametrize("wrong, why", [
    ({"lei": "529900D6BF99LW9R2E69"}, "check digits"), ({"code": "914403001922038217"}, "check"),
    ({"lei": "", "code": ""}, "needed"), ({"name": ""}, "name"), ({"industry": "Z"}, "industry"),
])
def test_a_wrong_identifier_is_refused_with_the_reason(entities, wrong, why):
    function = entities.functions.attest(dev_account(4).address, entity(**wrong))
    with pytest.raises((ContractCustomError, ContractLogicError)) as refused:
        function.call({"from": dev_account(0).address})
    selector = "0x" + entities.w3.keccak(text="BadIdentifier(string)")[:4].hex()
    data = str(refused.value.data)
    assert data.startswith(selector)
    assert why in bytes.fromhex(data[10:]).decode(errors="ignore")


def test_nobody_but_a_bank_attests(entities):
    with pytest.raises((ContractCustomError, ContractLogicError)):
        entities.functions.attest(dev_account(4).address, entity()).call(
            {"from": dev_account(3).address})


def test_attesting_on_the_command_line(node):
    at = ["--node", node.url]
    wrong = dip("entity", "attest", "dev:5", "--name", "East", "--lei", LEI[:-1] + "9",
                "--dev-key", 0, *at)
    assert wrong.returncode == 64 and "check digits" in wrong.stderr
    done = dip("entity", "attest", "dev:5", "--name", "East Machine Works", "--lei", LEI,
               "--credit-code", CODE, "--industry", "C34", "--dev-key", 0, *at)
    assert done.returncode == 0, done.stderr
    shown = json.loads(dip("entity", "show", "dev:5", "--json", *at).stdout)
    assert shown["active"] and shown["lei"] == LEI and shown["name"] == "East Machine Works"
    assert "Attested by" in dip("entity", "show", "dev:5", *at).stdout
    assert dip("entity", "revoke", "dev:5", "--dev-key", 0, *at).returncode == 0
    assert not json.loads(dip("entity", "show", "dev:5", "--json", *at).stdout)["active"]
    again = dip("entity", "revoke", "dev:5", "--dev-key", 0, *at)
    assert again.returncode == 1 and "No bank attests" in again.stderr
    assert "No bank ever said" in dip("entity", "show", "dev:6", *at).stdout
