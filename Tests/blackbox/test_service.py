"""What whoever runs node and desk as services goes by: exit statuses, and what systemd is told."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest

from bank import Bank
from conftest import DIP, PATIENCE
from consortium import Consortium, eventually

LASTING = 64
PASSING = 1


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A bank's folder with a ledger in it."""
    node = Consortium(tmp_path_factory.mktemp("founded"), banks=1).nodes[1]
    node.start().stop()
    return node.home


@pytest.fixture
def home(founded, tmp_path):
    return shutil.copytree(founded, tmp_path / "home")


def start(home, **environment):
    return subprocess.Popen(
        [DIP, "node", "--config", "node.json", "--port", "0", "--ready-file", "ready.json"], cwd=home,
        env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def ended(home):
    """How a node ends that cannot start, and what it says."""
    process = start(home)
    try:
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, said


def started(home):
    (home / "ready.json").unlink(missing_ok=True)
    process = start(home)
    eventually(lambda: (home / "ready.json").exists() or process.poll() is not None)
    assert process.poll() is None, process.stderr.read()
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def settings(**changes):
    def change(home):
        file = home / "node.json"
        told = json.loads(file.read_text())
        for name, value in changes.items():
            told[name] = told.get(name, {}) | value if isinstance(value, dict) else value
        file.write_text(json.dumps(told))
    return change


def written(name, text, mode=0o600):
    def write(home):
        (home / name).write_text(text)
        (home / name).chmod(mode)
    return write


def other_ledger(home):
    told = json.loads((home / "genesis.json").read_text())
    told["timeMillis"] += 1000
    (home / "genesis.json").write_text(json.dumps(told))


def other_ledger_within(home):
    """Somebody has replaced the copy as well."""
    other_ledger(home)
    (home / "data/genesis.json").unlink()


def damaged(pattern):
    def damage(home):
        (file,) = home.glob(pattern)
        content = bytearray(file.read_bytes())
        content[20] ^= 0xff
        file.write_bytes(content)
    return damage


@pytest.mark.parametrize("harm, said", [
    (lambda home: (home / "genesis.json").unlink(), "genesis.json"),
    (written("genesis.json", "{"), "genesis.json"),
    (written("node.json", "{"), "node.json"),
    (settings(rcp={}), "rcp"),
    (lambda home: (home / "node.json").unlink(), "node.json"),
    (lambda home: (home / "node.key").unlink(), "node.key"),
    (lambda home: (home / "node.key").chmod(0o640), "chmod 600"),
    (written("node.key", "secret"), "node.key"),
    (settings(bank=0), "bank: expected"),
    (settings(rpc={"tokens": "tokens"}), "tokens"),
    (settings(rpc={"listen": "0.0.0.0:8545"}), "can be reached from the network"),
    (settings(rpc={"certificate": "genesis.json", "key": "node.key"}), "PEM"),
    (settings(adminSocket="nowhere/admin.sock"), "nowhere"),
    (settings(adminSocket="node.key"), "no socket"),
    (settings(data="node.key"), "node.key"),
    (settings(data="/proc/dipnet"), "/proc/dipnet"),
    (other_ledger, "another ledger"),
    (other_ledger_within, "belongs to chain 3355"),
    (lambda home: (home / "data/state/CURRENT").unlink(), "data/state"),
    (written("data/history/blocks/CURRENT", "nonsense"), "data/history"),
    (damaged("data/log/*.log"), "raft log"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_nobody_mends_by_starting_it_again(home, harm, said):
    harm(home)
    status, text = ended(home)
    assert status == LASTING, text
    assert said in text


def test_a_folder_in_use_is_free_when_the_other_has_ended(home):
    """It may be a backup that is done in a minute: a service that waits for it comes up by itself."""
    first = started(home)
    try:
        status, text = ended(home)
    finally:
        stop(first)
    assert status == PASSING and f"process with id {first.pid}" in text
    stop(started(home))


def test_a_genesis_that_the_disk_does_not_give_back_may_be_read_another_time(home):
    # It can be opened, and what is read first fails as a disk would.
    settings(genesis="/proc/self/mem")(home)
    status, text = ended(home)
    assert status == PASSING and "/proc/self/mem: Input/output error" in text


def test_an_address_in_use_is_free_when_the_other_has_ended(home):
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = subprocess.run(
            [DIP, "node", "--config", "node.json", "--port", str(other.getsockname()[1])], cwd=home,
            capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == PASSING and "cannot listen" in run.stderr


@pytest.fixture
def manager(tmp_path):
    """The socket of a service manager, and what is told there."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(PATIENCE)
        yield path, listener


def heard(listener, wanted):
    """Listens until all of it was told."""
    told = []
    while not any(wanted in message for message in told):
        told.append(listener.recv(4096).decode())
    return told


def silence(listener, seconds):
    """Whether nothing is told for so long, once what lies there already is taken."""
    listener.settimeout(0)
    while True:
        try:
            listener.recv(4096)
        except BlockingIOError:
            break
    listener.settimeout(seconds)
    try:
        return not listener.recv(4096)
    except TimeoutError:
        return True
    finally:
        listener.settimeout(PATIENCE)


def test_a_node_says_that_it_moves_until_it_does_not(home, manager):
    path, listener = manager
    process = start(home, NOTIFY_SOCKET=path, WATCHDOG_USEC="300000")
    told = heard(listener, "READY=1")
    assert not any("WATCHDOG=1" in message for message in told), "a node that opens its data is not watched"
    assert any("WATCHDOG_USEC=300000" in message for message in heard(listener, "WATCHDOG=1"))
    for _ in range(3):
        heard(listener, "WATCHDOG=1")
    process.send_signal(signal.SIGSTOP)
    eventually(lambda: pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")")[1].split()[0] == "T")
    assert silence(listener, 1)
    process.send_signal(signal.SIGCONT)
    heard(listener, "WATCHDOG=1")
    process.send_signal(signal.SIGTERM)
    heard(listener, "STOPPING=1")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "300000", "WATCHDOG_PID": "1"}])
def test_a_node_that_is_not_asked_says_nothing_of_that(home, manager, environment):
    path, listener = manager
    process = start(home, NOTIFY_SOCKET=path, **environment)
    told = heard(listener, "READY=1")
    process.send_signal(signal.SIGTERM)
    told += heard(listener, "STOPPING=1")
    process.communicate(timeout=PATIENCE)
    assert not any("WATCHDOG" in message for message in told), told


@pytest.fixture(scope="module")
def desk(node, tmp_path_factory):
    return Bank(node, tmp_path_factory.mktemp("bank")).folder


@pytest.mark.parametrize("harm, said", [
    (lambda folder: (folder / "desk.json").unlink(), "desk.json"),
    (written("desk.json", "{"), "desk.json"),
    (lambda folder: (folder / "desk.sqlite").unlink(), "journal"),
    (written("desk.sqlite", "nonsense"), "journal"),
    (lambda folder: shutil.rmtree(folder / "keys"), "keys"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_nobody_mends_by_starting_a_desk_again(desk, tmp_path, harm, said):
    folder = shutil.copytree(desk, tmp_path / "desk")
    harm(folder)
    run = subprocess.run([DIP, "bank", "desk", "--desk", folder], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == LASTING, run.stderr
    assert said in run.stderr
