"""The books that `dip audit` writes, read by a reader of its own."""

import collections
import csv
import json
import os
import pathlib
import subprocess
import tempfile

DIP = os.environ.get("DIP", str(pathlib.Path(__file__).parents[2] / ".build/debug/dip"))
ZERO = "0x" + "0" * 40


def export(data, folder, *options):
    """Audits a stopped node's folder or a backup, and returns its journal's and its roles' rows."""
    journal, roles = pathlib.Path(folder) / "journal.csv", pathlib.Path(folder) / "roles.csv"
    run = subprocess.run(
        [DIP, "audit", str(data), "--journal", str(journal), "--roles", str(roles), "--json", *options],
        capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    rows, changes = read(journal), read(roles)
    assert (told["journalRows"], told["roleRows"]) == (len(rows), len(changes))
    return rows, changes


def audit(data):
    """Checks a stopped node's ledger and its books."""
    with tempfile.TemporaryDirectory() as folder:
        rows, _ = export(data, folder)
        check(rows)


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def units(row):
    """The amount of a row, which stands there twice."""
    amount, decimals = int(row["units"]), int(row["decimals"])
    whole, _, places = row["amount"].partition(".")
    assert len(places) <= decimals and int(whole + places.ljust(decimals, "0")) == amount, row
    return amount


def balances(rows, height=None):
    """What every account has of every token after a block: what it was credited less what it was debited."""
    sums = collections.defaultdict(int)
    for row in rows:
        if height is None or int(row["block"]) <= height:
            sums[row["debit_account"], row["token"]] -= units(row)
            sums[row["credit_account"], row["token"]] += units(row)
    return sums


def check(rows):
    """Nobody but the zero address, which owes all there is, is ever below zero; all accounts come to zero."""
    sums = collections.defaultdict(int)
    for row in rows:
        sums[row["debit_account"], row["token"]] -= units(row)
        assert row["debit_account"] == ZERO or sums[row["debit_account"], row["token"]] >= 0, row
        sums[row["credit_account"], row["token"]] += units(row)
    totals = collections.Counter()
    for (_, token), amount in sums.items():
        totals[token] += amount
    assert not any(totals.values()), totals
