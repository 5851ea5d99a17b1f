"""The demonstration from outside: what it prints must add up, whatever chain it is given."""

import json
import os
import pathlib
import signal
import subprocess

import pytest

from bank import complaints
from conftest import PATIENCE

ROOT = pathlib.Path(__file__).parents[2]
DIP = os.environ.get("DIP", str(ROOT / ".build/debug/dip"))
CHAINS = ROOT / "Genesis/chains"


def demo(*arguments, environment=None):
    return subprocess.run(
        [DIP, "demo", *arguments], capture_output=True, text=True, timeout=600,
        env={**os.environ, **(environment or {})})


def result(*arguments):
    run = demo("--json", *arguments)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_bulldozer(tmp_path):
    run = demo("--json", environment={"TMPDIR": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert set(told) == {"firms", "gross", "cash", "block", "settleMilliseconds", "stateHash"}
    assert (told["gross"], told["cash"], len(told["firms"])) == (220_475, 72_600, 22)
    costs = {}
    for row in (CHAINS / "bulldozer.txt").read_text().splitlines()[1:]:
        name, _, _, cost = row.split(",")[:4]
        costs[name] = float(cost)
    for firm in told["firms"]:
        assert firm["received"] == firm["paidOut"] + firm["kept"]
        assert firm["kept"] == costs[firm["name"]]
    assert not list(tmp_path.iterdir()), "a folder was left"


@pytest.mark.parametrize("banks", [3, 5])
def test_the_leader_is_killed_while_the_buyer_pays(tmp_path, banks):
    run = demo("--json", "--banks", str(banks), environment={"TMPDIR": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["gross"], told["cash"], len(told["firms"])) == (220_475, 72_600, 22)
    assert told["stateHashes"] == [told["stateHash"]] * banks
    assert told["killedBank"] in range(1, banks + 1)
    assert 0 < told["killToFinalMilliseconds"] <= told["settleMilliseconds"] < 300_000
    assert not list(tmp_path.iterdir()), "a folder was left"


@pytest.mark.parametrize("chain, product, cash", [
    ("battery.txt", "Central_DC_A", "0.84"),
    ("toys.txt", "Dist_0009", "215.99999999999999"),
    ("digital_camera.txt", None, "3000"),
    ("chemicals.txt", "Retail_0002", "127"),
])
def test_other_chains(chain, product, cash):
    arguments = ["--chain", str(CHAINS / chain)] + (["--product", product] if product else [])
    run = demo("--json", *arguments)
    assert run.returncode == 0, run.stderr
    # As text: a binary fraction would have rounded the costs.
    assert f'"cash":{cash},' in run.stdout


def test_a_person_reads_a_tree():
    run = demo("--chain", str(CHAINS / "digital_camera.txt"))
    assert run.returncode == 0, run.stderr
    for expected in ["Ship ", "└─ Transfer ", "├─ Camera ", "One payment of 3,000 USDX"]:
        assert expected in run.stdout


@pytest.mark.parametrize("arguments, expected", [
    (["--chain", "nowhere.txt"], "nowhere.txt"),
    (["--chain", str(CHAINS / "food.txt")], "Retail_0003, Retail_0004"),
    (["--chain", str(CHAINS / "food.txt"), "--product", "Part_0001"], "no finished product"),
])
def test_what_cannot_be_settled_starts_no_node(arguments, expected):
    run = demo(*arguments)
    assert run.returncode == 64
    assert expected in run.stderr


def test_a_circle_is_named(tmp_path):
    file = tmp_path / "circle.txt"
    file.write_text("stage_id,cost,up_stages\nA,1,B,1\nB,1,A,1\n")
    run = demo("--chain", str(file))
    assert run.returncode == 64
    assert "needs" in run.stderr and "circle" in run.stderr


ORDERS = """\
ID,Country,Vendor,Shipment Mode,PO Sent to Vendor Date,Scheduled Delivery Date,\
Delivered to Client Date,Line Item Value,Freight Cost (USD),Line Item Insurance (USD)
1,Haiti,Abbott,Air,1/2/2007,1-Mar-07,28-Feb-07,551,780.34,0.5
2,Haiti,Abbott,Air,1/2/2007,1-Mar-07,2-Mar-07,100.05,See ASN-9 (ID#:1),1.25
3,Kenya,"Cipla, Ltd",Truck,N/A - From RDC,3-Mar-07,3-Mar-07,0.09,Freight Included in Commodity Cost,0
4,Kenya,"Cipla, Ltd",Truck,1/9/2007,3-Mar-07,20-Nov-07,1000,2,3
5,Kenya,Orgenics,Truck,1/9/2007,3-Mar-07,20-Nov-07,1000,Invoiced Separately,3
6,Kenya,Orgenics,Truck,1/9/2007,3-Mar-07,20-Nov-07,0,2,3
7,Kenya,Orgenics,Truck,1/9/2007,3-Mar-07,20-Nov-08,40,2,1
"""


def test_purchase_orders(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    told = result("--purchase-orders", str(file))
    assert (told["rows"], told["used"], told["late"]) == (7, 5, 3)
    assert [entry["ids"] for entry in told["setAside"]] == [["6"], ["5"]]
    # A tenth of 100.05, rounded down to the cent, a tenth of 1000, and all that came a year late.
    assert told["deducted"] == 152
    paid = {payee["name"]: payee["received"] for payee in told["payees"]}
    assert paid == {
        "Abbott": 641.05, "Cipla, Ltd": 900.09, "Carrier, Air": 780.34, "Carrier, Truck": 2,
        "Insurer": 5.75, "Orgenics": 0,
    }
    assert told["balanced"] is True


def test_keep_leaves_a_node_with_keys(tmp_path):
    run = demo(
        "--keep", "--chain", str(CHAINS / "digital_camera.txt"),
        environment={"TMPDIR": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    (folder,) = tmp_path.iterdir()
    ready = json.loads((folder / "ready.json").read_text())
    try:
        keystore = str(folder / "keystore")
        keys = subprocess.run(
            [DIP, "key", "list", "--json", "--keystore", keystore], capture_output=True, text=True)
        labels = {entry.get("label") for entry in json.loads(keys.stdout)}
        assert {"buyer", "Camera", "Ship"} <= labels
        tree = subprocess.run(
            [DIP, "order", "tree", "1", "--node", ready["url"], "--keystore", keystore],
            capture_output=True, text=True)
        assert tree.returncode == 0, tree.stderr
    finally:
        os.kill(ready["pid"], signal.SIGTERM)


def test_stopping_the_demo_stops_its_node(tmp_path):
    process = subprocess.Popen(
        [DIP, "demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)})
    for line in process.stderr:
        if "the bank issues" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.stderr.close()
    assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
    assert not list(tmp_path.iterdir()), "a folder was left"


def test_a_banks_desk(tmp_path):
    run = demo("--bank", "--json", environment={"TMPDIR": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["cash"], told["gross"], told["payments"], len(told["firms"])) == (72_600, 220_475, 22, 22)
    assert sum(firm["paid"] for firm in told["firms"]) == 72_600
    assert told["aside"]["currency"] == "CHF" and told["aside"]["reason"] == "other-currency"
    before, after = told["evenings"]
    assert (before["balance"], before["supply"], before["inFlight"]) == ("7260000",) * 3
    assert (after["balance"], after["supply"], after["inFlight"]) == ("0",) * 3
    assert before["balanced"] and after["balanced"] and before["attested"] == "7260000"
    assert not list(tmp_path.iterdir()), "a folder was left"


def test_keep_leaves_a_desk_that_works(tmp_path):
    run = demo("--bank", "--keep", environment={"TMPDIR": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    processes = [int(number) for number in run.stderr.split("end it with: kill ")[1].split("\n")[0].split()]
    try:
        (folder,) = tmp_path.iterdir()
        (payments,) = (folder / "desk/outbox").iterdir()
        assert complaints(payments, "pain.001.001.09") == ""
        ready = json.loads((folder / "ready.json").read_text())
        books = subprocess.run(
            [DIP, "bank", "reconcile", "--desk", str(folder / "desk"), "--node", ready["url"]],
            capture_output=True, text=True)
        assert books.returncode == 0 and "Balanced." in books.stdout, books.stderr
    finally:
        for process in processes:
            os.kill(process, signal.SIGTERM)


@pytest.mark.parametrize("arguments, expected", [
    (["--banks", "3"], "on one node"),
    (["--chain", str(CHAINS / "toys.txt"), "--product", "Dist_0009"], "decimals"),
])
def test_what_a_desk_cannot_settle_starts_no_node(arguments, expected):
    run = demo("--bank", *arguments)
    assert run.returncode == 64
    assert expected in run.stderr
