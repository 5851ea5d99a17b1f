"""Backup, restoration and audit on the command line, as an operator does them."""

import json
import os
import subprocess

from conftest import DIP, PATIENCE, Node


def dip(*words, status=0):
    done = subprocess.run([DIP, *words], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def pay(node):
    return dip("send", "dev:2", "1", "--dev-key", "1", "--node", node.url, "--keystore",
               str(node.folder / "keys"))


def test_a_backup_of_a_running_node_becomes_another_node(tmp_path):
    node = Node(tmp_path)
    node.start()
    try:
        for _ in range(3):
            pay(node)
        data, backup = str(tmp_path / "data"), str(tmp_path / "backup")
        # Over the open port nobody administers.
        refused = dip("rpc", "admin_backup", f'["{backup}"]', "--node", node.url, status=1)
        assert "does not exist" in refused.stderr
        written = json.loads(dip("node", "backup", "--data", data, "--to", backup, "--json").stdout)
        assert written["ok"] and written["height"] == 3
        assert "there already" in dip(
            "node", "backup", "--data", data, "--to", backup, status=1).stderr
        # A running node is not audited.
        assert "the process with id" in dip("audit", data, status=1).stderr
        pay(node)
    finally:
        node.kill()

    # What was acknowledged after the last stored state is in the log, and the program says so.
    stopped = dip("node", "backup", "--data", data, "--to", str(tmp_path / "late"))
    assert "1 more blocks" in stopped.stderr
    report = json.loads(dip("audit", data, "--json").stdout)
    assert report["ok"] and report["last"] == 4 and report["sumsChecked"]
    report = json.loads(dip("audit", backup, "--json").stdout)
    assert report["ok"] and report["last"] == 3

    restored = tmp_path / "other"
    restored.mkdir()
    dip("node", "restore", "--from", backup, "--data", str(restored / "data"))
    assert "not empty" in dip(
        "node", "restore", "--from", backup, "--data", str(restored / "data"), status=1).stderr
    other = Node(restored)
    other.start()
    try:
        pay(other)
    finally:
        other.kill()
    assert json.loads(dip("audit", str(restored / "data"), "--json").stdout)["last"] == 4


def test_an_audit_names_the_block_that_was_changed(tmp_path):
    node = Node(tmp_path)
    node.start()
    for _ in range(3):
        pay(node)
    backup = tmp_path / "backup"
    dip("node", "backup", "--data", str(tmp_path / "data"), "--to", str(backup))
    node.kill()
    assert not any("key" in name for _, _, files in os.walk(backup) for name in files)
    # A byte that rots is told from a ledger that is wrong.
    path = backup / "history-000000"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    rotten = dip("audit", str(backup), status=1)
    assert "not what was written" in rotten.stderr
    refused = dip("node", "restore", "--from", str(backup), "--data", str(tmp_path / "no"), status=1)
    assert "not what was written" in refused.stderr
    assert not (tmp_path / "no").exists()
