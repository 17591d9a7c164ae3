"""An SPF record that turns nobody away.

How it is seen: the qualifier of the mechanism ``all``, after ``redirect`` was followed. How it is judged: ``+all`` names the whole
world as allowed; ``?all``, or none, says nothing of others' mail. ``~all`` and ``-all`` both do. What it cannot show: what receivers make of it.
"""

from __future__ import annotations

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


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the record says of everybody else."""
    facts = service.need(MailPolicyFacts)
    if not facts.spf or facts.spf_errors:
        raise NotApplicable("no SPF record without faults was seen")
    values = {"domain": service.endpoint.label, "all": f"{facts.spf_all or '-'}all" if facts.spf_all else "-"}
    evidence = (
        Evidence("mail_policy.spf", "; ".join(facts.spf)),
        Evidence("mail_policy.spf_all", facts.spf_all or "-"),
    )
    if facts.spf_lookups is None:
        yield Outcome("undecided", values, evidence)
    elif facts.spf_all == "+":
        yield Outcome("everybody", values, evidence)
    else:
        yield Outcome("closed" if facts.spf_all in ("-", "~") else "neutral", values, evidence)


RULE = Rule(
    id="mail/spf-weak",
    title=Text("SPF 记录没有排除其他发信者", "The SPF record excludes nobody"),
    rationale=Text(
        "+all 等于允许任何服务器以本域名发信；?all 或者没有 all，收信方对冒名邮件没有依据拒收。",
        "With +all any server may send in this name; with ?all, or none, receivers have no ground to "
        "refuse impostors.",
    ),
    remediation=Text(
        f"列全实际发信的服务器后，以 -all 结尾（过渡期可用 ~all，配合 DMARC）。{WHERE.zh}",
        "Name all servers that send, then end with -all (with ~all for a while, together with DMARC)."
        f"{WHERE.en}",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "everybody": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的 SPF 记录以 +all 结尾，允许任何服务器以该域名发信。",
                "The SPF record of {domain} ends with +all: any server may send in its name.",
            ),
        ),
        "neutral": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 SPF 记录对其他服务器不作限制（{all}）；应以 -all 或者 ~all 结尾。",
                "The SPF record of {domain} says nothing of other servers ({all}); wanted: -all or ~all "
                "at its end.",
            ),
        ),
        "closed": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 SPF 记录以 {all} 结尾。",
                "The SPF record of {domain} ends with {all}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的 SPF 记录未能读完，无法判断。",
                "The SPF record of {domain} could not be read to its end.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 7208 §5.1", "https://www.rfc-editor.org/rfc/rfc7208"),
        Reference("RFC 7489", "https://www.rfc-editor.org/rfc/rfc7489"),
    ),
)
