"""IDEM-01 to IDEM-03 on recordings written by hand: duplicates with attachments, and turns later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_later_duplicates as later_duplicates
from tests.judges.by_hand import SESSION, exchange, outcome, post, recording

KEY = "client-key-1"
NAMED = {"error": {"code": "CONFLICT", "message": "again", "details": {"id": "message-1"}}, "meta": {}}
UNNAMED = {"error": {"code": "CONFLICT", "message": "busy"}, "meta": {}}
WITH = later_duplicates.test_a_duplicate_of_a_message_with_attachments_gets_409
TURNS_LATER = later_duplicates.test_a_duplicate_two_turns_later_gets_409
NAMED_LATER = later_duplicates.test_the_conflict_two_turns_later_names_the_original
STORED = later_duplicates.test_a_duplicate_with_attachments_is_not_stored


def sent(*paths: str) -> list[dict[str, str]]:
    return [{"blob_path": path, "mime": "image/png"} for path in paths]


def attached(turn: int, *paths: str, status: int = 202, **more: Any) -> Exchange:
    return post(turn, status, journey="attachments", sent_attachments=sent(*paths), **more)


def repeated(step: str, status: int = 409, body: Any = NAMED, journey: str = "attachments", **more: Any) -> Exchange:
    values = {"client_message_id": KEY, "part": "duplicate", "at": 35.0, **more}
    return post(9, status, journey=journey, name=f"{journey}/{step}", body=body, **values)


PICTURES = [attached(1, "a", client_message_id=KEY), attached(2, "b"), attached(3, "c")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(409, "kept"), (202, "violation"), (400, "violation"), (500, "violation"), (429, "untested"), (0, "untested")],
)
def test_neither_attachments_nor_later_turns_make_an_id_new(status: int, expected: str) -> None:
    assert outcome(WITH, recording(*PICTURES, repeated("duplicate-1", status))) == expected
    assert outcome(TURNS_LATER, recording(*PICTURES, repeated("duplicate-late", status))) == expected
    raced = post(1, journey="racing", client_message_id=KEY)
    late = repeated("duplicate-late", status, journey="racing")
    assert outcome(TURNS_LATER, recording(raced, late)) == expected


@pytest.mark.parametrize(
    "played",
    [
        PICTURES,
        [repeated("duplicate-1", 202)],
        [*PICTURES, repeated("duplicate-1", 202, client_message_id="another")],
        [*PICTURES, repeated("duplicate-1", 202, client_message_id=None)],
        [attached(1, "a", status=422, client_message_id=KEY), repeated("duplicate-1", 202)],
    ],
)
def test_without_the_original_or_its_duplicate_nothing_is_judged(played: list[Exchange]) -> None:
    assert outcome(WITH, recording(*played)) == "untested"
    renamed = [e for e in played if e.step != "duplicate-1"]
    assert outcome(TURNS_LATER, recording(*renamed)) == "kept"
    assert outcome(NAMED_LATER, recording(*played)) == "kept"


@pytest.mark.parametrize(
    ("journey", "step"),
    [("attachments", "duplicate-1"), ("attachments", "duplicate-late"), ("racing", "duplicate-late")],
)
@pytest.mark.parametrize(
    ("status", "body", "busy", "kept"),
    [
        (409, NAMED, False, True),
        (409, UNNAMED, False, False),
        (422, UNNAMED, False, True),
        (409, UNNAMED, True, True),
    ],
)
def test_turns_later_the_original_is_named_as_well(
    journey: str, step: str, status: int, body: Any, busy: bool, kept: bool
) -> None:
    told = [post(8, 409, name="dialogue/busy", part="busy", busy=True)] if busy else []
    played = [post(1, journey=journey, client_message_id=KEY), repeated(step, status, body, journey), *told]
    assert outcome(NAMED_LATER, recording(*played)) == ("kept" if kept else "violation")


def listing(*paths: Sequence[str], status: int = 200, more: bool = False) -> Exchange:
    body = {"data": [{"files": list(one)} for one in paths], "meta": {"pagination": {"has_more": more}}}
    return exchange("attachments/messages", "list-messages", status, body, at=40.0, method="GET", session=SESSION)


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        ([["a"], ["b"], ["c"]], True),
        ([["a"], ["a"], ["b"], ["c"]], False),
        ([["a"], ["a"], ["b"], ["b"], ["c"], ["c"]], True),
        ([["a"], ["a", "b"], ["a", "b", "c"]], True),  # each message repeats what came before it
        ([["a"], ["a"]], True),  # the others are not shown: a replay may lag
        ([["b"], ["c"]], True),
    ],
)
def test_attachments_that_were_sent_twice_are_shown_as_often_as_others(paths: Any, kept: bool) -> None:
    played = [*PICTURES, repeated("duplicate-1"), listing(*paths)]
    assert outcome(STORED, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    "played",
    [
        [*PICTURES, repeated("duplicate-1", 202), listing(["a"], ["a"], ["b"], ["c"])],
        [*PICTURES, repeated("duplicate-1")],
        [*PICTURES, repeated("duplicate-1"), listing(["a"], ["a"], ["b"], ["c"], more=True)],
        [*PICTURES, repeated("duplicate-1"), listing(["a"], ["a"], ["b"], ["c"], status=500)],
        [*PICTURES[:2], repeated("duplicate-1"), listing(["a"], ["a"], ["b"])],
        [*PICTURES[:2], attached(3, "c", status=422), repeated("duplicate-1"), listing(["a"], ["a"], ["b"])],
        [*PICTURES, listing(["a"], ["a"], ["b"], ["c"])],
        [*PICTURES[1:], repeated("duplicate-1"), listing(["a"], ["a"], ["b"], ["c"])],
        [
            attached(1, client_message_id=KEY),
            *PICTURES[1:],
            repeated("duplicate-1"),
            listing(["a"], ["a"], ["b"], ["c"]),
        ],
    ],
)
def test_without_a_replay_of_three_messages_copies_are_not_counted(played: list[Exchange]) -> None:
    assert outcome(STORED, recording(*played)) == "kept"


def test_of_several_attachments_the_one_shown_least_often_counts() -> None:
    two = [attached(1, "a", "x", client_message_id=KEY), *PICTURES[1:], repeated("duplicate-1")]
    assert outcome(STORED, recording(*two, listing(["a", "x"], ["a"], ["b"], ["c"]))) == "kept"
    assert outcome(STORED, recording(*two, listing(["a", "x"], ["a", "x"], ["b"], ["c"]))) == "violation"
