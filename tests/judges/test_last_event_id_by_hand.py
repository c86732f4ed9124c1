"""CUR-03 and CUR-10 on recordings written by hand: cursors by header, and cursors that are none."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_bad_cursors as bad_cursors
from conformance.scenarios import test_last_event_id as last_event_id
from tests.judges.by_hand import exchange, found, outcome, post, recording, stream, tail
from tests.judges.resumed import BESIDE, ONE, WHOLE, resume

HEADER = last_event_id.test_last_event_id_gives_what_since_gives
BY_HEADER = last_event_id.test_a_reconnect_by_header_goes_on_like_one_by_query
BAD = bad_cursors.test_a_bad_cursor_is_no_server_error


# --- CUR-03 -----------------------------------------------------------------------------------------------------------


TWO = "2-1:start 2-2:text-start 2-3:text-end 2-4:finish"


def later(words: str = TWO, *, status: int = 200, ending: Any = "goal", main: Any = TWO, **more: Any) -> list[Exchange]:
    """A second turn, tailed by query and by header."""
    tails = [tail(stream(main, 20.5), 2, ending="terminal")] if isinstance(main, str) else list(main)
    return [
        *WHOLE,
        post(2, cursor="1-5"),
        *tails,
        tail(stream(words, 20.5), 2, "header", status, ending=ending, **more),
    ]


@pytest.mark.parametrize(
    ("words", "ending", "expected"),
    [
        (TWO, "goal", "kept"),
        (f"{TWO} 3-1:start", "silence", "kept"),
        (TWO[10:], "goal", "violation"),
        (f"1-5:finish {TWO}", "goal", "violation"),
        (f"{ONE} {TWO}", "goal", "violation"),
        ("", "silence", "violation"),
        ("2-1:start 2-2:text-start", "silence", "violation"),
        ("2-1:start 2-2:text-start", "time-limit", "unobservable"),
        (TWO[10:], "time-limit", "violation"),
    ],
)
def test_by_header_the_same_comes(words: str, ending: Any, expected: str) -> None:
    assert outcome(HEADER, recording(*later(words, ending=ending))) == expected


@pytest.mark.parametrize(
    ("status", "expected"), [(400, "violation"), (404, "violation"), (0, "violation"), (429, "unobservable")]
)
def test_by_header_the_answer_is_the_same(status: int, expected: str) -> None:
    assert outcome(HEADER, recording(*later("", status=status))) == expected


def test_by_header_a_key_that_has_died_proves_nothing() -> None:
    assert outcome(HEADER, recording(*later("", status=401, opened=20.45))) == "unobservable"
    alive = exchange("dialogue/messages", "list-messages", 200, at=99.0)
    assert outcome(HEADER, recording(*later("", status=401, opened=20.45), alive)) == "violation"


def test_one_tail_by_query_that_agrees_is_enough() -> None:
    lossy = [tail(stream(TWO[10:], 20.5), 2), tail(stream(TWO, 22.0), 2, "again")]
    assert outcome(HEADER, recording(*later(main=lossy))) == "kept"
    both = [tail(stream(TWO[10:], 20.5), 2), tail(stream(TWO[10:], 22.0), 2, "again")]
    assert outcome(HEADER, recording(*later(main=both))) == "violation"
    refused = [tail([], 2, "main", 500)]
    assert outcome(HEADER, recording(*later(TWO[10:], main=refused))) == "unobservable"
    unlike = [tail(stream(TWO[10:], 20.5), 2), tail([], 2, "again", 500)]
    assert outcome(HEADER, recording(*later(main=unlike))) == "violation"


def test_by_header_only_a_later_turn_with_a_cursor_tells() -> None:
    first = [*WHOLE, tail(stream(ONE), 1, "header")]
    assert outcome(HEADER, recording(*first)) == "unobservable"
    null = [*WHOLE, post(2), tail(stream(TWO, 20.5), 2), tail(stream(ONE, 20.5), 2, "header")]
    assert outcome(HEADER, recording(*null)) == "untested"
    broke = Break("dialogue", "turn-2/post", "status 500")
    assert found(HEADER, recording(*WHOLE, breaks=[broke])) == (
        "untested: no turn with a cursor was tailed by header; dialogue broke off at turn-2/post: status 500"
    )


def pairs(*header: str | None, query: str | None = None, **more: Any) -> list[Exchange]:
    """Reconnects by query and by header after the first ids of the turn, those by header with other words."""
    values = {"ending": "silence", **more}
    made = list(WHOLE)
    for place, words in enumerate(header, 1):
        made += [resume(place, query), resume(place, words, by="header", **values)]
    return made


@pytest.mark.parametrize(
    ("header", "more", "expected"),
    [
        ((None, None), {}, "kept"),
        (("", None), {}, "kept"),
        (("", ""), {}, "violation"),
        ((ONE, ONE), {}, "violation"),
        (("", ""), {"status": 404}, "violation"),
        (("", ""), {"status": 429}, "kept"),
        (("", ""), {"status": 500}, "kept"),
        (("", ""), {"ending": "time-limit"}, "kept"),
        (("", ""), {"query": ""}, "unobservable"),
        ((), {}, "unobservable"),
    ],
)
def test_a_reconnect_by_header_goes_on_like_one_by_query(header: Any, more: dict[str, Any], expected: str) -> None:
    played = pairs(*header, **more)
    if more.get("query") == "":
        played = [e for e in played if e.facts.get("by") != "query"]
    assert outcome(BY_HEADER, recording(*played)) == expected


def test_a_query_that_goes_wrong_as_well_accuses_no_header() -> None:
    wrong = [resume(n, "", ending="silence") for n in (1, 2)]
    header = [resume(n, "", by="header", ending="silence") for n in (1, 2)]
    assert outcome(BY_HEADER, recording(*WHOLE, *wrong, *header)) == "unobservable"
    assert outcome(BY_HEADER, recording(*pairs("", ""), BESIDE)) == "unobservable"
    other = [resume(n, "", by="header", ending="silence", after=f"1-{n + 2}") for n in (1, 2)]
    assert outcome(BY_HEADER, recording(*WHOLE, resume(1), resume(2), *other)) == "unobservable"


# --- CUR-10 -----------------------------------------------------------------------------------------------------------


def bad(status: int, problem: str | None = None, name: str = "cursors/words", **facts: Any) -> Exchange:
    return exchange(name, "tail-events", status, b"", problem=problem, method="GET", **facts)


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        (bad(200), "kept"),
        (bad(400), "kept"),
        (bad(499), "kept"),
        (bad(500), "violation"),
        (bad(503), "violation"),
        (bad(0, "ReadTimeout: no headers"), "unobservable"),
        (bad(0, "RemoteProtocolError: gone"), "violation"),
        (bad(0), "violation"),
        (bad(500, outage=True), "unobservable"),
        (bad(500, limited=True), "unobservable"),
        (bad(500, name="idle/foreign-cursor"), "violation"),
        (bad(200, name="idle/foreign-cursor"), "kept"),
        (bad(500, name="idle/tail"), "untested"),
        (bad(500, name="dialogue/tail"), "untested"),
        (exchange("cursors/session", "create-session", 500), "untested"),
        (exchange("idle/foreign-cursor-session", "create-session", 500), "untested"),
    ],
)
def test_a_bad_cursor_is_answered_and_not_with_a_5xx(played: Exchange, expected: str) -> None:
    assert outcome(BAD, recording(played)) == expected
    both = {"unobservable": "kept", "untested": "kept"}.get(expected, expected)
    assert outcome(BAD, recording(played, bad(404, name="cursors/last", at=9.0))) == both
