"""Takes the pictures in ``docs/images``: the report of a real scan of deliberately weak servers, started here on loopback.

Run by ``docs/refresh-gallery``. What is shown is what zijian wrote; nothing is retouched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.servers.ftp import vsftpd_server
from tests.servers.mail import postfix_server
from tests.servers.process import loopback_address, short_folder
from tests.servers.redis import redis_server
from tests.servers.web import CARELESS, careless_site, nginx_site

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
PORTS = "21,25,80,443,6379"
SCOPE = """mode = "self"
authorized_by = "王小明"

[object]
name = "示例科技有限公司"

[scope]
targets = [{targets}]
"""


@contextmanager
def scanned(formats: str) -> Iterator[Path]:
    """The folder of the report of a real scan of deliberately weak servers, which run on loopback until it is made."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        web = stack.enter_context(short_folder())
        site = loopback_address()
        stack.enter_context(nginx_site(web, site, careless_site(web), CARELESS))
        addresses = [site]
        for server in (
            lambda place: redis_server(place, options=("--protected-mode", "no")),
            lambda place: vsftpd_server(place, anonymous=True, tls=False),
        ):
            addresses.append(stack.enter_context(server(stack.enter_context(short_folder()))))
        addresses.append(stack.enter_context(postfix_server(None)))
        scope = folder / "scope.toml"
        scope.write_text(SCOPE.format(targets=", ".join(f'"{address}"' for address in addresses)))
        report = folder / "out"
        subprocess.run(
            [
                sys.executable, "-m", "scanner", "scan", "--scope", str(scope), "--ports", PORTS, "-q",
                "-o", str(report), "--format", formats,
            ],
            env={**os.environ, "ZIJIAN_HOME": str(folder / "home")},
            cwd=ROOT,
            check=True,
        )  # fmt: skip
        yield report


def main() -> None:
    """Scan, render, take the pictures."""
    with scanned("html,pdf,json") as report:
        pictures(report)


def pictures(report: Path) -> None:
    """Screenshots of the page, light, dark and on a phone, and of a page of the PDF."""
    page_address = (report / "report.html").as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, width, height, dark, anchor in (
            ("report", 1200, 1500, False, ""),
            ("report-findings", 1200, 1200, False, "findings"),
            ("report-pictures", 1200, 900, False, "pictures"),
            ("report-dark", 1200, 1200, True, "duties"),
            ("report-phone", 390, 844, False, "findings"),
        ):
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page.goto(page_address + (f"#{anchor}" if anchor else ""))
            page.wait_for_timeout(300)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()
    subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-f", "1", "-r", "90", str(report / "report.pdf"), str(IMAGES / "report-pdf")],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
