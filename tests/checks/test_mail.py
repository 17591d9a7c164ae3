"""Rules on mail, on facts alone: every declared outcome; and how records are read."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checks.faults import said
from checks.model import Text
from scanner.errors import ResolveError
from scanner.facts import (
    DkimKeyFacts,
    MailPolicyFacts,
    MtaStsPolicyFacts,
    MxFacts,
    ProbeError,
    ServiceFacts,
    SmtpFacts,
)
from scanner.probes import spf
from scanner.probes.mail_policy import read_dkim, tags
from scanner.probes.mta_sts import Policy, read_policy
from tests.checks.judging import LOOPBACK, domain, every_outcome_is_tried, outcomes, service

MX = (MxFacts(host="mx.example.cn", addresses=("198.51.100.1",), alias=False, tlsa=()),)
SPF = ("v=spf1 mx -all",)
DMARC = ("v=DMARC1; p=none",)
F = MailPolicyFacts
DIGEST = "ab" * 32


def with_tlsa(record: str, *, usable: bool = True, signed: bool | None = True) -> MailPolicyFacts:
    return F(mx=(MxFacts(host="mx.example.cn", tlsa=(record,), tlsa_usable=usable, tlsa_signed=signed),))


def held(**seen: object) -> MailPolicyFacts:
    """A mail server in the scope, with a signed record and what was ``seen`` of it."""
    known = {
        "host": "mx.example.cn",
        "tlsa": (f"3 1 1 {DIGEST}",),
        "tlsa_signed": True,
        "tlsa_usable": True,
        "tlsa_asked": "198.51.100.1",
    }
    return F(mx=(MxFacts(**(known | seen)),))  # type: ignore[arg-type]


def key(bits: int | None, **known: object) -> MailPolicyFacts:
    return F(dkim=(DkimKeyFacts(selector="s1", bits=bits, **known),))  # type: ignore[arg-type]


STS = MtaStsPolicyFacts(
    host="mta-sts.example.cn", addresses=("198.51.100.9",), asked="198.51.100.9", trust={"mozilla": "ok"}, hostname_match=True,
    status=200, media_type="text/plain", version="STSv1", mode="enforce", max_age=604800, patterns=("mx.example.cn",),
)  # fmt: skip


def sts(**changed: object) -> MailPolicyFacts:
    """A domain with an MTA-STS record and a good policy, but for what is ``changed`` in it."""
    return F(mx=MX, mta_sts=("v=STSv1; id=1;",), mta_sts_policy=replace(STS, **changed))  # type: ignore[arg-type]


def failed(step: str, kind: str) -> tuple[ProbeError, ...]:
    return (ProbeError(step=step, kind=kind, message="so it was"),)


CASES: list[tuple[str, str, MailPolicyFacts]] = [
    ("mail/spf-missing", "missing", F(mx=MX, spf=())),
    ("mail/spf-missing", "missing_without_mail", F(mx=(), spf=())),
    ("mail/spf-missing", "present", F(mx=MX, spf=SPF)),
    ("mail/spf-missing", "undecided", F(mx=MX)),
    ("mail/spf-invalid", "invalid", F(spf=(*SPF, *SPF), spf_errors=("2 SPF records",))),
    ("mail/spf-invalid", "valid", F(spf=SPF, spf_lookups=1)),
    ("mail/spf-invalid", "undecided", F(spf=SPF)),
    ("mail/spf-weak", "everybody", F(spf=SPF, spf_lookups=1, spf_all="+")),
    ("mail/spf-weak", "neutral", F(spf=SPF, spf_lookups=1)),
    ("mail/spf-weak", "closed", F(spf=SPF, spf_lookups=1, spf_all="~")),
    ("mail/spf-weak", "undecided", F(spf=SPF)),
    ("mail/dkim-weak-key", "too_short", key(768)),
    ("mail/dkim-weak-key", "short", key(1024)),
    ("mail/dkim-weak-key", "good", key(2048)),
    ("mail/dkim-weak-key", "none_found", F(dkim_asked=("s1",))),
    ("mail/dkim-weak-key", "undecided", key(None, error="unreadable")),
    ("mail/dmarc-missing", "missing", F(mx=MX, dmarc=())),
    ("mail/dmarc-missing", "missing_without_mail", F(mx=(), null_mx=True, dmarc=())),
    ("mail/dmarc-missing", "present", F(dmarc=DMARC)),
    ("mail/dmarc-missing", "undecided", F(mx=MX)),
    ("mail/dmarc-invalid", "invalid", F(dmarc=DMARC, dmarc_errors=("p is missing",))),
    ("mail/dmarc-invalid", "valid", F(dmarc=DMARC, dmarc_policy="none")),
    ("mail/dmarc-monitor-only", "watches", F(dmarc=DMARC, dmarc_policy="none", dmarc_percent=100)),
    ("mail/dmarc-monitor-only", "in_part", F(dmarc=DMARC, dmarc_policy="reject", dmarc_percent=20)),
    ("mail/dmarc-monitor-only", "acts", F(dmarc=DMARC, dmarc_policy="reject", dmarc_percent=100)),
    ("mail/mta-sts-missing", "none", F(mx=MX, mta_sts=())),
    ("mail/mta-sts-missing", "invalid", F(mx=MX, mta_sts=("v=STSv1",))),
    ("mail/mta-sts-missing", "present", F(mx=MX, mta_sts=("v=STSv1; id=20261127;",))),
    ("mail/mta-sts-missing", "undecided", F(mx=MX)),
    ("mail/mta-sts-policy", "enforced", sts()),
    ("mail/mta-sts-policy", "enforced", sts(patterns=("other.cn", "*.example.cn"))),
    ("mail/mta-sts-policy", "testing", sts(mode="testing")),
    ("mail/mta-sts-policy", "none", sts(mode="none", patterns=())),
    ("mail/mta-sts-policy", "mx_refused", sts(patterns=("*.mx.example.cn", "example.cn"))),
    ("mail/mta-sts-policy", "mx_uncovered", sts(mode="testing", patterns=("*.cn",))),
    ("mail/mta-sts-policy", "certificate", sts(hostname_match=False)),
    ("mail/mta-sts-policy", "certificate", sts(trust={"mozilla": "expired"})),
    ("mail/mta-sts-policy", "certificate_unseen", sts(trust={}, hostname_match=None)),
    ("mail/mta-sts-policy", "certificate_unseen", sts(trust={"custom": "undecided:x"})),
    ("mail/mta-sts-policy", "invalid", sts(version="STSv2")),
    ("mail/mta-sts-policy", "invalid", sts(mode="Enforce")),
    ("mail/mta-sts-policy", "invalid", sts(max_age=None)),
    ("mail/mta-sts-policy", "invalid", sts(max_age=31557601)),
    ("mail/mta-sts-policy", "invalid", sts(patterns=())),
    ("mail/mta-sts-policy", "invalid", sts(patterns=("mx.*.cn",))),
    ("mail/mta-sts-policy", "invalid", sts(odd_lines=1)),
    ("mail/mta-sts-policy", "invalid", sts(media_type="text/html")),
    ("mail/mta-sts-policy", "absent", sts(status=404)),
    ("mail/mta-sts-policy", "absent", sts(status=301)),
    ("mail/mta-sts-policy", "absent", sts(addresses=(), asked=None, status=None)),
    ("mail/mta-sts-policy", "absent", sts(status=None, errors=failed("policy", "refused"))),
    ("mail/mta-sts-policy", "not_in_scope", sts(asked=None, status=None)),
    ("mail/mta-sts-policy", "undecided", sts(status=503)),
    ("mail/mta-sts-policy", "undecided", sts(status=429)),
    ("mail/mta-sts-policy", "undecided", sts(status=None, errors=failed("policy", "timeout"))),
    (
        "mail/mta-sts-policy",
        "undecided",
        sts(addresses=(), asked=None, status=None, errors=failed("resolve", "servfail")),
    ),
    ("mail/mta-sts-policy", "undecided", F(mx=MX, mta_sts=("v=STSv1; id=1;",))),
    ("mail/tls-rpt-missing", "none", F(mx=MX, tls_reporting=())),
    ("mail/tls-rpt-missing", "present", F(mx=MX, tls_reporting=("v=TLSRPTv1; rua=mailto:a@b.cn",))),
    ("mail/tls-rpt-missing", "undecided", F(mx=MX)),
    ("mail/dane", "none", F(mx=MX)),
    ("mail/dane", "unusable", with_tlsa(f"1 1 1 {DIGEST}", usable=False)),
    ("mail/dane", "present", with_tlsa(f"3 1 1 {DIGEST}")),
    ("mail/dane", "present", held()),
    ("mail/dane", "fits", held(tlsa_match=True, starttls=True)),
    ("mail/dane", "mismatch", held(tlsa_match=False, starttls=True)),
    ("mail/dane", "no_starttls", held(starttls=False)),
    ("mail/dane", "unsigned", with_tlsa(f"3 1 1 {DIGEST}", signed=False)),
    ("mail/dane", "undecided", F(mx=(MxFacts(host="mx.example.cn"),))),
    ("mail/mx-invalid", "broken", F(mx=(MxFacts(host="192.0.2.1"),))),
    ("mail/mx-invalid", "good", F(mx=MX)),
    ("mail/mx-invalid", "takes_no_mail", F(mx=(), null_mx=True)),
    (
        "mail/mx-invalid",
        "undecided",
        F(
            mx=(MxFacts(host="mx.example.cn"),),
            errors=(ProbeError(step="mx:mx.example.cn", kind="timeout", message="silent"),),
        ),
    ),
]


SERVERS: list[tuple[str, str, ServiceFacts]] = [
    ("mail/open-relay", "open", service(SmtpFacts(relay="accepted"))),
    ("mail/open-relay", "own_network", service(SmtpFacts(relay="accepted"), ip=LOOPBACK)),
    ("mail/open-relay", "refused", service(SmtpFacts(relay="refused"))),
    ("mail/open-relay", "deferred", service(SmtpFacts(relay="deferred"))),
    ("mail/open-relay", "undecided", service(SmtpFacts())),
    ("mail/vrfy-answers", "tells", service(SmtpFacts(verifies=True))),
    ("mail/vrfy-answers", "silent", service(SmtpFacts(verifies=False))),
    ("mail/vrfy-answers", "undecided", service(SmtpFacts())),
]


@pytest.mark.parametrize(("rule_id", "outcome", "subject"), SERVERS)
def test_outcome_of_a_server(rule_id: str, outcome: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == [outcome]


def test_the_machine_that_scans_is_in_its_own_network() -> None:
    subject = service(SmtpFacts(relay="accepted"), own_address=True)
    assert outcomes("mail/open-relay", subject) == ["own_network"]


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: MailPolicyFacts) -> None:
    assert outcomes(rule_id, domain("example.cn", facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    tried = [(rule_id, outcome) for rule_id, outcome, _ in (*CASES, *SERVERS)]
    every_outcome_is_tried({rule_id for rule_id, _ in tried}, tried)


@pytest.mark.parametrize(
    ("rule_id", "facts"),
    [
        ("mail/spf-invalid", F(spf=())),
        ("mail/spf-weak", F(spf=SPF, spf_errors=("not a term: x",))),
        ("mail/dmarc-invalid", F(dmarc=())),
        ("mail/dmarc-monitor-only", F(dmarc=())),
        ("mail/mta-sts-missing", F(mx=(), null_mx=True)),
        ("mail/mta-sts-policy", F(mx=MX, mta_sts=())),
        ("mail/mta-sts-policy", F(mx=(), mta_sts=("v=STSv1; id=1;",))),
        ("mail/tls-rpt-missing", F(mx=())),
        ("mail/dane", F(mx=())),
        ("mail/mx-invalid", F(mx=())),
    ],
)
def test_what_is_not_there_is_not_judged(rule_id: str, facts: MailPolicyFacts) -> None:
    assert outcomes(rule_id, domain("example.cn", facts)) == []


# ------------------------------------------------------------------ SPF

RECORDS = {
    "a.example": ["v=spf1 include:b.example ip4:192.0.2.0/24 -all"],
    "b.example": ["v=spf1 a mx ~all"],
    "loop.example": ["v=spf1 include:loop2.example -all"],
    "loop2.example": ["v=spf1 include:loop.example -all"],
    "many.example": ["v=spf1 " + " ".join(f"a:h{n}.example" for n in range(11)) + " -all"],
    "two.example": ["v=spf1 -all", "v=spf1 +all"],
    "wide.example": ["v=spf1 " + " ".join(f"include:w{n}.example" for n in range(60)) + " -all"],
    **{f"w{n}.example": [f"v=spf1 include:w{n + 1}.example include:w{n + 2}.example"] for n in range(70)},
}


def read(record: str, records: dict[str, list[str]] = RECORDS) -> spf.Reading:
    async def fetch(name: str) -> list[str]:
        return records.get(name, [])

    reading = spf.Reading(fetch)
    asyncio.run(reading.read(record))
    return reading


@pytest.mark.parametrize(
    ("record", "qualifier", "lookups", "error"),
    [
        ("v=spf1 -all", "-", 0, ""),
        ("v=spf1", None, 0, ""),
        ("v=SPF1 MX A:host.example/24//64 ?ALL", "?", 2, ""),
        ("v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 +all", "+", 0, ""),
        ("v=spf1 all", "+", 0, ""),
        ("v=spf1 include:a.example -all", "-", 4, ""),
        ("v=spf1 redirect=b.example", "~", 3, ""),
        ("v=spf1 -all redirect=b.example", "-", 0, ""),
        ("v=spf1 exists:%{ir}.sbl.example.org exp=why.%{d} -all", "-", 1, ""),
        ("v=spf1 include:%{d2}.example -all", "-", 1, ""),
        ("v=spf1 -all a mx", "-", 0, ""),
        ("v=spf1 unknown-modifier=x -all", "-", 0, ""),
        ("v=spf1 ip4:192.0.2.256 -all", "-", 0, "not an address"),
        ("v=spf1 ip4:2001:db8::1 -all", "-", 0, "not an address"),
        ("v=spf1 +include -all", "-", 1, "no domain"),
        ("v=spf1 all:x.example", "+", 0, "one too many"),
        ("v=spf1 mechanism:x -all", "-", 0, "no mechanism"),
        ("v=spf1 ip4=192.0.2.1 include:none.example -all", "-", 1, "no SPF record"),
        ("v=spf1 include:two.example -all", "-", 1, "2 SPF records"),
        ("v=spf1 include:loop.example -all", "-", 3, "leads to itself"),
        ("v=spf1 include:many.example -all", "-", 12, "10 are allowed"),
        ("v=spf1 <script>alert(1)</script> -all", "-", 0, "not a term"),
        ("v=spf1 a:空.example -all", "-", 0, "not ASCII"),
    ],
)
def test_an_spf_record_is_read(record: str, qualifier: str | None, lookups: int, error: str) -> None:
    reading = read(record)
    assert (reading.all, reading.lookups) == (qualifier, lookups)
    if error:
        assert any(error in told for told in reading.errors), reading.errors
    else:
        assert not reading.errors


@pytest.mark.parametrize(
    "error",
    [
        *(
            told
            for record in (
                "v=spf1 ip4:1.2.3.256 -all", "v=spf1 空 -all", "v=spf1 <b> -all", "v=spf1 redirect=b.example redirect=b.example",
                "v=spf1 mechanism:x -all", "v=spf1 include -all", "v=spf1 exists:b.example/24 -all", "v=spf1 include:x..y -all",
                "v=spf1 include:none.example -all", "v=spf1 include:two.example -all", "v=spf1 include:loop.example -all",
                "v=spf1 include:many.example -all", "v=spf1 include:faulty.example -all",
            )
            for told in read(record, RECORDS | {"faulty.example": ["v=spf1 wrong:x redirect=a redirect=b"]}).errors
        ),
        "2 SPF records", "2 DMARC records", "not a list of tags", "p=none2 is no policy", "sp= is no policy", "p is missing",
        "pct=x is no percentage", "rua is not a list of mailto: addresses", "DS records, and no DNSKEY records",
        "no DNSKEY record matches the DS records", "a signature is missing", "no RRSIGs validated", "FormError: DNS message is malformed.",
    ],
)  # fmt: skip
def test_every_error_has_a_chinese_and_an_english_sentence(error: str) -> None:
    text = said(error)
    assert re.search("[一-鿿]", text.zh), text
    plain = re.sub(r"SPF|DMARC|DNS|DNSKEY|DS|ASCII|redirect|mailto|pct|rua|FormError", "", text.zh)
    assert not re.search(r"[a-z]{3,} [a-z]{2,}", plain), "English words within a Chinese sentence"
    assert not re.search("[一-鿿]", text.en.replace("空", ""))


def test_an_error_of_which_nobody_has_heard_stands_as_it_is() -> None:
    assert said("{0} something: new") == Text("{0} something: new", "{0} something: new")


def test_records_that_lead_on_and_on_come_to_an_end() -> None:
    reading = read("v=spf1 include:wide.example -all")
    assert 10 < reading.lookups < 400
    assert any("10 are allowed" in error for error in reading.errors)


def test_what_cannot_be_had_leaves_it_open() -> None:
    async def fetch(name: str) -> list[str]:
        raise ResolveError("没有应答", "silent", kind="timeout")

    with pytest.raises(ResolveError):
        asyncio.run(spf.Reading(fetch).read("v=spf1 include:a.example -all"))


# ------------------------------------------------------------------ DKIM


def der(public: object) -> str:
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return base64.b64encode(data).decode()


def test_dkim_keys_are_measured() -> None:
    public = rsa.generate_private_key(65537, 1024).public_key()
    found = read_dkim("s", f"v=DKIM1; k=rsa; t=y; p={der(public)}")
    assert found == DkimKeyFacts(selector="s", bits=1024, testing=True)
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    found = read_dkim("s", f"k=ed25519; p={base64.b64encode(raw).decode()}")
    assert found == DkimKeyFacts(selector="s", type="ed25519", bits=256)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("v=DKIM1; p=", DkimKeyFacts(selector="s", revoked=True)),
        ("v=spf1 -all", None),
        ("v=DKIM2; p=abc", None),
        ("p=abc; p=def", None),
        ("no record", None),
    ],
)
def test_odd_dkim_records(text: str, wanted: DkimKeyFacts | None) -> None:
    assert read_dkim("s", text) == wanted


@pytest.mark.parametrize("data", ["!!!!", "AAAA", "MIIB" * 50])
def test_a_key_that_is_none_is_said(data: str) -> None:
    found = read_dkim("s", f"p={data}")
    assert found is not None
    assert found.error
    assert found.bits is None


def test_tag_lists() -> None:
    assert tags("v=DMARC1; p = none ;rua=mailto:a@b.cn;") == {
        "v": "DMARC1", "p": "none", "rua": "mailto:a@b.cn",
    }  # fmt: skip
    assert tags("") == {}
    assert tags("; ;") is None


# ------------------------------------------------------------------ MTA-STS


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"", Policy()),
        (
            b"version: STSv1\r\nmode: enforce\r\nmx: a.cn\r\nmx: *.b.cn\r\nmax_age: 86400\r\n",
            Policy(version="STSv1", mode="enforce", max_age=86400, patterns=("a.cn", "*.b.cn")),
        ),
        (b"version:STSv1\nversion: STSv2\n", Policy(version="STSv1")),
        (b"max_age: -1", Policy()),
        (b"max_age: \xd9\xa1", Policy()),
        (b"<html>\n<p>not: here</p>\n", Policy(odd_lines=2)),
        (b"mx: a.cn\n" * 5000, Policy(patterns=("a.cn",) * 100)),
        (b"mode: " + b" " * 100_000 + b"x", Policy()),
    ],
)
def test_policies_are_read_to_the_end_or_to_the_bound(body: bytes, read: Policy) -> None:
    assert read_policy(body) == read
