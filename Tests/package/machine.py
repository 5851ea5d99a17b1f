"""Machines with a systemd of their own, made of namespaces over this machine's files (`boot`)."""

import os
import pathlib
import shutil
import subprocess
import time

BOOT = pathlib.Path(__file__).parent / "boot"


def eventually(question, seconds=30):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, question.__doc__ or "never"
        time.sleep(0.1)
    return answer


def obstacle():
    """What this machine lacks to start one; nothing if it lacks nothing."""
    if os.geteuid() != 0:
        return "namespaces with a systemd in them want root"
    for program in ("unshare", "nsenter", "pivot_root", "ip", "pgrep", "setpriv", "/lib/systemd/systemd"):
        if not shutil.which(program):
            return f"no {program}"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--net", "--cgroup", "--uts", "--ipc", "sh", "-c",
         "mount --make-rprivate / && mount -t tmpfs t /mnt && mkdir /mnt/a /mnt/b /mnt/c /mnt/d"
         " && mount -t overlay -o lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c o /mnt/d"
         " && mount -t cgroup2 g /mnt/a && mkdir /mnt/a/dipnet-probe && rmdir /mnt/a/dipnet-probe"
         " && mount -t proc p /mnt/a"], capture_output=True, text=True)
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else None


class Machine:
    """One machine; several share the network of the first."""

    def __init__(self, folder, beside=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        network = (["nsenter", f"--net=/proc/{beside.first}/ns/net"] if beside
                   else ["unshare", "--net"])
        self.console = self.folder.with_suffix(".console")
        with open(self.console, "w") as console:
            self.process = subprocess.Popen(
                [*network, BOOT, self.folder], stdin=subprocess.PIPE, stdout=console, stderr=console)
        self.first = eventually(self._systemd)
        state = self.run("systemctl", "is-system-running", "--wait", check=False).stdout.strip()
        assert state in ("running", "degraded"), (state, self.console.read_text())

    def _systemd(self):
        """The systemd, as this machine numbers it, once it has replaced the script."""
        assert self.process.poll() is None, self.console.read_text()
        number = self.process.pid
        while children := subprocess.run(["pgrep", "--parent", str(number)], capture_output=True,
                                         text=True).stdout.split():
            number = children[0]
            try:
                name = pathlib.Path(f"/proc/{number}/comm").read_text()
            except FileNotFoundError:
                # One of the script's own commands, that ended meanwhile.
                return None
            if name == "systemd\n":
                # It listens to systemctl.
                private = pathlib.Path(f"/proc/{number}/root/run/systemd/private")
                return number if private.exists() else None
        return None

    def run(self, *words, check=True, user=None, **options):
        """Runs a command there."""
        who = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
        done = subprocess.run(
            ["nsenter", f"--target={self.first}", "--mount", "--pid", "--net", "--cgroup", "--uts", "--ipc",
             *who, *map(str, words)], capture_output=True, text=True, timeout=120,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"}, **options)
        assert not check or done.returncode == 0, (words, done.stdout, done.stderr)
        return done

    def shell(self, script):
        return self.run("sh", "-euc", script).stdout

    def path(self, inside):
        """Where a file of that machine is seen from this one."""
        return pathlib.Path(f"/proc/{self.first}/root") / str(inside).lstrip("/")

    def unit(self, name, *properties):
        """What systemd says of a unit."""
        told = self.run("systemctl", "show", name, "--property", ",".join(properties)).stdout
        values = dict(line.split("=", 1) for line in told.splitlines())
        return values[properties[0]] if len(properties) == 1 else values

    def journal(self, unit, *options):
        return self.run("journalctl", "--unit", unit, "--no-pager", *options).stdout

    def kill(self, unit):
        """As a crash would."""
        self.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", unit)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
