"""Whatever bytes are put into the inbox: they are put aside with the reason, and the desk goes on."""

import json
import os
import subprocess
import time

import pytest
from eth_account import Account

from bank import TODAY, Bank, booking, document, iban, notification, wrong_iban

GOOD = iban(900)


@pytest.fixture(scope="module")
def bank(node, tmp_path_factory):
    bank = Bank(node, tmp_path_factory.mktemp("bank"))
    bank.buyer = Account.create().address
    bank.customer(iban(100), "--address", bank.buyer, "--virtual", GOOD)
    return bank


def hostile(account):
    """Files by the reason for which they are put aside."""
    good = notification("H", account, [booking("10.00", "H-1", to=GOOD)])
    declaration, body = good.split("\n", 1)

    def changed(old, new):
        assert old in good
        return good.replace(old, new)

    bomb = '<!DOCTYPE lol [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"
    return {
        "external entity": ("xml.doctype", declaration + '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
                            + body.replace(">H<", ">&f;<")),
        "external subset": ("xml.doctype", declaration + '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + body),
        "entity bomb": ("xml.doctype", declaration + bomb + body.replace(">H<", ">&j;<")),
        "parameter entity": ("xml.doctype", declaration + '<!DOCTYPE x [<!ENTITY % p "x">%p;]>' + body),
        "truncated": ("xml.truncated", good[:len(good) // 2]),
        "no XML": ("xml.encoding", "PK\x03\x04 not a message"),
        "two documents": ("xml.malformed", good + body),
        "wrong encoding": ("xml.bytes", good.encode().replace(b"H-1", b"H-\xff\xfe")),
        "says UTF-16 and is not": ("xml", good.replace("UTF-8", "UTF-16")),
        "unknown encoding": ("xml.encoding", good.replace("UTF-8", "EBCDIC-US")),
        "unknown version": ("message.version", changed("camt.054.001.08", "camt.054.001.99")),
        "another message": ("message.kind", document("head.001.001.02", "<AppHdr/>")),
        "no message": ("message.kind", "<html><body>Login</body></html>"),
        "a payment order": ("message.not-for-the-desk", document("pain.001.001.09", (
            f"<CstmrCdtTrfInitn><GrpHdr><MsgId>P</MsgId><CreDtTm>{TODAY}T00:00:01Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
            "<InitgPty><Nm>X</Nm></InitgPty></GrpHdr></CstmrCdtTrfInitn>"))),
        "element missing": ("message.missing", changed(f"<BookgDt><Dt>{TODAY}</Dt></BookgDt>", "").replace(
            '<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', "<CdtDbtInd>CRDT</CdtDbtInd><Sts>")),
        "element twice": ("message.unexpected", changed("<MsgId>H</MsgId>", "<MsgId>H</MsgId><MsgId>H</MsgId>")),
        "unknown element": ("message.unexpected", changed("<MsgId>H</MsgId>", "<MsgId>H</MsgId><Extra/>")),
        "negative amount": ("value.amount", changed(">10.00<", ">-10.00<")),
        "over-precise amount": ("value.decimals", changed(">10.00<", ">10.001<")),
        "amount in words": ("value.amount", changed(">10.00<", ">1e3<")),
        "comma": ("value.amount", changed(">10.00<", ">10,00<")),
        "no currency of this world": ("value.currency", changed('Ccy="EUR"', 'Ccy="XYZ"')),
        "wrong check digit": ("value.iban", changed(GOOD, wrong_iban(900))),
        "no day": ("value.date", changed(f"<Dt>{TODAY}</Dt>", "<Dt>2026-02-30</Dt>")),
        "neither in nor out": ("value.code", changed("CRDT", "BOTH")),
        "very deep": ("", declaration + "<a>" * 100_000),
        "a hundred megabytes of text": ("limit.text", changed("<MsgId>H<", "<MsgId>" + "x" * 100_000_000 + "<")),
        "a hundred thousand attributes": ("", changed("<GrpHdr>", "<GrpHdr " + " ".join(
            f'a{n}="1"' for n in range(100_000)) + ">")),
        "zero bytes": ("", b"\0" * 4096),
    }


def test_all_of_them_at_once(bank):
    files = hostile(bank.account)
    for number, (name, (_, content)) in enumerate(files.items()):
        bank.deliver(content, f"hostile-{number:02d}.xml")
    # Behind all of them stands one that is right.
    bank.deliver(notification("GOOD", bank.account, [booking("10.00", "G-1", to=GOOD)]), "zzz.xml")
    bank.once()
    bank.audit({"G-1": (bank.buyer, 1_000)})
    assert not list((bank.folder / "inbox").iterdir())

    told = {}
    for path in (bank.folder / "quarantine").glob("*.reason.json"):
        reason = json.loads(path.read_text())
        told[reason["file"]] = reason
        assert path.with_name(path.name.removesuffix(".reason.json")).exists()
    assert len(told) == len(files)
    wrong = []
    for number, (name, (expected, _)) in enumerate(files.items()):
        reason = told[f"hostile-{number:02d}.xml"]
        if not reason["reason"].startswith(expected):
            wrong.append((name, expected, reason["reason"], reason["text"]))
    assert not wrong
    cases = bank.cases()
    assert {c["kind"] for c in cases} == {"message"} and len(cases) == len(files)
    # What the file says of people does not come into the sentences.
    assert not any(wrong_iban(900) in c["text"] for c in cases)


def test_a_file_without_a_byte_stays(bank):
    """Somebody may be about to write it, and two of them would be one message."""
    paths = [bank.folder / f"inbox/empty-{n}.xml" for n in range(2)]
    for path in paths:
        path.touch()
    bank.once()
    assert "file-empty" not in [case["reason"] for case in bank.cases()]
    for path in paths:
        os.utime(path, (time.time() - 700,) * 2)
    bank.once()
    found = [case for case in bank.cases() if case["reason"] == "file-empty"]
    assert len(found) == 2 and all(path.exists() for path in paths)
    for case, path in zip(found, paths):
        bank.dip("quarantine", "refuse", case["id"], "--reason", "the bank has it anew")
        path.unlink()


def test_a_person_decides(bank):
    """A file that stays wrong comes back; one that is refused is closed."""
    first, second, *_ = bank.cases()
    bank.dip("quarantine", "refuse", first["id"], "--reason", "the bank sends it anew")
    bank.dip("quarantine", "release", second["id"])
    bank.once()
    open_cases = bank.cases()
    assert first["id"] not in [c["id"] for c in open_cases]
    assert second["id"] not in [c["id"] for c in open_cases]
    assert second["message"] in [c["message"] for c in open_cases], "it was read again, in vain"
    bank.dip("quarantine", "refuse", first["id"], "--reason", "twice", status=1)


def peak(command):
    """Runs a command; the most memory that it had, in kilobytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, state, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(state) == 0, process.stderr.read()
    process.returncode = 0
    return usage.ru_maxrss


def test_memory_does_not_grow_with_the_file(bank):
    """Three thousand bookings, of which none is for a customer."""
    small = notification("M-1", bank.account, [booking("1.00", f"M-{n}", currency="CHF") for n in range(500)])
    large = notification("M-2", bank.account, [booking("1.00", f"N-{n}", currency="CHF", text="x" * 140)
                                               for n in range(3_000)])
    peaks = []
    for text in (small, large):
        bank.deliver(text)
        peaks.append(peak(bank.command("--once")))
    # Kilobytes.
    assert peaks[1] < peaks[0] + 10_000, peaks
