"""SSH's group exchange gives out Diffie-Hellman groups that are too small.

How it is seen: where diffie-hellman-group-exchange is offered, one connection asks for a group of 1024 bits (RFC 4419
section 3) and reads the group that the server gives; the exchange is not finished. How it is judged: below the threshold
``ssh_dh_min_bits``; fixed groups are judged by ssh/weak-kex. What it cannot show: whether a client would ever ask for
so little; those of today do not.
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
from scanner.facts import ServiceFacts, SshFacts

_OFFER = "diffie-hellman-group-exchange-"


def _offered(service: ServiceFacts) -> bool:
    return any(name.startswith(_OFFER) for name in service.need(SshFacts).kex)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the smallest group with the threshold."""
    bits, wanted = service.need(SshFacts).smallest_group, settings.threshold("ssh_dh_min_bits")
    name = "undecided" if bits is None else "small" if bits < wanted else "large_enough"
    values = {"service": service.endpoint.label, "bits": str(bits), "wanted": str(wanted)}
    yield Outcome(
        name, values, (Evidence("ssh.smallest_group", "(not determined)" if bits is None else str(bits)),)
    )


RULE = Rule(
    id="ssh/small-dh-group",
    title=Text("SSH 的密钥交换群过小", "SSH gives out small key exchange groups"),
    rationale=Text(
        "1024 位左右的群有条件的攻击者可以破解，截获的会话随之可以解密；客户端须肯用这样小的群才会受害。",
        "Groups of about 1024 bits can be broken by an attacker with means, and recorded sessions opened; it takes a client that "
        "uses so small a group.",
    ),
    remediation=Text(
        "OpenSSH：从 /etc/ssh/moduli 删除小于 3071 的行（awk '$5 >= 3071' /etc/ssh/moduli > moduli.new，"
        "检查后替换），或者不再提供：KexAlgorithms -diffie-hellman-group-exchange-*（7.5 及以上）。　思科设备：ip "
        "ssh dh min size 2048　华为设备：ssh server dh-exchange min-len 2048　华三设备：ssh2 algorithm key-exchange "
        "ecdh-sha2-nistp384 ecdh-sha2-nistp256（不用 dh-group-exchange）　dropbear 不提供协商的群。改后复测。",
        "OpenSSH: drop lines below 3071 from /etc/ssh/moduli (awk '$5 >= 3071' /etc/ssh/moduli > moduli.new, look at "
        "it, then replace the file), or offer it no more: KexAlgorithms -diffie-hellman-group-exchange-* (7.5 and "
        "later). Cisco: ip ssh dh min size 2048. Huawei: ssh server dh-exchange min-len 2048. H3C: ssh2 algorithm "
        "key-exchange ecdh-sha2-nistp384 ecdh-sha2-nistp256 (without dh-group-exchange). dropbear has no such "
        "exchange. Then test again.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    impact=Impact.ONE_READ,
    outcomes={
        "small": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 应请求给出了 {bits} 位的群；应不少于 {wanted} 位。",
                "Asked for it, {service} gave a group of {bits} bits; wanted: {wanted} bits or more.",
            ),
        ),
        "large_enough": Declared(
            status=Status.PASS,
            detail=Text(
                "请求 1024 位的群时，{service} 给出 {bits} 位。",
                "Asked for a group of 1024 bits, {service} gave one of {bits}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 没有给出群（可能拒绝小的群），不能判断。",
                "{service} gave no group (it may refuse small ones); nothing is concluded.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_offered,
    references=(
        Reference("RFC 4419 §3", "https://www.rfc-editor.org/rfc/rfc4419#section-3"),
        Reference("RFC 8270", "https://www.rfc-editor.org/rfc/rfc8270"),
        Reference("RFC 9142 §3.1", "https://www.rfc-editor.org/rfc/rfc9142#section-3.1"),
    ),
)
