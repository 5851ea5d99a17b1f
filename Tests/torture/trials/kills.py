"""kill -9 of leader and followers in a loop under load."""

import random
import time

from payments import Probe
from trial import times, trial


@trial
def kills(scene):
    """Nothing that was acknowledged is lost or made twice, however often nodes are killed."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    probe = Probe(consortium)
    chance = random.Random(scene.settings.seed)
    recoveries, starts, victims = [], [], {"leader": 0, "follower": 0}
    load.await_more(20)
    for number in range(scene.settings.kills):
        leader = consortium.await_leader()
        # Two of three kills hit the leader, which is harder.
        is_leader = number % 3 != 2
        victim = leader if is_leader else chance.choice(
            [node for node in consortium.nodes if node is not leader])
        victims["leader" if is_leader else "follower"] += 1
        victim.kill()
        if is_leader:
            recoveries.append(probe.once(chance.choice(consortium.running)))
        load.await_more(10)
        began = time.monotonic()
        victim.start()
        starts.append(time.monotonic() - began)
        # Sometimes the next one dies while this one is still catching up.
        load.await_more(chance.choice([0, 10, 40]))
    load.stop()
    scene.say(f"{scene.settings.kills} kills: {victims['leader']} of leaders, "
              f"{victims['follower']} of followers; "
              f"{load.count / load.seconds:.0f} payments/s by 4 payers one after the other")
    scene.say(f"leader killed until a new payment to a survivor is executed: {times(recoveries)}")
    scene.say(f"killed node started until it serves: {times(starts)}")
    scene.say(f"what payers met: {load.troubles()}")
    scene.verdict(consortium, [*load.payers, probe])
