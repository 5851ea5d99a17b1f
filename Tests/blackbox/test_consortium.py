"""Three banks as three processes over real TLS: what a client and an operator can rely on."""

import contextlib
import datetime
import http.server
import json
import os
import pathlib
import re
import shutil
import threading
import time

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from eth_account import Account

from conftest import PATIENCE, dev_account
from consortium import (
    BankNode, Consortium, dip, eventually, pay, payment, transaction_hash)


@pytest.fixture(scope="module")
def banks(tmp_path_factory):
    consortium = Consortium(tmp_path_factory.mktemp("c")).start()
    yield consortium
    consortium.stop()


def threads(node):
    """The ids of a node's threads by their names, without numbers behind them."""
    by_name = {}
    for task in pathlib.Path(f"/proc/{node.process.pid}/task").iterdir():
        name = re.sub(r"-\d+$", "", (task / "comm").read_text().strip())
        by_name.setdefault(name, set()).add(int(task.name))
    return by_name


def test_every_thread_bears_a_name_that_the_page_explains(banks):
    page = (pathlib.Path(__file__).parents[2] / "docs/PERFORMANCE.md").read_text()
    section = page.split("## Which thread is busy")[1].split("\n## ")[0]
    described = {name for row in re.findall(r"^\| (`.*?) \|", section, re.M)
                 for name in re.findall(r"`([a-z-]+)`", row)}
    of_libraries = re.compile(r"dip$|.*-qos|.*overcommit$|NIO|SGLTN")
    seen = {name for name in threads(banks.nodes[1]) if not of_libraries.match(name)}
    assert seen <= described
    # Those that are there for a while, or under systemd only.
    assert described - seen <= {"fetch", "backup", "pulse", "feeds-end"}


def test_only_threads_that_check_signatures_keep_to_a_processor(banks):
    """LevelDB's above all may not, whichever thread first had it merge something."""
    usable = os.sched_getaffinity(banks.nodes[1].process.pid)
    by_name = threads(banks.nodes[1])
    if len(by_name["verify"]) == len(usable) > 1:
        kept = [os.sched_getaffinity(thread) for thread in by_name["verify"]]
        assert set().union(*kept) == usable and all(len(one) == 1 for one in kept)
    for name, ids in by_name.items():
        assert name == "verify" or all(os.sched_getaffinity(id) == usable for id in ids), name


class Payer:
    """Pays one unit after another to an account of its own, through whichever node answers."""

    def __init__(self, consortium, index):
        self.consortium = consortium
        self.account = dev_account(index)
        self.receiver = Account.create().address
        self.nonce = int(consortium.leader().rpc(
            "eth_getTransactionCount", self.account.address, "pending"), 16)
        self.acknowledged = {}
        self.gaps = []
        self.is_done = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        nodes = list(self.consortium.nodes.values())
        last = time.monotonic()
        while not self.is_done.is_set():
            raw = payment(self.account, self.receiver, self.nonce)
            receipt = pay(nodes[self.nonce % len(nodes):] + nodes[:self.nonce % len(nodes)], raw)
            self.acknowledged[transaction_hash(raw)] = receipt["blockHash"]
            self.gaps.append(time.monotonic() - last)
            last = time.monotonic()
            self.nonce += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_done.set()
        self.thread.join(2 * PATIENCE)
        assert not self.thread.is_alive()

    def wait(self, count):
        eventually(lambda: len(self.acknowledged) >= count or not self.thread.is_alive())
        assert self.thread.is_alive()

    def check(self, node):
        """Everything acknowledged is there, in the block that was told, and nothing was made twice."""
        for digest, block in self.acknowledged.items():
            receipt = node.rpc("eth_getTransactionReceipt", digest)
            assert receipt["blockHash"] == block and receipt["status"] == "0x1"
        paid = int(node.rpc("eth_getBalance", self.receiver, "latest"), 16)
        assert paid == len(self.acknowledged)


def test_status_tells_who_leads_and_how_everybody_is(banks):
    banks.steadily(lambda: check_status(banks))


def check_status(banks):
    leader = banks.leader().number
    for node in banks.nodes.values():
        # What is told of another's clock is as old as the way here was long.
        eventually(lambda: all(b.get("connection", {"connected": True})["connected"] and "height" in b
                               and b["lag"] == 0 and abs(b["clockOffsetMillis"]) < 2000
                               for b in node.status()["validators"]))
        told = json.loads(dip("consortium", "status", "--json", "--node", node.url).stdout)
        assert told["bank"] == node.number and told["ordering"]["leader"] == leader
        for bank in told["validators"]:
            assert bank["role"] == "voter"
            assert bank["certificate"]["notAfter"] > time.time() + 300 * 86_400
        text = dip("consortium", "status", "--node", node.url).stdout
        assert f"bank {leader} (Bank {leader}) leads" in text
        assert len(re.findall(r"^ +\d  Bank \d  (leader|voter)", text, re.M)) == 3
        page = requests.get(node.url + "/metrics").text
        other = node.number % 3 + 1
        assert f'dip_peer_connected{{bank="{other}"}} 1.0' in page
        assert f'dip_peer_lag_blocks{{bank="{other}"}} 0.0' in page
        assert f"dip_raft_leader {leader}.0" in page


def test_every_node_takes_payments(banks):
    account, receiver = dev_account(1), Account.create().address
    for nonce, node in enumerate(banks.followers() + [banks.leader()]):
        receipt = pay([node], payment(account, receiver, nonce), "certified")
        assert receipt["status"] == "0x1"
    banks.settle()
    for node in banks.nodes.values():
        assert int(node.rpc("eth_getBalance", receiver, "latest"), 16) == 3


def test_fees_go_to_the_banks_whose_nodes_signed(banks):
    def paid():
        told = banks.leader().rpc("dip_economy").get("lastPaid")
        return told if told and len(told["parts"]) == 3 else None

    with Payer(banks, 9):
        eventually(paid)
    banks.settle()
    answers = [node.rpc("dip_economy") for node in banks.running]
    assert all(answer == answers[0] for answer in answers)
    told = answers[0]["lastPaid"]
    assert {part["bank"] for part in told["parts"]} == {1, 2, 3}
    assert all(0 < part["count"] <= 16 and int(part["amount"]) > 0 for part in told["parts"])
    assert int(told["paid"]) == sum(int(part["amount"]) for part in told["parts"])
    assert 0 < int(told["paid"]) <= int(told["fees"]) // 2


def test_a_node_counts_the_others_that_it_is_connected_with(banks):
    for node in banks.running:
        eventually(lambda: int(node.rpc("net_peerCount"), 16) == len(banks.running) - 1)


def test_the_same_transaction_at_two_nodes_is_made_once(banks):
    account, receiver = dev_account(2), Account.create().address
    for nonce in range(5):
        raw = payment(account, receiver, nonce)
        receipts = {}

        def hand_in(node):
            receipts[node.number] = pay([node], raw, "certified")

        threads = [threading.Thread(target=hand_in, args=(node,)) for node in banks.followers()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first, second = receipts.values()
        assert first == second
    banks.settle()
    for node in banks.nodes.values():
        assert int(node.rpc("eth_getBalance", receiver, "latest"), 16) == 5


def test_leadership_is_handed_over_on_the_socket_only(banks):
    leader = banks.leader()
    refused = dip("consortium", "transfer", "--node", leader.url, check=False)
    assert refused.returncode == 64 and "socket file" in refused.stderr
    banks.steadily(lambda: check_hand_over(banks), elections=1)


def check_hand_over(banks):
    leader, other = banks.leader(), banks.followers()[0]
    os.chdir(leader.home)
    told = dip("consortium", "transfer", "--to", other.number, "--node", "data/admin.sock")
    assert told.stdout.strip() == f"Bank {other.number} leads."
    assert banks.leader() is other
    refused = dip("consortium", "transfer", "--node", "data/admin.sock", check=False)
    assert refused.returncode == 1 and f"bank {other.number} leads" in refused.stderr


def test_killed_leaders_lose_nothing(banks):
    payers = [Payer(banks, index) for index in (3, 4)]
    with payers[0], payers[1]:
        for _ in range(2):
            for payer in payers:
                payer.wait(len(payer.acknowledged) + 10)
            leader = banks.leader()
            leader.kill()
            for payer in payers:
                payer.wait(len(payer.acknowledged) + 10)
            leader.start()
    banks.settle()
    for node in banks.nodes.values():
        for payer in payers:
            payer.check(node)
    # An election takes a second or two; how much longer a busy machine takes is not the subject.
    assert max(max(payer.gaps) for payer in payers) < 60


def sent_again(node, raw):
    """The receipt of a transaction that is sent and waited for; None if it did not come in time."""
    answer = requests.post(node.url, timeout=PATIENCE, json={
        "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransactionSync", "params": [raw, 30_000]}).json()
    return answer.get("result")


def test_who_sends_and_waits_is_told_when_no_majority_is_left(banks):
    node, *others = banks.nodes.values()
    account, receiver = dev_account(8), Account.create().address
    raw = payment(account, receiver, 0)
    for other in others:
        other.kill()
    answer = requests.post(node.url, timeout=PATIENCE, json={
        "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransactionSync", "params": [raw, 300]})
    error = answer.json()["error"]
    assert error["code"] == 4 and "waited at most 300 ms" in error["message"]
    assert error["data"] == transaction_hash(raw)
    others[0].start()
    # It is still there: sent again, it is waited for, and made once.
    receipt = eventually(lambda: sent_again(node, raw))
    assert receipt["transactionHash"] == error["data"] and receipt["status"] == "0x1"
    others[1].start()
    banks.settle()
    for node in banks.nodes.values():
        assert int(node.rpc("eth_getBalance", receiver, "latest"), 16) == 1


def test_a_node_without_a_leader_is_not_ready(banks):
    node, *others = banks.nodes.values()
    ready = lambda: requests.get(node.url + "/ready", timeout=60)
    eventually(lambda: ready().status_code == 200)
    for other in others:
        other.kill()
    answer = eventually(lambda: (said := ready()).status_code == 503 and said.json())
    assert answer["status"] == "not ready" and "no leader for" in answer["why"]
    # It is not the leader's place alone that makes a node ready.
    others[0].start()
    for one in (node, others[0]):
        eventually(lambda: requests.get(one.url + "/ready", timeout=60).status_code == 200)
    others[1].start()
    banks.settle()


def test_a_rolling_restart_interrupts_nobody(banks):
    with Payer(banks, 5) as payer:
        payer.wait(10)
        for node in banks.nodes.values():
            node.stop()
            node.start()
            eventually(lambda: banks.leader().bank(node.number).get("lag", 99) < 20)
            payer.wait(len(payer.acknowledged) + 10)
    banks.settle()
    for node in banks.nodes.values():
        payer.check(node)
    assert max(payer.gaps) < 60


def vote(node, *arguments):
    return dip("consortium", *arguments, "--key-file", node.key_file, "--node", node.url).stdout


def show_to_a_stranger(node, genesis, receiver, folder):
    """Pays, and proves the payment and the receiver's balance with nothing but the genesis file."""
    folder.mkdir()
    payer, at = dev_account(6), ["--node", node.url]

    def verify(name):
        return json.loads(dip("verify", folder / name, "--genesis", genesis, "--json").stdout)

    raw = payment(payer, receiver, node.web3.eth.get_transaction_count(payer.address))
    pay([node], raw, "certified")
    dip("proof", "receipt", transaction_hash(raw), "--out", folder / "payment.json", *at)
    told = verify("payment.json")
    assert told["transaction"] == transaction_hash(raw) and told["outcome"] == "done"
    assert told["payments"][0]["to"] == receiver.lower()
    assert len(told["signers"]) >= node.status()["certificateQuorum"]

    before = told["block"]
    for _ in range(12):
        pay([node], payment(dev_account(8), Account.create().address,
                            node.web3.eth.get_transaction_count(dev_account(8).address)))

    def proven():
        (folder / "balance.json").unlink(missing_ok=True)
        done = dip("proof", "balance", receiver, "--out", folder / "balance.json", *at, check=False)
        return verify("balance.json") if done.returncode == 0 else {}

    eventually(lambda: proven().get("block", 0) >= before)
    assert proven()["amount"] == str(node.web3.eth.get_balance(receiver))


@contextlib.contextmanager
def catching_up(answers):
    """Something that answers as a node does, one answer after another, the last for ever."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_bank_that_joins_gets_its_number_from_a_node_that_is_not_behind(banks, tmp_path):
    first = banks.nodes[1]
    newest = first.status()
    assert newest["nextBank"] == 4
    behind = [json.loads(json.dumps(newest)) for _ in range(3)]
    for old in behind:
        old["nextBank"] = 3
    # One has not heard of the leader, one knows how far it is behind, one takes nothing.
    leader = next(bank for bank in behind[0]["validators"]
                  if bank["id"] == newest["ordering"]["leader"])
    del leader["height"]
    next(bank for bank in behind[1]["validators"] if bank["id"] == 1)["lag"] = 7
    behind[2]["serving"] = False
    with catching_up([*behind, newest]) as url:
        told = dip("consortium", "join", "--name", "Delta", "--endpoint", "d.example:7545",
                   "--genesis", first.home / "genesis.json",
                   "--authorities", first.home / "tls/authorities.pem", "--node", url,
                   "--output", tmp_path / "delta", "--json")
    assert json.loads(told.stdout)["bank"] == 4
    assert "the node catches up" in told.stderr
    with catching_up([behind[1]]) as url:
        told = dip("consortium", "join", "--name", "Delta", "--endpoint", "d.example:7545",
                   "--genesis", first.home / "genesis.json",
                   "--authorities", first.home / "tls/authorities.pem", "--node", url,
                   "--output", tmp_path / "late", check=False)
    assert told.returncode == 1 and "may be another bank's" in told.stderr
    assert not (tmp_path / "late").exists()


def test_a_bank_that_could_not_join_gets_no_folder(banks, tmp_path):
    first = banks.nodes[1]
    join = ["consortium", "join", "--genesis", first.home / "genesis.json", "--node", first.url, "--output",
            tmp_path / "delta"]
    trusted = ["--authorities", first.home / "tls/authorities.pem"]
    for words, why in [
        (["--name", "D", "--endpoint", "d.example:65000", *trusted], "a port of its own from 1 to 65535"),
        (["--name", "D", "--endpoint", "d.example:7545", "--rpc-port", "7545", *trusted], "a port of its own"),
        (["--name", "D", "--endpoint", "d.example:7545", "--rpc-port", "0", *trusted], "a port of its own"),
        (["--name", "D", "--endpoint", "d.example:7545", "--authorities", first.home / "genesis.json"],
         "genesis.json: this is no PEM file with certificates"),
        (["--name", first.status()["validators"][0]["name"], "--endpoint", "d.example:7545", *trusted],
         "a bank that is called"),
    ]:
        refused = dip(*join, *words, check=False)
        assert refused.returncode == 64 and why in refused.stderr, refused.stderr
    assert not list(tmp_path.iterdir())
    dip(*join, "--name", "银行", "--endpoint", "d.example:7545", *trusted)
    authority = x509.load_pem_x509_certificate((tmp_path / "delta/authority/authority.pem").read_bytes())
    assert authority.subject.rfc4514_string() == "CN=Bank 4"


def test_a_bank_is_admitted_and_removed(banks, tmp_path):
    first, second, third = banks.nodes.values()
    port = int(first.url.rsplit(":", 1)[1]) + 100
    folder = tmp_path / "delta"
    told = json.loads(dip(
        "consortium", "join", "--name", "Delta", "--endpoint", f"127.0.0.1:{port}",
        "--genesis", first.home / "genesis.json",
        "--authorities", first.home / "tls/authorities.pem", "--node", first.url,
        "--output", folder, "--json").stdout)
    assert told["bank"] == 4
    delta = BankNode(4, folder / "bank4", f"http://127.0.0.1:{port + 1000}")
    for node in banks.nodes.values():
        with open(node.home / "tls/authorities.pem", "a") as bundle:
            bundle.write((folder / "authority/authority.pem").read_text())
    try:
        said = vote(first, "admit", "--name", "Delta", "--node-key", told["nodeKey"],
                    "--operator", told["operator"], "--endpoint", told["endpoint"])
        assert "(proposal 1)" in said and "1 more bank has to say yes" in said
        said = dip("consortium", "vote", "1", "--dev-key", "3", "--node", first.url, check=False)
        assert said.returncode == 1 and "NotBank" in said.stderr
        delta.start()
        # The others look at their files every two seconds.
        eventually(lambda: "not in this node's bank set" in delta.status()["validators"][0]
                   .get("connection", {}).get("lastRefusal", {}).get("text", ""))
        said = vote(second, "vote", "1")
        assert "Delta starts its node" in said
        eventually(lambda: (first.bank(4) or {}).get("role") == "voter")
        assert "in force" in dip("consortium", "show", "1", "--node", third.url).stdout
        receiver = Account.create().address
        pay([delta], payment(dev_account(6), receiver, 0), "certified")
        assert delta.status()["certificateQuorum"] == 3
        show_to_a_stranger(delta, first.home / "genesis.json", receiver, tmp_path / "four")

        assert "2 more banks" in vote(first, "remove", "Delta")
        assert "1 more bank" in vote(second, "vote", "2")
        assert "leaves the group by itself" in vote(third, "vote", "2")
        eventually(lambda: first.bank(4) is None and "removed" in delta.status().get("why", ""))
        show_to_a_stranger(third, first.home / "genesis.json", receiver, tmp_path / "three")
    finally:
        if delta.process:
            delta.stop()
    banks.settle()


def test_a_parameter_is_set_by_votes(banks):
    first, second, _ = banks.nodes.values()
    assert "1 more bank" in vote(first, "parameter", "stepLimit", "12345")
    banks.settle()
    number = len(json.loads(dip(
        "consortium", "proposals", "--json", "--node", second.url).stdout))
    vote(second, "vote", number)
    for node in banks.nodes.values():
        eventually(lambda: dip(
            "consortium", "parameter", "stepLimit", "--node", node.url).stdout == "12345\n")


def restarted(node, change):
    """Stops a node, changes its folder, starts it again."""
    node.stop()
    change(node.home)
    return node.start()


def test_a_certificate_of_a_stranger_is_told_as_such(banks, tmp_path):
    node, other = banks.followers()
    saved = tmp_path / "tls"
    shutil.copytree(node.home / "tls", saved)
    dip("consortium", "authority", "--name", "Stranger", "--output", tmp_path / "stranger")

    def worse(home):
        dip("consortium", "certificate", "--authority", tmp_path / "stranger",
            "--config", home / "node.json")

    restarted(node, worse)
    refusal = eventually(lambda: other.bank(node.number)["connection"].get("lastRefusal"))
    eventually(lambda: other.bank(node.number)["connection"]["lastRefusal"]["reason"]
               == "unknown_authority")
    text = eventually(lambda: dip("consortium", "status", "--node", other.url).stdout)
    assert "down: unknown authority" in text, refusal
    assert "unknown_authority" in node.log
    # A running node takes over what is put in the place of its files.
    for name in ("node.key", "node.pem"):
        os.replace(shutil.copy(saved / name, node.home / f"tls/{name}.new"),
                   node.home / f"tls/{name}")
    eventually(lambda: other.bank(node.number)["connection"]["connected"])


def expired(home, authority, number):
    """Puts a certificate in the node's folder that ended yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate((authority / "authority.pem").read_bytes())
    issuer_key = serialization.load_pem_private_key(
        (authority / "authority.key").read_bytes(), password=None)
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Bank {number}")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now - datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([
            x509.UniformResourceIdentifier(f"dipnet:3355:{number}")]), critical=False)
        .sign(issuer_key, hashes.SHA256()))
    (home / "tls/node.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (home / "tls/node.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))


def test_an_expired_certificate_does_not_look_like_a_lost_quorum(banks):
    node, other = banks.followers()
    authority = banks.folder / "authority"
    restarted(node, lambda home: expired(home, authority, node.number))
    eventually(lambda: other.bank(node.number)["connection"].get("lastRefusal", {})
               .get("reason") == "certificate_expired")
    status = dip("consortium", "status", "--node", other.url).stdout
    assert "down: certificate expired" in status
    assert f"Bank {node.number} is not reached" in status
    own = dip("consortium", "status", "--node", node.url).stdout
    assert "This node: the certificate ended" in own
    page = requests.get(other.url + "/metrics").text
    assert 'dip_peer_refusals_total{reason="certificate_expired"}' in page
    # The others are a majority and go on.
    pay([other], payment(dev_account(7), Account.create().address, 0), "certified")
    dip("consortium", "certificate", "--authority", authority, "--config",
        node.home / "node.json")
    eventually(lambda: other.bank(node.number)["connection"]["connected"])
    banks.settle()


@pytest.fixture(scope="module")
def unstarted(tmp_path_factory):
    return Consortium(tmp_path_factory.mktemp("u"))


@pytest.mark.parametrize("change, expected", [
    (lambda c: c.pop("rpc"), "rpc: missing"),
    (lambda c: c["peers"].pop("authorities"), "peers.authorities: missing"),
    (lambda c: c["peers"].update(listen="7545"), "peers.listen: expected host:port"),
    (lambda c: c.update(bnak=2), "bnak: unknown; known here are data, genesis"),
    (lambda c: c.pop("peers"), "the genesis names 3 banks"),
    (lambda c: c.update(bank=3), "but bank 3, Bank 3, signs with"),
    (lambda c: c.update(keyFile="nowhere.key"), "nowhere.key"),
    (lambda c: c["peers"].update(key="nowhere.key"), "nowhere.key"),
    (lambda c: c["peers"].update(key="node.key"), "node.key"),
    (lambda c: c.update(genesis="../bank1/node.json"), "chainId: missing"),
])
def test_settings_that_cannot_be_are_named(unstarted, change, expected):
    node = unstarted.nodes[2]
    settings = json.loads((node.home / "node.json").read_text())
    change(settings)
    file = node.home / "changed.json"
    file.write_text(json.dumps(settings))
    run = dip("node", "--config", file, check=False)
    assert run.returncode == 64
    assert expected in run.stderr


def test_nothing_is_overwritten(unstarted):
    run = dip("consortium", "init", "--banks", "3", "--output", unstarted.folder, check=False)
    assert run.returncode == 64 and "nothing in it was touched" in run.stderr
