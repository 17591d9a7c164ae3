"""Are the keys of the chain long enough? Shared by the rules on RSA and on elliptic curves.

The key of a root that was sent along proves nothing and is left out: the clients' own copy of the root counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Declared, Evidence, Outcome, Severity, Status, Text
from scanner.facts import PublicKeyFacts, ServiceFacts, TlsFacts


def keys_of(service: ServiceFacts, types: Collection[str]) -> list[tuple[int, PublicKeyFacts]]:
    """Place in the chain and key, of the server's certificate and of the intermediates, where of these types."""
    if not has_leaf(service):
        return []
    return [
        (place, one.key)
        for place, one in enumerate(service.need(TlsFacts).certificates)
        if one.key is not None and one.key.type in types and (place == 0 or one.self_signed is not True)
    ]


def judge_sizes(
    service: ServiceFacts, types: Collection[str], *, wanted: int, broken: int
) -> Iterable[Outcome]:
    """Compare the sizes with ``wanted`` bits, and with ``broken``: what is shorter was, or is about to be, broken in
    public. Only where :func:`keys_of` finds some."""
    keys = keys_of(service, types)
    short = [(place, key) for place, key in keys if key.bits is not None and key.bits < wanted]
    unread = [(place, key) for place, key in keys if key.bits is None]
    place, key = (short or unread or keys)[0]
    name = "enough"
    if short:
        name = "issuer_short" if place else "tiny" if (key.bits or 0) < broken else "short"
    elif unread:
        name = "undecided"
    shown = f"{key.type} {key.bits} {key.curve or ''}".strip()
    values = {"type": key.type, "bits": str(key.bits), "wanted": str(wanted)}
    yield Outcome(name, values, (Evidence(f"tls.certificates[{place}].key", shown),))


def leaf_key(service: ServiceFacts) -> PublicKeyFacts | None:
    """The key of the server's own certificate."""
    return leaf(service).key if has_leaf(service) else None


SIZES: Mapping[str, Declared] = {
    "tiny": Declared(
        status=Status.FAIL,
        severity=Severity.HIGH,
        detail=Text(
            "{type} 密钥仅有 {bits} 位，个人即可破解；应不少于 {wanted} 位。",
            "The {type} key has {bits} bits only, which single persons can break; wanted: {wanted} or more.",
        ),
    ),
    "short": Declared(
        status=Status.FAIL,
        severity=Severity.MEDIUM,
        detail=Text(
            "{type} 密钥为 {bits} 位，应不少于 {wanted} 位。",
            "The {type} key has {bits} bits; wanted: {wanted} or more.",
        ),
    ),
    "issuer_short": Declared(
        status=Status.WARN,
        severity=Severity.MEDIUM,
        detail=Text(
            "证书链中签发机构的 {type} 密钥为 {bits} 位，应不少于 {wanted} 位。",
            "An issuer in the chain has an {type} key of {bits} bits; wanted: {wanted} or more.",
        ),
    ),
    "undecided": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text("未能读出 {type} 密钥的长度。", "The size of the {type} key could not be read."),
    ),
    "enough": Declared(
        status=Status.PASS, detail=Text("{type} 密钥为 {bits} 位。", "The {type} key has {bits} bits.")
    ),
}
"""The outcomes of :func:`judge_sizes`."""
