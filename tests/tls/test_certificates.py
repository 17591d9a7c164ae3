"""Certificates as facts, trust by store, names and staples, on certificates made to order."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from scanner.errors import UsageError
from scanner.tls.certificates import Certificate, read_certificate
from scanner.tls.naming import a_label, hostname_match
from scanner.tls.staple import find_issuer, read_staple
from scanner.tls.trust import judge, roots_for
from tests.servers.process import program
from tests.servers.tls import Issued, ec_key, issue, ocsp_answer, rsa_key

NOW = datetime.now(UTC)
HASH = hashes.SHA256()
ROOT = issue("Test Root", ca=True, key=rsa_key())
MIDDLE = issue("Test Intermediate", issuer=ROOT, ca=True, key=rsa_key())
NAMES = ["www.example.cn", "*.shop.example.cn", "192.0.2.7"]


def leaf(**more: object) -> Issued:
    return issue("www.example.cn", **{"issuer": MIDDLE, "san": NAMES, **more})  # type: ignore[arg-type]


def chain(*issued: Issued) -> list[Certificate]:
    return [read_certificate(one.der) for one in issued]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(ROOT.pem)
    return path


# --------------------------------------------------------------------------- facts


def test_a_certificate_as_facts() -> None:
    made = leaf(key=rsa_key(), must_staple=True)
    facts = read_certificate(made.der).facts
    assert facts.subject == "CN=www.example.cn"
    assert facts.issuer == "CN=Test Intermediate"
    assert facts.san == ("www.example.cn", "*.shop.example.cn", "IP:192.0.2.7")
    assert facts.key is not None
    assert (facts.key.type, facts.key.bits) == ("RSA", 2048)
    assert facts.signature_algorithm == "sha256WithRSAEncryption"
    assert facts.not_after == made.certificate.not_valid_after_utc
    assert int(facts.serial, 16) == made.certificate.serial_number
    assert (facts.is_ca, facts.self_signed, facts.must_staple, facts.sct) == (False, False, True, 0)
    assert facts.error is None


@pytest.mark.parametrize(
    ("curve", "name", "bits"),
    [
        (ec.SECP256R1(), "secp256r1", 256),
        (ec.SECP384R1(), "secp384r1", 384),
        (ec.SECP192R1(), "secp192r1", 192),
    ],
)
def test_curves_are_named(curve: ec.EllipticCurve, name: str, bits: int) -> None:
    key = read_certificate(issue("x", key=ec_key(curve)).der).facts.key
    assert key is not None
    assert (key.type, key.curve, key.bits) == ("EC", name, bits)


def test_self_signed_is_more_than_equal_names() -> None:
    assert read_certificate(ROOT.der).facts.self_signed is True
    forged = issue("Test Root", issuer=ROOT, key=ec_key())
    assert read_certificate(forged.der).facts.self_signed is False


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = len(body).to_bytes(2, "big").lstrip(b"\x00")
    size = length if len(body) < 128 else bytes((0x80 | len(length),)) + length
    return bytes((tag,)) + size + body


def sm2_certificate() -> bytes:
    """A certificate with an SM2 key and an SM2-with-SM3 signature (GM/T 0015); the numbers in it are made up."""
    sm2_sm3 = der(0x30, der(0x06, bytes.fromhex("2a811ccf55018375")))
    name = der(0x30, der(0x31, der(0x30, der(0x06, b"\x55\x04\x03"), der(0x0C, "国密站点".encode()))))
    key_kind = der(
        0x30, der(0x06, bytes.fromhex("2a8648ce3d0201")), der(0x06, bytes.fromhex("2a811ccf5501822d"))
    )
    times = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"270101000000Z"))
    spki = der(0x30, key_kind, der(0x03, b"\x00\x04" + bytes(range(64))))
    version = der(0xA0, der(0x02, b"\x02"))
    tbs = der(0x30, version, der(0x02, b"\x11"), sm2_sm3, name, times, name, spki)
    return der(0x30, tbs, sm2_sm3, der(0x03, b"\x00" + der(0x30, der(0x02, b"\x01"), der(0x02, b"\x02"))))


def test_an_sm2_certificate_is_named_and_never_fails() -> None:
    made = read_certificate(sm2_certificate())
    assert made.facts.key is not None
    assert (made.facts.key.type, made.facts.key.bits, made.facts.key.curve) == ("SM2", 256, "curveSM2")
    assert made.facts.signature_algorithm == "sm2-with-SM3"
    assert made.facts.subject == "CN=国密站点"
    assert made.facts.error == "self-signed: ValueError: not a point of curveSM2"
    assert made.facts.self_signed is None
    assert judge([made], None) == {}, "no public store holds an SM2 root: none of them can judge"


@pytest.mark.parametrize("data", [b"", b"\x30", b"not a certificate", bytes(5000), sm2_certificate()[:-3]])
def test_what_is_no_certificate_is_a_fact_with_an_error(data: bytes) -> None:
    made = read_certificate(data)
    assert made.parsed is None
    assert made.facts.error is not None
    assert judge([made], None)["mozilla"] == "unreadable"


# --------------------------------------------------------------------------- trust

PAST = datetime.now(UTC) - timedelta(days=400)
FUTURE = datetime.now(UTC) + timedelta(days=30)
OLD_MIDDLE = issue("Old Intermediate", issuer=ROOT, ca=True, not_before=PAST, days=30)
SHA1_MIDDLE = issue("Weak Intermediate", issuer=ROOT, ca=True, sha1=True)
STRANGER = issue("Another Root", ca=True)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ((leaf(), MIDDLE), "ok"),
        ((leaf(), MIDDLE, ROOT), "ok"),
        ((leaf(), ROOT, STRANGER, MIDDLE), "ok"),
        ((leaf(aia=True),), "incomplete_chain"),
        ((leaf(),), "unknown_issuer"),
        ((issue("x", issuer=STRANGER), STRANGER), "unknown_issuer"),
        ((issue("x", san=["x"]),), "self_signed"),
        ((leaf(not_before=PAST, days=30), MIDDLE), "expired"),
        ((leaf(not_before=FUTURE), MIDDLE), "not_yet_valid"),
        ((leaf(issuer=OLD_MIDDLE), OLD_MIDDLE), "expired_in_chain"),
        ((leaf(issuer=SHA1_MIDDLE), SHA1_MIDDLE), "weak_signature"),
        ((leaf(sha1=True), MIDDLE), "weak_signature"),
        ((leaf(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)), MIDDLE), "wrong_purpose"),
    ],
)
def test_trust(sent: tuple[Issued, ...], reason: str, store: Path) -> None:
    verdict = judge(chain(*sent), store)
    assert verdict["custom"] == reason
    assert verdict["mozilla"] != "ok"


def test_a_maze_of_cross_signed_authorities_ends(store: Path) -> None:
    """Fifteen authorities by two names, each certified by the next: no way through, and no search without end."""
    keys = [ec_key() for _ in range(15)]
    named = [issue(f"Maze {place % 2}", ca=True, key=key) for place, key in enumerate(keys)]
    maze = [
        issue(f"Maze {place % 2}", issuer=named[(place + 1) % 15], ca=True, key=key)
        for place, key in enumerate(keys)
    ]
    sent = chain(issue("x", issuer=named[0]), *maze)
    assert judge(sent, store)["custom"] == "unknown_issuer"
    assert find_issuer(sent) == sent[1].parsed


def test_a_root_used_as_a_leaf_is_trusted_by_its_own_store(store: Path) -> None:
    assert judge(chain(ROOT), store)["custom"] == "ok"


def test_no_certificate_no_verdict() -> None:
    assert judge([], None) == {}


def test_a_bad_ca_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("bad.pem", "missing.pem"):
        with pytest.raises(UsageError, match="--ca-file"):
            judge(chain(ROOT), tmp_path / name)


# --------------------------------------------------------------------------- names

SAN = (
    "www.example.cn",
    "*.shop.example.cn",
    "IP:192.0.2.7",
    "*.cn",
    "xn--fiqs8s.example.cn",
    "email:a@example.org",
    "URI:address.cn",
    "w*.example.cn",
    "host.*.cn",
    "dotted.example.cn.",
    "DNS:IP:192.0.2.99",
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("www.example.cn", True),
        ("WWW.Example.CN.", True),
        ("a.shop.example.cn", True),
        ("a.b.shop.example.cn", False),
        ("shop.example.cn", False),
        ("example.cn", False),
        ("中国.example.cn", True),
        ("中国。example.cn", True),
        ("wide.example.cn", False),
        ("host.mid.cn", False),
        ("address.cn", False),
        ("dotted.example.cn", False),
        ("a@example.org", False),
    ],
)
def test_names_match_by_rfc_9525(name: str, expected: bool) -> None:
    assert hostname_match(SAN, name, "192.0.2.1") is expected


@pytest.mark.parametrize(
    ("san", "ip", "expected"),
    [
        (SAN, "192.0.2.7", True),
        (SAN, "192.0.2.8", False),
        (SAN, "192.0.2.99", False),
        (("192.0.2.7",), "192.0.2.7", None),
        (("www.example.cn",), "192.0.2.7", None),
        (("IP:2001:db8::1",), "2001:db8:0::1", True),
    ],
)
def test_a_bare_address_is_judged_by_addresses_alone(
    san: tuple[str, ...], ip: str, expected: bool | None
) -> None:
    assert hostname_match(san, None, ip) is expected


def test_the_common_name_does_not_count() -> None:
    assert hostname_match((), "www.example.cn", "192.0.2.1") is False


def test_names_that_are_none() -> None:
    assert a_label("a" * 300) is None
    assert a_label("\ud800") is None


# --------------------------------------------------------------------------- staples


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ocsp.OCSPCertStatus.GOOD, "good"),
        (ocsp.OCSPCertStatus.REVOKED, "revoked"),
        (ocsp.OCSPCertStatus.UNKNOWN, "unknown"),
    ],
)
def test_a_staple_says(status: ocsp.OCSPCertStatus, said: str) -> None:
    own = leaf()
    assert read_staple(ocsp_answer(own, MIDDLE, status), chain(own, MIDDLE)) == (said, "")


def test_a_staple_that_proves_nothing_is_invalid() -> None:
    own, other = leaf(), leaf()
    good = ocsp.OCSPCertStatus.GOOD
    assert read_staple(ocsp_answer(other, MIDDLE, good), chain(own, MIDDLE))[0] == "invalid"
    assert (
        read_staple(ocsp_answer(own, MIDDLE, good, days=-3), chain(own, MIDDLE))[1]
        == "the answer is out of date"
    )
    impostor = issue("Test Intermediate", ca=True)
    assert read_staple(ocsp_answer(own, impostor, good), chain(own, MIDDLE)) == (
        "invalid", "the answer names another issuer",
    )  # fmt: skip
    refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    assert read_staple(refused.public_bytes(Encoding.DER), chain(own, MIDDLE)) == (
        "invalid", "responder said try_later",
    )  # fmt: skip


def answer(
    own: Issued,
    issuer: Issued,
    responder: Issued,
    *,
    algorithm: hashes.HashAlgorithm | None = HASH,
    until: datetime | None = NOW + timedelta(days=3),
    begin: datetime = NOW - timedelta(days=1),
) -> bytes:
    """A good answer of a responder that is not the issuer itself."""
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=own.certificate, issuer=issuer.certificate, algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.GOOD, this_update=begin, next_update=until,
            revocation_time=None, revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, responder.certificate)
        .certificates([responder.certificate])
    )  # fmt: skip
    return builder.sign(responder.key, algorithm).public_bytes(Encoding.DER)


def test_who_may_answer() -> None:
    own, signing = leaf(), (ExtendedKeyUsageOID.OCSP_SIGNING,)
    appointed = issue("Responder", issuer=MIDDLE, purposes=signing)
    assert read_staple(answer(own, MIDDLE, appointed), chain(own, MIDDLE)) == ("good", "")
    for responder in (
        issue("Responder", issuer=MIDDLE),
        issue("Responder", issuer=STRANGER, purposes=signing),
        issue("Responder", issuer=MIDDLE, purposes=signing, not_before=PAST, days=30),
        issue("Responder", purposes=signing),
    ):
        status = read_staple(answer(own, MIDDLE, responder), chain(own, MIDDLE))
        assert status == ("invalid", "the signature does not verify")


def test_an_issuer_that_did_not_sign_the_leaf_vouches_for_nothing() -> None:
    """A server that sends a false issuer of the right name, and its own word beside it, gets no ``good``."""
    own, false = leaf(), issue("Test Intermediate", ca=True)
    stapled = ocsp_answer(own, false, ocsp.OCSPCertStatus.GOOD)
    assert read_staple(stapled, chain(own, false))[0] is None
    assert read_staple(stapled, chain(own, false, MIDDLE)) == ("invalid", "the answer names another issuer")
    right = ocsp_answer(own, MIDDLE, ocsp.OCSPCertStatus.GOOD)
    assert read_staple(right, chain(own, false, MIDDLE)) == ("good", "")


def test_the_issuer_may_come_from_the_store(store: Path) -> None:
    own = issue("www.example.cn", issuer=ROOT)
    (sent,) = chain(own)
    stapled = ocsp_answer(own, ROOT, ocsp.OCSPCertStatus.REVOKED)
    assert read_staple(stapled, [sent], roots=roots_for(sent, store)) == ("revoked", "")


def test_an_answer_without_an_end_grows_old() -> None:
    own = leaf()
    fresh = answer(own, MIDDLE, MIDDLE, until=None)
    assert read_staple(fresh, chain(own, MIDDLE)) == ("good", "")
    old = answer(own, MIDDLE, MIDDLE, until=None, begin=NOW - timedelta(days=11))
    assert read_staple(old, chain(own, MIDDLE)) == ("invalid", "the answer is out of date")
    early = answer(own, MIDDLE, MIDDLE, begin=NOW + timedelta(hours=1))
    assert read_staple(early, chain(own, MIDDLE)) == ("invalid", "the answer is out of date")


def test_an_answer_signed_with_ed25519() -> None:
    authority = issue("Ed CA", ca=True, key=ed25519.Ed25519PrivateKey.generate())
    own = issue("x", issuer=authority)
    assert read_staple(answer(own, authority, authority, algorithm=None), chain(own, authority)) == (
        "good", "",
    )  # fmt: skip


def openssl_answer(folder: Path, own: Issued, issuer: Issued, *options: str) -> bytes:
    """What ``openssl ocsp`` says of a certificate that is in its index as good."""
    certificate, key = issuer.write(folder, "issuer")
    number = f"{own.certificate.serial_number:x}".upper()
    number = "0" * (len(number) % 2) + number
    (folder / "index.txt").write_text(f"V\t301231000000Z\t\t{number}\tunknown\t/CN=www.example.cn\n")
    made = folder / "answer.der"
    subprocess.run(
        [
            program("openssl"), "ocsp", "-index", str(folder / "index.txt"), "-CA", str(certificate),
            "-rsigner", str(certificate), "-rkey", str(key), "-issuer", str(certificate), "-serial", f"0x{number}",
            "-ndays", "1", "-respout", str(made), *options,
        ],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return made.read_bytes()


PSS = ("-rsigopt", "rsa_padding_mode:pss")


@pytest.mark.parametrize(
    "options",
    [
        ("-rmd", "sha256", *PSS),
        ("-rmd", "sha256", *PSS, "-rsigopt", "rsa_pss_saltlen:0"),
        ("-rmd", "sha512", *PSS, "-rsigopt", "rsa_pss_saltlen:32", "-rsigopt", "rsa_mgf1_md:sha256"),
        # Every parameter has its default, and none is written (RFC 4055 §3.1).
        ("-rmd", "sha1", *PSS, "-rsigopt", "rsa_pss_saltlen:20"),
    ],
)
def test_an_answer_signed_with_rsassa_pss(tmp_path: Path, options: tuple[str, ...]) -> None:
    own = leaf()
    made = openssl_answer(tmp_path, own, MIDDLE, *options)
    read = asn1_ocsp.OCSPResponse.load(made)
    basic = read.basic_ocsp_response
    assert basic["signature_algorithm"]["algorithm"].native == "rsassa_pss"
    assert read_staple(made, chain(own, MIDDLE)) == ("good", "")
    signature = bytearray(basic["signature"].native)
    signature[-1] ^= 1
    basic["signature"] = core.OctetBitString(bytes(signature))
    assert read_staple(read.dump(force=True), chain(own, MIDDLE)) == (
        "invalid", "the signature does not verify",
    )  # fmt: skip


def test_an_answer_that_a_stranger_signed_with_rsassa_pss(tmp_path: Path) -> None:
    """Of the issuer's name and key, with a signature of another key."""
    own = leaf()
    false = openssl_answer(tmp_path, own, issue("Test Intermediate", ca=True, key=rsa_key()), *PSS)
    read = asn1_ocsp.OCSPResponse.load(openssl_answer(tmp_path, own, MIDDLE, *PSS))
    read.basic_ocsp_response["signature"] = asn1_ocsp.OCSPResponse.load(false).basic_ocsp_response[
        "signature"
    ]
    assert read_staple(read.dump(force=True), chain(own, MIDDLE)) == (
        "invalid", "the signature does not verify",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "status", "why"),
    [
        (None, "invalid", "no parameters"),
        ({"salt_length": -1}, "invalid", ""),
        ({"salt_length": 60000}, "invalid", "does not verify"),
        ({"salt_length": 10**600}, "invalid", ""),
        ({"trailer_field": 2}, "invalid", "trailer"),
        ({"hash_algorithm": {"algorithm": "md5"}}, None, "RSASSA-PSS with md5 and sha1"),
        ({"mask_gen_algorithm": {"algorithm": "1.2.3.4"}}, "invalid", ""),
    ],
)
def test_odd_parameters_of_rsassa_pss(parameters: object, status: str | None, why: str) -> None:
    own = leaf()
    stapled = asn1_ocsp.OCSPResponse.load(ocsp_answer(own, MIDDLE, ocsp.OCSPCertStatus.GOOD))
    algorithm = {"algorithm": "rsassa_pss"} | ({"parameters": parameters} if parameters else {})
    stapled.basic_ocsp_response["signature_algorithm"] = algorithm
    said, reason = read_staple(stapled.dump(force=True), chain(own, MIDDLE))
    assert said == status
    assert reason
    assert why in reason


def test_an_algorithm_that_cannot_be_checked_is_no_judgement() -> None:
    own = leaf()
    stapled = asn1_ocsp.OCSPResponse.load(ocsp_answer(own, MIDDLE, ocsp.OCSPCertStatus.GOOD))
    stapled.basic_ocsp_response["signature_algorithm"] = {"algorithm": "1.2.840.113549.1.1.127"}
    status, why = read_staple(stapled.dump(force=True), chain(own, MIDDLE))
    assert status is None
    assert "cannot be checked" in why


def test_a_staple_without_the_issuer_is_not_judged() -> None:
    own = leaf()
    assert read_staple(ocsp_answer(own, MIDDLE, ocsp.OCSPCertStatus.REVOKED), chain(own))[0] is None
