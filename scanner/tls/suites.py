"""Cipher suites: IANA's numbers and names, which protocol may use which, and what a name tells.

``cipher_suites.json`` holds IANA's registry as of 2026 and the few unassigned numbers that were widely deployed
(EXPORT1024, the first ChaCha20 numbers with the suffix ``_OLD``, NSS's FIPS suites, early GOST).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from scanner.tls.numbers import SCSV_FALLBACK, SCSV_RENEGOTIATION, TLCP, TLS12, TLS13

_PATH = Path(__file__).with_name("cipher_suites.json")
_FIRST = (
    # Offered first and last, so that neither end of the list is a ChaCha20 suite: servers with OpenSSL's
    # PrioritizeChaCha put ChaCha20 first only when the client does, which would look like a client's preference.
    0xC02F, 0xC02B, 0xC030, 0xC02C, 0x009E, 0x009F, 0xC027, 0xC023, 0xC028, 0xC024, 0xC013, 0xC009, 0xC014,
    0xC00A, 0xCCA8, 0xCCA9, 0xCCAA, 0x0067, 0x006B, 0x0033, 0x0039, 0x009C, 0x009D, 0x003C, 0x003D, 0x002F,
    0x0035, 0x000A, 0x0005, 0x0004,
)  # fmt: skip
_GOST_TLS13 = (0xC103, 0xC104, 0xC105, 0xC106)

SSL2_KINDS: Mapping[int, str] = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x060140: "SSL_CK_DES_64_CBC_WITH_SHA",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    0x0701C0: "SSL_CK_DES_192_EDE3_CBC_WITH_SHA",
    0x080080: "SSL_CK_RC4_64_WITH_MD5",
    0xFF8000: "SSL_CK_DES_64_CFB64_WITH_MD5_1",
    0xFF8010: "SSL_CK_NULL",
}
"""SSL 2.0 cipher kinds (draft-hickman-netscape-ssl-00 §C.4, and those OpenSSL added)."""

TLCP_SUITES: Mapping[int, str] = {
    0xE051: "ECDHE_SM4_GCM_SM3",
    0xE053: "ECC_SM4_GCM_SM3",
    0xE011: "ECDHE_SM4_CBC_SM3",
    0xE013: "ECC_SM4_CBC_SM3",
    0xE055: "IBSDH_SM4_GCM_SM3",
    0xE057: "IBC_SM4_GCM_SM3",
    0xE015: "IBSDH_SM4_CBC_SM3",
    0xE017: "IBC_SM4_CBC_SM3",
    0xE059: "RSA_SM4_GCM_SM3",
    0xE05A: "RSA_SM4_GCM_SHA256",
    0xE019: "RSA_SM4_CBC_SM3",
    0xE01C: "RSA_SM4_CBC_SHA256",
    0xE001: "ECDHE_SM1_SM3",
    0xE003: "ECC_SM1_SM3",
    0xE005: "IBSDH_SM1_SM3",
    0xE007: "IBC_SM1_SM3",
    0xE009: "RSA_SM1_SM3",
    0xE00A: "RSA_SM1_SHA1",
    0xE01A: "RSA_SM4_SHA1",
}
"""Suites of TLCP, in the order of offering, by the standards' own names; IANA has none of them.

The first twelve are those of GB/T 38636-2020 §6.4.5.2.1; Tongsuo (``include/openssl/tlcp.h``), GmSSL, gotlcp
(``tlcp/cipher_suites.go``) and Wireshark (``packet-tls-utils.c``) agree on their numbers. The rest are of GM/T 0024-2014,
as Wireshark has them: SSL VPN gateways of that time may have nothing else.
"""


@cache
def names() -> Mapping[int, str]:
    """Number -> name of every suite known."""
    table: dict[str, str] = json.loads(_PATH.read_text(encoding="ascii"))
    return {int(number, 16): name for number, name in table.items()}


def suite_name(number: int) -> str:
    """IANA's name, the standards' own for TLCP, or the number in hex."""
    return names().get(number) or TLCP_SUITES.get(number) or f"0x{number:04X}"


def _is_tls13(number: int, name: str) -> bool:
    return name.startswith("TLS_") and (
        ("_WITH_" not in name and "SCSV" not in name) or number in _GOST_TLS13
    )


def _needs_tls12(name: str) -> bool:
    # AEAD modes and the SHA-2 MACs came with TLS 1.2 (RFC 5246 §1.2, RFC 5288, RFC 5289, RFC 6655, RFC 7905, RFC 9189).
    return name.endswith(("_SHA256", "_SHA384", "_CCM", "_CCM_8", "_SHA256_OLD")) or "GOSTR341112" in name


@cache
def suites_for(version: int) -> tuple[int, ...]:
    """Every suite that may be negotiated in ``version`` (a TLS, TLCP or SSL 3.0 wire version), in the order of offering."""
    if version == TLCP:
        return tuple(TLCP_SUITES)
    table = names()
    if version == TLS13:
        found = [number for number, name in table.items() if _is_tls13(number, name)]
        # ChaCha20 neither first nor last; see _FIRST.
        head = [0x1301, 0x1303, 0x1302]
        return tuple(head + [number for number in found if number not in head])
    usable = [
        number
        for number, name in table.items()
        if not _is_tls13(number, name)
        and number not in (0, SCSV_RENEGOTIATION, SCSV_FALLBACK)
        and (version >= TLS12 or not _needs_tls12(name))
    ]
    rest = [number for number in usable if number not in _FIRST]
    return tuple([number for number in _FIRST if number in usable] + rest)


def common_suites(version: int) -> tuple[int, ...]:
    """The suites that nearly all servers have one of, for a hello that must be small."""
    return (
        suites_for(version)[:3] if version == TLS13 else tuple(n for n in _FIRST if n in suites_for(version))
    )


@cache
def key_exchange(number: int) -> str:
    """``ecdhe``, ``dhe``, ``tls13`` or ``other``: what the server's key exchange message of this suite holds."""
    name = names().get(number, "")
    if _is_tls13(number, name):
        return "tls13"
    method = name.removeprefix("TLS_").partition("_WITH_")[0]
    if method.startswith(("ECDHE_", "ECDH_anon")):
        return "ecdhe"
    if method.startswith(("DHE_", "DH_anon")) or method == "PSK_DHE":
        return "dhe"
    return "other"


def is_identity_based(number: int) -> bool:
    """Whether a suite of TLCP goes with an identity and public parameters instead of certificates (SM9)."""
    return TLCP_SUITES.get(number, "").startswith("IB")


def has_psk_hint(number: int) -> bool:
    """Whether the server's key exchange message begins with a PSK identity hint (RFC 4279 §3, RFC 5489 §2)."""
    return "PSK" in names().get(number, "").partition("_WITH_")[0]


def by_number(chosen: Sequence[int]) -> tuple[int, ...]:
    """The suites in the order of their numbers: for servers that follow the client's order and so have none."""
    return tuple(sorted(chosen))
