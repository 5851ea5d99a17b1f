"""What customers get and give: statements that their books read, and pain.001 of their own."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from eth_account import Account

from bank import TODAY, booking, complaints, dip, document, iban, key_file, notification, reference_of
from conftest import abi, contract_address
from test_bank_way import chain, world
from test_orders import open_order

SPACE = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"


def entries(path):
    """Amount, direction, words and order of each entry; and the two balances."""
    root = ElementTree.parse(path).getroot()
    balances = {b.find(f".//{SPACE}Cd").text: b.find(f"{SPACE}Amt").text for b in root.iter(f"{SPACE}Bal")}
    found = []
    for entry in root.iter(f"{SPACE}Ntry"):
        line = entry.find(f".//{SPACE}Ustrd")
        found.append((entry.find(f"{SPACE}CdtDbtInd").text, entry.find(f"{SPACE}Amt").text,
                      line.text if line is not None else None))
    return balances, found


@pytest.fixture(scope="module")
def paid(world):
    bank, buyer, maker, mill = world
    top = chain(bank, buyer, maker, mill)
    bank.deliver(notification("N-1", bank.account, [booking("1250.00", "IN-1", order=top)]))
    bank.once()
    return bank, buyer, maker, mill, top


def test_a_suppliers_statement_names_order_line_and_buyer(paid, tmp_path):
    bank, buyer, maker, mill, top = paid
    options = ["--token", bank.token.address, "--node", bank.node.url]
    file = tmp_path / "maker.xml"
    dip("account", "statement", maker.address, *options, "--from", TODAY, "--to", TODAY,
        "--camt053", file, "--account-number", iban(101))
    assert complaints(file, "camt.053.001.08") == ""
    balances, found = entries(file)
    assert balances == {"OPBD": "0.00", "CLBD": "0.00"}
    assert ("CRDT", "600.00") in [f[:2] for f in found] and ("DBIT", "600.00") in [f[:2] for f in found]
    credit = next(f for f in found if f[0] == "CRDT")
    assert re.match(rf"ORDER {top} LINE 0 BUYER 0x{buyer.address[2:8]}", credit[2])
    # A day as the end is all of that day.
    table = dip("account", "statement", maker.address, *options, "--from", TODAY, "--to", TODAY)
    assert f"order {top} line 0, buyer 0x" in table
    told = json.loads(dip("account", "statement", maker.address, *options, "--json"))
    assert {e["buyer"] for e in told["entries"] if "order" in e} == {buyer.address}
    assert ",buyer" in dip("account", "statement", maker.address, *options, "--format", "csv")


def test_the_banks_statement_names_its_customers(paid, tmp_path):
    bank, buyer, maker, mill, top = paid
    for customer, opening, closing in ((1, "0.00", "250.00"), (3, "0.00", "0.00")):
        file = tmp_path / f"{customer}.xml"
        bank.dip("statement", customer, "--date", TODAY, "--output", file, "--node", bank.node.url)
        assert complaints(file, "camt.053.001.08") == ""
        assert file.stat().st_mode & 0o077 == 0
        assert entries(file)[0] == {"OPBD": opening, "CLBD": closing}
    text = (tmp_path / "3.xml").read_text()
    assert f"<IBAN>{iban(102)}</IBAN>" in text and "Supplier 102" in text
    # The mill was paid by the maker's order, which is a customer too.
    assert "BUYER Supplier 101" in text
    # A day on which nothing happened has the balance of the day before.
    empty = tmp_path / "empty.xml"
    bank.dip("statement", 1, "--date", "2020-01-01", "--output", empty, "--node", bank.node.url)
    assert complaints(empty, "camt.053.001.08") == ""
    assert entries(empty) == ({"OPBD": "0.00", "CLBD": "0.00"}, [])
    bank.dip("statement", 1, "--date", "2099-01-01", "--node", bank.node.url, status=64)
    bank.dip("statement", 9, "--date", TODAY, "--node", bank.node.url, status=1)


def test_dip_has_no_statement_for_a_bank(paid, tmp_path):
    bank, buyer, *_ = paid
    said = dip("account", "statement", buyer.address, "--token", "DIP", "--from", TODAY,
               "--camt053", tmp_path / "x.xml", "--node", bank.node.url, status=64)
    assert "ISO 4217" in said


# pain.001


def payments(message, debtor, transfers):
    """A buyer's file, as its ERP writes it."""
    body = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>{name}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"{currency}\">{amount}"
        f"</InstdAmt></Amt><Cdtr><Nm>The bank</Nm></Cdtr><CdtrAcct><Id><IBAN>{iban(1)}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></CdtTrfTxInf>"
        for name, amount, currency, text in transfers)
    return document("pain.001.001.09", (
        f"<CstmrCdtTrfInitn><GrpHdr><MsgId>{message}</MsgId><CreDtTm>{TODAY}T00:00:01Z</CreDtTm>"
        f"<NbOfTxs>{len(transfers)}</NbOfTxs><InitgPty><Nm>Buyer Ltd</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{message}-1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{TODAY}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>Buyer Ltd</Nm></Dbtr><DbtrAcct><Id><IBAN>{debtor}</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><Nm>East Bank</Nm></FinInstnId></DbtrAgt>"
        f"{body}</PmtInf></CstmrCdtTrfInitn>"))


def answered(path):
    """The message that is answered, its status, and name, status and reason of each payment."""
    root = ElementTree.parse(path).getroot()
    space = re.match(r"\{(.*)\}", root.tag).group(0)
    def text(element, name):
        found = element.find(f".//{space}{name}")
        return None if found is None else found.text
    return text(root, "OrgnlMsgId"), text(root, "GrpSts"), [
        (text(p, "OrgnlEndToEndId"), text(p, "TxSts"), text(p, "Cd")) for p in root.iter(f"{space}TxInfAndSts")]


def test_a_buyers_file_pays_orders_once(paid, tmp_path):
    bank, buyer, maker, *_ = paid
    web3 = bank.node.web3
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    first, second = (open_order(web3, orders, buyer, bank.token, buyer.address, [(0, maker.address, units, 0)])
                     for units in (3_000, 99_999_00))
    file = tmp_path / "payments.xml"
    file.write_text(payments("ERP-1", iban(100), [
        ("E-1", "20.00", "EUR", reference_of(first)), ("E-2", "10.00", "EUR", f"ORDER {first}"),
        ("E-3", "1.00", "EUR", f"ORDER {first}"), ("E-4", "1.00", "CHF", reference_of(second)),
        ("E-5", "1.00", "EUR", reference_of(987654)), ("E-6", "99999.00", "EUR", reference_of(second))]))
    assert complaints(file, "pain.001.001.09") == ""
    told = json.loads(bank.dip("submit", file, "--node", bank.node.url, "--json", status=1).rsplit("]", 1)[0] + "]")
    assert [(p["endToEnd"], p["state"], p.get("reason")) for p in told] == [
        ("E-1", "accepted", None), ("E-2", "accepted", None), ("E-3", "refused", "AM09"),
        ("E-4", "refused", "AM03"), ("E-5", "refused", "BE23"), ("E-6", "accepted", None)]
    before = bank.balance(buyer.address)
    bank.once()
    assert bank.balance(buyer.address) == before - 3_000
    # The same file, and the same payments in another order of the day, change nothing.
    again = tmp_path / "again.xml"
    again.write_text(file.read_text().replace(f"{TODAY}T00:00:01Z", f"{TODAY}T00:00:02Z"))
    for path in (file, again):
        said = bank.dip("submit", path, "--node", bank.node.url, status=1)
        bank.once()
    assert bank.balance(buyer.address) == before - 3_000
    assert re.search(r"E-1 .* paid", said) and re.search(r"E-6 .* refused .*AM04", said)
    # Killed on the way, the desk pays once all the same.
    third = open_order(web3, orders, buyer, bank.token, buyer.address, [(0, maker.address, 500, 0)])
    file.write_text(payments("ERP-9", iban(100), [("E-1", "5.00", "EUR", reference_of(third))]))
    bank.dip("submit", file, "--node", bank.node.url)
    for point in ("fund-signed", "fund-sent", "fund-carried-out", "fund-recorded"):
        bank.once(stop_at=point)
    bank.once()
    assert bank.balance(buyer.address) == before - 3_500
    # The ERP is told in its own language what became of each.
    answer = tmp_path / "answer.xml"
    bank.dip("submit", again, "--node", bank.node.url, "--answer", answer, status=1)
    assert complaints(answer, "pain.002.001.10") == "" and answer.stat().st_mode & 0o077 == 0
    assert answered(answer) == ("ERP-1", "PART", [
        ("E-1", "ACSC", None), ("E-2", "ACSC", None), ("E-3", "RJCT", "AM09"), ("E-4", "RJCT", "AM03"),
        ("E-5", "RJCT", "BE23"), ("E-6", "RJCT", "AM04")])
    older = tmp_path / "older.xml"
    older.write_text(payments("ERP-10", iban(100), [("E-1", "1.00", "EUR", reference_of(second))])
                     .replace("pain.001.001.09", "pain.001.001.03").replace("<ReqdExctnDt><Dt>", "<ReqdExctnDt>")
                     .replace("</Dt></ReqdExctnDt>", "</ReqdExctnDt>"))
    assert complaints(older, "pain.001.001.03") == ""
    bank.dip("submit", older, "--node", bank.node.url, "--answer", answer)
    assert complaints(answer, "pain.002.001.03") == ""
    assert answered(answer) == ("ERP-10", "ACSP", [("E-1", "ACSP", None)])
    # Another amount under the same name is no second payment.
    file.write_text(payments("ERP-1", iban(900), [("E-1", "21.00", "EUR", reference_of(first))]))
    assert "AM05" in bank.dip("submit", file, "--node", bank.node.url, status=1)


def test_what_is_taken_is_told_before_the_answer_is_written(paid, tmp_path):
    """With an amount that the answer has no room for, and with an answer that has no place."""
    bank, buyer, maker, *_ = paid
    web3 = bank.node.web3
    orders = web3.eth.contract(contract_address(0xD102), abi=abi("Orders"))
    order = open_order(web3, orders, buyer, bank.token, buyer.address, [(0, maker.address, 100, 0)])
    file, answer = tmp_path / "payments.xml", tmp_path / "answer.xml"
    file.write_text(payments("ERP-20", iban(100), [
        ("E-1", "1.00", "EUR", reference_of(order)), ("E-2", "10000000000000000", "EUR", reference_of(order))]))
    nowhere = tmp_path / "missing" / "answer.xml"
    said = bank.dip("submit", file, "--node", bank.node.url, "--json", "--answer", nowhere, status=1)
    told = json.loads(said.rsplit("]", 1)[0] + "]")
    assert [(p["endToEnd"], p["state"]) for p in told] == [("E-1", "accepted"), ("E-2", "refused")]
    assert str(nowhere) in said
    bank.dip("submit", file, "--node", bank.node.url, "--answer", answer, status=1)
    assert complaints(answer, "pain.002.001.10") == ""
    assert answered(answer)[2] == [("E-1", "ACSP", None), ("E-2", "RJCT", "AM09")]


def test_a_file_of_nobody(paid, tmp_path):
    bank, *_ = paid
    file = tmp_path / "payments.xml"
    file.write_text(payments("ERP-2", iban(555), [("E-1", "1.00", "EUR", reference_of(1))]))
    assert "AC01" in bank.dip("submit", file, "--node", bank.node.url, status=1)
    # A supplier that has its key itself.
    file.write_text(payments("ERP-3", iban(101), [("E-1", "1.00", "EUR", reference_of(1))]))
    assert "AG01" in bank.dip("submit", file, "--node", bank.node.url, status=1)
    file.write_text("<nomessage/>")
    assert "message.kind" in bank.dip("submit", file, "--node", bank.node.url, status=1)
    assert "missing.xml" in bank.dip("submit", tmp_path / "missing.xml", "--node", bank.node.url, status=64)
