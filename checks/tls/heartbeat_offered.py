"""The server takes part in TLS heartbeats, as OpenSSL 1.0.1 to 1.1.0 did.

How it is seen: the server's answer holds the heartbeat extension; no heartbeat is sent, so that nothing of the
server's memory can be given out. How it is judged: a weakness, since OpenSSL dropped heartbeats in 1.1.1 and the
versions that have them get no more fixes; whether the hole of 2014 (CVE-2014-0160, 1.0.1 to 1.0.1f) was mended does not show
from outside and is to be verified on site.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_OLDER = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")


def _concerned(service: ServiceFacts) -> bool:
    return any(version in _OLDER for version in service.need(TlsFacts).protocols)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the handshake showed; not determined is not judged."""
    value = service.need(TlsFacts).heartbeat
    evidence = (Evidence("tls.heartbeat", str(value)),)
    if value is None:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("offered" if value else "absent", {}, evidence)


RULE = Rule(
    id="tls/heartbeat-offered",
    title=Text("TLS 库老旧（仍支持心跳扩展）", "An old TLS library: heartbeats are still supported"),
    rationale=Text(
        "心跳扩展（RFC 6520）主要见于 OpenSSL 1.0.1 至 1.1.0，均已停止维护；其中 1.0.1 至 1.0.1f 存在“心脏出血”漏洞"
        "（CVE-2014-0160），可远程读取服务器内存，包括私钥和口令。",
        "Heartbeats (RFC 6520) are found mostly in OpenSSL 1.0.1 to 1.1.0, none of which is maintained any more; 1.0.1 to "
        "1.0.1f have Heartbleed (CVE-2014-0160), by which anyone can read the server's memory, private keys and passwords "
        "included.",
    ),
    remediation=Text(
        "核实服务器所用 OpenSSL 的版本（openssl version）和补丁，升级到仍在维护的版本（3.x）或系统厂商支持的版本，"
        "重启全部使用它的服务。nginx、Apache：nginx -V、httpd -M 查看所用 OpenSSL，升级后完整重启（不是重新加载）　"
        "Tomcat：使用 APR/native 的升级 tcnative　IIS 不用 OpenSSL，应检查前面的代理和负载均衡设备。"
        "曾经使用过有漏洞版本的，更换私钥和证书、吊销旧证书，并更换口令。",
        "Check the version of OpenSSL in use (openssl version) and its patches, upgrade to a maintained one (3.x) or "
        "one that the vendor of the system supports, and restart all that uses it. Where a vulnerable version was in "
        "use, replace keys and certificates, revoke the old ones, and change passwords. nginx, Apache: see by nginx "
        "-V which OpenSSL is used, and restart after the update (a reload is not enough); Tomcat with APR: update "
        "tcnative; IIS uses no OpenSSL: look at proxies and load balancers in front.",
    ),
    severity=Severity.MEDIUM,
    duties=("vulnerability_handling", "intrusion_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "服务器支持心跳扩展，其 TLS 库很可能已停止维护；是否存在“心脏出血”漏洞从外部不能判断，需现场核实。",
                "The server supports heartbeats, so its TLS library is most likely no longer maintained; whether Heartbleed was "
                "mended does not show from outside: verify on site.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断。", "Could not be determined.")
        ),
        "absent": Declared(
            status=Status.PASS,
            detail=Text("服务器不支持心跳扩展。", "The server does not support heartbeats."),
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(
        Reference("RFC 6520", "https://www.rfc-editor.org/rfc/rfc6520"),
        Reference("CVE-2014-0160", "https://www.cve.org/CVERecord?id=CVE-2014-0160"),
    ),
)
