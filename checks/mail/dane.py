"""TLSA records of mail servers (DANE): none, such as senders cannot use, or such as do not fit the certificate.

How it is seen: TLSA records at ``_25._tcp`` of each mail server, and whether the DNS server checked their signatures (the AD bit).
Where it did and an address of the mail server is in the scope, one connection to port 25 (EHLO, STARTTLS, no mail) shows the
certificate. How it is judged: none is information. Records without DNSSEC are passed over (RFC 7672 §2.1), and so are those of other
usages than DANE-TA (2) and DANE-EE (3), or of the wrong form (§3.1.3). One usable record must vouch for the certificate (§3.2, RFC
7671 §5): usage 3 for the leaf, whatever its dates and names; usage 2 for an authority that was sent, to which the leaf leads in date
and by name. Senders do not deliver where none does, or where there is no STARTTLS (§2.2). What it cannot show: mail servers outside the
scope, further addresses of the same one, and, where the DNS server does not check signatures, whether the records count at all.
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
from scanner.facts import MailPolicyFacts, MxFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the records of all mail servers together."""
    facts = service.need(MailPolicyFacts)
    if facts.takes_mail is False:
        raise NotApplicable("the domain takes no mail")
    receivers = facts.mx or ()
    having = [mx for mx in receivers if mx.tlsa]
    faulty = [mx for mx in having if mx.tlsa_usable is False]
    plain = [mx for mx in having if mx.starttls is False]
    differing = [mx for mx in having if mx.tlsa_match is False]
    shown = plain or differing or faulty or having or receivers
    values = {"domain": service.endpoint.label, "hosts": ", ".join(mx.host for mx in shown) or "-"}
    evidence = tuple(_evidence(receivers))
    if facts.mx is None or any(mx.tlsa is None for mx in receivers):
        yield Outcome("undecided", values, evidence)
    elif plain:
        yield Outcome("no_starttls", values, evidence)
    elif differing:
        yield Outcome("mismatch", values, evidence)
    elif not having:
        yield Outcome("none", values, evidence)
    elif faulty:
        yield Outcome("unusable", values, evidence)
    elif not all(mx.tlsa_signed for mx in having):
        yield Outcome("unsigned", values, evidence)
    else:
        unseen = ", ".join(mx.host for mx in having if mx.tlsa_match is None)
        yield Outcome(
            "present" if unseen else "fits", {**values, "hosts": unseen or values["hosts"]}, evidence
        )


def _evidence(receivers: Iterable[MxFacts]) -> Iterable[Evidence]:
    for mx in receivers:
        fact = f"mail_policy.mx.{mx.host}"
        yield Evidence(f"{fact}.tlsa", f"{'; '.join(mx.tlsa or ()) or '-'} (AD: {mx.tlsa_signed})")
        if mx.tlsa_asked is not None:
            yield Evidence(
                f"{fact}.tlsa_match", f"{mx.tlsa_match} ({mx.tlsa_asked}, STARTTLS: {mx.starttls})"
            )


RULE = Rule(
    id="mail/dane",
    title=Text(
        "邮件服务器没有可用的、与证书一致的 DANE（TLSA）记录",
        "No usable DANE (TLSA) records that fit the mail servers' certificates",
    ),
    rationale=Text(
        "DANE 用带签名的 TLSA 记录公布邮件服务器的证书，防止投递时被降级或者冒充；写错的记录不起作用，有"
        "的发信方还会拒绝投递。",
        "DANE publishes the mail servers' certificates in signed TLSA records, against stripping and "
        "impostors; faulty records do nothing, and some senders then refuse to deliver.",
    ),
    remediation=Text(
        "域名启用 DNSSEC 后，为每台邮件服务器发布 _25._tcp.主机名 TLSA 3 1 1 （公钥的 SHA-256）；换证书时"
        "先添加新记录。openssl x509 -pubkey -noout -in 证书 | openssl pkey -pubin -outform DER | "
        "sha256sum 可得出摘要。"
        "证书由 certbot 续期的，加 --reuse-key 可使公钥不变。服务器要提供 STARTTLS 并出示该证书：Postfix 用 smtpd_tls_chain_files 和 "
        "smtpd_tls_security_level = may；Exim 用 tls_certificate、tls_privatekey 和 tls_advertise_hosts = *；Exchange 用 "
        "Enable-ExchangeCertificate -Services SMTP。",
        "With DNSSEC in place, publish _25._tcp.HOST TLSA 3 1 1 (SHA-256 of the public key) for each "
        "mail server; add the new record before a certificate changes. The digest: openssl x509 -pubkey "
        "-noout -in CERT | openssl pkey -pubin -outform DER | sha256sum. Where certbot renews, --reuse-key keeps the key. The server must "
        "offer STARTTLS and show that certificate: Postfix, smtpd_tls_chain_files and smtpd_tls_security_level = may; Exim, "
        "tls_certificate, tls_privatekey and tls_advertise_hosts = *; Exchange, Enable-ExchangeCertificate -Services SMTP.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    impact=Impact.ONE_READ,
    outcomes={
        "none": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 的邮件服务器（{hosts}）没有 TLSA 记录。",
                "The mail servers of {domain} ({hosts}) have no TLSA records.",
            ),
        ),
        "unusable": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的邮件服务器 {hosts} 的 TLSA 记录不能用于邮件（用法须为 2 或者 3，摘要长度须正"
                "确）。",
                "The TLSA records of {hosts}, mail servers of {domain}, cannot be used for mail (wanted: "
                "usage 2 or 3, and a digest of the right length).",
            ),
        ),
        "mismatch": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的邮件服务器 {hosts} 出示的证书与经过签名校验的 TLSA 记录都不一致：遵守 DANE 的发信方不会向其投递。",
                "No signed TLSA record fits the certificate that {hosts} showed, a mail server of {domain}: senders that honour "
                "DANE do not deliver to it.",
            ),
        ),
        "no_starttls": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的邮件服务器 {hosts} 有经过签名校验的 TLSA 记录，却不提供 STARTTLS：遵守 DANE 的发信方不会向其投递。",
                "{hosts}, a mail server of {domain}, has signed TLSA records and offers no STARTTLS: senders that honour DANE do "
                "not deliver to it.",
            ),
        ),
        "fits": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的邮件服务器（{hosts}）有经过签名校验的 TLSA 记录，且与其出示的证书一致。",
                "The mail servers of {domain} ({hosts}) have TLSA records whose signatures were checked and which fit the "
                "certificates shown.",
            ),
        ),
        "present": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的邮件服务器有经过签名校验的 TLSA 记录，但 {hosts} 不在授权范围内或者没有出示证书，是否一致未能核对。",
                "The mail servers of {domain} have TLSA records whose signatures were checked, but {hosts} is outside the scope or "
                "showed no certificate, so that they were not held against it.",
            ),
        ),
        "unsigned": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的邮件服务器（{hosts}）有 TLSA 记录，但所用 DNS 服务器没有确认其签名，未启用 "
                "DNSSEC 时这些记录不起作用。",
                "The mail servers of {domain} ({hosts}) have TLSA records, but the DNS server did not "
                "say that their signatures hold; without DNSSEC they do nothing.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的邮件服务器是否有 TLSA 记录。",
                "Could not tell whether the mail servers of {domain} have TLSA records.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 7672", "https://www.rfc-editor.org/rfc/rfc7672"),
        Reference("RFC 6698", "https://www.rfc-editor.org/rfc/rfc6698"),
        Reference("RFC 7671", "https://www.rfc-editor.org/rfc/rfc7671"),
    ),
)
