"""No secret that the command line is given stands in anything that it says, keeps or writes, in whatever format."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdf
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.servers.redis import redis_server
from tests.test_scan import Zijian

pytestmark = pytest.mark.server

_FORMATS = "html,json,pdf,docx,xlsx,csv,sarif,md"


def word() -> str:
    """A secret that stands nowhere by chance."""
    return "geheim" + secrets.token_hex(8)


@dataclass
class Watched:
    """A command line, all that it said, and the secrets that it was given."""

    zijian: Zijian
    secrets: dict[str, bytes] = field(default_factory=dict)
    """What it is -> the secret."""
    said: list[str] = field(default_factory=list)

    def give(self, what: str, secret: str) -> str:
        self.secrets[what] = secret.encode()
        return secret

    def __call__(self, *arguments: str, code: int = 0, said: str = "", **environment: str) -> str:
        """Run it; ``said`` is typed into it."""
        done = subprocess.run(
            self.zijian.command(*arguments),
            capture_output=True, text=True, check=False, timeout=300, cwd=self.zijian.folder, input=said,
            env={**self.zijian.environment, "PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always", **environment},
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below ``folder``, and what is packed in it."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if path.suffix == ".pdf":
            pages = pypdf.PdfReader(path).pages
            yield f"{path}!text", "".join(page.extract_text() for page in pages).encode()
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as parts:
            for part in parts.namelist():
                yield f"{path}!{part}", parts.read(part)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A command line after a scan and everything else that takes a secret, done rightly and wrongly."""
    folder = tmp_path_factory.mktemp("secrets")
    inputs = tmp_path_factory.mktemp("given")
    watched = Watched(Zijian(folder))
    password = watched.give("password of a redis", word())
    with redis_server(inputs, password=password) as address:
        query = watched.give("token in a target's query", word())
        part = watched.give("fragment of a target", word())
        watched(
            "scan", f"http://{address}:6379/?token={query}#{part}", "--format", _FORMATS, "-q", "-o", "out"
        )
    for where in (
        "http://user:{}@127.0.0.1/",
        "user:{}@127.0.0.1",
        "http://u:a/{}@127.0.0.1/",
        "-u:{}@h",
        "u:{}@h h",
    ):
        secret = watched.give(f"password in {where}", word())
        target = where.format(secret)
        arguments = ("--", target) if target.startswith("-") else (target,)
        watched("scan", "--authorized-by", "张三", *arguments, code=2)
        if not target.startswith("http://user"):
            continue
        (inputs / "targets.txt").write_text(f"127.0.0.1\n{target}\n")
        watched("scan", "--targets", str(inputs / "targets.txt"), code=2)
        (inputs / "scope.toml").write_text(
            f'mode = "self"\nauthorized_by = "张三"\n[scope]\ntargets = ["{target}"]\n'
        )
        watched("scan", "--scope", str(inputs / "scope.toml"), code=2)
    # Nobody states the right to scan it: refused, and kept as refused, before anything is sent.
    refused = watched.give("token in a refused target", word())
    watched("scan", f"http://192.0.2.1/?token={refused}", code=2)
    databases(watched)
    cases(watched, inputs)
    logs(watched, inputs)
    return watched


def databases(watched: Watched) -> None:
    for where in (
        "postgresql+pg8000://u:{}@127.0.0.1:1/x", "postgresql+pg8000://u:a@{}@127.0.0.1:1/x", "nonsense:{}@",
        "postgresql+pg8000://u:{}@127.0.0.1:port/x", "postgresql+none://u:{}@127.0.0.1/x",
    ):  # fmt: skip
        secret = watched.give(f"password of {where}", word())
        # An address in order, where nothing listens, is no fault of the user's.
        code = 3 if "u:{}@127.0.0.1:1/" in where else 2
        watched("scans", code=code, ZIJIAN_DATABASE=where.format(secret))


def cases(watched: Watched, inputs: Path) -> None:
    """Keys, passphrases and addresses of authorities that cases take."""
    watched("case", "new", "--title", "案", "--number", "1号", "--unit", "某局", "--by", "张三")
    watched("case", "attach", "latest", "--scan", "latest", "--by", "张三")
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.private_bytes_raw()
    watched.secrets["bytes of a private key"] = raw
    passphrase = watched.give("passphrase", word())
    for name, how in (("open", NoEncryption()), ("closed", BestAvailableEncryption(passphrase.encode()))):
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        (inputs / f"{name}.pem").write_bytes(pem)
        watched.secrets[f"{name} private key"] = pem.splitlines()[1]
    identity = pyrage.x25519.Identity.generate()
    watched.give("identity of age", str(identity))
    (inputs / "identity").write_text(f"{identity}\n")
    for number, (key, typed) in enumerate((("open", ""), ("closed", f"{passphrase}\n"))):
        watched(
            "case",
            "export",
            "latest",
            "-o",
            f"case{number}.zip",
            "--key",
            str(inputs / f"{key}.pem"),
            said=typed,
        )
    wrong = watched.give("wrong passphrase", word())
    watched("case", "sign", "case0.zip", "--key", str(inputs / "closed.pem"), code=2, said=f"{wrong}\n")
    watched("case", "export", "latest", "-o", "sealed.age", "--encrypt-to", str(identity.to_public()))
    watched("case", "decrypt", "sealed.age", "--identity", str(inputs / "identity"), "-o", "again.zip")
    watched("case", "decrypt", "case0.zip", "--identity", str(inputs / "identity"), "-o", "no.zip", code=2)
    for where in ("http://u:{}@127.0.0.1:1/", "http://127.0.0.1:1/?token={}", "https://u:{}@127.0.0.1/"):
        secret = watched.give(f"password in the authority's {where}", word())
        watched("case", "stamp", "case0.zip", "--tsa", where.format(secret), code=2)


def logs(watched: Watched, inputs: Path) -> None:
    """The key that tokens are made with, one given and one made."""
    (inputs / "access.log").write_text(
        '127.0.0.1 - bob [23/Nov/2026:09:30:05 +0800] "GET /?a=b HTTP/1.1" 200 5\n'
    )
    key = watched.give("key of logs redact", word())
    (inputs / "key").write_text(key)
    watched("logs", "redact", str(inputs / "access.log"), "-o", "masked", "--key-file", str(inputs / "key"))
    watched("logs", "redact", str(inputs / "access.log"), "-o", "other", "--key-file", str(inputs / "made"))
    watched.give("key that logs redact made", (inputs / "made").read_text().strip())
    short = watched.give("short key", "k" + secrets.token_hex(4))
    (inputs / "short").write_text(short)
    watched(
        "logs",
        "redact",
        str(inputs / "access.log"),
        "-o",
        "third",
        "--key-file",
        str(inputs / "short"),
        code=2,
    )


def test_no_secret_is_said(used: Watched) -> None:
    said = "\n".join(used.said).encode()
    assert len(used.secrets) > 20
    assert [what for what, secret in used.secrets.items() if secret in said] == []


def test_no_secret_is_kept_or_written(used: Watched) -> None:
    files = dict(written(used.zijian.folder))
    # The places that were meant are there, and were searched.
    for name in ("report.html", "report.pdf", "report.docx!word/document.xml", "report.xlsx!xl/workbook.xml", "zijian.sqlite", "ledger.jsonl", "refusals.jsonl", "case0.zip", "access.log"):  # fmt: skip
        assert any(path.endswith(name) for path in files), name
    found = [
        (what, os.path.relpath(path, used.zijian.folder))
        for path, content in files.items()
        for what, secret in used.secrets.items()
        if secret in content
    ]
    assert found == []
