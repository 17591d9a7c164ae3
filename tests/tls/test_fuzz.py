"""Every target of ``tests/fuzz``: over the stored corpus, and over bytes that hypothesis makes and damages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import CORPUS, TARGETS

STORED = sorted(path for name in TARGETS if (CORPUS / name).is_dir() for path in (CORPUS / name).iterdir())


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_stored_corpus(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_a_corpus(name: str) -> None:
    assert sum(path.parent.name == name for path in STORED) >= 2


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """Bytes at random, or a stored input with a few places changed, taken out or put in."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=300))
    data = bytearray(
        draw(st.sampled_from([path for path in STORED if path.parent.name == name])).read_bytes()
    )
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                data[place : place + 1] = bytes((draw(st.integers(0, 255)),))
            case "cut":
                del data[place : place + draw(st.integers(1, 8))]
            case _:
                data[place:place] = draw(st.binary(min_size=1, max_size=8))
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(damaged(name)))
