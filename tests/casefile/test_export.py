"""The one file of a case: any byte that changes is found, and other programs read it."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.casefile import signature, timestamp
from reports.casefile.bag import SIGNED, from_bytes, from_file, read_manifest, write_bag
from reports.casefile.container import ContainerError, Source, read, rewrite, why_unsafe, write
from reports.casefile.verify import Verdict, verify
from scanner.hashchain import GENESIS, chain_hash
from tests.casefile.conftest import Tsa
from tests.servers.process import program

Keys = dict[str, tuple[Path, Path]]


def _chain(number: int) -> bytes:
    lines, previous = b"", GENESIS
    for seq in range(1, number + 1):
        record = {"seq": seq, "kind": "open", "prev": previous}
        previous = record["hash"] = chain_hash(previous, record)
        lines += json.dumps(record).encode() + b"\n"
    return lines


PAYLOAD = {
    "README.txt": "怎样核验\n".encode(),
    "items/01-scan/result.json": b'{"schema": "zijian/1"}\n',
    "items/01-scan/ledger.jsonl": _chain(5),
    "items/02-file/现场 照片.jpg": bytes(range(256)) * 40,
    "items/03-file/empty": b"",
}


def _payload() -> list[Source]:
    return [from_bytes(name, data) for name, data in PAYLOAD.items()]


@pytest.fixture
def case(tmp_path: Path, keys: Keys) -> tuple[Path, signature.PublicKey]:
    private = signature.load_private(keys["ed25519"][0].read_bytes(), None)
    path = tmp_path / "case.zip"
    write_bag(
        path,
        _payload(),
        {"External-Identifier": "A-1"},
        lambda signed: signature.sign(signed, private).parts(),
    )
    return path, private.public_key()


def _keys_of(verdict: Verdict) -> set[str]:
    return {problem.key for problem in verdict.problems}


def test_a_good_case_holds_and_says_who_signed(case: tuple[Path, signature.PublicKey]) -> None:
    path, key = case
    verdict = verify(path, [key])
    assert verdict.intact, verdict.problems
    assert verdict.vouched
    assert verdict.chains == {"data/items/01-scan/ledger.jsonl": 5}
    assert verdict.info["External-Identifier"] == "A-1"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not verify(path).vouched  # Nobody's key was given: the bytes hold, and no more is said.


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_bag(tmp_path / name, _payload(), {})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_every_changed_byte_is_found(case: tuple[Path, signature.PublicKey], tmp_path: Path) -> None:
    path, _ = case
    whole = path.read_bytes()
    changed = tmp_path / "changed.zip"
    chance = random.Random(7)
    # All of the structure, and a sample of the picture.
    places = {*range(0, len(whole), 7), *range(len(whole) - 400, len(whole)), *range(200)}
    for place in sorted(places):
        bit = 1 << chance.randrange(8)
        changed.write_bytes(whole[:place] + bytes((whole[place] ^ bit,)) + whole[place + 1 :])
        verdict = verify(changed)
        assert not verdict.intact, f"byte {place} of {len(whole)}"
        assert all(problem.key for problem in verdict.problems)


def test_every_cut_and_every_addition_is_found(
    case: tuple[Path, signature.PublicKey], tmp_path: Path
) -> None:
    path, _ = case
    whole = path.read_bytes()
    changed = tmp_path / "changed.zip"
    for end in range(0, len(whole), 97):
        changed.write_bytes(whole[:end])
        assert not verify(changed).intact, f"cut at {end}"
    for place in range(0, len(whole) + 1, 97):
        changed.write_bytes(whole[:place] + b"\0" + whole[place:])
        assert not verify(changed).intact, f"byte added at {place}"
    for more in (b"PK\x05\x06", b" ", whole):
        changed.write_bytes(whole + more)
        assert not verify(changed).intact


def _remade(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Make the file again as one would who knows the format, with right check sums everywhere but in the manifests."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    path.unlink()
    write(path, [from_bytes(name, data) for name, data in parts.items()])


@pytest.mark.parametrize(
    ("change", "key", "part"),
    [
        (lambda parts: parts.update({"data/README.txt": b"x"}), "changed", "data/README.txt"),
        (lambda parts: parts.pop("data/README.txt"), "missing", "data/README.txt"),
        (lambda parts: parts.update({"data/more": b"x"}), "added", "data/more"),
        (lambda parts: parts.update({"beside": b"x"}), "added", "beside"),
        (lambda parts: parts.update({"signatures/x.txt": b"x"}), "signature_unreadable", "signatures/x"),
        (lambda parts: parts.update({"timestamps/x.tsr": b"x"}), "added", "timestamps/x.tsr"),
        (lambda parts: parts.update({"bag-info.txt": b"Contact: another\n"}), "changed", "bag-info.txt"),
        (lambda parts: parts.pop("manifest-sm3.txt"), "missing", "manifest-sm3.txt"),
        (lambda parts: parts.pop("tagmanifest-sm3.txt"), "missing", "tagmanifest-sm3.txt"),
        (lambda parts: parts.update({"bagit.txt": b"BagIt-Version: 0.97\n"}), "changed", "bagit.txt"),
        (lambda parts: parts.update({"manifest-sha256.txt": b"junk\n"}), "unreadable", "manifest-sha256.txt"),
    ],
)
def test_what_was_changed_is_named(
    case: tuple[Path, signature.PublicKey],
    change: Callable[[dict[str, bytes]], None],
    key: str,
    part: str,
) -> None:
    path, _ = case
    _remade(path, change)
    assert (key, part) in {(problem.key, problem.part) for problem in verify(path).problems}


def test_manifests_made_anew_are_no_longer_signed(
    case: tuple[Path, signature.PublicKey], tmp_path: Path
) -> None:
    path, key = case
    with zipfile.ZipFile(path) as old:
        stale = {name: old.read(name) for name in old.namelist() if name.startswith("signatures/")}
    forged = tmp_path / "forged.zip"
    write_bag(forged, [from_bytes("README.txt", b"another")], {})
    rewrite(forged, [from_bytes(name, data) for name, data in stale.items()])
    assert "signature_wrong" in _keys_of(verify(forged, [key]))
    bare = tmp_path / "bare.zip"
    write_bag(bare, [from_bytes("README.txt", b"another")], {})
    assert verify(bare).intact
    assert _keys_of(verify(bare, [key])) == {"not_signed_by_known"}


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_openssl_verifies_the_signature(tmp_path: Path, keys: Keys, kind: str) -> None:
    private = signature.load_private(keys[kind][0].read_bytes(), None)
    path = tmp_path / "case.zip"
    write_bag(path, _payload(), {}, lambda signed: signature.sign(signed, private).parts())
    key = signature.load_public(keys[kind][1].read_bytes())
    assert verify(path, [key]).vouched
    with zipfile.ZipFile(path) as file:
        names = {Path(name).suffix: name for name in file.namelist() if name.startswith("signatures/")}
        (tmp_path / "sig").write_bytes(file.read(names[".sig"]))
        (tmp_path / "signed").write_bytes(file.read(SIGNED))
    command = {
        "ed25519": ["pkeyutl", "-verify", "-pubin", "-inkey", str(keys[kind][1]), "-rawin", "-in", f"{tmp_path}/signed",
                    "-sigfile", f"{tmp_path}/sig"],
        "ecdsa": ["dgst", "-sha256", "-verify", str(keys[kind][1]), "-signature", f"{tmp_path}/sig", f"{tmp_path}/signed"],
        "rsa": ["dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", "-verify",
                str(keys[kind][1]), "-signature", f"{tmp_path}/sig", f"{tmp_path}/signed"],
    }[kind]  # fmt: skip
    done = subprocess.run([program("openssl"), *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_several_sign_one_after_another(case: tuple[Path, signature.PublicKey], keys: Keys) -> None:
    path, first = case
    other = signature.load_private(keys["ecdsa"][0].read_bytes(), None)
    with zipfile.ZipFile(path) as file:
        signed = file.read(SIGNED)
    rewrite(path, signature.sign(signed, other).parts())
    verdict = verify(path, [first, other.public_key()])
    assert verdict.intact, verdict.problems
    assert [signer.known for signer in verdict.signers] == [True, True]
    assert sorted(signer.scheme for signer in verdict.signers) == ["ECDSA-SHA256", "Ed25519"]


def test_a_time_stamp_by_openssl(case: tuple[Path, signature.PublicKey], tsa: Tsa, tmp_path: Path) -> None:
    path, key = case
    with zipfile.ZipFile(path) as file:
        about = next(name for name in file.namelist() if name.endswith(".sig"))
        data = file.read(about)
    answer = tsa.reply(timestamp.request(data))
    rewrite(path, [timestamp.part(about, answer)])
    root = x509.load_pem_x509_certificate(tsa.root.read_bytes())
    verdict = verify(path, [key], [root])
    assert verdict.intact, verdict.problems
    assert [(stamp.part, stamp.trusted) for stamp in verdict.stamps] == [(about, True)]
    assert not verify(path, [key]).stamps[0].trusted
    # Another's root does not make it true, and an answer over something else is none.
    (tmp_path / "asked").write_bytes(data)
    (tmp_path / "answer").write_bytes(answer)
    command = [
        "ts",
        "-verify",
        "-data",
        f"{tmp_path}/asked",
        "-in",
        f"{tmp_path}/answer",
        "-CAfile",
        str(tsa.root),
    ]
    assert subprocess.run([program("openssl"), *command], capture_output=True, check=False).returncode == 0
    rewrite(path, [timestamp.part(about, tsa.reply(timestamp.request(b"another")))])
    assert _keys_of(verify(path, [key], [root])) == {"stamp_wrong"}
    rewrite(path, [timestamp.part(about, b"\x30\x00")])
    assert _keys_of(verify(path, [key], [root])) == {"stamp_wrong"}


def test_other_programs_read_it(case: tuple[Path, signature.PublicKey], tmp_path: Path) -> None:
    path, _ = case
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        folder = tmp_path / "bag"
        file.extractall(folder)
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.info["Payload-Oxum"] == f"{sum(map(len, PAYLOAD.values()))}.{len(PAYLOAD)}"
    done = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--quiet", "manifest-sha256.txt"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    digests = read_manifest((folder / "manifest-sm3.txt").read_bytes())
    for name, digest in digests.items():
        told = subprocess.run(
            [program("openssl"), "dgst", "-sm3", "-r", name],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.split()[0] == digest, name


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a\\b", "C:x", "con", "a/NUL.txt", "x\0y", "x\ny", "a\u202eb",
     "e\u0301", "x ", "x.", "a/ b", "\ud800", "x" * 1001],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert why_unsafe(name)
    with pytest.raises(ValueError, match=re.escape(repr(name))):
        write(tmp_path / "case.zip", [from_bytes(name, b"")])


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a", "a/b"), ("A/b", "a")])
def test_names_that_are_one_somewhere_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"is there twice|also a folder"):
        write(tmp_path / "case.zip", [from_bytes(name, b"") for name in names])


def _raw(name: bytes, data: bytes, attributes: int = 0o100644 << 16) -> bytes:
    """A ZIP with one part by a writer without scruples."""
    crc = zlib.crc32(data)
    head = (
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x800, 0, 0, 33, crc, len(data), len(data), len(name), 0)
        + name
    )
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 0x314, 20, 0x800, 0, 0, 33, crc, len(data), len(data), len(name), 0, 0, 0, 0, attributes, 0
    )  # fmt: skip
    body = head + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), len(body), 0)
    return body + entry + name + end


@pytest.mark.parametrize(
    "data",
    [
        _raw(b"../../etc/cron.d/x", b"* * * * *"),
        _raw(b"/abs", b"x"),
        _raw(b"link", b"/etc/passwd", 0o120777 << 16),
        _raw(b"a\xff", b"x"),
        _raw(b"a\\..\\b", b"x"),
        b"",
        b"PK\3\4",
        b"not a zip at all",
        b"PK\5\6" + bytes(18),
    ],
)
def test_a_file_that_would_lead_elsewhere_is_no_case(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "hostile.zip"
    path.write_bytes(data)
    assert not verify(path).intact
    with pytest.raises(ContainerError):
        read(io.BytesIO(data))


def test_a_packed_bomb_is_no_case(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data/zeros", bytes(50 << 20))
    assert _keys_of(verify(path)) & {"head", "cut"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    for start in (b"", b"PK\3\4"):
        with pytest.raises(ContainerError):
            read(io.BytesIO(start + data))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    growing = tmp_path / "growing.log"
    growing.write_bytes(b"one")
    source = from_file("growing.log", growing)
    opened = source.open

    def grows() -> object:
        growing.write_bytes(growing.read_bytes() + b"more")
        return opened()

    with pytest.raises(ValueError, match="changed while it was read"):
        write(tmp_path / "case.zip", [Source("growing.log", grows)])  # type: ignore[arg-type]


def test_a_broken_chain_inside_is_named(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    lines = _chain(4).splitlines(keepends=True)
    write_bag(path, [from_bytes("items/01-scan/ledger.jsonl", b"".join((*lines[:2], lines[3])))], {})
    assert [(problem.key, problem.part) for problem in verify(path).problems] == [
        ("chain", "data/items/01-scan/ledger.jsonl")
    ]
