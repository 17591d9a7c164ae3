"""The HTTP probe and the rules behind it, on real servers: the careless one is found out, the careful one is left in peace."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.registry import builtin
from checks.runner import judge_one
from scanner.errors import TargetError
from scanner.facts import Endpoint, Facts, HttpFacts, RunStatus, ServiceFacts
from scanner.http_page import Page, error_detail
from scanner.probes.http import PROBE
from tests.checks.judging import rule, service, settings
from tests.conftest import Scanner
from tests.servers.process import let_pass, loopback_address
from tests.servers.web import (
    CAREFUL,
    CARELESS,
    apache,
    careful_site,
    careless_site,
    nginx_site,
    php_site,
    tomcat,
)
from tests.services.footprint import footprint

NAME = "www.example.cn"


def probed(scanner: Scanner, address: str, port: int, *, tls: bool = False) -> HttpFacts:
    facts: Facts = scanner.probe(PROBE, address, port, name=NAME, protocol="http", tls=tls)
    assert isinstance(facts, HttpFacts)
    assert footprint(scanner).opened <= PROBE.max_connections
    return facts


def judged(facts: HttpFacts, *, tls: bool = False) -> dict[str, str]:
    """Rule -> outcome, of the web and filing rules."""
    made: ServiceFacts = service(facts, tls=tls, protocol="http")
    made = replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=443 if tls else 80, name=NAME))
    found: dict[str, str] = {}
    for loaded in builtin():
        if loaded.rule.family in {"web", "filing"}:
            for finding in judge_one(loaded.rule, made, settings)[0]:
                found[finding.check] = finding.outcome
    return found


def deviating(facts: HttpFacts, *, tls: bool = False) -> set[str]:
    rules = {loaded.rule.id: loaded.rule for loaded in builtin()}
    return {
        rule_id
        for rule_id, name in judged(facts, tls=tls).items()
        if rules[rule_id].outcomes[name].status.deviates
    }


@pytest.fixture
def careless(tmp_path: Path) -> Iterator[str]:
    address = loopback_address()
    with nginx_site(tmp_path, address, careless_site(tmp_path), CARELESS):
        yield address


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[str]:
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), CAREFUL):
        yield address


def test_a_careless_nginx_is_found_out(scanner: Scanner, careless: str) -> None:
    facts = probed(scanner, careless, 80)
    assert deviating(facts) == {
        "filing/icp-number-shown",
        "filing/mps-number-shown",
        "web/access-log-exposed",
        "web/actuator-exposed",
        "web/api-docs-exposed",
        "web/app-config-exposed",
        "web/backup-exposed",
        "web/cookie-httponly",
        "web/cookie-samesite",
        "web/cors-reflects-origin",
        "web/csp-missing",
        "web/dangerous-methods",
        "web/druid-exposed",
        "web/ds-store-exposed",
        "web/env-exposed",
        "web/frame-protection-missing",
        "web/git-exposed",
        "web/login-over-clear-text",
        "web/nacos-exposed",
        "web/no-https-redirect",
        "web/nosniff-missing",
        "web/phpinfo-exposed",
        "web/server-status-exposed",
        "web/source-map-exposed",
        "web/svn-exposed",
        "web/version-disclosure",
    }
    assert facts.https_offered is True
    assert {path for path, found in facts.paths.items() if found.matched} >= {
        "/wwwroot.rar",
        "/www.example.cn.zip",
        "/config.php.bak",
        "/web.config",
        "/WEB-INF/web.xml",
    }
    assert list(facts.source_maps) == ["/static/app.js.map"]
    shown = repr(facts)
    for secret in ("hunter2secret", "secret-value", "203.0.113.9"):
        assert secret not in shown


def test_a_careless_https_site_is_found_out(scanner: Scanner, careless: str) -> None:
    found = deviating(probed(scanner, careless, 443, tls=True), tls=True)
    assert {"web/hsts-missing", "web/insecure-cookie", "web/env-exposed"} <= found
    assert "web/login-over-clear-text" not in found


@pytest.mark.parametrize(("port", "tls"), [(80, False), (443, True)])
def test_a_careful_nginx_is_left_in_peace(scanner: Scanner, careful: str, port: int, tls: bool) -> None:
    facts = probed(scanner, careful, port, tls=tls)
    assert deviating(facts, tls=tls) == set()
    assert facts.https
    outcomes = judged(facts, tls=tls)
    if tls:
        assert outcomes["filing/mps-number-shown"] == "shown"
        assert outcomes["filing/mps-number-malformed"] == "well_formed"
        assert outcomes["filing/filing-link"] == "linked"
        assert outcomes["web/git-exposed"] == "closed"
        assert outcomes["web/security-txt-missing"] == "present"


def test_a_port_that_only_redirects_to_https_is_judged_for_that_alone(scanner: Scanner, careful: str) -> None:
    facts = probed(scanner, careful, 80)
    assert set(judged(facts)) == {
        "web/no-https-redirect",
        "web/dangerous-methods",
        "web/cookie-httponly",
        "web/cookie-samesite",
        "web/insecure-cookie",
    }
    assert facts.cookies == (), "what the other port sets is not laid at this one's door"
    for rule_id in ("web/csp-missing", "web/env-exposed", "filing/icp-number-shown"):
        _, run = judge_one(rule(rule_id), service(facts, protocol="http"), settings)
        assert run is not None
        assert (run.status, run.reason) == (RunStatus.SKIPPED, "not_applicable")
        assert "https" in (run.message or "")


def test_apache_listing_and_status(scanner: Scanner, tmp_path: Path, address: str) -> None:
    site = tmp_path / "site"
    (site / "folder").mkdir(parents=True)
    (site / "file.txt").write_text("x")
    let_pass(tmp_path)
    configured = (
        f"DocumentRoot {site}\n<Directory {site}>\nOptions +Indexes\nRequire all granted\n</Directory>\n"
        "<Location /server-status>\nSetHandler server-status\nRequire all granted\n</Location>\n"
    )
    with apache(tmp_path, address, configured):
        facts = probed(scanner, address, 80)
    assert {"web/directory-listing", "web/server-status-exposed", "web/version-disclosure"} <= deviating(
        facts
    )


def test_a_careful_apache_has_neither(scanner: Scanner, tmp_path: Path, address: str) -> None:
    site = careful_site(tmp_path)
    let_pass(tmp_path)
    configured = (
        f"ServerTokens Prod\nTraceEnable off\nDocumentRoot {site}\nDirectoryIndex index.html\n"
        f"<Directory {site}>\nOptions -Indexes\nRequire all granted\n</Directory>\n"
        "<Location /server-status>\nSetHandler server-status\nRequire all denied\n</Location>\n"
        "Header always set X-Content-Type-Options nosniff\nHeader always set X-Frame-Options SAMEORIGIN\n"
        "Header always set Content-Security-Policy \"default-src 'self'\"\n"
    )
    with apache(tmp_path, address, configured):
        facts = probed(scanner, address, 80)
    assert facts.trace is False
    assert deviating(facts) == {"web/no-https"}


def test_apache_answers_trace_unless_told_not_to(scanner: Scanner, tmp_path: Path, address: str) -> None:
    with apache(tmp_path, address, f"DocumentRoot {tmp_path}\nServerSignature On\n"):
        facts = probed(scanner, address, 80)
    assert facts.trace is True
    assert "web/dangerous-methods" in deviating(facts)
    assert (facts.error_software or "").startswith("Apache/2.")


WARNS = "<?php $a = intdiv(1, 1); echo $undefined; echo '<p>欢迎访问</p>'; ?>"


def test_php_that_shows_its_errors_and_php_that_does_not(scanner: Scanner, tmp_path: Path) -> None:
    found = {}
    for shown in (True, False):
        address = loopback_address()
        with php_site(tmp_path, address, WARNS, display_errors=shown):
            facts = probed(scanner, address, 80)
        found[shown] = (facts.error_detail, judged(facts)["web/stack-trace-exposed"])
        assert str(tmp_path) not in repr(facts), "where the program lies is not kept"
    assert found == {True: ("PHP error", "trace"), False: (None, "none")}


THROWS = (
    '<%@ page contentType="text/html" %><% if (true) throw new IllegalStateException("hunter2secret"); %>'
)
QUIET = '<Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" showServerInfo="false"/>'


def test_tomcat_as_it_comes_and_as_it_should_be(scanner: Scanner, tmp_path: Path) -> None:
    told = {}
    for name, valve in (("loud", ""), ("quiet", QUIET)):
        address = loopback_address()
        folder = tmp_path / name
        folder.mkdir()
        with tomcat(folder, address, THROWS, valve=valve):
            facts = probed(scanner, address, 80)
        assert facts.status == 500
        assert "hunter2secret" not in repr(facts)
        told[name] = (
            facts.error_detail,
            deviating(facts) & {"web/stack-trace-exposed", "web/version-disclosure"},
        )
        assert (facts.error_software or "").startswith("Apache Tomcat/10.") is (name == "loud")
    assert told == {
        "loud": ("Java stack trace", {"web/stack-trace-exposed", "web/version-disclosure"}),
        "quiet": (None, set()),
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # As the programs' manuals and sources show them.
        ("<p>You’re seeing this error because you have <code>DEBUG = True</code> in your Django settings file.", "Django DEBUG"),
        ("<h1>[0] ErrorException in Index.php line 12", "ThinkPHP"),
        ("<p>The debugger caught an exception in your WSGI application.", "Werkzeug"),
        ("<pre>Traceback (most recent call last):\n  File", "Python stack trace"),
        ("<pre>java.lang.X\n\tat cn.example.web.Main.doGet(Main.java:12)", "Java stack trace"),
        ("<h1>Server Error in '/' Application.</h1> <b>Stack Trace:</b>", "ASP.NET stack trace"),
        ("<pre>   at Shop.Cart.Add(Int32 id) in C:\\src\\Cart.cs:line 20", ".NET stack trace"),
        ("<b>Fatal error</b>:  Uncaught X in <b>/srv/www/a.php</b> on line <b>3</b>", "PHP error"),
        ("<pre>Error: x<br>    at Object.&lt;anonymous&gt; (/srv/app/index.js:3:9)", "Node.js stack trace"),
        ("<code>Rails.root: /srv/app</code>", "Ruby on Rails"),
        ("<h1>Not Found</h1><p>Meet us at 10:30.", None),
        ("<p>Look at our cat, at /img/cat.jpg", None),
    ],
)  # fmt: skip
def test_what_error_pages_tell(text: str, kind: str | None) -> None:
    page = Page(text.encode(), "text/html; charset=utf-8", "http://a/").text
    assert error_detail(page, 500) == kind
    assert error_detail(page, 200) == (kind if kind == "PHP error" else None)


def test_origins_are_asked_about_once_more_where_an_unknown_one_is_refused(
    scanner: Scanner, tmp_path: Path
) -> None:
    address = loopback_address()
    settings = """
    if ($http_origin = "null") { set $let_in "null"; }
    add_header Access-Control-Allow-Origin $let_in always;
    add_header Access-Control-Allow-Credentials true always;
"""
    with nginx_site(tmp_path, address, careful_site(tmp_path), settings):
        facts = probed(scanner, address, 443, tls=True)
    assert (facts.cors_reflects_origin, facts.cors_null_origin, facts.cors_null_credentials) == (
        False,
        True,
        True,
    )
    assert judged(facts, tls=True)["web/cors-reflects-origin"] == "null_with_credentials"


# ------------------------------------------------------------------ hostile servers


class Scripted:
    """Answers every connection with the same bytes, then closes; counts connections."""

    def __init__(self, answer: bytes, *, endless: bytes = b"") -> None:
        self.address = loopback_address()
        self.connections = 0
        self._answer, self._endless = answer, endless
        self._server = socket.create_server((self.address, 80), backlog=50)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with peer:
            try:
                peer.settimeout(5)
                peer.recv(4096)
                peer.sendall(self._answer)
                while self._endless:
                    peer.sendall(self._endless)
            except OSError:
                return

    def close(self) -> None:
        self._server.close()


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


BOMB = gzip.compress(b"\0" * (200 << 20), 9)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe\x00garbage\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"H%d: x\r\n" % number for number in range(5000)) + b"\r\n",
        http(b"short", "Content-Length: 100000"),
        http(b"zz\r\nnot a chunk", "Transfer-Encoding: chunked"),
        http(b"not gzip", "Content-Encoding: gzip"),
        http(BOMB, "Content-Encoding: gzip"),
        http(b"x", *(f"Set-Cookie: c{number}=v" for number in range(60))),
        http("<title>\u202e\x1b[31m<script>alert(1)</script></title>".encode()),
        http(b"", "Location: /", status="302 Found"),
        http(b"", "Location: http://[::1", status="302 Found"),
        http(b"", "Location: javascript:alert(1)", status="302 Found"),
        http(b"<p>later", "Retry-After: 60", status="503 Unavailable"),
    ],
)
def test_no_answer_hangs_crashes_or_leaks_through(scanner: Scanner, answer: bytes) -> None:
    server = Scripted(answer)
    try:
        facts = probed(scanner, server.address, 80)
    except TargetError:
        return
    finally:
        server.close()
    shown = repr(facts)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 100_000


@pytest.mark.parametrize("piece", [b"x" * 65536, b"\r\n", b"A: b\r\n"])
def test_endless_answers_end(scanner: Scanner, piece: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" if piece != b"x" * 65536 else http(b"")
    server = Scripted(head, endless=piece)
    try:
        facts = probed(scanner, server.address, 80)
    except TargetError:
        return
    finally:
        server.close()
    assert len(repr(facts)) < 100_000


@pytest.mark.parametrize("scheme", ["http://{}/", "//{}/", "https://{}:80/", "http://www.example.cn@{}/"])
def test_a_redirect_elsewhere_is_told_and_not_followed(scanner: Scanner, scheme: str) -> None:
    elsewhere = Scripted(http(b"you should not be here"))
    location = scheme.format(elsewhere.address)
    server = Scripted(http(b"", f"Location: {location}", status="301 Moved"))
    try:
        facts = probed(scanner, server.address, 80)
    finally:
        server.close()
        elsewhere.close()
    assert elsewhere.connections == 0
    assert [(redirect.followed, redirect.location) for redirect in facts.redirects] == [(False, location)]


def test_proxies_of_the_environment_are_not_used(
    scanner: Scanner, careful: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Scripted(http(b"proxy"))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{proxy.address}:80")
    try:
        assert probed(scanner, careful, 443, tls=True).title == "某某公司"
    finally:
        proxy.close()
    assert proxy.connections == 0


def test_the_scan_names_itself(scanner: Scanner, careful: str, tmp_path: Path) -> None:
    probed(scanner, careful, 443, tls=True)
    lines = (tmp_path / "access.log").read_text().splitlines()
    assert lines
    assert all("zijian/test (+scan test)" in line for line in lines)
