"""The numbers of TLS that the probe speaks: versions, groups, signature schemes, extensions, alerts.

Suites are in :mod:`scanner.tls.suites`. The names are IANA's (TLS Parameters registry).
"""

from __future__ import annotations

from collections.abc import Mapping

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
TLCP = 0x0101
"""GB/T 38636-2020 §6.4.5.2.1, and the SSL VPN protocol of GM/T 0024 that it grew out of."""

VERSION_NAMES: Mapping[int, str] = {
    SSL2: "SSLv2",
    SSL3: "SSLv3",
    TLS10: "TLSv1.0",
    TLS11: "TLSv1.1",
    TLS12: "TLSv1.2",
    TLS13: "TLSv1.3",
    TLCP: "TLCP",
}
"""Wire version -> the name used in the facts, oldest first; TLCP, which is no version of TLS, last."""

# Record content types (RFC 8446 §5.1).
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23

# Handshake types (RFC 5246 §7.4, RFC 8446 §4, RFC 6066 §8).
CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, ENCRYPTED_EXTENSIONS = 1, 2, 4, 8
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, FINISHED, CERTIFICATE_STATUS, MESSAGE_HASH = 15, 20, 22, 254

# Extensions (IANA TLS ExtensionType Values).
EXT_SERVER_NAME, EXT_STATUS_REQUEST, EXT_SUPPORTED_GROUPS, EXT_EC_POINT_FORMATS = 0, 5, 10, 11
EXT_SIGNATURE_ALGORITHMS, EXT_HEARTBEAT, EXT_ALPN, EXT_SCT = 13, 15, 16, 18
EXT_PADDING, EXT_EXTENDED_MASTER_SECRET = 21, 23
EXT_SESSION_TICKET, EXT_EARLY_DATA, EXT_SUPPORTED_VERSIONS, EXT_COOKIE = 35, 42, 43, 44
EXT_PSK_MODES, EXT_KEY_SHARE, EXT_RENEGOTIATION_INFO = 45, 51, 0xFF01

SCSV_RENEGOTIATION = 0x00FF
"""TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3)."""
SCSV_FALLBACK = 0x5600
"""TLS_FALLBACK_SCSV (RFC 7507)."""

GROUP_NAMES: Mapping[int, str] = {
    0x0001: "sect163k1", 0x0002: "sect163r1", 0x0003: "sect163r2", 0x0004: "sect193r1", 0x0005: "sect193r2",
    0x0006: "sect233k1", 0x0007: "sect233r1", 0x0008: "sect239k1", 0x0009: "sect283k1", 0x000A: "sect283r1",
    0x000B: "sect409k1", 0x000C: "sect409r1", 0x000D: "sect571k1", 0x000E: "sect571r1", 0x000F: "secp160k1",
    0x0010: "secp160r1", 0x0011: "secp160r2", 0x0012: "secp192k1", 0x0013: "secp192r1", 0x0014: "secp224k1",
    0x0015: "secp224r1", 0x0016: "secp256k1", 0x0017: "secp256r1", 0x0018: "secp384r1", 0x0019: "secp521r1",
    0x001A: "brainpoolP256r1", 0x001B: "brainpoolP384r1", 0x001C: "brainpoolP512r1", 0x001D: "x25519",
    0x001E: "x448", 0x001F: "brainpoolP256r1tls13", 0x0020: "brainpoolP384r1tls13",
    0x0021: "brainpoolP512r1tls13", 0x0022: "GC256A", 0x0023: "GC256B", 0x0024: "GC256C", 0x0025: "GC256D",
    0x0026: "GC512A", 0x0027: "GC512B", 0x0028: "GC512C", 0x0029: "curveSM2", 0x0100: "ffdhe2048",
    0x0101: "ffdhe3072", 0x0102: "ffdhe4096", 0x0103: "ffdhe6144", 0x0104: "ffdhe8192", 0x0200: "MLKEM512",
    0x0201: "MLKEM768", 0x0202: "MLKEM1024", 0x11EB: "SecP256r1MLKEM768", 0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024", 0x11EE: "curveSM2MLKEM768", 0x6399: "X25519Kyber768Draft00",
    0xFF01: "arbitrary_explicit_prime_curves", 0xFF02: "arbitrary_explicit_char2_curves",
}  # fmt: skip
"""IANA TLS Supported Groups: number -> name."""

COMMON_GROUPS = (0x001D, 0x0017, 0x001E, 0x0019, 0x0018)
"""Groups that nearly all servers have one of."""
_EXPLICIT_CURVES = (0xFF01, 0xFF02)
_NOT_BEFORE_TLS13 = frozenset(
    number for number in GROUP_NAMES if 0x001F <= number <= 0x0021 or 0x0200 <= number < 0xFF00
)

GROUPS_TLS12 = COMMON_GROUPS + tuple(
    number for number in GROUP_NAMES if number not in {*COMMON_GROUPS, *_NOT_BEFORE_TLS13}
)
"""Groups to ask TLS 1.2 and older for (RFC 8422, RFC 7919), common ones first."""

GROUPS_TLS13 = COMMON_GROUPS + tuple(
    number
    for number in GROUP_NAMES
    if number >= 0x0017 and number not in {*COMMON_GROUPS, *_EXPLICIT_CURVES, 0x001A, 0x001B, 0x001C}
)
"""Groups that have a meaning in TLS 1.3 (RFC 8446 §4.2.7), RFC 8998 and the ML-KEM drafts among them."""

SM2_SIG_SM3 = 0x0708
"""sm2sig_sm3 (RFC 8998 §3.2.1)."""

SIGNATURE_SCHEMES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501,
    0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0101, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x081A, 0x081B,
    0x081C, 0x0708, 0x0904, 0x0905, 0x0906, 0xEEEE, 0xEDED, 0x0840, 0x0841,
)  # fmt: skip
"""All signature schemes worth offering (RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1, RFC 8998, RFC 9189), MD5 included: the
probe wants whatever certificate the server has."""

ALERT_NAMES: Mapping[int, str] = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
    22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied",
    50: "decode_error", 51: "decrypt_error", 60: "export_restriction", 70: "protocol_version",
    71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
    100: "no_renegotiation", 109: "missing_extension", 110: "unsupported_extension",
    111: "certificate_unobtainable", 112: "unrecognized_name", 113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value", 115: "unknown_psk_identity", 116: "certificate_required",
    120: "no_application_protocol", 121: "ech_required", 200: "unsupported_site2site", 201: "no_area",
    202: "unsupported_areatype", 203: "bad_ibcparam", 204: "unsupported_ibcparam", 205: "identity_need",
}  # fmt: skip
"""IANA TLS Alerts, and those that GB/T 38636-2020 adds (200 to 205)."""


def group_name(number: int) -> str:
    """IANA's name of a group, or its number in hex."""
    return GROUP_NAMES.get(number, f"0x{number:04X}")


def alert_name(number: int) -> str:
    """IANA's name of an alert, or its number."""
    return ALERT_NAMES.get(number, f"alert_{number}")


def version_name(number: int) -> str:
    """The name of a wire version, or its number in hex."""
    return VERSION_NAMES.get(number, f"0x{number:04X}")
