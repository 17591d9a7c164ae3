"""A domain does not ask senders to deliver over verified TLS (MTA-STS).

How it is seen: the TXT record at ``_mta-sts`` (RFC 8461 §3.1). How it is judged: information. What it cannot show: the policy
itself, which ``mail/mta-sts-policy`` judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import MailPolicyFacts, ServiceFacts

_RECORD = re.compile(r"v=STSv1\s*;\s*id=[A-Za-z0-9]{1,32}\s*;?\s*")
"""RFC 8461 §3.1, without extension fields."""


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge a domain that takes mail by the record."""
    facts = service.need(MailPolicyFacts)
    if facts.takes_mail is False:
        raise NotApplicable("the domain takes no mail")
    values = {"domain": service.endpoint.label, "record": "; ".join(facts.mta_sts or ()) or "-"}
    evidence = (Evidence("mail_policy.mta_sts", values["record"]),)
    if facts.mta_sts is None:
        yield Outcome("undecided", values, evidence)
    elif not facts.mta_sts:
        yield Outcome("none", values, evidence)
    else:
        good = len(facts.mta_sts) == 1 and _RECORD.fullmatch(facts.mta_sts[0]) is not None
        yield Outcome("present" if good else "invalid", values, evidence)


RULE = Rule(
    id="mail/mta-sts-missing",
    title=Text("未设置 MTA-STS", "No MTA-STS"),
    rationale=Text(
        "邮件服务器之间的加密默认可以被中间人降级。MTA-STS 要求发信方只通过校验过证书的 TLS 投递。",
        "Between mail servers encryption can be stripped by whoever stands in between. MTA-STS asks "
        "senders to deliver over TLS with a verified certificate alone.",
    ),
    remediation=Text(
        "发布 https://mta-sts.域名/.well-known/mta-sts.txt（先 mode: testing，再 mode: enforce），再添加 "
        "TXT 记录 _mta-sts.域名：v=STSv1; id=日期编号。"
        "　nginx：location = /.well-known/mta-sts.txt { default_type text/plain; root /srv/mta-sts; }　Apache：Alias "
        "/.well-known/mta-sts.txt /srv/mta-sts.txt　IIS：为 mta-sts.域名 建站并保留 .txt 的 MIME 类型　Tomcat：放在 R"
        "OOT 应用的 .well-known 目录下。"
        f"{WHERE.zh}",
        "Publish https://mta-sts.DOMAIN/.well-known/mta-sts.txt (mode: testing first, then mode: "
        "enforce), then a TXT record at _mta-sts.DOMAIN: v=STSv1; id=NUMBER."
        " nginx: location = /.well-known/mta-sts.txt { default_type text/plain; root /srv/mta-sts; } Apache: Alias /."
        "well-known/mta-sts.txt /srv/mta-sts.txt. IIS: a site for mta-sts.DOMAIN that keeps the MIME type of .txt. To"
        "mcat: in .well-known of the application ROOT."
        f"{WHERE.en}",
    ),
    severity=Severity.LOW,
    duties=("data_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "none": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 没有 MTA-STS 记录。",
                "{domain} has no MTA-STS record.",
            ),
        ),
        "invalid": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 MTA-STS 记录写法有误或者有多条（{record}），发信方会忽略。",
                "The MTA-STS record of {domain} is faulty, or there are several ({record}); senders pass "
                "it over.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 有 MTA-STS 记录（{record}）；策略文件另见 mail/mta-sts-policy。",
                "{domain} has an MTA-STS record ({record}); mail/mta-sts-policy tells of the policy file.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有 MTA-STS 记录。",
                "Could not tell whether {domain} has an MTA-STS record.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 8461", "https://www.rfc-editor.org/rfc/rfc8461"),),
)
