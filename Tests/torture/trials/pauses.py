"""Processes that stand still, as a virtual machine that is moved or a disk that hangs."""

import time

from consortium import expect
from payments import Probe
from trial import times, trial

ROUNDS = 4


@trial
def pauses(scene):
    """A leader that stood still for seconds acknowledges nothing wrong when it goes on, and follows."""
    consortium = scene.consortium()
    load, probe = scene.load(consortium), Probe(consortium)
    load.await_more(20)
    recoveries = []
    for number in range(ROUNDS):
        leader = consortium.await_leader()
        victim = leader if number % 2 == 0 else next(
            node for node in consortium.nodes if node is not leader)
        # Its clients do not know: some of them wait for its answer when it stops.
        victim.pause()
        took = probe.once(next(node for node in consortium.nodes if node is not victim))
        if victim is leader:
            recoveries.append(took)
        time.sleep(3)
        victim.resume()
        load.await_more(10)
    load.stop()
    terms = consortium.await_leader().standing()["ordering"]["term"]
    # A follower that stood still must not disturb the leader when it wakes up.
    expect(terms <= 2 * ROUNDS + 2, f"{terms} terms after {ROUNDS} pauses")
    scene.say(f"{ROUNDS} pauses of 3 s, every other one of the leader; term {terms} at the end")
    scene.say(f"leader stopped until a new payment to another node is executed: {times(recoveries)}")
    scene.verdict(consortium, [*load.payers, probe])
