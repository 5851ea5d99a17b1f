#!/usr/bin/env python3
"""Writes what the program is made of, as CycloneDX 1.5: sbom.py SOURCE PROGRAM VERSION EPOCH

Swift packages are those resolved in SOURCE, libraries those that PROGRAM is linked to. A licence is named where its text
or the files' headers were read for it, and nowhere else.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import uuid

import pins

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


def llhttp(folder):
    """The parser of HTTP within swift-nio."""
    header = (folder / "Sources/CNIOLLHTTP/include/c_nio_llhttp.h").read_text()
    version = ".".join(re.search(rf"LLHTTP_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH"))
    return {"name": "llhttp", "version": version, "licenses": [licence(folder / "Sources/CNIOLLHTTP")],
            "externalReferences": [{"type": "website", "url": "https://github.com/nodejs/llhttp"}]}


def sha1(folder):
    """SHA-1 of the WIDE project within swift-nio, for the handshake of WebSockets."""
    text = (folder / "Sources/CNIOSHA1/c_nio_sha1.c").read_text()
    version = re.search(r"\$KAME: (sha1\.c,v [0-9.]+)", text)[1]
    name = re.search(r"SPDX-License-Identifier: (\S+)", text)[1]
    return {"name": "sha1", "version": version, "licenses": [{"license": {"id": name}}]}


def boringssl(folder):
    """BoringSSL within swift-nio-ssl."""
    sources = folder / "Sources/CNIOBoringSSL"
    files = [path for path in sources.rglob("*") if path.suffix in (".c", ".cc", ".h", ".S")]
    apache = sum("Apache License, Version 2.0" in path.read_text(errors="replace") for path in files)
    revision = re.search(r"revision ([0-9a-f]{40})", (sources / "hash.txt").read_text())[1]
    return {"name": "boringssl", "version": revision,
            "licenses": [{"license": {"name": f"Apache-2.0 by the headers of {apache} of {len(files)} files; "
                                              "ISC and OpenSSL by the NOTICE.txt of swift-nio-ssl"}}],
            "externalReferences": [{"type": "vcs", "url": "https://boringssl.googlesource.com/boringssl"}]}


INNER = {"swift-nio": [llhttp, sha1], "swift-nio-ssl": [boringssl]}


def swift_packages(source):
    for pin in pins.resolved(source):
        reference = f"pkg:swift/{pin.location.removeprefix('https://')}@{pin.version}"
        component = {
            "type": "library", "bom-ref": reference, "name": pin.identity, "version": pin.version,
            "purl": reference, "licenses": [licence(pin.folder)],
            # The commit is not named: a mirror has others for the same files.
            "externalReferences": [{"type": "vcs", "url": pin.location, "comment": f"tag {pin.version}"}],
            "properties": [{"name": "dipnet:contents", "value": pin.contents}]}
        inner = [part(pin.folder) for part in INNER.get(pin.identity, [])]
        if inner:
            component["components"] = [
                {"type": "library", "bom-ref": f"{reference}#{part['name']}", **part} for part in inner]
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
    source, program, version, epoch = sys.argv[1:]
    components = [*swift_packages(pathlib.Path(source)), runtime(), *debian_packages(program)]
    time = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
    bom = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "component": {
                "type": "application", "bom-ref": "dipnet", "name": "dipnet", "version": version,
                "properties": [{"name": "dipnet:licence", "value": "none is stated in the sources"}]}},
        "components": components,
        "dependencies": [{"ref": "dipnet", "dependsOn": [c["bom-ref"] for c in components]}]}
    # A name that follows from the contents: two builds of the same have the same.
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True))}"
    json.dump(bom, sys.stdout, indent=1, sort_keys=True)
    print()


main()
