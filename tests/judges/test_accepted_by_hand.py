"""ACC-01 to ACC-06 on recordings written by hand: which posts count, and what excuses a 409."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_accepted as accepted
from tests.judges.by_hand import ID, SESSION, exchange, found, outcome, post, recording, rival, stream, tail, turn_of

PLAIN = accepted.test_a_valid_message_is_answered_202
GOOD = {"chat_turn_id": "w-1", "user_message_id": "m-1", "since_cursor": None}


def answered(data: Any, **more: Any) -> Exchange:
    return post(1, body={"data": data, "meta": {"request_id": ID}}, **more)


def ended(turn: int = 1, **more: Any) -> list[Exchange]:
    """A turn that was posted at 10 seconds a turn, and whose end came 1.1 seconds later."""
    at = 10.0 * turn
    return [
        post(turn, **more),
        tail(stream(turn_of(f"{turn}"), at + 0.5), turn, journey=more.get("journey", "dialogue")),
    ]


def test_one_accepted_message_is_enough() -> None:
    assert outcome(PLAIN, recording(post())) == "kept"
    assert outcome(PLAIN, recording(rival(1))) == "kept"


def test_without_one_it_is_untested_and_says_where_it_broke_off() -> None:
    broke = Break("dialogue", "session", "status 500")
    assert found(PLAIN, recording(breaks=[broke])) == (
        "untested: no plain message was accepted; dialogue broke off at session: status 500"
    )


@pytest.mark.parametrize("status", [0, 200, 201, 203, 301, 400, 403, 404, 422, 500, 503])
def test_any_other_status_than_202_breaks_it(status: int) -> None:
    assert outcome(PLAIN, recording(post(1), post(2, status))) == "violation"


def test_a_limit_to_the_last_attempt_says_nothing() -> None:
    assert found(PLAIN, recording(post(1, 429))) == (
        "untested: no plain message was accepted; dialogue/turn-1/post met the rate limit to the last attempt"
    )
    assert outcome(PLAIN, recording(post(1), post(2, 429))) == "kept"


def test_a_401_says_nothing_only_where_the_key_had_died() -> None:
    dead = [post(1, 401), exchange("dialogue/messages", "list-messages", 401, at=11.0)]
    assert outcome(PLAIN, recording(*dead)) == "untested"
    alive = [post(1, 401), exchange("dialogue/messages", "list-messages", 200, at=11.0)]
    assert outcome(PLAIN, recording(*alive)) == "violation"
    before = [post(1, 401), exchange("dialogue/messages", "list-messages", 200, at=9.0)]
    assert outcome(PLAIN, recording(*before)) == "untested"


@pytest.mark.parametrize(
    "other",
    [
        {"credential": "other"},
        {"limited": True},
        {"outage": True},
        {"part": "duplicate"},
        {"attachments": 1},
        {"unusual": True},
        {"journey": "attachments"},
    ],
)
def test_what_is_unusual_about_a_message_is_judged_elsewhere(other: dict[str, Any]) -> None:
    assert outcome(PLAIN, recording(post(1), post(2, 422, **other))) == "kept"


def test_of_posts_that_race_the_fresh_ones_count_until_they_are_told_to_wait() -> None:
    assert outcome(PLAIN, recording(post(1), rival(1, 422))) == "violation"
    assert outcome(PLAIN, recording(post(1), rival(1, 422, rival="same"))) == "kept"
    assert outcome(PLAIN, recording(post(1), rival(1, 422, busy=True))) == "kept"
    assert outcome(PLAIN, recording(post(1), rival(1, 422, name="dialogue/rival-1"))) == "kept"


def test_a_conflict_on_a_session_without_a_running_turn_breaks_it() -> None:
    assert outcome(PLAIN, recording(post(1, 409))) == "violation"
    assert outcome(PLAIN, recording(*ended(), post(2, 409))) == "violation"


def test_a_turn_whose_end_was_not_seen_may_still_run() -> None:
    running = [post(1), tail(stream("1-1:start 1-2:start-step"), ending="time-limit")]
    assert found(PLAIN, recording(*running, post(2, 409))) == "kept"
    assert "the end of turn 1 was not seen" in found(PLAIN, recording(post(1, attachments=1), post(2, 409)))
    later = post(3, at=30.0)
    assert outcome(PLAIN, recording(*ended(), post(2, 409), later)) == "violation"


@pytest.mark.parametrize(
    ("status", "excused"), [(202, True), (200, True), (0, True), (399, True), (500, True), (400, False), (499, False)]
)
def test_a_post_of_unknown_fate_may_have_started_a_turn(status: int, excused: bool) -> None:
    other = post(7, status, part="probe", name="dialogue/probe", at=15.0, attachments=1)
    expected = "kept" if excused else "violation"
    assert outcome(PLAIN, recording(*ended(), other, post(2, 409))) == expected


@pytest.mark.parametrize(
    "other",
    [
        {"session": "session-2"},
        {"at": 20.0},
        {"at": 21.0},
        {"busy": True},
        {"name": "sessions/probe"},
    ],
)
def test_what_could_not_have_kept_the_session_busy_excuses_nothing(other: dict[str, Any]) -> None:
    values = {"part": "probe", "name": "dialogue/probe", "at": 15.0, "attachments": 1, **other}
    assert outcome(PLAIN, recording(*ended(), post(7, 500, **values), post(2, 409, at=20.0))) == "violation"


def test_a_tail_or_a_grant_of_the_session_keeps_it_not_busy() -> None:
    grant = exchange("dialogue/grant", "request-upload-url", 500, at=15.0, session=SESSION)
    assert outcome(PLAIN, recording(*ended(), grant, post(2, 409))) == "violation"


@pytest.mark.parametrize(
    ("sent", "over", "excused"),
    [
        (19.0, 21.0, True),
        (19.0, 20.0, True),  # to the moment when the 409 was asked for
        (19.0, 19.9, False),
        (20.01, 25.0, True),  # from the moment when the 409 came
        (20.02, 25.0, False),
    ],
)
def test_a_turn_of_another_session_excuses_what_was_asked_while_it_ran(sent: float, over: float, excused: bool) -> None:
    elsewhere = [
        post(1, journey="refusals", at=sent, session="session-2"),
        tail([*stream("9-1:finish", over)], journey="refusals", session="session-2", opened=sent + 0.001),
    ]
    expected = "kept" if excused else "violation"
    assert outcome(PLAIN, recording(*ended(), *elsewhere, post(2, 409, at=20.0))) == expected


def test_a_turn_elsewhere_whose_end_nobody_saw_may_run_still() -> None:
    elsewhere = [post(1, journey="refusals", at=15.0, session="session-2")]
    assert outcome(PLAIN, recording(*ended(), *elsewhere, post(2, 409, at=20.0))) == "kept"


# --- what the 202 carries ---------------------------------------------------------------------------------------------

FIELDS = (
    accepted.test_the_202_is_json_of_data_and_meta,
    accepted.test_the_202_names_turn_and_message,
    accepted.test_the_202_carries_a_cursor,
    accepted.test_the_progress_flag_is_a_boolean,
)


@pytest.mark.parametrize("scenario", FIELDS)
def test_every_accepted_post_is_looked_at(scenario: Any) -> None:
    assert outcome(scenario, recording(post())) == "kept"
    assert found(scenario, recording(post(1, 409))) == "untested: no message was accepted"
    assert found(scenario, recording(exchange("a/b", "list-messages", 202))) == "untested: no message was accepted"
    strange = answered({**GOOD, "chat_turn_id": 1, "since_cursor": 1, "show_agent_progress_steps": 1}, headers=())
    later = post(2, part="duplicate", credential="other", body=strange.json, headers=())
    assert outcome(scenario, recording(post(), later)) == "violation"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"data": {}, "meta": {}}, True),
        ({"data": {}, "meta": {}, "more": 1}, True),
        ({"data": {}}, False),
        ({"meta": {}}, False),
        ({"data": [], "meta": {}}, False),
        ({"data": {}, "meta": None}, False),
        ([{"data": {}, "meta": {}}], False),
        (None, False),
        (b"{", False),
    ],
)
def test_the_body_has_the_objects_data_and_meta(body: Any, kept: bool) -> None:
    assert (outcome(FIELDS[0], recording(post(1, body=body))) == "kept") is kept


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("application/json; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", False),
        (None, False),
    ],
)
def test_the_content_type_is_json(kind: str | None, kept: bool) -> None:
    headers = () if kind is None else (("content-type", kind),)
    assert (outcome(FIELDS[0], recording(post(1, headers=headers))) == "kept") is kept


@pytest.mark.parametrize(
    ("scenario", "change", "kept"),
    [
        (FIELDS[1], {"chat_turn_id": "x", "user_message_id": "x"}, True),
        (FIELDS[1], {"chat_turn_id": ""}, False),
        (FIELDS[1], {"user_message_id": ""}, False),
        (FIELDS[1], {"chat_turn_id": None}, False),
        (FIELDS[1], {"user_message_id": 7}, False),
        (FIELDS[2], {"since_cursor": "1-0"}, True),
        (FIELDS[2], {"since_cursor": ""}, True),
        (FIELDS[2], {"since_cursor": 0}, False),
        (FIELDS[2], {"since_cursor": False}, False),
        (FIELDS[2], {"since_cursor": ...}, False),
        (FIELDS[3], {"show_agent_progress_steps": True}, True),
        (FIELDS[3], {"show_agent_progress_steps": False}, True),
        (FIELDS[3], {"show_agent_progress_steps": 1}, False),
        (FIELDS[3], {"show_agent_progress_steps": None}, False),
    ],
)
def test_each_field_has_its_type(scenario: Any, change: dict[str, Any], kept: bool) -> None:
    data = {key: value for key, value in {**GOOD, **change}.items() if value is not ...}
    assert (outcome(scenario, recording(answered(data))) == "kept") is kept


# --- ids of their own -------------------------------------------------------------------------------------------------

OWN_IDS = accepted.test_every_turn_has_ids_of_its_own


def test_one_message_alone_shows_no_difference() -> None:
    assert found(OWN_IDS, recording(post(1))) == "untested: no two messages were accepted"
    assert outcome(OWN_IDS, recording(post(1), post(2))) == "kept"


@pytest.mark.parametrize(
    ("field", "elsewhere", "kept"),
    [
        ("chat_turn_id", False, False),
        ("user_message_id", False, False),
        ("chat_turn_id", True, False),  # a workflow is one in all sessions
        ("user_message_id", True, True),  # messages may be counted in each session
    ],
)
def test_two_accepted_messages_share_no_id(field: str, elsewhere: bool, kept: bool) -> None:
    ids = {"chat_turn_id": "w-2", "user_message_id": "m-2", "since_cursor": "1-0", field: GOOD[field]}
    session = "session-2" if elsewhere else SESSION
    second = post(2, body={"data": ids, "meta": {}}, session=session)
    assert (outcome(OWN_IDS, recording(answered(GOOD), second)) == "kept") is kept


def test_ids_that_are_no_text_are_the_finding_of_another_rule() -> None:
    ids = {"chat_turn_id": None, "user_message_id": None}
    assert outcome(OWN_IDS, recording(answered(ids), post(2, body={"data": ids, "meta": {}}))) == "kept"


@pytest.mark.parametrize(
    ("keys", "session", "kept"),
    [
        (("k", "k"), SESSION, True),  # a duplicate that was accepted: IDEM says so
        (("k", "l"), SESSION, False),
        (("k", "k"), "session-2", False),
        ((None, None), SESSION, False),
        ((7, 7), SESSION, False),
    ],
)
def test_an_accepted_duplicate_is_no_second_finding(keys: tuple[Any, Any], session: str, kept: bool) -> None:
    first = answered(GOOD, client_message_id=keys[0])
    again = post(2, body=first.json, client_message_id=keys[1], session=session)
    more = post(3, client_message_id="z")
    assert (outcome(OWN_IDS, recording(first, again, more)) == "kept") is kept
