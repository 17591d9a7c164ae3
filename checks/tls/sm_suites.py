"""Whether the service offers a protocol with ShangMi algorithms: TLCP, or TLS 1.3 with RFC 8998's suites.

How it is seen: TLCP (GB/T 38636-2020) by a hello of its own on the same port, and the suites that the server
chose in TLS 1.3. How it is judged: as information, since the law says 商用密码 and names no protocol. Where
the scope file says that the object is critical information infrastructure or of protection level three or
above, which are to use commercial cryptography (State Council order 760, articles 38 and 41), a service
without either is a low risk to be looked into: the object may use certified cryptography in another place.
Where one of the two could not be told, that is said.
What it cannot show: a TLCP service on another port, and whether the product in use is certified.

Source: GB/T 38636-2020; RFC 8998; GM/T 0024.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _rfc8998(service: ServiceFacts) -> list[str]:
    return [suite for suite in service.need(TlsFacts).ciphers.get("TLSv1.3", ()) if "SM4" in suite]


def _unknown(facts: TlsFacts) -> list[str]:
    """Which of the two protocols could not be told."""
    unknown = [] if "TLCP" in facts.protocols + facts.refused_protocols else ["TLCP"]
    if "TLSv1.3" not in facts.refused_protocols and "TLSv1.3" not in facts.ciphers_complete:
        unknown.append("RFC 8998")
    return unknown


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for either protocol."""
    facts = service.need(TlsFacts)
    tlcp, tls13 = facts.ciphers.get("TLCP", ()), _rfc8998(service)
    proof = tuple(
        Evidence(f"tls.ciphers.{protocol}", ", ".join(suites))
        for protocol, suites in (("TLCP", tlcp), ("TLSv1.3", tls13))
        if suites
    )
    if "TLCP" in facts.protocols or tls13:
        shown = ["TLCP" + (f" ({', '.join(tlcp)})" if tlcp else "")] if "TLCP" in facts.protocols else []
        shown += [f"TLS 1.3 ({', '.join(tls13)})"] if tls13 else []
        yield Outcome("offered", {"suites": "; ".join(shown)}, proof)
    elif unknown := _unknown(facts):
        yield Outcome("undecided", {"unknown": ", ".join(unknown)})
    else:
        refused = (Evidence("tls.refused_protocols", ", ".join(facts.refused_protocols)),)
        yield Outcome(
            "missing_where_due" if settings.commercial_cryptography_due else "not_offered", {}, refused
        )


RULE = Rule(
    id="tls/sm-suites",
    title=Text("是否提供国密协议（TLCP、RFC 8998）", "ShangMi protocols (TLCP, RFC 8998)"),
    rationale=Text(
        "等级保护第三级以上的网络和关键信息基础设施，须使用商用密码并开展密码应用安全性评估。TLCP（GB/T 38636）和 TLS 1.3 的"
        "国密套件（RFC 8998）是对外服务传输加密的两种做法；是否采用，由密码应用方案和评估要求决定。",
        "Networks of protection level three or above and critical information infrastructure must use commercial "
        "cryptography and have its use assessed. TLCP (GB/T 38636) and the ShangMi suites of TLS 1.3 (RFC 8998) are two "
        "ways to do so in transit; whether one is wanted is for the cryptography plan and its assessment.",
    ),
    remediation=Text(
        "核对密码应用方案。需要使用的，采用支持国密的服务器软件或经检测认证的国密网关，并申请 SM2 双证书；Tongsuo 版 "
        "nginx：enable_ntls on; 并配置签名、加密证书。Apache、IIS、Tomcat 本身没有国密协议，在前面部署国密网关或者 "
        "Tongsuo 版 nginx 作反向代理。浏览器访问的站点，可与通用 TLS 在同一端口并存。",
        "See the cryptography plan. Where they are wanted, use server software with ShangMi support or a certified "
        "gateway, and get a pair of SM2 certificates; nginx with Tongsuo: enable_ntls on; and the signing and "
        "encryption certificates. For sites that browsers visit, both kinds can be served on one port. Apache, IIS "
        "and Tomcat have no ShangMi protocol of their own: put a certified gateway, or nginx with Tongsuo, in front.",
    ),
    severity=Severity.LOW,
    duties=("commercial_cryptography",),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(status=Status.INFO, detail=Text("提供：{suites}。", "Offered: {suites}.")),
        "not_offered": Declared(
            status=Status.INFO,
            detail=Text(
                "本端口不提供 TLCP，也没有 RFC 8998 国密套件；这不说明别处没有 TLCP 服务。",
                "This port offers neither TLCP nor a suite of RFC 8998, which says nothing of a TLCP service elsewhere.",
            ),
        ),
        "missing_where_due": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "本对象须使用商用密码，而本端口不提供 TLCP，也没有 RFC 8998 国密套件；须核对密码应用方案。",
                "The object must use commercial cryptography, and this port offers neither TLCP nor a suite of RFC 8998: see "
                "the cryptography plan.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断是否提供 {unknown}。", "Could not tell whether {unknown} is offered."),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8998", "https://www.rfc-editor.org/rfc/rfc8998"),
        Reference("GB/T 38636-2020 信息安全技术 传输层密码协议（TLCP）"),
        Reference("GM/T 0024 SSL VPN 技术规范"),
        Reference("商用密码管理条例（国务院令第 760 号）第三十八条、第四十一条"),
    ),
)
