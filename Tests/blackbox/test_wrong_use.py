"""Commands that are used wrongly, or as their page says: each tells in words what was wrong, with the status of docs/cli.md."""

import http.server
import json
import os
import pathlib
import pty
import shlex
import signal
import subprocess
import threading
import time

import pytest
from eth_account import Account

from conftest import DIP, PATIENCE, Node
from consortium import eventually


def dip(*arguments, status, **options):
    """Runs a command that must end with a status; what it said."""
    run = subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                         **options)
    assert run.returncode == status, run.stdout + run.stderr
    for raw in ["Error Domain", "DecodingError", "descriptor:", "NSFilePath"]:
        assert raw not in run.stderr
    return run.stderr


def test_a_port_that_is_taken(node, tmp_path):
    port = node.url.rsplit(":", 1)[1]
    said = dip("node", "--dev", "--data", tmp_path / "data", "--port", port, status=1)
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use (another process does" in said


def test_a_ready_file_that_cannot_be_written(tmp_path):
    said = dip("node", "--dev", "--data", tmp_path / "data", "--port", "0", "--ready-file", tmp_path / "no/ready",
               status=1)
    assert said.startswith("dip: cannot write the ready file") and "No such file" in said


def test_folders_that_have_something_in_them(node, tmp_path):
    backup = tmp_path / "backup"
    assert not dip("node", "backup", "--data", node.folder / "data", "--to", backup, "--json", status=0)
    backed_up = dip("node", "backup", "--data", node.folder / "data", "--to", backup, status=1)
    assert "Name another folder" in backed_up and "inquiry" not in backed_up
    full = tmp_path / "full"
    full.mkdir()
    (full / "something").write_text("")
    restored = dip("node", "restore", "--from", backup, "--data", full, status=1)
    assert "Name another folder" in restored and "inquiry" not in restored
    # A node may be at work in it.
    assert "is using it" in dip("node", "restore", "--from", backup, "--data", node.folder / "data", status=1)


def test_a_desk_where_there_is_none(tmp_path):
    said = dip("bank", "desk", "--desk", tmp_path / "no", status=64)
    assert "no is no desk's folder: desk.json is not in it; 'dip bank init' makes one" in said


def test_a_folder_that_is_named_by_mistake_stays_as_it_is(tmp_path):
    """A lock, or a node's empty stores, were made in it."""
    assert "is no desk's folder" in dip("bank", "desk", "--once", status=64, cwd=tmp_path)
    assert not list(tmp_path.iterdir())
    dip("consortium", "init", "--banks", "1", "--output", tmp_path / "banks", status=0)
    bank = tmp_path / "banks/bank1"
    before = sorted(bank.rglob("*"))
    said = dip("node", "backup", "--data", bank, "--to", tmp_path / "backup", status=64)
    assert f"{bank} is no node's data folder: it has no state" in said
    assert sorted(bank.rglob("*")) == before


def test_a_file_that_is_no_file_of_vectors(tmp_path):
    (tmp_path / "file").write_text("listening\n")
    assert "not valid JSON" in dip("vectors", tmp_path / "file", status=64)
    (tmp_path / "file").write_text(json.dumps({"name": "a"}) + "\n")
    assert "is missing" in dip("vectors", tmp_path / "file", status=64)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_result_that_cannot_be_written(node):
    for words in [["rpc", "eth_chainId", "--node", node.url], ["dev", "keys"],
                  ["genesis", "check", node.folder / "data/genesis.json"]]:
        with open("/dev/full", "w") as full:
            run = subprocess.run([DIP, *words], stdout=full, stderr=subprocess.PIPE, text=True)
        assert run.returncode == 74, words
        assert "cannot write the result to the standard output: No space left on device" in run.stderr


def test_a_genesis_that_cannot_be_made(tmp_path):
    account = "0xB4E61517893EB2dd5501051C4889b04e324dA4d7"
    made = ["genesis", "init", "--chain-id", "88001", "--bank", "A", "--output", tmp_path / "genesis.json", "--address"]
    assert "has a wrong checksum" in dip(*made, account.replace("A4d7", "a4d7"), status=64)
    assert "validators[0].name" in dip(*made, "0x" + "11" * 20, "--bank", "", status=64)
    said = dip(*made, "0x" + "11" * 20, "--output", tmp_path / "no/genesis.json", status=1)
    assert said == f"dip: cannot write the file {tmp_path}/no/genesis.json: No such file or directory\n"
    assert not list(tmp_path.iterdir())


def test_a_development_ledger_that_is_reset_leaves_nothing_to_the_next(node, tmp_path):
    """The checkpoints of the one before were taken for those of the next, which no audit passed."""
    genesis = json.loads((node.folder / "data/genesis.json").read_text())
    genesis["parameters"]["checkpointInterval"] = 4
    (tmp_path / "genesis.json").write_text(json.dumps(genesis))
    options = ["--genesis", str(tmp_path / "genesis.json")]
    for amount in ["1", "2"]:
        other = Node(tmp_path, *options).start()
        try:
            for _ in range(7):
                dip("send", "dev:2", amount, "--dev-key", "1", "--node", other.url, status=0)
            # A checkpoint is written beside the blocks.
            eventually(lambda: len(list((tmp_path / "data/checkpoints").iterdir())) == 1)
        finally:
            other.stop()  # It audits.
        dip("dev", "reset", "--data", tmp_path / "data", status=0)
        assert not list((tmp_path / "data").iterdir())


def test_a_consortium_whose_nodes_could_not_start(tmp_path):
    description = tmp_path / "consortium.json"
    for place, port in [("a:65000", None), ("a:7000", 7000), ("a:7000", 0)]:
        bank = {"name": "A", "endpoint": place, **({} if port is None else {"rpcPort": port})}
        description.write_text(json.dumps({"chainId": 88001, "banks": [bank]}))
        said = dip("consortium", "init", "--description", description, "--output", tmp_path / "banks", status=64)
        assert "banks[0], rpcPort: JSON-RPC needs a port of its own from 1 to 65535" in said
    dip("consortium", "init", "--banks", "2", "--output", tmp_path / "banks", "--days", "0", status=64)
    said = dip("consortium", "init", "--banks", "2", "--output", description / "banks", status=1)
    assert said.endswith(": Not a directory\n")
    assert list(tmp_path.iterdir()) == [description]


def test_a_balance_of_a_day_that_is_not_over(node):
    said = dip("account", "balance", "dev:1", "--at", "2100-01-01", "--node", node.url, status=0)
    assert "2100-01-01 23:59:59Z is still to come: this is what there is at the last block" in said
    assert not dip("account", "balance", "dev:1", "--at", "1", "--node", node.url, status=1).startswith("Error")


def test_a_password_that_somebody_does_not_want_to_give(tmp_path):
    process, terminal = pty.fork()
    if process == 0:
        os.execv(DIP, [str(DIP), "key", "new", "--keystore", str(tmp_path / "keys")])
    said = b""
    while b"password: " not in said:
        said += os.read(terminal, 4096)
    os.write(terminal, b"\x03")  # Ctrl-C, and no Return.
    deadline = time.monotonic() + PATIENCE
    while (ended := os.waitpid(process, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    if ended[0] == 0:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    assert ended[0] != 0 and os.waitstatus_to_exitcode(ended[1]) == 1
    assert b"cancelled" in os.read(terminal, 4096) and not (tmp_path / "keys").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_payment_of_which_nothing_can_be_told(node):
    with open("/dev/full", "w") as full:
        run = subprocess.run([DIP, "send", "dev:2", "1", "--dev-key", "7", "--node", node.url], stdout=full,
                             stderr=subprocess.PIPE, text=True)
    assert run.returncode == 74
    hash = run.stderr.split("ask 'dip receipt ")[1].split("'")[0]
    assert f"transaction {hash} was sent: do not send it again" in run.stderr
    assert ": done" in subprocess.run([DIP, "receipt", hash, "--patience", "60", "--node", node.url], capture_output=True, text=True).stdout


def test_a_day_that_is_none(node):
    said = dip("account", "balance", "dev:1", "--at", "2026-02-30", "--node", node.url, status=64)
    assert said.startswith('dip: "2026-02-30" is no time: write')


def test_a_payment_that_nobody_waits_for_is_not_called_refused(node):
    pay = [DIP, "send", "dev:2", "1", "--dev-key", "7", "--node", node.url, "--wait", "none"]
    sent = subprocess.run(pay, capture_output=True, text=True)
    assert sent.returncode == 0 and not sent.stderr, sent.stderr
    told = subprocess.run([*pay, "--json"], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    answer = json.loads(told.stdout)
    assert answer == {"ok": True, "transaction": answer["transaction"]}
    for transaction in [sent.stdout.strip(), answer["transaction"]]:
        found = subprocess.run([DIP, "receipt", transaction, "--patience", "60", "--node", node.url],
                               capture_output=True, text=True)
        assert found.returncode == 0 and ": done" in found.stdout, found.stderr


def test_a_file_that_holds_no_key(node, tmp_path):
    (tmp_path / "key").write_text("zz\n")
    (tmp_path / "key").chmod(0o600)
    said = dip("send", "dev:2", "1", "--key-file", tmp_path / "key", "--node", node.url, status=1)
    assert f"{tmp_path}/key holds no private key: 64 hexadecimal digits were expected" in said


def test_a_development_node_keeps_to_the_home_folder(tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    run = subprocess.run([DIP, "dev", "reset"], env=environment, capture_output=True, text=True)
    assert str(tmp_path / ".local/share/dipnet/dev") in run.stdout


def test_a_certificate_goes_into_a_folder_that_is_not_there_yet(tmp_path):
    dip("consortium", "authority", "--name", "First Bank", "--output", tmp_path / "first-authority", status=0)
    dip("consortium", "certificate", "--authority", tmp_path / "first-authority", "--chain-id", "88001", "--bank", "1",
        "--name", "First Bank", "--host", "a.example", "--output", tmp_path / "tls", status=0)
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    assert {file.name for file in (tmp_path / "tls").iterdir()} == {"node.pem", "node.key"}


def test_a_file_or_folder_that_is_not_there_has_one_status(tmp_path):
    no = tmp_path / "no"
    genesis = tmp_path / "genesis.json"
    key = tmp_path / "key"
    key.write_text("00" * 31 + "01\n")
    key.chmod(0o600)
    dip("genesis", "init", "--chain-id", "88001", "--bank", "A", "--address", "0x" + "11" * 20, "--output", genesis,
        status=0)
    assert genesis.exists()
    offline = ["--node", "http://127.0.0.1:1"]
    for words in [
        ["verify", no, "--genesis", genesis], ["verify", genesis, "--genesis", no],
        ["audit", no], ["audit", no, "--genesis", genesis], ["audit", tmp_path, "--genesis", no],
        ["evidence", no],
        ["node", "--config", no], ["node", "--data", tmp_path / "data", "--genesis", no, "--key-file", key],
        ["node", "--data", tmp_path / "data", "--genesis", genesis, "--key-file", no],
        ["node", "backup", "--data", no, "--to", tmp_path / "b"],
        ["node", "restore", "--from", no, "--data", tmp_path / "r"],
        ["vectors", no], ["template", "check", no], ["template", "explain", no], ["template", "test", no],
        ["order", "open", no, "--dev-key", "1", *offline],
        ["send", "dev:2", "1", "--key-file", no, *offline], ["key", "sign", "--file", no, "--dev-key", "1"],
        ["key", "import", no], ["key", "sign", "text", "--key-file", no],
        ["rpc", "eth_chainId", "--token-file", no, *offline], ["bank", "check", no],
        ["rpc", "eth_chainId", "--ca-file", no, "--node", "https://127.0.0.1:1"],
        ["bank", "customer", "list", "--desk", no], ["demo", "--chain", no],
        ["consortium", "certificate", "--authority", no, "--chain-id", "1", "--bank", "1", "--name", "A", "--host",
         "a.example", "--output", tmp_path / "tls"],
    ]:
        said = dip(*words, status=64)
        # What checks several files says so of each on the standard output.
        assert str(no) in said or words[1] == "check", (words, said)


def test_a_published_name_is_sent_nothing_where_money_is_real(tmp_path):
    """Whoever has read our pages has the key of dev:2, on every ledger."""
    (tmp_path / "data").mkdir(mode=0o700)
    key = tmp_path / "bank.key"
    key.touch(mode=0o600)
    key.write_text("11" * 32)
    bank, other = Account.from_key("0x" + "11" * 32).address, Account.create().address
    genesis = tmp_path / "genesis.json"
    dip("genesis", "init", "--chain-id", "88001", "--bank", "East Bank", "--address", bank, "--output", genesis, status=0)
    ready = tmp_path / "ready.json"
    with subprocess.Popen([DIP, "node", "--data", tmp_path / "data", "--genesis", genesis, "--key-file", key, "--port", "0",
                           "--ready-file", ready], stderr=subprocess.DEVNULL) as node:
        try:
            eventually(ready.exists)
            at = ["--key-file", key, "--node", json.loads(ready.read_text())["url"]]
            assert "published" not in dip("send", other, "1", *at, status=0)
            said = dip("send", "dev:2", "1", *at, status=64)
            assert "this is chain 88001: the key of dev:N is published" in said
        finally:
            node.terminate()


def test_lists_say_that_they_go_on(node):
    """A statement of a hundred movements looked like all there are, and was added up."""
    pay = [DIP, "send", "dev:6", "1", "--dev-key", "8", "--node", node.url, "--units", "--wait", "none"]
    for nonce in range(102):
        subprocess.run([*pay, "--nonce", str(nonce), "--gas", "21000"], check=True, capture_output=True)
    statement = [DIP, "account", "statement", "dev:6", "--node", node.url]

    def table(*options):
        return subprocess.run([*statement, *options], capture_output=True, text=True)

    eventually(lambda: len(table("--format", "csv").stdout.splitlines()) == 104)  # Titles, genesis, payments.
    assert not table("--format", "csv").stderr
    assert len(table().stdout.splitlines()) == 101
    assert table().stderr == "only the newest 100 movements are shown: --limit\n"
    answer = json.loads(table("--json").stdout)
    assert len(answer["entries"]) == 100 and answer["truncated"] is True
    assert "truncated" not in json.loads(table("--json", "--limit", "200").stdout)
    for symbol in ["ONE", "TWO"]:
        subprocess.run([DIP, "token", "issue", "--name", symbol, "--symbol", symbol, "--dev-key", "8", "--node", node.url],
                       check=True, capture_output=True)
    tokens = [DIP, "token", "list", "--node", node.url, "--limit", "1"]
    told = subprocess.run(tokens, capture_output=True, text=True)
    assert len(told.stdout.splitlines()) == 2 and told.stderr == "only the first 1 are shown: --limit\n"
    assert json.loads(subprocess.run([*tokens, "--json"], capture_output=True, text=True).stdout)["truncated"] is True


def test_a_node_that_ends_while_somebody_answers(tmp_path):
    """Its silence was taken for a mistyped answer, and asked about five times."""
    template = pathlib.Path(__file__).parents[2] / "Genesis/templates/plain-invoice.yaml"
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / template.name).write_text(template.read_text())
    node = Node(tmp_path).start()
    try:
        dip("dev", "templates", "--folder", tmp_path / "shelf", "--node", node.url, status=0)
        asking = subprocess.Popen([DIP, "order", "new", "Plain invoice", "--dev-key", "1", "--node", node.url],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = b""
        while not said.endswith(b": "):
            said += asking.stderr.read(1)
        node.kill()
        _, said = asking.communicate(b"DCNY\n" * 6, timeout=PATIENCE)
        assert asking.returncode == 69 and said.count(node.url.encode()) == 1, said
    finally:
        if node.process.poll() is None:
            node.kill()


def test_amounts_below_zero_are_no_options(node):
    """The parser told that an amount is missing, or that the option is not known."""
    for words in (["send", "dev:2", "-1"], ["send", "dev:2", "-0.5"], ["order", "fund", "1", "-5"],
                  ["token", "issue", "--name", "X", "--symbol", "X", "--decimals", "2", "--supply", "-5"]):
        said = dip(*words, "--dev-key", "1", "--node", node.url, status=64)
        assert "is taken for an option: amounts and numbers have no sign" in said
    # What is no number is what the parser says it is, and so is what stands behind the dashes.
    assert "Unknown option" in dip("send", "dev:2", "1", "-x", status=64)
    assert '"-1" is no amount' in dip("send", "dev:2", "--dev-key", "1", "--node", node.url, "--", "-1", status=64)


def test_times_that_are_past(node, tmp_path):
    """What the ledger would refuse is not signed; what it takes is done, with a word of what comes of it."""
    here = ["--dev-key", "1", "--node", node.url]
    dip("token", "issue", "--name", "Past", "--symbol", "PAST", "--decimals", "2", "--supply", "10", *here, status=0)
    assert "is past: the ledger would refuse" in dip(
        "token", "permit", "PAST", "dev:2", "5", "--until", "2020-01-01", *here, status=64)
    assert "is past: the ledger would refuse" in dip(
        "order", "attest-sign", "1", "0", "100", "--chain-id", "3355", "--until", "2020-01-01", "--dev-key", "1",
        status=64)
    assert "no fee is paid" in dip("fees", "grant", "dev:2", "5", "--until", "2020-01-01", *here, status=0)
    # This takes a grant back: whatever its time.
    assert "past" not in dip("fees", "grant", "dev:2", "0", "--until", "2020-01-01", *here, status=0)
    file = tmp_path / "order.json"
    for due, is_told in ("2020-01-01", True), ("+1d", False):
        file.write_text(json.dumps({"token": "PAST", "dueAt": due, "lines": [{"payee": "dev:2", "amount": "5"}]}))
        assert ("dueAt, 2020-01-01 00:00:00Z, is past" in dip("order", "open", file, *here, status=0)) == is_told
    orders = json.loads(subprocess.run([DIP, "order", "list", "dev:1", "--node", node.url, "--json"],
                                       capture_output=True, text=True, check=True).stdout)
    order = max(entry["id"] for entry in orders["orders"])
    said = dip("order", "offer", order, "0", "5", "--price", "3", "--until", "2020-01-01", "--dev-key", "2",
               "--node", node.url, status=0)
    assert "nobody can take this offer" in said


def test_commands_that_are_told_can_be_copied(tmp_path):
    """A folder with a space in its name was two words of the command."""
    run = subprocess.run([DIP, "consortium", "init", "--banks", "1", "--output", tmp_path / "a bank's"],
                         capture_output=True, text=True, check=True)
    command = next(line for line in run.stdout.splitlines() if "dip node --config" in line)
    assert shlex.split(command)[-1] == str(tmp_path / "a bank's/bank1/node.json")
    key = tmp_path / "my key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    said = dip("send", "dev:2", "1", "--key-file", key, status=64)
    assert shlex.split(said[said.index("chmod"):])[-1] == str(key)


def test_an_answer_that_is_no_result_keeps_what_it_said():
    """A program learned neither the status of HTTP nor the data of the method's error."""
    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            status, error = self.server.answer
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        threading.Thread(target=door.serve_forever, daemon=True).start()
        for answer, status, told in (
                ((503, {"code": -32000, "message": "busy"}), 69, {"httpStatus": 503}),
                ((401, {"code": -32000, "message": "no token"}), 64, {"httpStatus": 401}),
                ((200, {"code": -32000, "message": "too old", "data": {"oldest": "9:0"}}), 1,
                 {"rpcCode": -32000, "rpcData": {"oldest": "9:0"}})):
            door.answer = answer
            run = subprocess.run([DIP, "rpc", "eth_chainId", "--json", "--node",
                                  f"http://127.0.0.1:{door.server_port}"], capture_output=True, text=True)
            assert run.returncode == status, run.stderr
            error = json.loads(run.stdout)["error"]
            assert {name: error.get(name) for name in told} == told and answer[1]["message"] in error["message"]
        door.shutdown()
