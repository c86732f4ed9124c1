"""ACC-08 on recordings written by hand: where the id of a message is looked for, and when it is missing."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_accepted as accepted
from tests.judges.by_hand import ID, SESSION, exchange, found, outcome, post, recording

NAMED = accepted.test_the_message_id_is_found_in_the_replay
NOT_TO_THE_END = "untested: the messages were not replayed, or not to their last page"


def page(body: Any, step: str = "messages", status: int = 200, *, at: float = 50.0, **facts: Any) -> Exchange:
    values = {"journey": "dialogue", "session": SESSION, **facts}
    return exchange(f"{values.pop('journey')}/{step}", "list-messages", status, body, at=at, method="GET", **values)


def listing(*messages: Any, pagination: Any = None) -> Any:
    meta = {"request_id": ID} if pagination is None else {"request_id": ID, "pagination": pagination}
    return {"data": list(messages), "meta": meta}


def numbered(value: Any) -> Exchange:
    """A first turn with that message id."""
    return post(1, body={"data": {"chat_turn_id": "w", "user_message_id": value, "since_cursor": None}, "meta": {}})


@pytest.mark.parametrize(
    "body",
    [
        listing({"id": "message-1"}),
        listing({"id": "x", "deep": [{"a": {"b": ["message-1"]}}]}),
        "message-1",
        ["y", "message-1", 3, None, True],
    ],
)
def test_it_may_stand_anywhere_in_the_replay(body: Any) -> None:
    assert found(NAMED, recording(post(), page(body))) == "kept"


@pytest.mark.parametrize(
    "body", [listing(), listing({"id": "message-10"}), {"message-1": "a name is no value"}, None, b"{"]
)
def test_a_replay_without_it_breaks_the_rule(body: Any) -> None:
    assert outcome(NAMED, recording(post(), page(body))) == "violation"


@pytest.mark.parametrize(
    ("wanted", "shown", "kept"),
    [
        ("17", 17, True),  # a server may number its messages
        ("17", 18, False),
        ("-3", -3, True),
        ("1", True, False),
        ("True", True, False),
        ("1.5", 1.5, False),
        ("9" * 40, int("9" * 40), True),
        ("1" + "0" * 40, int("1" + "0" * 40), False),
        ("-1" + "0" * 40, -int("1" + "0" * 40), False),
    ],
)
def test_a_whole_number_counts_as_its_text(wanted: str, shown: Any, kept: bool) -> None:
    played = recording(numbered(wanted), page(listing({"id": "x"}, {"id": shown})))
    assert (outcome(NAMED, played) == "kept") is kept


@pytest.mark.parametrize("wanted", [None, "", 5])
def test_an_id_that_is_no_text_is_the_finding_of_another_rule(wanted: Any) -> None:
    assert found(NAMED, recording(numbered(wanted), page(listing()))) == "untested: no message was accepted"
    assert found(NAMED, recording(numbered(wanted), post(2), page(listing({"id": "message-2"})))) == "kept"


@pytest.mark.parametrize(
    "other",
    [
        {"session": "session-2"},
        {"journey": "refusals"},
        {"at": 10.005},
        {"limited": True},
        {"status": 500},
        {"step": "replay"},
    ],
)
def test_only_a_replay_of_the_session_from_after_the_post_tells(other: dict[str, Any]) -> None:
    assert found(NAMED, recording(post(), page(listing(), **other))) == NOT_TO_THE_END


def test_from_the_moment_of_the_202_on_it_is_there() -> None:
    answered = post().answered_at
    assert outcome(NAMED, recording(post(), page(listing(), at=answered))) == "violation"


@pytest.mark.parametrize(
    ("pagination", "ends"),
    [
        (None, True),
        ("odd", True),
        ({"has_more": False, "next_cursor": None}, True),
        ({"has_more": False, "next_cursor": "c"}, True),
        ({"has_more": None, "next_cursor": None}, True),
        ({"has_more": None, "next_cursor": ""}, True),
        ({}, True),
        ({"has_more": True, "next_cursor": None}, False),
        ({"has_more": True, "next_cursor": "c"}, False),
        ({"next_cursor": "c"}, False),
        ({"has_more": None, "next_cursor": "c"}, False),
        ({"has_more": 1, "next_cursor": None}, True),
    ],
)
def test_where_there_are_more_pages_it_may_stand_on_them(pagination: Any, ends: bool) -> None:
    expected = "violation" if ends else "untested"
    assert outcome(NAMED, recording(post(), page(listing(pagination=pagination)))) == expected


@pytest.mark.parametrize("body", [{"data": [], "meta": None}, {"data": []}, [], None])
def test_a_page_without_meta_is_the_last(body: Any) -> None:
    assert outcome(NAMED, recording(post(), page(body))) == "violation"


def test_the_last_page_of_each_replay_decides() -> None:
    more, end = {"has_more": True, "next_cursor": "c"}, {"has_more": False, "next_cursor": None}
    first, second = page(listing(pagination=more)), page(listing(pagination=end), "messages/2", at=51.0)
    assert outcome(NAMED, recording(post(), first, second)) == "violation"
    endless = page(listing(pagination=more), "messages/2", at=51.0)
    assert found(NAMED, recording(post(), first, endless)) == NOT_TO_THE_END
    other = page(listing(pagination=end), "messages-later", at=52.0)
    assert found(NAMED, recording(post(), first, endless, other)) == NOT_TO_THE_END


def test_one_turn_that_is_found_is_enough_where_the_others_cannot_be_told() -> None:
    more = {"has_more": True, "next_cursor": "c"}
    assert found(NAMED, recording(post(1), post(2), page(listing({"id": "message-1"}, pagination=more)))) == "kept"
    assert outcome(NAMED, recording(post(1), post(2), page(listing({"id": "message-1"})))) == "violation"


def test_without_an_accepted_message_it_is_untested() -> None:
    assert found(NAMED, recording(post(1, 409), page(listing()))) == "untested: no message was accepted"
