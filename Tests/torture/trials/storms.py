"""Everything together: faults at random, several at a time."""

import random
import time

from cascades import Chain
from consortium import Fault, dip, expect
from membership import Membership
from rpc import NoAnswer, Refused
from trial import Skipped, trial
from trials.clocks import clock_library, fake_clock, set_clock
from trials.disks import fill, mount_small, slow_disk_of, slow_disk_shim


class Machines:
    """What the machines of this storm can be made to do; a bank that joins gets the same."""

    def __init__(self, scene, consortium, chance):
        self.library = self.possible(scene, "clocks", clock_library)
        self.shim = self.possible(scene, "slow disks", lambda: slow_disk_shim(scene.folder))
        #: The node whose disk can be filled; the others' are the machine's own.
        self.small = chance.choice(consortium.nodes)
        size = 640 + round(scene.settings.storm)
        unmount = self.possible(scene, "a full disk", lambda: self.mount(scene, size))
        if unmount:
            scene.ends.append(unmount)
        else:
            self.small = None
        for node in consortium.nodes:
            self.equip(node)

    def mount(self, scene, mebibytes):
        if not scene.has_namespaces:
            raise Skipped("needs a mount of its own")
        return mount_small(self.small.data, mebibytes)

    @staticmethod
    def possible(scene, what, make):
        try:
            return make()
        except Skipped as reason:
            scene.say(f"without {what}: {reason}")
            return None

    def equip(self, node):
        if self.library:
            fake_clock(node, self.library)
        if self.shim:
            slow_disk_of(node, self.shim)


class Storm:
    """Does something bad, or makes something good again, at random.

    All processes are started and ended by this, from one thread.
    """

    def __init__(self, consortium, chance, machines, membership):
        self.consortium, self.chance = consortium, chance
        self.machines, self.membership = machines, membership
        self.counts = {}
        self.wrong_clocks, self.slow_disks = set(), set()
        self.filler = None
        self.retired = []
        # What hurts most comes most often.
        self.deeds = [self.kill] * 4 + [self.kill_all, self.pause, self.transfer, self.restart] \
            + [self.cut, self.cut_packets, self.cut_messages] \
            + [self.clock] * bool(machines.library) + [self.disk] * bool(machines.shim) \
            + [self.fill_disk] * bool(machines.small)

    def step(self):
        """One deed; then some of what is wrong is put right."""
        self.welcome_and_dismiss()
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
            time.sleep(self.chance.uniform(0.5, 3))

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

    def fill_disk(self):
        if self.filler or not self.machines.small.is_running:
            return
        self.count("full disk")
        # At once, so that it is met in the middle of a write; or slowly, so that the reserve is met.
        self.filler = fill(self.machines.small.data, leaving=self.chance.choice([0, 200 << 20]))

    def welcome_and_dismiss(self):
        """Starts the node of a bank that is being admitted, ends that of one that was removed."""
        for node in self.membership.take_arriving():
            self.count("bank admitted")
            self.consortium.nodes.append(node)
            node.launch()
        for number in self.membership.take_leaving():
            self.count("bank removed")
            node = next(node for node in self.consortium.nodes if node.number == number)
            self.set_right(node)
            self.consortium.nodes.remove(node)
            if not node.is_running:
                node.launch()
            try:
                node.await_ready()
            except Fault:
                # It had stopped before, and the others no longer count on its vote: it must not go on.
                if not node.said("was removed from the consortium", since=node.launched_at):
                    raise
                self.count("bank removed that had stopped")
                continue
            head = node.head()
            self.retired.append((node, int(head["number"], 16), head["hash"]))
            node.stop()

    def set_right(self, node):
        """A node whose machine does nothing odd."""
        if node.is_paused:
            node.resume()
        if node in self.wrong_clocks:
            set_clock(node, 0)
        if node in self.slow_disks:
            (node.folder / "slow_disk").write_text("0")
        self.wrong_clocks.discard(node)
        self.slow_disks.discard(node)

    def heal(self):
        self.consortium.world.heal()
        if self.filler:
            self.filler.unlink()
            self.filler = None
            # It has halted, or will: with room again it must be started again.
            node = self.machines.small
            if node.is_paused:
                node.resume()
            node.ask_to_stop()
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
                        node.standing()["serving"] for node in self.consortium.nodes
                        if node.is_member):
                    return
            except (NoAnswer, Refused):
                pass
            for node in self.consortium.nodes:
                if not node.is_running:
                    node.launch()
            time.sleep(0.1)


@trial
def storm(scene):
    """Kills, pauses, cuts, clocks, disks, hand-overs and changes of the banks at random lose nothing."""
    seed = scene.settings.seed
    scene.say(f"seed {seed}, {scene.settings.storm:.0f} s")
    chance = random.Random(seed)
    consortium = scene.consortium(start=False)
    machines = Machines(scene, consortium, chance)
    consortium.start()
    load = scene.load(consortium, pause=0.01)
    load.await_more(20)
    chains = [scene.start(Chain(consortium, index, mode))
              for index, mode in ((6, "executed"), (7, "certified"))]
    membership = scene.start(Membership(consortium, machines.equip))
    callers = [*load.payers, *chains, membership]
    storm = Storm(consortium, chance, machines, membership)
    deadline = time.monotonic() + scene.settings.storm
    while time.monotonic() < deadline:
        storm.step()
        raise_fault(callers)
    settle(storm, membership, callers)
    load.await_more(50, seconds=60)
    for chain in chains:
        chain.closing.set()
    for chain in chains:
        chain.finish()
    load.stop()
    term = consortium.await_leader().standing()["ordering"]["term"]
    scene.say("done: " + ", ".join(f"{count} × {what}" for what, count in sorted(storm.counts.items())))
    scene.say(f"survived: {term} terms; {load.count} single payments, {load.count / load.seconds:.0f}/s; "
              + "; ".join(chain.said() for chain in chains))
    scene.say(f"what payers met: {load.troubles()}")
    scene.verdict(consortium, load.payers, chains=chains, voters=[membership], retired=storm.retired)


def raise_fault(callers):
    for caller in callers:
        if caller.fault:
            raise caller.fault


def settle(storm, membership, callers, seconds=180):
    """The storm is over: everything is put right, and a change of the banks that is under way ends."""
    membership.closing = True
    deadline = time.monotonic() + seconds
    while membership.is_alive():
        storm.welcome_and_dismiss()
        storm.calm()
        raise_fault(callers)
        expect(time.monotonic() < deadline, "a change of the banks did not end:", membership.trouble)
        time.sleep(0.2)
    storm.welcome_and_dismiss()
    storm.calm()
