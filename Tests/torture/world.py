"""The machine as the trials see it: networks, mounts and processes of their own, where it allows that.

As root, or where unprivileged namespaces are allowed, everything runs in namespaces that end with this
program: no node, mount, address or port of it is left behind, whatever happens. Each bank has a machine:
a network namespace with a link to the other banks (10.77.0.N) and another one to its clients (10.78.0.N).

Elsewhere all banks are at 127.0.0.1, and a proxy stands before each bank's port for every other bank.
"""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys

from proxy import Proxy

PEER_PORT, RPC_PORT = 7545, 8545
FLAG = "DIPNET_TORTURE_WORLD"


def enter():
    """Goes on in namespaces if the machine allows them; returns where it does not."""
    if FLAG in os.environ:
        return
    ways = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = [shutil.which("unshare") or "unshare", *ways, "--mount", "--net", "--pid", "--fork",
               "--kill-child", "--mount-proc"]
    probe = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add probe && " \
        "ip link add probe type veth peer name other netns probe && " \
        "ip -n probe rule add pref 1 to 10.0.0.1 ipproto tcp dport 1 blackhole"
    try:
        allowed = subprocess.run([*command, "sh", "-c", probe], capture_output=True).returncode == 0
    except OSError:
        allowed = False
    os.environ[FLAG] = "namespaces" if allowed else "proxies"
    if allowed:
        os.execv(command[0], [*command, sys.executable, *sys.argv])


def make(count):
    """The world that this program is in, for so many banks."""
    if os.environ.get(FLAG) == "namespaces":
        return Namespaces(count)
    return Proxies(count)


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


class Namespaces:
    """A machine of its own for each bank; what is cut is dropped in silence, as a broken line would."""

    name = "network namespaces"
    has_namespaces = True
    #: Machines stay from trial to trial.
    machines = 0

    def __init__(self, count):
        self.count = count
        if not Namespaces.machines:
            self._add_switches()
        self.rules = {}
        self.add(count)

    def add(self, bank):
        """A machine for one more bank, and for those before it."""
        while Namespaces.machines < bank:
            Namespaces.machines += 1
            self._add_machine(Namespaces.machines)

    @staticmethod
    def _add_switches():
        run("mount", "-t", "tmpfs", "none", "/run")
        run("mkdir", "/run/netns")
        run("ip", "link", "set", "lo", "up")
        for bridge in ("peers", "clients"):
            run("ip", "link", "add", bridge, "type", "bridge")
            run("ip", "link", "set", bridge, "up")
        run("ip", "address", "add", "10.78.0.254/24", "dev", "clients")

    @staticmethod
    def _add_machine(bank):
        space = f"bank{bank}"
        run("ip", "netns", "add", space)
        run("ip", "-n", space, "link", "set", "lo", "up")
        for bridge, prefix, device in (("peers", "10.77.0", "eth0"), ("clients", "10.78.0", "eth1")):
            port = f"{bridge}{bank}"
            run("ip", "link", "add", port, "type", "veth", "peer", "name", device, "netns", space)
            run("ip", "link", "set", port, "master", bridge, "up")
            run("ip", "-n", space, "address", "add", f"{prefix}.{bank}/24", "dev", device)
            run("ip", "-n", space, "link", "set", device, "up")
        # Rules are asked before the table of own addresses, so that they can drop what comes in.
        run("ip", "-n", space, "rule", "add", "pref", "1000", "lookup", "local")
        run("ip", "-n", space, "rule", "delete", "pref", "0")
        run("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv4.ip_early_demux=0")

    def close(self):
        self.heal()

    def endpoint(self, bank):
        return f"10.77.0.{bank}:{PEER_PORT}"

    def rpc(self, bank):
        return f"10.78.0.{bank}", RPC_PORT

    def listen(self, bank):
        return f"0.0.0.0:{PEER_PORT}"

    def introductions(self, bank, node_keys):
        return []

    def command(self, bank):
        return ["ip", "netns", "exec", f"bank{bank}"]

    # What can go wrong between banks. Each is undone by `heal`.

    def cut(self, one, other):
        """Nothing goes from one to the other or back."""
        self._drop(other, one)
        self._drop(one, other)

    def cut_packets(self, sender, receiver):
        """No packet goes from sender to receiver; those of the other direction do."""
        self._drop(receiver, sender)

    def cut_messages(self, sender, receiver):
        """Connections that sender dialed are dead, so receiver hears nothing; it can still speak."""
        self._drop(receiver, sender, "ipproto", "tcp", "dport", str(PEER_PORT))

    def heal(self):
        for (at, _), place in self.rules.items():
            run("ip", "-n", f"bank{at}", "rule", "delete", "pref", str(place))
        self.rules = {}

    def _drop(self, at, sender, *what):
        if (at, (sender, what)) not in self.rules:
            # A place of its own for each: what is deleted is found by it alone.
            place = 10 + len(self.rules)
            run("ip", "-n", f"bank{at}", "rule", "add", "pref", str(place),
                "from", f"10.77.0.{sender}", "iif", "eth0", *what, "blackhole")
            self.rules[at, (sender, what)] = place


class Proxies:
    """All banks on this machine's loopback, a proxy for each direction between two."""

    name = "proxies (no namespaces here)"
    has_namespaces = False

    def __init__(self, count):
        self.count = count
        self.peer_ports = {bank: free_port() for bank in range(1, count + 1)}
        self.rpc_ports = {bank: free_port() for bank in range(1, count + 1)}
        self.proxies = {
            (dialer, other): Proxy(("127.0.0.1", self.peer_ports[other]))
            for dialer in self.peer_ports for other in self.peer_ports if dialer != other}

    def add(self, bank):
        """Ports for one more bank; the others dial what the ledger says, so its lines cannot be cut."""
        self.peer_ports[bank], self.rpc_ports[bank] = free_port(), free_port()

    def close(self):
        for proxy in self.proxies.values():
            proxy.close()

    def endpoint(self, bank):
        return f"127.0.0.1:{self.peer_ports[bank]}"

    def rpc(self, bank):
        return "127.0.0.1", self.rpc_ports[bank]

    def listen(self, bank):
        return self.endpoint(bank)

    def introductions(self, bank, node_keys):
        return [{"bank": other, "nodeKey": node_keys[other],
                 "endpoint": f"127.0.0.1:{self.proxies[bank, other].port}"}
                for other in sorted(node_keys) if (bank, other) in self.proxies]

    def command(self, bank):
        return []

    def cut(self, one, other):
        self.cut_messages(one, other)
        self.cut_messages(other, one)

    def cut_packets(self, sender, receiver):
        """Without packets of its own a proxy swallows bytes of that direction on every connection."""
        if (sender, receiver) in self.proxies:
            self.proxies[sender, receiver].swallow(forward=True)
            self.proxies[receiver, sender].swallow(backward=True)

    def cut_messages(self, sender, receiver):
        if (sender, receiver) in self.proxies:
            self.proxies[sender, receiver].swallow(forward=True, backward=True)

    def heal(self):
        for proxy in self.proxies.values():
            proxy.heal()


def free_port():
    """Below the ports that the system hands out: a node that was killed finds its own again."""
    while True:
        port = random.randrange(10_000, 28_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
