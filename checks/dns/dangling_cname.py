"""A name is an alias of one that does not exist.

How it is seen: the answer for the name holds CNAME records and ends in NXDOMAIN for the last of them. How it is judged: where the
missing name is one of a hosting service that gives names to whoever asks first, a stranger may take it over and serve what he
likes in this name; else it is a leftover. What it cannot show: whether the name could in fact be had, which nobody tries.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import AWAY
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import NameFacts, ServiceFacts

_TAKEN_OVER = (
    "github.io", "herokuapp.com", "herokudns.com", "azurewebsites.net", "cloudapp.net", "cloudapp.azure.com",
    "trafficmanager.net", "azureedge.net", "blob.core.windows.net", "s3.amazonaws.com", "elasticbeanstalk.com",
    "netlify.app", "surge.sh", "readthedocs.io", "myshopify.com", "zendesk.com", "ghost.io", "pantheonsite.io",
    "fastly.net", "wordpress.com", "gitee.io", "aliyuncs.com", "myqcloud.com", "bcebos.com", "myhuaweicloud.com",
)  # fmt: skip
"""Services that give a name under these to a new customer who asks for it, as far as their manuals tell."""


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the end of the chain."""
    facts = service.need(NameFacts)
    missing = (facts.missing or "").rstrip(".").lower()
    values = {
        "domain": service.endpoint.label,
        "missing": missing or "-",
        "chain": " → ".join(facts.chain) or "-",
    }
    evidence = (Evidence("name.chain", values["chain"]), Evidence("name.missing", values["missing"]))
    if facts.exists is None:
        yield Outcome("undecided", values, evidence)
    elif not facts.chain:
        yield Outcome("no_alias", values, evidence)
    elif not missing:
        yield Outcome("leads", values, evidence)
    elif missing.endswith(tuple(f".{suffix}" for suffix in _TAKEN_OVER)):
        yield Outcome("can_be_taken", values, evidence)
    else:
        yield Outcome("dangling", values, evidence)


RULE = Rule(
    id="dns/dangling-cname",
    title=Text("别名（CNAME）指向不存在的名称", "An alias (CNAME) leads to a name that does not exist"),
    rationale=Text(
        "业务下线后没有删除的别名，可能被他人在云服务上重新注册后接管，以本单位的域名发布违法信息、钓鱼页"
        "面，还能取得证书、读取 Cookie。",
        "An alias left behind after a service was given up can be taken over by whoever registers its "
        "end anew at the hosting service: to publish or phish in this name, get certificates and read "
        "cookies.",
    ),
    remediation=Text(
        "删除已停用业务的 CNAME 记录；先删解析，后退云资源。定期对照解析记录和在用资源。"
        f"{AWAY.zh}"
        "　CDN、对象存储：先删解析，再在控制台解绑自定义域名。",
        "Delete the CNAME records of what is no longer used; first the record, then the cloud resource. "
        "Compare records with resources from time to time."
        f"{AWAY.en}"
        " CDN and object storage (OSS, COS, OBS): first the record, then the custom domain in its console.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
        "content_control",
    ),
    needs=(NameFacts,),
    basis=Basis.DNS,
    outcomes={
        "can_be_taken": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的别名链（{chain}）末端 {missing} 不存在，而该服务允许新用户申请这样的名称，可"
                "能被他人接管。",
                "The chain of aliases of {domain} ({chain}) ends at {missing}, which does not exist; the "
                "service gives such names to new customers, so that it may be taken over.",
            ),
        ),
        "dangling": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的别名链（{chain}）末端 {missing} 不存在，应当删除或者改正。",
                "The chain of aliases of {domain} ({chain}) ends at {missing}, which does not exist; "
                "wanted: deleted, or put right.",
            ),
        ),
        "leads": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的别名链（{chain}）末端存在。",
                "The chain of aliases of {domain} ({chain}) leads to a name that exists.",
            ),
        ),
        "no_alias": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 没有别名（CNAME）记录。",
                "{domain} has no alias (CNAME).",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 指向哪里。",
                "Could not tell where {domain} leads.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 1034 §3.6.2", "https://www.rfc-editor.org/rfc/rfc1034"),
        Reference(
            "OWASP WSTG: Test for Subdomain Takeover",
            "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/02-Configuration_and_Deployment_Management_Testing/10-Test_for_Subdomain_Takeover",
        ),
    ),
)
