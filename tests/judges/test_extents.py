"""How far two tails are compared, and where a turn can begin."""

from __future__ import annotations

import pytest

from conformance.evidence import envelopes
from conformance.judging.extents import begins_in_the_middle, shared_end
from tests.judges.by_hand import stream

FULL = envelopes(stream("1:start 2:text-start 3:finish 4:data-title 5:start"))


def ids(tail: object) -> list[str]:
    return [e.id for e in tail]  # type: ignore[attr-defined]


def test_each_is_taken_to_the_last_end_that_the_other_has() -> None:
    one, two = shared_end(FULL, FULL[:3])
    assert (ids(one), ids(two)) == (["1", "2", "3"], ["1", "2", "3"])
    one, two = shared_end(FULL[:4], FULL)
    assert (ids(one), ids(two)) == (["1", "2", "3"], ["1", "2", "3"])


@pytest.mark.parametrize("words", ["1:start 2:text-start", "1:start :finish", "1:start 9:finish", ""])
def test_without_a_shared_end_nothing_is_left_out(words: str) -> None:
    one, _ = shared_end(FULL, envelopes(stream(words)))
    assert ids(one) == ["1", "2", "3", "4", "5"]


def test_of_several_ends_the_last_counts() -> None:
    both = envelopes(stream("1:error 2:finish 3:start"))
    one, _ = shared_end(both, both)
    assert ids(one) == ["1", "2"]


@pytest.mark.parametrize("kind", ["text-delta", "text-end", "reasoning-delta", "reasoning-end", "tool-input-delta"])
def test_what_goes_on_with_something_never_begun_lies_in_the_middle(kind: str) -> None:
    found = begins_in_the_middle(envelopes(stream(f"1:start-step 2:{kind} 3:finish")))
    assert found is not None
    assert found.id == "2"


@pytest.mark.parametrize("kind", ["text-start", "reasoning-start", "tool-input-start", "tool-input-available"])
def test_what_begins_a_part_or_a_call_is_a_beginning(kind: str) -> None:
    assert begins_in_the_middle(envelopes(stream(f"1:{kind} 2:text-delta 3:finish"))) is None


@pytest.mark.parametrize("words", ["", "1:start 2:finish", "1:data-title 2:finish"])
def test_a_tail_without_parts_begins_anywhere(words: str) -> None:
    assert begins_in_the_middle(envelopes(stream(words))) is None
