"""Messages of ISO 20022 as `dip bank check` reads them, without a desk or a node (docs/formats/iso20022.md)."""

import json
import os
import pathlib
import subprocess

import pytest
from conftest import DIP

SAMPLES = pathlib.Path(__file__).parents[3] / "shared/data/iso20022/samples"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-11-25T18:00:00Z</CreDtTm></GrpHdr>
<Ntfctn><Id>N-1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BkTxCd><Prtry><Cd>BATCH</Cd></Prtry></BkTxCd><NtryDtls>
"""
PAYMENT = """<TxDtls><Refs><AcctSvcrRef>REF-{number}</AcctSvcrRef></Refs><Amt Ccy="EUR">0.01</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Payer number {number} of a long batch</Nm></Pty></Dbtr>
<CdtrAcct><Id><IBAN>CH2909000000250094239</IBAN></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>ORDER {number} LINE 1</Ustrd></RmtInf></TxDtls>
"""
TAIL = "</NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n"


def write(file, count):
    """One entry with so many payments of a cent."""
    with open(file, "w") as out:
        out.write(HEAD.format(amount=f"{count // 100}.{count % 100:02}"))
        for number in range(count):
            out.write(PAYMENT.format(number=number))
        out.write(TAIL)
    return file


def check(*files, status=0):
    done = subprocess.run([DIP, "bank", "check", "--json", *map(str, files)], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)["files"]


def peak_kib(file):
    """The most memory that reading took."""
    process = subprocess.Popen([DIP, "bank", "check", str(file)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_maxrss


def test_memory_does_not_grow_with_the_file(tmp_path):
    # BIG=1 reads 100 MB.
    count = 240_000 if os.environ.get("BIG") else 12_000
    small, large = write(tmp_path / "small.xml", 1_000), write(tmp_path / "large.xml", count)
    grown = peak_kib(large) - peak_kib(small)
    assert grown < 4096, f"{os.path.getsize(large)} bytes took {grown} KiB more"


def test_what_a_message_adds_up_to_is_told(tmp_path):
    [told] = check(write(tmp_path / "m.xml", 123))
    assert told["ok"] and told["message"] == "camt.054.001.08" and told["transactions"] == 123
    assert told["sums"] == [{"currency": "EUR", "credits": "123", "debits": "0"}]
    assert told["differences"] == []


def test_a_hostile_file_is_refused_with_its_place_and_nothing_is_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("CONFIDENTIAL")
    message = write(tmp_path / "m.xml", 1).read_text()
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij")) + "]>"
    hostile = {
        "entity": (message.replace("<Document", entity + "<Document").replace("ORDER", "&e;"), "xml.doctype"),
        "bomb": (message.replace("<Document", bomb + "<Document").replace("ORDER", "&j;"), "xml.doctype"),
        "cut": (message[:-200], "xml.truncated"),
        "version": (message.replace("camt.054.001.08", "camt.054.001.07"), "message.version"),
        "negative": (message.replace(">0.01<", ">-0.01<"), "value.amount"),
        "precise": (message.replace(">0.01<", ">0.001<"), "value.decimals"),
        "iban": (message.replace("CH29", "CH28"), "value.iban"),
    }
    files = []
    for name, (text, _) in hostile.items():
        files.append(tmp_path / f"{name}.xml")
        files[-1].write_text(text)
    told = check(*files, status=1)
    assert [each["code"] for each in told] == [code for _, code in hostile.values()]
    assert all(each["line"] > 0 and each["why"] and each["path"].startswith("/") for each in told)
    assert "CONFIDENTIAL" not in json.dumps(told) and "CH28" not in json.dumps(told)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="shared/data/iso20022 is not here")
def test_real_messages_are_read_or_refused_for_a_reason():
    files = sorted(SAMPLES.glob("*.xml"))
    told = {pathlib.Path(each["file"]).name.split(".")[0][:20]: each.get("code") for each in check(*files, status=1)}
    assert told == {
        "moov_200519_camt": None, "moov_FI_camt_053_sam": None, "ph_camt053_001_02": None,
        "moov_FI_camt_054_sam": "value.decimals", "moov_sepa_payment_na": "value.iban",
        "moov_valid_camt_v09": "message.kind", "moov_valid_pain_v11": "message.version",
        "ph_pain001_001_08": "message.version",
    }
