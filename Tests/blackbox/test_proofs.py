"""Proofs: written by dip, checked by dip without a node, and in Python from docs/formats/proof.md alone."""

import hashlib
import json
import struct
import subprocess

import pytest
from conftest import DIP
from eth_account import Account
from eth_account.messages import encode_typed_data


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaf, path, index, count):
    """The root of an RFC 6962 tree over SHA-256, from a leaf's bytes and its siblings, lowest first."""
    value, last = sha(b"\0", leaf), count - 1
    for sibling in path:
        while index == last and index % 2 == 0 and last > 0:
            index, last = index // 2, last // 2
        value = sha(b"\1", sibling, value) if index % 2 else sha(b"\1", value, sibling)
        index, last = index // 2, last // 2
    return value


def raw(text):
    return bytes.fromhex(text[2:])


def dip(*arguments):
    return subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def proof(node, tmp_path):
    """A proof of a payment of 1.5 DIP, the genesis file, and the transaction."""
    at = ["--node", node.url]
    sent = dip("send", "dev:4", "1.5", "--dev-key", "3", "--json", *at)
    assert sent.returncode == 0, sent.stderr
    hash = json.loads(sent.stdout)["transaction"]
    file = tmp_path / "proof.json"
    written = dip("proof", "receipt", hash, "--out", file, *at)
    assert written.returncode == 0, written.stderr
    return file, node.folder / "data/genesis.json", hash


def test_whoever_was_paid_can_show_it_to_a_stranger(proof):
    file, genesis, hash = proof
    told = json.loads(dip("verify", file, "--genesis", genesis, "--json").stdout)
    assert told["outcome"] == "done" and told["transaction"] == hash
    assert [payment["amount"] for payment in told["payments"]][0] == str(15 * 10**17)


def test_a_proof_that_was_changed_proves_nothing(proof, tmp_path):
    file, genesis, _ = proof
    for member in ["record", "transaction", "header", "certificate"]:
        changed = json.loads(file.read_text())
        place = changed[member]
        text = place if isinstance(place, str) else place["bytes" if member == "record" else "raw"]
        digit = "1" if text[-1] != "1" else "2"
        if isinstance(place, str):
            changed[member] = text[:-1] + digit
        else:
            place["bytes" if member == "record" else "raw"] = text[:-1] + digit
        other = tmp_path / f"{member}.json"
        other.write_text(json.dumps(changed))
        result = dip("verify", other, "--genesis", genesis)
        assert result.returncode == 1 and "proves nothing" in result.stderr


def text(value):
    return struct.pack(">I", len(value.encode())) + value.encode()


def genesis_hash(ledger):
    """The ledger's identity, from docs/formats/genesis.md."""
    fees, parameters = ledger["fees"], ledger["parameters"]
    accounts = sorted((raw(account), int(amount)) for account, amount in ledger["allocation"].items())
    rules = b"".join([
        int(fees["gasPrice"]).to_bytes(16),
        struct.pack(">QII", *(parameters[name] for name in ("blockGasLimit", "blockByteLimit", "stepLimit"))),
        int(fees["publicationFee"]).to_bytes(16), int(fees["reviewFee"]).to_bytes(16),
        struct.pack(">BHHIHQ", *(parameters[name] for name in (
            "requiredReviews", "royaltyDeveloper", "royaltyReviewers", "epochBlocks", "nodeShare",
            "redemptionDeadline")))])
    return sha(
        b"dipnet genesis 1", struct.pack(">QQI", ledger["chainId"], ledger["timeMillis"], len(accounts)),
        *(account + amount.to_bytes(16) for account, amount in accounts), struct.pack(">I", len(rules)), rules,
        struct.pack(">I", len(ledger["validators"])),
        *(text(bank["name"]) + raw(bank["address"]) + raw(bank.get("operator", bank["address"]))
          + text(bank["endpoint"]) for bank in ledger["validators"]),
        struct.pack(">HQ", parameters["certificateQuorum"], parameters["checkpointInterval"]))


def bank_set(ledger):
    """The banks of genesis, from docs/formats/certificate.md."""
    banks = ledger["validators"]
    return b"".join([
        b"\1", genesis_hash(ledger),
        struct.pack(">HQB", ledger["parameters"]["certificateQuorum"], len(banks) + 1, len(banks)),
        *(struct.pack(">Q", number) + text(bank["name"]) + raw(bank["address"])
          + raw(bank.get("operator", bank["address"])) + text(bank["endpoint"])
          for number, bank in enumerate(banks, 1))])


def test_the_page_is_enough_to_check_a_proof(proof):
    file, genesis, _ = proof
    found, ledger = json.loads(file.read_text()), json.loads(genesis.read_text())
    assert raw(found["genesis"]) == genesis_hash(ledger) and found["chainId"] == ledger["chainId"]
    header = raw(found["header"])
    assert len(header) == 338
    assert found["banks"] == [] and header[266:298] == sha(bank_set(ledger))
    count = int.from_bytes(header[102:106], "big")
    record, path = raw(found["record"]["bytes"]), [raw(step) for step in found["record"]["path"]]
    # The block's own record stands behind those of its transactions.
    assert root_of(record, path, found["index"], count + 1) == header[138:170]

    certificate = raw(found["certificate"])
    height, signed = int.from_bytes(certificate[1:9], "big"), certificate[9:41]
    assert signed == sha(header) and height == int.from_bytes(header[2:10], "big")
    message = encode_typed_data(
        {"name": "Dipnet", "version": "1", "chainId": ledger["chainId"],
         "verifyingContract": "0x000000000000000000000000000000000000d107"},
        {"Header": [{"name": "height", "type": "uint64"}, {"name": "hash", "type": "bytes32"}]},
        {"height": height, "hash": signed})
    signers = {
        Account.recover_message(message, signature=certificate[at:at + 65])
        for at in range(43, len(certificate), 65)}
    banks = {bank["address"].lower() for bank in ledger["validators"]}
    assert {signer.lower() for signer in signers} <= banks
    assert len(signers) >= ledger["parameters"]["certificateQuorum"]
