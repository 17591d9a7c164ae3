"""There is no security.txt to tell where weaknesses may be reported.

How it is seen: one GET of /.well-known/security.txt. How it is judged: information only, as is a file whose Expires
is missing or past (RFC 9116 section 2.5.5: it must not be used then); a path that gave no answer is inconclusive.
What it cannot show: other ways of reporting that the site names elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from checks.model import Basis, Declared, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.paths import asked_here, determined, path_evidence
from scanner.facts import HttpFacts, ServiceFacts

_PATH = "/.well-known/security.txt"


def _ends(proof: str) -> datetime | None:
    """The moment that Expires names (RFC 3339), or None when there is none to be read."""
    try:
        until = datetime.fromisoformat(proof.partition("Expires: ")[2].upper())
    except ValueError:
        return None
    return until if until.tzinfo is not None else until.replace(tzinfo=UTC)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether the file is there."""
    facts = service.need(HttpFacts)
    asked_here(facts, _PATH)
    found = facts.paths.get(_PATH)
    evidence = path_evidence(facts, _PATH)
    if found is None or not determined(found):
        yield Outcome("undecided", {}, evidence)
    elif not found.matched:
        yield Outcome("missing", {}, evidence)
    else:
        until = _ends(found.proof)
        name = "no_end" if until is None else "expired" if until <= settings.at else "present"
        yield Outcome(name, {"until": "" if until is None else until.date().isoformat()}, evidence)


RULE = Rule(
    id="web/security-txt-missing",
    title=Text("未提供漏洞报告联系方式（security.txt）", "There is no security.txt"),
    rationale=Text(
        "没有公布联系方式时，发现漏洞的人不知道向谁报告，漏洞可能迟迟得不到处理。",
        "Without a contact, whoever finds a weakness does not know whom to tell, and it may stay unmended.",
    ),
    remediation=Text(
        "在 /.well-known/security.txt 放置文本文件，至少写明联系方式和有效期，例如：Contact: "
        "mailto:security@example.cn　Expires: 2027-12-31T00:00:00Z　Preferred-Languages: zh, en。"
        "文件放在网站根目录下的 .well-known 目录：nginx 为 root 所指目录，拒绝隐藏文件的规则要放过它：location ^~ "
        "/.well-known/ { }　Apache：DocumentRoot　IIS：站点物理路径，.txt 的 MIME 类型默认已有　Tomcat："
        "webapps/ROOT。",
        "Put a text file at /.well-known/security.txt with at least a contact and an expiry date, such as: Contact: "
        "mailto:security@example.cn, Expires: 2027-12-31T00:00:00Z, Preferred-Languages: zh, en. Where it goes: "
        "nginx: under root, and let it pass where dot files are denied: location ^~ /.well-known/ { }; Apache: under "
        "DocumentRoot; IIS: under the site's physical path; Tomcat: webapps/ROOT.",
    ),
    severity=Severity.INFO,
    duties=("vulnerability_handling",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "missing": Declared(
            status=Status.INFO,
            detail=Text("没有 security.txt；建议提供。", "There is no security.txt; one is advised."),
        ),
        "expired": Declared(
            status=Status.INFO,
            detail=Text(
                "security.txt 已于 {until} 过期，不再有效；请核对联系方式并更新有效期。",
                "security.txt ended on {until} and counts no more; check the contact and set a new date.",
            ),
        ),
        "no_end": Declared(
            status=Status.INFO,
            detail=Text(
                "security.txt 没有写明有效期（Expires），按标准不完整。",
                "security.txt says no day on which it ends (Expires), which the standard asks for.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有得到 /.well-known/security.txt 的有效回答，不能判断。",
                "/.well-known/security.txt gave no usable answer; nothing is concluded.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "提供了 security.txt，有效期至 {until}。", "There is a security.txt, good until {until}."
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 9116", "https://www.rfc-editor.org/rfc/rfc9116"),),
)
