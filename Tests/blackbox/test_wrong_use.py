"""Commands that are used wrongly: each says what was wrong and what helps, in words, with the status of docs/cli.md."""

import json
import os
import subprocess

import pytest

from conftest import DIP


def dip(*arguments, status, **options):
    """Runs a command that must end with a status; what it said."""
    run = subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                         **options)
    assert run.returncode == status, run.stdout + run.stderr
    for raw in ["Error Domain", "DecodingError", "descriptor:", "NSFilePath"]:
        assert raw not in run.stderr
    return run.stderr


def test_folders_that_have_something_in_them(node, tmp_path):
    backup = tmp_path / "backup"
    assert not dip("node", "backup", "--data", node.folder / "data", "--to", backup, "--json", status=0)
    for said in [dip("node", "backup", "--data", node.folder / "data", "--to", backup, status=1),
                 dip("node", "restore", "--from", backup, "--data", node.folder / "data", status=1)]:
        assert "Name another folder" in said and "inquiry" not in said
