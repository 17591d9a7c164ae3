"""A site gives content over http on port 80, and there is no https on port 443.

How it is seen: where port 80 gives content and leads nowhere, one TLS connection to port 443 of the same address, by
which the home page's headers are asked for (HEAD). How it is judged: a connection that is refused, or a port that
speaks something else, means that there is none; silence means nothing. Where https is there but nobody is led to it,
web/no-https-redirect judges. What it cannot show: https on another port or address.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.web.page import gives_content, leads_to_https
from scanner.facts import HttpFacts, ServiceFacts


def _content_on_port_80(service: ServiceFacts) -> bool:
    facts = service.need(HttpFacts)
    if service.tls or service.endpoint.port != 80:
        return False
    if leads_to_https(facts):
        raise NotApplicable("the home page leads to https")
    return gives_content(facts)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether port 443 speaks TLS."""
    facts = service.need(HttpFacts)
    offered = facts.https_offered
    name = "undecided" if offered is None else "offered" if offered else "none"
    evidence = (Evidence("http.https_offered", str(offered)), Evidence("http.status", str(facts.status)))
    yield Outcome(name, {"name": service.endpoint.label}, evidence)


RULE = Rule(
    id="web/no-https",
    title=Text("网站没有提供 HTTPS", "The site has no HTTPS"),
    rationale=Text(
        "网站只能以明文访问，传输的内容在途中可以被他人读取和篡改，访问者也无法确认网站的真假。",
        "The site can only be used in clear text: what travels can be read and changed on the way, and visitors cannot tell "
        "the site from a false one.",
    ),
    remediation=Text(
        "申请证书并启用 HTTPS，再让 80 端口只做跳转。"
        "nginx：listen 443 ssl; ssl_certificate 证书; ssl_certificate_key 私钥; ssl_protocols TLSv1.2 TLSv1.3;　"
        "Apache：SSLEngine on，SSLCertificateFile、SSLCertificateKeyFile　"
        'Tomcat：<Connector port="443" SSLEnabled="true">，其中 <SSLHostConfig><Certificate .../></SSLHostConfig>　'
        "IIS：在“绑定”中添加 https 并选择证书。须使用商用密码的系统，可以同时提供 TLCP（国密）证书。",
        "Get a certificate, serve HTTPS, and let port 80 only redirect. "
        "nginx: listen 443 ssl; ssl_certificate FILE; ssl_certificate_key FILE; ssl_protocols TLSv1.2 TLSv1.3; "
        "Apache: SSLEngine on, SSLCertificateFile, SSLCertificateKeyFile; "
        'Tomcat: <Connector port="443" SSLEnabled="true"> with <SSLHostConfig><Certificate .../></SSLHostConfig>; '
        "IIS: add https under Bindings and choose the certificate. Where commercial cryptography is due, TLCP can be served "
        "beside it.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "none": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{name} 以明文 HTTP 提供内容，443 端口没有 HTTPS。",
                "{name} gives content over plain HTTP, and there is no HTTPS on port 443.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{name} 以明文 HTTP 提供内容；443 端口没有明确的回答或者不在授权范围内，不能判断有没有 HTTPS。",
                "{name} gives content over plain HTTP; port 443 gave no clear answer or is not authorised, so whether there is "
                "HTTPS cannot be told.",
            ),
        ),
        "offered": Declared(
            status=Status.PASS,
            detail=Text("443 端口提供 HTTPS。", "There is HTTPS on port 443."),
        ),
    },
    evaluate=evaluate,
    applies=_content_on_port_80,
    references=(
        Reference(
            "OWASP Transport Layer Security Cheat Sheet",
            "https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html",
        ),
        Reference("GB/T 22239-2019 信息安全技术 网络安全等级保护基本要求，通信传输"),
    ),
)
