"""How long one payment takes when nothing is wrong."""

import time

from payments import Probe
from trial import times, trial


@trial
def latencies(scene):
    """One payment on idle nodes, through the leader and through followers."""
    consortium = scene.consortium()
    probe = Probe(consortium, prepared=200)
    leader = consortium.await_leader()
    for node in consortium.nodes:
        took = []
        for _ in range(30):
            took.append(probe.once(node))
            time.sleep(0.05)
        scene.say(f"through {'the leader' if node is leader else 'a follower'}: {times(took)}")
    scene.verdict(consortium, [probe])
