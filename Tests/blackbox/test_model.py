"""The ledger against a second reading of its rules in Python (`Tests/model`)."""

import glob
import os
import pathlib
import sys

import pytest

from conftest import Node

ROOT = pathlib.Path(__file__).parents[2]
sys.path.append(str(ROOT / "Tests/model"))

import differential
import vectors

CASES = glob.glob(str(ROOT / "Tests/SettlementTests/Vectors/*.json")) + glob.glob(
    str(ROOT.parent / "shared/vectors/*.json*"))


def test_the_model_plays_the_worked_cases_as_they_were_worked_out():
    for path in CASES:
        for case in vectors.read(path):
            assert vectors.play(case) == [], case["name"]


@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("HISTORIES", 6))))
def test_a_random_history_is_the_same_on_the_ledger_and_on_the_model(seed, tmp_path):
    node = Node(tmp_path, "--clock", "manual").start()
    try:
        counts = differential.run(node.url, seed, steps=400)
    finally:
        node.stop()
    assert counts["fund"]["done"] > 5 and counts["pledge"]["done"] > 5
