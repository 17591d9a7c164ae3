"""The server breaks off a handshake because of something in the client's hello that it ought to pass over.

How it is seen: a hello that is answered, and the same hello with one thing more that is not: a newer version named beside
older ones, an extension or a value that it does not know (RFC 8701 reserves some to stay unknown), many suites, a length of
256 to 511 bytes, two records in place of one. Each fails in a hello with others and again by itself, while a hello without it is
answered. How it is judged:
clients whose newer version is not borne try again with an older one, and whoever can make handshakes fail can then choose
the version for them: a weakness. The rest hinders new clients and is for information. That a server wants to be told a name
(``sni_required``) is its right (RFC 8446 section 9.2) and not judged.

What it cannot show: whether the server itself or a device in front of it breaks off.

Source: RFC 8446 sections 4.1.2, 4.2.1, 5.1 and 9.3; RFC 5246 section 7.4.1.4 and appendix E.1; RFC 8701; RFC 7685.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_MODERN = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_OPEN = ("spared", "budget")
"""Kinds of errors that mean that not everything was asked."""
_FOR_INFORMATION = {
    "extension": Text(
        "遇到不认识的扩展，服务器就中断握手或不予应答，而不是忽略它。",
        "The server breaks off, or does not answer, at an extension that it does not know, instead of passing over it.",
    ),
    "unknown_value": Text(
        "遇到不认识的套件、组、版本或签名算法编号，服务器就中断握手或不予应答，而不是忽略它。",
        "The server breaks off, or does not answer, at a suite, group, version or signature scheme that it does not know, "
        "instead of passing over it.",
    ),
    "long_hello": Text(
        "客户端问候较长（列出的套件很多）时，服务器中断握手或不予应答；带有抗量子密钥交换的问候也比较长。",
        "The server breaks off, or does not answer, when the hello is long, as it is with many suites; hellos with a "
        "post-quantum key exchange are long too.",
    ),
    "hello_256_511": Text(
        "客户端问候长度为 256 至 511 字节时，服务器中断握手或不予应答。",
        "The server breaks off, or does not answer, when the hello has 256 to 511 bytes.",
    ),
    "record_splitting": Text(
        "客户端问候分在两个记录中发送时，服务器中断握手或不予应答。",
        "The server breaks off, or does not answer, when the hello comes in two records.",
    ),
}


def _concerned(service: ServiceFacts) -> bool:
    return any(version in _MODERN for version in service.need(TlsFacts).protocols)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell each thing that is not borne; a pass needs that everything was asked and answered."""
    facts = service.need(TlsFacts)
    found = [what for what in ("version", *_FOR_INFORMATION) if what in facts.intolerance]
    for what in found:
        yield Outcome(what, {}, (Evidence(f"tls.intolerance.{what}", facts.intolerance[what]),))
    if found:
        return
    unsure = [
        error
        for error in facts.errors
        if error.kind in _OPEN
        or error.step in ("tolerance", "hello:full")
        or (error.step.startswith("tolerance:") and error.step != "tolerance:sni_required")
    ]
    if unsure or not facts.tolerance_asked:
        yield Outcome(
            "undecided", {}, tuple(Evidence(f"tls.errors.{one.step}", one.kind) for one in unsure[:3])
        )
    else:
        yield Outcome("tolerant", {}, (Evidence("tls.tolerance_asked", "True"),))


RULE = Rule(
    id="tls/intolerant-handshake",
    title=Text("不能容忍新的握手内容", "Handshakes with something new in them fail"),
    rationale=Text(
        "TLS 靠“不认识的就忽略”升级：服务器遇到更高的版本应当协商自己支持的版本，遇到不认识的扩展和数值应当忽略。做不到的，新版客户端"
        "可能无法连接；有的客户端会退回旧版本重试，线路上的攻击者就可以借此迫使双方使用旧版本。",
        "TLS is upgraded by passing over what is not known: asked for a newer version a server agrees on one of its own, and "
        "unknown extensions and values it ignores. Where it does not, new clients may fail to connect; some try again with an "
        "older version, and an attacker on the path can use that to lead both sides to it.",
    ),
    remediation=Text(
        "先分清是谁中断的：绕过防火墙、负载均衡、WAF 等设备，直接连到服务器，用 openssl s_client -connect 主机:端口 "
        "与加 -tls1_2 的结果比较。出在设备上的，升级其固件，或者关闭其对 TLS 握手的深度检测；出在服务器上的，升级 "
        "TLS 库和服务软件到仍在维护的版本（OpenSSL 3.x、现行版本的 nginx、Apache、Java（Tomcat）、Windows "
        "Server（IIS）），自行解析握手的程序按 RFC 8446 第 4.1.2 节、第 9.3 节修正。",
        "Find out first who breaks off: connect to the server itself, past firewall, load balancer and WAF, and "
        "compare openssl s_client -connect HOST:PORT with the same and -tls1_2. Is it a device: upgrade its "
        "firmware, or switch off its inspection of TLS handshakes. Is it the server: upgrade its TLS library and "
        "software to versions that are maintained (OpenSSL 3.x, present versions of nginx, Apache, Java (Tomcat), "
        "Windows Server (IIS)); mend programs that read handshakes themselves by RFC 8446 sections 4.1.2 and 9.3.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "version": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "客户端只要提出更高的版本，服务器就中断握手或不予应答，而不是协商自己支持的版本。",
                "The server breaks off, or does not answer, whenever a newer version is named, instead of agreeing on one of "
                "its own.",
            ),
        ),
        **{what: Declared(status=Status.INFO, detail=detail) for what, detail in _FOR_INFORMATION.items()},
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断。", "Could not be determined.")
        ),
        "tolerant": Declared(
            status=Status.PASS,
            detail=Text(
                "更高的版本、不认识的扩展和数值、较长或分开发送的问候，服务器都能正常应答。",
                "Newer versions, unknown extensions and values, and hellos that are long or sent in parts are all answered.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(
        Reference("RFC 8446 §4.1.2, §9.3", "https://www.rfc-editor.org/rfc/rfc8446#section-9.3"),
        Reference("RFC 5246 Appendix E.1", "https://www.rfc-editor.org/rfc/rfc5246#appendix-E.1"),
        Reference("RFC 8701", "https://www.rfc-editor.org/rfc/rfc8701"),
        Reference("RFC 7685", "https://www.rfc-editor.org/rfc/rfc7685"),
    ),
)
