"""Servers of different makes: the table says what each is configured to do, and the probe must say just that.

OpenSSL's own client looks at each beside the probe (:mod:`tests.servers.peer`), so that the table is not the probe's word.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from scanner.facts import TlsFacts, WithoutNameFacts
from scanner.ledger import records
from scanner.probes.tls import PROBE
from tests.conftest import Scanner
from tests.servers import makes
from tests.servers.cache import Unavailable
from tests.servers.makes import Site
from tests.servers.peer import VERSIONS, Peer, suites
from tests.servers.tls import Issued, free_port, issue, nginx, rsa_key

pytestmark = pytest.mark.server

NAME = "www.example.cn"
ALL = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLCP")
NIST = ("secp256r1", "secp384r1", "secp521r1")
FFDHE = ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")
BRAINPOOL = ("brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
AES128_GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
AES256_GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
CHACHA = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
TLS13_BY_NUMBER = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")


def told(ciphers: Mapping[str, tuple[str, ...]], **more: object) -> TlsFacts:
    """What a server is configured to do: all that is not listed is off, or refused."""
    legacy = any(version not in ("SSLv2", "TLSv1.3") for version in ciphers)
    modern = "TLSv1.3" in ciphers
    named = any(version not in ("SSLv2", "SSLv3", "TLSv1.3") for version in ciphers)
    facts = TlsFacts(
        protocols=tuple(ciphers),
        refused_protocols=tuple(version for version in ALL if version not in ciphers),
        ciphers=ciphers,
        ciphers_complete=tuple(ciphers),
        groups_complete=True,
        compression=False,
        secure_renegotiation=True if legacy else None,
        fallback_scsv=True if len([version for version in ciphers if version != "SSLv2"]) > 1 else None,
        session_tickets=True,
        early_data=False if modern else None,
        ems=True if named else None,
        heartbeat=False if legacy else None,
        ocsp_stapled=False,
        client_auth=False,
        without_name=WithoutNameFacts(answer="same"),
        hostname_match=True,
        tolerance_asked=named or modern,
    )
    return replace(facts, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Make:
    """A server as it is started, and what it is configured to do."""

    start: Callable[[Site], AbstractContextManager[None]]
    told: TlsFacts
    first_for_chacha: tuple[str, ...] = field(default=())
    """Versions in which it puts ChaCha20 first for a client that does not begin with AES-GCM."""


GNUTLS_ODD = (
    "NONE:+VERS-TLS1.2:+VERS-TLS1.0:+AES-256-GCM:+AES-128-CBC:+3DES-CBC:+ARCFOUR-128:+AEAD:+SHA1:+MD5:+ECDHE-RSA:+RSA"
    ":+DHE-RSA:+ANON-DH:+GROUP-SECP384R1:+GROUP-FFDHE3072:+SIGN-ALL:+COMP-NULL:+CTYPE-X509:%SERVER_PRECEDENCE"
)
GNUTLS_ODD_SUITES = (
    # As ``gnutls-cli --list --priority`` prints them.
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLSv1.2"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLSv1.0"),
    ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLSv1.0"),
    ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", "TLSv1.0"),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", "TLSv1.2"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLSv1.0"),
    ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLSv1.0"),
    ("TLS_RSA_WITH_RC4_128_SHA", "TLSv1.0"),
    ("TLS_RSA_WITH_RC4_128_MD5", "TLSv1.0"),
    ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "TLSv1.2"),
    ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "TLSv1.0"),
    ("TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLSv1.0"),
    ("TLS_DH_anon_WITH_AES_256_GCM_SHA384", "TLSv1.2"),
    ("TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLSv1.0"),
    ("TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", "TLSv1.0"),
    ("TLS_DH_anon_WITH_RC4_128_MD5", "TLSv1.0"),
)
NSS_TLS10 = (
    # NSS keeps an order of its own (cipherSuites in ssl3con.c), whatever the order of its -c option.
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_RC4_128_MD5",
)
TLSLITE_SSL3 = (
    # tlslite's order: by kind of key exchange, then by cipher, of what the settings leave.
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_RC4_128_MD5",
)
JSSE_OLD = ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA")
JSSE_LEGACY_LAST = (
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
)
JSSE_GROUPS = ("x25519", "x448", *NIST, *FFDHE)
NODE_OLD = ("TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA")
NODE_OLD_TLS12 = (
    "TLS_RSA_WITH_NULL_MD5",
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_SEED_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
)
NODE_6 = (
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA",
    "TLS_RSA_WITH_IDEA_CBC_SHA",
    "TLS_ECDH_anon_WITH_RC4_128_SHA",
)
NODE_6_NAMES = "ECDHE-RSA-AES256-SHA:CAMELLIA128-SHA:IDEA-CBC-SHA:AECDH-RC4-SHA"
HAPROXY = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA:@SECLEVEL=0"

PRIORITIZE_CHACHA = ("-tls1_2", "-serverpref", "-prioritize_chacha", "-cipher")

MAKES: dict[str, Make] = {
    "OpenSSL, PrioritizeChaCha": Make(
        partial(
            makes.openssl,
            options=(
                *PRIORITIZE_CHACHA,
                "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305",
            ),
        ),
        told(
            {"TLSv1.2": (AES128_GCM, AES256_GCM, CHACHA)},
            server_preference=True,
            groups=("x25519", "x448", *NIST),
        ),
        first_for_chacha=("TLSv1.2",),
    ),
    "OpenSSL, PrioritizeChaCha, which cannot be told from the client's order": Make(
        partial(
            makes.openssl,
            options=(*PRIORITIZE_CHACHA, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305"),
        ),
        told(
            {"TLSv1.2": (AES128_GCM, CHACHA)},
            server_preference=None,
            groups=("x25519", "x448", *NIST),
        ),
    ),
    "GnuTLS, TLS 1.1 left out": Make(
        partial(makes.gnutls, priority=GNUTLS_ODD, options=("--disable-client-cert", "--alpn", "http/1.1")),
        told(
            {
                "TLSv1.0": tuple(suite for suite, since in GNUTLS_ODD_SUITES if since == "TLSv1.0"),
                "TLSv1.2": tuple(suite for suite, _ in GNUTLS_ODD_SUITES),
            },
            server_preference=True,
            groups=("secp384r1",),
            dh_bits=3072,
            dh_known_prime="RFC 7919 ffdhe3072",
            alpn=("http/1.1",),
        ),
    ),
    "GnuTLS, TLS 1.3 alone, rare groups, client certificate required": Make(
        partial(
            makes.gnutls,
            priority="NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X448:+GROUP-FFDHE4096",
            options=("--require-client-cert",),
        ),
        told(
            {"TLSv1.3": (*TLS13_BY_NUMBER, "TLS_AES_128_CCM_SHA256")},
            server_preference=False,
            groups=("ffdhe4096", "x448"),
            client_auth=True,
            # Both come after a handshake that we do not complete.
            session_tickets=None,
            early_data=None,
        ),
    ),
    "GnuTLS, nothing that came after TLS 1.2 itself": Make(
        partial(
            makes.gnutls,
            priority="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:%DISABLE_SAFE_RENEGOTIATION:%NO_SESSION_HASH:%NO_TICKETS",
            options=("--disable-client-cert",),
        ),
        told(
            {
                "TLSv1.2": (
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_RSA_WITH_AES_256_CBC_SHA",
                    "TLS_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_RSA_WITH_AES_128_CCM",
                    "TLS_RSA_WITH_AES_256_CCM",
                )
            },
            server_preference=False,
            secure_renegotiation=False,
            session_tickets=False,
            ems=False,
        ),
    ),
    "NSS, some suites, client certificate asked": Make(
        partial(
            makes.nss,
            options=[
                "-V",
                "tls1.0:tls1.2",
                "-c",
                ":C02F:0005:0004:000A:C013:0033",
                "-H",
                "1",
                "-I",
                "P256,FF3072",
                "-r",
                "-G",
            ],
        ),
        told(
            {"TLSv1.0": NSS_TLS10, "TLSv1.1": NSS_TLS10, "TLSv1.2": (AES128_GCM, *NSS_TLS10)},
            server_preference=True,
            groups=("secp256r1",),
            dh_bits=3072,
            dh_known_prime="RFC 7919 ffdhe3072",
            session_tickets=False,
            client_auth=True,
        ),
    ),
    "NSS, TLS 1.3": Make(
        partial(
            makes.nss,
            options=(
                "-V",
                "tls1.2:tls1.3",
                "-c",
                ":1301:1303:C030:CCA8:C02F",
                "-I",
                "x25519,P521,FF2048",
                "-u",
                "-Q",
                "-G",
            ),
        ),
        told(
            {
                "TLSv1.2": (AES128_GCM, CHACHA, AES256_GCM),
                "TLSv1.3": ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
            },
            server_preference=True,
            groups=("ffdhe2048", "secp521r1", "x25519"),
            alpn=("http/1.1",),
        ),
    ),
    "tlslite, SSL 3.0 to TLS 1.1, RC4, static RSA": Make(
        partial(
            makes.tlslite,
            minVersion=[3, 0],
            maxVersion=[3, 2],
            cipherNames=["rc4", "3des", "aes128"],
            macNames=["sha", "md5"],
            keyExchangeNames=["rsa"],
        ),
        told(
            {"SSLv3": TLSLITE_SSL3, "TLSv1.0": TLSLITE_SSL3, "TLSv1.1": TLSLITE_SSL3},
            server_preference=True,
            heartbeat=True,
        ),
    ),
    "tlslite, SSL 3.0 alone": Make(
        partial(
            makes.tlslite,
            minVersion=[3, 0],
            maxVersion=[3, 0],
            cipherNames=["rc4"],
            macNames=["sha"],
            keyExchangeNames=["rsa"],
        ),
        told(
            {"SSLv3": ("TLS_RSA_WITH_RC4_128_SHA",)},
            # SSL 3.0 knows no extension but the signal of RFC 5746.
            session_tickets=None,
            heartbeat=None,
        ),
    ),
    "tlslite, TLS 1.2 and 1.3, Brainpool, no extended master secret": Make(
        partial(
            makes.tlslite,
            minVersion=[3, 3],
            maxVersion=[3, 4],
            cipherNames=["aes256gcm", "aes128ccm", "chacha20-poly1305"],
            macNames=["aead"],
            keyExchangeNames=["ecdhe_rsa"],
            eccCurves=["secp384r1", "brainpoolP256r1", "brainpoolP256r1tls13"],
            dhGroups=[],
            keyShares=[],
            useExtendedMasterSecret=False,
            use_heartbeat_extension=False,
            ask_certificate=True,
            alpn=["h2", "http/1.1"],
        ),
        told(
            {
                "TLSv1.2": (CHACHA, AES256_GCM),
                "TLSv1.3": (
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_AES_128_CCM_SHA256",
                ),
            },
            server_preference=True,
            groups=("brainpoolP256r1", "brainpoolP256r1tls13", "secp384r1"),
            ems=False,
            alpn=("h2", "http/1.1"),
            client_auth=True,
            early_data=None,
        ),
    ),
    "tlslite, that breaks on ALPN in TLS 1.3 when it has no names of its own": Make(
        partial(
            makes.tlslite,
            minVersion=[3, 3],
            maxVersion=[3, 4],
            cipherNames=["aes128gcm"],
            macNames=["aead"],
            keyExchangeNames=["ecdhe_rsa"],
            eccCurves=["x25519", "secp256r1"],
            dhGroups=["ffdhe2048"],
            keyShares=["x25519"],
        ),
        told(
            {"TLSv1.2": (AES128_GCM,), "TLSv1.3": ("TLS_AES_128_GCM_SHA256",)},
            groups=("ffdhe2048", "secp256r1", "x25519"),
            heartbeat=True,
            # TypeError in _serverTLS13Handshake: "argument of type 'NoneType' is not iterable"
            intolerance={"extension": "closed"},
        ),
    ),
    "node 0.8 (OpenSSL 1.0.0), SSL 2.0": Make(
        partial(
            makes.node,
            version="0.8.28",
            ciphers="RC4-MD5:DES-CBC3-SHA:AES128-SHA:DES-CBC3-MD5:EXP-RC2-CBC-MD5",
            honorCipherOrder=True,
        ),
        told(
            {
                # RC4-MD5 and EXP-RC2-CBC-MD5 name a suite of SSL 2.0 and one of SSL 3.0 each; the latter of the export
                # suites needs a key of 512 bits, which the server has not.
                "SSLv2": (
                    "SSL_CK_RC4_128_WITH_MD5",
                    "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
                    "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
                ),
                "SSLv3": NODE_OLD,
                "TLSv1.0": NODE_OLD,
            },
            server_preference=True,
            fallback_scsv=False,
            ems=False,
        ),
    ),
    "node 0.10 (OpenSSL 1.0.1), client's order": Make(
        partial(
            makes.node,
            version="0.10.48",
            ciphers="AES128-GCM-SHA256:AES256-SHA:RC4-SHA:SEED-SHA:NULL-MD5",
            honorCipherOrder=False,
        ),
        told(
            {"TLSv1.0": NODE_OLD_TLS12[:-1], "TLSv1.1": NODE_OLD_TLS12[:-1], "TLSv1.2": NODE_OLD_TLS12},
            server_preference=False,
            ems=False,
        ),
    ),
    "node 6 (OpenSSL 1.0.2), client certificate asked": Make(
        partial(
            makes.node,
            version="6.17.1",
            ciphers=NODE_6_NAMES,
            honorCipherOrder=True,
            ecdhCurve="secp521r1",
            requestCert=True,
            rejectUnauthorized=False,
        ),
        told(
            {"TLSv1.0": NODE_6, "TLSv1.1": NODE_6, "TLSv1.2": NODE_6},
            server_preference=True,
            groups=("secp521r1",),
            ems=False,
            alpn=("http/1.1",),
            client_auth=True,
        ),
    ),
    "JSSE, SSL 3.0 to TLS 1.3": Make(
        partial(
            makes.jsse,
            protocols=["SSLv2Hello", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
            suites=[
                "TLS_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
                "SSL_RSA_WITH_3DES_EDE_CBC_SHA",
                "SSL_RSA_WITH_RC4_128_SHA",
            ],
            alpn=["http/1.1"],
            want_client=True,
            # For clients that know nothing of RFC 7919.
            properties={"jdk.tls.ephemeralDHKeySize": "1024"},
        ),
        told(
            {
                "SSLv3": JSSE_OLD,
                "TLSv1.0": JSSE_OLD,
                "TLSv1.1": JSSE_OLD,
                "TLSv1.2": (AES256_GCM, *JSSE_OLD),
                "TLSv1.3": ("TLS_AES_128_GCM_SHA256",),
            },
            server_preference=True,
            groups=JSSE_GROUPS,
            dh_bits=1024,
            dh_known_prime="RFC 2409 group 2",
            fallback_scsv=False,
            alpn=("http/1.1",),
            client_auth=True,
            early_data=None,
        ),
    ),
    "JSSE, SSL 3.0 and TLS 1.2 with nothing between, export, client's order": Make(
        partial(
            makes.jsse,
            protocols=["SSLv3", "TLSv1.2"],
            suites=[
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "SSL_RSA_WITH_RC4_128_MD5",
                "SSL_RSA_EXPORT_WITH_RC4_40_MD5",
                "SSL_DH_anon_WITH_3DES_EDE_CBC_SHA",
                "TLS_RSA_WITH_NULL_SHA256",
            ],
            server_order=False,
        ),
        told(
            {
                "SSLv3": (
                    "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
                    "TLS_RSA_WITH_RC4_128_MD5",
                    "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA",
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                ),
                # Export suites ended with TLS 1.0, SHA-256 began with TLS 1.2.
                "TLSv1.2": (
                    "TLS_RSA_WITH_RC4_128_MD5",
                    "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA",
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_RSA_WITH_NULL_SHA256",
                ),
            },
            server_preference=False,
            fallback_scsv=False,
        ),
    ),
    "JSSE, the client's order but for what Java calls legacy": Make(
        partial(
            makes.jsse,
            protocols=["TLSv1.2"],
            suites=[*JSSE_LEGACY_LAST, "SSL_RSA_WITH_3DES_EDE_CBC_SHA", "SSL_RSA_WITH_RC4_128_SHA"],
            server_order=False,
            properties={"legacy": "true"},
        ),
        told(
            {
                "TLSv1.2": (
                    "TLS_RSA_WITH_RC4_128_SHA",
                    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                    *JSSE_LEGACY_LAST,
                )
            },
            server_preference=False,
            groups=tuple(group for group in JSSE_GROUPS if group not in FFDHE),
            dh_bits=2048,
            dh_known_prime="RFC 7919 ffdhe2048",
        ),
    ),
    "JSSE, SSL 3.0 alone": Make(
        partial(makes.jsse, protocols=["SSLv3"], suites=["SSL_RSA_WITH_3DES_EDE_CBC_SHA"]),
        told({"SSLv3": ("TLS_RSA_WITH_3DES_EDE_CBC_SHA",)}, session_tickets=None, heartbeat=None),
    ),
    "mbedTLS (lighttpd)": Make(
        partial(
            makes.lighttpd,
            module="mbedtls",
            CipherString="EECDH+AESGCM",
            Curves="secp384r1:brainpoolP256r1",
        ),
        told(
            {"TLSv1.2": (AES256_GCM, AES128_GCM)},
            server_preference=True,
            groups=("brainpoolP256r1", "secp384r1"),
            alpn=("h2", "http/1.1", "http/1.0"),
            # "fragmented client hello is not supported" (mbedTLS 2.28, ssl_srv.c)
            intolerance={"record_splitting": "closed"},
        ),
    ),
    "wolfSSL (lighttpd), that bears neither many suites nor a request for a staple": Make(
        partial(
            makes.lighttpd,
            module="wolfssl",
            CipherString="ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256",
            MaxProtocol="TLSv1.2",
        ),
        told(
            {"TLSv1.2": (AES128_GCM, AES256_GCM, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")},
            server_preference=True,
            groups=("x25519", "x448", "secp256k1", *NIST, *BRAINPOOL),
            # lighttpd's own parameters, for clients without RFC 7919
            dh_bits=2048,
            dh_known_prime="RFC 7919 ffdhe2048",
            alpn=("h2", "http/1.1", "http/1.0"),
            # WOLFSSL_MAX_SUITE_SZ; a callback for staples that lighttpd sets without having one
            intolerance={"long_hello": "closed", "extension": "closed"},
        ),
    ),
    "HAProxy (OpenSSL), SNI required": Make(
        partial(
            makes.haproxy,
            options=f"strict-sni alpn h2,http/1.1 ssl-min-ver TLSv1.1 no-tls-tickets ciphers {HAPROXY} curves X25519:P-521",
        ),
        told(
            {
                "TLSv1.1": ("TLS_RSA_WITH_AES_128_CBC_SHA",),
                "TLSv1.2": (AES256_GCM, CHACHA, "TLS_RSA_WITH_AES_128_CBC_SHA"),
                "TLSv1.3": TLS13,
            },
            server_preference=True,
            groups=("secp521r1", "x25519"),
            alpn=("h2", "http/1.1"),
            without_name=WithoutNameFacts(answer="refused", refusal="alert:unrecognized_name"),
            intolerance={"sni_required": "alert:unrecognized_name"},
        ),
    ),
    "stunnel (OpenSSL), client's order, no tickets": Make(
        partial(
            makes.stunnel,
            settings="sslVersionMin = TLSv1.2\nciphers = ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\ncurves = P-384\n"
            "options = NO_TICKET\nverify = 0",
        ),
        told(
            {"TLSv1.2": ("TLS_RSA_WITH_AES_128_CBC_SHA", AES128_GCM), "TLSv1.3": TLS13_BY_NUMBER},
            server_preference=False,
            groups=("secp384r1",),
            session_tickets=False,
            # "verify = 0" asks for a certificate and takes any.
            client_auth=True,
            early_data=None,
        ),
    ),
    "Go (Caddy), its own order, SNI required": Make(
        partial(makes.caddy, settings="protocols tls1.2 tls1.3\ncurves x25519 secp384r1"),
        told(
            {
                "TLSv1.2": (AES128_GCM, AES256_GCM, CHACHA),
                "TLSv1.3": TLS13_BY_NUMBER,
            },
            server_preference=True,
            groups=("secp384r1", "x25519"),
            alpn=("h2", "http/1.1"),
            # Go knows it since 1.20.
            ems=False,
            without_name=WithoutNameFacts(answer="refused", refusal="alert:internal_error"),
            intolerance={"sni_required": "alert:internal_error"},
        ),
        first_for_chacha=("TLSv1.2", "TLSv1.3"),
    ),
    "Go (Caddy), CBC": Make(
        partial(
            makes.caddy,
            settings="protocols tls1.2 tls1.2\nciphers TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA\n"
            "curves secp384r1\nalpn http/1.1",
        ),
        told(
            {"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA")},
            server_preference=True,
            groups=("secp384r1",),
            alpn=("http/1.1",),
            ems=False,
            without_name=WithoutNameFacts(answer="refused", refusal="alert:internal_error"),
            intolerance={"sni_required": "alert:internal_error"},
        ),
    ),
    "rustls (granian)": Make(
        makes.granian,
        told(
            {"TLSv1.3": TLS13_BY_NUMBER},
            server_preference=False,
            groups=("secp256r1", "secp384r1", "x25519"),
            alpn=("h2", "http/1.1"),
        ),
    ),
    "BoringSSL (gRPC)": Make(
        makes.grpc,
        told(
            {"TLSv1.2": (AES128_GCM, AES256_GCM), "TLSv1.3": TLS13_BY_NUMBER},
            server_preference=False,
            groups=("X25519MLKEM768", "x25519", *NIST),
            alpn=("h2",),
        ),
    ),
}


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("Test CA", ca=True)


@pytest.fixture(scope="module")
def leaf(authority: Issued) -> Issued:
    return issue(NAME, issuer=authority, key=rsa_key(), san=[NAME])


def _plain(facts: TlsFacts) -> TlsFacts:
    """Without what the table does not state: groups have no order that could be told, and trust is tested elsewhere."""
    return replace(facts, groups=tuple(sorted(facts.groups)), certificates=(), trust={}, scts={})


@pytest.mark.parametrize("make", MAKES)
def test_make(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, authority: Issued, make: str
) -> None:
    site = Site(tmp_path, address, free_port(address), leaf, authority)
    case = MAKES[make]
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(case.start(site))
        except Unavailable as error:
            pytest.skip(str(error))
        facts = scanner.probe(PROBE, address, site.port, name=NAME, tls=True)
        assert isinstance(facts, TlsFacts)
        assert _plain(facts) == _plain(case.told)
        assert [found.sha256 for found in facts.certificates] == [
            hashlib.sha256(issued.der).hexdigest() for issued in (leaf, authority)
        ]
        kinds = [entry["kind"] for entry in records(scanner.ledger_path)]
        assert kinds.count("open") == kinds.count("close") <= PROBE.max_connections
        _ask_the_peer(Peer(address, site.port, NAME), case)


def _ask_the_peer(peer: Peer, case: Make) -> None:
    """OpenSSL's client sees what the table says, as far as it can speak it."""
    facts = case.told
    spoken = tuple(version for version in facts.protocols if version in VERSIONS)
    within_reach = tuple(version for version in spoken if set(facts.ciphers[version]) & set(suites(version)))
    assert peer.versions() == within_reach
    for version in within_reach:
        listed = [suite for suite in facts.ciphers[version] if suite in suites(version)]
        backwards = tuple(reversed(listed))
        chosen = peer.chosen(version, backwards)
        assert set(chosen) == set(listed)
        if version in case.first_for_chacha:
            listed.sort(key=lambda suite: "CHACHA20" not in suite)
        assert chosen == (tuple(listed) if facts.server_preference else backwards)
    best = max(within_reach, default="")
    if best in ("TLSv1.2", "TLSv1.3") and facts.groups:
        assert peer.groups(best) == frozenset(facts.groups) & peer.reach(best)


BOTH_KINDS = {
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES128-SHA": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "ECDHE-RSA-AES128-SHA": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
}


def _nginx(folder: Path, settings: str, *leaves: Issued) -> str:
    for number, one in enumerate(leaves):
        certificate, key = one.write(folder, f"leaf{number}")
        settings += f" ssl_certificate {certificate}; ssl_certificate_key {key};"
    return settings + " ssl_protocols TLSv1.2;"


@pytest.mark.parametrize("curves", ["prime256v1:X25519", "X25519:prime256v1"])
@pytest.mark.parametrize("own", [True, False])
def test_certificates_of_two_kinds(
    scanner: Scanner, address: str, tmp_path: Path, leaf: Issued, curves: str, own: bool
) -> None:
    """OpenSSL takes ECDSA only where the certificate's own curve is offered, and so the hunt for groups must not decide
    which suite comes first."""
    settings = (
        f"ssl_ciphers {':'.join(BOTH_KINDS)}; ssl_prefer_server_ciphers {'on' if own else 'off'};"
        f" ssl_ecdh_curve {curves};"
    )
    with nginx(tmp_path, address, 443, _nginx(tmp_path, settings, issue(NAME, san=[NAME]), leaf)):
        facts = scanner.probe(PROBE, address, 443, name=NAME, tls=True)
    assert isinstance(facts, TlsFacts)
    assert facts.server_preference is own
    names = tuple(BOTH_KINDS.values())
    assert facts.ciphers["TLSv1.2"] == names if own else set(facts.ciphers["TLSv1.2"]) == set(names)
    assert set(facts.groups) == {"secp256r1", "x25519"}
    assert facts.groups_complete
    assert facts.errors == ()


@pytest.mark.parametrize("own", [True, False])
def test_ecdsa_alone(scanner: Scanner, address: str, tmp_path: Path, own: bool) -> None:
    """Groups beside the certificate's own are found all the same."""
    settings = (
        f"ssl_prefer_server_ciphers {'on' if own else 'off'}; ssl_ecdh_curve X25519:prime256v1:secp384r1;"
    )
    with nginx(tmp_path, address, 443, _nginx(tmp_path, settings, issue(NAME, san=[NAME]))):
        facts = scanner.probe(PROBE, address, 443, name=NAME, tls=True)
    assert isinstance(facts, TlsFacts)
    assert {"x25519", "secp256r1"} <= set(facts.groups) <= {"x25519", "secp256r1", "secp384r1"}
    assert own or "secp384r1" in facts.groups
    assert {name.split("_")[2] for name in facts.ciphers["TLSv1.2"]} == {"ECDSA"}
    assert facts.errors == ()
