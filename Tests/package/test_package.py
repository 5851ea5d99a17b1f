"""The Debian package that `Tools/package` made: what is in it, and that it runs with nothing around it."""

import ctypes
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PACKAGES = sorted(ROOT.glob("dist/*.deb"), key=lambda path: path.stat().st_mtime)
PACKAGE = os.environ.get("PACKAGE") or (PACKAGES[-1] if PACKAGES else None)

pytestmark = pytest.mark.skipif(PACKAGE is None, reason="Tools/package makes one")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["dpkg-deb", "--extract", PACKAGE, folder / "tree"], check=True)
    return folder / "tree"


def run(tree, *arguments, home, **options):
    """Runs the program with nothing in its environment but a home that is its own."""
    return subprocess.run(
        [tree / "usr/bin/dip", *arguments], env={"HOME": str(home), "TMPDIR": str(home)}, cwd="/",
        capture_output=True, text=True, timeout=300, **options)


def test_it_names_what_it_needs_and_nothing_of_swift(tree):
    linked = subprocess.run(["ldd", tree / "usr/lib/dipnet/dip"], capture_output=True, text=True, check=True)
    assert "not found" not in linked.stdout
    libraries = re.findall(r"(?:=> )?(/\S+) \(0x", linked.stdout)
    assert libraries and all(path.startswith(("/lib", "/usr/lib")) and "swift" not in path.lower()
                             for path in libraries)
    control = subprocess.run(["dpkg-deb", "--field", PACKAGE, "Depends"], capture_output=True, text=True).stdout
    for package in ("libc6", "libleveldb", "libraft", "libsecp256k1", "libsqlite3", "libssl", "libxml2", "libyaml"):
        assert package in control, control
    # The one that the program takes, and says so at its start: CRaftCore+Library.swift.
    assert re.search(r"libraft\d* \(>= 0\.22\.1\), libraft\d* \(<< 0\.23\)", control), control


def test_no_path_of_the_machine_is_in_it(tree):
    program = (tree / "usr/lib/dipnet/dip").read_bytes()
    # Where the toolchain's own libraries were built is the toolchain's matter; what we built is under one name.
    assert str(ROOT).encode() not in program
    built = set(re.findall(rb"[\w./-]*/(?:\.build|Sources|Tools)/[\w./-]+\.(?:swift|cc?|h)\b", program))
    foreign = {path for path in built if b"/.build/checkouts/" in path or b"/source/" in path}
    assert all(path.startswith(b"/dipnet/") for path in foreign), foreign


def test_a_demonstration_runs_from_anywhere(tree, tmp_path):
    told = run(tree, "demo", "--json", home=tmp_path)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["gross"] == 220_475


def test_the_bill_of_materials_names_all_parts(tree):
    bom = json.loads((tree / "usr/share/doc/dipnet/sbom.cdx.json").read_text())
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5")
    parts = {part["name"]: part for part in bom["components"]}
    # Not those of Package.resolved, which a copy that was never built in has not.
    pins = dict(line.split()[:2] for line in (ROOT / "Tools/packaging/pins").read_text().splitlines())
    assert pins.items() <= {name: part["version"] for name, part in parts.items()}.items()
    for name in [*pins, "swift", "libc6", "libleveldb1d", "libsqlite3-0"]:
        assert parts[name]["version"] and parts[name]["licenses"] and parts[name]["purl"]
    assert len({part["bom-ref"] for part in bom["components"]}) == len(bom["components"])


def test_the_bill_of_materials_is_as_its_published_schema_says(tree):
    pytest.importorskip("cyclonedx", reason="Tools/package installs what reads the schema")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (tree / "usr/share/doc/dipnet/sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text.replace('"licenses"', '"licences"'))


def test_no_licence_is_claimed_for_what_has_none(tree):
    bom = json.loads((tree / "usr/share/doc/dipnet/sbom.cdx.json").read_text())
    assert "licenses" not in bom["metadata"]["component"]
    assert "state no licence" in (tree / "usr/share/doc/dipnet/copyright").read_text()
    parts = {part["name"]: part for part in bom["components"]}
    # Whoever has the packages from elsewhere compares these.
    listed = (ROOT / "Tools/packaging/pins").read_text()
    for line in listed.splitlines():
        name, version, contents = line.split()
        assert parts[name]["version"] == version
        assert {"name": "dipnet:contents", "value": contents} in parts[name]["properties"]


def test_manual_and_units_are_as_their_readers_want_them(tree, tmp_path):
    manual = subprocess.run(["man", "--warnings", "-l", tree / "usr/share/man/man1/dip.1.gz"],
                            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert manual.returncode == 0 and "dip consortium vote" in manual.stdout and not manual.stderr
    for unit in ("dipnet.service", "dipnet-desk.service"):
        text = (tree / "usr/lib/systemd/system" / unit).read_text()
        # The program of the package is not where the unit looks for it before it is installed.
        copy = tmp_path / unit
        copy.write_text(text.replace("/usr/bin/dip", str(tree / "usr/bin/dip")))
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
        assert checked.returncode == 0 and unit not in checked.stderr, checked.stderr
        # Ten is a service that nothing holds back.
        safe = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", copy],
                              capture_output=True, text=True)
        assert safe.returncode == 0, safe.stdout


# The system calls that the units allow

def allowed_calls(unit):
    """What SystemCallFilter leaves."""
    def members(name):
        if not name.startswith("@"):
            return {name}
        told = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
        words = [line.strip() for line in told.stdout.splitlines()[1:]]
        return set().union(*(members(word) for word in words if word and not word.startswith("#")))

    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = set().union(*(members(name) for name in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls | members("@default")


class Argument(ctypes.Structure):
    _fields_ = [("number", ctypes.c_uint), ("comparison", ctypes.c_int), ("mask", ctypes.c_uint64),
                ("value", ctypes.c_uint64)]


def confine(unit):
    """What systemd does to the process before the program starts, as far as system calls go."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    allow, refuse, masked, equal = 0x7FFF0000, 0x00050000 | 1, 7, 4  # refused with EPERM
    rules = ctypes.c_void_p(library.seccomp_init(refuse))
    for name in allowed_calls(unit) - {"mmap", "mprotect", "socket"}:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            assert library.seccomp_rule_add(rules, allow, number, 0) == 0
    execute, write = 4, 2
    for name, wrong in (("mmap", execute | write), ("mprotect", execute)):
        number = library.seccomp_syscall_resolve_name(name.encode())
        for value in {0, write, execute} - {wrong}:
            assert library.seccomp_rule_add_array(
                rules, allow, number, 1, ctypes.byref(Argument(2, masked, wrong, value & wrong))) in (0, -17)
    families = re.search(r"^RestrictAddressFamilies=(.*)$", unit, re.MULTILINE)[1].split()
    for family in families:
        assert library.seccomp_rule_add_array(
            rules, allow, library.seccomp_syscall_resolve_name(b"socket"), 1,
            ctypes.byref(Argument(0, equal, getattr(socket, family), 0))) == 0
    return lambda: library.seccomp_load(rules)


def test_a_node_works_under_the_filter_of_its_unit(tree, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    unit = (tree / "usr/lib/systemd/system/dipnet.service").read_text()
    ready = tmp_path / "ready.json"
    with open(tmp_path / "log", "w") as log:
        node = subprocess.Popen(
            [tree / "usr/bin/dip", "node", "--dev", "--data", tmp_path / "data", "--port", "0",
             "--ready-file", ready], env={}, stderr=log, preexec_fn=confine(unit))
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert node.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.05)
        status = pathlib.Path(f"/proc/{node.pid}/status").read_text()
        assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)
        url = json.loads(ready.read_text())["url"]
        for _ in range(3):
            sent = run(tree, "send", "dev:2", "1", "--dev-key", "1", "--node", url, home=tmp_path)
            assert sent.returncode == 0, sent.stderr
        backup = run(tree, "node", "backup", "--data", str(tmp_path / "data"), "--to",
                     str(tmp_path / "backup"), home=tmp_path)
        assert backup.returncode == 0, backup.stderr
    finally:
        node.terminate()
        assert node.wait(timeout=30) == 0, (tmp_path / "log").read_text()
    assert run(tree, "audit", str(tmp_path / "backup"), home=tmp_path).returncode == 0
