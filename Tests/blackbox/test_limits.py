"""What one caller can cost the node: its memory stays bounded, and who pays is served all the while.

Nothing is judged by time; what was measured is printed (`pytest -s`). docs/gateway.md lists every limit.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import resource
import socket
import struct
import threading
import time

import coincurve
import pytest
import rlp
from eth_account import Account
from eth_hash.auto import keccak
from web3 import Web3

from conftest import PATIENCE, Node, abi, call, contract_address, dev_account, issue, send

GWEI = 10**9
MEBIBYTE = 1 << 20
#: What is kept for all callers together in buffers with up to twice the room; what is being made for both threads
#: at the moment in which that is too much; and what the ledger itself, its caches and the allocator may add.
BOUND = 2 * 256 + 4 * 64 + 400


class Victim(Node):
    """A node that is treated badly."""

    @property
    def address(self):
        return "127.0.0.1", int(self.url.rsplit(":", 1)[1])

    def memory(self, name="VmRSS"):
        """Mebibytes that the process has in memory; VmHWM: the most it ever had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines()
                    if line.startswith(name)) / 1024

    def forget_peak(self):
        """Starts VmHWM anew."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def processor_time(self):
        """Seconds of all its threads, by the clock that Linux keeps for each process (clock_getcpuclockid)."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def metric(self, name):
        with self.connect() as one:
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: one.recv(1 << 16), b"")).decode()
        return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                    if line.partition(" ")[0].partition("{")[0] == name)

    def connect(self, timeout=60, source=None):
        """Another address of this host than the usual one makes another client."""
        return socket.create_connection(self.address, timeout, source and (source, 0))


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Low, so that the node has to raise its own; for this program, which plays the callers, high.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    node = Victim(tmp_path_factory.mktemp("node")).start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield node
    node.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def served(victim):
    """Asks whether a customer with a wallet is served: pays, and gets the receipt."""
    victim.forget_peak()

    def served():
        web3 = Web3(Web3.HTTPProvider(victim.url, request_kwargs={"timeout": 120}))
        before = time.monotonic()
        customer, receiver = dev_account(9), Account.create().address
        signed = customer.sign_transaction({
            "to": receiver, "value": 1, "gas": 21000, "gasPrice": GWEI, "chainId": 3355,
            "nonce": web3.eth.get_transaction_count(customer.address)})
        receipt = web3.eth.wait_for_transaction_receipt(
            web3.eth.send_raw_transaction(signed.raw_transaction), timeout=120, poll_latency=0.02)
        assert receipt.status == 1 and web3.eth.get_balance(receiver) == 1
        return f"a payment and its receipt took {time.monotonic() - before:.2f} s"
    yield served
    # What was done to the node has no consequences afterwards either.
    served()


@contextlib.contextmanager
def crowd(victim, count, greeting, seconds=600, source=None):
    """So many connections, or those of so many seconds, each having sent the same."""
    sockets, end = [], time.monotonic() + seconds
    try:
        for _ in range(count):
            if time.monotonic() > end:
                break
            one = victim.connect(source=source)
            one.setblocking(False)
            sockets.append(one)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                one.send(greeting)
        yield sockets
    finally:
        for one in sockets:
            # Without waiting for anything: a reset.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


def request(body, more=""):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def ask(method, *params, id=1):
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": list(params)}


UPGRADE = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def frame(text):
    data = text if isinstance(text, bytes) else json.dumps(text).encode()
    length = bytes([128 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big") \
        if len(data) < 1 << 16 else b"\xff" + len(data).to_bytes(8, "big")
    return b"\x81" + length + bytes(4) + data


def push(one, data, seconds=20):
    """Sends as much as the other side takes; False if it ended the connection."""
    one.settimeout(seconds)
    try:
        one.sendall(data)
        return True
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def is_over(one):
    """Whether the other side has ended a connection, whatever it sent before."""
    one.setblocking(False)
    try:
        while one.recv(1 << 20):
            pass
        return True
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def ended(sockets):
    return sum(is_over(one) for one in sockets)


def test_ten_thousand_idle_websockets(victim, served):
    """As many as one client may have of what this machine lets a process open, if that is less.

    The node has raised its own limit.

    And no more than can be opened before the first are asked whether they are still there, and do not answer.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = min(10_000, (hard - 2_100) * 3 // 5)
    if limit < 1_000:
        pytest.skip("this machine lets a process open too few files")
    before = victim.memory()
    with crowd(victim, limit, UPGRADE, seconds=20) as sockets:
        for one in sockets:
            one.settimeout(60)
            assert one.recv(4096).startswith(b"HTTP/1.1 101")
        count = len(sockets)
        assert victim.metric("dip_websockets") >= count
        more = victim.memory() - before
        print(f"\n{count} idle WebSockets: {served()}, {more:.0f} MiB more, "
              f"{more * 1024 / count:.1f} KiB each")
        assert more * 1024 / count < 64
        # One of them wakes up.
        sockets[count // 2].sendall(frame(ask("eth_chainId")))
        said = b""
        # Pings may come before.
        while b"0xd1b" not in said:
            said += sockets[count // 2].recv(4096)
            assert len(said) < 4096
    wait_until(lambda: victim.metric("dip_websockets") == 0)


def test_half_requests_and_drops_of_them(victim, served):
    before = victim.memory()
    head = request(b"x" * 4 * MEBIBYTE)
    with crowd(victim, 300, b"POST / HTTP/1.1\r\nHost: loc"), \
            crowd(victim, 300, head[:100 * 1024]), crowd(victim, 100, b"") as slow:
        stopping = threading.Event()

        def drip():
            for byte in head:
                for one in slow:
                    with contextlib.suppress(OSError):
                        one.send(bytes([byte]))
                if stopping.wait(1):
                    return
        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            print(f"\n700 half requests: {served()}, {victim.memory() - before:.0f} MiB more")
        finally:
            stopping.set()
            dripping.join()
        assert victim.memory() - before < 300


def test_connections_that_sent_much_keep_little(victim, served):
    """Neither what a large request was read with, nor with it the start of the next, counts as kept."""
    count, large = 500, request(b"[" + b" " * 700_000 + b"]") + b"POST / HT"
    before = victim.memory()
    with crowd(victim, 0, b"") as sockets:
        for _ in range(count):
            sockets.append(victim.connect())
            assert push(sockets[-1], large)
            assert sockets[-1].recv(4096).startswith(b"HTTP/1.1 200")
        more = victim.memory() - before
        print(f"\n{count} connections after large requests: {served()}, "
              f"{more * 1024 / count:.1f} KiB each")
        assert more * 1024 / count < 64


def test_bodies_that_never_end_are_bounded_all_together(victim, served):
    """More than is kept for all; who has most loses its connection, whoever sends little does not."""
    part = request(b"x" * 16 * MEBIBYTE)[:15 * MEBIBYTE]
    with crowd(victim, 0, b"") as sockets:
        for _ in range(24):
            sockets.append(victim.connect())
            push(sockets[-1], part)
        print(f"\n24 bodies of 15 of 16 MiB: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        # Of what was sent the node need not have read all yet.
        wait_until(lambda: ended(sockets) > 0)
        assert ended(sockets) < 24
        assert victim.memory("VmHWM") < BOUND
    assert victim.metric("dip_greedy_connections_total") > 0


def test_answers_that_nobody_reads_are_bounded_all_together(victim, served):
    # 27 kilobytes each.
    batch = request([ask("rpc.discover", id=n) for n in range(1000)])
    with crowd(victim, 24, b"") as sockets:
        for one in sockets:
            push(one, batch)
        print(f"\n24 batches of 27 MiB unread: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND


def test_frames_that_never_end_are_bounded_all_together(victim, served):
    start = UPGRADE + b"\x81\xff" + (4 * MEBIBYTE).to_bytes(8, "big") + bytes(4)
    with crowd(victim, 100, start) as sockets:
        for one in sockets:
            push(one, b" " * (4 * MEBIBYTE - 1))
        print(f"\n100 frames of nearly 4 MiB: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND


def wait_until(question, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "never"
        time.sleep(0.05)


class Busy:
    """A ledger on which much happens: every transaction pays many, so that there are thousands of logs."""

    payees = 400

    def __init__(self, victim):
        self.web3, self.payer = victim.web3, dev_account(3)
        self.token = issue(self.web3, self.payer, supply=10**15)
        self.accounts = [Web3.to_checksum_address(os.urandom(20).hex()) for _ in range(self.payees)]

    def pay(self, times):
        for _ in range(times):
            receipt = call(self.web3, self.payer, self.token.functions.transferBatch(
                self.accounts, [1] * self.payees))
            assert receipt.status == 1 and len(receipt.logs) >= self.payees


@pytest.fixture(scope="module")
def busy(victim):
    busy = Busy(victim)
    busy.pay(10)
    return busy


def test_subscriptions_that_are_never_read(victim, busy, served):
    """Thousands of the widest, of each kind; they are cut off or late, and everybody else is served."""
    wishes = [["eth_subscribe", "newHeads"], ["eth_subscribe", "logs", {}],
              ["dip_subscribe", "events", {"cursor": "0:0"}]]
    greeting = UPGRADE + b"".join(frame(ask(*wishes[n % 3])) for n in range(60))
    with crowd(victim, 50, greeting):
        wait_until(lambda: victim.metric("dip_websockets") >= 50)
        busy.pay(3)
        print(f"\n3,000 subscriptions unread: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND


def test_more_subscriptions_than_there_may_be(victim, served):
    """16,384 on the node, 64 on a connection, and 500,000 words that they name."""
    with crowd(victim, 1, UPGRADE) as (one,):
        one.settimeout(60)
        assert one.recv(4096).startswith(b"HTTP/1.1 101")
        for _ in range(65):
            one.sendall(frame(ask("eth_subscribe", "logs", {})))
        told = b""
        while told.count(b"jsonrpc") < 65:
            told += one.recv(1 << 16)
        assert b"at most 64 subscriptions" in told
    words = ["0x" + os.urandom(32).hex() for _ in range(1000)]
    wide = frame(ask("eth_subscribe", "logs", {"topics": [words] * 4}))
    with crowd(victim, 4, UPGRADE) as sockets:
        for one in sockets:
            push(one, wide * 40)
        told = {one: b"" for one in sockets}

        def is_told():
            for one in sockets:
                told[one] += received(one)
            return any(b"all together" in text for text in told.values())
        wait_until(is_told)
        assert served()


def received(one):
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError, ConnectionError):
        return one.recv(1 << 20)
    return b""


def test_the_widest_queries_at_once(victim, busy, served):
    """Everything that ever happened, from many at once: who only wants his own receipt does not wait for it."""
    queries = [ask("eth_getLogs", {"fromBlock": "earliest", "toBlock": "latest"}),
               ask("dip_events", "0:0", {}, 10_000)]
    flood = b"".join(request(queries[n % 2]) for n in range(20))
    with crowd(victim, 30, b"") as sockets:
        for one in sockets:
            push(one, flood)
        print(f"\n600 widest queries unread: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND


def test_filters_are_bounded(victim, served):
    """1,024 of them, and 500,000 words that they name: the one that was unused longest goes."""
    words = ["0x" + os.urandom(32).hex() for _ in range(1000)]
    first = victim.rpc("eth_newFilter", {})["result"]
    wide = request(ask("eth_newFilter", {"topics": [words] * 4}))
    with crowd(victim, 1, b"") as (one,):
        one.settimeout(60)
        for number in range(126):
            if number == 124:
                assert "result" in victim.rpc("eth_getFilterChanges", first)
                second = victim.rpc("eth_newFilter", {})["result"]
            one.sendall(wide)
            answer = one.recv(4096)
            while b'"id"' not in answer or not answer.endswith(b"}"):
                answer += one.recv(4096)
            assert b"result" in answer
    assert "result" in victim.rpc("eth_getFilterChanges", second)
    assert victim.rpc("eth_uninstallFilter", first)["result"] is True
    print(f"\n126 filters of 4,000 words: {served()}")
    oldest = victim.rpc("eth_newFilter", {})["result"]
    for _ in range(1024):
        victim.rpc("eth_newBlockFilter")
    assert victim.rpc("eth_getFilterChanges", oldest)["error"]["message"] == "filter not found"


def signed(key, nonce, receiver=b"\x11" * 20, chain_id=3355, value=1, spoilt=None,
           price=GWEI):
    """A payment as raw bytes, in a fraction of the time that eth-account takes."""
    fields = [nonce, price, 21_000, receiver, value, b""]
    digest = keccak(rlp.encode([*fields, chain_id, 0, 0]))
    signature = key.sign_recoverable(digest, hasher=None)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if spoilt:
        r = int.from_bytes(keccak(spoilt.to_bytes(8, "big")), "big") >> 1
    return rlp.encode([*fields, chain_id * 2 + 35 + signature[64], r, s])


def lists(raws):
    """Requests with a thousand transactions each."""
    return [request(ask("dip_sendTransactions", ["0x" + raw.hex() for raw in raws[start:start + 1000]]))
            for start in range(0, len(raws), 1000)]


def answers_to(one, requests):
    """The answers to requests, one after the other."""
    one.settimeout(PATIENCE)
    for some in requests:
        one.sendall(some)
        head, _, body = read_through(one, b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.splitlines()
                      if line.lower().startswith(b"content-length:"))
        parts = [body]
        while (missing := length - sum(map(len, parts))) > 0:
            parts.append(one.recv(missing))
            assert parts[-1], "the node has ended the connection"
        yield json.loads(b"".join(parts))


def read_through(one, mark):
    text = b""
    while mark not in text:
        more = one.recv(1 << 16)
        assert more, "the node has ended the connection"
        text += more
    return text.partition(mark)


def hand_in(victim, raws, source=None):
    """The answers to raw transactions, a thousand at a time."""
    with victim.connect(source=source) as one:
        return [answer for all in answers_to(one, lists(raws)) for answer in all["result"]]


def hand_in_singly(victim, raws, source=None):
    """The answers to raw transactions of which each is the one call of a request; eight are under way."""
    answers = b""
    with victim.connect(source=source) as one:
        for start in range(0, len(raws), 8):
            some = raws[start:start + 8]
            one.sendall(b"".join(
                request(ask("eth_sendRawTransaction", "0x" + raw.hex())) for raw in some))
            while answers.count(b'"jsonrpc"') < start + len(some):
                answers += one.recv(1 << 16)
    return answers


def recovery_seconds():
    """What it takes to find one signer by the libsecp256k1 that the node uses; coincurve has one of its own."""
    library = ctypes.CDLL("libsecp256k1.so.1")
    library.secp256k1_context_create.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.secp256k1_context_create(0x101))
    secret, key = coincurve.PrivateKey(b"\1" * 32), ctypes.create_string_buffer(64)
    # As many as no branch prediction can learn.
    signed_digests = []
    for number in range(256):
        digest, signature = keccak(bytes([number])), ctypes.create_string_buffer(65)
        compact = secret.sign_recoverable(digest, hasher=None)
        assert library.secp256k1_ecdsa_recoverable_signature_parse_compact(
            context, signature, compact[:64], compact[64]) == 1
        signed_digests.append((signature, digest))
    times = []
    for _ in range(10):
        began = time.process_time()
        for signature, digest in signed_digests:
            assert library.secp256k1_ecdsa_recover(context, key, signature, digest) == 1
        times.append((time.process_time() - began) / len(signed_digests))
    return min(times)


def test_floods_of_invalid_transactions(victim, served):
    """What refusing one costs is printed as a multiple of finding its signer; debug builds take longer.

    Of each kind there are few enough that its client is looked at.
    """
    rich, poor = coincurve.PrivateKey(keccak(b"dipnet dev 1")), coincurve.PrivateKey(b"\7" * 32)
    served()
    paid = coincurve.PrivateKey(keccak(b"dipnet dev 9"))
    count, one = 2000, recovery_seconds()
    before = victim.memory()
    print()
    for number, (name, raws) in enumerate({
        "no transaction at all": [os.urandom(110) for _ in range(count)],
        "another chain": [signed(rich, n, chain_id=1) for n in range(count)],
        "a wrong signature": [signed(rich, n, spoilt=n + 1) for n in range(count)],
        "a price too low": [signed(rich, n, spoilt=n + 1, price=1) for n in range(count)],
        "a nonce too low": [signed(paid, 0, value=n + 2) for n in range(count)],
        "no funds": [signed(poor, n) for n in range(count)],
    }.items()):
        source = f"127.0.1.{number + 1}"
        began = victim.processor_time()
        answers = hand_in(victim, raws, source)
        took = (victim.processor_time() - began) / count
        assert all("error" in answer for answer in answers), (name, answers[0])
        began = victim.processor_time()
        assert hand_in_singly(victim, raws, source).count(b'"error"') == count
        singly = (victim.processor_time() - began) / count
        print(f"refusing {name}: {took * 1e6:.1f} µs, {took / one:.2f} of a recovery; in a request of its own "
              f"{singly * 1e6:.1f} µs, {singly / one:.2f}; {answers[0]['error']['message'][:60]}")
    assert victim.memory() - before < 200


def test_whoever_is_refused_too_often_is_not_looked_at(victim, served):
    """A flood of what only its signer's account refuses, and a customer elsewhere who pays all the while.

    The client's budget is 20,000, and 1,000 a second more; what it costs from then on is printed.
    """
    poor, source = coincurve.PrivateKey(b"\x09" * 32), "127.0.0.2"
    flood = lists([signed(poor, nonce) for nonce in range(5_000)])
    tally, stop, failures = {"looked at": 0, "turned away": 0}, threading.Event(), []

    def count(answer):
        for one in answer.get("result", [answer]):
            name = one["error"]["data"]["name"]
            assert name in ("InsufficientFunds", "TooManyRefused"), one
            assert one["error"]["code"] == (-32005 if name == "TooManyRefused" else -32000)
            tally["turned away" if name == "TooManyRefused" else "looked at"] += 1

    def send_all():
        try:
            with victim.connect(source=source) as one:
                while not stop.is_set():
                    for answer in answers_to(one, flood):
                        count(answer)
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    before = [served() for _ in range(3)]
    began, memory = time.monotonic(), victim.memory()
    threads = [threading.Thread(target=send_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: failures or tally["turned away"] > 1_000)
        during = [served() for _ in range(10)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    seconds = time.monotonic() - began
    print(f"\n{tally['looked at']} looked at, {tally['turned away']} answers that nothing was, in {seconds:.1f} s")
    print(f"before: {'; '.join(before)}\nduring: {'; '.join(during)}")
    # What was under way when nothing was left comes on top.
    assert 20_000 <= tally["looked at"] <= 20_000 + 1_000 * (seconds + 1) + 3 * 1_000
    assert victim.metric("dip_turned_away_total") >= tally["turned away"]
    assert victim.memory() - memory < 200

    one_recovery, known = recovery_seconds(), "0x" + signed(poor, 0).hex()
    with victim.connect(source=source) as one:
        for name, requests, each in [
            ("in lists of a thousand", flood * 20, 1000),
            ("in batches of a thousand", [request([ask("eth_sendRawTransaction", known)] * 1000)] * 20, 1000),
            ("in a request of its own", [request(ask("eth_sendRawTransaction", known))] * 2000, 1),
            ("in a request of its own, waiting", [request(ask("eth_sendRawTransactionSync", known))] * 2000, 1),
        ]:
            began, away = victim.processor_time(), 0
            for answer in answers_to(one, requests):
                away += all(part["error"]["code"] == -32005 for part in (
                    answer if isinstance(answer, list) else answer.get("result", [answer])) )
            took = (victim.processor_time() - began) / (len(requests) * each)
            print(f"{name}: {took * 1e6:.2f} µs, {took / one_recovery:.3f} of a recovery; "
                  f"{away} of {len(requests)} turned away unread")
    # By a WebSocket neither; and whoever waits as long as he is told is served.
    payment = "0x" + signed(coincurve.PrivateKey(keccak(b"dipnet dev 8")), 0).hex()
    with victim.connect(source=source) as one:
        one.sendall(UPGRADE)
        assert read_through(one, b"\r\n\r\n")[0].startswith(b"HTTP/1.1 101")
        list(answers_to_frames(one, [flood_call(poor)] * 8))
        answer, = answers_to_frames(one, [ask("eth_sendRawTransaction", payment)])
        while "error" in answer:
            assert answer["error"]["code"] == -32005
            time.sleep(answer["error"]["data"]["retryMillis"] / 1000)
            answer, = answers_to_frames(one, [ask("eth_sendRawTransaction", payment)])
    receipt = victim.web3.eth.wait_for_transaction_receipt(answer["result"], timeout=PATIENCE)
    assert receipt.status == 1


def test_lists_whose_senders_are_gone_are_dropped(victim, served):
    """Connections that send a long list and end at once: kept until its turn, each would take five megabytes."""
    poor, before = coincurve.PrivateKey(b"\x0a" * 32), victim.memory()
    raws = ["0x" + signed(poor, nonce).hex() for nonce in range(2_000)]
    flood = request(ask("dip_sendTransactions", raws * 5))
    for _ in range(100):
        with victim.connect(source="127.0.2.1") as one:
            push(one, flood)
    wait_until(lambda: victim.metric("dip_connections") <= 2)
    more = victim.memory("VmHWM") - before
    print(f"\n100 lists of 10,000 from connections that were gone: {served()}, at most {more:.0f} MiB more")
    assert more < 150


def flood_call(key):
    return ask("dip_sendTransactions", ["0x" + signed(key, nonce).hex() for nonce in range(1000)])


def answers_to_frames(one, calls):
    """The answers on a WebSocket, one after the other."""
    unread = b""

    def read(count):
        nonlocal unread
        while len(unread) < count:
            more = one.recv(1 << 16)
            assert more, "the node has ended the connection"
            unread += more
        part, unread = unread[:count], unread[count:]
        return part

    for call in calls:
        one.sendall(frame(call))
        kind = None
        # Pings may come before.
        while kind != 0x81:
            kind, length = read(2)
            if length >= 126:
                length = int.from_bytes(read(2 if length == 126 else 8), "big")
            body = read(length)
        yield json.loads(body)


def test_ten_thousand_transactions_that_wait(victim, served):
    """One account, then many, send what waits for nonces that never come."""
    before = victim.memory()
    greedy = coincurve.PrivateKey(keccak(b"dipnet dev 7"))
    answers = hand_in(victim, [signed(greedy, nonce) for nonce in range(1, 6_000)])
    assert all("hash" in answer for answer in answers)
    keys = [coincurve.PrivateKey(os.urandom(32)) for _ in range(200)]
    rich = dev_account(6)
    batch = victim.web3.eth.contract(contract_address(0xD100), abi=abi("Dip"))
    addresses = [Web3.to_checksum_address(keccak(key.public_key.format(False)[1:])[-20:].hex())
                 for key in keys]
    assert call(victim.web3, rich, batch.functions.transferBatch(
        addresses, [10**18] * len(keys))).status == 1
    answers = hand_in(victim, [signed(key, nonce) for key in keys for nonce in range(1, 21)])
    assert all("hash" in answer for answer in answers)
    print(f"\n10,000 transactions that wait: {served()}, {victim.memory() - before:.0f} MiB more")
    assert victim.memory() - before < 200


def test_a_flood_through_many_connections_keeps_nobody_waiting(victim, served):
    """Signatures are recovered for the connections in turns: a payment does not stand behind the flood."""
    poor = coincurve.PrivateKey(b"\x08" * 32)
    batch = request(ask("dip_sendTransactions", [
        "0x" + signed(poor, nonce).hex() for nonce in range(1000)]))
    with crowd(victim, 20, b"", source="127.0.0.3") as sockets:
        for one in sockets:
            push(one, batch * 5)
        print(f"\n100,000 without funds at once: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND


def test_waits_for_receipts_that_never_come(victim, served):
    waits = request([ask("dip_waitForReceipt", "0x" + os.urandom(32).hex(), "executed", 60_000)
                     for _ in range(1000)])
    with crowd(victim, 20, b"") as sockets:
        for one in sockets:
            push(one, waits * 4)
        print(f"\n80,000 waits: {served()}, at most {victim.memory('VmHWM'):.0f} MiB")
        assert victim.memory("VmHWM") < BOUND
