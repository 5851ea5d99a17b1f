"""A bank around a desk: its core system as files, its desk as a process, and what all three books say."""

import datetime
import itertools
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest
from eth_account import Account
from eth_utils import keccak

from conftest import DIP, PATIENCE, abi, contract_address, dev_account
from consortium import eventually

ROOT = pathlib.Path(__file__).parents[2]
SCHEMAS = next((folder for folder in (ROOT.parent / "shared/data/iso20022/xsd",
                                      pathlib.Path.cwd().parent / "shared/data/iso20022/xsd")
                if folder.is_dir()), None)
BANKS = contract_address(0xD105)
# The desk's day: booked later than tomorrow is booked in the future.
TODAY = datetime.datetime.now(datetime.UTC).date().isoformat()
STATES = ["none", "requested", "instructed", "settled", "rejected", "returned"]


# Numbers


def remainder(text):
    return int("".join(str(int(c, 36)) for c in text)) % 97


def iban(number, country="DE"):
    """An account number with right check digits."""
    digits = f"50010517{number:010d}"
    return f"{country}{98 - remainder(digits + country + '00'):02d}{digits}"


def wrong_iban(number):
    right = iban(number)
    return right[:-1] + str((int(right[-1]) + 1) % 10)


def reference_of(order):
    """What a payer of an order writes: ISO 11649."""
    body = f"DIPO{order}"
    return f"RF{98 - remainder(body + 'RF00'):02d}{body}"


# Messages


def document(kind, body):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}">{body}</Document>')


def header(identifier, created=None):
    created = created or f"{TODAY}T00:00:01Z"
    return f"<GrpHdr><MsgId>{identifier}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"


def booking(amount, reference, *, to=None, order=None, text=None, end_to_end=None, credit=True,
            currency="EUR", day=TODAY, details=True):
    """One entry of an account."""
    parts = ""
    if details:
        refs = f"<EndToEndId>{end_to_end}</EndToEndId>" if end_to_end else ""
        refs = (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "") + refs
        parties = f"<RltdPties><CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct></RltdPties>" if to else ""
        remittance = f"<Ustrd>{text}</Ustrd>" if text else ""
        if order is not None:
            remittance += f"<Strd><CdtrRefInf><Ref>{reference_of(order)}</Ref></CdtrRefInf></Strd>"
        remittance = f"<RmtInf>{remittance}</RmtInf>" if remittance else ""
        parts = (f'<NtryDtls><TxDtls><Refs>{refs}</Refs><Amt Ccy="{currency}">{amount}</Amt>'
                 f'<CdtDbtInd>{"CRDT" if credit else "DBIT"}</CdtDbtInd>{parties}{remittance}'
                 "</TxDtls></NtryDtls>")
    return (f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{"CRDT" if credit else "DBIT"}</CdtDbtInd>'
            f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
            + (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "")
            + "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
            + parts + "</Ntry>")


def notification(identifier, account, bookings, created=None):
    """camt.054."""
    created = created or f"{TODAY}T00:00:01Z"
    return document("camt.054.001.08", (
        f"<BkToCstmrDbtCdtNtfctn>{header(identifier, created)}<Ntfctn><Id>{identifier}</Id>"
        f"<CreDtTm>{created}</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{''.join(bookings)}</Ntfctn></BkToCstmrDbtCdtNtfctn>"))


def statement(identifier, account, bookings, closing, currency="EUR", day=TODAY):
    """camt.053 with its closing balance."""
    created = f"{TODAY}T00:00:01Z"
    return document("camt.053.001.08", (
        f"<BkToCstmrStmt>{header(identifier, created)}<Stmt><Id>{identifier}</Id>"
        f"<CreDtTm>{created}</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f'<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{closing}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        f"{''.join(bookings)}</Stmt></BkToCstmrStmt>"))


def status(identifier, original, statuses):
    """pain.002: what became of payments, by their redemption's number."""
    payments = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{number}</OrgnlEndToEndId><TxSts>{code}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else "") + "</TxInfAndSts>"
        for number, code, reason in statuses)
    return document("pain.002.001.10", (
        f"<CstmrPmtStsRpt>{header(identifier)}<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{original}-1</OrgnlPmtInfId>{payments}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt>"))


def complaints(path, schema):
    """What the official schema has against a file."""
    if SCHEMAS is None:
        pytest.skip("the official schemas are not beside the repository: shared/data/iso20022/xsd")
    try:
        run = subprocess.run(
            ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMAS / f"{schema}.xsd"), str(path)],
            capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("xmllint is not installed: libxml2-utils")
    return "" if run.returncode == 0 else run.stderr


# The bank


def dip(*arguments, status=0, timeout=PATIENCE, **environment):
    """Runs a command; its standard output, or all that it said where it was to fail."""
    run = subprocess.run(
        [DIP, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
        env={**os.environ, "DIP_KEYSTORE": "/nonexistent", **environment})
    assert run.returncode == status, (arguments, run.returncode, run.stdout, run.stderr)
    return run.stdout if status == 0 else run.stdout + run.stderr


def key_file(folder, name, account):
    path = pathlib.Path(folder) / f"{name}.key"
    path.touch(mode=0o600)
    path.write_text(account.key.hex().removeprefix("0x") + "\n")
    return path


class Bank:
    """A bank with its desk; several of one operator need currencies of their own."""

    numbers = itertools.count(1)

    def __init__(self, node, folder, currency="EUR", limit="100000000", operator=None, checker=None,
                 account=None, name="East Bank"):
        self.node = node
        self.currency = currency
        self.operator, self.checker = operator or dev_account(0), checker or dev_account(9)
        self.account = account or iban(1)
        self.folder = pathlib.Path(folder) / "desk"
        self.keys = {name: key_file(folder, name, account) for name, account in (
            ("operator", self.operator), ("checker", self.checker))}
        self.process = None
        told = json.loads(dip(
            "bank", "init", self.folder, "--currency", currency, "--account-number", self.account,
            "--name", name, "--key-file", self.keys["operator"],
            "--checker-key-file", self.keys["checker"], "--daily-limit", limit,
            "--node", node.url, "--json"))
        self.token = node.web3.eth.contract(told["token"], abi=abi("Token"))
        self.contract = node.web3.eth.contract(BANKS, abi=abi("Banks"))
        # The desk finds the node under another port after it was started again.
        self.settings = json.loads((self.folder / "desk.json").read_text())

    # Commands

    def dip(self, *arguments, **more):
        return dip("bank", *arguments, "--desk", self.folder, **more)

    def json(self, *arguments, **more):
        return json.loads(self.dip(*arguments, "--json", **more))

    def customer(self, account, *options, name="Customer Ltd"):
        return self.json("customer", "add", "--name", name, "--account", account,
                         "--node", self.node.url, *options)

    def cases(self):
        return self.json("quarantine", "list")

    # Files

    def deliver(self, text, name=None):
        """As a careful bank does: under its name the file is complete."""
        name = name or f"message-{next(self.numbers)}.xml"
        temporary = self.folder / "inbox" / f".{name}"
        temporary.write_bytes(text if isinstance(text, bytes) else text.encode())
        # Old enough that the desk does not look twice whether it grows.
        os.utime(temporary, (time.time() - 60,) * 2)
        temporary.rename(self.folder / "inbox" / name)

    def orders(self):
        """Payment orders in the outbox: redemption, amount, account, file."""
        found = []
        for path in sorted((self.folder / "outbox").glob("*.xml")):
            root = ElementTree.parse(path).getroot()
            space = re.match(r"\{(.*)\}", root.tag).group(0)
            message = root.find(f".//{space}GrpHdr/{space}MsgId").text
            for payment in root.iter(f"{space}CdtTrfTxInf"):
                found.append({
                    "redemption": int(payment.find(f".//{space}EndToEndId").text),
                    "amount": payment.find(f".//{space}InstdAmt").text,
                    "currency": payment.find(f".//{space}InstdAmt").get("Ccy"),
                    "account": payment.find(f"{space}CdtrAcct//{space}IBAN").text,
                    "message": message, "path": path})
        return found

    # The desk

    def command(self, *options):
        return [DIP, "bank", "desk", "--desk", str(self.folder), "--node", self.node.url, *options]

    def once(self, stop_at=None, timeout=PATIENCE):
        """Works through what is there; with `stop_at` the desk is killed there, if it comes there."""
        options = ["--once"] + (["--stop-at", stop_at] if stop_at else [])
        run = subprocess.run(self.command(*options), capture_output=True, text=True, timeout=timeout)
        assert run.returncode in ((-signal.SIGKILL, 0) if stop_at else (0,)), run.stderr + run.stdout
        return run.returncode == -signal.SIGKILL

    @property
    def log(self):
        return self.keys["operator"].parent / "desk.log"

    def start(self, *options, says=b"the desk works"):
        """Returns when the desk works, or has said something else."""
        with open(self.log, "ab") as log:
            before = log.tell()
            self.process = subprocess.Popen(self.command(*options), stdout=log, stderr=log)
        eventually(lambda: says in self.log.read_bytes()[before:] or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=PATIENCE) == 0, self.log.read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    # The books

    def rows(self, sql, *arguments):
        """Reads the journal as any program may; amounts and names of states are plain text."""
        with sqlite3.connect(f"file:{self.folder}/desk.sqlite?mode=ro", uri=True, timeout=PATIENCE) as journal:
            journal.row_factory = sqlite3.Row
            return [dict(row) for row in journal.execute(sql, arguments)]

    def ledger_reference(self, reference):
        return keccak(reference.encode() + b"\0" + self.account.encode())

    def events(self, name):
        return [event.args for event in getattr(self.contract.events, name)().get_logs(from_block=0)]

    def issued(self):
        """What was issued on the ledger, by reference."""
        return {event["paymentReference"]: (event["to"], event["amount"])
                for event in self.events("Issued") if event["token"] == self.token.address}

    def redemptions(self):
        """Redemptions on the ledger: number, owner, amount, state."""
        found = {}
        for event in self.events("RedemptionRequested"):
            if event["token"] == self.token.address:
                state = self.contract.functions.redemption(event["id"]).call()[0]
                found[event["id"]] = (event["owner"], event["amount"], STATES[state])
        return found

    def balance(self, address):
        return self.token.functions.balanceOf(address).call()

    def supply(self):
        return self.token.functions.totalSupply().call()

    def audit(self, received):
        """Bank, journal and ledger tell the same: nothing twice, nothing lost.

        `received` is what came in for customers: reference -> (address, amount in smallest units).
        """
        issued = self.issued()
        events = [e for e in self.events("Issued") if e["token"] == self.token.address]
        assert len(events) == len(issued), "a reference was used twice"
        assert issued == {self.ledger_reference(r): found for r, found in received.items()}
        entries = {row["reference"]: row for row in self.rows(
            "SELECT reference, amount, state FROM entry WHERE isCredit AND state = 'issued'")}
        assert {r: int(row["amount"]) for r, row in entries.items()} == {
            r: amount for r, (_, amount) in received.items()}
        redemptions = self.redemptions()
        orders = self.orders()
        assert len({o["redemption"] for o in orders}) == len(orders), "a redemption is paid twice"
        for order in orders:
            _, amount, _ = redemptions[order["redemption"]]
            assert amount == round(float(order["amount"]) * 100)
        journal = {row["id"]: (int(row["amount"]), row["state"]) for row in self.rows(
            "SELECT id, amount, state FROM redemption")}
        assert {i: amount for i, (amount, _) in journal.items()} == {
            i: amount for i, (_, amount, _) in redemptions.items()}
        settled = {i for i, (_, _, state) in redemptions.items() if state == "settled"}
        assert settled <= {o["redemption"] for o in orders}, "settled without a payment order"
        in_flight = sum(amount for _, amount, state in redemptions.values()
                        if state in ("requested", "instructed"))
        assert self.balance(BANKS) == in_flight
        assert self.supply() == sum(amount for _, amount in received.values()) - sum(
            redemptions[i][1] for i in settled)
        return redemptions
