"""Planned work: leadership handed over, nodes restarted one after another."""

import time

from consortium import dip, expect
from payments import Load
from trial import times, trial

HAND_OVERS = 15


def gaps(load, since):
    """Seconds between acknowledgements that follow each other."""
    moments = sorted(done.acknowledged for payer in load.payers for done in payer.acknowledged
                     if done.acknowledged >= since)
    return [later - earlier for earlier, later in zip(moments, moments[1:])]


@trial
def hand_overs(scene):
    """Leadership is handed from bank to bank in a steady stream of payments."""
    consortium = scene.consortium()
    # More payers than cores, so that the time between two payments is short when nothing happens.
    load = Load(consortium, payers=8, prepared=3_000)
    scene.ends.append(lambda: [payer.ending.set() for payer in load.payers])
    for number, payer in enumerate(load.payers):
        payer.mode, payer.favourite = "executed", number % consortium.count + 1
    load.start()
    load.await_more(200)
    quiet_since = time.monotonic()
    time.sleep(5)
    quiet = gaps(load, quiet_since)
    longest = []
    for number in range(HAND_OVERS):
        leader = consortium.await_leader()
        target = consortium.nodes[(leader.number + number % 2) % consortium.count]
        since = time.monotonic()
        status, _, said = dip("consortium", "transfer", "--to", target.number,
                              "--node", leader.data / "admin.sock")
        expect(status == 0, "dip consortium transfer:", said)
        time.sleep(0.7)
        longest.append(max(gaps(load, since), default=time.monotonic() - since))
    load.stop()
    scene.say(f"longest time between two acknowledged payments in 5 s without hand-over: "
              f"{max(quiet) * 1000:.0f} ms; {len(quiet) / 5:.0f} payments/s")
    scene.say(f"longest time between two around each of {HAND_OVERS} hand-overs: {times(longest)}")
    scene.verdict(consortium, load.payers)


@trial
def rolling_restart(scene):
    """All nodes are stopped and started one after another, twice, while payments go on."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(50)
    longest = []
    for _ in range(2):
        for node in consortium.nodes:
            since = time.monotonic()
            node.stop()
            time.sleep(0.5)
            node.start()
            load.await_more(20)
            longest.append(max(gaps(load, since)))
    load.stop()
    scene.say(f"longest time between two acknowledged payments around each restart: {times(longest)}")
    scene.say(f"what payers met: {load.troubles()}")
    scene.verdict(consortium, load.payers)
