"""What three people do with templates, as docs/templates.md tells it: a developer, reviewers, a company."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from conftest import DIP, PATIENCE, call, contract_address, dev_account, issue

LIBRARY = pathlib.Path(__file__).parents[2] / "Genesis/templates"
DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/templates.md"
DIP_UNIT = 10**18


def dip(node, *arguments, status=0, text=None, **environment):
    """Runs a command; its standard output."""
    done = subprocess.run(
        [DIP, *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE,
        env={**os.environ, "DIP_NODE": node.url if node else "http://127.0.0.1:1", "LANG": "C",
             "LC_ALL": "", "LC_MESSAGES": "", "DIP_KEYSTORE": "/nonexistent", **environment})
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stdout + done.stderr


def dip_json(node, *arguments, **more):
    return json.loads(dip(node, *arguments, "--json", **more))


@pytest.fixture(scope="module")
def repair(tmp_path_factory):
    """The developer's template of the document."""
    text = next(block for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.S)
                if "Repair with parts" in block)
    file = tmp_path_factory.mktemp("templates") / "repair.yaml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "report.txt"
    file.write_text("Read, played, found in order.\n")
    return str(file)


@pytest.fixture(scope="module")
def reviewers(node):
    for number in ("5", "6"):
        dip(node, "consortium", "reviewer", f"dev:{number}", "--dev-key", "0")
    # What was decided holds from the next block on.
    dip(node, "send", "dev:2", "0.1", "--dev-key", "1")
    return ("5", "6")


def publish(node, file, report, reviewers, *more):
    """Published by dev:2 and approved; its id."""
    identifier = dip_json(node, "template", "publish", str(file), "--dev-key", "2", *more)["template"]
    for reviewer in reviewers:
        dip(node, "template", "review", identifier, "--approve", "--report", report,
            "--dev-key", reviewer)
    assert dip_json(node, "template", "status", identifier)["status"] == "active"
    return identifier


# A developer, without a node


def test_the_library_is_accepted_and_its_examples_come_out():
    files = sorted(str(file) for file in LIBRARY.glob("*.yaml"))
    assert len(files) >= 12
    checked = dip_json(None, "template", "check", *files)
    assert checked["ok"] and len(checked["templates"]) == len(files)
    tested = dip_json(None, "template", "test", *files)
    assert tested["ok"] and all(t["passed"] > 0 and t["failed"] == 0 for t in tested["templates"])


def test_examples_that_come_out_otherwise_are_told_and_not_published(node, tmp_path):
    file = tmp_path / "invoice.yaml"
    text = (LIBRARY / "plain-invoice.yaml").read_text()
    file.write_text(text.replace('seller: "125000" }, refund', 'seller: "124999" }, refund'))
    said = dip(None, "template", "check", str(file), status=1)
    assert "1 of 1 cases of its examples come out otherwise" in said
    assert "otherwise" in dip(node, "template", "publish", str(file), "--dev-key", "2", status=1)


def test_a_developer_is_told_every_fault_with_its_line(repair, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(repair.read_text().replace("gate: repaired", "gate: repared")
                   .replace("royalty: 1", "royalty: -1"))
    said = dip(None, "template", "check", str(bad), status=1)
    assert re.search(r"bad\.yaml:12:\d+: no such gate \(did you mean \"repaired\"\?\) \(/lines/1/gate\)", said)
    assert re.search(r"bad\.yaml:13:10: DIP wanted", said)


def test_a_developer_is_shown_the_bindings_in_which_money_is_short(repair, tmp_path):
    short = tmp_path / "short.yaml"
    short.write_text(re.sub(r"require:.*\n", "", repair.read_text()))
    said = dip(None, "template", "check", str(short), status=1)
    assert "short.yaml:11:" in said or "short.yaml:10:" in said
    assert "the rest can be negative" in said and "It happens with:" in said
    done = subprocess.run([DIP, "template", "check", str(short), "--json"], capture_output=True)
    report = json.loads(done.stdout)
    bindings = report["templates"][0]["counterexample"]["bindings"]
    assert int(bindings["parts"]) > int(bindings["price"])


def test_a_developer_sees_the_picture_and_every_outcome(repair):
    text = dip(None, "template", "explain", str(repair))
    assert "owner pays price into escrow" in text
    assert re.search(r"80 %\s+880\.00\s+120\.00", text)
    assert dip(None, "template", "explain", str(repair), "--mermaid").startswith("flowchart LR\n")
    both = json.loads(dip(None, "template", "explain", str(repair), "--mermaid", "--json"))
    assert both["mermaid"].startswith("flowchart LR\n")
    outcomes = dip_json(None, "template", "explain", str(repair))["explanation"]["outcomes"]
    assert [o["refund"] for o in outcomes] == ["0", "12000", "60000", "60000"]
    assert "passed" in dip(None, "template", "test", str(repair))


def test_a_developer_explains_it_with_names_and_numbers_of_any_kind(repair, tmp_path):
    bindings = tmp_path / "bindings.yaml"
    bindings.write_text("workshop: Smith & Sons\ninspector: TÜV\nchamber: Rotterdam\n"
                        "price: 1234.50\nparts: 200\n")
    said = dip(None, "template", "explain", str(repair), "--bindings", str(bindings))
    assert re.search(r"80 %\s+1,027\.60\s+206\.90", said)
    bindings.write_text(bindings.read_text().replace("parts: 200", "parts: 1200"))
    said = dip(None, "template", "explain", str(repair), "--bindings", str(bindings), status=64)
    assert re.search(r"bindings\.yaml:5:8: it is required that parts <= 60% \* price", said)


def test_an_example_that_does_not_come_out_is_told(repair, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(repair.read_text().replace('workshop: "70000"', 'workshop: "70001"'))
    said = dip(None, "template", "test", str(wrong), status=1)
    assert "case 2" in said and "workshop gets 70000, expected 70001" in said


@pytest.mark.parametrize("text", [
    "a: &a [x]\nb: *a\n", "a: !!python/object x\n", "a: 1\na: 2\n", "[" * 100_000, "a: \xff\n",
    "a: 1\n---\nb: 1\n", "", "x" * 300_000,
])
def test_hostile_yaml_is_refused_with_its_place(text, tmp_path):
    file = tmp_path / "hostile.yaml"
    file.write_bytes(text.encode("latin-1"))
    for command in (["check"], ["explain"], ["test"]):
        done = subprocess.run([DIP, "template", *command, str(file)], capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode in (1, 64)
        assert re.search(r"hostile\.yaml:\d+:\d+: ", done.stdout + done.stderr) or len(text) > 262_144


# On a ledger


def test_reviewers_make_a_template_active_and_are_paid(node, repair, report, reviewers):
    web3 = node.web3
    identifier = dip_json(node, "template", "publish", str(repair), "--dev-key", "2")["template"]
    assert "draft, 0 of 2 approvals" in dip(node, "template", "status", "Repair with parts")
    assert identifier[:10] in dip(node, "template", "list", "--status", "draft")
    before = web3.eth.get_balance(dev_account(5).address)
    shown = dip(node, "template", "review", identifier, "--approve", "--report", report,
                "--dev-key", "5")
    assert "It replaces none" in shown and '"name": "Repair with parts"' in shown
    assert web3.eth.get_balance(dev_account(5).address) - before > 4 * DIP_UNIT
    dip(node, "template", "review", identifier, "--approve", "--report", report, "--dev-key", "6")
    # What the ledger keeps is the same template, whoever writes it down again.
    source = pathlib.Path(report).with_name("source.json")
    source.write_text(dip(node, "template", "show", identifier[:12], "--source"))
    assert dip_json(None, "template", "check", str(source))["templates"][0]["id"] == identifier
    assert dip_json(None, "template", "test", str(source))["ok"]
    status = dip_json(node, "template", "status", identifier)
    assert status["status"] == "active"
    assert {r["report"] for r in status["reviews"]} == {
        web3.to_hex(web3.keccak(pathlib.Path(report).read_bytes()))}


def test_a_reviewer_sees_what_a_new_version_changes(node, repair, report, reviewers, tmp_path):
    old = dip_json(node, "template", "status", "Repair with parts")["id"]
    second = tmp_path / "second.yaml"
    second.write_text(repair.read_text().replace("royalty: 1", "royalty: 2"))
    new = dip_json(node, "template", "publish", str(second), "--replaces", old,
                   "--dev-key", "2")["template"]
    shown = dip(node, "template", "review", new, "--reject", "--report", report, "--dev-key", "5",
                "--dry-run")
    assert f"What changed against {old}" in shown
    assert re.search(r'^  - .*"royalty": 1$', shown, re.M)
    assert re.search(r'^  \+ .*"royalty": 2$', shown, re.M)
    for reviewer in reviewers:
        dip(node, "template", "review", new, "--reject", "--report", report, "--dev-key", reviewer)
    assert dip_json(node, "template", "status", new)["status"] == "rejected"
    assert dip_json(node, "template", "status", old)["status"] == "active"


@pytest.fixture(scope="module")
def money(node):
    return issue(node.web3, dev_account(1), symbol="CLI")


def test_a_company_answers_questions_and_gets_an_order(node, repair, reviewers, money):
    answers = ["nonsense", "CLI", "dev:9", "dev:8", "", "dev:7",   # token, chamber, inspector, owner, workshop
               "400", "ten", "1000", "", "yes"]                     # parts, price twice, due date, confirmation
    page = dip(node, "order", "new", "Repair with parts", "--dev-key", "1",
               text="\n".join(answers) + "\n")
    assert re.search(r"80 %\s+880\.00\s+120\.00", page)
    assert "Opening costs 1 DIP for the template" in page
    order = int(re.search(r"\(order (\d+)\)", page)[1])
    shown = dip(node, "order", "show", str(order))
    assert "Repair with parts" in shown and "gate 0 (repaired), pending" in shown
    # The order does what the table said.
    dip(node, "order", "fund", str(order), "all", "--dev-key", "1")
    before = money.functions.balanceOf(dev_account(1).address).call()
    dip(node, "order", "attest", str(order), "0", "50", "--dev-key", "8")
    assert money.functions.balanceOf(dev_account(1).address).call() - before == 30000
    assert money.functions.balanceOf(dev_account(7).address).call() == 70000


def test_a_company_that_does_not_confirm_sends_nothing(node, repair, reviewers, money):
    before = node.web3.eth.get_transaction_count(dev_account(1).address)
    for last in ("n", ""):
        answers = ["CLI", "dev:9", "dev:8", "", "dev:7", "400", "1000", "", last]
        said = dip(node, "order", "new", "Repair with parts", "--dev-key", "1",
                   text="\n".join(answers) + "\n", status=1)
        assert "nothing was sent" in said
    dip(node, "order", "new", "Repair with parts", "--dev-key", "1", text="CLI\n", status=64)
    said = dip(node, "order", "new", "Repair with parts", "--dev-key", "1", text="CLI\n" + "x\n" * 9,
               status=64)
    assert said.count("no account 'x'") == 5
    assert node.web3.eth.get_transaction_count(dev_account(1).address) == before


def test_a_program_opens_an_order_from_a_file_in_the_language_of_its_reader(
        node, report, reviewers, money, tmp_path):
    identifier = publish(
        node, LIBRARY / "purchase-inspection-retention.yaml", report, reviewers)
    assert "带检验与质保金的采购订单" in dip(node, "template", "list", "--industry", "C", "--role", "carrier",
                                         LANG="zh_CN.UTF-8")
    assert identifier[:10] not in dip(node, "template", "list", "--role", "debtor")
    bindings = tmp_path / "pump.yaml"
    bindings.write_text("""
token: CLI
maker: dev:7
carrier: dev:8
lab: dev:9
chamber: dev:10
suppliers: [dev:11, dev:12]
price: 10000.00
freight: 500
shares: [2000, 1500]
deliverBy: +90d
""")
    new = ["order", "new", identifier, "--bindings", str(bindings), "--dev-key", "1"]
    page = dip(node, *new, "--dry-run", "--language", "zh")
    assert "各种结果" in page and "质保期满" in page and "范式使用费5 DIP" in page
    before = node.web3.eth.get_balance(dev_account(2).address)
    sent = dip_json(node, *new, "--yes")
    assert sent["ok"] and sent["order"] > 0
    assert node.web3.eth.get_balance(dev_account(2).address) - before == 7 * DIP_UNIT // 2
    earned = dip_json(node, "template", "earnings", "dev:2")
    assert int(earned["earned"]) == sum(int(t["earned"]) for t in earned["templates"])
    assert {t["uses"] for t in earned["templates"] if t["id"] == identifier} == {1}
    # A mistyped file is told with its lines, and a broken requirement with the value that breaks it.
    bindings.write_text(bindings.read_text().replace("maker:", "makr:"))
    assert "pump.yaml:3:1: no such member (did you mean \"maker\"?)" in dip(node, *new, "--yes", status=64)
    bindings.write_text(bindings.read_text().replace("makr:", "maker:").replace("10000.00", "1000"))
    said = dip(node, *new, "--yes", status=64)
    assert "it is required that freight + sum(shares) <= price" in said


def test_an_order_is_paid_out_of_what_another_one_owes(node, report, reviewers, money):
    publish(node, LIBRARY / "plain-invoice.yaml", report, reviewers)
    first = dip_json(node, "order", "new", "Plain invoice", "--dev-key", "1", "--yes",
                     "--bindings", "/dev/stdin", text="token: CLI\nseller: dev:7\nprice: 50\n")["order"]
    second = dip_json(node, "order", "new", "普通发票", "--dev-key", "7", "--yes", "--pledge",
                      f"{first}:0:20.00", "--bindings", "/dev/stdin",
                      text="token: CLI\nseller: dev:8\nprice: 20\n")["order"]
    before = money.functions.balanceOf(dev_account(8).address).call()
    dip(node, "order", "fund", str(first), "all", "--dev-key", "1")
    assert money.functions.balanceOf(dev_account(8).address).call() - before == 2000
    assert node.rpc("dip_order", second)["result"]["status"] == "closed"


def test_a_developer_withdraws_a_template(node, repair):
    identifier = dip_json(node, "template", "status", "Repair with parts")["id"]
    dip(node, "template", "deprecate", identifier, "--dev-key", "2")
    said = dip(node, "order", "new", identifier, "--dev-key", "1", text="", status=1)
    assert "is deprecated" in said


def test_a_development_ledger_gets_the_official_templates(node):
    first = dip_json(node, "dev", "templates")
    assert len(first["templates"]) == len(list(LIBRARY.glob("*.yaml")))
    listed = {t["id"]: t for t in dip_json(node, "template", "list")["templates"]}
    for identifier in first["published"]:
        assert listed[identifier]["status"] == "active"
    assert dip_json(node, "dev", "templates")["published"] == []
