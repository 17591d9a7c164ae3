"""Elliptic curve groups for the key exchange are too small.

How it is seen: the group named by the server each time, while groups are taken away one by one. How it is
judged: a curve below the threshold ``group_min_bits`` is a weakness, since a client of a network attacker's
choice may be led to it; so are curves that the server describes itself (RFC 8422 forbids them), whose
strength nobody has checked. A list of groups that is not whole forbids a pass. Groups of finite fields are
told by tls/weak-dh.

Source: RFC 9325 section 4.5; RFC 8422 section 5.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_SIZE = re.compile(r"^(?:sec[pt]|brainpoolP)(\d+)")
_OTHER_SIZES = {"x25519": 255, "x448": 448, "curveSM2": 256}


def _bits(group: str) -> int | None:
    """Size of a curve in bits; None for what is no elliptic curve, or is of unknown size."""
    if found := _SIZE.match(group):
        return int(found.group(1))
    return _OTHER_SIZES.get(group)


def _has_groups(service: ServiceFacts) -> bool:
    facts = service.need(TlsFacts)
    return bool(facts.groups) or not facts.groups_complete


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the curves' sizes with the threshold."""
    facts = service.need(TlsFacts)
    wanted = settings.threshold("group_min_bits")
    small = [group for group in facts.groups if (bits := _bits(group)) is not None and bits < wanted]
    own = [group for group in facts.groups if group.startswith("arbitrary_explicit")]
    values = {"groups": ", ".join(small or own or facts.groups), "wanted": str(wanted)}
    evidence = (Evidence("tls.groups", ", ".join(facts.groups)),)
    if small:
        yield Outcome("small", values, evidence)
    elif own:
        yield Outcome("explicit", values, evidence)
    else:
        yield Outcome("strong" if facts.groups_complete else "undecided", values, evidence)


RULE = Rule(
    id="tls/weak-group",
    title=Text("接受过短的椭圆曲线", "Small elliptic curves are accepted"),
    rationale=Text(
        "椭圆曲线过短，密钥交换的强度就不足；线路上的攻击者可能诱使双方选用它。服务器自行描述参数的曲线无人检验，RFC 8422 已禁止使用。",
        "On a small curve the key exchange is weak, and an attacker on the path may lead both sides to it. Curves whose "
        "parameters the server describes itself have been checked by nobody; RFC 8422 forbids them.",
    ),
    remediation=Text(
        "只保留 X25519、P-256、P-384 等曲线。nginx：ssl_ecdh_curve X25519:P-256:P-384;　Apache：SSLOpenSSLConfCmd "
        "Groups X25519:P-256:P-384　Tomcat（Java）：-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1　IIS："
        "在组策略“ECC 曲线顺序”中设置。修改后重新加载并复测。",
        "Keep X25519, P-256, P-384 and the like. nginx: ssl_ecdh_curve X25519:P-256:P-384; Apache: SSLOpenSSLConfCmd "
        "Groups X25519:P-256:P-384; Tomcat (Java): -Djdk.tls.namedGroups=x25519,secp256r1,secp384r1; IIS: group "
        'policy "ECC Curve Order". Reload and test again.',
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "small": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "接受曲线 {groups}；应不短于 {wanted} 位。",
                "Accepted: {groups}; wanted: curves of {wanted} bits or more.",
            ),
        ),
        "explicit": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "使用服务器自行描述参数的曲线；应使用有名称的标准曲线。",
                "The server describes a curve of its own; wanted: named standard curves.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读全所接受的曲线（已见：{groups}）。",
                "The list of accepted groups could not be read in full (seen: {groups}).",
            ),
        ),
        "strong": Declared(
            status=Status.PASS,
            detail=Text(
                "接受的群：{groups}，均不短于 {wanted} 位。", "Accepted: {groups}, none below {wanted} bits."
            ),
        ),
    },
    evaluate=evaluate,
    applies=_has_groups,
    references=(
        Reference("RFC 8422 §5.1.1", "https://www.rfc-editor.org/rfc/rfc8422#section-5.1.1"),
        Reference("RFC 9325 §4.5", "https://www.rfc-editor.org/rfc/rfc9325#section-4.5"),
    ),
)
