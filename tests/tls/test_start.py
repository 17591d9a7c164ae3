"""What the scan of one service loads: a library that it has no use for must not keep it waiting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import loopback_address
from tests.servers.tls import issue, s_server
from tests.test_scan import Zijian

OF_NO_USE = {
    # PostgreSQL and migrations of the store.
    "sqlalchemy", "alembic", "pg8000",
    # Names, DNS servers, UDP.
    "dns",
    # nmap's results, in the process that runs it.
    "nmap",
    # Reports of other formats, and tables on a terminal.
    "rich", "weasyprint", "docx", "openpyxl", "xlsxwriter", "lxml", "pdfplumber", "pypdf",
    # HTTP; logs.
    "requests", "urllib3", "h2", "numpy", "isal",
}  # fmt: skip


@pytest.mark.server
def test_a_scan_of_one_service_loads_what_it_uses_and_no_more(tmp_path: Path) -> None:
    zijian, address = Zijian(tmp_path), loopback_address()
    certificate, key = issue("www.example.cn").write(tmp_path, "server")
    # The first scan makes the store, which is a migration's work.
    assert zijian("scans").returncode == 0
    code = (
        "import sys\nfrom scanner.cli import main\n"
        "try: main()\nfinally: print(*{name.partition('.')[0] for name in sys.modules})"
    )
    with s_server(tmp_path, address, 4433, "-cert", str(certificate), "-key", str(key)):
        done = subprocess.run(
            [sys.executable, "-c", code, "scan", f"{address}:4433", "--checks", "tls,certificate", "-q", "-o", "out"],
            capture_output=True, text=True, env=zijian.environment, cwd=zijian.folder, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    loaded = set(done.stdout.split())
    assert {"scanner", "checks", "reports", "jinja2"} <= loaded
    assert not loaded & OF_NO_USE
    found = {finding["check"] for finding in zijian.result()["findings"]}  # type: ignore[attr-defined]
    assert "certificate/self-signed" in found
