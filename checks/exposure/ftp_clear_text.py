"""FTP offers no encryption: names, passwords and files cross the network in clear text.

How it is seen: AUTH TLS is not among the features (FEAT), or AUTH TLS itself is refused. How it is judged: a failure where
people log in, since every login then shows its password; a weakness where anonymous users are let in, whose password is
no secret. Loopback traffic crosses no network. What it cannot show: whether clear text is still accepted beside TLS.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import FtpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whether TLS is offered."""
    facts = service.need(FtpFacts)
    values = {"service": service.endpoint.label}
    evidence = (
        Evidence("ftp.auth_tls", str(facts.auth_tls)),
        Evidence("ftp.features", ", ".join(facts.features)),
    )
    if facts.auth_tls:
        yield Outcome("tls_offered", values, evidence)
    elif facts.auth_tls is None:
        yield Outcome("undecided", values, evidence)
    elif on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.anonymous:
        yield Outcome("anonymous_in_clear", values, evidence)
    else:
        yield Outcome("clear_text", values, evidence)


RULE = Rule(
    id="exposure/ftp-clear-text",
    title=Text("FTP 以明文传输口令和文件", "FTP sends passwords and files in clear text"),
    rationale=Text(
        "FTP 本身不加密。没有 TLS 时，线路上的任何人都能看到账号、口令和文件内容，并可中途篡改。",
        "FTP does not encrypt by itself. Without TLS anyone on the path sees accounts, passwords and files, and can change "
        "them on the way.",
    ),
    remediation=Text(
        "改用 SFTP（随 OpenSSH 提供）；或启用 FTPS。vsftpd：ssl_enable=YES、force_local_logins_ssl=YES、"
        "force_local_data_ssl=YES，并配置 rsa_cert_file、rsa_private_key_file；　ProFTPD：TLSEngine on、TLSRequired on；　"
        "IIS：在“FTP SSL 设置”中选“需要 SSL 连接”。曾在明文中使用过的口令应当更换。"
        "　Pure-FTPd：TLS 2；FileZilla Server：协议选“要求显式 FTP over TLS”。",
        "Use SFTP (part of OpenSSH), or switch FTPS on. vsftpd: ssl_enable=YES, force_local_logins_ssl=YES, "
        "force_local_data_ssl=YES with rsa_cert_file and rsa_private_key_file; ProFTPD: TLSEngine on, TLSRequired on; IIS: "
        "Require SSL connections under FTP SSL Settings. Change passwords that were used in clear text."
        " Pure-FTPd: TLS 2; FileZilla Server: Require explicit FTP over TLS.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection", "personal_information", "mlps"),
    needs=(FtpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "clear_text": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 不提供 TLS，登录口令和文件以明文传输；应提供并要求 TLS。",
                "{service} offers no TLS, so passwords and files travel in clear text; wanted: TLS offered and required.",
            ),
        ),
        "anonymous_in_clear": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 允许匿名登录且不提供 TLS：所传文件可被中途篡改；如另有用户登录，其口令以明文传输。",
                "{service} allows anonymous login and offers no TLS: files can be changed on the way, and the passwords "
                "of any other users travel in clear text.",
            ),
        ),
        "tls_offered": Declared(
            status=Status.PASS, detail=Text("{service} 提供 TLS。", "{service} offers TLS.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断 {service} 是否提供 TLS。", "Could not tell whether {service} offers TLS."),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(Reference("RFC 4217", "https://www.rfc-editor.org/rfc/rfc4217"),),
)
