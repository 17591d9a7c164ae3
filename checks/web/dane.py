"""TLSA records (DANE) of an https service that fit no certificate, or not the one that it shows.

How it is seen: where a site is scanned by its name, the scan's DNS servers are asked for TLSA records at ``_PORT._tcp.NAME``, and
whether they checked the signatures (the AD bit). Where they did, one hello shows the chain. How it is judged: a site without such
records is no concern of this rule. One usable record must fit the chain (RFC 6698 §2.1, RFC 7671 §5): usages 1 and 3 the leaf, usages 0
and 2 an authority to which the leaf leads in date and by name. Clients that honour DANE go no further where none fits; common
browsers do not look. What it cannot show: whether a root that is stated with usage 0 is the right one, since servers do not send
roots, and, where the DNS server does not check signatures, whether the records count at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import ServiceFacts, TlsaFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the records by the certificate."""
    facts = service.need(TlsaFacts)
    values = {"name": service.endpoint.label, "records": "; ".join(facts.records or ()) or "-"}
    evidence = (
        Evidence("tlsa.records", f"{values['records']} (AD: {facts.signed})"),
        Evidence("tlsa.match", str(facts.match)),
    )
    if facts.records is None:
        yield Outcome("undecided", values, evidence)
    elif not facts.usable:
        yield Outcome("unusable", values, evidence)
    elif not facts.signed:
        yield Outcome("unsigned", values, evidence)
    elif facts.match is None:
        yield Outcome("present", values, evidence)
    else:
        yield Outcome("fits" if facts.match else "mismatch", values, evidence)


RULE = Rule(
    id="web/dane",
    title=Text(
        "网站的 DANE（TLSA）记录与证书不一致或者无效",
        "A site's DANE (TLSA) records do not fit its certificate, or have no effect",
    ),
    rationale=Text(
        "TLSA 记录公布网站应当出示的证书。与实际证书不一致的，遵守 DANE 的客户端会拒绝连接；格式错误的不起作用。",
        "TLSA records publish which certificate a site shows. Where they do not fit the one shown, clients that honour DANE refuse "
        "to connect; faulty ones do nothing.",
    ),
    remediation=Text(
        "启用 DNSSEC 后发布 _443._tcp.主机名 TLSA 3 1 1（公钥的 SHA-256）；换证书时先添加新记录，等待一个 TTL 后再换，最后删除旧记录；"
        "不再使用的记录应当删除。openssl x509 -pubkey -noout -in 证书 | openssl pkey -pubin -outform DER | sha256sum 可得出摘要；"
        "证书由 certbot 续期的，加 --reuse-key 可使公钥不变。证书所在：nginx 为 ssl_certificate；Apache 为 SSLCertificateFile；"
        "Tomcat 为 <Certificate certificateFile> 或者 certificateKeystoreFile；IIS 为网站“绑定”中所选的证书，续期时选择“使用现有密钥续订”。",
        "With DNSSEC in place publish _443._tcp.HOST TLSA 3 1 1 (SHA-256 of the public key); add the new record before a certificate "
        "changes, wait one TTL, change it, and take the old record away; take away records that are of no use. The digest: openssl x509 "
        "-pubkey -noout -in CERT | openssl pkey -pubin -outform DER | sha256sum. Where certbot renews, --reuse-key keeps the key. Where the "
        "certificate is: nginx, ssl_certificate; Apache, SSLCertificateFile; Tomcat, <Certificate certificateFile> or "
        "certificateKeystoreFile; IIS, the one chosen under Bindings, renewed with the same key.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection", "data_protection"),
    needs=(TlsaFacts,),
    basis=Basis.DNS,
    impact=Impact.ONE_READ,
    outcomes={
        "mismatch": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{name} 出示的证书与经过签名校验的 TLSA 记录（{records}）都不一致：遵守 DANE 的客户端会拒绝连接。",
                "No signed TLSA record ({records}) fits the certificate that {name} showed: clients that honour DANE refuse to connect.",
            ),
        ),
        "unusable": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{name} 的 TLSA 记录（{records}）格式有误，不起作用（用法须为 0 至 3，选择器须为 0 或 1，摘要长度须正确）。",
                "The TLSA records of {name} ({records}) are faulty and do nothing (wanted: usage 0 to 3, selector 0 or 1, and a "
                "digest of the right length).",
            ),
        ),
        "fits": Declared(
            status=Status.PASS,
            detail=Text(
                "{name} 有经过签名校验的 TLSA 记录，且与其出示的证书一致。",
                "{name} has TLSA records whose signatures were checked and which fit the certificate that it showed.",
            ),
        ),
        "present": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{name} 有经过签名校验的 TLSA 记录（{records}），但未能得知是否与证书一致：没有取得证书，或者所指的根证书不由服务器发送。",
                "{name} has TLSA records whose signatures were checked ({records}), but whether they fit could not be told: no "
                "certificate was seen, or the root that they state is not sent.",
            ),
        ),
        "unsigned": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{name} 有 TLSA 记录（{records}），但所用 DNS 服务器没有确认其签名；未启用 DNSSEC 时这些记录不起作用。",
                "{name} has TLSA records ({records}), but the DNS server did not say that their signatures hold; without DNSSEC they "
                "do nothing.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {name} 是否有 TLSA 记录。",
                "Could not tell whether {name} has TLSA records.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 6698", "https://www.rfc-editor.org/rfc/rfc6698"),
        Reference("RFC 7671", "https://www.rfc-editor.org/rfc/rfc7671"),
    ),
)
