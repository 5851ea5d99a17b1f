#!/usr/bin/env python3
"""Writes what the program is made of, as CycloneDX 1.5: sbom.py PROGRAM CHECKOUTS VERSION EPOCH

Swift packages come from CHECKOUTS and Package.resolved beside it, libraries from what PROGRAM is linked to.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import uuid

LICENCES = [("Apache License", "Apache-2.0"), ("Permission is hereby granted, free of charge", "MIT")]


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def licence(folder):
    for file in sorted(folder.glob("LICENSE*")):
        words = file.read_text(errors="replace")
        for sign, name in LICENCES:
            if sign in words:
                # Apple's packages let the runtime's parts be linked into programs of any licence.
                exception = name == "Apache-2.0" and "Runtime Library Exception" in words
                return {"expression": "Apache-2.0 WITH Swift-exception"} if exception else {
                    "license": {"id": name}}
    sys.exit(f"{folder}: no licence that this script knows")


def swift_packages(checkouts, pins):
    for pin in sorted(pins, key=lambda pin: pin["identity"]):
        folder = checkouts / pathlib.PurePath(pin["location"]).name.removesuffix(".git")
        state, location = pin["state"], pin["location"].removesuffix(".git")
        version = state.get("version") or state["revision"]
        reference = f"pkg:swift/{location.removeprefix('https://')}@{version}"
        component = {
            "type": "library", "bom-ref": reference, "name": pin["identity"], "version": version,
            "purl": reference, "licenses": [licence(folder)],
            "externalReferences": [{"type": "vcs", "url": f"{location}#{state['revision']}"}]}
        inner = folder / "Sources/CNIOBoringSSL/hash.txt"
        if inner.exists():
            revision = re.search(r"revision ([0-9a-f]{40})", inner.read_text())[1]
            component["components"] = [{
                "type": "library", "bom-ref": f"boringssl@{revision}", "name": "boringssl",
                "version": revision, "licenses": [{"expression": "OpenSSL AND ISC"}],
                "externalReferences": [{"type": "vcs", "url": f"https://boringssl.googlesource.com/boringssl#{revision}"}]}]
        yield component


def runtime():
    """The static standard library, Foundation and libdispatch, which are parts of the toolchain."""
    version = re.search(r"Swift version ([0-9.]+)", run("swift", "--version"))[1]
    reference = f"pkg:generic/swift@{version}"
    return {"type": "framework", "bom-ref": reference, "name": "swift", "version": version,
            "description": "standard library, Foundation with ICU, libdispatch; linked statically",
            "purl": reference, "licenses": [{"expression": "Apache-2.0 WITH Swift-exception"}]}


def debian_packages(program):
    owners = {}
    for path in re.findall(r"(?:=> )?(/\S+) \(0x", run("ldd", str(program))):
        # Where /lib leads to /usr/lib, packages may have the file under either name.
        for name in (path, str(pathlib.Path(path).resolve()), path.removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
            if found.returncode == 0:
                owners.setdefault(found.stdout.split(":")[0], []).append(pathlib.Path(path).name)
                break
        else:
            sys.exit(f"{path} is of no Debian package")
    for name in sorted(owners):
        query = "${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"
        version, architecture, source, source_version = run(
            "dpkg-query", "-W", "-f", query, name).splitlines()[0].split("\t")
        reference = f"pkg:deb/debian/{name}@{version}?arch={architecture}"
        yield {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference,
               "description": "linked at run time: " + ", ".join(sorted(owners[name])),
               "licenses": [{"license": {"name": f"see /usr/share/doc/{name}/copyright"}}],
               "properties": [{"name": "debian:source", "value": f"{source} {source_version}"}]}


def main():
    program, checkouts, version, epoch = sys.argv[1:]
    checkouts = pathlib.Path(checkouts)
    pins = json.loads((checkouts.parents[1] / "Package.resolved").read_text())["pins"]
    components = [*swift_packages(checkouts, pins), runtime(), *debian_packages(program)]
    time = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    bom = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "component": {"type": "application", "bom-ref": "dipnet", "name": "dipnet", "version": version}},
        "components": components,
        "dependencies": [{"ref": "dipnet", "dependsOn": [c["bom-ref"] for c in components]}]}
    # A name that follows from the contents: two builds of the same have the same.
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True))}"
    json.dump(bom, sys.stdout, indent=1, sort_keys=True)
    print()


main()
