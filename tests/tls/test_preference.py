"""Whose order of cipher suites counts, told from choices: servers with an order, without one, and those in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.tls.preference import Evidence, whose_order

A, B, C = 0xC02F, 0xC030, 0x009C
CHACHA = 0xCCA8
Choice = Callable[[tuple[int, ...]], int | None]


def judge(found: Sequence[int], offers: Sequence[tuple[tuple[int, ...], int]], choose: Choice) -> bool | None:
    evidence = Evidence()
    for offer, chosen in offers:
        evidence.add(offer, chosen)

    async def ask(offer: tuple[int, ...]) -> int | None:
        return choose(offer)

    return asyncio.run(whose_order(found, evidence, ask))


def never(offer: tuple[int, ...]) -> int | None:
    raise AssertionError("what was seen is enough")


def own_order(*order: int) -> Choice:
    return lambda offer: next((suite for suite in order if suite in offer), None)


def first_of(*accepted: int) -> Choice:
    return lambda offer: next((suite for suite in offer if suite in accepted), None)


@pytest.mark.parametrize(
    ("offers", "served"),
    [
        ([((A, B, C), B)], True),
        ([((A, B, C), A), ((B, A, C), B)], False),
        # Not the first of the offer, and yet no order: C is put last, the client's order counts for the rest.
        ([((C, A, B), A), ((B, A), B)], False),
        # ChaCha20 in front may be chosen for the client's sake whatever the order (OpenSSL's PrioritizeChaCha).
        ([((CHACHA, A, B), CHACHA), ((A, B, CHACHA), A), ((B, A), B)], False),
    ],
)
def test_what_was_seen_is_enough(offers: list[tuple[tuple[int, ...], int]], served: bool) -> None:
    assert judge((A, B, C, CHACHA), offers, never) is served


@pytest.mark.parametrize(
    ("found", "choose", "served"),
    [
        ((A, B, C), own_order(A, B, C), True),
        ((A, B, C), first_of(A, B, C), False),
        ((A, B), lambda offer: None, None),
        ((A, CHACHA), own_order(A, CHACHA), True),
        # Follows the client, or puts ChaCha20 first for clients that do: both look the same.
        ((A, CHACHA), first_of(A, CHACHA), None),
    ],
)
def test_what_is_open_is_asked(found: tuple[int, ...], choose: Choice, served: bool | None) -> None:
    assert judge(found, [], choose) is served


def test_an_answer_that_no_order_allows_outweighs_one_that_is_not_the_first() -> None:
    late = C

    def choose(offer: tuple[int, ...]) -> int | None:
        return min(offer, key=lambda suite: (suite == late, offer.index(suite)))

    assert judge((A, B, C), [((A, B, C), A), ((B, C), B)], choose) is False


def test_one_suite_has_no_order() -> None:
    assert judge((A,), [], never) is None


SUITES = (0xC02F, 0xC030, 0x009C, 0x009D, 0x002F, 0x0035)


@given(st.permutations(SUITES), st.lists(st.permutations(SUITES), max_size=4))
def test_an_order_is_told_from_none(order: list[int], offers: list[list[int]]) -> None:
    for choose, served in ((own_order(*order), True), (first_of(*order), False)):
        seen = [(tuple(offer), choose(tuple(offer)) or 0) for offer in offers]
        assert judge(order, seen, choose) is served
