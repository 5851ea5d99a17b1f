"""Banks' nodes as processes."""

import itertools
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

from rpc import Client, NoAnswer, Refused

ROOT = pathlib.Path(__file__).parents[2]
DIP = os.environ.get("DIP", str(ROOT / ".build/debug/dip"))


class Fault(AssertionError):
    """Something that must not be."""


def expect(claim, *facts):
    if not claim:
        raise Fault(" ".join(str(fact) for fact in facts))


def dip(*arguments, environment=None, timeout=600):
    """Runs a command of `dip`: its exit status, its output, what it said besides."""
    done = subprocess.run([DIP, *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, **(environment or {})})
    return done.returncode, done.stdout, done.stderr


def until(seconds, question, what):
    """Asks again and again until the answer is yes; the answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if answer := question():
                return answer
        except NoAnswer:
            pass
        if time.monotonic() > deadline:
            raise Fault(f"not within {seconds} s: {what}")
        time.sleep(0.03)


def crash(lines):
    """What the lines of a log say of a crash: the reason, and the calls of the thread that met it."""
    said = [line for line in lines if "Fatal error" in line or "Program crashed" in line]
    for place, line in enumerate(lines):
        if line.startswith("Thread ") and line.endswith(" crashed:"):
            calls = itertools.takewhile(lambda call: not call.startswith("Thread "), lines[place + 1:])
            said += [line, *(call[:200] for call in calls if " in " in call)]
            break
    return said[:40]


class BankNode:
    """One bank's node."""

    def __init__(self, folder, number, world):
        self.folder, self.number, self.world = pathlib.Path(folder), number, world
        self.process = None
        self.is_paused = False
        #: Whether the banks count on it; one that is to be admitted is not there yet.
        self.is_member = True
        self.environment = {}
        self.local = threading.local()
        self.log = self.folder / "node.log"
        self.ready = self.folder / "ready.json"

    @property
    def data(self):
        return self.folder / "data"

    def launch(self, *options):
        """Starts the process and does not wait."""
        self.ready.unlink(missing_ok=True)
        self.launched_at = self.log_size
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.world.command(self.number), DIP, "node", "--config",
                 str(self.folder / "node.json"), "--ready-file", str(self.ready), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.environment})
        self.is_paused = False
        return self

    def await_ready(self, seconds=180):
        deadline = time.monotonic() + seconds
        while not self.ready.exists():
            expect(self.process.poll() is None, f"the node of bank {self.number} ended:", self.tail())
            expect(time.monotonic() < deadline, f"the node of bank {self.number} did not start:",
                   self.tail())
            time.sleep(0.01)
        return self

    def start(self):
        return self.launch().await_ready()

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def answers(self):
        return self.is_running and not self.is_paused

    def kill(self):
        """As a power switch would, except that the disk's cache stays."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.is_paused = False

    def pause(self):
        self.is_paused = True
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_paused = False

    def ask_to_stop(self):
        """Once only: asked twice, a node ends at once."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def await_end(self, seconds=180):
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Fault(f"the node of bank {self.number} did not stop:", self.tail())
        expect(status == 0, f"the node of bank {self.number} ended with status {status}:",
               self.tail())

    def stop(self):
        self.ask_to_stop()
        self.await_end()

    def tail(self, lines=6):
        """The end of its log; if it crashed, why and where, instead of the many lines that end with."""
        with open(self.log, "rb") as log:
            log.seek(self.launched_at)
            told = log.read().decode(errors="replace").splitlines()
        return "\n" + "\n".join(crash(told[-2_000:]) or told[-lines:])

    def said(self, text, since=0):
        """Whether its log has a text, from an offset on."""
        with open(self.log, "rb") as log:
            log.seek(since)
            return text.encode() in log.read()

    @property
    def log_size(self):
        return self.log.stat().st_size if self.log.exists() else 0

    @property
    def client(self):
        """This thread's connection."""
        if not hasattr(self.local, "client"):
            self.local.client = Client(*self.world.rpc(self.number))
        return self.local.client

    def call(self, method, *params, timeout=None):
        return self.client.call(method, *params, timeout=timeout)

    def standing(self):
        """What `dip_consortium` says."""
        return self.call("dip_consortium")

    def metric(self, name, label=None):
        """A value of /metrics; None if it is not there."""
        _, text = self.client.page("/metrics")
        for line in text.splitlines():
            series, _, value = line.rpartition(" ")
            if series.partition("{")[0] == name and (label is None or label in series):
                return float(value)
        return None

    def head(self):
        return self.call("eth_getBlockByNumber", "latest", False)


class Consortium:
    """Some banks in a folder."""

    def __init__(self, folder, count, world, parameters=None):
        self.folder, self.world, self.count = pathlib.Path(folder), world, count
        self.found(parameters or {})
        self.nodes = [BankNode(self.folder / "banks" / f"bank{bank}", bank, world)
                      for bank in range(1, count + 1)]
        self.chain_id = 3355

    def found(self, parameters):
        description = {
            "chainId": 3355, "parameters": parameters,
            "banks": [{"name": f"Bank {bank}", "endpoint": self.world.endpoint(bank),
                       "rpcPort": self.world.rpc(bank)[1]} for bank in range(1, self.count + 1)]}
        file = self.folder / "description.json"
        file.write_text(json.dumps(description))
        status, _, said = dip("consortium", "init", "--description", file,
                              "--output", self.folder / "banks")
        expect(status == 0, "dip consortium init:", said)
        genesis = json.loads((self.folder / "banks/genesis.json").read_text())
        self.node_keys = {number: bank["address"]
                          for number, bank in enumerate(genesis["validators"], 1)}
        for bank in range(1, self.count + 1):
            self.settle(bank)

    def settle(self, bank):
        """Puts this world's addresses into a bank's settings."""
        file = self.folder / f"banks/bank{bank}/node.json"
        settings = json.loads(file.read_text())
        host, port = self.world.rpc(bank)
        settings["rpc"]["listen"] = f"{host}:{port}"
        settings["rpc"]["unprotected"] = not host.startswith("127.")
        settings["peers"]["listen"] = self.world.listen(bank)
        if introductions := self.world.introductions(bank, self.node_keys):
            settings["peers"]["introductions"] = introductions
        file.write_text(json.dumps(settings))

    def __getitem__(self, bank):
        return self.nodes[bank - 1]

    def start(self):
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_ready()
        self.await_leader()
        return self

    @property
    def running(self):
        return [node for node in self.nodes if node.answers]

    def leader(self):
        """The node that leads, in the highest term that any node knows; None if that one says nothing."""
        best = None
        for node in self.running:
            try:
                ordering = node.call("dip_consortium", timeout=1)["ordering"]
            except (NoAnswer, Refused):
                continue
            if ordering["leader"] == node.number and (best is None or ordering["term"] > best[0]):
                best = (ordering["term"], node)
        return best and best[1]

    def await_leader(self, seconds=180):
        return until(seconds, self.leader, "a leader")

    def stop(self):
        stopping = self.running
        for node in stopping:
            node.ask_to_stop()
        for node in stopping:
            node.await_end()

    def kill(self):
        for node in self.nodes:
            if node.is_running:
                node.kill()
