"""Tongsuo as a real server of TLCP and of TLS 1.3 with the ShangMi suites, and as the maker of SM2 certificates.

The library is the shared object inside the wheel of ``tongsuopy`` (PyPI; Apache-2.0), which exports all of BabaSSL 8.3's API.
The wheel is downloaded once, checked by its hash and unpacked into a cache folder; nothing is installed. It is driven by
``tongsuo_program.py`` in processes apart, by orders in JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.servers.process import running

_WHEEL = "tongsuopy-1.0.1-cp36-abi3-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
_SHA256 = "daabaf13e113af1e1ffca1b5e321da40273b64a0359f9c1b1146f1d9de06ccda"
_INSIDE = "tongsuopy/backends/_tongsuo.abi3.so"
_PROGRAM = Path(__file__).with_name("tongsuo_program.py")
_DAY = 86400

SIGNING = "digitalSignature,nonRepudiation"
ENCRYPTION = "keyEncipherment,dataEncipherment,keyAgreement"


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "zijian-tests"


class _NotToBeHad(Exception):
    """Why Tongsuo is not there."""


def library() -> Path:
    """The shared object. Skips the test, and says why, where it cannot be had."""
    found = _find()
    if isinstance(found, _NotToBeHad):
        pytest.skip(f"TLCP was not tried against Tongsuo: {found}")
    return found


@cache
def _find() -> Path | _NotToBeHad:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return _NotToBeHad("its wheel is for Linux on x86-64 only")
    kept = _cache() / f"tongsuo-{_SHA256[:16]}.so"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            try:
                _unpack(_download(Path(folder)), kept)
            except _NotToBeHad as reason:
                return reason
    return kept


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64", "--dest", str(folder)]
    done = subprocess.run([*command, "tongsuopy==1.0.1"], capture_output=True, text=True, check=False)
    wheel = folder / _WHEEL
    if done.returncode or not wheel.is_file():
        reason = (done.stderr.strip().splitlines() or ["no file came"])[-1]
        raise _NotToBeHad(f"tongsuopy 1.0.1 cannot be downloaded: {reason}")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != _SHA256:
        raise RuntimeError(f"{_WHEEL} is not the file that these tests were written with: its hash differs")
    return wheel


def _unpack(wheel: Path, kept: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = Path(archive.extract(_INSIDE, wheel.parent))
    # Runs beside each other may do this at the same time: each puts a whole file into place.
    shutil.move(found, kept.with_suffix(f".{os.getpid()}"))
    kept.with_suffix(f".{os.getpid()}").replace(kept)


# --------------------------------------------------------------------------- certificates


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A certificate to be made; times are seconds from now."""

    name: str
    issuer: str | None = None
    """Name of one made before; None signs itself."""
    usage: str = ""
    ca: bool = False
    san: Sequence[str] = ()
    purposes: str = ""
    begins: int = -3600
    ends: int = 90 * _DAY
    digest: str = "sm3"
    curve: str = "SM2"
    common_name: str = ""
    key_of: str | None = None
    """Take the key of this one instead of a new key."""


@dataclass(frozen=True)
class Made:
    """Certificates by name, in a folder."""

    folder: Path
    names: tuple[str, ...]

    def certificate(self, name: str) -> Path:
        return self.folder / f"{name}.crt"

    def files(self, name: str) -> tuple[str, str]:
        """Files of certificate and key."""
        return str(self.certificate(name)), str(self.folder / f"{name}.key")

    def der(self, name: str) -> bytes:
        parsed = x509.load_pem_x509_certificate(self.certificate(name).read_bytes())
        return parsed.public_bytes(Encoding.DER)

    def sha256(self, name: str) -> str:
        return hashlib.sha256(self.der(name)).hexdigest()


def make(folder: Path, wanted: Sequence[Wanted]) -> Made:
    """Have Tongsuo make certificates, in this order."""
    curves = {one.name: one.curve for one in wanted}
    orders = [
        {
            "name": one.name,
            "folder": str(folder),
            "serial": number,
            "subject": {"C": "CN", "O": "zijian tests", "CN": one.common_name or one.name},
            "issuer": one.issuer,
            "usage": one.usage,
            "ca": one.ca,
            "san": list(one.san),
            "purposes": one.purposes,
            "begins": one.begins,
            "ends": one.ends,
            "digest": one.digest,
            "curve": one.curve,
            "sm2_signer": one.digest == "sm3" and curves[one.issuer or one.name] == "SM2",
            **({"key_of": one.key_of} if one.key_of else {}),
        }
        for number, one in enumerate(wanted, start=1)
    ]
    order = folder / "pki.json"
    order.write_text(json.dumps(orders), encoding="utf-8")
    command = [sys.executable, str(_PROGRAM), str(library()), "pki", str(order)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Made(folder, tuple(curves))


def authority(folder: Path, name: str = "tlcp.example.cn", *more: Wanted) -> Made:
    """A small SM2 hierarchy: ``root``, ``ca``, and the pair ``sign`` and ``enc`` for ``name``; then ``more``."""
    san = (f"DNS:{name}",)
    return make(
        folder,
        (
            Wanted(name="root", ca=True, usage="keyCertSign,cRLSign", ends=3650 * _DAY),
            Wanted(name="ca", issuer="root", ca=True, usage="keyCertSign,cRLSign", ends=1825 * _DAY),
            Wanted(name="sign", issuer="ca", usage=SIGNING, san=san, common_name=name),
            Wanted(name="enc", issuer="ca", usage=ENCRYPTION, san=san, common_name=name),
            *more,
        ),
    )


# --------------------------------------------------------------------------- the server


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How Tongsuo serves; names of suites and groups are OpenSSL's."""

    tlcp: tuple[tuple[str, str], tuple[str, str]] | None = None
    """Files of the signing pair and of the encryption pair; None for no TLCP."""
    tls: tuple[int, int] | None = None
    """Lowest and highest version of TLS as wire versions, 0 for no limit; None for no TLS.

    Where TLCP is spoken too, the lowest must be 0: OpenSSL compares versions by number."""
    certificate: tuple[str, str] | None = None
    """TLS's own."""
    chain: Sequence[Path] = ()
    ciphers: str = ""
    ciphersuites: str = ""
    groups: str = ""
    strict: bool = False
    """RFC 8998 with nothing but curveSM2 and sm2sig_sm3 (BabaSSL's ``enable_sm_tls13_strict``)."""
    client_certificate: bool = False
    server_preference: bool = False


@contextlib.contextmanager
def tongsuo(folder: Path, address: str, port: int, settings: Settings) -> Iterator[None]:
    """Tongsuo listening on ``address:port`` while the block lasts."""
    pair = settings.tlcp
    order = {
        "address": address,
        "port": port,
        "tls": settings.tls,
        "tlcp": {"sign": pair[0], "enc": pair[1]} if pair else None,
        "certificate": settings.certificate,
        "chain": [str(path) for path in settings.chain],
        "ciphers": settings.ciphers,
        "ciphersuites": settings.ciphersuites,
        "groups": settings.groups,
        "strict": settings.strict,
        "client_certificate": settings.client_certificate,
        "server_preference": settings.server_preference,
    }
    path = folder / "serve.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    command = [sys.executable, str(_PROGRAM), str(library()), "serve", str(path)]
    with running(command, address=address, port=port, log=folder / "tongsuo.log"):
        yield
