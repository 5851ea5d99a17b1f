"""Key files go from wallet to wallet: those of eth-account (geth's format) open here, and ours open there."""

import json
import subprocess

import pytest
from eth_account import Account

from conftest import DIP, PATIENCE


def dip(*arguments):
    run = subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    return run.stdout


def secret_file(path, text):
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


# geth's usual cost, its light one, and PBKDF2 as older wallets have it.
@pytest.mark.parametrize("kdf, rounds", [("scrypt", 2**18), ("scrypt", 4096), ("pbkdf2", 262_144)])
def test_a_key_file_of_another_wallet_opens(tmp_path, kdf, rounds):
    account = Account.create()
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps(Account.encrypt(account.key, "Passwort ä€", kdf, rounds)))
    old = secret_file(tmp_path / "old", "Passwort ä€")
    new = secret_file(tmp_path / "new", "another one")
    keystore = tmp_path / "keys"
    told = json.loads(dip("key", "import", foreign, "--old-password-file", old, "--label", "mill",
                          "--light", "--password-file", new, "--keystore", keystore, "--json"))
    assert told["address"].lower() == account.address.lower()
    # And back again, under a third password.
    third = secret_file(tmp_path / "third", "the third")
    exported = tmp_path / "exported.json"
    dip("key", "export", "mill", exported, "--new-password-file", third, "--password-file", new,
        "--keystore", keystore)
    assert Account.decrypt(json.loads(exported.read_text()), "the third") == account.key


def test_a_new_key_of_ours_opens_elsewhere(tmp_path):
    password = secret_file(tmp_path / "password", "0123456789 abc")
    keystore = tmp_path / "keys"
    told = json.loads(dip("key", "new", "--label", "mill", "--password-file", password,
                          "--keystore", keystore, "--json"))
    file = next(path for path in keystore.iterdir() if path.name.startswith("UTC--"))
    key = Account.decrypt(json.loads(file.read_text()), "0123456789 abc")
    assert Account.from_key(key).address.lower() == told["address"].lower()
