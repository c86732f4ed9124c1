"""SES on recordings written by hand: who may make which session, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_sessions as sessions
from tests.judges.by_hand import exchange, found, outcome, recording

SESSION = {
    "agent_id": None,
    "archived_at": None,
    "channel": "web",
    "client_id": None,
    "created_at": "2026-01-01T00:00:00Z",
    "id": "session-1",
    "title": None,
    "updated_at": "2026-01-01T00:00:00Z",
}


def made(
    name: str = "session", status: int = 201, data: Any = SESSION, journey: str = "dialogue", **more: Any
) -> Exchange:
    return exchange(
        f"{journey}/{name}", "create-session", status, {"data": data, "meta": {}}, **{"expected": "created", **more}
    )


def create(name: str, status: int, data: Any = SESSION, **more: Any) -> Exchange:
    return made(f"create-{name}", status, data, "sessions", **{"expected": None, **more})


ONE_AGENT = sessions.test_both_agents_or_neither_are_refused
CLIENT = sessions.test_client_id_of_an_ordinary_key_is_403
BOT = sessions.test_bot_id_of_an_ordinary_key_is_ignored
FIELDS = sessions.test_a_created_session_has_its_fields


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, "kept"), (403, "kept"), (422, "kept"), (201, "violation"), (500, "violation"), (0, "untested")],
)
def test_both_agents_or_neither_are_refused(status: int, expected: str) -> None:
    probe = create("both", status, rule="SES-01")
    assert outcome(ONE_AGENT, recording(made(), probe)) == expected
    assert outcome(ONE_AGENT, recording(probe)) == "untested"
    assert outcome(ONE_AGENT, recording(made())) == "untested"
    assert outcome(ONE_AGENT, recording(made(status=400), probe)) == "untested"


def test_what_was_cut_off_shows_no_field_that_is_missing() -> None:
    half = exchange(
        "dialogue/session", "create-session", 201, b'{"data": {"id": "ses', ending="broken", expected="created"
    )
    assert outcome(FIELDS, recording(half)) == "untested"
    assert outcome(FIELDS, recording(half, made("other"))) == "kept"
    whole = exchange("dialogue/session", "create-session", 201, b'{"data": {"id": "ses', expected="created")
    assert outcome(FIELDS, recording(whole)) == "violation"


ASKED: dict[str, Any] = {"request": {"client_id": 7}}


GIVEN, OTHERS = {**SESSION, "client_id": 7}, {**SESSION, "client_id": 8}


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([create("client-id", 403, **ASKED)], "kept"),
        ([create("client-id", 403, **ASKED), create("client-id-other-key", 403, **ASKED)], "kept"),
        ([create("client-id", 403, **ASKED), create("client-id-other-key", 201, GIVEN, **ASKED)], "kept"),
        ([create("client-id", 403, **ASKED), create("client-id-other-key", 201, OTHERS, **ASKED)], "violation"),
        ([create("client-id", 403, **ASKED), create("client-id-other-key", 400, OTHERS, **ASKED)], "kept"),
        ([create("client-id", 201, GIVEN, **ASKED)], "unobservable"),
        ([create("client-id", 201, {**SESSION, "client_id": "7"}, **ASKED)], "unobservable"),
        ([create("client-id", 201, OTHERS, **ASKED)], "violation"),
        ([create("client-id", 201, SESSION, **ASKED)], "violation"),
        ([create("client-id", 201, {}, **ASKED)], "unobservable"),
        ([create("client-id", 201, OTHERS)], "unobservable"),
        ([create("client-id", 201, GIVEN, **ASKED), create("client-id-other-key", 201, GIVEN, **ASKED)], "violation"),
        (
            [create("client-id", 201, GIVEN, **ASKED), create("client-id-other-key", 403, GIVEN, **ASKED)],
            "unobservable",
        ),
        ([create("client-id", 400, **ASKED)], "unobservable"),
        ([create("client-id", 404, **ASKED)], "unobservable"),
        ([create("client-id", 422, **ASKED)], "unobservable"),
        ([create("client-id", 409, **ASKED)], "violation"),
        ([create("client-id", 500, **ASKED)], "violation"),
        ([create("client-id", 400, **ASKED), made(data=GIVEN)], "violation"),  # a client that this server gave out
        ([create("client-id", 400, **ASKED), made(data={**SESSION, "client_id": "7"})], "violation"),
        ([create("client-id", 400, **ASKED), made(data=GIVEN, credential="other")], "unobservable"),
        ([create("client-id", 400, **ASKED), made(data=SESSION)], "unobservable"),
        ([create("client-id", 400), made(data=GIVEN)], "unobservable"),
        ([create("client-id", 400, request=["client_id"]), made(data=GIVEN)], "unobservable"),
        ([create("client-id", 429, **ASKED)], "untested"),
        ([made()], "untested"),
    ],
)
def test_a_client_id_is_for_platform_accounts(played: list[Exchange], expected: str) -> None:
    assert outcome(CLIENT, recording(*played)) == expected


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([create("bot-id", 201)], "kept"),
        ([create("bot-id", 400), create("bot-id-text", 201)], "kept"),
        ([create("bot-id", 201, limited=True), create("client-id", 403)], "untested"),
        ([create("bot-id", 400), create("client-id", 403)], "violation"),
        ([create("bot-id", 400), create("client-id", 201)], "unobservable"),
        ([create("bot-id", 429), create("client-id", 403)], "untested"),
        ([create("bot-id", 400)], "untested"),
        ([create("client-id", 403)], "untested"),
    ],
)
def test_a_bot_id_is_ignored_in_one_form_at_least(played: list[Exchange], expected: str) -> None:
    assert outcome(BOT, recording(*played)) == expected


def test_the_refusal_that_is_not_about_the_type_is_shown_first() -> None:
    forms = [create("bot-id", 400, at=1.0), create("bot-id-text", 403, at=2.0), create("client-id", 403)]
    assert found(BOT, recording(*forms)).startswith("violation: 403")


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"more": 1}, True),
        ({"id": 7}, True),
        ({"id": 7.0}, True),
        ({"id": 7.5}, False),
        ({"id": ""}, False),
        ({"id": None}, False),
        ({"id": True}, False),
        ({"agent_id": 17}, True),
        ({"agent_id": 17.0}, True),
        ({"agent_id": "17"}, False),
        ({"agent_id": False}, False),
        ({"archived_at": "x"}, True),
        ({"archived_at": 0}, False),
        ({"title": "x"}, True),
        ({"title": []}, False),
        ({"show_agent_progress_steps": True}, True),
        ({"show_agent_progress_steps": None}, True),
        ({"show_agent_progress_steps": 0}, False),
        *(({name: ...}, False) for name in SESSION),
    ],
)
def test_a_created_session_has_its_fields(change: dict[str, Any], kept: bool) -> None:
    data = {key: value for key, value in {**SESSION, **change}.items() if value is not ...}
    assert outcome(FIELDS, recording(made(), made("later", data=data))) == ("kept" if kept else "violation")
    assert outcome(FIELDS, recording(made(), made("odd", data=data, expected="either"))) == "kept"
    assert outcome(FIELDS, recording(made(status=400, data=data))) == "untested"
