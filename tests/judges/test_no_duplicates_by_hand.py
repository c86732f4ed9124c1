"""IDEM-01 and IDEM-04 on recordings written by hand: messages that are no duplicates."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_no_duplicates as none
from tests.judges.by_hand import SESSION, exchange, found, outcome, post, recording, rival, stream, tail
from tests.judges.raced import FOUR, KEY, NAMED, ONE, THREE, TWO, UNNAMED, same

FIRST = tail(stream(ONE), journey="racing")


# --- IDEM-01: what is no duplicate ------------------------------------------------------------------------------------


OWN_ID = none.test_an_id_of_its_own_is_no_duplicate
NOT_USED_UP = none.test_a_refused_message_uses_no_id_up
NEVER = none.test_absent_and_null_ids_never_deduplicate


def refused(key: Any = "another-key", **more: Any) -> Exchange:
    values = {"status": 409, "body": NAMED, "client_message_id": key, "at": 20.0, **more}
    return rival(1, values.pop("status"), **values)


WON = [same(1, 202), FIRST]


@pytest.mark.parametrize(
    ("played", "kept"),
    [
        ([*WON, refused()], False),
        ([*WON, refused(KEY.upper())], False),
        ([*WON, refused(KEY)], True),
        ([*WON, refused(None)], True),  # IDEM-04 says so
        ([*WON, refused(body=UNNAMED)], True),
        ([*WON, refused(status=422)], True),
        ([*WON, refused(busy=True)], True),
        ([WON[0], refused()], True),  # its turn was not read: it may be busy with it
        ([WON[0], tail(stream(ONE), journey="racing", ending="time-limit"), refused()], True),
        ([WON[0], tail(stream(ONE), journey="racing", ended=20.0), refused()], True),
        ([WON[0], tail(stream(ONE), journey="racing", ended=19.9), refused()], False),
        ([*WON, refused(at=9.0)], True),
        ([*WON, post(1, journey="refusals", session="session-2", at=19.0), refused()], True),  # a busy tenant
        ([WON[0], refused(name="dialogue/rival-1")], True),
    ],
)
def test_a_message_is_not_refused_in_the_name_of_another(played: list[Exchange], kept: bool) -> None:
    assert outcome(OWN_ID, recording(*played)) == ("kept" if kept else "violation")


def told(status: int = 409, **more: Any) -> Exchange:
    values = {"part": "probe", "at": 9.0, **more}
    return post(1, status, journey="attachments", name="attachments/turn-1/refused-id", **values)


def first_refused(status: int, number: int = 1, operation: Any = "append-message") -> Exchange:
    return exchange(f"attachments/refuse-first-{number}", operation, status, at=8.0, session=SESSION)


ACCEPTED = post(1, journey="attachments")


@pytest.mark.parametrize(
    ("played", "kept"),
    [
        ([first_refused(422), told(), ACCEPTED], False),
        ([told(), ACCEPTED], False),
        ([first_refused(422), told(202), ACCEPTED], True),
        ([first_refused(422), told(422), ACCEPTED], True),
        ([first_refused(422), told()], True),
        ([first_refused(422), told(), post(1, 409, journey="attachments")], True),
        ([first_refused(422), ACCEPTED], True),
        ([first_refused(202), told(), ACCEPTED], True),
        ([first_refused(422), first_refused(202, 2), told(), ACCEPTED], True),
        ([first_refused(500), told(), ACCEPTED], True),
        ([first_refused(200, 2, "request-upload-url"), told(), ACCEPTED], False),
        (
            [
                told(),
                post(1, 503, journey="attachments", name="attachments/turn-1/post/outage-1", outage=True),
                ACCEPTED,
            ],
            True,
        ),
        ([told(), post(1, 409, journey="attachments", name="attachments/turn-1/busy-1"), ACCEPTED], True),
        ([told(), post(1, journey="refusals", session="session-2", at=8.9), ACCEPTED], True),
    ],
)
def test_a_refused_message_uses_no_id_up(played: list[Exchange], kept: bool) -> None:
    assert outcome(NOT_USED_UP, recording(*played)) == ("kept" if kept else "violation")


# --- IDEM-04 ----------------------------------------------------------------------------------------------------------


def absent(turn: int, status: int = 202, journey: str = "dialogue", **more: Any) -> Exchange:
    return post(turn, status, journey=journey, **more)


def null(turn: int, status: int = 202, **more: Any) -> Exchange:
    return absent(turn, status, client_message_id=None, **more)


FOUR_POSTS = [absent(1), absent(2), null(3), null(4)]


def with_ids(turn: int, message: Any, workflow: str, **more: Any) -> Exchange:
    data = {"chat_turn_id": workflow, "user_message_id": message, "since_cursor": None}
    return absent(turn, body={"data": data, "meta": {}}, **more)


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        (FOUR_POSTS, "kept"),
        ([absent(1), absent(2, journey="duplicates"), null(3), null(4)], "kept"),
        (FOUR_POSTS[:3], "untested"),
        (FOUR_POSTS[1:], "untested"),
        ([absent(1), absent(2, journey="refusals"), null(3), null(4)], "untested"),
        ([*FOUR_POSTS, absent(5, 409)], "untested"),
        ([*FOUR_POSTS, absent(5, 429)], "untested"),
        ([*FOUR_POSTS, absent(5, 409, journey="refusals")], "kept"),
        ([*FOUR_POSTS, absent(5, 409, limited=True)], "kept"),
        ([*FOUR_POSTS, absent(5, 503, outage=True)], "kept"),
        ([*FOUR_POSTS, absent(5, 409, part="busy")], "kept"),
        ([*FOUR_POSTS, absent(5, 409, client_message_id="key")], "kept"),
        ([*FOUR_POSTS, with_ids(5, "message-1", "w-5")], "violation"),
        ([*FOUR_POSTS, with_ids(5, "message-4", "w-5", client_message_id=None)], "violation"),
        ([*FOUR_POSTS, with_ids(5, "message-1", "w-5", session="session-2")], "kept"),  # counted in each session
        ([*FOUR_POSTS, with_ids(5, "message-1", "turn-1", session="session-2")], "violation"),
        ([*FOUR_POSTS, with_ids(5, None, "w-5"), with_ids(6, None, "w-5")], "kept"),
        ([*FOUR_POSTS, with_ids(5, "", "w-5"), with_ids(6, "", "w-5")], "kept"),
        ([*FOUR_POSTS, with_ids(1, "message-1", "turn-1", journey="attachments", at=60.0)], "violation"),
    ],
)
def test_equal_messages_without_an_id_are_each_a_message(played: list[Exchange], expected: str) -> None:
    assert outcome(NEVER, recording(*played)) == expected


READ = [
    *FOUR_POSTS,
    tail(stream(ONE)),
    tail(stream(TWO, 20.5), 2),
    tail(stream(THREE, 30.5), 3),
    tail(stream(FOUR, 40.5), 4),
]


@pytest.mark.parametrize(
    ("conflict", "expected"),
    [
        (absent(5, 409, body=NAMED), "violation"),
        (null(5, 409, body={"id": "message-4"}), "violation"),
        (absent(5, 409, body={"id": "message-9"}), "untested"),
        (absent(5, 409, body=NAMED, busy=True), "untested"),
        (absent(5, 422, body=NAMED), "untested"),
        (absent(5, 409, body=NAMED, journey="refusals"), "violation"),
        (absent(5, 409, body={"id": "other"}, journey="refusals"), "kept"),
    ],
)
def test_nothing_without_an_id_is_taken_for_an_earlier_message(conflict: Exchange, expected: str) -> None:
    assert outcome(NEVER, recording(*READ, conflict)) == expected


def test_a_short_id_may_be_that_of_another_session() -> None:
    def played(own: str) -> list[Exchange]:
        conflict = absent(5, 409, body={"id": own}, journey="refusals")
        return [with_ids(1, own, "turn-1"), *READ[1:], conflict]

    assert outcome(NEVER, recording(*played("1234567"))) == "kept"
    assert outcome(NEVER, recording(*played("12345678"))) == "violation"


def test_the_first_reason_is_told() -> None:
    assert "dialogue/turn-5/post met the rate limit" in found(NEVER, recording(*READ, absent(5, 429), absent(6, 422)))
    assert found(NEVER, recording(*READ, absent(5, 422))) == "untested: dialogue/turn-5/post was answered 422"
    broke = Break("dialogue", "turn-3/post", "status 500")
    reason = found(NEVER, recording(*FOUR_POSTS[:2], breaks=[broke]))
    assert "a second message with an null client_message_id was not played" in reason


# --- ids that are as short as a number -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"error": {"details": {"user_message_id": "1"}}, "meta": {}}, False),
        ({"error": {"details": {"originalMessageId": 1}}, "meta": {}}, False),
        ({"error": {"details": {"id": "1"}}, "meta": {}}, False),
        (
            {
                "error": {"details": {"running": 1, "retry_after": "1"}, "message": "1 turn runs"},
                "meta": {"attempt": 1},
            },
            True,
        ),
        ({"error": {"details": {"chat_turn_id": "1"}}, "meta": {"id": "1"}}, True),
        ({"error": "1", "meta": {}}, True),
        (["1"], True),
    ],
)
def test_a_short_id_is_named_by_a_field_of_its_own(body: Any, kept: bool) -> None:
    won = same(1, 202, body={"data": {"chat_turn_id": "t", "user_message_id": "1", "since_cursor": None}, "meta": {}})
    assert outcome(OWN_ID, recording(won, FIRST, refused(body=body))) == ("kept" if kept else "violation")
