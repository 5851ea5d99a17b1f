"""Keys in a signer elsewhere: a bank's node, its desk and its person, over TLS with certificates on both sides."""

import json

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils import keccak

from bank import Bank, booking, dip, iban, notification
from conftest import dev_account
from consortium import Consortium, eventually, pay, payment
from signer import ORDER, Papers, Signer

HEADER = keccak(text="Header(uint64 height,bytes32 hash)")
DOMAIN = keccak(
    keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    + keccak(text="Dipnet") + keccak(text="1") + (3355).to_bytes(32, "big")
    + bytes.fromhex("d107".rjust(64, "0")))


def sign(file, *options, status=0):
    """`dip key sign`, the shortest way from a key file to a signature."""
    return dip("key", "sign", "We accept.", "--key-file", file, *options, status=status)


def signer_of(signature):
    return Account.recover_message(encode_defunct(text="We accept."), signature=signature.strip())


# What a signer can do wrong


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    signer = Signer(tmp_path_factory.mktemp("signer"), Account.create(), dev_account(0), dev_account(9))
    yield signer
    signer.kill()


@pytest.fixture
def well(signer):
    """The signer as it should be, also after a test that failed."""
    yield signer
    signer.spoil = None


def test_a_key_file_may_name_a_signer(well, tmp_path):
    file = well.file(tmp_path / "operator.key", dev_account(0))
    assert signer_of(sign(file)) == dev_account(0).address
    assert well.signed[-1] == b"\x19Ethereum Signed Message:\n10We accept."
    well.spoil = well.high
    assert signer_of(sign(file)) == dev_account(0).address
    made = sign(file).strip()
    assert int(made[-2:], 16) in (27, 28) and int(made[66:130], 16) <= ORDER // 2


@pytest.mark.parametrize("spoil, status, words", [
    ("locked", 1, ["HTTP 500", "the module is locked", "unlocked"]),
    ("garbage", 69, ["does not answer as a signer", "eth1"]),
    ("huge", 69, ["more than 4194304 bytes"]),
    ("slow", 69, ["no answer within 2000 ms"]),
    ("foreign", 1, ["is not signed by", dev_account(0).address]),
])
def test_a_wrong_answer_is_no_signature(well, tmp_path, spoil, status, words):
    well.spoil = getattr(well, spoil)
    # Nobody waits for long for one that never answers.
    patience = {"timeoutSeconds": 2} if spoil == "slow" else {}
    said = sign(well.file(tmp_path / "operator.key", dev_account(0), **patience), status=status)
    assert all(word in said for word in words), said
    assert "\x1b" not in said


def test_a_wrong_file_is_refused_with_what_to_do(well, tmp_path):
    path = tmp_path / "operator.key"
    stranger = Account.create()

    def refused(status=1, **changes):
        return sign(well.file(path, dev_account(0), **changes), status=status)

    assert f"has no key of {stranger.address}" in refused(address=stranger.address)
    assert "is the signer running" in refused(69, signer="https://127.0.0.1:9")
    assert "https:// is wanted beyond this machine" in refused(signer="http://10.0.0.1:9000")
    assert "timeout is not known" in refused(timeout=3)
    assert "go together" in refused(key=None)
    assert "address must be" in refused(address="0x12")
    # Without a certificate, with one of nobody's, and to a signer that is an impostor.
    assert "wants a certificate, and none was shown" in refused(69, certificate=None, key=None)
    other = Papers(tmp_path, "other")
    chain, key = other.issue("impostor")
    assert "the certificate that was shown" in refused(69, certificate=str(chain), key=str(key))
    assert "comes from no authority in" in refused(69, authority=str(other.file))
    assert "belong together" in refused(64, key=str(key))
    key.chmod(0o644)
    assert "chmod 600" in refused(64, certificate=str(chain), key=str(key))
    well.file(path, dev_account(0)).chmod(0o644)
    assert "chmod 600" in sign(path, status=64)
    assert "do nothing with http://" in refused(signer="http://127.0.0.1:9000")


def test_where_the_key_itself_is_wanted_a_signer_is_named_as_such(well, tmp_path):
    file = well.file(tmp_path / "operator.key", dev_account(0))
    assert "names a signer: there is no key in it" in dip("key", "import", file, status=64)


# A person


def test_a_person_sends_and_signs(well, node, tmp_path):
    account = dev_account(0)
    file = well.file(tmp_path / "operator.key", account)
    receiver = Account.create().address
    told = json.loads(dip("send", receiver, "1.5", "--key-file", file, "--node", node.url, "--json"))
    assert told["ok"] and node.web3.eth.get_balance(receiver) == 15 * 10**17
    # It saw the transaction itself, and not a hash of it.
    assert well.signed[-1][0] == 2 and bytes.fromhex(receiver[2:].lower()) in well.signed[-1]
    said = json.loads(dip("order", "attest-sign", "12", "0", "100", "--chain-id", "3355", "--until",
                          "2100-01-01", "--key-file", file))
    assert said["attestor"] == account.address and well.signed[-1][:2] == b"\x19\x01"
    well.spoil = well.locked
    assert "HTTP 500" in dip("send", receiver, "1", "--key-file", file, "--node", node.url, status=1)
    assert node.web3.eth.get_balance(receiver) == 15 * 10**17


# A desk


def test_a_desk_waits_for_its_signer_and_goes_on(well, node, tmp_path, monkeypatch):
    def key_file(folder, name, account):
        return well.file(tmp_path / f"{name}.key", account)

    monkeypatch.setattr("bank.key_file", key_file)
    bank = Bank(node, tmp_path, currency="CHF")
    assert bank.settings["signerFile"] == str(bank.keys["operator"])
    keystore = [json.loads(path.read_text())["address"] for path in (bank.folder / "keys").iterdir()]
    assert dev_account(0).address.lower()[2:] not in [a.lower().removeprefix("0x") for a in keystore]
    customer = Account.create().address
    reference = bank.customer(iban(100), "--address", customer)["reference"]
    came = {}

    def comes(number):
        came[f"IN-{number}"] = (customer, 10_000)
        bank.deliver(notification(f"N-{number}", bank.account, [
            booking("100.00", f"IN-{number}", text=reference, currency="CHF")]))

    comes(1)
    bank.start()
    try:
        eventually(lambda: bank.supply() == 10_000)
        well.kill()
        comes(2)
        eventually(lambda: b"the desk waits: no signature" in bank.log.read_bytes())
        assert bank.supply() == 10_000 and bank.process.poll() is None
        well.start()
        eventually(lambda: bank.supply() == 20_000)
        # Two answers that are no signatures stand for what they are not, and nothing is issued twice.
        well.spoil = well.garbage
        comes(3)
        eventually(lambda: b"does not answer as a signer" in bank.log.read_bytes())
        well.spoil = None
        eventually(lambda: bank.supply() == 30_000)
        # Its certificate is being renewed: for a moment there is no key.
        key = well.client_files[1]
        well.kill()
        key.rename(tmp_path / "away")
        well.start()
        comes(4)
        eventually(lambda: b"the desk waits: no signature: cannot find the certificate's key" in
                   bank.log.read_bytes())
        assert bank.process.poll() is None
        (tmp_path / "away").rename(key)
        eventually(lambda: bank.supply() == 40_000)
        bank.stop()
        key.rename(tmp_path / "away")
        try:
            # At its start somebody looks.
            assert str(key) in dip("bank", "desk", "--desk", bank.folder, "--node", node.url, status=64)
        finally:
            (tmp_path / "away").rename(key)
    finally:
        bank.stop()
    bank.audit(came)


# A node among others


@pytest.fixture(scope="module")
def banks(tmp_path_factory):
    """Bank 1's node key is in a signer, and nowhere else."""
    consortium = Consortium(tmp_path_factory.mktemp("c"))
    home = consortium.nodes[1].home
    account = Account.from_key((home / "node.key").read_text().strip())
    signer = Signer(tmp_path_factory.mktemp("s"), account)
    signer.file(home / "node.key", account, timeoutSeconds=3)
    consortium.signer = signer
    consortium.start()
    yield consortium
    consortium.stop()
    signer.kill()


class Payer:
    def __init__(self, banks, index=2):
        self.banks, self.account, self.receiver = banks, dev_account(index), Account.create().address
        self.nonce = int(banks.nodes[1].rpc("eth_getTransactionCount", self.account.address, "latest"), 16)

    def pay(self, mode="executed"):
        receipt = pay(self.banks.running, payment(self.account, self.receiver, self.nonce), mode)
        self.nonce += 1
        return int(receipt["blockNumber"], 16)


def certified(node):
    return int(node.rpc("eth_getBlockByNumber", "finalized", False)["number"], 16)


def test_a_node_votes_and_meets_its_peers_by_its_signer(banks):
    signer, payer = banks.signer, Payer(banks)
    # Two banks of three make a certificate: without the third the first one's votes are needed.
    banks.nodes[3].kill()
    for _ in range(3):
        payer.pay("certified")
    banks.settle()
    # All that it ever signs is typed data of this ledger: endorsements for two peers on two lanes, and votes.
    assert all(data[:34] == b"\x19\x01" + DOMAIN and len(data) == 66 for data in signer.signed)


def test_a_dead_signer_costs_the_votes_alone(banks):
    signer, payer = banks.signer, Payer(banks)
    payer.pay("certified")
    signer.kill()
    before = certified(banks.nodes[2])
    last = [payer.pay() for _ in range(5)][-1]
    # Blocks are ordered and executed on both, and are not certified.
    assert last >= before + 5 - 1
    assert certified(banks.nodes[1]) <= before + 1
    eventually(lambda: "votes wait for its signer" in banks.nodes[1].log)
    # A peer that comes back is met again with what the signer endorsed before.
    banks.nodes[3].start()
    eventually(lambda: certified(banks.nodes[1]) >= last)
    banks.nodes[3].kill()
    signer.start()
    payer.pay("certified")
    # It is written once the vote is on its way.
    eventually(lambda: "signs this node's votes again" in banks.nodes[1].log)


def test_a_certificate_that_is_renewed_without_the_signer_costs_no_connection(banks):
    signer, payer, node = banks.signer, Payer(banks), banks.nodes[1]

    def since():
        return [node.bank(2)["connection"][lane]["sendingSinceMillis"] for lane in ("consensus", "bulk")]

    payer.pay("certified")
    before, complained = eventually(lambda: all(since()) and since()), node.log.count("is not endorsed")
    signer.kill()
    dip("consortium", "certificate", "--authority", banks.folder / "authority",
        "--config", node.home / "node.json")
    eventually(lambda: node.log.count("is not endorsed") > complained)
    # Bank 3 is away: without its links to bank 2 this bank could order nothing.
    payer.pay()
    assert since() == before
    signer.start()
    eventually(lambda: all(new > old for new, old in zip(since(), before)))
    payer.pay("certified")


def test_a_header_that_the_signer_refuses_holds_up_no_other(banks):
    signer, payer, node = banks.signer, Payer(banks), banks.nodes[1]
    payer.pay("certified")
    refused = set()

    def but_one(handler, answer):
        if not refused:
            refused.add(handler.data)
        if handler.data in refused:
            return handler.say(403, "not this one")
        signer.signed.append(handler.data)
        handler.say(200, answer)

    signer.spoil, before = but_one, node.log.count("not this one")
    try:
        payer.pay()
        for _ in range(3):
            # A certificate stands for all blocks below.
            payer.pay("certified")
    finally:
        signer.spoil = None
    # All votes seemed to wait, until another one was signed: then this one does.
    assert node.log.count("not this one") - before <= 2
    payer.pay("certified")
    eventually(lambda: signer.signed and refused <= set(signer.signed))


@pytest.mark.parametrize("spoil", ["slow", "foreign", "huge"])
def test_a_bad_signer_holds_nothing_up(banks, spoil):
    signer, payer = banks.signer, Payer(banks)
    signer.spoil, before = getattr(signer, spoil), signer.requests
    try:
        last = [payer.pay() for _ in range(5)][-1]
        eventually(lambda: signer.requests > before)
        assert certified(banks.nodes[2]) < last
    finally:
        signer.spoil = None
    payer.pay("certified")


def test_a_node_starts_without_its_signer(banks):
    signer, payer = banks.signer, Payer(banks)
    signer.kill()
    banks.nodes[1].kill()
    banks.nodes[3].start()
    banks.nodes[1].start()
    payer.pay()
    eventually(lambda: "is not endorsed" in banks.nodes[1].log)
    # Not even its refusal tells the other banks where the signer is.
    assert str(signer.port) not in banks.nodes[2].log
    signer.start()
    banks.nodes[3].kill()
    payer.pay("certified")
    banks.nodes[3].start()
    banks.settle()


def test_no_header_was_signed_twice_differently(banks):
    """The signer's own record, against the ledger's blocks."""
    node = banks.nodes[1]
    top = int(node.rpc("eth_blockNumber"), 16)
    right = set()
    for height in range(1, top + 1):
        block = bytes.fromhex(node.rpc("eth_getBlockByNumber", hex(height), False)["hash"][2:])
        message = keccak(HEADER + height.to_bytes(32, "big") + block)
        right.add(b"\x19\x01" + DOMAIN + message)
    assert right & set(banks.signer.signed)
    # Two peers, two lanes, two certificates: what is no vote is one of eight endorsements.
    others = lambda: set(banks.signer.signed) - right
    eventually(lambda: len(others()) >= 8)
    assert len(others()) == 8
