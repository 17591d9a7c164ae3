"""Certificates that break the standard: what can be read is told, what is wrong is named, and nothing else is lost."""

from __future__ import annotations

import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from scanner.facts import CertificateFacts, TlsFacts
from scanner.probes.tls import PROBE
from scanner.tls.certificates import read_certificate
from scanner.tls.trust import judge
from tests.conftest import Scanner
from tests.servers import odd
from tests.servers.process import program
from tests.servers.tls import Old, scripted

ODD: dict[str, tuple[bytes, str | None, dict[str, object]]] = {
    # name: DER, what the error must say (None: nothing is wrong), facts
    "plain": (odd.certificate(), None, {"version": 3, "san_count": 1}),
    "serial of zero": (odd.certificate(serial=b"\x00"), None, {"serial": "00"}),
    "negative serial": (odd.certificate(serial=b"\x81\x01"), None, {"serial": "-7EFF"}),
    "serial of 21 bytes": (odd.certificate(serial=b"\x01" * 21), None, {"serial": "1" + "01" * 20}),
    "serial of 5000 bytes": (odd.certificate(serial=b"\x01" * 5000), None, {}),
    "empty serial": (odd.certificate(serial=b""), "TbsCertificate::serial", {}),
    "padded serial": (odd.certificate(serial=b"\x00\x00\x01"), "TbsCertificate::serial", {"serial": "01"}),
    "version 1": (odd.certificate(version=0, extensions=()), None, {"version": 1, "san": ()}),
    "version 1 with extensions": (odd.certificate(version=0), None, {"version": 1}),
    "version 4": (odd.certificate(version=3), "InvalidVersion", {"version": 4}),
    "empty subject": (odd.certificate(subject=odd.der(0x30)), None, {"subject": ""}),
    "empty issuer": (odd.certificate(issuer=odd.der(0x30)), None, {"issuer": ""}),
    "BMPString": (
        odd.certificate(subject=odd.name("国密".encode("utf-16-be"), 0x1E)), None, {"subject": "CN=国密"},
    ),
    "odd BMPString": (odd.certificate(subject=odd.name(b"abc", 0x1E)), "BmpString", {}),
    "UniversalString": (
        odd.certificate(subject=odd.name("国".encode("utf-32-be"), 0x1C)), None, {"subject": "CN=国"},
    ),
    "T61String": (odd.certificate(subject=odd.name(b"caf\xe9", 0x14)), "subject:", {"subject": "CN=café"}),
    "IA5String that is not ASCII": (odd.certificate(subject=odd.name(b"\xff", 0x16)), "subject:", {}),
    "UTF8String that is not UTF-8": (odd.certificate(subject=odd.name(b"\xff")), "subject:", {}),
    "BIT STRING for a name": (odd.certificate(subject=odd.name(b"\x00a", 3)), "subject:", {}),
    "T61String for the issuer": (odd.certificate(issuer=odd.name(b"\xe9", 0x14)), "issuer:", {"issuer": "CN=é"}),
    "NUL in the common name": (odd.certificate(subject=odd.name(b"a\x00b")), None, {"subject": "CN=a\\00b"}),
    "a name of 100,000 characters": (odd.certificate(subject=odd.name(b"a" * 100_000)), None, {}),
    "10,000 common names": (
        odd.certificate(subject=odd.der(0x30, *[odd.name(b"x")[2:]] * 10_000)), None, {},
    ),
    "an OID of 100,000 bytes": (
        odd.certificate(subject=odd.name(b"x", kind=odd.der(6, b"\xff" * 100_000 + b"\x01"))),
        "OidTooLong", {"serial": "", "san": ()},
    ),
    "comma in the common name": (odd.certificate(subject=odd.name(b"a,b", 0x14)), None, {"subject": "CN=a\\,b"}),
    "NUL in a site's name": (
        odd.certificate(extensions=[odd.san(odd.dns(b"www.example.cn\x00.example.org"))]),
        None, {"san": ("www.example.cn␀.example.org",)},
    ),
    "a site's name that looks like an address": (
        odd.certificate(extensions=[odd.san(odd.dns(b"IP:127.0.0.1"))]), None, {"san": ("DNS:IP:127.0.0.1",)},
    ),
    "10,000 sites": (
        odd.certificate(extensions=[odd.san(*[odd.dns(b"h%d.cn" % i) for i in range(10_000)])]),
        None, {"san_count": 10_000, "san": tuple(f"h{i}.cn" for i in range(200))},
    ),
    "10,001 sites": (
        odd.certificate(extensions=[odd.san(*[odd.dns(b"")] * 10_001)]),
        "more than 10000 names", {"san": (), "san_count": None},
    ),
    "no site in the extension": (odd.certificate(extensions=[odd.san()]), None, {"san": (), "san_count": 0}),
    "an address of three bytes": (
        odd.certificate(extensions=[odd.san(odd.der(0x87, b"\x01\x02\x03"))]),
        "subjectAltName:", {"san_count": None},
    ),
    "an X.400 address": (
        odd.certificate(extensions=[odd.san(odd.der(0xA3), odd.dns(b"www.example.cn"))]),
        "extensions:", {"san": ("other:x400_address", "www.example.cn")},
    ),
    "two alternative names": (
        odd.certificate(extensions=[odd.SITE, odd.SITE]), "twice", {"san": (), "san_count": None},
    ),
    "1,000 unknown extensions": (
        odd.certificate(extensions=[*[odd.extension(f"2a03{i // 100 + 1:02x}{i % 100:02x}", b"") for i in range(1000)]]),
        None, {"san": ()},
    ),
    "one broken extension": (
        odd.certificate(extensions=[odd.extension(odd.BASIC, b"\xff"), odd.SITE]),
        "basicConstraints:", {"is_ca": None, "san": ("www.example.cn",)},
    ),
    "a broken SCT list": (
        odd.certificate(extensions=[odd.extension(odd.SCTS, odd.der(4, b"\x00\x09\x00"))]), "SCT list:", {"sct": None},
    ),
    "5,000 sequences in an extension": (
        odd.certificate(extensions=[odd.extension("2a0304", odd.nested(5000)), odd.SITE]), None, {"san_count": 1},
    ),
    "5,000 sequences for a name": (odd.certificate(subject=odd.nested(5000)), "TbsCertificate::subject", {}),
    "5,000 sequences for the sites": (
        odd.certificate(extensions=[odd.extension(odd.SAN, odd.nested(5000))]), "subjectAltName:", {},
    ),
    "indefinite lengths without end": (
        odd.certificate(subject=odd.der(0x30, b"\x30\x80" * 50_000)), "InvalidLength", {"san_count": 1},
    ),
    "month 13": (
        odd.certificate(times=odd.validity(b"261301000000Z", b"270101000000Z")),
        "notBefore: ValueError", {"not_before": None, "not_after": datetime(2027, 1, 1, tzinfo=UTC)},
    ),
    "times with an offset": (
        odd.certificate(times=odd.validity(b"260101000000+0800", b"270101000000+0800")),
        "UtcTime", {"not_before": datetime(2025, 12, 31, 16, tzinfo=UTC)},
    ),
    "from the year 1 to 9999": (
        odd.certificate(times=odd.validity(b"00010101000000Z", b"99991231235959Z", 0x18)),
        None, {"not_after": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
    ),
    "an end before its beginning": (
        odd.certificate(times=odd.validity(b"270101000000Z", b"260101000000Z")), None, {},
    ),
    "an unknown signature": (
        odd.certificate(algorithm=odd.der(0x30, odd.oid("2a0304"))), None, {"signature_algorithm": "1.2.3.4"},
    ),
    "RSASSA-PSS without parameters": (
        odd.certificate(algorithm=odd.der(0x30, odd.oid("2a864886f70d01010a"))), "signature:", {"signature_algorithm": ""},
    ),
    "RSASSA-PSS by default": (
        odd.certificate(algorithm=odd.der(0x30, odd.oid("2a864886f70d01010a"), odd.der(0x30))),
        None, {"signature_algorithm": "id-RSASSA-PSS (sha1, salt 20)"},
    ),
    "bytes after the end": (odd.certificate() + b"\x00", "ExtraData", {"san_count": 1}),
    "an unknown key": (
        odd.certificate(spki=odd.der(0x30, odd.der(0x30, odd.oid("2a0304")), odd.der(3, b"\x00abc"))), None, {},
    ),
    "an RSA key that is none": (
        odd.certificate(spki=odd.der(0x30, odd.der(0x30, odd.oid("2a864886f70d010101")), odd.der(3, b"\x00abc"))),
        "public key:", {"key": None},
    ),
    "no key": (odd.certificate(spki=odd.der(0x30)), "public key:", {"key": None}),
    "a point off the curve": (
        odd.certificate(
            spki=odd.der(
                0x30, odd.der(0x30, odd.oid("2a8648ce3d0201"), odd.oid("2a8648ce3d030107")),
                odd.der(3, b"\x00\x04" + bytes(64)),
            )
        ),
        "public key:", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_what_is_wrong_is_named_and_the_rest_is_told(case: str) -> None:
    data, error, expected = ODD[case]
    facts = read_certificate(data).facts
    if error is None:
        assert facts.error is None
    else:
        assert error in (facts.error or "")
    for field, value in expected.items():
        assert getattr(facts, field) == value, field
    for text in (facts.subject, facts.issuer, facts.serial, facts.error or "", *facts.san):
        assert len(text) <= 1100


@pytest.mark.parametrize("case", ODD)
def test_one_odd_certificate_costs_no_other_fact(scanner: Scanner, address: str, case: str) -> None:
    data, _, _ = ODD[case]
    # Where one hello is enough to show the certificate, the others are answered with another: it is read once.
    with scripted(address, Old(suites={0x303: [0x009C]}, chain=[data, odd.certificate()])) as server:
        facts = scanner.probe(PROBE, address, server.port, name="www.example.cn", tls=True)
    assert isinstance(facts, TlsFacts)
    assert facts.protocols == ("TLSv1.2",)
    assert facts.ciphers["TLSv1.2"] == ("TLS_RSA_WITH_AES_128_GCM_SHA256",)
    if len(data) < 1 << 17:
        assert len(facts.certificates) == 2
        assert "ok" not in facts.trust.values()
    else:
        assert {error.kind for error in facts.errors} == {"malformed"}


def test_a_name_beyond_those_kept_still_matches(scanner: Scanner, address: str) -> None:
    sites = odd.san(*[odd.dns(b"h%d.example.cn" % number) for number in range(500)])
    with scripted(
        address, Old(suites={0x303: [0x009C]}, chain=[odd.certificate(extensions=[sites])])
    ) as server:
        facts = scanner.probe(PROBE, address, server.port, name="h499.example.cn", tls=True)
    assert isinstance(facts, TlsFacts)
    assert facts.hostname_match is True


def test_what_is_odd_makes_no_warning_from_any_thread() -> None:
    data = ODD["negative serial"][0]
    with warnings.catch_warnings(record=True) as told, ThreadPoolExecutor(8) as threads:
        warnings.simplefilter("always")
        read = list(threads.map(read_certificate, [data] * 200))
        warnings.warn("still heard", stacklevel=1)
    assert {one.facts.serial for one in read} == {"-7EFF"}
    assert [str(one.message) for one in told] == ["still heard"]


# --------------------------------------------------------------------------- keys


def of(key: object, algorithm: object = "sha256") -> CertificateFacts:
    """A self-signed certificate of ``key``, as facts."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([])).issuer_name(x509.Name([]))
        .not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2027, 1, 1))
        .serial_number(1).public_key(key.public_key())  # type: ignore[attr-defined]
    )  # fmt: skip
    made = builder.sign(key, hashes.SHA256() if algorithm == "sha256" else None)  # type: ignore[arg-type]
    return read_certificate(made.public_bytes(Encoding.DER)).facts


def test_keys_of_all_kinds() -> None:
    found = [
        of(ed25519.Ed25519PrivateKey.generate(), None),
        of(ed448.Ed448PrivateKey.generate(), None),
        of(dsa.generate_private_key(1024)),
        of(ec.generate_private_key(ec.BrainpoolP384R1())),
        of(rsa.generate_private_key(3, 1024)),
    ]
    keys = [(one.key.type, one.key.bits, one.key.curve, one.key.exponent) for one in found if one.key]
    assert keys == [
        ("Ed25519", 256, None, None),
        ("Ed448", 456, None, None),
        ("DSA", 1024, None, None),
        ("EC", 384, "brainpoolP384r1", None),
        ("RSA", 1024, None, 3),
    ]
    assert [one.signature_algorithm for one in found] == [
        "id-Ed25519", "id-Ed448", "id-dsa-with-sha256", "ecdsa-with-SHA256", "sha256WithRSAEncryption",
    ]  # fmt: skip
    assert all(one.self_signed and one.error is None for one in found)


@pytest.mark.parametrize("bits", [16384, 65536])
@pytest.mark.parametrize("exponent", [1, 2, 3, 65537, (1 << 64) - 1, 1 << 5000 | 1])
def test_huge_rsa_keys_and_odd_exponents(bits: int, exponent: int) -> None:
    """OpenSSL refuses to verify with more than 16,384 bits, and with a long exponent: none of this takes long."""
    modulus = (1 << bits) - (1 << bits // 2) + 1
    made = read_certificate(
        odd.certificate(spki=odd.rsa_spki(modulus, exponent), subject=odd.name(b"x"), issuer=odd.name(b"x"))
    )
    key = made.facts.key
    assert key is not None
    assert (key.type, key.bits, key.exponent) == ("RSA", bits, exponent if exponent < 1 << 64 else None)
    assert "ok" not in judge([made], None).values()


def by_openssl(folder: Path, *command: str) -> bytes:
    """A certificate as ``openssl req`` makes it."""
    out = folder / "certificate.der"
    subprocess.run(
        [program("openssl"), *command, "-outform", "DER", "-out", str(out)], check=True, capture_output=True
    )
    return out.read_bytes()


def test_explicit_curve_parameters(tmp_path: Path) -> None:
    """RFC 5480 §2.1.1 forbids them: whoever writes the curve may write any curve."""
    facts = read_certificate(
        by_openssl(tmp_path, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                   "ec_param_enc:explicit", "-nodes", "-keyout", str(tmp_path / "key.pem"), "-subj", "/CN=x")
    ).facts  # fmt: skip
    assert facts.key is not None
    assert (facts.key.type, facts.key.curve, facts.key.bits) == ("EC", "explicit", 256)


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        ("sha384", "id-RSASSA-PSS (sha384, salt 40)"),
        ("sha1", "id-RSASSA-PSS (sha384, salt 40, MGF1 with sha1)"),
    ],
)
def test_rsassa_pss_is_told_with_its_parameters(tmp_path: Path, mask: str, told: str) -> None:
    options = [
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:40",
        "-sigopt",
        f"rsa_mgf1_md:{mask}",
    ]
    facts = read_certificate(
        by_openssl(tmp_path, "req", "-x509", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes",
                   "-keyout", str(tmp_path / "key.pem"), "-subj", "/CN=x", "-sha384", *options)
    ).facts  # fmt: skip
    assert facts.signature_algorithm == told
    assert facts.key is not None
    assert (facts.key.type, facts.key.bits, facts.key.exponent) == ("RSA", 2048, 65537)
    assert facts.error is None
    assert facts.self_signed is True
