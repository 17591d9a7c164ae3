"""What zijian, sslyze, testssl.sh and nmap say of TLS endpoints, in the same words.

Only what a program states is taken: a key that is missing was not told, and :data:`OPEN` is what it says it could not tell.
Suites are IANA's names.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from scanner.tls.suites import suite_name

Said = dict[str, Any]
"""What is asked about -> what was said: a name, a truth, a number, a frozenset or a tuple of names, or :data:`OPEN`."""
Endpoints = dict[str, Said]
"""``address:port`` -> what was said of it."""
Reader = Callable[[Path], Endpoints]

OPEN = None
_VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_GROUPS = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}


def _group(name: str) -> str:
    return _GROUPS.get(name, name)


def _kinds(groups: Iterable[str], *kinds: str) -> Said:
    """Groups under a heading for each of their ``kinds``, since not every program looks at all."""
    told: dict[str, set[str]] = {kind: set() for kind in kinds}
    for group in map(_group, groups):
        kind = (
            "hybrid groups" if "MLKEM" in group else "ffdhe groups" if group.startswith("ffdhe") else "curves"
        )
        if kind in told:
            told[kind].add(group)
    return {kind: frozenset(names) for kind, names in told.items()}


_KINDS = ("curves", "ffdhe groups", "hybrid groups")


def _fingerprint(pem: str) -> str:
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


def zijian(path: Path) -> Endpoints:
    """From ``result.json``."""
    services = json.loads(path.read_text())["services"]
    return {
        f"{service['ip']}:{service['port']}": _of_zijian(service["facts"]["tls"])
        for service in services
        if "tls" in service["facts"]
    }


def _of_zijian(facts: Mapping[str, Any]) -> Said:
    chain = facts["certificates"]
    unnamed, trust = facts["without_name"], facts["trust"]
    said: Said = {
        **(_kinds(facts["groups"], *_KINDS) if facts["groups_complete"] else dict.fromkeys(_KINDS, OPEN)),
        "certificates": tuple(one["sha256"] for one in chain) if chain else OPEN,
        "number of certificates": len(chain) if chain else OPEN,
        "leaf": chain[0]["sha256"] if chain else OPEN,
        "signed timestamps in the leaf": chain[0]["sct"] if chain else OPEN,
        "must-staple": chain[0]["must_staple"] if chain else OPEN,
        "trusted by Mozilla": trust["mozilla"] == "ok" if "mozilla" in trust else OPEN,
        "trusted by some store": any(judged == "ok" for judged in trust.values()) if trust else OPEN,
        "name matches": facts["hostname_match"],
        "DH bits": facts["dh_bits"],
        "compression": facts["compression"],
        "secure renegotiation": facts["secure_renegotiation"],
        "fallback SCSV": facts["fallback_scsv"],
        "extended master secret": facts["ems"],
        "heartbeat": facts["heartbeat"],
        "session tickets": facts["session_tickets"],
        "early data": facts["early_data"],
        "ALPN": frozenset(facts["alpn"]),
        "stapled": facts["ocsp_stapled"],
        "client certificate asked for": facts["client_auth"],
        "server's order": facts["server_preference"],
        "TLCP": _offered("TLCP", facts),
    }
    if unnamed is not None:
        said["same without a name"] = unnamed["answer"] == "same"
    for version in _VERSIONS:
        said[version] = _offered(version, facts)
        suites = tuple(facts["ciphers"].get(version, ()))
        whole = said[version] is False or version in facts["ciphers_complete"]
        said[f"suites {version}"] = frozenset(suites) if whole else OPEN
        if suites and whole and facts["server_preference"]:
            said[f"order {version}"] = suites
    return said


def _offered(version: str, facts: Mapping[str, Any]) -> bool | None:
    if version in facts["protocols"]:
        return True
    return False if version in facts["refused_protocols"] else OPEN


_SSLYZE_VERSIONS = dict(
    zip(("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"), _VERSIONS, strict=True)
)


def sslyze(path: Path) -> Endpoints:
    """From the files of ``--json_out`` in a folder."""
    return {
        f"{one['server_location']['ip_address']}:{one['server_location']['port']}": _of_sslyze(one)
        for part in sorted(path.glob("out*.json"))
        for one in json.loads(part.read_text())["server_scan_results"]
        if one["scan_result"] is not None
    }


_NOT_TOLD: Any = object()


def _of_sslyze(server: Mapping[str, Any]) -> Said:
    scanned = server["scan_result"]

    def result(name: str) -> Any:
        """What a scan command found; OPEN where it failed, and _NOT_TOLD where it was not run."""
        if scanned[name]["status"] == "NOT_SCHEDULED":
            return _NOT_TOLD
        return scanned[name]["result"] if scanned[name]["status"] == "COMPLETED" else OPEN

    asks = server["connectivity_result"]["client_auth_requirement"]
    said: Said = {"client certificate asked for": asks != "DISABLED"}
    sizes: list[int] = []
    for key, version in _SSLYZE_VERSIONS.items():
        if (found := result(f"{key}_cipher_suites")) is _NOT_TOLD:
            continue
        said[version] = found["is_tls_version_supported"] if found else OPEN
        accepted = found["accepted_cipher_suites"] if found else ()
        said[f"suites {version}"] = (
            frozenset(entry["cipher_suite"]["name"] for entry in accepted) if found else OPEN
        )
        # As zijian does: what a server takes for anonymous suites says nothing of the group behind its certificate.
        named = [entry for entry in accepted if not entry["cipher_suite"]["is_anonymous"]]
        keys = [entry["ephemeral_key"] for entry in named if entry["ephemeral_key"]]
        sizes += [key["size"] for key in keys if key["type_name"] == "DH"]
    if sizes:
        said["DH bits"] = min(sizes)
    for name, entry, read in _SSLYZE_ENTRIES:
        if (found := result(name)) is not _NOT_TOLD:
            said[entry] = OPEN if found is None else read(found)
    if (found := result("certificate_info")) is not _NOT_TOLD:
        said |= _sslyze_certificates(found) if found else {"certificates": OPEN}
    return said


def _tickets(found: Mapping[str, Any]) -> bool | None:
    resumed: str = found["tls_ticket_resumption_result"]
    return {"FULLY_SUPPORTED": True, "PARTIALLY_SUPPORTED": True, "NOT_SUPPORTED": False}.get(resumed, OPEN)


_SSLYZE_ENTRIES: tuple[tuple[str, str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("elliptic_curves", "curves", lambda found: frozenset(_group(one["name"]) for one in found["supported_curves"] or ())),
    ("tls_compression", "compression", lambda found: found["supports_compression"]),
    ("session_renegotiation", "secure renegotiation", lambda found: found["supports_secure_renegotiation"]),
    ("tls_fallback_scsv", "fallback SCSV", lambda found: found["supports_fallback_scsv"]),
    ("tls_extended_master_secret", "extended master secret", lambda found: found["supports_ems_extension"]),
    ("tls_1_3_early_data", "early data", lambda found: found["supports_early_data"]),
    ("session_resumption", "session tickets", _tickets),
)  # fmt: skip


def _sslyze_certificates(found: Mapping[str, Any]) -> Said:
    deployment = found["certificate_deployments"][0]
    chain = tuple(_fingerprint(one["as_pem"]) for one in deployment["received_certificate_chain"])
    said: Said = {
        "certificates": chain,
        "number of certificates": len(chain),
        "leaf": chain[0],
        "signed timestamps in the leaf": deployment["leaf_certificate_signed_certificate_timestamps_count"],
        "must-staple": deployment["leaf_certificate_has_must_staple_extension"],
        "stapled": deployment["ocsp_response"] is not None,
    }
    for path in deployment["path_validation_results"]:
        if path["trust_store"]["name"] == "Mozilla":
            said["trusted by Mozilla"] = path["validation_error"] is None
    if unnamed := found.get("certificate_deployment_with_sni_disabled"):
        said["same without a name"] = (
            _fingerprint(unnamed["received_certificate_chain"][0]["as_pem"]) == chain[0]
        )
    return said


_TESTSSL_VERSIONS = dict(
    zip(("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3"), _VERSIONS, strict=True)
)
_TESTSSL_CIPHERS = {key.lower().replace("sslv", "ssl"): version for key, version in _TESTSSL_VERSIONS.items()}
_TESTSSL_EXTENSIONS = {"heartbeat": "heartbeat", "extended master secret": "extended master secret"}


def testssl(path: Path) -> Endpoints:
    """From ``--jsonfile``, for the one endpoint that each run has."""
    listed = json.loads(path.read_text())
    entries: dict[str, str] = {}
    for entry in listed:
        entries.setdefault(entry["id"], entry["finding"])
    where = next(entry for entry in listed if entry.get("port") and entry["ip"] != "/")
    return {f"{where['ip'].rpartition('/')[2]}:{where['port']}": _of_testssl(entries)}


def _of_testssl(entries: Mapping[str, str]) -> Said:
    said: Said = {}
    for key, version in _TESTSSL_VERSIONS.items():
        if entries.get(key, "").startswith(("offered", "not offered")):
            said[version] = entries[key].startswith("offered")
    said |= _testssl_suites(entries)
    for keys, kind in ((("PFS_ECDHE_curves", "FS_ECDHE_curves"), "curves"), (("DH_groups",), "ffdhe groups")):
        for key in keys:
            if key in entries:
                said |= _kinds(entries[key].split(), kind)
    if alpn := [entries[key] for key in ("ALPN_HTTP2", "ALPN") if key in entries]:
        said["ALPN"] = frozenset(name for name in alpn if "not" not in name)
    for key, what, yes, no in _TESTSSL_TRUTHS:
        if key in entries:
            told = entries[key].lower()
            # What begins with neither is no answer: "test failed", say, or that no older version is offered.
            if told.startswith(no) or told.startswith(yes):
                # "server -- TLS 1.3 client determined" is neither for all versions.
                said[what] = OPEN if "determined" in told else not told.startswith(no)
    if "TLS_extensions" in entries:
        for name, what in _TESTSSL_EXTENSIONS.items():
            said[what] = f"'{name}/" in entries["TLS_extensions"]
    if "cert_fingerprintSHA256" in entries:
        said["leaf"] = entries["cert_fingerprintSHA256"].lower()
    if entries.get("certs_countServer", "").isdigit():
        said["number of certificates"] = int(entries["certs_countServer"])
    return said


_TESTSSL_TRUTHS = (
    ("OCSP_stapling", "stapled", ("offered",), ("not offered",)),
    ("CRIME_TLS", "compression", ("vulnerable",), ("not vulnerable",)),
    ("secure_renego", "secure renegotiation", ("supported",), ("not supported", "vulnerable")),
    ("fallback_SCSV", "fallback SCSV", ("supported",), ("not supported",)),
    ("sessionresumption_ticket", "session tickets", ("supported",), ("not supported",)),
    ("cipher_order", "server's order", ("server",), ("not a cipher order",)),
    ("cert_chain_of_trust", "trusted by some store", ("passed", "ok"), ("failed",)),
    ("cert_trust", "name matches", ("ok",), ("certificate does not match", "not ok", "failed")),
    ("cert_mustStapleExtension", "must-staple", ("supported",), ("--",)),
    ("clientAuth", "client certificate asked for", ("required", "optional", "requested"), ("none",)),
)
"""Key, what it is about, and how answers begin that say yes or no."""


def _testssl_suites(entries: Mapping[str, str]) -> Said:
    suites: dict[str, set[str]] = {}
    iana: dict[str, str] = {}
    for key, finding in entries.items():
        if (found := re.fullmatch(r"cipher-(\w+?)_x([0-9a-f]+)", key)) and found[1] in _TESTSSL_CIPHERS:
            name = suite_name(int(found[2], 16))
            suites.setdefault(_TESTSSL_CIPHERS[found[1]], set()).add(name)
            if listed := re.search(r"\bx[0-9a-f]+\s+(\S+)", finding):
                iana[listed[1]] = name
    said: Said = {f"suites {version}": frozenset(names) for version, names in suites.items()}
    for key, version in _TESTSSL_VERSIONS.items():
        spelled = version.removesuffix(".0") if version == "TLSv1.0" else version
        for name in (f"cipherorder_{spelled.replace('.', '_')}", f"cipherorder_{key}"):
            ordered = entries.get(name, "").split()
            if ordered and all(one in iana for one in ordered):
                said[f"order {version}"] = tuple(iana[one] for one in ordered)
    return said


def nmap(path: Path) -> Endpoints:
    """From the XML of ssl-enum-ciphers, ssl-cert and tls-alpn. A version that it does not list was perhaps not asked for."""
    told: Endpoints = {}
    for host in ET.parse(path).getroot().iter("host"):
        address = host.find("address")
        for port in host.iter("port"):
            if address is not None:
                told[f"{address.get('addr')}:{port.get('portid')}"] = _of_nmap(port)
    return told


def _of_nmap(port: ET.Element) -> Said:
    said: Said = {}
    for table in port.findall("script[@id='ssl-enum-ciphers']/table"):
        version = table.get("key", "")
        said[version] = True
        listed = table.findall("table[@key='ciphers']/table/elem[@key='name']")
        names = tuple((element.text or "").replace("TLS_AKE_WITH_", "TLS_") for element in listed)
        said[f"suites {version}"] = frozenset(names)
        preference = table.findtext("elem[@key='cipher preference']")
        if preference == "server":
            said[f"order {version}"] = names
        if version == "TLSv1.2" and preference is not None:
            said["server's order"] = {"server": True, "client": False}.get(preference, OPEN)
        compressors = [one.text for one in table.findall("table[@key='compressors']/elem")]
        if compressors:
            said["compression"] = compressors != ["NULL"]
    if pem := port.findtext("script[@id='ssl-cert']/elem[@key='pem']"):
        said["leaf"] = _fingerprint(pem)
    if port.find("script[@id='tls-alpn']") is not None:
        said["ALPN"] = frozenset(one.text or "" for one in port.findall("script[@id='tls-alpn']/elem"))
    return said


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One endpoint as two programs see it. Texts are for people."""

    alike: tuple[str, ...]
    differing: tuple[tuple[str, str, str], ...]
    """What about, what only we say, what only they say."""
    open_here: tuple[tuple[str, str], ...]
    """What we leave open, and what they say of it."""
    open_there: tuple[tuple[str, str], ...]
    """What they leave open, and what we say of it."""
    open_both: tuple[str, ...]
    only_here: tuple[str, ...]
    """What they do not tell at all."""
    only_there: tuple[str, ...]


def compare(ours: Said, theirs: Said) -> Compared:
    """All that either says, each under one heading."""
    both = sorted(ours.keys() & theirs.keys())
    told = [key for key in both if ours[key] is not OPEN and theirs[key] is not OPEN]
    return Compared(
        alike=tuple(key for key in told if ours[key] == theirs[key]),
        differing=tuple((key, *_apart(ours[key], theirs[key])) for key in told if ours[key] != theirs[key]),
        open_here=tuple(
            (key, _text(theirs[key])) for key in both if ours[key] is OPEN and theirs[key] is not OPEN
        ),
        open_there=tuple(
            (key, _text(ours[key])) for key in both if ours[key] is not OPEN and theirs[key] is OPEN
        ),
        open_both=tuple(key for key in both if ours[key] is OPEN and theirs[key] is OPEN),
        only_here=tuple(sorted(key for key in ours.keys() - theirs.keys() if ours[key] is not OPEN)),
        only_there=tuple(sorted(key for key in theirs.keys() - ours.keys() if theirs[key] is not OPEN)),
    )


def _text(value: Any) -> str:
    if isinstance(value, frozenset | tuple):
        return _names(sorted(value) if isinstance(value, frozenset) else value)
    return str(value)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _apart(mine: Any, other: Any) -> tuple[str, str]:
    """Of sets what one has alone, of anything else the whole."""
    if isinstance(mine, frozenset) and isinstance(other, frozenset):
        return _names(sorted(mine - other)), _names(sorted(other - mine))
    return _text(mine), _text(other)
