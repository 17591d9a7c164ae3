"""A zone answers for names that nobody made.

How it is seen: a random name within the zone is asked for, and has addresses (RFC 4592). How it is judged: information, worth knowing
for whoever searches a domain for names, and since every such name then leads to the same host. What it cannot show: why it was
set up.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import AWAY
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, ZoneFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the answer for a random name."""
    facts = service.need(ZoneFacts)
    values = {"domain": service.endpoint.label, "addresses": ", ".join(facts.wildcard) or "-"}
    evidence = (Evidence("zone.wildcard", values["addresses"]),)
    if any(error.step == "wildcard" for error in facts.errors):
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("wildcard" if facts.wildcard else "none", values, evidence)


RULE = Rule(
    id="dns/wildcard",
    title=Text("启用了泛域名解析", "The zone has a wildcard"),
    rationale=Text(
        "泛解析使任意子域名都能打开，便于仿冒和散布不良内容链接，也会掩盖配置错误。",
        "With a wildcard every subdomain can be opened: handy for impostors and spam links, and it hides "
        "mistakes.",
    ),
    remediation=Text(
        "不需要时删除“*”记录，只为在用的主机名建记录；确需使用时，让服务器对未知主机名返回 404 或者断开。"
        "nginx：默认 server 中 return 444;　Apache：第一个 VirtualHost 拒绝访问；　IIS：只绑定具体主机名"
        "。"
        "　Tomcat：Engine 的 defaultHost 指向只返回 404 的 Host。"
        f"{AWAY.zh}",
        "Delete the * record where it is not needed, and make records for the hosts in use; where it is, "
        "let the server turn unknown names away. nginx: return 444; in the default server. Apache: a "
        "first VirtualHost that denies. IIS: bindings with host names only."
        " Tomcat: a Host that only says 404 as the Engine's defaultHost."
        f"{AWAY.en}",
    ),
    severity=Severity.INFO,
    duties=("content_control",),
    needs=(ZoneFacts,),
    basis=Basis.DNS,
    outcomes={
        "wildcard": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 对任意子域名都给出地址 {addresses}（泛解析）。",
                "{domain} gives addresses for any subdomain: {addresses} (a wildcard).",
            ),
        ),
        "none": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 没有泛解析。",
                "{domain} has no wildcard.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有泛解析。",
                "Could not tell whether {domain} has a wildcard.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 4592", "https://www.rfc-editor.org/rfc/rfc4592"),),
)
