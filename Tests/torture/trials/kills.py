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
    minority = (consortium.count - 1) // 2
    recoveries, starts = [], []
    killed = {"leaders": 0, "followers": 0, "times all at once": 0}
    load.await_more(20)
    while sum(killed.values()) < scene.settings.kills:
        number = sum(killed.values())
        leader = consortium.await_leader()
        followers = [node for node in consortium.nodes if node is not leader]
        if number % 12 == 11:
            # Nobody is left who has it in memory.
            killed["times all at once"] += 1
            victims = list(consortium.nodes)
            consortium.kill()
        else:
            # Two of three times it is the leader, which is harder; with five banks another one besides.
            is_leader = number % 3 != 2
            victims = chance.sample(followers, chance.randint(0 if is_leader else 1, minority - is_leader))
            killed["followers"] += len(victims)
            if is_leader:
                killed["leaders"] += 1
                victims.insert(0, leader)
            for victim in victims:
                victim.kill()
            if is_leader:
                recoveries.append(probe.once(chance.choice(consortium.running)))
            load.await_more(10)
        began = time.monotonic()
        for victim in victims:
            victim.launch()
        for victim in victims:
            victim.await_ready()
        starts.append(time.monotonic() - began)
        # Sometimes the next one dies while this one is still catching up.
        load.await_more(chance.choice([0, 10, 40]))
    load.stop()
    scene.say("killed: " + ", ".join(f"{count} {who}" for who, count in killed.items()) + "; "
              f"{load.count / load.seconds:.0f} payments/s by {len(load.payers)} payers one after the other")
    scene.say(f"leader killed until a new payment to a survivor is executed: {times(recoveries)}")
    scene.say(f"killed nodes started until they answer: {times(starts)}")
    scene.say(f"what payers met: {load.troubles()}")
    scene.verdict(consortium, [*load.payers, probe])
