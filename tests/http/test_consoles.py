"""Consoles of administrators under their usual paths: a real phpMyAdmin, and XXL-JOB's login page replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.runner import judge_one
from scanner.facts import HttpFacts
from scanner.http_paths import PATHS
from scanner.probes.http import PROBE
from tests.checks.judging import rule, service, settings
from tests.conftest import Scanner
from tests.servers.databases import mariadb_server
from tests.servers.process import loopback_address
from tests.servers.web import CAREFUL, careful_site, nginx_site, phpmyadmin

pytestmark = pytest.mark.server

OLDER = """<body class="hold-transition login-page"><div class="login-box"><div class="login-logo"><a><b>XXL</b>JOB</a></div>
<form id="loginForm" method="post" ><p class="login-box-msg">任务调度中心</p><input type="text" name="userName"></form></div></body>"""
NEWER = OLDER.replace("<b>XXL</b>JOB", "<b>XXL-JOB</b>")


def found(scanner: Scanner, address: str, rule_id: str, port: int = 80) -> tuple[str, str]:
    """The rule's outcome, and the proofs seen."""
    facts = scanner.probe(PROBE, address, port, name="www.example.cn", protocol="http", tls=port == 443)
    assert isinstance(facts, HttpFacts)
    findings, _ = judge_one(rule(rule_id), service(facts, tls=port == 443, protocol="http"), settings)
    proofs = " ".join(seen.proof for seen in facts.paths.values() if seen.matched)
    return findings[0].outcome, proofs


def test_a_phpmyadmin_that_asks_for_a_login(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with phpmyadmin(tmp_path, address):
        outcome, proof = found(scanner, address, "web/phpmyadmin-exposed")
    assert outcome == "exposed"
    assert proof.startswith("phpMyAdmin 5.") or proof.startswith("phpMyAdmin 4.")
    assert "logged_in" not in proof


def test_a_phpmyadmin_that_asks_nobody(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with mariadb_server(tls=False, let_in=True) as database, phpmyadmin(tmp_path, address, database=database):
        outcome, proof = found(scanner, address, "web/phpmyadmin-exposed")
    assert outcome == "usable"
    assert proof.endswith("logged_in:true")


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[str]:
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), CAREFUL):
        yield address


@pytest.mark.parametrize("rule_id", ["web/phpmyadmin-exposed", "web/xxl-job-exposed"])
def test_a_site_without_consoles(scanner: Scanner, careful: str, rule_id: str) -> None:
    assert found(scanner, careful, rule_id, 443)[0] == "closed"


@pytest.mark.parametrize(("path", "page"), [("toLogin", OLDER), ("auth/login", NEWER)])
def test_the_login_page_of_xxl_job_replayed(scanner: Scanner, tmp_path: Path, path: str, page: str) -> None:
    """No XXL-JOB can be had here: what its login.ftl makes is served by nginx."""
    site = careful_site(tmp_path)
    place = site / "xxl-job-admin" / path
    place.parent.mkdir(parents=True)
    place.write_text(page, encoding="utf-8")
    address = loopback_address()
    with nginx_site(tmp_path, address, site, CAREFUL):
        assert found(scanner, address, "web/xxl-job-exposed", 443)[0] == "exposed"


@pytest.mark.parametrize("path", ["/phpmyadmin/", "/phpMyAdmin/", "/xxl-job-admin/toLogin"])
@pytest.mark.parametrize(
    "body",
    [
        b"<title>phpMyAdmin</title><p>we do not use phpMyAdmin</p>",
        b"ommonParams.setAll({logged_in:true})",
        b"XXL-JOB <form id=loginForm>",
        b"",
    ],
)
def test_pages_that_only_speak_of_it(path: str, body: bytes) -> None:
    assert next(known for known in PATHS if known.path == path).shape(body) is None
