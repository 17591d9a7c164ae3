"""What OpenSSL's own client finds at a server: the second opinion beside which the probe's facts are put.

It sees only what this machine's OpenSSL still speaks.
"""

from __future__ import annotations

import functools
import re
import subprocess
from dataclasses import dataclass

from tests.servers.process import program

VERSIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
GROUPS = {
    "x25519": "X25519",
    "x448": "X448",
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
    "secp256k1": "secp256k1",
    "secp224r1": "secp224r1",
    "brainpoolP256r1": "brainpoolP256r1",
    "brainpoolP384r1": "brainpoolP384r1",
    "brainpoolP512r1": "brainpoolP512r1",
    "ffdhe2048": "ffdhe2048",
    "ffdhe3072": "ffdhe3072",
    "ffdhe4096": "ffdhe4096",
    "ffdhe6144": "ffdhe6144",
    "ffdhe8192": "ffdhe8192",
}
"""IANA's name -> OpenSSL's."""
_TLS13_ONLY = tuple(name for name in GROUPS if name.startswith("ffdhe"))
_TLS12_ONLY = ("secp256k1", "secp224r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")


@functools.cache
def suites(version: str) -> dict[str, str]:
    """IANA's name -> OpenSSL's, of the suites that this machine's OpenSSL can offer in ``version``."""
    command = [program("openssl"), "ciphers", "-s", VERSIONS[version], "-stdname"]
    if version == "TLSv1.3":
        command += ["-ciphersuites", ":".join(_TLS13)]
    command += ["ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    words = [line.split() for line in lines]
    # PSK and SRP need a secret of both sides.
    return {word[0]: word[2] for word in words if not re.search("PSK|SRP", word[0])}


_TLS13 = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
)


@dataclass(frozen=True)
class Peer:
    """OpenSSL's client, aimed at one server."""

    address: str
    port: int
    name: str

    def connect(self, version: str, *options: str) -> str | None:
        """What s_client prints of a connection by ``version``; None when the server sent no ServerHello that will do."""
        command = [program("openssl"), "s_client", "-connect", f"{self.address}:{self.port}"]
        command += ["-servername", self.name, "-legacy_server_connect", VERSIONS[version], *options]
        if "-cipher" not in options and "-ciphersuites" not in options:
            command += ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
        done = subprocess.run(
            command, input="", capture_output=True, text=True, timeout=60, errors="replace", check=False
        )
        return done.stdout if re.search(r"^New, (?!\(NONE\))", done.stdout, re.MULTILINE) else None

    def versions(self) -> tuple[str, ...]:
        """Versions that are accepted."""
        return tuple(version for version in VERSIONS if self.connect(version) is not None)

    def chosen(self, version: str, first: tuple[str, ...]) -> tuple[str, ...]:
        """Suites in the order in which the server chose them, ``first`` offered foremost, each taken away in turn."""
        known = suites(version)
        left = [suite for suite in first if suite in known]
        left += [suite for suite in known if suite not in left]
        found: list[str] = []
        while left:
            names = ":".join(known[suite] for suite in left)
            options = (
                ("-ciphersuites", names) if version == "TLSv1.3" else ("-cipher", f"{names}:@SECLEVEL=0")
            )
            shown = self.connect(version, *options)
            if shown is None:
                break
            match = re.search(r"Cipher is (\S+)", shown)
            assert match is not None
            found.append(next(suite for suite in left if known[suite] == match[1]))
            left.remove(found[-1])
        return tuple(found)

    @staticmethod
    def reach(version: str) -> frozenset[str]:
        """Groups that can be asked for in ``version``."""
        never = _TLS12_ONLY if version == "TLSv1.3" else _TLS13_ONLY
        return frozenset(GROUPS) - frozenset(never)

    def groups(self, version: str) -> frozenset[str]:
        """Groups that are accepted when each is offered alone, of those within :meth:`reach`."""
        options = () if version == "TLSv1.3" else ("-cipher", "ECDHE:@SECLEVEL=0")
        return frozenset(
            name
            for name in self.reach(version)
            if self.connect(version, "-groups", GROUPS[name], *options) is not None
        )
