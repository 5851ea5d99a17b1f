"""The ledger against a second reading of its rules in Python (`Tests/model`)."""

import glob
import json
import os
import pathlib
import subprocess
import sys

import pytest

from conftest import DIP, Node

ROOT = pathlib.Path(__file__).parents[2]
sys.path.append(str(ROOT / "Tests/model"))

import cases
import differential
import vectors

CASES = glob.glob(str(ROOT / "Tests/SettlementTests/Vectors/*.json")) + glob.glob(
    str(ROOT.parent / "shared/vectors/*.json*"))


def test_the_model_plays_the_worked_cases_as_they_were_worked_out():
    for path in CASES:
        for case in vectors.read(path):
            assert vectors.play(case) == [], case["name"]


def test_random_cases_come_to_the_same_on_the_ledger(tmp_path):
    told = {}
    with open(tmp_path / "cases.jsonl", "w") as file:
        for seed in range(1, 1 + 10 * int(os.environ.get("HISTORIES", 6))):
            case = cases.case(seed)
            file.write(json.dumps(case) + "\n")
            for step in case["steps"]:
                told.setdefault(step["op"], set()).add(step["expect"].get("error", "done"))
    played = subprocess.run([DIP, "vectors", file.name], capture_output=True, text=True)
    assert played.returncode == 0, played.stdout[-2000:] + played.stderr
    # Histories in which nothing is refused for this, or nothing comes of that, would prove little.
    assert {"done", "PledgeCycle", "PledgeTooDeep", "TokenMismatch"} <= told["pledge"]
    assert {"done", "TooManyHolders", "SelfTransfer", "UnknownLine"} <= told["transferClaim"]
    assert {"done", "Unbalanced", "NoConsent", "NotOpenAccount", "NotDue", "DuplicateEntry"} <= told["setOff"]
    assert {"done", "GateNotReached", "GateClosed", "NoArbiter", "NotParty"} <= told["dispute"]
    assert all("done" in outcomes for outcomes in told.values())


@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("HISTORIES", 6))))
def test_a_random_history_is_the_same_on_the_ledger_and_on_the_model(seed, tmp_path):
    node = Node(tmp_path, "--clock", "manual").start()
    try:
        counts = differential.run(node.url, seed, steps=400)
    finally:
        node.stop()
    assert counts["fund"]["done"] > 3 and counts["pledge"]["done"] > 3
