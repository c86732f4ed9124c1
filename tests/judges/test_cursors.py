"""The arithmetic of cursors, on envelopes written by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.evidence import Envelope, envelopes
from conformance.judging.cursors import (
    difference,
    lacks,
    missing_beginning,
    once,
    rest,
    resumed,
    same,
    same_json,
    shown,
    stream_id,
)
from conformance.recording import Frame
from conformance.sse import Event


def envelope(id: str | None, kind: str = "text-delta", **fields: Any) -> Envelope:
    data = json.dumps({"type": kind, **fields})
    return envelopes([Frame(0.0, Event(data, "", id, id or "", None))])[0]


def turn(*ids: str | None) -> list[Envelope]:
    return [envelope(one, delta=f"at {one}") for one in ids]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1526919030474-55", (1526919030474, 55)),
        ("0-0", (0, 0)),
        ("18446744073709551615-18446744073709551615", (2**64 - 1, 2**64 - 1)),
        ("1-" + "9" * 5000, None),
        ("1526919030474", None),
        ("-1-1", None),
        ("1-1\n", None),
        ("\u0661-\u0661", None),
        ("", None),
        (None, None),
    ],
)
def test_only_two_numbers_are_a_stream_id(text: str | None, expected: tuple[int, int] | None) -> None:
    assert stream_id(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (False, 0, False),
        (True, True, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ([], {}, False),
        ([[True]], [[1]], False),
        ("1", 1, False),
        (None, False, False),
    ],
)
def test_json_values_are_compared_as_json(one: Any, other: Any, equal: bool) -> None:
    assert same_json(one, other) is equal
    assert same_json(other, one) is equal


def test_deep_values_are_compared_without_recursion() -> None:
    one: Any = []
    other: Any = []
    for _ in range(100_000):
        one, other = [one], [other]
    assert same_json(one, other)
    while one:  # freed step by step: the interpreter frees nested lists by recursion
        one, other = one.pop(), other.pop()


def test_data_that_is_no_json_is_compared_as_text() -> None:
    frame = Frame(0.0, Event("NaN{", "", "1", "1", None))
    assert same(Envelope(frame), Envelope(frame))
    assert not same(Envelope(frame), envelope("1"))


FULL = turn("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (FULL, None),
        (FULL[1:], "lost"),
        (FULL[:-1], "lost"),
        ([*FULL[:2], FULL[3]], "lost"),
        ([FULL[0], *FULL], "repeated"),
        ([FULL[1], FULL[0], *FULL[2:]], "order"),
        ([*FULL[:3], envelope("4", delta="other")], "changed"),
        ([*FULL, envelope("5")], "foreign"),
        ([], "lost"),
    ],
)
def test_a_difference_is_named(got: list[Envelope], kind: str | None) -> None:
    found = difference(FULL, got)
    assert (found.kind if found else None) == kind


def test_what_a_cut_tail_has_not_reached_is_not_lost() -> None:
    assert difference(FULL, FULL[:2], whole=False) is None
    assert difference(FULL, [], whole=False) is None
    found = difference(FULL, [FULL[0], FULL[2]], whole=False)
    assert found is not None
    assert found.kind == "lost"


def test_a_transient_part_may_be_missing_or_there() -> None:
    fleeting = envelope("2x", "data-progress", transient=True, data=1)
    assert difference([*FULL[:2], fleeting, *FULL[2:]], FULL) is None
    assert difference(FULL, [*FULL[:2], fleeting, *FULL[2:]]) is None
    lasting = envelope("2x", "data-progress", data=1)
    assert difference([*FULL[:2], lasting, *FULL[2:]], FULL) is not None


@pytest.mark.parametrize(
    ("after", "got", "kind"),
    [
        ("2", FULL[2:], None),
        (None, FULL, None),
        ("4", [], None),
        ("4", turn("5", "6"), None),  # the next turn's
        ("2", [*FULL[2:], *turn("5")], None),
        ("2", FULL[1:], "repeated"),
        ("3", FULL, "repeated"),
        ("4", FULL[3:], "repeated"),
        ("2", FULL[3:], "lost"),
        ("2", FULL[2:3], "lost"),
        ("2", [], "lost"),
        (None, FULL[1:], "lost"),
    ],
)
def test_a_resumed_tail_is_the_rest(after: str | None, got: list[Envelope], kind: str | None) -> None:
    found = resumed(FULL, after, got, whole=True)
    assert (found.kind if found else None) == kind


def test_envelopes_without_an_id_behind_the_cut_are_left_open() -> None:
    full = [*turn("1"), *turn(None), *turn("2")]
    assert resumed(full, "1", full[1:], whole=True) is None
    assert resumed(full, "1", full[2:], whole=True) is None
    assert resumed(full, "1", [], whole=True) is not None


def test_an_id_that_stands_in_two_places_names_no_rest() -> None:
    assert rest([*FULL, envelope("2", delta="another")], "2") is None
    assert rest(once([*FULL, FULL[1]]), "2") == tuple(FULL[2:])


def test_the_beginning_that_a_tail_lacks_is_told_from_the_turn_before() -> None:
    end = [envelope("0", "finish-step"), envelope("1", "finish")]
    title = envelope("1a", "data-title", data="x")
    own = [envelope("2", "start"), envelope("3", "start-step"), envelope("4", "finish")]
    assert missing_beginning(own, [*end, title, *own]) == ()
    assert missing_beginning(own[1:], [*end, title, *own]) == (own[0],)
    late = envelope("1b", "message-metadata", messageMetadata={})
    assert missing_beginning(own, [late, *own]) == ()


def test_what_another_tail_has_more_is_told_up_to_the_end_of_the_turn() -> None:
    own = [*FULL, envelope("5", "finish")]
    following = envelope("6", "start")
    assert lacks(own, [*own, following], read_out=True) == ()
    assert lacks(FULL[:3], [*own, following], read_out=True) == tuple(own[3:])
    assert lacks(FULL[:3], own, read_out=False) == ()
    assert lacks([FULL[0], FULL[2]], FULL, read_out=False) == (FULL[1],)


def test_what_is_shown_is_short_and_harmless() -> None:
    assert shown("\x1b[2J") == "\\u001b[2J"
    assert len(shown("x" * 10_000)) == 80
    assert shown(None) == "null"
    assert "\n" not in shown("a\nb")
