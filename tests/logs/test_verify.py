"""``zijian logs verify`` on what real servers wrote of a real scan, whole and with faults put in."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import tarfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.logs.conftest import Scanned


def _verified(scanned: Scanned, *paths: Path | str, **options: str) -> dict[str, dict[str, Any]]:
    """``ip:port`` -> facts."""
    more = [part for name, value in options.items() for part in (f"--{name}", value)]
    done = scanned.zijian("logs", "verify", *map(str, paths), "--json", *more)
    assert done.returncode == 0, done.stderr
    found = {entry["service"].split("@")[-1].removesuffix("/tcp"): entry for entry in json.loads(done.stdout)}
    assert found
    return found


def _of(scanned: Scanned, found: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    # Dovecot has a port for each of its protocols, nginx one with TLS beside: the first stands for both.
    keys = [key for key in found if key.startswith(scanned.addresses[name])]
    assert keys, found.keys()
    return found[
        min(
            keys,
            key=lambda key: (
                -int(key.rpartition(":")[2]) if name == "dovecot" else int(key.rpartition(":")[2])
            ),
        )
    ]


pytestmark = pytest.mark.server

KINDS = {
    "nginx": "nginx-access.log",
    "apache": "apache-access.log",
    "postfix": "mail.log",
    "vsftpd": "vsftpd.log",
    "sshd": "auth.log",
    "haproxy": "auth.log",
    "dovecot": "dovecot.log",
}


@pytest.mark.parametrize("name", KINDS)
def test_every_connection_is_in_the_servers_own_log(scanned: Scanned, name: str) -> None:
    facts = _of(scanned, _verified(scanned, scanned.logs / KINDS[name], zone="Z"), name)
    assert facts["expected"] >= 1
    assert (facts["found"], facts["missing"]) == (facts["expected"], []), (
        facts,
        (scanned.logs / KINDS[name]).read_text(),
    )
    assert facts["zone_shift"] == 0
    assert facts["signs"] == []
    assert facts["gaps"] == []
    if facts["skew_median"] is not None:
        assert abs(facts["skew_median"]) <= 2
        assert facts["source"] == "ours"
    assert {"time", "source_address", "action"} <= set(facts["fields"])
    assert facts["evidence"]


def test_the_whole_folder_is_sorted_out_by_itself(scanned: Scanned) -> None:
    found = _verified(scanned, scanned.logs, zone="Z")
    for name in KINDS:
        facts = _of(scanned, found, name)
        assert facts["found"] == facts["expected"], name


def test_the_result_has_it_under_log_retention(scanned: Scanned) -> None:
    _verified(scanned, scanned.logs, zone="Z")
    done = scanned.zijian("assess", "latest", "-q", "-o", "again", "--lang", "zh")
    assert done.returncode in (0, 3), done.stderr
    result = scanned.zijian.result("again")
    findings = {
        (one["check"], one["service"].split("@")[-1]): one
        for one in result["findings"]
        if one["check"].startswith("logs/")  # type: ignore[attr-defined]
    }
    where = f"{scanned.addresses['nginx']}:80/tcp"
    assert findings["logs/our-connections", where]["status"] == "pass"
    assert findings["logs/our-connections", where]["basis"] == "operator_file"
    assert findings["logs/source-address", where]["status"] == "pass"
    assert findings["logs/retention", where]["outcome"] == "short"
    for check in (
        "logs/clock", "logs/fields", "logs/gaps", "logs/order", "logs/our-connections", "logs/source-address",
    ):  # fmt: skip
        # Fewer days than a gap needs: not applicable, which is no finding.
        assert check == "logs/gaps" or findings[check, where]["status"] in ("pass", "info"), check
    (duty,) = [one for one in result["duties"] if one["key"] == "log_retention"]  # type: ignore[attr-defined]
    assert duty["findings"]
    page = (scanned.zijian.folder / "again" / "report.html").read_text()
    assert "日志含有本次检测的全部" in page


PACKED = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


@pytest.mark.parametrize("kind", [*PACKED, "tar", "tar.gz"])
def test_packed_logs_are_read(scanned: Scanned, tmp_path: Path, kind: str) -> None:
    data = (scanned.logs / "nginx-access.log").read_bytes()
    packed = tmp_path / f"access.log.{kind}"
    if kind.startswith("tar"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz" if kind.endswith("gz") else "w") as tar:
            for name, content in (("a/access.log", data), ("a/access.log.1.gz", gzip.compress(data[:500]))):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        packed.write_bytes(out.getvalue())
    else:
        packed.write_bytes(PACKED[kind](data))
    facts = _of(scanned, _verified(scanned, packed), "nginx")
    assert facts["found"] == facts["expected"]


def _changed(scanned: Scanned, change: Any, name: str = "nginx-access.log") -> dict[str, Any]:
    path = scanned.logs / name
    path.write_bytes(change(path.read_bytes()))
    kind = next(key for key, value in KINDS.items() if value == name)
    return _of(scanned, _verified(scanned, path, zone="Z"), kind)


def _shifted(data: bytes, by: timedelta) -> bytes:
    def later(match: re.Match[bytes]) -> bytes:
        moment = datetime.strptime(match[0].decode(), "%d/%b/%Y:%H:%M:%S") + by
        return moment.strftime("%d/%b/%Y:%H:%M:%S").encode()

    return re.sub(rb"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d", later, data)


def _judged(scanned: Scanned) -> dict[str, str]:
    """Check -> outcome on nginx's port 80, after the facts that are stored."""
    done = scanned.zijian("assess", "latest", "-q", "-o", "judged")
    assert done.returncode in (0, 3), done.stderr
    where = f"{scanned.addresses['nginx']}:80/tcp"
    findings = scanned.zijian.result("judged")["findings"]
    return {one["check"]: one["outcome"] for one in findings if one["service"].split("@")[-1] == where}  # type: ignore[attr-defined]


def test_what_is_wrong_is_judged(scanned: Scanned) -> None:
    def spoiled(data: bytes) -> bytes:
        early = _shifted(data, timedelta(hours=8))
        lines = re.sub(rb"(?m)^\S+", b"10.0.0.9", early).splitlines(True)
        old = [
            _shifted(line, timedelta(days=-40 + number // 200))
            for number in range(7800)
            for line in lines[:1]
            if not 3000 <= number < 3800
        ]
        return b"".join((*old, *lines, *old[:20], *lines[-1:]))

    _changed(scanned, spoiled)
    outcomes = _judged(scanned)
    assert outcomes["logs/clock"] == "wrong_zone"
    assert outcomes["logs/source-address"] == "other"
    assert outcomes["logs/order"] == "strong"
    assert outcomes["logs/gaps"] == "gaps"
    (scanned.logs / "nginx-access.log").write_bytes(
        b"".join(
            b'10.0.0.9 - - [%02d/Nov/2026:10:%02d:00 +0800] "GET / HTTP/1.1" 200 1 "-" "-"\n' % (day, minute)
            for day in range(1, 30)
            for minute in range(60)
        )
    )
    _verified(scanned, scanned.logs / "nginx-access.log")
    assert _judged(scanned)["logs/our-connections"] in ("none", "not_covered")


def test_removed_lines_are_missed(scanned: Scanned) -> None:
    facts = _changed(
        scanned, lambda data: b"".join(line for line in data.splitlines(True) if b"zijian-" not in line)
    )
    assert facts["expected"] == facts["found"] or facts["missing"]
    nothing = _changed(
        scanned,
        lambda _: b'203.0.113.1 - - [27/Nov/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n' * 3,
    )
    assert nothing["found"] == 0
    assert nothing["missing"]


@pytest.mark.parametrize("hours", [-8, 3, 8])
def test_a_wrong_zone_is_named(scanned: Scanned, hours: int) -> None:
    facts = _changed(scanned, lambda data: _shifted(data, timedelta(hours=hours)))
    assert facts["zone_shift"] == hours * 60
    assert facts["zone_written"]
    assert facts["found"] == facts["expected"]
    assert abs(facts["skew_median"]) <= 2


def test_a_wrong_clock_is_named(scanned: Scanned) -> None:
    facts = _changed(scanned, lambda data: _shifted(data, timedelta(seconds=137)))
    assert facts["zone_shift"] == 0
    assert 134 <= facts["skew_median"] <= 139


def test_a_proxys_address_is_named(scanned: Scanned) -> None:
    facts = _changed(scanned, lambda data: re.sub(rb"(?m)^\S+", b"10.0.0.9", data))
    assert (facts["source"], facts["source_seen"]) == ("other", "10.0.0.9")


def test_a_cut_gz_gives_what_it_has(scanned: Scanned, tmp_path: Path) -> None:
    data = (scanned.logs / "nginx-access.log").read_bytes()
    packed = gzip.compress(data * 50, compresslevel=0)
    path = tmp_path / "access.log.gz"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    facts = _of(scanned, _verified(scanned, path), "nginx")
    assert "truncated" in facts["files"][0]["troubles"]
    assert facts["found"] == facts["expected"]


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda data: data.replace(b"\n", b"\r\n"), None),
        (lambda data: b"\xef\xbb\xbf" + data, None),
        (
            lambda data: (
                data + '192.0.2.1 - - [27/Nov/2026:00:00:00 +0000] "GET /中文 HTTP/1.1" 404 0\n'.encode("gbk")
            ),
            None,
        ),
        (lambda data: data.decode("latin-1").encode("utf-16"), None),
        (lambda data: data + b"\0" * 4096 + b"\n", "nul_bytes"),
        (lambda data: data + b"x" * (20 << 20) + b"\n" + data[:400], "overlong_lines"),
        (lambda data: data + b"no line end", None),
    ],
)
def test_odd_bytes_are_no_trouble(scanned: Scanned, change: Any, trouble: str | None) -> None:
    facts = _changed(scanned, change)
    assert facts["found"] == facts["expected"]
    (file,) = facts["files"]
    assert file["troubles"] == ([trouble] if trouble else [])


def test_rotation_in_the_middle_of_the_scan(scanned: Scanned, tmp_path: Path) -> None:
    lines = (scanned.logs / "nginx-access.log").read_bytes().splitlines(True)
    (tmp_path / "access.log").write_bytes(b"".join(lines[len(lines) // 2 :]))
    (tmp_path / "access.log.1").write_bytes(b"".join(lines[: len(lines) // 2]))
    facts = _of(scanned, _verified(scanned, tmp_path / "access.log", tmp_path / "access.log.1"), "nginx")
    assert facts["found"] == facts["expected"]
    assert facts["signs"] == []


def test_a_letter_names_services_and_no_mark(scanned: Scanned) -> None:
    done = scanned.zijian("logs", "challenge", "latest")
    assert done.returncode == 0, done.stderr
    nonces = re.findall(r'"nonce":\s?"(\w+)"', scanned.zijian.ledger().read_text())
    assert nonces
    for lang in ("zh", "en"):
        letter = scanned.zijian("logs", "challenge", "latest", "--lang", lang).stdout
        for address in scanned.addresses.values():
            assert address in letter
        assert not any(nonce in letter for nonce in nonces)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("verify", "none.log"), "is neither a file nor a folder"),
        (("verify", "empty.log"), "there is no line"),
        (("verify", "words.txt"), "none of the files is a log"),
        (("verify", "words.txt", "--zone", "x"), "--zone 'x' is none"),
        (("verify", "words.txt", "--scan", "x"), "there is no scan 'x'"),
        (("challenge", "x"), "there is no scan 'x'"),
    ],
)
def test_bad_input_is_one_sentence(scanned: Scanned, arguments: tuple[str, ...], why: str) -> None:
    (scanned.zijian.folder / "empty.log").touch()
    (scanned.zijian.folder / "words.txt").write_text("just words\n")
    done = scanned.zijian("logs", *arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
