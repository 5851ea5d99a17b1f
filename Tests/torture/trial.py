"""What a trial is, and how trials are run."""

import contextlib
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time
import traceback

import world
from checks import Verdict
from consortium import Consortium
from payments import Load

ALL = []


class Skipped(Exception):
    """This machine cannot do that."""


def trial(function):
    """Registers a function as a trial; its first line of documentation is the claim."""
    ALL.append(function)
    return function


class Settings:
    """How much is to be done."""

    def __init__(self, banks, kills, seed, storm, folder, keep):
        self.banks, self.kills, self.seed, self.storm = banks, kills, seed, storm
        self.folder, self.keep = folder, keep


class Scene:
    """What a trial works with: a running consortium of its own, a load, and a place to say things."""

    def __init__(self, settings, folder):
        self.settings, self.folder = settings, folder
        self.ends = []

    @property
    def has_namespaces(self):
        return os.environ.get(world.FLAG) == "namespaces"

    def say(self, text):
        print(f"   {text}", flush=True)

    def consortium(self, banks=None, parameters=None, start=True):
        """Founds a consortium whose processes end with the trial."""
        place = world.make(banks or self.settings.banks)
        self.ends.append(place.close)
        made = Consortium(self.folder, banks or self.settings.banks, place, parameters)
        self.ends.append(made.kill)
        return made.start() if start else made

    def load(self, consortium, payers=4, pause=0.0, prepared=1_000):
        """A load that runs, and ends with the trial at the latest."""
        load = Load(consortium, payers, pause, prepared)
        self.ends.append(lambda: [payer.ending.set() for payer in load.payers])
        return load.start()

    def start(self, caller):
        """Starts a caller of another kind, which ends with the trial at the latest."""
        self.ends.append(caller.ending.set)
        caller.start()
        return caller

    def verdict(self, consortium, payers, audit=True, **more):
        self.say(Verdict(consortium, payers, **more).check(audit))

    def end(self):
        for end in reversed(self.ends):
            with contextlib.suppress(Exception):
                end()


def times(values):
    """Median, spread and number of some seconds, in words."""
    if not values:
        return "none measured"
    return (f"median {statistics.median(values) * 1000:.0f} ms, max {max(values) * 1000:.0f} ms, "
            f"min {min(values) * 1000:.0f} ms (n = {len(values)})")


def run(functions, settings):
    """Runs trials; how many did not pass."""
    passed = failed = skipped = 0
    for function in functions:
        claim = function.__doc__.strip().splitlines()[0]
        print(f"== {function.__name__}: {claim}", flush=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{function.__name__}-", dir=settings.folder))
        scene = Scene(settings, folder)
        began = time.monotonic()
        try:
            function(scene)
            passed += 1
            outcome = "passed"
        except Skipped as reason:
            skipped += 1
            outcome = f"not done: {reason}"
        except (Exception, KeyboardInterrupt) as fault:
            failed += 1
            outcome = "FAILED"
            traceback.print_exc(file=sys.stdout)
            if isinstance(fault, KeyboardInterrupt):
                settings.keep = True
        finally:
            scene.end()
        print(f"   {outcome}, {time.monotonic() - began:.1f} s", flush=True)
        if outcome == "FAILED" or settings.keep:
            print(f"   the nodes' folders and logs are in {folder}", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if skipped:
        print(f"{skipped} not done on this machine")
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    return failed
