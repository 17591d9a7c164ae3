"""What zijian, sslyze, testssl.sh and nmap say of one TLS endpoint, in the same words.

Only what a peer states is taken: a key that is missing was not looked at. Suites are IANA's names.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from scanner.tls.suites import suite_name

Said = dict[str, Any]
"""What is asked about -> what was said: a name, a truth, a number, or a frozenset of names."""

_GROUPS = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}


def _group(name: str) -> str:
    return _GROUPS.get(name, name)


def zijian(path: Path) -> Said:
    """From ``result.json``."""
    services = json.loads(path.read_text())["services"]
    facts = next(service["facts"]["tls"] for service in services if "tls" in service["facts"])
    said: Said = {
        "protocols": frozenset(facts["protocols"]),
        "groups": frozenset(facts["groups"]),
        "chain length": len(facts["certificates"]),
        "leaf": facts["certificates"][0]["sha256"],
        "compression": facts["compression"],
        "secure renegotiation": facts["secure_renegotiation"],
        "fallback SCSV": facts["fallback_scsv"],
        "extended master secret": facts["ems"],
        "ALPN": frozenset(facts["alpn"]),
        "stapled": facts["ocsp_stapled"],
        "server's order": facts["server_preference"],
    }
    for version, suites in facts["ciphers"].items():
        said[f"suites {version}"] = frozenset(suites)
    return said


_SSLYZE_VERSIONS = {
    "ssl_2_0": "SSLv2", "ssl_3_0": "SSLv3", "tls_1_0": "TLSv1.0", "tls_1_1": "TLSv1.1", "tls_1_2": "TLSv1.2",
    "tls_1_3": "TLSv1.3",
}  # fmt: skip


def sslyze(path: Path) -> Said:
    """From ``--json_out``."""
    scanned = json.loads(path.read_text())["server_scan_results"][0]["scan_result"]

    def result(name: str) -> Any:
        return scanned[name]["result"] if scanned[name]["status"] == "COMPLETED" else None

    said: Said = {}
    protocols = set()
    for key, version in _SSLYZE_VERSIONS.items():
        found = result(f"{key}_cipher_suites")
        if found and found["is_tls_version_supported"]:
            protocols.add(version)
            said[f"suites {version}"] = frozenset(
                entry["cipher_suite"]["name"] for entry in found["accepted_cipher_suites"]
            )
    said["protocols"] = frozenset(protocols)
    if curves := result("elliptic_curves"):
        said["groups"] = frozenset(_group(curve["name"]) for curve in curves["supported_curves"] or ())
    if certificates := result("certificate_info"):
        deployment = certificates["certificate_deployments"][0]
        said["chain length"] = len(deployment["received_certificate_chain"])
        said["leaf"] = _fingerprint(deployment["received_certificate_chain"][0]["as_pem"])
        said["stapled"] = deployment["ocsp_response"] is not None
    for name, key, entry in (
        ("tls_compression", "supports_compression", "compression"),
        ("session_renegotiation", "supports_secure_renegotiation", "secure renegotiation"),
        ("tls_fallback_scsv", "supports_fallback_scsv", "fallback SCSV"),
        ("tls_extended_master_secret", "supports_ems_extension", "extended master secret"),
    ):
        if found := result(name):
            said[entry] = found[key]
    return said


def _fingerprint(pem: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


_TESTSSL_VERSIONS = {
    "SSLv2": "SSLv2", "SSLv3": "SSLv3", "TLS1": "TLSv1.0", "TLS1_1": "TLSv1.1", "TLS1_2": "TLSv1.2",
    "TLS1_3": "TLSv1.3",
}  # fmt: skip
_TESTSSL_CIPHERS = {
    "ssl3": "SSLv3",
    "tls1": "TLSv1.0",
    "tls1_1": "TLSv1.1",
    "tls1_2": "TLSv1.2",
    "tls1_3": "TLSv1.3",
}


def testssl(path: Path) -> Said:
    """From ``--jsonfile``."""
    entries: dict[str, str] = {}
    suites: dict[str, set[str]] = {}
    for entry in json.loads(path.read_text()):
        entries.setdefault(entry["id"], entry["finding"])
        if found := re.fullmatch(r"cipher-(\w+?)_x([0-9a-f]+)", entry["id"]):
            version = _TESTSSL_CIPHERS.get(found[1])
            if version is not None:
                suites.setdefault(version, set()).add(suite_name(int(found[2], 16)))
    said: Said = {
        "protocols": frozenset(
            version
            for key, version in _TESTSSL_VERSIONS.items()
            if entries.get(key, "").startswith("offered")
        ),
        "groups": frozenset(
            _group(name)
            for key in ("PFS_ECDHE_curves", "FS_ECDHE_curves", "DH_groups", "FS_TLS12_groups")
            for name in entries.get(key, "").split()
        ),
        "ALPN": frozenset(
            entries[key] for key in ("ALPN_HTTP2", "ALPN") if key in entries and "not" not in entries[key]
        ),
        "leaf": entries.get("cert_fingerprintSHA256", "").lower(),
        "stapled": not entries.get("OCSP_stapling", "not").startswith("not"),
        "compression": "not vulnerable" not in entries.get("CRIME_TLS", "not vulnerable"),
        "secure renegotiation": entries.get("secure_renego", "").startswith("supported"),
    }
    if entries.get("certs_countServer", "").isdigit():
        said["chain length"] = int(entries["certs_countServer"])
    if "supported" in entries.get("fallback_SCSV", ""):
        said["fallback SCSV"] = "not" not in entries["fallback_SCSV"]
    said |= {f"suites {version}": frozenset(names) for version, names in suites.items()}
    return said


def nmap(path: Path) -> Said:
    """From the XML of ssl-enum-ciphers and ssl-cert."""
    said: Said = {}
    protocols = set()
    root = ET.parse(path).getroot()
    for table in root.findall(".//script[@id='ssl-enum-ciphers']/table"):
        version = table.get("key", "")
        protocols.add(version)
        names = [
            element.text or "" for element in table.findall("table[@key='ciphers']/table/elem[@key='name']")
        ]
        said[f"suites {version}"] = frozenset(name.replace("TLS_AKE_WITH_", "TLS_") for name in names)
        preference = table.find("elem[@key='cipher preference']")
        if preference is not None and preference.text in ("client", "server") and version == "TLSv1.2":
            said["server's order"] = preference.text == "server"
    said["protocols"] = frozenset(protocols)
    return said


def disagreements(ours: Said, theirs: Said) -> list[tuple[str, str, str]]:
    """(what, what only we say, what only they say) wherever both spoke and differ."""
    found = []
    for key in sorted(ours.keys() & theirs.keys()):
        mine, other = ours[key], theirs[key]
        if mine == other or mine is None:
            continue
        if isinstance(mine, frozenset):
            found.append(
                (key, ", ".join(sorted(mine - other)) or "-", ", ".join(sorted(other - mine)) or "-")
            )
        else:
            found.append((key, str(mine), str(other)))
    found += [
        (key, "-", ", ".join(sorted(theirs[key])))
        for key in sorted(theirs.keys() - ours.keys())
        if key.startswith("suites ") and theirs[key]
    ]
    return found
