"""An intermediate certificate is missing from what the server sends.

How it is judged: by the stores' reason incomplete_chain, which is given where the last certificate says where
its issuer's is fetched, as those of public authorities do. A chain that a store could build, or that ends in
a root that was sent, is complete. Where the issuer is unknown and nothing more is said, it cannot be told. A
missing intermediate is not told again by certificate/untrusted-chain.

Source: RFC 8446 section 4.4.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, reasons, trust_evidence, trusted
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_BUILT = frozenset(
    {
        "expired",
        "not_yet_valid",
        "expired_in_chain",
        "not_yet_valid_in_chain",
        "weak_signature",
        "wrong_purpose",
    }
)
"""Reasons that a store finds only once it has the whole chain."""


def _chain_to_judge(service: ServiceFacts) -> bool:
    return has_leaf(service) and leaf(service).self_signed is not True and bool(reasons(service))


def _ends_in_root(service: ServiceFacts) -> bool:
    return any(one.self_signed for one in service.need(TlsFacts).certificates)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the stores' reason."""
    count = len(service.need(TlsFacts).certificates)
    if trusted(service):
        name = "complete"
    elif "incomplete_chain" in reasons(service):
        name = "incomplete"
    else:
        name = "complete" if reasons(service) & _BUILT or _ends_in_root(service) else "undecided"
    yield Outcome(name, {"count": str(count)}, trust_evidence(service))


RULE = Rule(
    id="certificate/incomplete-chain",
    title=Text("证书链不完整", "The chain is incomplete"),
    rationale=Text(
        "服务器没有发送中间证书，客户端无法从服务器证书走到受信任的根；有的浏览器会自行补齐，手机应用、"
        "程序和设备多数会直接报错。",
        "Without the intermediate, clients find no way from the server's certificate to a trusted "
        "root; some browsers fetch it themselves, most apps, programs and devices fail.",
    ),
    remediation=Text(
        "把签发机构提供的中间证书接在服务器证书之后一并发送（不含根证书）。nginx：cat server.crt "
        "intermediate.crt > fullchain.crt，ssl_certificate 指向它；　Apache 2.4.8 以上："
        "SSLCertificateFile 同样用完整链文件；　Tomcat：把中间证书导入 keystore 的同一条目；　IIS：把中"
        "间证书导入“中间证书颁发机构”。",
        "Send the intermediate certificate from your authority after the server's own (without the "
        "root). nginx: cat server.crt intermediate.crt > fullchain.crt, and ssl_certificate of that; "
        "Apache since 2.4.8: the same file as SSLCertificateFile; Tomcat: import the intermediate into "
        "the same keystore entry; IIS: import it into Intermediate Certification Authorities.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "incomplete": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("服务器没有发送中间证书。", "The server does not send the intermediate certificate."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有信任库认识签发机构，无法判断是否缺少中间证书（服务器发送 {count} 张证书）。",
                "No store knows the issuer, so it cannot be told whether an intermediate is missing (certificates "
                "sent: {count}).",
            ),
        ),
        "complete": Declared(
            status=Status.PASS,
            detail=Text(
                "证书链完整（服务器发送 {count} 张证书）。",
                "The chain is complete (certificates sent: {count}).",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_chain_to_judge,
    references=(Reference("RFC 8446 §4.4.2", "https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2"),),
)
