"""More of the arithmetic of cursors, on envelopes written by hand: where a turn ends, where an envelope stands."""

from __future__ import annotations

import pytest

from conformance.evidence import Envelope, envelopes
from conformance.judging.cursors import (
    Places,
    is_fleeting,
    lacks,
    lasting,
    missing_beginning,
    once,
    resumed,
    same_content,
    same_json,
    to_the_end,
    to_the_last_id,
)
from tests.judges.by_hand import stream


def tail(words: str) -> tuple[Envelope, ...]:
    return envelopes(stream(words))


def words(some: object) -> str:
    return " ".join(f"{e.id or ''}:{e.type}" for e in some)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("full", "kept"),
    [
        ("1:start 2:finish 3:data-title", "1:start 2:finish"),
        ("1:start 2:abort 3:finish", "1:start 2:abort"),
        ("1:start 2:text-start", "1:start 2:text-start"),
        ("0:finish 1:start 2:finish", "0:finish 1:start 2:finish"),  # the late end of the turn before
        ("1:start 2:error", "1:start 2:error"),
        ("1:start 2:error 3:finish-step 4:finish", None),
        ("1:start 2:error 3:text-end 4:reasoning-end 5:message-metadata 6:error 7:finish", None),
        ("1:start 2:error :data-x 4:finish", None),
        ("1:start 2:error 3:text-delta 4:finish", "1:start 2:error"),
        ("1:start 2:error 3:data-x 4:finish", "1:start 2:error"),
        ("1:text-start 2:finish 3:finish", "1:text-start 2:finish"),
    ],
)
def test_a_turn_goes_to_its_end(full: str, kept: str | None) -> None:
    """None: all of it."""
    assert words(to_the_end(tail(full))) == (kept or full)


def test_the_last_start_counts() -> None:
    assert words(to_the_end(tail("1:start 2:finish 3:start 4:finish 5:finish"))) == "1:start 2:finish 3:start 4:finish"


@pytest.mark.parametrize(
    ("full", "kept"),
    [
        ("1:start 2:finish", "1:start 2:finish"),
        ("1:start 2:finish :finish", "1:start 2:finish"),
        ("1:start :text-start 2:finish :finish :finish", "1:start :text-start 2:finish"),
        (":start :finish", ""),
        ("", ""),
    ],
)
def test_what_has_no_id_at_the_end_is_not_waited_for(full: str, kept: str) -> None:
    assert words(to_the_last_id(tail(full))) == kept


def test_an_envelope_stands_at_its_first_place_behind_another() -> None:
    places = Places(tail("1:start 2:text-start 1:start :finish :finish=x"))
    one, nameless, other = tail("1:start :finish 1:abort")
    assert places.of(one) == 0
    assert places.of(one, 0) == 2
    assert places.of(one, 2) == 0  # failing that, the first of all
    assert places.of(nameless) == 3
    assert places.of(other) is None
    assert places.of_id("1") == [0, 2]
    assert one in places
    assert other not in places
    assert places.any
    assert not Places(()).any


@pytest.mark.parametrize(
    ("main", "other", "first_turn", "missing"),
    [
        ("2:text-start 3:finish", "1:start 2:text-start 3:finish", False, "1:start"),
        ("2:start 3:finish", "1:text-delta 2:start 3:finish", False, ""),  # no other start before it
        ("2:start 3:finish", "1:text-delta 2:start 3:finish", True, "1:text-delta"),
        ("2:start 3:finish", "0:start 1:text-delta 2:start", False, "0:start 1:text-delta"),
        ("4:text-start", "1:start 2:finish 3:start 4:text-start", False, "3:start"),
        ("4:text-start", "1:start 2:finish 3:start 4:text-start", True, "3:start"),  # an agent may greet
        ("4:text-start", "1:start 2:data-title 4:text-start", False, "1:start"),
        ("4:text-start", ":data-x 1:start 4:text-start", True, "1:start"),
        (":data-x 4:text-start", "1:start 4:text-start", False, "1:start"),
        ("4:text-start", "4:text-start", False, ""),
        ("4:text-start", "9:text-start", False, ""),
        ("", "1:start", False, ""),
        (":data-x", "1:start", False, ""),
    ],
)
def test_what_a_tail_lacks_of_its_beginning(main: str, other: str, first_turn: bool, missing: str) -> None:
    assert words(missing_beginning(tail(main), tail(other), first_turn=first_turn)) == missing


@pytest.mark.parametrize(
    ("got", "seen", "read_out", "missing"),
    [
        ("1:start 2:text-start", "1:start 2:text-start 3:finish 4:start", True, "3:finish"),
        ("1:start 2:text-start", "1:start 2:text-start 3:error 4:finish 5:start", True, "3:error 4:finish"),
        ("1:start 2:text-start", "1:start 2:text-start 3:text-end", True, "3:text-end"),
        ("1:start 3:finish", "1:start 2:text-start 3:finish 4:data-x", True, "2:text-start"),
        ("1:start 3:finish", "1:start :data-x 3:finish", True, ""),
        ("2:text-start 3:finish", "1:start 2:text-start 3:finish", True, ""),  # before the first that both have
        ("9:start", "1:start 2:finish", True, ""),
        ("1:start 3:finish", "1:start 2:text-start 3:finish", False, "2:text-start"),
        ("1:start", "1:start 2:text-start 3:finish", False, ""),
    ],
)
def test_what_a_tail_lacks_of_another(got: str, seen: str, read_out: bool, missing: str) -> None:
    assert words(lacks(tail(got), tail(seen), read_out=read_out)) == missing


FULL = tail("1:start 2:text-start :text-delta=x 3:text-end 4:finish")


@pytest.mark.parametrize(
    ("after", "got", "kind"),
    [
        ("2", ":text-delta=x 3:text-end 4:finish", None),
        ("2", "3:text-end 4:finish", None),  # what has no id directly behind it is left open
        ("1", "2:text-start 3:text-end 4:finish", "lost"),
        ("2", "2:data-other 3:text-end 4:finish", "repeated"),  # the id itself, whatever is under it
        ("2", "1:start 3:text-end 4:finish", "repeated"),
        ("2", "3:text-end=y 4:finish", "changed"),
        ("2", "3:text-end 4:finish 9:start 10:finish", None),  # the next turn's
        ("4", "9:start 10:finish", None),
        ("2", "3:text-end 9:start 4:finish", "foreign"),
        ("2", "4:finish 3:text-end", "order"),
        ("9", "1:start", None),  # an id that is none of the turn's
        (None, "1:start 2:text-start :text-delta=x 3:text-end 4:finish", None),
        (None, "2:text-start :text-delta=x 3:text-end 4:finish", "lost"),
        (None, "1:start 2:text-start 3:text-end 4:finish", "lost"),
    ],
)
def test_a_tail_that_was_opened_again_goes_on(after: str | None, got: str, kind: str | None) -> None:
    text = got.replace("3:text-end=y", "3:text-start")
    found = resumed(FULL, after, tail(text), whole=True)
    assert (found.kind if found else None) == kind


def test_a_repeat_with_other_data_is_kept_for_the_rule_that_finds_it() -> None:
    assert words(once(tail("1:start 1:start 1:abort 2:finish 2:finish :start :start"))) == (
        "1:start 1:abort 2:finish :start :start"
    )


def test_fleeting_parts_last_nowhere() -> None:
    assert words(lasting(tail("1:start :data-x 2:data-x :text-delta=y"))) == "1:start 2:data-x :text-delta"
    assert is_fleeting(tail(":data-x")[0])
    assert not is_fleeting(tail("1:data-x")[0])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({}, "x", False),
        ("x", {}, False),
        ([], "x", False),
        ({"a": []}, {"a": {}}, False),
        ({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}, True),
        ([1], [1, 1], False),
        ({"a": 1}, {"b": 1}, False),
    ],
)
def test_values_of_two_kinds_are_not_equal(one: object, other: object, equal: bool) -> None:
    assert same_json(one, other) is equal
    assert same_json(other, one) is equal


def test_a_signed_address_is_the_same_whoever_signs_it() -> None:
    def source(url: str, kind: str = "source-url") -> Envelope:
        frame = stream("1:start")[0]
        data = f'{{"type": "{kind}", "sourceId": "s", "url": "{url}"}}'
        return Envelope(type(frame)(0.0, type(frame.event)(data, "", "1", "1", None)))

    assert same_content(source("https://x/y?sig=1"), source("https://x/y?sig=2"))
    assert same_content(source("http://x/y?sig=1", "file"), source("http://x/y", "file"))
    assert not same_content(source("https://x/y?sig=1"), source("https://x/z?sig=1"))
    assert not same_content(source("data:x?1"), source("data:x?2"))
    assert not same_content(source("https://x/y?1", "data-link"), source("https://x/y?2", "data-link"))
    assert not same_content(source("https://x/y?1"), Envelope(stream("1:start")[0]))
