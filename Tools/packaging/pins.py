#!/usr/bin/env python3
"""Holds the Swift packages to the versions and contents of the list `pins` beside this script.

  pins.py take SOURCE    resolves them in SOURCE as the list says, and stops where a package's contents are others
  pins.py tell SOURCE    prints the list of what is resolved in SOURCE

Package.resolved cannot do that: it names commits, and mirrors make commits of their own of the same files.
"""

import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys

LIST = pathlib.Path(__file__).parent / "pins"


@dataclasses.dataclass(frozen=True)
class Pin:
    """A Swift package as it was resolved."""

    identity: str
    version: str
    location: str
    folder: pathlib.Path

    @property
    def contents(self):
        """SHA-256 over modes, object ids and names of all files, as `git ls-tree -r HEAD` prints them without submodules."""
        told = subprocess.run(["git", "-C", self.folder, "ls-tree", "-r", "--full-tree", "HEAD"],
                              capture_output=True, check=True).stdout
        files = b"".join(line for line in told.splitlines(keepends=True) if b" commit " not in line)
        return hashlib.sha256(files).hexdigest()


def resolved(source):
    """The packages of SOURCE, by name."""
    pins = json.loads((source / "Package.resolved").read_text())["pins"]
    for pin in sorted(pins, key=lambda pin: pin["identity"]):
        location = pin["location"].removesuffix(".git")
        folder = source / ".build/checkouts" / pathlib.PurePath(location).name
        yield Pin(pin["identity"], pin["state"].get("version") or pin["state"]["revision"], location, folder)


def swift(source, *words):
    """Resolves the packages of SOURCE; what it prints is told only when it fails."""
    done = subprocess.run(["swift", "package", "--package-path", source, "resolve", *words],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}the packages cannot be resolved: {' '.join(words) or 'all'}")


def take(source):
    listed = {}
    for line in LIST.read_text().splitlines():
        identity, version, contents = line.split()
        listed[identity] = (version, contents)
    swift(source)
    for pin in resolved(source):
        # One that is new here is reported below, where all are.
        if pin.identity in listed and pin.version != listed[pin.identity][0]:
            swift(source, pin.identity, "--version", listed[pin.identity][0])
    found = {pin.identity: (pin.version, pin.contents) for pin in resolved(source)}
    for identity in sorted(listed.keys() | found.keys()):
        if listed.get(identity) != found.get(identity):
            was, now = (" ".join(each.get(identity, ("not there",))) for each in (listed, found))
            print(f"{identity}: {now}, but in Tools/packaging/pins {was}", file=sys.stderr)
    if listed != found:
        sys.exit("what is built would not be what others build of this commit")


def main():
    action, source = sys.argv[1], pathlib.Path(sys.argv[2])
    if action == "take":
        take(source)
    else:
        for pin in resolved(source):
            print(pin.identity, pin.version, pin.contents)


if __name__ == "__main__":
    main()
