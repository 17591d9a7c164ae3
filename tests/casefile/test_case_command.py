"""``zijian case`` as people use it: taken in once, exported as one file, verified elsewhere without store or network."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scanner.hashchain import verify_lines
from tests.casefile.conftest import Tsa
from tests.casefile.test_timestamping import serving
from tests.servers.process import loopback_address, program
from tests.test_scan import Zijian

Keys = dict[str, tuple[Path, Path]]


def _ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def _refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Zijian:
    """A case with a scan of an address where nothing answers, and a file."""
    zijian = Zijian(tmp_path_factory.mktemp("case"), "zh")
    _ok(zijian("scan", loopback_address(), "--ports", "1-3", "-q", "-o", "out"))
    number = "京公网检〔2026〕1号"
    _ok(
        zijian(
            "case",
            "new",
            "--title",
            "某某公司远程检查",
            "--number",
            number,
            "--unit",
            "某某分局",
            "--by",
            "张三",
        )
    )
    (zijian.folder / "现场 照片.jpg").write_bytes(bytes(range(256)))
    _ok(zijian("case", "attach", "latest", "--scan", "latest", "--by", "张三"))
    _ok(zijian("case", "attach", number, "现场 照片.jpg", "--note", "机房", "--by", "李四"))
    return zijian


@pytest.fixture
def case(made: Zijian, tmp_path: Path) -> Zijian:
    """That case in a data folder of the test's own."""
    shutil.copytree(made.folder, tmp_path / "own")
    return Zijian(tmp_path / "own", "zh")


def test_from_intake_to_verification_elsewhere(case: Zijian, keys: Keys, tsa: Tsa, tmp_path: Path) -> None:
    private, public = keys["ed25519"]
    with serving(loopback_address(), lambda asked: (200, tsa.reply(asked))) as url:
        _ok(
            case(
                "case", "export", "latest", "-o", "a.zip", "--key", str(private), "--tsa", url, "--by", "王五"
            )
        )
    with zipfile.ZipFile(case.folder / "a.zip") as file:
        register = json.loads(file.read("data/case.json"))
        trail = [json.loads(line) for line in file.read("data/audit.jsonl").splitlines()]
        software = json.loads(file.read("data/software.json"))
        picture = file.read("data/items/02-file-现场_照片/现场_照片.jpg")
        facts = [
            json.loads(line)
            for line in file.read(next(n for n in file.namelist() if "facts" in n)).splitlines()
        ]
    assert picture == bytes(range(256))
    assert [item["kind"] for item in register["items"].values()] == ["scan", "file"]
    assert register["items"]["02"]["source"].endswith("现场 照片.jpg")
    assert register["items"]["02"]["note"] == "机房"
    assert [(entry["who"], entry["what"]) for entry in trail] == [
        ("张三", "new"), ("张三", "attach"), ("李四", "attach"), ("王五", "export"),
    ]  # fmt: skip
    assert software["libraries"]["cryptography"]
    assert facts[0]["table"] == "scans"
    # Elsewhere: another data folder, no network, the key alone.
    elsewhere = Zijian(tmp_path / "elsewhere", "zh")
    elsewhere.folder.mkdir()
    told = _ok(
        elsewhere(
            "case",
            "verify",
            f"{case.folder}/a.zip",
            "--key",
            str(public),
            "--tsa-root",
            str(tsa.root),
            "--json",
        )
    )
    verdict = json.loads(told)
    assert verdict["intact"]
    assert verdict["vouched"]
    assert [stamp["trusted"] for stamp in verdict["timestamps"]] == [True]
    assert set(verdict["chains"].values()) >= {4}
    assert verdict["info"]["Source-Organization"] == "某某分局"
    assert not list(elsewhere.home.glob("*.sqlite"))
    words = _ok(elsewhere("case", "verify", f"{case.folder}/a.zip", "--key", str(public)))
    assert "完整" in words
    assert "与所给公钥一致" in words
    assert "未给出时间戳机构的根证书" in words
    assert "no key" not in _ok(elsewhere("case", "verify", f"{case.folder}/a.zip", "--lang", "en"))
    _ok(elsewhere("case", "unpack", f"{case.folder}/a.zip", "-o", "new"))
    unpacked = elsewhere.folder / "new" / "data" / "items" / "02-file-现场_照片" / "现场_照片.jpg"
    assert unpacked.read_bytes() == bytes(range(256))
    assert unpacked.stat().st_mode & 0o777 == 0o600
    assert "已经存在" in _refused(elsewhere("case", "unpack", f"{case.folder}/a.zip", "-o", "new"))


def test_one_changed_byte_is_said_with_its_part(case: Zijian, keys: Keys) -> None:
    _ok(case("case", "export", "latest", "-o", "a.zip", "--key", str(keys["ecdsa"][0])))
    path = case.folder / "a.zip"
    data = bytearray(path.read_bytes())
    at = data.index(bytes(range(256)))
    data[at + 7] ^= 1
    path.write_bytes(data)
    done = case("case", "verify", "a.zip")
    assert done.returncode == 2
    assert "data/items/02-file-现场_照片/现场_照片.jpg：内容被改动" in done.stdout
    assert "已不完好，没有解包" in _refused(case("case", "unpack", "a.zip", "-o", "new"))
    assert not (case.folder / "new").exists()


def test_the_wrong_key_does_not_vouch(case: Zijian, keys: Keys) -> None:
    _ok(case("case", "export", "latest", "-o", "a.zip", "--key", str(keys["rsa"][0])))
    done = case("case", "verify", "a.zip", "--key", str(keys["ed25519"][1]))
    assert done.returncode == 2
    assert "没有与所给公钥一致的有效签名" in done.stdout
    _ok(case("case", "sign", "a.zip", "--key", str(keys["ed25519"][0])))
    assert "与所给公钥一致" in _ok(case("case", "verify", "a.zip", "--key", str(keys["ed25519"][1])))


def test_a_time_stamp_can_be_fetched_by_other_means(case: Zijian, tsa: Tsa) -> None:
    _ok(case("case", "export", "latest", "-o", "a.zip"))
    _ok(case("case", "stamp", "a.zip", "--request", "a.tsq"))
    (case.folder / "a.tsr").write_bytes(tsa.reply((case.folder / "a.tsq").read_bytes()))
    _ok(case("case", "stamp", "a.zip", "--answer", "a.tsr"))
    assert "tagmanifest-sha256.txt" in _ok(case("case", "verify", "a.zip", "--tsa-root", str(tsa.root)))
    (case.folder / "other.tsr").write_bytes(b"nonsense")
    assert "a.zip：" in _refused(case("case", "stamp", "a.zip", "--answer", "other.tsr"))


def test_only_the_recipient_reads_an_encrypted_export(case: Zijian, tmp_path: Path) -> None:
    for name in ("reader", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run([program(command[0]), *command[1:]], check=True)
    recipient = (tmp_path / "reader.pub").read_text().strip()
    _ok(case("case", "export", "latest", "-o", "a.zip.age", "--encrypt-to", recipient))
    sealed = case.folder / "a.zip.age"
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert not [path for path in case.folder.iterdir() if path.name.startswith(".a.zip")]
    _ok(case("case", "decrypt", "a.zip.age", "--identity", str(tmp_path / "reader"), "-o", "a.zip"))
    assert "完整" in _ok(case("case", "verify", "a.zip"))
    assert "无法解密" in _refused(
        case("case", "decrypt", "a.zip.age", "--identity", str(tmp_path / "other"), "-o", "b.zip")
    )
    assert not (case.folder / "b.zip").exists()
    sealed.write_bytes(sealed.read_bytes()[:-100])
    assert "无法解密" in _refused(
        case("case", "decrypt", "a.zip.age", "--identity", str(tmp_path / "reader"), "-o", "b.zip")
    )
    assert not (case.folder / "b.zip").exists()
    assert "不是 age 的接收方公钥" in _refused(
        case("case", "export", "latest", "-o", "c", "--encrypt-to", "age1nonsense")
    )


@pytest.mark.parametrize("kind", ["EC:prime256v1", "rsa:2048"])
def test_a_key_on_a_token_signs(case: Zijian, tmp_path: Path, kind: str) -> None:
    (module,) = [path for path in map(Path, ("/usr/lib/softhsm/libsofthsm2.so",)) if path.exists()]
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\n")
    environment = {**os.environ, "SOFTHSM2_CONF": f"{tmp_path}/softhsm2.conf"}

    def token(*command: str) -> bytes:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    tool = ["pkcs11-tool", "--module", str(module), "--login", "--pin", "1234"]
    token("softhsm2-util", "--init-token", "--free", "--label", "unit", "--so-pin", "1234", "--pin", "1234")
    token(*tool, "--keypairgen", "--key-type", kind, "--id", "01")
    public = token(*tool, "--read-object", "--type", "pubkey", "--id", "01")
    (tmp_path / "public.der").write_bytes(public)
    pem = subprocess.run(
        [program("openssl"), "pkey", "-pubin", "-inform", "DER", "-in", str(tmp_path / "public.der")],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    (tmp_path / "public.pem").write_bytes(pem)
    _ok(case("case", "export", "latest", "-o", "a.zip"))
    (case.folder / "signed").write_text(_ok(case("case", "sign", "a.zip", "--to-be-signed")))
    if kind.startswith("EC"):
        # SoftHSM signs a digest that was made before.
        signed = (case.folder / "signed").read_bytes()
        (case.folder / "signed").write_bytes(hashlib.sha256(signed).digest())
    how = {
        "EC:prime256v1": ["--mechanism", "ECDSA", "--signature-format", "openssl"],
        "rsa:2048": ["--mechanism", "SHA256-RSA-PKCS-PSS", "--salt-len", "32"],
    }[kind]
    token(*tool, "--sign", "--id", "01", *how, "-i", f"{case.folder}/signed", "-o", f"{case.folder}/sig")
    _ok(case("case", "sign", "a.zip", "--signature", "sig", "--public-key", str(tmp_path / "public.pem")))
    assert "与所给公钥一致" in _ok(case("case", "verify", "a.zip", "--key", str(tmp_path / "public.pem")))
    (case.folder / "sig").write_bytes(b"\0" * 64)
    assert "不是该密钥对" in _refused(
        case("case", "sign", "a.zip", "--signature", "sig", "--public-key", str(tmp_path / "public.pem"))
    )


def test_evidence_that_was_changed_in_the_store_is_not_exported(case: Zijian) -> None:
    (kept,) = case.home.glob("cases/*/*/现场_照片.jpg")
    kept.write_bytes(b"another")
    assert "在收录之后被改动过" in _refused(case("case", "export", "latest", "-o", "a.zip"))
    done = case("case", "show", "latest")
    assert done.returncode == 2
    assert "在收录之后被改动过" in done.stdout
    assert not list(case.folder.glob("*.zip"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("new", "--title", " "), "--title 是空的"),
        (("new", "--title", "x\ny"), "--title 只能写一行"),
        (("new", "--title", "x", "--number", "京公网检〔2026〕1号"), "已经用于另一个案卷"),
        (("attach", "latest"), "请写出要放入的文件"),
        (("attach", "latest", "none.txt"), "无法读取 none.txt：没有这个文件或者文件夹"),
        (("attach", "latest", "."), "不是文件"),
        (("attach", "latest", "--scan", "x"), "没有扫描 'x'"),
        (("attach", "x", "--scan", "latest"), "没有案卷 'x'"),
        (("export", "latest", "--certificate", "x"), "--certificate 要与 --key 一起使用"),
        (("export", "latest", "--key", "none.pem"), "无法读取 none.pem"),
        (("export", "latest", "--key", "out/result.json"), "out/result.json"),
        (("export", "latest", "-o", "out/result.json"), "已经存在"),
        (("verify", "none.zip"), "无法读取 none.zip"),
        (("verify", "out/result.json", "--key", "out/result.json"), "out/result.json"),
        (("sign", "out/result.json", "--to-be-signed"), "不是完好的案卷"),
        (("stamp", "out/result.json"), "请在 --tsa、--request、--answer 中选用一个"),
        (("unpack", "none.zip", "-o", "new"), "无法读取 none.zip"),
        (("decrypt", "none", "--identity", "none", "-o", "new"), "无法读取 none"),
    ],
)
def test_bad_input_is_one_sentence(case: Zijian, arguments: tuple[str, ...], why: str) -> None:
    before = (case.folder / "out" / "result.json").read_bytes()
    assert why in _refused(case("case", *arguments))
    assert (case.folder / "out" / "result.json").read_bytes() == before
    assert "共 2 项" in _ok(case("case", "list")) or len(json.loads(_ok(case("case", "list", "--json")))) == 1


def test_two_who_attach_at_once_lose_nothing(case: Zijian) -> None:
    running = [case.start("case", "attach", "latest", "out/report.html", "--by", f"人{n}") for n in range(4)]
    for process in running:
        assert process.wait(60) == 0
    shown = json.loads(_ok(case("case", "show", "latest", "--json")))
    assert sorted(shown["items"]) == [f"{n:02}" for n in range(1, 7)]
    assert len({item["by"] for item in shown["items"].values()}) == 6
    assert len(shown["trail"]) == 7


def test_killed_at_any_moment_the_case_still_holds(case: Zijian) -> None:
    big = case.folder / "big.bin"
    big.write_bytes(os.urandom(8 << 20))
    for delay in (0.15, 0.3, 0.45, 0.6, 0.75):
        process = case.start("case", "attach", "latest", "big.bin")
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shown = json.loads(_ok(case("case", "show", "latest", "--json")))
    assert not shown["problems"]
    assert len(shown["trail"]) == 1 + len(shown["items"])
    _ok(case("case", "export", "latest", "-o", "a.zip"))
    assert "完整" in _ok(case("case", "verify", "a.zip"))


def test_a_disk_that_fills_up_leaves_no_half_export(case: Zijian) -> None:
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))\n"
        "from scanner.cli import main; sys.argv = ['zijian', *sys.argv[1:]]; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "case", "export", "latest", "-o", "a.zip"],
        capture_output=True, text=True, env=case.environment, cwd=case.folder, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert re.search("无法写入|磁盘已满", done.stderr)
    assert not [path.name for path in case.folder.iterdir() if "a.zip" in path.name]


def test_the_trail_in_the_export_verifies_alone(case: Zijian) -> None:
    _ok(case("case", "export", "latest", "-o", "a.zip"))
    with zipfile.ZipFile(case.folder / "a.zip") as file:
        lines = file.read("data/audit.jsonl").splitlines(keepends=True)
    assert verify_lines(lines).error is None
    assert verify_lines([*lines[:1], *lines[2:]]).error is not None
