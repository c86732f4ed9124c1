"""AUTH-03 on recordings written by hand: another tenant's session is like one that does not exist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.recording import CHAT_OPERATIONS, Exchange, Recording
from conformance.scenarios import test_authentication as authentication
from tests.judges.by_hand import exchange, outcome, post, recording

FOREIGN = authentication.test_the_session_of_another_tenant_is_404
WITH_TURNS = authentication.test_the_session_of_another_tenant_that_has_had_turns_is_404
ALIKE = authentication.test_it_cannot_be_told_from_one_that_does_not_exist
INPUT = authentication.test_bad_input_does_not_tell_whether_it_exists
PAGE = authentication.test_a_page_s_cursor_does_not_lead_to_another_tenant

JSON = ("content-type", "application/json")
OPERATIONS = [one for one in CHAT_OPERATIONS if one != "create-session"]


def error(message: str = "not found", code: str = "NOT_FOUND", **meta: Any) -> Any:
    return {"error": {"code": code, "message": message}, "meta": {"request_id": "r", **meta}}


def asked(name: str, operation: Any, status: int = 404, body: Any = None, **more: Any) -> Exchange:
    """A request of the second key; the unknown session is called ``nowhere``."""
    session = "nowhere" if "missing" in name else "theirs"
    values = {
        "credential": "other",
        "session": "theirs",
        "asked": session,
        "headers": (("content-type", "application/json"),),
        **more,
    }
    return exchange(f"strangers/{name}", operation, status, error() if body is None else body, **values)


def all_of(change: Any = None) -> list[Exchange]:
    """Each operation twice on either kind; ``change`` gets (kind, round, operation) and gives other values, or nothing."""
    made = []
    for number in (1, 2):
        for operation in OPERATIONS:
            for kind in ("foreign", "foreign-missing"):
                more = (change(kind, number, operation) if change else None) or {}
                made.append(asked(f"{kind}-{number}/{operation}", operation, **more))
    return made


def one_key(*played: Exchange) -> Recording:
    return replace(recording(*played), credentials=("own",))


@pytest.mark.parametrize("scenario", [FOREIGN, ALIKE])
def test_every_request_of_the_second_key_is_needed(scenario: Any) -> None:
    assert outcome(scenario, recording(*all_of())) == "kept"
    assert outcome(scenario, one_key(*all_of())) == "untested"
    for one in all_of():
        if "missing" not in one.name:
            rest = [e for e in all_of() if e.name != one.name]
            assert outcome(scenario, recording(*rest)) == "untested"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, "kept"),
        (200, "violation"),
        (403, "violation"),
        (400, "violation"),
        (500, "violation"),
        (429, "untested"),
        (0, "untested"),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_another_tenants_session_is_404(operation: str, status: int, expected: str) -> None:
    def change(kind: str, number: int, op: str) -> Any:
        return {"status": status} if (kind, number, op) == ("foreign", 2, operation) else None

    assert outcome(FOREIGN, recording(*all_of(change))) == expected
    alone = [e for e in all_of(change) if "missing" not in e.name]
    assert outcome(FOREIGN, recording(*alone)) == expected


def test_a_violation_is_found_whatever_could_not_be_judged_before_it() -> None:
    def change(kind: str, number: int, _: str) -> Any:
        return {"status": 429 if number == 1 else 403} if kind == "foreign" else None

    assert outcome(FOREIGN, recording(*all_of(change))) == "violation"


@pytest.mark.parametrize(
    ("status", "more", "kept"),
    [
        (404, {}, True),
        (200, {}, False),
        (403, {}, False),
        (429, {}, True),
        (0, {}, True),
        (200, {"limited": True}, True),
    ],
)
def test_one_that_has_had_turns_is_404_too(status: int, more: dict[str, Any], kept: bool) -> None:
    good, other = asked("foreign-turns/since", "tail-events"), asked("foreign-turns/x", "tail-events", status, **more)
    assert outcome(WITH_TURNS, recording(good, other)) == ("kept" if kept else "violation")
    assert outcome(WITH_TURNS, recording(asked("turns/x", "tail-events", 200))) == "kept"


def telling(value: Any, *, where: Any = None, rounds: tuple[int, ...] = (1, 2)) -> list[Exchange]:
    """Answers that differ for a session that is there: on that operation, or on all, in those rounds."""

    def change(kind: str, number: int, operation: str) -> Any:
        hit = kind == "foreign" and number in rounds and where in (None, operation)
        return (value(number) if callable(value) else value) if hit else None

    return all_of(change)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"body": error("no such thing of yours")}, False),
        ({"body": error(code="FORBIDDEN")}, False),
        ({"body": error(hint=True)}, False),
        ({"body": error(hint=[])}, False),  # its form alone
        ({"body": b"not found"}, False),
        ({"headers": (JSON, ("X-Owner", "other"))}, False),
        ({"body": error(timings_ms={"db": "x"})}, True),
        ({"headers": (JSON, ("X-Trace", "other"))}, True),
        ({"headers": (JSON, ("X-RateLimit-Remaining", "1"))}, True),
        ({"body": error("no session theirs")}, False),
        (lambda n: {"body": error(f"not found ({n})")}, False),
        (lambda n: {"headers": (JSON, ("X-Instance", "ab"[n - 1]))}, True),  # it varies among answers to one question
    ],
)
def test_nothing_tells_the_two_kinds_apart(value: Any, kept: bool) -> None:
    assert outcome(ALIKE, recording(*telling(value))) == ("kept" if kept else "violation")
    assert outcome(ALIKE, recording(*telling(value, where="tail-events"))) == ("kept" if kept else "violation")


def test_what_differs_once_is_an_accident() -> None:
    assert outcome(ALIKE, recording(*telling({"body": error("else")}, rounds=(1,)))) == "kept"


def test_the_name_of_the_session_is_its_own() -> None:
    def change(kind: str, *_: Any) -> Any:
        return {"body": error(f"no session {'nowhere' if kind == 'foreign-missing' else 'theirs'}")}

    assert outcome(ALIKE, recording(*all_of(change))) == "kept"


def test_a_number_that_is_one_and_the_same_everywhere_tells() -> None:
    def change(kind: str, *_: Any) -> Any:
        return {"body": error(f"not found ({17 if kind == 'foreign' else 18})")}

    assert outcome(ALIKE, recording(*all_of(change))) == "violation"

    def counting(kind: str, number: int, _: str) -> Any:
        return {"body": error(f"not found ({17 if kind == 'foreign' else 18 + number})")}

    assert outcome(ALIKE, recording(*all_of(counting))) == "kept"


@pytest.mark.parametrize("status", [403, 429])
def test_only_pairs_of_404_are_compared(status: int) -> None:
    def change(kind: str, *_: Any) -> Any:
        return {"status": status, "body": error("else")} if kind == "foreign" else None

    assert outcome(ALIKE, recording(*all_of(change))) == "untested"
    unpaired = [e for e in telling({"body": error("else")}) if e.name != "strangers/foreign-missing-1/tail-events"]
    assert outcome(ALIKE, recording(*unpaired)) == "violation"
    lone = [
        e
        for e in telling({"body": error("else")}, where="tail-events")
        if e.name != "strangers/foreign-missing-1/tail-events"
    ]
    assert outcome(ALIKE, recording(*lone)) == "kept"


@pytest.mark.parametrize("name", authentication.BAD_INPUT)
@pytest.mark.parametrize(
    ("here", "there", "kept"),
    [
        (404, 404, True),
        (400, 400, True),
        (404, 400, False),
        (400, 404, False),
        (500, 404, True),
        (404, 500, True),
        (429, 404, True),
        (404, 399, True),
        (422, 499, False),
    ],
)
def test_bad_input_tells_nothing_either(name: str, here: int, there: int, kept: bool) -> None:
    operation: Any = "append-message"
    both = [asked(f"foreign-{name}-{n}", operation, here) for n in (1, 2)]
    both += [asked(f"foreign-missing-{name}-{n}", operation, there) for n in (1, 2)]
    assert outcome(INPUT, recording(*all_of(), *both)) == ("kept" if kept else "violation")
    assert outcome(INPUT, recording(*all_of(), *both[1:])) == "kept"
    assert outcome(INPUT, recording(*all_of(), *both[:-1])) == "kept"
    assert outcome(INPUT, one_key(*all_of(), *both)) == "untested"


@pytest.mark.parametrize("name", authentication.BAD_INPUT)
def test_bad_input_is_refused_in_the_same_words(name: str) -> None:
    operation: Any = "append-message"
    both = [asked(f"foreign-{name}-{n}", operation, 400, error("a message is wanted")) for n in (1, 2)]
    both += [asked(f"foreign-missing-{name}-{n}", operation) for n in (1, 2)]
    assert outcome(INPUT, recording(*all_of(), *both)) == "violation"
    for one in both:
        assert outcome(INPUT, recording(*all_of(), *(e for e in both if e is not one))) == "kept"


@pytest.mark.parametrize(
    ("message", "shown", "kept"),
    [
        ("message-of-ours", "message-of-ours", False),
        ("message-of-ours", "else", True),
        ("twelve-chars", "twelve-chars", False),
        ("eleven-char", "eleven-char", True),  # a short one may be another's
    ],
)
def test_a_cursor_of_ours_shows_none_of_our_messages_elsewhere(message: str, shown: str, kept: bool) -> None:
    data = {"chat_turn_id": "w", "user_message_id": message, "since_cursor": None}
    ours = post(1, session="theirs", body={"data": data, "meta": {}})
    page = asked("foreign-page/other", "list-messages", 200, {"data": [{"id": shown}]})
    assert outcome(PAGE, recording(ours, page)) == ("kept" if kept else "violation")
    other = post(1, session="another", body={"data": data, "meta": {}})
    assert outcome(PAGE, recording(other, page)) == "kept"
    assert outcome(PAGE, recording(ours)) == "kept"
    silent = asked("foreign-page/other", "list-messages", 0)
    assert outcome(PAGE, recording(ours, silent)) == "kept"
