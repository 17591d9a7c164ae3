"""SM2 and SM4 by the standards' own examples, and against Tongsuo; trust in chains of SM2."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.tls import sm2
from scanner.tls.certificates import Certificate, read_certificate
from scanner.tls.sm4 import Sm4Ccm, Sm4Gcm
from scanner.tls.trust import judge, judge_pair
from tests.servers.tls import issue
from tests.servers.tongsuo import ENCRYPTION, SIGNING, Made, Wanted, authority, make

# --------------------------------------------------------------------------- arithmetic

PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def test_the_example_of_the_standard() -> None:
    """GB/T 32918.5-2017 annex A.2."""
    signature = encode_dss_signature(R, S)
    assert sm2.verify(PUBLIC, signature, b"message digest")
    assert not sm2.verify(PUBLIC, signature, b"message digests")
    assert not sm2.verify(PUBLIC, signature, b"message digest", b"")


@pytest.mark.parametrize(
    ("r", "s"), [(0, S), (R, 0), (R, S + ORDER), (R + ORDER, S), (R, ORDER - R), (R, ORDER), (S, R)]
)
def test_numbers_out_of_range_are_no_signature(r: int, s: int) -> None:
    assert not sm2.verify(PUBLIC, encode_dss_signature(r, s), b"message digest")


@pytest.mark.parametrize(
    "key",
    [
        b"",
        PUBLIC[1:],
        b"\x02" + PUBLIC[1:33],
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        PUBLIC[:-1] + b"\x14",
        PUBLIC + b"\x00",
    ],
)
def test_what_is_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="curveSM2"):
        sm2.verify(key, encode_dss_signature(R, S), b"message digest")
    with pytest.raises(ValueError, match="curveSM2"):
        sm2.ThrowAwayKey().exchange(key)


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_what_is_no_signature_never_verifies(data: bytes) -> None:
    try:
        decode_dss_signature(data)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error))):
            sm2.verify(PUBLIC, data, b"message digest")
    else:
        assert not sm2.verify(PUBLIC, data, b"message digest")


def test_both_sides_of_an_exchange_agree() -> None:
    one, other = sm2.ThrowAwayKey(), sm2.ThrowAwayKey()
    assert one.exchange(other.public) == other.exchange(one.public)
    assert one.exchange(other.public) != one.exchange(one.public)
    assert "secret" not in repr(one)


def test_one_and_the_order_less_one_give_mirrored_points() -> None:
    """The ends of the range of private keys: G and -G."""
    g, minus = sm2.read_point(sm2.ThrowAwayKey(1).public), sm2.read_point(sm2.ThrowAwayKey(ORDER - 1).public)
    assert g[0] == minus[0]
    assert g[1] != minus[1]


# RFC 8998 annex A: the same key, nonce, associated data and plaintext for both modes.
KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
NONCE = bytes.fromhex("00001234567800000000abcd")
EXTRA = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
PLAIN = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
SEALED = {
    Sm4Gcm: "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
    Sm4Ccm: "48af93501fa62adbcd414cce6034d895dda1bf8f132f042098661572e7483094"
    "fd12e518ce062c98acee28d95df4416bed31a2f04476c18bb40c84a74b97dc5b16842d4fa186f56ab33256971fa110f4",
}


@pytest.mark.parametrize("mode", [Sm4Gcm, Sm4Ccm])
def test_the_examples_of_rfc_8998(mode: type[Sm4Gcm | Sm4Ccm]) -> None:
    cipher = mode(KEY)
    sealed = bytes.fromhex(SEALED[mode])
    assert cipher.encrypt(NONCE, PLAIN, EXTRA) == sealed
    assert cipher.decrypt(NONCE, sealed, EXTRA) == PLAIN
    for broken in (sealed[:-1], sealed[:15], b"", sealed[:-1] + bytes((sealed[-1] ^ 1,))):
        with pytest.raises(InvalidTag):
            cipher.decrypt(NONCE, broken, EXTRA)
    with pytest.raises(InvalidTag):
        cipher.decrypt(NONCE, sealed, EXTRA[1:])


@settings(deadline=None)
@given(st.binary(max_size=70), st.one_of(st.none(), st.binary(max_size=40)))
def test_ccm_opens_what_it_sealed(data: bytes, extra: bytes | None) -> None:
    cipher = Sm4Ccm(KEY)
    assert cipher.decrypt(NONCE, cipher.encrypt(NONCE, data, extra), extra) == data


# --------------------------------------------------------------------------- certificates and trust

DAY = 86400
CA = {"ca": True, "usage": "keyCertSign,cRLSign"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return authority(
        tmp_path_factory.mktemp("sm2"),
        "tlcp.example.cn",
        Wanted(name="other root", ca=True, usage="keyCertSign"),
        Wanted(name="namesake", ca=True, usage="keyCertSign", common_name="ca"),
        Wanted(name="expired", issuer="ca", usage=SIGNING, begins=-9 * DAY, ends=-DAY),
        Wanted(name="early", issuer="ca", usage=SIGNING, begins=DAY),
        Wanted(name="client", issuer="ca", usage=SIGNING, purposes="clientAuth"),
        Wanted(name="leaf as ca", issuer="sign", usage=SIGNING),
        Wanted(name="no signer", issuer="root", ca=True, usage="cRLSign"),
        Wanted(name="under no signer", issuer="no signer", usage=SIGNING),
        Wanted(name="old ca", issuer="root", ca=True, usage="keyCertSign", begins=-9 * DAY, ends=-DAY),
        Wanted(name="under old ca", issuer="old ca", usage=SIGNING),
        Wanted(name="p256", issuer="ca", usage=SIGNING, curve="P-256"),
        Wanted(name="p256 root", ca=True, usage="keyCertSign", curve="P-256", digest="sha256"),
        Wanted(name="mixed", issuer="p256 root", usage=SIGNING, digest="sha256"),
        Wanted(name="mixed sha1", issuer="p256 root", usage=SIGNING, digest="sha1"),
    )


def read(made: Made, *names: str) -> list[Certificate]:
    return [read_certificate(made.der(name)) for name in names]


@pytest.mark.parametrize(
    ("chain", "root", "reason"),
    [
        (("sign", "ca"), "root", "ok"),
        (("sign", "ca", "root"), "root", "ok"),
        (("sign", "root", "ca"), "root", "ok"),
        (("sign", "namesake", "ca"), "root", "ok"),
        (("sign", "ca"), "ca", "ok"),
        (("sign",), "sign", "ok"),
        (("sign",), "root", "unknown_issuer"),
        (("sign", "ca"), "other root", "unknown_issuer"),
        (("sign", "ca", "root"), "other root", "unknown_issuer"),
        (("sign", "namesake"), "root", "bad_signature"),
        (("root",), "other root", "self_signed"),
        (("expired", "ca"), "root", "expired"),
        (("early", "ca"), "root", "not_yet_valid"),
        (("client", "ca"), "root", "wrong_purpose"),
        (("leaf as ca", "sign", "ca"), "root", "invalid:issuer is no CA"),
        (("under no signer", "no signer"), "root", "invalid:issuer may not sign certificates"),
        (("under old ca", "old ca"), "root", "expired_in_chain"),
        (("p256", "ca"), "root", "ok"),
        (("mixed",), "p256 root", "ok"),
        (("mixed sha1",), "p256 root", "undecided:signature 1.2.840.10045.4.1"),
    ],
)
def test_trust_in_a_chain_of_sm2(made: Made, chain: Sequence[str], root: str, reason: str) -> None:
    assert judge(read(made, *chain), made.certificate(root)) == {"custom": reason}
    assert judge(read(made, *chain), None) == {}, "no public store holds a root of SM2"


def test_trust_in_a_pair_is_that_of_the_worse(made: Made) -> None:
    root = made.certificate("root")
    assert judge_pair(read(made, "sign", "enc", "ca"), root) == {"custom": "ok"}
    assert judge_pair(read(made, "sign", "ca", "enc"), root) == {"custom": "ok"}
    assert judge_pair(read(made, "sign", "expired", "ca"), root) == {"custom": "expired"}
    assert judge_pair(read(made, "expired", "enc", "ca"), root) == {"custom": "expired"}
    assert judge_pair([], root) == {}
    with pytest.raises(UsageError, match="ca-file"):
        judge_pair(read(made, "sign", "enc"), made.folder / "none.pem")


def test_a_root_of_sm2_in_the_chosen_store_leaves_other_chains_alone(made: Made) -> None:
    judged = judge([read_certificate(issue("www.example.cn").der)], made.certificate("root"))
    assert judged["custom"] == "self_signed"


@pytest.mark.parametrize(
    ("subject", "issuer"), [("sign", "ca"), ("enc", "ca"), ("ca", "root"), ("root", "root")]
)
def test_openssl_agrees_that_the_signatures_hold(made: Made, subject: str, issuer: str) -> None:
    """The certificates are sound by another maker's word too, so that what is judged above is judged of real ones."""
    command = ["openssl", "verify", "-vfyopt", "distid:1234567812345678", "-partial_chain", "-trusted"]
    command += [str(made.certificate(issuer)), str(made.certificate(subject))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith(": OK"), done.stderr


def test_facts_of_the_pair(made: Made) -> None:
    sign, encrypt, ca, root = read(made, "sign", "enc", "ca", "root")
    for one in (sign, encrypt, ca, root):
        assert one.facts.key is not None
        assert (one.facts.key.type, one.facts.key.bits) == ("SM2", 256)
        assert one.facts.signature_algorithm == "sm2-with-SM3"
        assert one.facts.error is None
    assert sign.facts.key_usage == ("digital_signature", "content_commitment")
    assert encrypt.facts.key_usage == ("key_encipherment", "data_encipherment", "key_agreement")
    assert [one.facts.self_signed for one in (sign, encrypt, ca, root)] == [False, False, False, True]


def test_names_alone_make_no_self_signed_certificate(tmp_path: Path) -> None:
    """A certificate that bears its issuer's name, signed by another key."""
    made = make(
        tmp_path,
        (
            Wanted(name="one", ca=True, common_name="same"),
            Wanted(name="two", issuer="one", usage=ENCRYPTION, common_name="same"),
        ),
    )
    assert [one.facts.self_signed for one in read(made, "one", "two")] == [True, False]
    assert load_pem_x509_certificate(made.certificate("two").read_bytes()).issuer.rfc4514_string() == (
        "CN=same,O=zijian tests,C=CN"
    )
