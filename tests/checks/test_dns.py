"""DNS server rules on facts alone: every declared outcome, and for whom recursion is a risk."""

from __future__ import annotations

import pytest

from checks.model import Status
from scanner.facts import DnsFacts, ProbeError, ServiceFacts
from tests.checks.judging import (
    LOOPBACK,
    PRIVATE,
    PUBLIC,
    every_outcome_is_tried,
    findings,
    outcomes,
    service,
)

OPEN = DnsFacts(answers=True, recursion_available=True, recursive_answer=True, rcode="NOERROR")
CLAIMED = DnsFacts(answers=True, recursion_available=True, rcode="SERVFAIL")
CLOSED = DnsFacts(answers=True, recursion_available=False, recursive_answer=False, rcode="REFUSED")
SILENT = DnsFacts(answers=True, errors=(ProbeError(step="version", kind="timeout", message="silent"),))

CASES = [
    ("dns/open-recursion", "open", service(OPEN)),
    ("dns/open-recursion", "inside", service(OPEN, ip=PRIVATE)),
    ("dns/open-recursion", "own_machine", service(OPEN, ip=LOOPBACK)),
    ("dns/open-recursion", "closed", service(CLOSED)),
    ("dns/open-recursion", "undecided", service(CLAIMED)),
    ("dns/version-disclosure", "shown", service(DnsFacts(answers=True, version_bind="9.18.1-Debian"))),
    ("dns/version-disclosure", "hidden", service(DnsFacts(answers=True, version_bind="go away"))),
    ("dns/version-disclosure", "undecided", service(SILENT)),
]


@pytest.mark.parametrize(("rule_id", "outcome", "subject"), CASES)
def test_outcome(rule_id: str, outcome: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    every_outcome_is_tried({case[0] for case in CASES}, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def test_a_claim_that_was_not_borne_out_is_neither_pass_nor_failure() -> None:
    (finding,) = findings("dns/open-recursion", service(CLAIMED))
    assert finding.status is Status.INCONCLUSIVE


def test_what_an_own_public_address_does_for_its_own_machine_says_nothing_of_others() -> None:
    assert outcomes("dns/open-recursion", service(OPEN, ip=PUBLIC, own_address=True)) == ["own_machine"]


def test_no_answer_to_the_version_is_hidden() -> None:
    assert outcomes("dns/version-disclosure", service(DnsFacts(answers=True))) == ["hidden"]
