"""Certificates that expire, nodes that are somebody else, two nodes with one folder."""

import datetime
import json
import os
import shutil
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from consortium import BankNode, expect, until
from trial import trial
from trials.disks import refusal


def issue(consortium, bank, seconds):
    """Puts a certificate in place of a node's own that ends soon; the product itself counts in days."""
    authority = consortium.folder / "banks/authority"
    issuer = x509.load_pem_x509_certificate((authority / "authority.pem").read_bytes())
    signing = serialization.load_pem_private_key((authority / "authority.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Bank {bank}")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(seconds=seconds))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(
            [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(
            [x509.UniformResourceIdentifier(f"dipnet:{consortium.chain_id}:{bank}")]), critical=False)
        .sign(signing, hashes.SHA256()))
    tls = consortium[bank].folder / "tls"
    for name, content, mode in (
            ("node.key", key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()), 0o600),
            ("node.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)):
        new = tls / (name + ".new")
        new.write_bytes(content)
        os.chmod(new, mode)
        os.replace(new, tls / name)


def bank_seen(node, bank):
    return next(entry for entry in node.standing()["validators"] if entry["id"] == bank)


def last_refusal(node, bank):
    """The reason that a node gives for a connection that is down."""
    connection = bank_seen(node, bank).get("connection") or {}
    return (connection.get("lastRefusal") or {}).get("reason")


@trial
def expired_certificate(scene):
    """A certificate that expires cuts its bank off, both sides say so, and a new one needs no restart."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(50)
    victim, other = consortium[3], consortium[1]
    seconds = 12
    issue(consortium, victim.number, seconds)
    began = time.monotonic()
    until(seconds, lambda: bank_seen(other, victim.number)["certificate"]["notAfter"]
          < time.time() + seconds + 5, "the node takes over the new certificate without restart")
    scene.say(f"new certificate in use after {time.monotonic() - began:.1f} s")
    load.await_more(20)
    until(seconds + 20, lambda: last_refusal(other, victim.number) == "certificate_expired"
          or last_refusal(victim, other.number) == "certificate_expired",
          "status names the expired certificate")
    until(20, lambda: other.metric("dip_peer_refusals_total", 'reason="certificate_expired"'),
          "metrics count refusals because of an expired certificate")
    until(20, lambda: victim.metric("dip_peer_refusals_total", 'reason="certificate_expired"'),
          "its own metrics count them, too")
    for node in (victim, other):
        expect(node.said("certificate_expired"), f"the log of bank {node.number} does not say it")
    scene.say(f"bank {other.number} sees: {bank_seen(other, victim.number)['connection'].get('lastRefusal')}")
    scene.say(f"bank {victim.number} sees: {bank_seen(victim, other.number)['connection'].get('lastRefusal')}")
    # Two banks are a majority: payments go on. (Of three; with more banks anyway.)
    load.await_more(50)
    issue(consortium, victim.number, 86_400)
    began = time.monotonic()
    until(30, lambda: bank_seen(other, victim.number)["connection"]["connected"]
          and bank_seen(victim, other.number)["connection"]["connected"],
          "the bank is connected again without restart")
    scene.say(f"connected again {time.monotonic() - began:.1f} s after its new certificate came")
    load.await_more(50)
    load.stop()
    scene.verdict(consortium, load.payers)


@trial
def second_instance(scene):
    """A second node on the same folder is refused, and the first one does not notice."""
    consortium = scene.consortium()
    load = scene.load(consortium)
    load.await_more(20)
    for node in consortium.nodes:
        why = refusal(node)
        expect(str(node.process.pid) in why and "using" in why, "the message does not say who:", why)
    scene.say(why)
    load.await_more(50)
    load.stop()
    scene.verdict(consortium, load.payers)


@trial
def stolen_identities(scene):
    """A node with another bank's certificate, key or number is let in by nobody."""
    consortium = scene.consortium(banks=max(scene.settings.banks, 3))
    load = scene.load(consortium)
    load.await_more(20)
    victim, thief = consortium[1], consortium[3]

    thief.stop()
    own = {name: (thief.folder / "tls" / name).read_bytes() for name in ("node.pem", "node.key")}

    # A certificate that the authority issued to another bank.
    for name in own:
        shutil.copy(victim.folder / "tls" / name, thief.folder / "tls" / name)
    thief.start()
    load.await_more(20)
    time.sleep(1)
    # A certificate says that a machine may be heard; which bank it is, its node key says.
    seen = consortium[2].standing()["validators"]
    expect([bank["id"] for bank in seen if bank.get("connection", {}).get("connected")] == [1, 3],
           "another bank's certificate made a node another bank:", seen)
    scene.say("another bank's certificate, but the own node key: it is still only itself")
    thief.stop()
    for name, content in own.items():
        (thief.folder / "tls" / name).write_bytes(content)

    # Another bank's node key: the ledger knows the bank's number by it.
    key = (thief.folder / "node.key").read_bytes()
    shutil.copy(victim.folder / "node.key", thief.folder / "node.key")
    why = refusal(thief)
    expect("key" in why, "the reason:", why)
    scene.say(f"another bank's node key with the own number: {why}")

    # A stranger's key.
    (thief.folder / "node.key").write_text("%064x\n" % 0x1234567)
    why = refusal(thief)
    expect("key" in why, "the reason:", why)
    scene.say(f"nobody's node key: {why}")
    (thief.folder / "node.key").write_bytes(key)
    os.chmod(thief.folder / "node.key", 0o600)

    # The whole identity of another bank, from a folder and an address of its own.
    twin_folder = consortium.folder / "twin"
    shutil.copytree(victim.folder, twin_folder, ignore=shutil.ignore_patterns("data", "*.log", "ready.json"))
    settings = json.loads((twin_folder / "node.json").read_text())
    for door in ("rpc", "peers"):
        host, port = consortium.world.rpc(thief.number) if door == "rpc" else \
            consortium.world.listen(thief.number).rsplit(":", 1)
        settings[door]["listen"] = f"{host}:{port}"
    (twin_folder / "node.json").write_text(json.dumps(settings))
    twin = BankNode(twin_folder, thief.number, consortium.world)
    scene.ends.append(lambda: twin.is_running and twin.kill())
    twin.launch()
    time.sleep(5)
    refused = [node.metric("dip_peer_refusals_total", 'reason="identity_in_use"') for node in consortium.running]
    scene.say(f"two nodes with one identity: how often the others turned the second one away: {refused}")
    expect(any(refused), "nobody noticed that two nodes run with one identity")
    expect(bank_seen(consortium[2], 1)["connection"]["connected"], "the first of the two is heard no more")
    twin.kill()
    thief.start()
    load.await_more(50)
    load.stop()
    scene.verdict(consortium, load.payers)
