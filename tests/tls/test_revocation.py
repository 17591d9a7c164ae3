"""``--revocation online``: a real responder, hostile ones, and certificates that try to lead where nobody may go."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from selectolax.lexbor import LexborHTMLParser

from scanner import revocation
from scanner.facts import Endpoint, RevocationFacts, ServiceFacts, TlsFacts
from scanner.governor import Governor, Pace
from scanner.ledger import OUTSIDER, Ledger, records, summarize, verify
from scanner.probes.tls import PROBE
from scanner.revocation import Answer, Responders
from scanner.scope import build_scope, parse_target
from scanner.tls.crl import read_crl
from scanner.transport import Door, OwnAddresses
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.process import program, running
from tests.servers.tls import Issued, free_port, issue, nginx, ocsp_answer, s_server, scripted
from tests.test_scan import Zijian

CA = issue("Responding CA", ca=True)
GOOD = ocsp.OCSPCertStatus.GOOD


def ask(scanner: Scanner, *leaves: Issued, issuer: Issued = CA) -> list[Answer]:
    """Each certificate's answer, asked one after the other in one scan."""

    async def job(session: object) -> list[Answer]:
        responders = Responders(session.door, "zijian/test")  # type: ignore[attr-defined]
        return [await responders.ask(leaf.certificate, issuer.certificate) for leaf in leaves]

    return scanner.run(job)


def opened(scanner: Scanner) -> list[str]:
    return [entry["purpose"] for entry in records(scanner.ledger_path) if entry["kind"] == "open"]


# --------------------------------------------------------------------------- a real responder


@contextmanager
def responder(folder: Path, leaf: Issued, entry: str, port: int) -> Iterator[None]:
    """``openssl ocsp``, whose index has the leaf as valid (V), as revoked (R), or not at all.

    It answers one connection after the other: none may be made to see whether it is there.
    """
    authority, authority_key = CA.write(folder, "ca")
    number = f"{leaf.certificate.serial_number:x}".upper()
    revoked = "261101000000Z" if entry == "R" else ""
    line = (
        f"{entry}\t301231000000Z\t{revoked}\t{'0' * (len(number) % 2)}{number}\tunknown\t/CN=www.example.cn\n"
    )
    index, log = folder / "index.txt", folder / "ocsp.log"
    index.write_text(line if entry else "")
    command = [program("openssl"), "ocsp", "-index", str(index), "-port", str(port), "-CA", str(authority)]
    command += ["-rsigner", str(authority), "-rkey", str(authority_key), "-ndays", "1"]
    with running(command, address="", port=0, log=log, wait=False) as process:
        deadline = time.monotonic() + 20
        while "waiting for OCSP client connections" not in log.read_text(errors="replace"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield


@pytest.mark.server
@pytest.mark.parametrize(
    ("entry", "status", "judged"),
    [("V", "good", "good"), ("R", "revoked", "revoked"), ("", "unknown", "unclear")],
)
def test_openssl_ocsp(
    scanner: Scanner, address: str, tmp_path: Path, entry: str, status: str, judged: str
) -> None:
    port = free_port("0.0.0.0")  # It listens on every address, whatever it is told.
    leaf = issue("www.example.cn", issuer=CA, responder=f"http://{address}:{port}/")
    certificate, key = leaf.write(tmp_path, "leaf", CA)
    subject = ServiceFacts(endpoint=Endpoint(ip=address, port=4433), target=address, tls=True)
    with (
        responder(tmp_path, leaf, entry, port),
        s_server(
            tmp_path,
            address,
            4433,
            "-cert",
            str(certificate),
            "-cert_chain",
            str(tmp_path / "ca.crt"),
            "-key",
            str(key),
        ),
    ):
        facts = scanner.run(
            lambda session: PROBE.run(
                replace(session, responders=Responders(session.door, "zijian/test")), subject
            )
        )
    assert facts.revocation == RevocationFacts(responder=f"{address}:{port}", source="ocsp", status=status)
    assert facts.ocsp_status is None
    assert outcomes("certificate/revoked-staple", service(facts, tls=True)) == [judged]
    (asked,) = [purpose for purpose in opened(scanner) if not purpose.startswith("tls: ")]
    assert asked == f"revocation: OCSP, {address}:{port}"
    assert summarize(scanner.ledger_path).outsiders == (f"OCSP, {address}:{port} ({address}:{port})",)


def scanned(folder: Path, address: str, leaf: Issued, target: str, *options: str) -> dict[str, Any]:
    """``result.json`` of the whole command, which looks at an nginx with ``leaf`` and writes both languages' reports."""
    zijian = Zijian(folder)
    (folder / "nginx").mkdir()
    certificate, key = leaf.write(folder, "leaf", CA)
    (folder / "ca.crt").write_bytes(CA.pem)
    settings = f"    ssl_certificate {certificate};\n    ssl_certificate_key {key};\n"
    with nginx(folder / "nginx", address, 4433, settings):
        done = zijian(
            "scan", target, "--ports", "4433", "--checks", "certificate", "--ca-file", str(folder / "ca.crt"), "-q", "-o",
            "out", *options,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    verify(zijian.ledger())
    for language in ("zh", "en"):
        made = zijian("report", "latest", "--format", "html", "--lang", language, "-o", language)
        assert made.returncode == 0, made.stderr
    return zijian.result()


def pages(folder: Path) -> tuple[str, str]:
    """The report's text in Chinese and in English."""
    parsed = (LexborHTMLParser((folder / language / "report.html").read_text()) for language in ("zh", "en"))
    zh, en = (" ".join(page.text(separator=" ").split()) for page in parsed)
    return zh, en


def judged_in(result: dict[str, Any]) -> dict[str, Any]:
    (finding,) = [one for one in result["findings"] if one["check"] == "certificate/revoked-staple"]
    return dict(finding)


def asked_in(folder: Path) -> list[str]:
    """Purposes of the connections that were made about revocation."""
    found = records(Zijian(folder).ledger())
    return [one["purpose"] for one in found if one["kind"] == "open" and one["purpose"].startswith(OUTSIDER)]


def revocation_facts(result: dict[str, Any]) -> Any:
    (found,) = [one["facts"]["tls"]["revocation"] for one in result["services"] if "tls" in one["facts"]]
    return found


@pytest.mark.server
def test_the_whole_command_asks_the_responder_and_says_so(address: str, tmp_path: Path) -> None:
    port = free_port("0.0.0.0")
    where = f"{address}:{port}"
    leaf = issue("www.example.cn", issuer=CA, san=[address], responder=f"http://{where}/")
    with responder(tmp_path, leaf, "R", port):
        result = scanned(tmp_path, address, leaf, address, "--revocation", "online")
    assert revocation_facts(result) == {"responder": where, "source": "ocsp", "status": "revoked", "why": ""}
    finding = judged_in(result)
    assert (finding["status"], finding["severity"]) == ("fail", "high")
    assert asked_in(tmp_path) == [f"revocation: OCSP, {where}"]
    assert result["ledger"]["outsiders"] == [f"OCSP, {where} ({where})"]
    chinese, english = pages(tmp_path)
    assert "查询吊销状态时联系的主机 按 --revocation online 的要求" in chinese
    assert "Hosts asked about revocation Asked, by --revocation online" in english
    for page, language in ((chinese, "zh"), (english, "en")):
        assert f"OCSP, {where} ({where})" in page
        assert finding["title"][language] in page
        assert finding["detail"][language] in page


@pytest.mark.server
def test_the_whole_command_asks_nobody_whom_the_scope_does_not_grant(address: str, tmp_path: Path) -> None:
    """The same on a port of the machine that is outside the scope: nothing is sent, and the report does not claim more."""
    port = free_port("0.0.0.0")
    where = f"{address}:{port}"
    leaf = issue("www.example.cn", issuer=CA, san=[address], responder=f"http://{where}/")
    with responder(tmp_path, leaf, "R", port):
        result = scanned(tmp_path, address, leaf, f"{address}:4433", "--revocation", "online")
    facts = revocation_facts(result)
    assert (facts["responder"], facts["status"]) == (where, None)
    assert facts["why"].startswith("out_of_scope: ")
    assert judged_in(result)["status"] == "inconclusive"
    assert asked_in(tmp_path) == []
    assert result["ledger"]["outsiders"] == []
    for page in pages(tmp_path):
        assert "--revocation online 的要求" not in page
        assert "Hosts asked about revocation" not in page


@pytest.mark.server
def test_the_whole_command_asks_nobody_unless_told_to(address: str, tmp_path: Path) -> None:
    port = free_port("0.0.0.0")
    leaf = issue("www.example.cn", issuer=CA, san=[address], responder=f"http://{address}:{port}/")
    with responder(tmp_path, leaf, "R", port):
        result = scanned(tmp_path, address, leaf, address)
    assert revocation_facts(result) is None
    assert all(one["check"] != "certificate/revoked-staple" for one in result["findings"])
    assert asked_in(tmp_path) == []


@pytest.mark.server
def test_nobody_is_asked_unless_told_to(scanner: Scanner, address: str, tmp_path: Path) -> None:
    leaf = issue("www.example.cn", issuer=CA, responder=f"http://{address}/")
    certificate, key = leaf.write(tmp_path, "leaf", CA)
    with s_server(tmp_path, address, 4433, "-cert", str(certificate), "-key", str(key)):
        facts = scanner.probe(PROBE, address, 4433, tls=True)
    assert isinstance(facts, TlsFacts)
    assert facts.revocation is None
    assert all(purpose.startswith("tls: ") for purpose in opened(scanner))


# --------------------------------------------------------------------------- responders of all kinds


def says(data: bytes) -> Callable[[socket.socket], None]:
    """A responder that reads the question, says this, and closes."""

    def serve(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(data)

    return serve


def http(status: str, body: bytes, *headers: str) -> Callable[[socket.socket], None]:
    """A responder that answers in HTTP."""
    lines = [f"HTTP/1.1 {status}", *headers]
    return says("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def endless(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        sock.sendall(bytes(65536))


def dripping(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"H")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (
            http("302 Found", b"", "Location: http://127.0.0.1:1/"),
            "protocol: the answer has the status 302",
        ),
        (http("500 Oops", b""), "protocol: the answer has the status 500"),
        (http("200 OK", b"short", "Content-Length: 9999"), "protocol: the answer is not HTTP"),
        (says(b"SSH-2.0-x\r\n"), "protocol: the answer is not HTTP"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200), "protocol: "),
        (says(b""), "protocol: the answer is not HTTP"),
        (endless, "too_large: "),
        (dripping, "timeout: "),
        (lambda sock: time.sleep(3), "timeout: "),
    ],
)
def test_an_answer_of_no_use_is_told(
    scanner: Scanner,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[socket.socket], None],
    why: str,
) -> None:
    monkeypatch.setattr(revocation, "_LIMITS", replace(revocation._LIMITS, silence=0.5, life=1))
    with scripted(address, script) as server:
        leaf = issue("x", issuer=CA, responder=f"http://{address}:{server.port}/ocsp")
        (answer,) = ask(scanner, leaf)
    assert answer.status is None
    assert answer.why.startswith(why)
    assert server.connections == len(opened(scanner)) == 1


def test_each_certificate_is_asked_about_once(scanner: Scanner, address: str) -> None:
    with scripted(address, http("200 OK", b"answer")) as server:
        first, other = (issue("x", issuer=CA, responder=f"http://{address}:{server.port}/") for _ in range(2))
        answers = ask(scanner, first, first, other)
    assert [answer.status for answer in answers] == ["invalid"] * 3
    assert server.connections == 2


def test_an_answer_about_another_certificate_does_not_count(
    scanner: Scanner, address: str, tmp_path: Path
) -> None:
    answer = ocsp_answer(issue("other", issuer=CA), CA, GOOD)
    with scripted(address, http("200 OK", answer)) as responder:
        leaf = issue("x", issuer=CA, responder=f"http://{address}:{responder.port}/")
        certificate, key = leaf.write(tmp_path, "leaf", CA)
        subject = ServiceFacts(endpoint=Endpoint(ip=address, port=4433), target=address, tls=True)
        chain = tmp_path / "ca.crt"
        chain.write_bytes(CA.pem)
        with s_server(
            tmp_path, address, 4433, "-cert", str(certificate), "-cert_chain", str(chain), "-key", str(key)
        ):
            facts = scanner.run(
                lambda session: PROBE.run(
                    replace(session, responders=Responders(session.door, "zijian/test")), subject
                )
            )
    assert facts.revocation is not None
    assert (facts.revocation.status, facts.revocation.why) == (
        "invalid",
        "the answer is about another certificate",
    )


# --------------------------------------------------------------------------- revocation lists

LISTED = "http://crl.example.cn/1.crl"


def revocation_list(
    *serials: int,
    issuer: Issued = CA,
    begin: timedelta = timedelta(days=-1),
    end: timedelta = timedelta(days=6),
    extension: x509.ExtensionType | None = None,
    critical: bool = True,
) -> bytes:
    """A CRL in DER (RFC 5280 §5.1)."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject).last_update(now + begin).next_update(now + end)
    )  # fmt: skip
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now + begin).build()
        builder = builder.add_revoked_certificate(entry)
    if extension is not None:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def point(url: str = "", **more: bool) -> x509.IssuingDistributionPoint:
    flags = {
        "only_contains_user_certs": False, "only_contains_ca_certs": False, "indirect_crl": False,
        "only_contains_attribute_certs": False, **more,
    }  # fmt: skip
    names = [x509.UniformResourceIdentifier(url)] if url else None
    return x509.IssuingDistributionPoint(full_name=names, relative_name=None, only_some_reasons=None, **flags)


LEAF = issue("www.example.cn", issuer=CA)
SERIAL = LEAF.certificate.serial_number
LISTS: list[tuple[bytes, str, str]] = [
    (revocation_list(SERIAL), "revoked", ""),
    (revocation_list(SERIAL + 1), "good", ""),
    (revocation_list(extension=point(LISTED, only_contains_user_certs=True)), "good", ""),
    (revocation_list(SERIAL, issuer=issue("Responding CA", ca=True)), "invalid", "not signed by the issuer"),
    (revocation_list(SERIAL, issuer=issue("Another CA", ca=True)), "invalid", "not signed by the issuer"),
    (revocation_list(begin=timedelta(days=-9), end=timedelta(days=-1)), "invalid", "out of date"),
    (revocation_list(begin=timedelta(days=1)), "invalid", "out of date"),
    (revocation_list(extension=point("http://crl.example.cn/2.crl")), "invalid", "another part"),
    (
        revocation_list(extension=point(only_contains_ca_certs=True)),
        "invalid",
        "not about certificates of servers",
    ),
    (revocation_list(extension=point(indirect_crl=True)), "invalid", "some certificates"),
    (revocation_list(extension=x509.DeltaCRLIndicator(1)), "invalid", "changes alone"),
    (
        revocation_list(extension=x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")),
        "invalid",
        "critical extension",
    ),
    (b"", "invalid", "ValueError"),
    (b"-----BEGIN X509 CRL-----\nnothing", "invalid", "ValueError"),
]


@pytest.mark.parametrize(("der", "status", "why"), LISTS)
def test_what_a_list_says(der: bytes, status: str, why: str) -> None:
    said, reason = read_crl(der, LEAF.certificate, CA.certificate, LISTED)
    assert said == status
    assert why in reason
    assert bool(why) == bool(reason)


def test_a_list_in_pem() -> None:
    der = revocation_list(SERIAL)
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    assert read_crl(pem, LEAF.certificate, CA.certificate, LISTED) == ("revoked", "")


def test_the_list_is_fetched_where_no_responder_answers(scanner: Scanner, address: str) -> None:
    serial: list[int] = []

    def serve(sock: socket.socket) -> None:
        asked = sock.recv(65536)
        assert asked.startswith(b"GET /1.crl HTTP/1.0\r\n")
        body = revocation_list(*serial, *range(1, 3000))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with scripted(address, serve) as server, scripted(address, http("503 Busy", b"")) as busy:
        url = f"http://{address}:{server.port}/1.crl"
        alone = issue("x", issuer=CA, crl=url)
        beside = issue("x", issuer=CA, crl=url, responder=f"http://{address}:{busy.port}/")
        serial.append(beside.certificate.serial_number)
        where = f"{address}:{server.port}"
        assert ask(scanner, alone, beside) == [Answer(where, "crl", "good"), Answer(where, "crl", "revoked")]
    assert opened(scanner) == [
        f"revocation: CRL, {where}", f"revocation: OCSP, {address}:{busy.port}", f"revocation: CRL, {where}",
    ]  # fmt: skip


# --------------------------------------------------------------------------- where a certificate may not lead


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://ca.example.cn/",
        "ldap://ca.example.cn/",
        "http:///path",
        "http://user@ca.example.cn/",
        "http://intranet/",
        "http://-x-.example.cn/",
        f"http://{'a' * 64}.example.cn/",
        f"http://{'a.' * 130}cn/",
        f"http://ca.example.cn/{'x' * 600}",
        "http://ca.example.cn:99999/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://ca.example.cn/a b",
        "http://ca.example.cn/\r\nX: y",
    ],
)
def test_a_url_of_no_use_sends_nothing(scanner: Scanner, url: str) -> None:
    (answer,) = ask(scanner, issue("x", issuer=CA, responder=url))
    assert answer.status is None
    assert answer.why
    assert opened(scanner) == []


@pytest.mark.parametrize(
    "where",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.100.100.200",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "[::1]", "[::ffff:127.0.0.1]",
        "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "[2001::1]", "[fe80::1]", "[fc00::1]", "[ff02::1]",
        "8.8.8.8:22", "8.8.8.8:8080", "9.9.9.9",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["responder", "crl"])
def test_a_certificate_leads_to_no_address_that_is_not_public(tmp_path: Path, where: str, kind: str) -> None:
    """Server-side request forgery by a certificate: the door says no before anything is sent, and that is on record."""
    scope = build_scope("self", (parse_target("127.77.7.7"),), None, authorized_by="", own=OwnAddresses())
    scope = replace(scope, exclude=(*scope.exclude, *parse_target("9.9.9.9").networks))
    ledger = Ledger(tmp_path / "ledger.jsonl")
    leaf = issue("x", issuer=CA, **{kind: f"http://{where}/"})

    async def job() -> Answer:
        door = Door(scope, Governor(Pace.own_machine()), ledger)
        responders = Responders(door, "zijian/test", own=OwnAddresses())
        return await responders.ask(leaf.certificate, CA.certificate)

    answer = asyncio.run(job())
    ledger.close()
    assert answer.status is None
    assert answer.why
    kinds = [entry["kind"] for entry in records(tmp_path / "ledger.jsonl")]
    assert "open" not in kinds
    if "localhost" not in where:
        assert kinds == ["refused"]
        assert answer.why.startswith("out_of_scope: ")


def test_the_scope_may_grant_what_a_certificate_may_not() -> None:
    scope = build_scope("self", (parse_target("127.77.7.7"),), None, authorized_by="", own=OwnAddresses())
    now = datetime.now(UTC)
    scope.permit_outsider("127.77.7.7", 8080, now)
    scope.permit_outsider("8.8.8.8", 80, now)
    scope.permit_outsider("2606:4700::1111", 80, now)
