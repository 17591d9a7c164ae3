"""The whole line, as a user runs it, against real servers on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import jsonschema
import pytest

from reports.json_export import json_schema
from scanner.cli.settings_file import read_settings
from scanner.errors import UsageError
from scanner.ledger import records, verify
from scanner.scope import build_scope, read_scope_file
from tests.servers.mail import postfix_server
from tests.servers.process import loopback_address, program, running
from tests.servers.tls import issue, rsa_key, s_server

ROOT = Path(__file__).parent.parent
PORTS = "6379,8080"


class Zijian:
    """Runs the command line in a data folder of its own."""

    umask = -1
    """-1 keeps the test's own."""

    def __init__(self, folder: Path, lang: str = "en") -> None:
        self.folder = folder
        self.home = folder / "home"
        self.environment = {
            **os.environ,
            "ZIJIAN_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "160",
            "ZIJIAN_LANG": lang,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "scanner", *arguments]

    def __call__(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            capture_output=True, text=True, timeout=timeout, env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, check=False, umask=self.umask,
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def result(self, name: str = "out") -> dict[str, object]:
        found: dict[str, object] = json.loads((self.folder / name / "result.json").read_text())
        return found

    def ledger(self) -> Path:
        (path,) = self.home.glob("scans/*/ledger.jsonl")
        return path


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path)


@pytest.fixture(scope="module")
def weak_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host with an open redis and a careless nginx."""
    folder, address = tmp_path_factory.mktemp("weak"), loopback_address()
    site = folder / "site"
    (site / ".git").mkdir(parents=True)
    (site / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (site / "index.html").write_text("<title>首页</title><p>京ICP备12345678号-1</p><input type=password>")
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; events {{}}\n"
        f"http {{ access_log {folder}/access.log; client_body_temp_path {folder}; proxy_temp_path {folder};"
        f" fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};"
        f" server {{ listen {address}:8080; root {site}; default_type text/html; }} }}\n"
    )
    nginx = [program("nginx"), "-c", str(configuration), "-e", str(folder / "start.log")]
    redis = [
        program("redis-server"),
        "--bind",
        address,
        "--port",
        "6379",
        "--protected-mode",
        "no",
        "--save",
        "",
    ]
    with (
        running(nginx, address=address, port=8080, log=folder / "nginx.log"),
        running(redis, address=address, port=6379, log=folder / "redis.log", cwd=folder),
    ):
        yield address


def deviations(result: dict[str, object]) -> set[tuple[str, str]]:
    return {
        (finding["check"], finding["outcome"])
        for finding in result["findings"]  # type: ignore[attr-defined]
        if finding["status"] in {"fail", "warn"}
    }


EXPECTED = {
    ("exposure/redis-unauthenticated", "usable_locally"),
    ("web/git-exposed", "exposed"),
    ("web/login-over-clear-text", "clear_text"),
    ("web/no-https-redirect", "clear_text"),
}


def test_one_command_scans_judges_and_reports(zijian: Zijian, weak_host: str) -> None:
    done = zijian("scan", weak_host, "--ports", PORTS, "-o", "out", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    result = zijian.result()
    jsonschema.validate(result, json_schema())
    assert deviations(result) >= EXPECTED
    services = {service["port"]: service["name"] for service in result["services"]}  # type: ignore[attr-defined]
    assert services == {6379: "redis", 8080: "http"}
    report = (zijian.folder / "out" / "report.html").read_text()
    for words in (
        "防范计算机病毒和网络攻击、网络侵入的技术措施",
        "第二十三条",
        "需现场核实",
        "发现不符合",
        weak_host,
    ):
        assert words in report
    assert "发现不符合" in done.stdout
    assert re.search(r"主机 1/1，开放端口 2 个，探测 \d+ 次，每秒 \d+ 个连接", done.stderr)
    ledger = zijian.folder / "out" / "ledger.jsonl"
    assert verify(ledger).error is None
    assert verify(ledger).head == result["ledger"]["head_hash"]  # type: ignore[index]
    assert zijian("ledger", "verify", "latest").returncode == 0
    for finding in result["findings"]:  # type: ignore[attr-defined]
        if finding["status"] in {"fail", "warn"}:
            assert finding["looks"] == 2
            assert finding["ledger"]


def test_the_exit_code_tells_of_findings(zijian: Zijian, weak_host: str) -> None:
    common = ("scan", weak_host, "--ports", "6379", "-q", "-o", "out", "--checks", "exposure")
    assert zijian(*common, "--fail-on", "high").returncode == 1
    done = zijian(*common[:-2], "--skip", "exposure", "--fail-on", "low")
    assert (done.returncode, done.stdout) == (0, "")


def test_assess_by_settings_of_one_s_own(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    files = issue("zijian.test", key=rsa_key(2048), san=["zijian.test"]).write(tmp_path, "leaf")
    with s_server(tmp_path, address, 8443, "-cert", str(files[0]), "-key", str(files[1])):
        zijian("scan", f"{address}:8443", "-q", "-o", "out")

    def statuses(folder: str, check: str) -> set[str]:
        findings = zijian.result(folder)["findings"]
        return {one["status"] for one in findings if one["check"] == check}  # type: ignore[attr-defined]

    (zijian.folder / "own.toml").write_text("protection_level = 3\n[thresholds]\nrsa_min_bits = 3072\n")
    done = zijian("assess", "latest", "-o", "strict", "-q", "--settings", "own.toml")
    assert done.returncode == 0, done.stderr
    assert statuses("out", "certificate/weak-rsa-key") == {"pass"}
    assert statuses("strict", "certificate/weak-rsa-key") == {"fail"}
    assert statuses("strict", "tls/sm-suites") != statuses("out", "tls/sm-suites")
    said = zijian.result("strict")["scan"]["options"]["settings"]  # type: ignore[index]
    assert said.startswith("protection_level=3, rsa_min_bits=3072 (SHA-256 ")
    assert "rsa_min_bits=3072" in (zijian.folder / "strict" / "report.html").read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[thresholds]\nlog_retention_months = 1", "set by the law"),
        ("[thresholds]\ncertificate_max_days = 9", "set by the day of issue"),
        ("[thresholds]\nrsa_min_bit = 9", "no threshold is called"),
        ("[thresholds]\nrsa_min_bits = -1", "0 to"),
        ("[thresholds]\nrsa_min_bits = true", "int"),
        ("protection_level = 6", "1 to 5"),
        ("level = 3", "unknown field"),
        ("=", "own.toml"),
        ("#" * 70_000, "larger"),
    ],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_settings(path)


def test_assess_and_report_need_no_network(zijian: Zijian, weak_host: str) -> None:
    zijian("scan", weak_host, "--ports", PORTS, "-q", "-o", "out")
    code = (
        "import socket, sys\n"
        # WeasyPrint finds its libraries with ldconfig, when it is loaded.
        "if 'pdf' in sys.argv[-1]: import weasyprint\n"
        "def forbidden(*a, **k): raise AssertionError('a socket was used')\n"
        "socket.socket.connect = socket.socket.sendto = socket.getaddrinfo = forbidden\n"
        # Whether there is a Chinese font is asked of fontconfig.
        "import subprocess; run = subprocess.Popen\n"
        "def only_fonts(command, *a, **k):\n"
        "    return run(command, *a, **k) if command[0].endswith('/fc-list') else forbidden()\n"
        "subprocess.Popen = only_fonts\n"
        "from scanner.cli import main; sys.argv = ['zijian', *sys.argv[1:]]; main()\n"
    )
    for arguments in (
        ["assess", "latest", "-o", "again", "-q"],
        ["assess", "latest", "-o", "before", "-q", "--law-date", "2025-12-31"],
        ["report", "latest", "-o", "english", "--lang", "en"],
        ["report", "latest", "-o", "all", "--format", "html,pdf,docx,xlsx,csv,sarif,json,md"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True, text=True, env=zijian.environment, cwd=zijian.folder, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    first, again = zijian.result(), zijian.result("again")
    assert [finding["key"] for finding in first["findings"]] == [
        finding["key"] for finding in again["findings"]
    ]  # type: ignore[attr-defined]
    before = {
        citation["article"]
        for duty in zijian.result("before")["duties"]  # type: ignore[attr-defined]
        if duty["key"] == "log_retention"
        for citation in duty["citations"]
        if citation["instrument_key"] == "csl"
    }
    assert any(article.startswith("第二十一条") for article in before)
    assert "<html" in (zijian.folder / "english" / "report.html").read_text()
    starts = {path.name: path.read_bytes()[:4] for path in (zijian.folder / "all").iterdir()}
    assert starts.keys() >= {
        "report.html",
        "result.json",
        "report.sarif",
        "summary.md",
        "findings.csv",
        "duties.csv",
    }
    assert (starts["report.pdf"], starts["report.docx"], starts["report.xlsx"]) == (
        b"%PDF",
        b"PK\3\4",
        b"PK\3\4",
    )


def test_formats_are_chosen_before_anything_is_sent(zijian: Zijian, weak_host: str) -> None:
    done = zijian("scan", weak_host, "--ports", "6379", "--format", "html,exe", "-o", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'exe' is not one of html, pdf" in done.stderr
    assert not (zijian.folder / "out").exists()
    done = zijian(
        "scan", weak_host, "--ports", "6379", "--checks", "exposure", "--format", "MD,sarif", "-o", "out"
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (zijian.folder / "out").iterdir()} == {
        "summary.md",
        "report.sarif",
        "ledger.jsonl",
    }
    assert "summary.md" in done.stdout
    assert "report.html" not in done.stdout


def test_libraries_of_documents_are_loaded_only_when_asked_for(zijian: Zijian) -> None:
    code = (
        "import sys, scanner.cli.scan, scanner.cli.run, scanner.cli.deliver, scanner.cli.report, reports.html\n"
        "print([name for name in ('weasyprint', 'docx', 'openpyxl', 'fontTools', 'rich') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=zijian.environment, check=False
    )
    assert done.stdout == "[]\n", done.stderr


def probe_purposes(path: Path) -> Counter[str]:
    return Counter(record["purpose"] for record in records(path) if record["kind"] == "open")


@pytest.fixture
def tarpit() -> Iterator[tuple[str, int]]:
    """A host that accepts and never says anything."""
    address = loopback_address()
    with socket.create_server((address, 0), backlog=200) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield address, server.getsockname()[1]
        for connection in kept:
            connection.close()


def wait_until_running(zijian: Zijian) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any("open" in path.read_text() for path in zijian.home.glob("scans/*/ledger.jsonl")):
            return
        time.sleep(0.05)
    raise AssertionError("the scan did not begin")


@pytest.mark.parametrize("how", ["stop", "SIGINT"])
def test_it_stops_at_once_and_stays_resumable(zijian: Zijian, tarpit: tuple[str, int], how: str) -> None:
    address, port = tarpit
    process = zijian.start("scan", address, "--ports", str(port), "-o", "out")
    wait_until_running(zijian)
    if how == "stop":
        assert zijian("stop").returncode == 0
    else:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    told = records(zijian.ledger())
    cut = [record["seq"] for record in told if record.get("outcome") == "stopped"]
    assert cut, "the open connections were cut"
    assert not [record for record in told if record["kind"] == "open" and record["seq"] > cut[0]]
    assert zijian.result()["scan"]["status"] == "interrupted"  # type: ignore[index]
    assert (zijian.folder / "out" / "report.html").exists()
    assert zijian("stop").returncode == 2
    assert verify(zijian.ledger()).error is None


# ------------------------------------------------------------------ authorisation


def scope_file(folder: Path, targets: str, *, begins: timedelta, ends: timedelta, officers: int = 2) -> str:
    now = datetime.now(UTC)
    people = "".join(
        f'[[officers]]\nname = "警官{number}"\nnumber = "{number}"\n' for number in range(officers)
    )
    (folder / "scope.toml").write_text(
        f'mode = "police"\n[object]\nname = "某公司"\n[notice]\nnumber = "1号"\n'
        f"not_before = {(now + begins).isoformat()}\nnot_after = {(now + ends).isoformat()}\n"
        f"{people}[scope]\ntargets = {targets}\n",
        encoding="utf-8",
    )
    return "scope.toml"


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("begins", "ends", "officers", "target", "says"),
    [
        (HOUR, 2 * HOUR, 2, "", "begins at"),
        (-2 * HOUR, -HOUR, 2, "", "ended at"),
        (-HOUR, HOUR, 1, "", "two or more officers"),
        (-HOUR, HOUR, 2, "127.0.0.0/8", "not within"),
        (-HOUR, HOUR, 2, "192.0.2.1", "not within"),
    ],
)
def test_police_mode_refuses_and_keeps_the_refusal(
    zijian: Zijian, begins: timedelta, ends: timedelta, officers: int, target: str, says: str
) -> None:
    name = scope_file(zijian.folder, '["127.9.0.1"]', begins=begins, ends=ends, officers=officers)
    done = zijian("scan", "--scope", name, *([target] if target else []))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    refusals = list(records(zijian.home / "refusals.jsonl"))
    assert [refusal["kind"] for refusal in refusals] == ["refused"]
    assert says in refusals[0]["message"]
    assert not list(zijian.home.glob("scans/*"))


def test_police_mode_scans_within_its_notice(zijian: Zijian, weak_host: str) -> None:
    name = scope_file(zijian.folder, f'["{weak_host}:6379"]', begins=-HOUR, ends=HOUR)
    done = zijian("scan", "--scope", name, "-q", "-o", "out")
    assert done.returncode == 0, done.stderr
    result = zijian.result()
    assert [service["port"] for service in result["services"]] == [6379]  # type: ignore[attr-defined]
    assert result["scan"]["authorization"]["officers"][1]["name"] == "警官1"  # type: ignore[index]
    remote = {record["remote"] for record in records(zijian.ledger()) if record["kind"] == "open"}
    assert remote == {f"{weak_host}:6379"}
    assert "警官1" in (zijian.folder / "out" / "report.html").read_text()


def test_the_windows_end_stops_the_scan(zijian: Zijian, tarpit: tuple[str, int]) -> None:
    address, port = tarpit
    name = scope_file(zijian.folder, f'["{address}:{port}"]', begins=-HOUR, ends=timedelta(seconds=8))
    done = zijian("scan", "--scope", name, "-o", "out", timeout=60)
    assert done.returncode == 130, done.stderr
    assert "notified time has ended" in zijian.result()["scan"]["status_reason"]  # type: ignore[index]
    resumed = zijian("scan", "--resume", "latest")
    assert (resumed.returncode, "ended at" in resumed.stderr) == (2, True)


def test_other_machines_need_a_statement(zijian: Zijian) -> None:
    done = zijian("scan", "192.0.2.1")
    assert done.returncode == 2
    assert "--authorized-by" in done.stderr


class Resolver:
    """A DNS server whose answers change with every question."""

    def __init__(self, *answers: list[str]) -> None:
        self.address = loopback_address()
        self.answers = list(answers)
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 5300))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                data, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(data)
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.RA
            question = query.question[0]
            if question.rdtype == dns.rdatatype.A:
                found = self.answers[min(self.asked, len(self.answers) - 1)]
                self.asked += 1
                reply.answer.append(dns.rrset.from_text(question.name, 1, "IN", "A", *found))
            self._socket.sendto(reply.to_wire(), peer)

    def close(self) -> None:
        self._socket.close()


def contacted(zijian: Zijian) -> set[str]:
    return {
        record["remote"].rpartition(":")[0]
        for record in records(zijian.ledger())
        if record["kind"] == "open" and not record["remote"].endswith(":5300")
    }


def test_a_name_is_resolved_once_and_stays_pinned(
    zijian: Zijian, weak_host: str, tarpit: tuple[str, int]
) -> None:
    resolver = Resolver([weak_host], [tarpit[0]])
    try:
        done = zijian(
            "scan", "site.example", "--authorized-by", "张三", "--dns-server", f"{resolver.address}:5300",
            "--ports", PORTS, "-q", "-o", "out",
        )  # fmt: skip
    finally:
        resolver.close()
    assert done.returncode == 0, done.stderr
    # What DNS says of the domain is asked for later, and is then another address: nothing goes there.
    assert resolver.asked > 1
    assert contacted(zijian) == {weak_host}
    assert any(service["id"].startswith("site.example@") for service in zijian.result()["services"])  # type: ignore[attr-defined]


def test_of_two_addresses_the_one_outside_is_not_touched(
    zijian: Zijian, weak_host: str, tarpit: tuple[str, int]
) -> None:
    outside = tarpit[0]
    resolver = Resolver([weak_host, outside])
    name = scope_file(zijian.folder, '["site.example"]', begins=-HOUR, ends=HOUR)
    with (zijian.folder / name).open("a") as file:
        file.write(f'addresses = ["{weak_host}"]\n')
    try:
        done = zijian(
            "scan",
            "--scope",
            name,
            "--dns-server",
            f"{resolver.address}:5300",
            "--ports",
            PORTS,
            "-q",
            "-o",
            "out",
        )
    finally:
        resolver.close()
    assert done.returncode == 3, done.stderr
    assert contacted(zijian) == {weak_host}
    assert outside not in "".join(run["command"] for run in zijian.result()["ledger"]["nmap"])  # type: ignore[index]
    refused = [entry for entry in zijian.result()["not_checked"] if entry["status"] == "refused"]  # type: ignore[attr-defined]
    assert [entry["subject"] for entry in refused] == [outside]


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--nonsense"], "No such option"),
        (["scan"], "no target"),
        (["scan", "-sS"], "No such option"),
        (["scan", "127.0.0.1", "--", "-iL"], "begins with '-'"),
        (["scan", "127.0.0.1 -sU"], "space"),
        (["scan", "127.0.0.1", "--ports", "0"], "--ports"),
        (["scan", "127.0.0.1", "--ports", "80-22"], "backwards"),
        (["scan", "127.0.0.1", "--law-date", "tomorrow"], "YYYY-MM-DD"),
        (["scan", "127.0.0.1", "--checks", "tls/none"], "tls/none"),
        (["scan", "127.0.0.1", "--checks-dir", "none"], "not a folder"),
        (["scan", "127.0.0.1", "--ca-file", "none.pem"], "cannot read"),
        (["scan", "127.0.0.1", "--dns-server", "dns.example"], "--dns-server"),
        (["scan", "--targets", "none.txt"], "cannot read targets"),
        (["scan", "--scope", "none.toml"], "cannot read scope file"),
        (["scan", "127.0.0.1", "-o", "/proc/none"], "output folder"),
        (["scan", "127.0.0.1", "--mode", "police"], "scope file"),
        (["scan", "--resume", "none"], "no scan"),
        (["scan", "--resume", "x", "127.0.0.1"], "give none of them again"),
        (
            ["scan", "nowhere.invalid", "--authorized-by", "x", "--dns-server", "127.0.0.1:9"],
            "did not answer",
        ),
        (["assess", "none"], "no scan"),
        (["report", "none"], "no scan"),
        (["checks", "show", "none/none"], "no rule"),
        (["checks", "new", "Not A Rule"], "not of the form"),
        (["ledger", "verify", "none"], "no scan"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(zijian: Zijian, arguments: list[str], says: str) -> None:
    done = zijian(*arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("zijian: ")


def test_no_nmap_is_said_with_the_command_that_mends_it(zijian: Zijian) -> None:
    zijian.environment["PATH"] = str(zijian.folder)
    done = zijian("scan", "127.0.0.1")
    assert (done.returncode, "apt-get install nmap" in done.stderr) == (2, True)


def test_a_new_rule_is_written_runs_and_a_broken_one_is_named(zijian: Zijian, weak_host: str) -> None:
    assert zijian("checks", "new", "local/server-name", "--checks-dir", "mine").returncode == 0
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine"],
        capture_output=True, text=True, env=zijian.environment, cwd=zijian.folder, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout
    (zijian.folder / "mine" / "broken.py").write_text("raise RuntimeError('broken on purpose')")
    (zijian.folder / "mine" / "quits.py").write_text("raise SystemExit(7)")
    done = zijian("scan", weak_host, "--ports", "8080", "-q", "-o", "out", "--checks-dir", "mine")
    assert done.returncode == 0, done.stderr
    assert ("local/server-name", "named") in deviations(zijian.result())
    broken = [entry for entry in zijian.result()["not_checked"] if entry["what"] == "plugin"]  # type: ignore[attr-defined]
    assert [Path(entry["name"]).name for entry in broken] == ["broken.py", "quits.py"]
    listed = zijian("checks", "list", "--checks-dir", "mine")
    assert "local/server-name" in listed.stdout
    assert "broken on purpose" in listed.stderr
    assert "如何整改" in zijian("checks", "show", "tls/legacy-protocol", "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "--lang", "zh"], "网络安全法"),
        (["show", "log_retention", "--lang", "zh"], "不少于六个月"),
        (["show", "csl:23", "--lang", "en"], "第二十三条"),
        (["show", "log_retention", "--on", "2025-12-31"], "第二十一条"),
        (["diff", "--from", "2025-12-31", "--to", "2026-01-01"], "第二十三条"),
    ],
)
def test_the_law_can_be_read(zijian: Zijian, arguments: list[str], says: str) -> None:
    done = zijian("law", *arguments)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_the_law_that_is_not_there_is_said(zijian: Zijian) -> None:
    done = zijian("law", "show", "csl:999")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_the_documented_scope_files_are_read(zijian: Zijian) -> None:
    text = (ROOT / "docs" / "scope.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in text.split("```toml\n")[1:]]
    assert len(examples) == 2
    for number, example in enumerate(examples):
        path = zijian.folder / f"{number}.toml"
        path.write_text(example, encoding="utf-8")
        read = read_scope_file(path)
        scope = build_scope(read.record.mode, [], read, authorized_by="", own=())
        assert scope.targets == read.targets


def test_every_error_exit_of_doctor_names_a_mend(zijian: Zijian) -> None:
    done = zijian("doctor")
    assert done.returncode in {0, 3}
    for line in done.stdout.splitlines():
        assert line.startswith("ok") or "->" in line


def test_doctor_looks_at_clock_fonts_and_libraries(zijian: Zijian, tmp_path: Path) -> None:
    done = zijian("doctor")
    for words in ("nmap", "raw sockets", "clock synchronised", "Chinese fonts", "Pango"):
        assert words in done.stdout
    lacking = tmp_path / "bin"
    lacking.mkdir()
    done = subprocess.run(
        zijian.command("doctor"), env={**zijian.environment, "PATH": str(lacking)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 3
    assert "MISS  nmap  ->  sudo apt-get install nmap" in done.stdout
    assert "sudo apt-get install fontconfig fonts-noto-cjk" in done.stdout
    done = subprocess.run(
        zijian.command("scan", "127.0.0.1", "--format", "pdf"),
        env={**zijian.environment, "PATH": str(lacking)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "zijian doctor" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(zijian: Zijian, shell: str) -> None:
    done = zijian("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_ZIJIAN_COMPLETE={shell}_complete" in done.stdout
    words = {"COMP_WORDS": "zijian rep", "COMP_CWORD": "rep" if shell == "fish" else "1"}
    completed = subprocess.run(
        zijian.command(),
        env={**zijian.environment, **words, "_ZIJIAN_COMPLETE": f"{shell}_complete"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "report" in completed.stdout


def test_a_terminal_shows_a_bar_with_rate_and_no_color_is_obeyed(zijian: Zijian, weak_host: str) -> None:
    seen = {}
    for colour in ("plain", "coloured"):
        leader, follower = os.openpty()
        environment = {**zijian.environment, "TERM": "xterm-256color", "COLUMNS": "150"}
        if colour == "plain":
            environment["NO_COLOR"] = "1"
        with subprocess.Popen(
            zijian.command("scan", weak_host, "--ports", "6379", "--checks", "exposure", "-o", colour),
            env=environment, cwd=zijian.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=follower,
        ) as scan:  # fmt: skip
            os.close(follower)
            parts = []
            with contextlib.suppress(OSError):
                while part := os.read(leader, 65536):
                    parts.append(part)
        os.close(leader)
        assert scan.returncode == 0
        seen[colour] = b"".join(parts)
    for text in seen.values():
        assert b"connections/s" in text
        assert b"0/1" in text
    assert re.search(rb"\x1b\[(?:\d+;)*(?:3|9)[0-8]", seen["coloured"])
    assert not re.search(rb"\x1b\[(?:\d+;)*(?:3|9)[0-8]", seen["plain"])


@pytest.mark.skipif(os.geteuid() != 0, reason="drops a privilege that only root has")
def test_without_raw_sockets_udp_is_said_to_be_unseen(zijian: Zijian, weak_host: str) -> None:
    command = zijian.command("scan", weak_host, "--ports", "6379,U:53", "-q", "-o", "out")
    lacking = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", *command]
    done = subprocess.run(
        lacking, env=zijian.environment, cwd=zijian.folder, stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == 0, done.stderr
    (entry,) = [entry for entry in zijian.result()["not_checked"] if entry["what"] == "discovery"]  # type: ignore[attr-defined]
    assert (entry["name"], entry["reason"]) == ("udp", "no_permission")
    assert zijian.result()["scan"]["vantage"]["privileged"] is False  # type: ignore[index]
    assert "raw sockets" in (zijian.folder / "out" / "report.html").read_text()


def test_a_resumed_scan_still_knows_what_it_found_before(zijian: Zijian, weak_host: str) -> None:
    """Killed when the ports are known and identification waits: what was found is not forgotten."""
    with socket.create_server((weak_host, 7777)):
        process = zijian.start("scan", weak_host, "--ports", "6379,7777", "-q", "-o", "out")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any("identify" in path.read_text() for path in zijian.home.glob("scans/*/ledger.jsonl")):
                break
            time.sleep(0.05)
        process.kill()
        process.communicate()
        zijian("scan", "--resume", "latest", "-q", "-o", "out")
    result = zijian.result()
    (host,) = result["hosts"]  # type: ignore[misc]
    assert (host["up"], host["ports_open"]) == (True, ["6379/tcp", "7777/tcp"])
    assert not [entry for entry in result["not_checked"] if entry["reason"] == "all_filtered"]  # type: ignore[attr-defined]


def test_a_mail_server_without_tls_lacks_tls_and_nothing_failed(zijian: Zijian) -> None:
    with postfix_server(None) as address:
        assert zijian("scan", address, "--ports", "25", "-q", "-o", "out").returncode == 0
    result = zijian.result()
    (service,) = result["services"]  # type: ignore[misc]
    assert service["name"] == "smtp"
    assert service["facts"]["starttls"]["offered"] is False
    assert not [entry for entry in result["not_checked"] if entry["what"] == "probe"]  # type: ignore[attr-defined]
    outcomes = {finding["check"]: finding["status"] for finding in result["findings"]}  # type: ignore[attr-defined]
    assert outcomes["tls/starttls-missing"] == "info"
    assert not [check for check in outcomes if check.startswith("certificate/")]


def test_a_mail_server_with_tls_is_surveyed_after_starttls(zijian: Zijian) -> None:
    leaf = issue("mail.zijian.test", san=["mail.zijian.test"])
    with postfix_server(leaf) as address:
        assert zijian("scan", address, "--ports", "25", "-q", "-o", "out").returncode == 0
    result = zijian.result()
    (service,) = result["services"]  # type: ignore[misc]
    assert service["tls"] is False
    assert service["facts"]["tls"]["starttls"] == "smtp"
    assert "TLSv1.3" in service["facts"]["tls"]["protocols"]
    outcomes = {finding["check"]: finding["status"] for finding in result["findings"]}  # type: ignore[attr-defined]
    assert outcomes["tls/starttls-missing"] == "pass"
    assert outcomes["certificate/self-signed"] != "pass"


def test_chosen_rules_ask_for_no_more_than_they_need(zijian: Zijian, weak_host: str) -> None:
    assert zijian("scan", weak_host, "--ports", "6379", "--checks", "tls", "-q", "-o", "out").returncode == 0
    assert {purpose.partition(":")[0] for purpose in probe_purposes(zijian.ledger())} == {"identify"}
    # Judged by other rules later, what was not asked for is said, and is not taken for absent.
    assert zijian("assess", "latest", "-q", "-o", "again").returncode == 0
    result = json.loads((zijian.folder / "again" / "result.json").read_text())
    reasons = {entry["name"]: entry["reason"] for entry in result["not_checked"] if entry["what"] == "check"}
    assert reasons["exposure/redis-unauthenticated"] == "not_asked"
    assert reasons["tls/rc4"] == "no_such_service"


def test_the_kind_of_provider_chooses_duties(zijian: Zijian, weak_host: str) -> None:
    done = zijian(
        "scan", weak_host, "--ports", "1", "--provider", "public_access", "--event", "-o", "out", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    result = zijian.result()
    status = {duty["key"]: duty["status"] for duty in result["duties"]}  # type: ignore[attr-defined]
    assert status["public_wifi_protection"] == "verify_on_site"
    assert status["event_plan"] == "verify_on_site"
    assert status["idc_tenants"] == "not_applicable"
    wrong = zijian("scan", weak_host, "--provider", "nobody")
    assert wrong.returncode == 2
    assert "public_access" in wrong.stderr


@contextlib.contextmanager
def full_backlog(address: str, port: int) -> Iterator[None]:
    """A port whose queue is full: the system drops further SYNs, as a filter does."""
    with socket.create_server((address, port), backlog=0), contextlib.ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


def shut_ports(result: dict[str, object]) -> list[tuple[str, str, str]]:
    entries = [entry for entry in result["not_checked"] if entry["what"] == "port"]  # type: ignore[attr-defined]
    return [(entry["subject"], entry["status"], entry["reason"]) for entry in entries]


def test_a_named_port_that_is_shut_is_named(zijian: Zijian) -> None:
    address = loopback_address()
    with full_backlog(address, 4998):
        done = zijian("scan", f"{address}:4997", f"{address}:4998", "--lang", "en", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert shut_ports(zijian.result()) == [
        (f"{address}:4997/tcp", "skipped", "port_closed"),
        (f"{address}:4998/tcp", "inconclusive", "port_filtered"),
    ]
    said = " ".join(done.stdout.split())
    assert f"{address}:4997/tcp: the port was closed: the connection was refused." in said
    assert f"{address}:4998/tcp: the port gave no answer; a filter may lie in between." in said
    assert zijian("report", "latest", "--lang", "zh", "-o", "zh").returncode == 0
    assert "端口没有开放（拒绝连接）" in (zijian.folder / "zh/report.html").read_text()


def test_of_many_named_ports_those_that_are_not_open_are_named(zijian: Zijian, weak_host: str) -> None:
    names = [f"{weak_host}:{port}" for port in (6379, *range(4980, 4990))]
    assert zijian("scan", *names, "-q", "-o", "out").returncode == 0
    assert shut_ports(zijian.result()) == [(f"{weak_host}:4980-4989/tcp", "inconclusive", "port_not_open")]
