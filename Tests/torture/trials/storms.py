"""Everything together: faults at random, several at a time."""

import random
import time

from consortium import dip
from rpc import NoAnswer, Refused
from trial import Skipped, trial
from trials.clocks import fake_clocks, set_clock
from trials.disks import slow_disk_shim


class Storm:
    """Does something bad, or makes something good again, at random."""

    def __init__(self, scene, consortium, chance, has_clocks, has_disks):
        self.scene, self.consortium, self.chance = scene, consortium, chance
        self.counts = {}
        self.wrong_clocks, self.slow_disks = set(), set()
        # What hurts most comes most often.
        self.deeds = [self.kill] * 4 + [self.kill_all, self.pause, self.transfer, self.restart] \
            + [self.cut, self.cut_packets, self.cut_messages] \
            + [self.clock] * has_clocks + [self.disk] * has_disks

    def step(self):
        """One deed; then some of what is wrong is put right."""
        self.chance.choice(self.deeds)()
        time.sleep(self.chance.uniform(0, 1.5))
        for node in self.consortium.nodes:
            if node.is_paused and self.chance.random() < 0.5:
                node.resume()
            if not node.is_running and self.chance.random() < 0.6:
                node.launch()
        if self.chance.random() < 0.35:
            self.heal()
        # Most of the time a majority can work, so that there is something to lose.
        if self.chance.random() < 0.3:
            self.calm()

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def any(self):
        running = self.consortium.running
        leader = self.consortium.leader()
        if leader and self.chance.random() < 0.5:
            return leader
        return self.chance.choice(running) if running else None

    def kill(self):
        if node := self.any():
            self.count("kill -9 one")
            node.kill()

    def kill_all(self):
        self.count("kill -9 all")
        self.consortium.kill()

    def pause(self):
        if node := self.any():
            self.count("SIGSTOP")
            node.pause()

    def transfer(self):
        if leader := self.consortium.leader():
            self.count("hand-over")
            dip("consortium", "transfer", "--node", leader.data / "admin.sock")

    def restart(self):
        # One that is cut off takes its time to stop, so this is not waited for.
        if node := self.any():
            self.count("SIGTERM")
            node.ask_to_stop()

    def pair(self):
        return self.chance.sample([node.number for node in self.consortium.nodes], 2)

    def cut(self):
        self.count("cut")
        self.consortium.world.cut(*self.pair())

    def cut_packets(self):
        self.count("cut one way")
        self.consortium.world.cut_packets(*self.pair())

    def cut_messages(self):
        self.count("cut one connection's way")
        self.consortium.world.cut_messages(*self.pair())

    def clock(self):
        if self.wrong_clocks:
            return
        self.count("wrong clock")
        node = self.chance.choice(self.consortium.nodes)
        self.wrong_clocks.add(node)
        set_clock(node, self.chance.choice([-86_400, -5, 5, 60, 86_400]))

    def disk(self):
        self.count("slow disk")
        node = self.chance.choice(self.consortium.nodes)
        self.slow_disks.add(node)
        (node.folder / "slow_disk").write_text(str(self.chance.choice([20, 200, 1_000])))

    def heal(self):
        self.consortium.world.heal()
        for node in self.wrong_clocks:
            set_clock(node, 0)
        for node in self.slow_disks:
            (node.folder / "slow_disk").write_text("0")
        self.wrong_clocks, self.slow_disks = set(), set()

    def calm(self):
        """Everything is in order again."""
        self.heal()
        for node in self.consortium.nodes:
            if node.is_paused:
                node.resume()
        # Those that were asked to stop are waited for, so that two do not meet in one folder.
        for node in self.consortium.nodes:
            if not node.is_running:
                node.launch()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if self.consortium.leader() and all(
                        node.standing()["serving"] for node in self.consortium.nodes):
                    return
            except (NoAnswer, Refused):
                pass
            for node in self.consortium.nodes:
                if not node.is_running:
                    node.launch()
            time.sleep(0.1)


@trial
def storm(scene):
    """Kills, pauses, cuts, clocks, disks and hand-overs at random, several at a time, lose nothing."""
    consortium = scene.consortium(start=False)
    try:
        fake_clocks(consortium)
        has_clocks = True
    except Skipped as reason:
        scene.say(f"without clocks: {reason}")
        has_clocks = False
    try:
        shim = slow_disk_shim(scene.folder)
        has_disks = True
        for node in consortium.nodes:
            before = node.environment.get("LD_PRELOAD")
            node.environment = {
                **node.environment, "SLOW_DISK_FILE": str(node.folder / "slow_disk"),
                "LD_PRELOAD": f"{shim}:{before}" if before else str(shim)}
    except Skipped as reason:
        scene.say(f"without slow disks: {reason}")
        has_disks = False
    consortium.start()
    load = scene.load(consortium)
    load.await_more(20)
    chance = random.Random(scene.settings.seed)
    storm = Storm(scene, consortium, chance, has_clocks, has_disks)
    deadline = time.monotonic() + scene.settings.storm
    while time.monotonic() < deadline:
        storm.step()
    storm.calm()
    storm.calm()
    load.await_more(50, seconds=60)
    load.stop()
    scene.say(f"seed {scene.settings.seed}: " + ", ".join(
        f"{count} × {what}" for what, count in sorted(storm.counts.items())))
    scene.say(f"{load.count / load.seconds:.0f} payments/s; what payers met: {load.troubles()}")
    scene.verdict(consortium, load.payers)
