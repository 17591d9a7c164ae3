"""The policy file of MTA-STS is absent, faulty, or does not fit the mail servers.

How it is seen: where the domain has an MTA-STS record, one GET of ``https://mta-sts.DOMAIN/.well-known/mta-sts.txt`` and one TLS
handshake for the certificate, only when an address of that host is within the authorised scope. How it is judged: by RFC 8461:
status 200 without a redirect (§3.3), a certificate that is valid for the name and trusted (§3.3), the fields of §3.2, and an ``mx``
pattern for each MX record (§4.1). Senders pass a policy over that fails the first three; under ``mode: enforce`` they do not deliver to
a mail server that no pattern covers (§5). What it cannot show: policies outside the scope; whether senders outside see the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
from scanner.facts import MailPolicyFacts, MtaStsPolicyFacts, ServiceFacts

_OLDEST = 31_557_600
"""Seconds: the longest max_age (RFC 8461 §3.2)."""
_PATTERN = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})")
_ABSENT = frozenset({"refused", "not_tls"})
"""How a connection fails where there is no HTTPS at all."""
_LATER = frozenset({408, 429})


def covers(pattern: str, host: str) -> bool:
    """Whether an ``mx`` pattern covers a host (RFC 8461 §4.1): a wildcard stands for the leftmost label alone."""
    pattern, host = pattern.lower(), host.lower().rstrip(".")
    return host.partition(".")[2] == pattern[2:] if pattern.startswith("*.") else host == pattern


def _faults(policy: MtaStsPolicyFacts) -> Iterator[Text]:
    if policy.media_type != "text/plain":
        shown = policy.media_type or "-"
        yield Text(f"内容类型不是 text/plain（{shown}）", f"the media type is not text/plain ({shown})")
    if policy.version != "STSv1":
        yield Text("没有 version: STSv1", "there is no version: STSv1")
    if policy.mode not in ("enforce", "testing", "none"):
        yield Text("mode 不是 enforce、testing 或者 none", "mode is not enforce, testing or none")
    if policy.max_age is None or policy.max_age > _OLDEST:
        yield Text(
            f"max_age 缺失或者不是 0 至 {_OLDEST} 的秒数",
            f"max_age is no number of seconds from 0 to {_OLDEST}",
        )
    if not policy.patterns and policy.mode != "none":
        yield Text("没有 mx", "there is no mx")
    wrong = ", ".join(pattern or "-" for pattern in policy.patterns if not _PATTERN.fullmatch(pattern))
    if wrong:
        yield Text(
            f"mx 不是主机名或者 *.域名（{wrong}）", f"an mx is neither a host name nor *.DOMAIN ({wrong})"
        )
    if policy.odd_lines:
        yield Text(
            f"有 {policy.odd_lines} 行不是“名称: 值”", f"lines that are not “name: value”: {policy.odd_lines}"
        )


def _certificate(policy: MtaStsPolicyFacts) -> str:
    """``good``, ``bad``, or ``unknown``."""
    if policy.hostname_match is False:
        return "bad"
    said = set(policy.trust.values())
    if "ok" in said and policy.hostname_match:
        return "good"
    unclear = not said or "ok" in said or any(reason.startswith("undecided:") for reason in said)
    return "unknown" if unclear else "bad"


def _absent(policy: MtaStsPolicyFacts) -> Text | None:
    """Why there is no policy to be had; None when that is not known."""
    if not policy.addresses and not policy.errors:
        return Text("该主机名没有地址", "that host has no address")
    if policy.status is not None and policy.status not in _LATER and policy.status < 500:
        return Text(
            f"返回状态 {policy.status}，应为 200", f"it is answered with the status {policy.status}, not 200"
        )
    if any(error.step == "policy" and error.kind in _ABSENT for error in policy.errors):
        return Text("443 端口没有 HTTPS 服务", "there is no HTTPS on port 443")
    return None


def _judged(
    facts: MailPolicyFacts, policy: MtaStsPolicyFacts, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Iterator[Outcome]:
    """What is to be said of a file that was had."""
    certificate = _certificate(policy)
    if certificate != "good":
        yield Outcome("certificate" if certificate == "bad" else "certificate_unseen", values, evidence)
    faults = list(_faults(policy))
    if faults:
        both = {"zh": "；".join(fault.zh for fault in faults), "en": "; ".join(fault.en for fault in faults)}
        yield Outcome("invalid", {**values, **both}, evidence)
        return
    outside = [
        mx.host for mx in facts.mx or () if not any(covers(pattern, mx.host) for pattern in policy.patterns)
    ]
    if policy.mode == "none":
        yield Outcome("none", values, evidence)
    elif outside:
        name = "mx_refused" if policy.mode == "enforce" else "mx_uncovered"
        yield Outcome(name, {**values, "hosts": ", ".join(outside)}, evidence)
    elif certificate == "good":
        yield Outcome("enforced" if policy.mode == "enforce" else "testing", values, evidence)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the file of a domain that has the record."""
    facts = service.need(MailPolicyFacts)
    if facts.takes_mail is False:
        raise NotApplicable("the domain takes no mail")
    if not facts.mta_sts:
        raise NotApplicable("no MTA-STS record was seen")
    policy = facts.mta_sts_policy
    values = {"domain": service.endpoint.label, "host": policy.host if policy is not None else "-"}
    if policy is None:
        yield Outcome("undecided", {**values, "why": "-"}, ())
        return
    evidence = (
        Evidence("mail_policy.mta_sts_policy.addresses", ", ".join(policy.addresses) or "-"),
        Evidence("mail_policy.mta_sts_policy.status", str(policy.status or "-")),
        Evidence(
            "mail_policy.mta_sts_policy.trust", ", ".join(f"{k}: {v}" for k, v in policy.trust.items()) or "-"
        ),
        Evidence("mail_policy.mta_sts_policy.hostname_match", str(policy.hostname_match)),
        Evidence("mail_policy.mta_sts_policy.mode", policy.mode or "-"),
        Evidence("mail_policy.mta_sts_policy.max_age", str(policy.max_age)),
        Evidence("mail_policy.mta_sts_policy.patterns", ", ".join(policy.patterns) or "-"),
    )
    values["age"] = str(policy.max_age)
    if policy.status == 200:
        yield from _judged(facts, policy, values, evidence)
    elif policy.addresses and policy.asked is None:
        yield Outcome("not_in_scope", {**values, "addresses": ", ".join(policy.addresses)}, evidence)
    elif (why := _absent(policy)) is not None:
        yield Outcome("absent", {**values, "zh": why.zh, "en": why.en}, evidence)
    else:
        told = next((error.kind for error in policy.errors), f"HTTP {policy.status}")
        yield Outcome("undecided", {**values, "why": told}, evidence)


RULE = Rule(
    id="mail/mta-sts-policy",
    title=Text("MTA-STS 策略文件有问题", "The MTA-STS policy does not do its work"),
    rationale=Text(
        "有记录而策略文件取不到、证书不对或者写法有误时，发信方视同没有 MTA-STS，投递仍可被中间人降级；策略为 enforce "
        "而没有列出全部邮件服务器的，发信方不向漏列的服务器投递，邮件会延误或者退回。",
        "Where there is a record, but the policy cannot be had, its certificate is wrong or it is faulty, senders act as if there "
        "were none, and delivery can be stripped of its encryption. Under enforce, senders do not deliver to mail servers that "
        "the policy leaves out: mail is delayed or returned.",
    ),
    remediation=Text(
        "用对 mta-sts.域名 有效、公开受信任的证书发布 https://mta-sts.域名/.well-known/mta-sts.txt，直接返回 200（不跳转）、"
        "类型 text/plain，内容为 version: STSv1、mode: enforce、max_age: 604800 以上，每台 MX 一行 mx: 主机名；每次修改后更新 "
        "TXT 记录中的 id。　nginx：location = /.well-known/mta-sts.txt { default_type text/plain; root /srv/mta-sts; }　"
        "Apache：Alias /.well-known/mta-sts.txt /srv/mta-sts.txt，ForceType text/plain　IIS：为 .txt 保留 MIME 类型 text/plain，"
        "该路径不做跳转　Tomcat：把文件放在 ROOT 应用的 .well-known 目录下。",
        "Publish https://mta-sts.DOMAIN/.well-known/mta-sts.txt with a publicly trusted certificate for mta-sts.DOMAIN: status 200 at "
        "once (no redirect), type text/plain, with version: STSv1, mode: enforce, max_age: 604800 or more, and a line mx: HOST for "
        "each MX; after a change, renew the id in the TXT record. nginx: location = /.well-known/mta-sts.txt { default_type "
        "text/plain; root /srv/mta-sts; } Apache: Alias /.well-known/mta-sts.txt /srv/mta-sts.txt with ForceType text/plain. IIS: "
        "keep text/plain for .txt, and no redirect on that path. Tomcat: the file in .well-known of the ROOT application.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "mx_refused": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的 MTA-STS 策略为 enforce，却没有列出邮件服务器 {hosts}：遵守策略的发信方不会向其投递。",
                "The MTA-STS policy of {domain} is enforce and leaves out the mail servers {hosts}: senders that honour it do "
                "not deliver to them.",
            ),
        ),
        "mx_uncovered": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 MTA-STS 策略（mode: testing）没有列出邮件服务器 {hosts}，改为 enforce 后发信方将不向其投递。",
                "The MTA-STS policy of {domain} (mode: testing) leaves out the mail servers {hosts}: once it is enforce, senders "
                "will not deliver to them.",
            ),
        ),
        "certificate": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{host} 的证书不受信任、不在有效期内，或者与该名称不符，发信方不采用 {domain} 的 MTA-STS 策略。",
                "The certificate of {host} is not trusted, not in date, or not for that name: senders do not take the MTA-STS "
                "policy of {domain}.",
            ),
        ),
        "invalid": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 MTA-STS 策略文件有错误，发信方不采用：{zh}。",
                "The MTA-STS policy of {domain} is faulty, and senders do not take it: {en}.",
            ),
        ),
        "absent": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 有 MTA-STS 记录，但在 https://{host}/.well-known/mta-sts.txt 取不到策略文件：{zh}。发信方视同未设置。",
                "{domain} has an MTA-STS record, but no policy can be had at https://{host}/.well-known/mta-sts.txt: {en}. "
                "Senders act as if there were no MTA-STS.",
            ),
        ),
        "testing": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 的 MTA-STS 策略写法正确，仍为 mode: testing，发信方只报告、不拦截。",
                "The MTA-STS policy of {domain} is well formed and still mode: testing: senders report and hold nothing back.",
            ),
        ),
        "none": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 的 MTA-STS 策略为 mode: none，即不再要求校验。",
                "The MTA-STS policy of {domain} is mode: none: nothing is asked for any more.",
            ),
        ),
        "enforced": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 MTA-STS 策略为 enforce，列出了全部邮件服务器，证书有效（max_age {age} 秒）。",
                "The MTA-STS policy of {domain} is enforce, names all its mail servers, and has a valid certificate (max_age "
                "{age} s).",
            ),
        ),
        "certificate_unseen": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的 MTA-STS 策略文件已取得，但未能判断 {host} 的证书是否有效。",
                "The MTA-STS policy of {domain} was had, but whether the certificate of {host} is valid could not be told.",
            ),
        ),
        "not_in_scope": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的 MTA-STS 策略在 {host}（{addresses}）上，不在授权范围内，没有访问；请由运营者提供策略文件，或者把该"
                "主机列入授权范围后再查。",
                "The MTA-STS policy of {domain} lies on {host} ({addresses}), which is not within the authorised scope and was "
                "not touched: ask the operator for the file, or scan again with that host in the scope.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的 MTA-STS 策略（{host}：{why}）。",
                "Could not tell what the MTA-STS policy of {domain} is ({host}: {why}).",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 8461 §3.2, §3.3, §4.1, §5", "https://www.rfc-editor.org/rfc/rfc8461"),),
)
