"""The README's five minutes at a bank's desk, line by line as they stand there."""

import os
import pathlib
import re
import subprocess

import pytest

from bank import ROOT, SCHEMAS, complaints
from conftest import DIP


def commands():
    """The lines of the section's blocks, continued ones joined, without what is said behind them."""
    section = (ROOT / "README.md").read_text().split("## Five minutes: a bank's desk")[1].split("\n## ")[0]
    for block in re.findall(r"```\n(.*?)```", section, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"  +# .*$| # as 'customer.*$", "", line).strip()


def test_it_does_what_it_says(node, tmp_path):
    (tmp_path / "Genesis").symlink_to(ROOT / "Genesis")
    environment = {**os.environ, "PATH": f"{pathlib.Path(DIP).resolve().parent}:{os.environ['PATH']}",
                   "DIP_NODE": node.url, "DIP_KEYSTORE": "/nonexistent"}
    shell = subprocess.Popen(["bash"], cwd=tmp_path, env=environment, text=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = {}
    last = ""
    for command in commands():
        # What stands there as 0x… was told by the command before.
        if "0x…" in command:
            command = command.replace("0x…", re.findall(r"0x[0-9a-f]{64,}", last)[-1])
        shell.stdin.write(f"{command}\necho \"status $?\"\n")
        shell.stdin.flush()
        lines = []
        while not (line := shell.stdout.readline()).startswith("status "):
            assert line, "the shell has ended"
            lines.append(line)
        last = said[command] = "".join(lines)
        assert line == "status 0\n", (command, last)
    shell.stdin.close()
    shell.wait()

    (books,) = [text for command, text in said.items() if command == "dip bank reconcile"]
    assert books.count("1,250.00") >= 3 and "Balanced." in books
    (redemptions,) = [text for command, text in said.items() if command.startswith("dip bank redemptions")]
    assert "settled" in redemptions
    (order,) = (tmp_path / "desk/outbox").iterdir()
    assert "DE02500105170137075030" in order.read_text()
    (statement,) = tmp_path.glob("camt.053-2-*.xml")
    assert "BUYER Buyer Ltd" in statement.read_text()


@pytest.mark.skipif(SCHEMAS is None, reason="the official schemas are not beside the repository")
@pytest.mark.parametrize("name, schema", [
    ("camt.054-credit", "camt.054.001.04"), ("camt.053-day", "camt.053.001.08"),
    ("camt.054-debit", "camt.054.001.08")])
def test_the_shipped_messages_are_valid(name, schema):
    assert complaints(ROOT / f"Genesis/messages/{name}.xml", schema) == ""
