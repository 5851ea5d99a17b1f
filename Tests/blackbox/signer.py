"""A signer in a process's place: Web3Signer's HTTP interface for secp256k1, from its published description.

POST /api/v1/eth1/sign/{identifier} takes {"data": "0x…"}, hashes it with Keccak-256 and answers with r, s and v as
hexadecimal text; GET /api/v1/eth1/publicKeys lists the keys, by which they are called. 404: no such key.
"""

import datetime
import http.server
import ipaddress
import json
import pathlib
import socket
import ssl
import threading

from coincurve import PrivateKey
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from eth_utils import keccak

from consortium import free_base_port

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Papers:
    """An authority, and what it issues."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = self.folder / f"{name}-ca.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self.file.write_bytes(self._certify(self.name, self.key, constraints))

    def issue(self, name):
        """For both ends, at 127.0.0.1: the files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        chain, secret = self.folder / f"{name}.pem", self.folder / f"{name}-tls.key"
        chain.write_bytes(self._certify(
            subject, key, x509.BasicConstraints(ca=False, path_length=None),
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])))
        secret.touch(mode=0o600)
        secret.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        return chain, secret

    def _certify(self, subject, key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(days=1)))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Signer:
    """A signer that can be killed, started again, and told to misbehave."""

    def __init__(self, folder, *accounts, tls=True):
        """Accounts with a key, and keys of a module (`module.py`)."""
        self.folder = pathlib.Path(folder)
        self.keys = {}
        for account in accounts:
            key = account if hasattr(account, "sign_recoverable") else PrivateKey(bytes(account.key))
            self.keys["0x" + key.public_key.format(compressed=False)[1:].hex()] = key
        self.papers = Papers(folder, "signer") if tls else None
        self.server_files = self.papers and self.papers.issue("server")
        self.client_files = self.papers and self.papers.issue("client")
        # How an answer is spoilt: takes the handler and the right answer, sends what it likes.
        self.spoil = None
        # What was asked for and answered rightly.
        self.signed = []
        self.requests = 0
        # Nobody else's while the signer is away: the system hands it out to none who connects.
        self.port = free_base_port(1)
        self.server = None
        self.start()

    def start(self):
        signer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def setup(self):
                # Shaken here and not in accept(): one client must not hold up the others.
                if signer.papers:
                    self.request = signer.context.wrap_socket(self.request, server_side=True)
                with signer.lock:
                    signer.open.add(self.request)
                super().setup()

            def finish(self):
                super().finish()
                with signer.lock:
                    signer.open.discard(self.request)
                self.request.close()

            def do_GET(self):
                if self.path == "/upcheck":
                    return self.say(200, "OK")
                if self.path == "/api/v1/eth1/publicKeys":
                    return self.say(200, json.dumps(list(signer.keys)), "application/json")
                self.say(404, "")

            def do_POST(self):
                signer.requests += 1
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                start, _, identifier = self.path.rpartition("/")
                key = signer.keys.get(identifier)
                if start != "/api/v1/eth1/sign" or key is None:
                    return self.say(404, "Public Key not found")
                data = self.data = bytes.fromhex(body["data"].removeprefix("0x"))
                made = key.sign_recoverable(data, hasher=keccak)
                answer = "0x" + made[:64].hex() + f"{made[64] + 27:02x}"
                if signer.spoil:
                    return signer.spoil(self, answer)
                signer.signed.append(data)
                self.say(200, answer)

            def say(self, status, text, kind="text/plain; charset=utf-8"):
                bytes_ = text.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(bytes_)))
                self.end_headers()
                self.wfile.write(bytes_)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.open, self.lock = set(), threading.Lock()
        if self.papers:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_3
            self.context.load_cert_chain(*self.server_files)
            self.context.load_verify_locations(self.papers.file)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def kill(self):
        """Every connection ends, and nobody listens any more."""
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    @property
    def url(self):
        return f"{'https' if self.papers else 'http'}://127.0.0.1:{self.port}"

    def file(self, path, account, **changes):
        """Writes the file that stands in a key file's place."""
        said = {"signer": self.url, "address": account.address, "timeoutSeconds": 20}
        if self.papers:
            said |= {"authority": str(self.papers.file), "certificate": str(self.client_files[0]),
                     "key": str(self.client_files[1])}
        path = pathlib.Path(path)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({k: v for k, v in (said | changes).items() if v is not None}))
        return path

    # Ways to misbehave

    @staticmethod
    def locked(handler, _):
        handler.say(500, "the module is locked")

    @staticmethod
    def garbage(handler, _):
        handler.say(200, "<html>\x1b[2J welcome</html>")

    @staticmethod
    def huge(handler, _):
        handler.say(200, "0x" + "00" * (8 << 20))

    @staticmethod
    def slow(handler, _):
        """Does not answer for as long as anybody waits."""
        handler.rfile.read(1)

    @staticmethod
    def foreign(handler, _):
        """Another key's signature."""
        made = PrivateKey(b"\x05" * 32).sign_recoverable(b"something", hasher=keccak)
        handler.say(200, "0x" + made[:64].hex() + f"{made[64] + 27:02x}")

    @staticmethod
    def high(handler, answer):
        """As right as the other: n - s for s and the other parity, as 0 or 1; in quotes."""
        bytes_ = bytes.fromhex(answer[2:])
        s = ORDER - int.from_bytes(bytes_[32:64], "big")
        twin = bytes_[:32] + s.to_bytes(32, "big") + bytes([(bytes_[64] - 27) ^ 1])
        handler.say(200, f'"0x{twin.hex()}"\n')
