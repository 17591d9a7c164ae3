"""A DKIM key that is too short.

How it is seen: TXT records under selectors that many use (RFC 6376 §3.6.1); the size of the public key is read from the key itself.
How it is judged: RFC 8301 §3.2 demands 1024 bits of RSA at least and asks for 2048. What it cannot show: keys under other
selectors, whose names only the operator and the mail itself tell, so that finding none proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import MailPolicyFacts, ServiceFacts

_LEAST, _WANTED = 1024, 2048


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the keys that were found."""
    facts = service.need(MailPolicyFacts)
    keys = [key for key in facts.dkim if not key.revoked]
    sizes = {key.selector: key.bits for key in keys if key.type == "rsa" and key.bits is not None}
    short = {selector: bits for selector, bits in sizes.items() if bits < _WANTED}
    values = {
        "domain": service.endpoint.label,
        "keys": ", ".join(f"{selector}: {bits}" for selector, bits in (short or sizes).items()) or "-",
        "asked": ", ".join(facts.dkim_asked) or "-",
    }
    evidence = tuple(
        Evidence(f"mail_policy.dkim.{key.selector}", f"{key.type} {key.bits or '-'} {key.error}".strip())
        for key in keys
    )
    if short:
        yield Outcome("too_short" if min(short.values()) < _LEAST else "short", values, evidence)
    elif keys and all(key.error or key.bits is None for key in keys):
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("good" if keys else "none_found", values, evidence)


RULE = Rule(
    id="mail/dkim-weak-key",
    title=Text("DKIM 密钥过短", "A DKIM key is too short"),
    rationale=Text(
        "DKIM 用密钥证明邮件确由本域名发出且未被改动。密钥过短时可以被算出，冒名邮件也能通过校验。",
        "DKIM proves by a key that mail comes from this domain, unchanged. A key that is too short can "
        "be computed, and impostors' mail then passes.",
    ),
    remediation=Text(
        "换用 2048 位 RSA 密钥：先发布新选择器的公钥，再切换签名，最后撤下旧公钥。OpenDKIM："
        "opendkim-genkey -b 2048；　rspamd：rspamadm dkim_keygen -b 2048；　企业邮箱在管理后台重新生成 "
        "DKIM。"
        "　Postfix 经 smtpd_milters 使用 OpenDKIM 或者 rspamd；Exim：dkim_selector、dkim_private_key 换成新的；Exchan"
        "ge Online：Rotate-DkimSigningConfig -KeySize 2048。"
        f"{WHERE.zh}",
        "Change to an RSA key of 2048 bits: publish the new selector, sign with it, then withdraw the "
        "old key. OpenDKIM: opendkim-genkey -b 2048. rspamd: rspamadm dkim_keygen -b 2048. Hosted mail: "
        "make a new key in the provider's console."
        " Postfix uses OpenDKIM or rspamd by smtpd_milters; Exim: new dkim_selector and dkim_private_key; Exchange On"
        "line: Rotate-DkimSigningConfig -KeySize 2048."
        f"{WHERE.en}",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "too_short": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的 DKIM 密钥不足 1024 位（{keys}）；应为 2048 位。",
                "DKIM keys of {domain} are shorter than 1024 bits ({keys}); wanted: 2048.",
            ),
        ),
        "short": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 DKIM 密钥不足 2048 位（{keys}）；建议更换。",
                "DKIM keys of {domain} are shorter than 2048 bits ({keys}); wanted: 2048.",
            ),
        ),
        "good": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 在常用选择器下的 DKIM 密钥长度足够（{keys}）。",
                "The DKIM keys of {domain} under usual selectors are long enough ({keys}).",
            ),
        ),
        "none_found": Declared(
            status=Status.INFO,
            detail=Text(
                "在常用选择器（{asked}）下没有找到 {domain} 的 DKIM 公钥；其他选择器无法得知，请现场核实"
                "是否签名。",
                "No DKIM key of {domain} was found under usual selectors ({asked}); others cannot be "
                "known: verify on site that mail is signed.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的 DKIM 公钥读不懂，无法判断长度。",
                "The DKIM keys of {domain} could not be read.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8301 §3.2", "https://www.rfc-editor.org/rfc/rfc8301"),
        Reference("RFC 6376 §3.6.1", "https://www.rfc-editor.org/rfc/rfc6376"),
        Reference("RFC 8463", "https://www.rfc-editor.org/rfc/rfc8463"),
    ),
)
