#!/usr/bin/env python3
"""Writes whose the package's parts are, with the words of their licences: copyright.py SOURCE NUMBER"""

import pathlib
import re
import subprocess
import sys

import pins


def part(title, words):
    print(f"\n======== {title}\n\n{words.strip()}")


def own_words(path):
    """The comment at a file's beginning in which its authors ask to be named."""
    return next(text for text in re.findall(r"/\*.*?\*/", path.read_text(), re.DOTALL) if "Copyright" in text)


def toolchain_licence():
    told = subprocess.run(["swift", "-print-target-info"], capture_output=True, text=True, check=True).stdout
    resources = re.search(r'"runtimeResourcePath": *"([^"]+)"', told)[1]
    return (pathlib.Path(resources).parents[1] / "share/swift/LICENSE.txt").read_text()


def main():
    source, number = pathlib.Path(sys.argv[1]), sys.argv[2]
    print(f"Dipnet, {number}. Its sources state no licence, and this package claims none.")
    print("\nInto the program the following is linked; sbom.cdx.json has versions and places. Libraries of Debian are")
    print("packages of their own, with their own copyright files.")
    for pin in pins.resolved(source):
        for file in sorted([*pin.folder.glob("LICENSE*"), *pin.folder.glob("NOTICE*"),
                            *pin.folder.glob("Sources/*/LICENSE*")]):
            part(f"{pin.identity} {pin.version}, {file.relative_to(pin.folder)}", file.read_text())
        if pin.identity == "swift-nio":
            name = "Sources/CNIOSHA1/c_nio_sha1.c"
            part(f"{pin.identity} {pin.version}, {name}", own_words(pin.folder / name))
    part("Swift: standard library, Foundation with ICU, libdispatch", toolchain_licence())


main()
