"""Clocks that are wrong, or jump."""

import pathlib
import time

from consortium import expect, until
from payments import Probe
from trial import Skipped, trial
from trials.disks import preload

PLACES = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
          "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
          "/usr/lib/faketime/libfaketimeMT.so.1"]


def clock_library():
    library = next((place for place in PLACES if pathlib.Path(place).exists()), None)
    if not library:
        raise Skipped("libfaketime is not installed")
    return library


def fake_clock(node, library):
    """Gives a node a clock that can be set while it runs."""
    set_clock(node, 0)
    preload(node, library)
    node.environment |= {
        "FAKETIME_TIMESTAMP_FILE": str(node.folder / "clock"), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


def set_clock(node, seconds):
    (node.folder / "clock").write_text(f"{seconds:+d}")


def ahead(block):
    """Seconds that a block's time is ahead of the true time."""
    return int(block["timestampMillis"], 16) / 1000 - time.time() \
        if isinstance(block["timestampMillis"], str) else block["timestampMillis"] / 1000 - time.time()


@trial
def clocks(scene):
    """A bank whose clock is wrong by an hour, or jumps, neither stops payments nor moves the ledger's time."""
    consortium = scene.consortium(start=False)
    library = clock_library()
    for node in consortium.nodes:
        fake_clock(node, library)
    consortium.start()
    load, probe = scene.load(consortium), Probe(consortium)
    load.await_more(50)
    for name, offset in (("an hour ahead", 3600), ("an hour behind", -3600)):
        for role in ("follower", "leader"):
            leader = consortium.await_leader()
            victim = leader if role == "leader" else next(
                node for node in consortium.nodes if node is not leader)
            honest = next(node for node in consortium.nodes if node not in (victim, leader))
            set_clock(victim, offset)
            took = probe.once(honest)
            load.await_more(20)
            expect(ahead(honest.head()) < 5, f"{role} {name}: the ledger's time ran ahead:",
                   honest.head())
            told = next(bank for bank in honest.standing()["validators"]
                        if bank["id"] == victim.number)
            until(10, lambda: abs(next(
                bank for bank in honest.standing()["validators"] if bank["id"] == victim.number
            )["clockOffsetMillis"] - offset * 1000) < 5_000, "the others see how wrong its clock is")
            del told
            since = time.monotonic()
            before = load.count
            time.sleep(4)
            scene.say(f"{role}'s clock {name}: {took * 1000:.0f} ms until a new payment is executed, then "
                      f"{(load.count - before) / (time.monotonic() - since):.0f} payments/s")
            expect(ahead(honest.head()) < 5, f"{role} {name}: the ledger's time ran ahead")
            set_clock(victim, 0)
            load.await_more(20)
    load.stop()
    scene.verdict(consortium, [*load.payers, probe])
