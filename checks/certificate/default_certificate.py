"""Without a name the server shows another certificate: information only.

How it is seen: one more hello without a server name (RFC 6066 section 3), where a name was asked for. A server that
refuses it, or shows the same certificate, tells nothing new. No judgement can rest on this: a certificate for whoever
asks by address is how several sites share one address, and whether its names should be known to everybody only the
operator can say.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, listed
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _asked_by_name(service: ServiceFacts) -> bool:
    return has_leaf(service) and service.endpoint.name is not None


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell what came of the hello without a name."""
    seen = service.need(TlsFacts).without_name
    if seen is None:
        yield Outcome("undecided")
        return
    evidence = (Evidence("tls.without_name.answer", seen.answer),)
    if seen.answer == "other" and seen.certificate is not None:
        other = seen.certificate
        names = listed(other.san, other.san_count) or other.subject or other.sha256
        shown = Evidence("tls.without_name.certificate.sha256", other.sha256)
        yield Outcome("other", {"names": names}, (*evidence, shown))
    elif seen.answer == "refused":
        yield Outcome("refused", {"how": seen.refusal or "-"}, evidence)
    else:
        yield Outcome("same", {}, evidence)


RULE = Rule(
    id="certificate/default-certificate",
    title=Text("不带域名连接时出示另一张证书", "Another certificate without a name"),
    rationale=Text(
        "只知道地址的人也能从默认证书看到同一地址上还有哪些网站，其中可能有不想公开的内部名称；不发送域名的旧客户端会收到"
        "不相符的证书。",
        "Whoever knows the address alone learns from the default certificate which other sites are there, internal names "
        "perhaps among them; and old clients that send no name get a certificate that does not fit.",
    ),
    remediation=Text(
        "无需改动；默认证书中的名称不宜公开的，让服务器拒绝没有域名或域名不符的握手。nginx：在 default_server 中设 "
        "ssl_reject_handshake on；　Apache：SSLStrictSNIVHostCheck on；　HAProxy：bind 行加 strict-sni；　IIS："
        "绑定勾选“需要服务器名称指示”，并去掉不带主机名的绑定；　Tomcat：defaultSSLHostConfigName "
        "指向只含公开名称的证书。",
        "No change is needed; where the names should not be known, have the server refuse handshakes with no name or "
        "an unknown one. nginx: ssl_reject_handshake on in the default_server; Apache: SSLStrictSNIVHostCheck on; "
        "HAProxy: strict-sni on the bind line. IIS: bindings that require Server Name Indication, and none without a "
        "host name; Tomcat: defaultSSLHostConfigName with a certificate of public names alone.",
    ),
    severity=Severity.INFO,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "other": Declared(
            status=Status.INFO,
            detail=Text(
                "不带域名连接时，服务器出示另一张证书，适用于 {names}。",
                "Without a name the server shows another certificate, for {names}.",
            ),
        ),
        "refused": Declared(
            status=Status.PASS,
            detail=Text("不带域名的握手被拒绝（{how}）。", "A handshake without a name is refused ({how})."),
        ),
        "same": Declared(
            status=Status.PASS,
            detail=Text(
                "不带域名连接时出示的是同一张证书。", "The same certificate is shown without a name."
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有试过不带域名连接，或者没有得到明确的应答。",
                "A handshake without a name was not tried, or its answer was not clear.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_asked_by_name,
    references=(Reference("RFC 6066 §3", "https://www.rfc-editor.org/rfc/rfc6066#section-3"),),
)
