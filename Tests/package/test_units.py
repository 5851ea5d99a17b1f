"""The package on machines with a systemd: installed, started, killed, upgraded, removed, as a bank does it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from machine import Machine, eventually, obstacle
from test_package import PACKAGE, ROOT

sys.path.insert(0, str(ROOT / "Tests/blackbox"))
from bank import booking, iban, key_file, notification  # noqa: E402
from conftest import dev_account  # noqa: E402

if PACKAGE is None:
    pytest.skip("Tools/package makes one", allow_module_level=True)
if reason := obstacle():
    pytest.skip(reason, allow_module_level=True)

MANUAL = (ROOT / "docs/packaging.md").read_text()
FIRST_URL = "http://127.0.0.1:8545"
ACCOUNT = re.search(r"--account-number (\S+)", MANUAL)[1]


def documented(beginning):
    """The commands that the manual gives, from its own text."""
    return re.search(rf"^```\n({re.escape(beginning)}.*?)^```", MANUAL, re.MULTILINE | re.DOTALL)[1]


def install(machine, package=PACKAGE):
    shutil.copy(package, machine.path("/root/dipnet.deb"))
    machine.run("dpkg", "--install", "/root/dipnet.deb")


def found(folder, banks):
    """Makes a consortium with the program of the package."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--extract", PACKAGE, tree], check=True)
    subprocess.run([tree / "usr/bin/dip", "consortium", "init", "--banks", str(banks), "--output",
                    folder / "banks"], check=True, capture_output=True, env={"HOME": str(folder)})
    return folder / "banks"


def settle(machine, banks, number=1):
    """Puts a bank's settings where the manual says, by its own commands, and starts the node."""
    shutil.copytree(banks, machine.path("/root/banks"))
    machine.run("sh", "-euc", "cd /root\n" + documented("(cd banks").replace("bank1", f"bank{number}"))


@pytest.fixture
def machines(tmp_path):
    """Makes machines with the package installed, in one network."""
    made = []

    def make(count):
        for number in range(count):
            made.append(Machine(tmp_path / f"machine{number + 1}", beside=made[0] if made else None))
            install(made[-1])
        return made

    yield make
    for machine in reversed(made):
        machine.end()


def pay(machine, url=FIRST_URL, check=True):
    return machine.run("dip", "send", "dev:2", "1", "--dev-key", "1", "--node", url, check=check)


def test_a_node_is_ready_when_systemd_says_so_and_comes_back_after_a_crash(machines, tmp_path):
    (machine,) = machines(1)
    assert machine.unit("dipnet", "ActiveState") == "inactive", "started without settings"
    settle(machine, found(tmp_path, 1))
    # Not a moment of patience: start returns when the node serves.
    pay(machine)
    state = machine.unit("dipnet", "ActiveState", "SubState", "StatusText", "MainPID", "NRestarts")
    assert (state["ActiveState"], state["SubState"], state["NRestarts"]) == ("active", "running", "0")
    assert FIRST_URL in state["StatusText"]
    # What checks signatures keeps to processors, which the unit's filter must let it.
    allowed = machine.shell(f"grep -h Cpus_allowed_list: /proc/{state['MainPID']}/task/*/status").split()[1::2]
    alone = {processors for processors in allowed if processors.isdigit()}
    assert len(alone) == len(os.sched_getaffinity(0)), allowed

    machine.kill("dipnet")
    eventually(lambda: machine.unit("dipnet", "NRestarts") == "1"
               and machine.unit("dipnet", "ActiveState") == "active")
    pay(machine)
    balance = machine.run("dip", "account", "balance", "dev:2", "--json").stdout
    before = json.loads(balance)

    machine.run("systemctl", "stop", "dipnet")
    ended = machine.unit("dipnet", "ActiveState", "Result", "ExecMainStatus", "ExecMainCode")
    assert (ended["ActiveState"], ended["Result"], ended["ExecMainStatus"]) == ("inactive", "success", "0")
    assert machine.run("dip", "audit", "/var/lib/dipnet/data").returncode == 0
    machine.run("systemctl", "start", "dipnet")
    assert json.loads(machine.run("dip", "account", "balance", "dev:2", "--json").stdout) == before


def test_settings_that_make_no_sense_are_not_tried_again(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    machine.run("systemctl", "stop", "dipnet")
    machine.shell("""sed -i 's/"rpc"/"rcp"/' /etc/dipnet/node.json""")
    assert machine.run("systemctl", "start", "dipnet", check=False).returncode != 0
    state = machine.unit("dipnet", "ActiveState", "ExecMainStatus", "NRestarts")
    assert state == {"ActiveState": "failed", "ExecMainStatus": "64", "NRestarts": "0"}
    said = machine.journal("dipnet")
    assert "rpc" in said and "node.json" in said


def test_a_node_whose_folder_is_in_use_is_tried_until_it_is_free(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    machine.run("systemctl", "stop", "dipnet")
    machine.shell("""setpriv --reuid dipnet --regid dipnet --clear-groups dip node --config /etc/dipnet/node.json \
        --ready-file /var/lib/dipnet/by-hand >/dev/null 2>&1 & echo $! >/root/by-hand""")
    eventually(lambda: machine.path("/var/lib/dipnet/by-hand").exists())
    assert machine.run("systemctl", "start", "dipnet", check=False).returncode != 0
    eventually(lambda: int(machine.unit("dipnet", "NRestarts")) >= 2)
    assert "is using it" in machine.journal("dipnet")
    machine.shell("kill $(cat /root/by-hand)")
    eventually(lambda: machine.unit("dipnet", "ActiveState") == "active")
    pay(machine)


def test_a_node_that_gives_no_sign_of_life_is_started_again(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    assert machine.unit("dipnet", "WatchdogUSec") == "5min"
    machine.shell("""mkdir -p /etc/systemd/system/dipnet.service.d
        printf '[Service]\nWatchdogSec=10\nTimeoutAbortSec=2\n' >/etc/systemd/system/dipnet.service.d/short.conf
        systemctl daemon-reload
        systemctl restart dipnet""")
    # One at its start, and those that it gives of itself.
    signs = set()
    eventually(lambda: signs.add(machine.unit("dipnet", "WatchdogTimestampMonotonic")) or len(signs) > 3, 60)
    # Stopped, it does not end when it is told to, and is killed.
    first = machine.unit("dipnet", "MainPID")
    machine.run("systemctl", "kill", "--signal=STOP", "--kill-who=main", "dipnet")
    eventually(lambda: machine.unit("dipnet", "MainPID") not in (first, "0")
               and machine.unit("dipnet", "ActiveState") == "active", 60)
    assert "Watchdog timeout" in machine.run("journalctl", "-u", "dipnet", "--no-pager").stdout
    pay(machine)


def test_the_units_leave_little_and_the_files_are_their_users_alone(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    told = machine.run("systemd-analyze", "security", "--no-pager", "dipnet", "dipnet-desk").stdout
    exposures = [float(found) for found in re.findall(r"Overall exposure level for \S+: ([0-9.]+)", told)]
    assert len(exposures) == 2 and max(exposures) <= 2, told
    assert machine.shell("stat -c '%U %a' /var/lib/dipnet /var/lib/dipnet/data /etc/dipnet/node.key") == (
        "dipnet 700\ndipnet 700\ndipnet 600\n")
    # What it says is filed by its urgency, with the journal's time and no other.
    machine.run("systemctl", "stop", "dipnet")
    entries = [json.loads(line) for line in machine.journal("dipnet", "--output=json").splitlines()]
    said = {entry["MESSAGE"]: entry["PRIORITY"] for entry in entries if entry["SYSLOG_IDENTIFIER"] == "dip"}
    assert said["stopping"] == "5", said


def test_a_desk_works_beside_its_node(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    key_file(machine.path("/var/lib/dipnet-desk"), "checker", dev_account(9))
    machine.shell("chown dipnet-desk: /var/lib/dipnet-desk/checker.key")
    commands = documented("install -m 0600").replace(
        "--checker 0x…", "--checker-key-file /var/lib/dipnet-desk/checker.key")
    machine.run("sh", "-euc", "cd /root\n" + commands)
    assert machine.unit("dipnet-desk", "ActiveState") == "active"
    machine.run("dip", "bank", "customer", "add", "--desk", "/var/lib/dipnet-desk", "--name", "Mill", "--account",
                iban(100), "--address", "dev:3", "--virtual", iban(900), user="dipnet-desk")
    message = machine.path("/var/lib/dipnet-desk/inbox/.n.xml")
    message.write_text(notification("N-1", ACCOUNT, [booking("12.50", "IN-1", to=iban(900))]))
    machine.shell("cd /var/lib/dipnet-desk/inbox && chown dipnet-desk: .n.xml && mv .n.xml n.xml")

    def issued():
        told = machine.run("dip", "account", "balance", "dev:3", "--token", "DEUR", "--json").stdout
        return "1250" in told
    eventually(issued)

    machine.kill("dipnet-desk")
    eventually(lambda: machine.unit("dipnet-desk", "NRestarts") == "1"
               and machine.unit("dipnet-desk", "ActiveState") == "active")
    # It waits for a node that is away, and does not end.
    machine.run("systemctl", "restart", "dipnet")
    machine.run("systemctl", "stop", "dipnet-desk")
    ended = machine.unit("dipnet-desk", "Result", "ExecMainStatus")
    assert ended == {"Result": "success", "ExecMainStatus": "0"}


def newer(folder):
    """The same package under a higher version."""
    tree = folder / "newer"
    subprocess.run(["dpkg-deb", "--raw-extract", PACKAGE, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*", r"\g<0>.1", control.read_text(), flags=re.MULTILINE))
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Zgzip", "-z1", tree, folder / "newer.deb"],
                   check=True, stdout=subprocess.DEVNULL)
    return folder / "newer.deb"


def test_three_banks_pay_on_while_one_after_another_is_upgraded(machines, tmp_path):
    banks = found(tmp_path, 3)
    three = machines(3)
    for number, machine in enumerate(three, 1):
        settle(machine, banks, number)
    pay(three[0])

    # One crashes: the others do not wait for it.
    three[2].run("systemctl", "stop", "dipnet")
    pay(three[1], "http://127.0.0.1:8546")
    three[2].run("systemctl", "start", "dipnet")

    package = newer(tmp_path)
    for number, machine in enumerate(three, 1):
        first = machine.unit("dipnet", "MainPID")
        install(machine, package)
        assert machine.unit("dipnet", "MainPID") == first, "the upgrade stopped the node"
        program = machine.shell(f"readlink /proc/{first}/exe")
        assert "deleted" in program, "the old program is no longer running"
        pay(machine, f"http://127.0.0.1:{8544 + number}")
        machine.run("systemctl", "restart", "dipnet")
        assert "deleted" not in machine.shell(f"readlink /proc/{machine.unit('dipnet', 'MainPID')}/exe")
        # Only then the next one.
        eventually(lambda: pay(machine, f"http://127.0.0.1:{8544 + number}", check=False).returncode == 0)
    for machine in three:
        assert machine.unit("dipnet", "NRestarts") == "0"


def test_removing_stops_and_purging_keeps_data_and_keys(machines, tmp_path):
    (machine,) = machines(1)
    settle(machine, found(tmp_path, 1))
    pay(machine)
    machine.run("dpkg", "--remove", "dipnet")
    assert machine.unit("dipnet", "ActiveState") in ("inactive", "failed")
    assert not machine.shell("pgrep -x dip || true")
    machine.run("dpkg", "--purge", "dipnet")
    assert machine.shell("ls /etc/dipnet/node.key /var/lib/dipnet/data/*").count("\n") > 2

    # Installed again, it goes on where it was.
    install(machine)
    machine.run("systemctl", "restart", "dipnet")
    pay(machine)
