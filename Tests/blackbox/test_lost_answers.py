"""What was sent is told as sent, whatever becomes of the answers: nobody is led to pay twice."""

import contextlib
import fcntl
import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

from conftest import DIP, PATIENCE


@contextlib.contextmanager
def proxy(node, fail, *, after=None, hand_on=True):
    """A proxy that lets `fail(handler)` answer calls, all or those of the method `after` and what comes behind it."""
    seen = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, body, status=200):
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if json.loads(body)["method"] == after:
                seen.set()
            if seen.is_set() and not hand_on:
                return fail(self)
            request = urllib.request.Request(node.url, body, {"content-type": "application/json"})
            answer = urllib.request.urlopen(request).read()
            fail(self) if seen.is_set() else self.answer(answer)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def pay(url, *options):
    return [DIP, "send", "dev:2", "1", "--dev-key", "6", "--node", url, "--json", *options]


def became(transaction, node):
    return subprocess.run([DIP, "receipt", transaction, "--node", node.url, "--patience", "60"], capture_output=True,
                          text=True).stdout


@pytest.mark.parametrize("method", ["eth_sendRawTransaction", "dip_waitForReceipt"])
@pytest.mark.parametrize("fail", [
    lambda handler: handler.answer(b"no answer came", 504),
    lambda handler: handler.answer(b"<html>something else</html>"),
    lambda handler: handler.answer(b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"it is stopping"}}'),
    lambda handler: handler.connection.shutdown(socket.SHUT_RDWR),
])
def test_a_payment_of_which_the_answer_is_lost(node, method, fail):
    with proxy(node, fail, after=method) as url:
        run = subprocess.run(pay(url), capture_output=True, text=True)
    assert run.returncode == 75, run.stdout
    transaction = json.loads(run.stdout)["error"]["transaction"]
    assert "do not send it again" in run.stderr and ": done" in became(transaction, node)


def test_a_payment_that_the_node_takes_no_word_about(node):
    """The receipt is refused by a limit of calls, not the payment."""
    with proxy(node, lambda handler: handler.answer(b"slow down", 429), after="dip_waitForReceipt") as url:
        run = subprocess.run(pay(url), capture_output=True, text=True)
    assert run.returncode == 75
    assert ": done" in became(json.loads(run.stdout)["error"]["transaction"], node)


def test_a_payment_that_was_turned_away_is_not_called_sent(node):
    with proxy(node, lambda handler: handler.answer(b"", 429), after="eth_sendRawTransaction", hand_on=False) as url:
        run = subprocess.run(pay(url), capture_output=True, text=True)
    assert run.returncode == 69 and "transaction" not in json.loads(run.stdout)["error"]


def test_a_payment_that_is_done_is_done_though_its_token_cannot_be_told(node):
    """Words for the token are asked for behind the receipt."""
    answers = []

    def fail(handler):
        # The receipt itself comes; from then on nobody answers.
        answers.append(handler)
        handler.answer(b"", 502) if len(answers) > 1 else handler.answer(receipt)

    sent = subprocess.run([DIP, "token", "issue", "--name", "Lost", "--symbol", "LOST", "--supply", "100", "--dev-key",
                           "6", "--node", node.url, "--json"], capture_output=True, text=True)
    token = json.loads(sent.stdout)
    found = node.rpc("dip_waitForReceipt", token["transaction"], "executed", 1000)["result"]
    receipt = json.dumps({"jsonrpc": "2.0", "id": 1, "result": found}).encode()
    with proxy(node, fail, after="dip_waitForReceipt") as url:
        run = subprocess.run([word for word in pay(url) if word != "--json"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Done: ") and "not all of it can be told" in run.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_loses_patience_is_told_what_was_sent(node, number):
    is_paid, is_over = threading.Event(), threading.Event()

    def fail(handler):
        # The node has answered that it is done; nobody hears of it.
        is_paid.set()
        is_over.wait(PATIENCE)

    with proxy(node, fail, after="dip_waitForReceipt") as url:
        # What runs in a shell's background begins with SIGINT ignored, and so would all that it starts.
        heeding = lambda: signal.signal(number, signal.SIG_DFL)
        process = subprocess.Popen(pay(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=heeding)
        assert is_paid.wait(PATIENCE)
        process.send_signal(number)
        said, _ = process.communicate(timeout=PATIENCE)
        is_over.set()
    assert process.returncode == 75
    assert ": done" in became(json.loads(said)["error"]["transaction"], node)


def test_a_stream_of_events_ends_with_a_line_of_json(node):
    with proxy(node, lambda handler: handler.answer(b"", 502), after="dip_events") as url:
        run = subprocess.run([DIP, "events", "--from", "0:0", "--json", "--node", url], capture_output=True, text=True)
    assert run.returncode == 69
    assert not json.loads(run.stdout.splitlines()[-1])["ok"] and run.stdout.count("\n") == 1


def test_a_cursor_behind_all_cursors(node):
    run = subprocess.run([DIP, "events", "--after", f"5:{2**64 - 1}", "--node", node.url], capture_output=True, text=True)
    assert run.returncode == 64 and "is no cursor" in run.stderr


def test_a_reader_that_is_slow_and_does_not_block():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen([DIP, "abi", "Orders"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    time.sleep(1)
    with os.fdopen(reading, "rb") as pipe:
        assert json.loads(pipe.read())
    assert process.wait() == 0 and not process.stderr.read()


def test_with_json_what_is_said_of_a_proof_is_json(node, tmp_path):
    sent = json.loads(subprocess.run(pay(node.url), capture_output=True, text=True).stdout)
    proof = subprocess.run([DIP, "proof", "receipt", sent["transaction"], "--out", tmp_path / "p.json", "--json", "--node",
                            node.url], capture_output=True, text=True)
    assert json.loads(proof.stdout) == {"ok": True, "file": str(tmp_path / "p.json")}


def test_who_has_more_patience_than_a_node_has_time_to_answer_is_told(node):
    """And not that no node answers: of what was sent nothing would be known, and it would be sent again."""
    for timeout in (1, 5, 20):
        start = time.monotonic()
        run = subprocess.run([DIP, "receipt", f"0x{7:064x}", "--node", node.url, "--patience", str(3 * timeout),
                              "--timeout", str(timeout)], capture_output=True, text=True)
        # On a busy machine no node may have answered in so short a time.
        if run.returncode != 69:
            break
    assert run.returncode == 1 and "is known here" in run.stderr, run.stderr
    assert time.monotonic() - start >= 3 * timeout
