"""Measures the desk from outside: Tools/bench --bank [PAYMENTS].

One camt.054 tells of that many payments for a hundred customers; measured is the time from the file in the inbox
until all of it is issued on the ledger and in the journal, and the most memory that the desk used.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

from eth_account import Account

from bank import Bank, booking, iban, notification
from conftest import Node


def high_water(process):
    """The most memory that a process has had resident, in KiB."""
    with open(f"/proc/{process}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


def measure(node, folder, payments):
    bank = Bank(node, folder, limit=str(100 * payments))
    addresses = []
    for number in range(100):
        addresses.append(Account.create().address)
        bank.customer(iban(100 + number), "--address", addresses[-1], "--virtual", iban(900 + number))
    received = {f"IN-{n}": (addresses[n % 100], 100 + n % 1000) for n in range(payments)}
    text = notification("N-1", bank.account, [
        booking(f"{amount / 100:.2f}", reference, to=iban(900 + n % 100))
        for n, (reference, (_, amount)) in enumerate(received.items())])
    height = node.web3.eth.block_number
    bank.deliver(text)
    start = time.monotonic()
    desk = subprocess.Popen(bank.command("--once"), stdout=subprocess.DEVNULL)
    peak = 0
    # Not ru_maxrss, which begins with what this process had when it started the desk.
    while os.waitid(os.P_PID, desk.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, high_water(desk.pid))
        time.sleep(0.02)
    _, status, usage = os.wait4(desk.pid, 0)
    seconds = time.monotonic() - start
    desk.returncode = os.waitstatus_to_exitcode(status)
    assert desk.returncode == 0
    assert bank.supply() == sum(amount for _, amount in received.values())
    assert bank.rows("SELECT count(*) AS count FROM entry WHERE state = 'issued'") == [{"count": payments}]
    return {
        "payments": payments, "megabytes": len(text) / 1e6, "seconds": seconds,
        "paymentsPerSecond": payments / seconds, "processorSeconds": usage.ru_utime + usage.ru_stime,
        "residentMegabytes": peak / 1024, "blocks": node.web3.eth.block_number - height}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for payments in (count // 10, count):
        with tempfile.TemporaryDirectory() as folder:
            node = Node(pathlib.Path(folder)).start()
            try:
                result = measure(node, folder, payments)
            finally:
                node.stop()
        print("\n".join(f"  {name:24} {value:12.1f}" for name, value in result.items()) + "\n")
