"""Keys in a module behind PKCS #11, which makes them, signs with them, and gives none of them away: SoftHSM."""

import os
import pathlib
import secrets
import subprocess
import threading

import pkcs11
from coincurve import PublicKey
from eth_utils import keccak, to_checksum_address
from pkcs11.util.ec import encode_named_curve_parameters

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
SECP256K1 = encode_named_curve_parameters("1.3.132.0.10")


class Module:
    """A token of its own, in a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        (folder / "tokens").mkdir()
        settings = folder / "softhsm2.conf"
        settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
        # Read by the library, which this process loads.
        os.environ["SOFTHSM2_CONF"] = str(settings)
        pin = secrets.token_hex(8)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "bank", "--pin", pin,
                        "--so-pin", secrets.token_hex(8)], check=True, capture_output=True)
        self.session = pkcs11.lib(LIBRARY).get_token(token_label="bank").open(rw=True, user_pin=pin)
        # A session is one thread's at a time.
        self.lock = threading.Lock()

    def make(self, label):
        """A new key, which never leaves the module."""
        curve = self.session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: SECP256K1}, local=True)
        return ModuleKey(self, *curve.generate_keypair(store=True, label=label))


class ModuleKey:
    def __init__(self, module, public, private):
        self.module, self.private = module, private
        # An octet string around the point: 04 and the length.
        self.public_key = PublicKey(public[pkcs11.Attribute.EC_POINT][2:])
        self.address = to_checksum_address(keccak(self.public_key.format(compressed=False)[1:])[12:])

    def sign_recoverable(self, data, hasher):
        """r and s as the module makes them, s as often high as low, and the parity that leads to this key."""
        digest = hasher(data)
        with self.module.lock:
            made = self.private.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
        for parity in (0, 1):
            signature = made + bytes([parity])
            found = PublicKey.from_signature_and_message(signature, digest, hasher=None)
            if found == self.public_key:
                return signature
        raise ValueError("the module signed with another key")
