"""Disks that are full, slow or damaged."""

import ctypes
import os
import pathlib
import shutil
import statistics
import subprocess
import time

from consortium import DIP, expect, until
from payments import Probe
from trial import Skipped, times, trial

MS_NODEV = 4


def mount_small(folder, mebibytes):
    """A disk of its own for a folder; it goes with this program's namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", str(folder).encode(), b"tmpfs", MS_NODEV, f"size={mebibytes}m".encode()):
        raise Skipped(f"cannot mount: {os.strerror(ctypes.get_errno())}")
    return lambda: libc.umount2(str(folder).encode(), 2)


def fill(folder, leaving=0):
    """Writes a file until nothing is left but so many bytes."""
    file = folder / "filler"
    with open(file, "wb") as filler:
        room = os.statvfs(folder)
        left = max(room.f_bavail * room.f_frsize - leaving, 0)
        try:
            while left > 0:
                left -= filler.write(b"\0" * min(left, 1 << 20))
            filler.flush()
        except OSError:
            pass
    return file


@trial
def full_disk(scene):
    """A node whose disk is full stops taking part and says why; the others go on, and it comes back."""
    if not scene.has_namespaces:
        raise Skipped("needs a mount of its own")
    consortium = scene.consortium(start=False)
    victims = [consortium[1], consortium[2]]
    for victim in victims:
        scene.ends.append(mount_small(victim.data, 640))
    consortium.start()
    load, probe = scene.load(consortium), Probe(consortium)
    load.await_more(50)
    for number, victim in enumerate(victims):
        # At once, so that it is met in the middle of a write; or slowly, so that the reserve is met.
        filler = fill(victim.data, leaving=0 if number == 0 else 200 << 20)
        other = next(node for node in consortium.nodes if node is not victim)

        def has_stopped():
            # Blocks must come for it to notice.
            load.await_more(5, seconds=60)
            probe.once(other)
            return not victim.standing()["serving"]
        until(120, has_stopped, "the node with the full disk notices")
        why = victim.standing()["why"]
        expect("full" in why or "reserve" in why or "No space" in why, "its reason is:", why)
        expect(victim.said("halted"), "its log does not say that it halted")
        scene.say(f"bank {victim.number}, disk {'full' if number == 0 else 'below its reserve'}: {why}")
        load.await_more(50)
        victim.stop()
        filler.unlink()
        victim.start()
        until(30, lambda: victim.standing()["serving"], "it serves again with room on its disk")
        load.await_more(50)
    load.stop()
    scene.verdict(consortium, [*load.payers, probe])


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* Makes every sync of this process last longer: by the milliseconds in a file. */
static void wait_a_little(void) {
    const char *name = getenv("SLOW_DISK_FILE");
    FILE *file = name ? fopen(name, "r") : NULL;
    int milliseconds = 0;
    if (!file) return;
    if (fscanf(file, "%d", &milliseconds) != 1) milliseconds = 0;
    fclose(file);
    if (milliseconds > 0) usleep(milliseconds * 1000);
}
int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_a_little();
    return real(file);
}
int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_a_little();
    return real(file);
}
"""


def slow_disk_shim(folder):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise Skipped("no C compiler")
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def preload(node, library):
    """Loads a library into the node's process, before those that it has already."""
    others = node.environment.get("LD_PRELOAD")
    node.environment["LD_PRELOAD"] = f"{library}:{others}" if others else str(library)


def slow_disk_of(node, shim):
    """Gives a node a disk whose syncs can be made slow while it runs."""
    preload(node, shim)
    node.environment["SLOW_DISK_FILE"] = str(node.folder / "slow_disk")


def latency(payers, since):
    """Seconds from submission to acknowledgement, and at which bank it was."""
    return [(done.acknowledged - done.sent, done.bank) for payer in payers for done in payer.acknowledged
            if done.sent >= since]


@trial
def slow_disk(scene):
    """A slow disk of a follower delays nobody; with a slow one of the leader payments are only later."""
    consortium = scene.consortium(start=False)
    shim = slow_disk_shim(scene.folder)
    for node in consortium.nodes:
        slow_disk_of(node, shim)
    consortium.start()
    load = scene.load(consortium, payers=6)
    load.await_more(50)

    def observe(name, node, milliseconds):
        (node.folder / "slow_disk").write_text(str(milliseconds))
        time.sleep(0.5)
        since = time.monotonic()
        time.sleep(5)
        took = latency(load.payers, since)
        through = [seconds for seconds, bank in took if bank == node.number]
        past = [seconds for seconds, bank in took if bank != node.number]
        scene.say(f"{name}: through it {times(through)}; through others {times(past)}")
        (node.folder / "slow_disk").write_text("0")
        expect(took, f"{name}: nothing was paid in 5 s")
        return statistics.median(past)

    leader = consortium.await_leader()
    follower = next(node for node in consortium.nodes if node is not leader)
    usual = observe("all disks as they are (the leader)", leader, 0)
    beside = observe("a follower's syncs take 500 ms longer", follower, 500)
    expect(beside < usual + 0.1, "a slow follower delays payments through other nodes")
    observe("the leader's syncs take 500 ms longer", leader, 500)
    # Slower than an election timeout: another one should lead, or things at least go on.
    observe("the leader's syncs take 3 s longer", consortium.await_leader(), 3000)
    time.sleep(4)
    load.await_more(50)
    load.stop()
    scene.verdict(consortium, load.payers)


def flip(file, place, bit=1):
    with open(file, "r+b") as log:
        log.seek(place)
        byte = log.read(1)[0]
        log.seek(place)
        log.write(bytes([byte ^ bit]))


def written(file):
    """Where the last byte of a segment is that is not zero."""
    content = file.read_bytes().rstrip(b"\0")
    return len(content)


def refusal(node):
    """What a node says that does not start."""
    run = subprocess.run(
        [*node.world.command(node.number), DIP, "node", "--config", str(node.folder / "node.json")],
        capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL,
        env={**os.environ, **node.environment})
    expect(run.returncode > 0, f"it started, or was ended by a signal: {run.returncode}", run.stderr)
    expect("Fatal error" not in run.stderr, "it crashed:", run.stderr)
    return run.stderr.strip().splitlines()[-1]


@trial
def damaged_log(scene):
    """A node with a damaged log refuses to start and says where; without its data it joins again."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(200)
    victim = consortium[3]
    victim.stop()
    load.await_more(50)
    segment = sorted((victim.data / "log").glob("*.log"))[0]
    end = written(segment)
    content = segment.read_bytes()[:end]
    # Zeros may be the padding behind a record, which no checksum covers and nobody reads.
    middle = next(place for place in range(4096 + (end - 4096) // 2, end) if content[place])
    for name, place in (("page", 20), ("middle", middle), ("beginning", 4096 + 60)):
        flip(segment, place)
        why = refusal(victim)
        expect(segment.name in why, "the message does not name the file:", why)
        scene.say(f"byte {place} of {end} flipped: {why}")
        flip(segment, place)
    # All that it had is thrown away. It may have voted, and acknowledged entries: so it must earn its vote.
    shutil.rmtree(victim.data)
    log = victim.data / "log"
    log.mkdir(parents=True, mode=0o700)
    (log / "restored").write_bytes(bytes(8))
    began, term = time.monotonic(), consortium.await_leader().standing()["ordering"]["term"]
    victim.start()
    ordering = victim.standing()["ordering"]
    # A change of leaders, which a busy machine may bring by itself, earns it its vote.
    expect(not ordering["mayVote"] or ordering["term"] > term, "it votes although it forgot what it said")
    load.await_more(50)
    until(60, lambda: victim.standing()["height"] >= consortium[1].standing()["height"] - 50,
          "it has the blocks again")
    scene.say(f"joined again within {time.monotonic() - began:.1f} s")
    until(30, lambda: consortium.await_leader().call is not None, "a leader")
    consortium.await_leader().kill()
    killed = next(node for node in consortium.nodes if not node.is_running)
    if killed is not victim:
        # Of three, one is gone and one may not vote yet: whoever was killed has to come back.
        killed.start()
    until(60, lambda: victim.standing()["ordering"]["mayVote"], "it votes again")
    load.await_more(50)
    load.stop()
    scene.verdict(consortium, load.payers)
