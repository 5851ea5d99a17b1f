"""Lines between banks that are cut, also in one direction only."""

import random
import time

from consortium import expect, until
from payments import Probe
from trial import times, trial


def others(consortium, node):
    return [other for other in consortium.nodes if other is not node]


def isolate(consortium, node):
    for other in others(consortium, node):
        consortium.world.cut(node.number, other.number)


def deaf(consortium, node):
    """It speaks and hears nothing, connection by connection."""
    for other in others(consortium, node):
        consortium.world.cut_messages(other.number, node.number)


def mute(consortium, node):
    """It hears and is not heard."""
    for other in others(consortium, node):
        consortium.world.cut_messages(node.number, other.number)


def half_lines(consortium, node):
    """Packets from it are lost, so connections of both directions die slowly."""
    for other in others(consortium, node):
        consortium.world.cut_packets(node.number, other.number)


CUTS = 10
WAYS = {"cut off": isolate, "deaf": deaf, "mute": mute, "packets lost one way": half_lines}


class Stubborn(Probe):
    """Pays through one node only."""

    def __init__(self, consortium, index, node):
        super().__init__(consortium, index, prepared=50)
        self.node = node


@trial
def partitions(scene):
    """The majority goes on without the leader that was cut off; that one acknowledges nothing."""
    consortium = scene.consortium()
    load, probe = scene.load(consortium), Probe(consortium)
    load.await_more(20)
    lonely = []
    for number, (name, cut) in enumerate(WAYS.items()):
        leader = consortium.await_leader()
        alone = Stubborn(consortium, 5 + number, leader)
        cut(consortium, leader)
        took = probe.once(others(consortium, leader)[number % 2])
        scene.say(f"leader {name}: {took * 1000:.0f} ms until a new payment to another node is executed")
        if cut is isolate:
            alone.start()
            time.sleep(3)
            expect(not alone.acknowledged, "a leader that is cut off acknowledged a payment")
        else:
            time.sleep(1)
        consortium.world.heal()
        until(20, lambda: leader.standing()["serving"], "the healed node serves")
        if cut is isolate:
            until(20, lambda: alone.acknowledged, "what it was given is done after healing")
            alone.ending.set()
            alone.join()
            lonely.append(alone)
        load.await_more(20)
    load.stop()
    scene.verdict(consortium, [*load.payers, probe, *lonely])


@trial
def cuts(scene):
    """How long payments stop when the leader is cut off in silence, many times."""
    consortium = scene.consortium()
    probe, took = Probe(consortium), []
    for _ in range(CUTS):
        leader = consortium.await_leader()
        probe.once(leader)
        isolate(consortium, leader)
        other = others(consortium, leader)[len(took) % 2]
        took.append(probe.once(other))
        consortium.world.heal()
        until(20, lambda: leader.head()["hash"] == other.head()["hash"], "the healed node follows")
    scene.say(f"leader cut off until a new payment to another node is executed: {times(took)}")
    scene.verdict(consortium, [probe])


@trial
def quorum(scene):
    """Without a majority nothing is acknowledged; when the lines are back everything goes on."""
    consortium = scene.consortium()
    load, probe = scene.load(consortium), Probe(consortium)
    load.await_more(20)
    recoveries = []
    for _ in range(2):
        for node in consortium.nodes:
            isolate(consortium, node)
        time.sleep(0.5)
        # What was made before may still be told; new blocks must not come into being.
        heads = [int(node.head()["number"], 16) for node in consortium.nodes]
        time.sleep(4)
        expect(heads == [int(node.head()["number"], 16) for node in consortium.nodes],
               "blocks were made without a majority")
        consortium.world.heal()
        recoveries.append(probe.once(consortium[1]))
        load.await_more(20)
    load.stop()
    scene.say(f"lines back until a new payment is executed: {times(recoveries)}")
    scene.verdict(consortium, [*load.payers, probe])


@trial
def bridge(scene):
    """Two nodes that do not reach each other, only a third: one leader, and payments go on."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(20)
    leader = consortium.await_leader()
    first, second = others(consortium, leader)
    cases = [("two followers", first, second), ("leader and a follower", leader, second)]
    for name, one, other in cases:
        term = consortium.await_leader().standing()["ordering"]["term"]
        consortium.world.cut(one.number, other.number)
        before, began = load.count, time.monotonic()
        time.sleep(8)
        term = max(node.standing()["ordering"]["term"] for node in consortium.nodes) - term
        scene.say(f"{name} do not reach each other: {(load.count - before) / (time.monotonic() - began):.0f} "
                  f"payments/s, {term} elections in 8 s")
        expect(load.count > before + 20, f"{name} do not reach each other: nearly nothing was paid")
        expect(term <= 3, f"{name}: leaders did not stay")
        consortium.world.heal()
        load.await_more(20)
    load.stop()
    scene.verdict(consortium, load.payers)


@trial
def weather(scene):
    """Lines that break and heal at random, in all ways, for half a minute."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(20)
    chance = random.Random(scene.settings.seed)
    deadline, cuts = time.monotonic() + 30, 0
    while time.monotonic() < deadline:
        one, other = chance.sample([node.number for node in consortium.nodes], 2)
        chance.choice([consortium.world.cut, consortium.world.cut_packets,
                       consortium.world.cut_messages])(one, other)
        cuts += 1
        time.sleep(chance.uniform(0.1, 2))
        if chance.random() < 0.4:
            consortium.world.heal()
            time.sleep(chance.uniform(0, 2))
    consortium.world.heal()
    load.await_more(20)
    load.stop()
    scene.say(f"{cuts} cuts; {load.count / load.seconds:.0f} payments/s; {load.troubles()}")
    scene.verdict(consortium, load.payers)
