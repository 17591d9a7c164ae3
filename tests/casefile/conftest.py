"""Keys, certificates and a time-stamping authority of openssl's own, made once for all tests of cases."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.process import program

_TSA = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
authorityKeyIdentifier = keyid
[ts]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Tsa:
    """A time-stamping authority (RFC 3161): its root, and the command that answers a request."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def reply(self, request: bytes) -> bytes:
        """The answer to a request in DER."""
        asked = self.folder / "asked.tsq"
        asked.write_bytes(request)
        command = [
            "ts",
            "-reply",
            "-queryfile",
            str(asked),
            "-config",
            str(self.folder / "tsa.cnf"),
            "-section",
            "tsa1",
        ]
        return _openssl(*command)


def _openssl(*arguments: str) -> bytes:
    done = subprocess.run([program("openssl"), *arguments], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    folder = tmp_path_factory.mktemp("tsa")
    config = folder / "tsa.cnf"
    config.write_text(_TSA.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", str(config)]
    _openssl(*new, "-x509", "-subj", "/CN=Root", "-keyout", f"{folder}/root.key", "-out", f"{folder}/root.pem",
             "-extensions", "root")  # fmt: skip
    _openssl(*new, "-subj", "/CN=TSA", "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.csr")
    _openssl("x509", "-req", "-in", f"{folder}/tsa.csr", "-CA", f"{folder}/root.pem", "-CAkey", f"{folder}/root.key",
             "-set_serial", "2", "-extfile", str(config), "-extensions", "tsa", "-out", f"{folder}/tsa.pem")  # fmt: skip
    return Tsa(folder)


KEYS = {
    "ed25519": ["-algorithm", "ed25519"],
    "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Kind -> private key and public key, as PEM files that openssl made."""
    folder = tmp_path_factory.mktemp("keys")
    made = {}
    for kind, how in KEYS.items():
        private, public = folder / f"{kind}.pem", folder / f"{kind}.pub"
        _openssl("genpkey", *how, "-out", str(private))
        _openssl("pkey", "-in", str(private), "-pubout", "-out", str(public))
        made[kind] = (private, public)
    return made
