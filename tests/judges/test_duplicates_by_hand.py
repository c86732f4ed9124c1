"""IDEM-01 to IDEM-03 on recordings written by hand: one client_message_id, sent again during its turn and after it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_idempotency as idempotency
from tests.judges.by_hand import SESSION, exchange, found, outcome, post, recording, rival, stream, tail

CONFLICT = idempotency.test_a_duplicate_is_a_conflict
NAMES = idempotency.test_the_conflict_names_the_original_message
STORES = idempotency.test_a_duplicate_stores_no_message
STARTS = idempotency.test_a_duplicate_starts_no_turn
LATE = idempotency.test_a_late_duplicate_starts_no_turn
ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:text-end 1-5:finish"
TWO = "2-1:start 2-2:text-start 2-3:text-delta 2-4:text-end 2-5:finish"
KEY = "client-key-1"
NAMED = {"error": {"code": "CONFLICT", "message": "again", "details": {"id": "message-1"}}, "meta": {}}
UNNAMED = {"error": {"code": "CONFLICT", "message": "busy"}, "meta": {}}


def of(turn: int, status: int = 202, **more: Any) -> Exchange:
    return post(turn, status, **{"journey": "duplicates", "text": "the same text", **more})


def tailed(turn: int, words: str, **more: Any) -> Exchange:
    values = {"kind": "main", "at": 10.0 * turn + 0.5, **more}
    kind, at = values.pop("kind"), values.pop("at")
    return tail(stream(words, at), turn, kind, journey="duplicates", **values)


def again(name: str = "after-1", status: int = 409, body: Any = NAMED, *, same: bool = True, **more: Any) -> Exchange:
    """A duplicate of the first message, at second 13 unless ``at`` says otherwise."""
    facts = {"part": "duplicate", "duplicate_of": 1, "same_body": same, "client_message_id": KEY, "at": 13.0}
    values = {"while_running": name.startswith("during"), "text": "the same text", **facts, **more}
    return post(9, status, journey="duplicates", name=f"duplicates/{name}", body=body, **values)


ORIGINAL = [of(1, client_message_id=KEY), tailed(1, ONE)]
RACED = [rival(1), rival(2)]
"""A server that takes messages while a turn runs. (They are tailed nowhere: that a key is busy is told from other runs.)"""


# --- IDEM-01 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("name", ["during-1", "after-2"])
@pytest.mark.parametrize("status", [200, 202, 400, 409, 422, 499, 500, 302])
def test_a_duplicate_is_a_conflict_and_with_another_text_any_refusal(same: bool, name: str, status: int) -> None:
    played = recording(*ORIGINAL, again(), again(name, status, same=same, at=14.0))
    kept = status == 409 if same else 400 <= status < 500
    assert outcome(CONFLICT, played) == ("kept" if kept else "violation")


@pytest.mark.parametrize("status", [0, 429])
def test_a_duplicate_without_an_answer_says_nothing(status: int) -> None:
    assert outcome(CONFLICT, recording(*ORIGINAL, again("after-1", status))) == "untested"


@pytest.mark.parametrize("scenario", [CONFLICT, NAMES, STORES, STARTS])
def test_without_an_original_or_a_duplicate_it_is_untested(scenario: Any) -> None:
    assert outcome(scenario, recording(*ORIGINAL)) == "untested"
    assert outcome(scenario, recording(again())) == "untested"
    refused = recording(of(1, 500, client_message_id=KEY), again())
    assert outcome(scenario, refused) == "untested"
    assert outcome(scenario, recording(*ORIGINAL, again("during-1"))) == "untested"
    assert outcome(scenario, recording(*ORIGINAL, again(limited=True))) == "untested"
    assert outcome(scenario, recording(*ORIGINAL, again(duplicate_of=2))) == "untested"


def test_an_original_that_was_refused_is_named() -> None:
    assert (
        found(CONFLICT, recording(of(1, 500), again()))
        == "untested: the original message was not accepted (status 500)"
    )
    assert (
        found(CONFLICT, recording(of(1, 0), again())) == "untested: the original message was not accepted (status none)"
    )


# --- IDEM-02 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([again()], "kept"),
        ([again(body=UNNAMED)], "violation"),
        ([again(), again("after-2", body=UNNAMED)], "violation"),
        ([again(), again("during-1", body=UNNAMED)], "kept"),  # it may be busy, for that long
        ([again(), again("during-1", body=UNNAMED), *RACED], "violation"),  # a server that is never busy
        ([again(), again("during-1"), *RACED], "kept"),
        ([again("after-1", 422)], "untested"),
        ([again(), again("after-2", 422, UNNAMED, same=False)], "kept"),
        ([again(body=b"again: message-1")], "kept"),
        ([again(body=b"again")], "violation"),
        ([again(body={"message": "message-1"})], "kept"),
        ([again(body={"message-1": 1})], "kept"),
        ([again(body={"message": "message-11"})], "violation"),
    ],
)
def test_the_conflict_names_the_original(played: list[Exchange], expected: str) -> None:
    assert outcome(NAMES, recording(*ORIGINAL, *played)) == expected


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        ({"busy": True}, "kept"),
        ({"gave_up": True}, "kept"),
        ({}, "violation"),
        ({"busy": True, "status": 429}, "violation"),
    ],
)
def test_where_it_was_seen_to_be_busy_one_conflict_that_names_it_is_enough(busy: dict[str, Any], expected: str) -> None:
    values = {"status": 409, "part": "busy", "name": "refusals/busy", "at": 5.0, "session": "session-2", **busy}
    told = post(7, **values)
    assert outcome(NAMES, recording(*ORIGINAL, told, again(), again("after-2", body=UNNAMED))) == expected
    assert outcome(NAMES, recording(*ORIGINAL, told, again(body=UNNAMED))) == "violation"


def test_an_original_without_an_id_leaves_it_untested() -> None:
    body = {"data": {"chat_turn_id": "w", "user_message_id": "", "since_cursor": None}, "meta": {}}
    assert outcome(NAMES, recording(of(1, body=body), again())) == "untested"


def test_a_busy_tenant_makes_it_unobservable() -> None:
    """A turn of another session ran, and this server was never seen to run two at once."""
    elsewhere = post(1, journey="refusals", session="session-2", at=12.0)
    reason = found(NAMES, recording(*ORIGINAL, elsewhere, again(body=UNNAMED)))
    assert reason.startswith("unobservable: duplicates/after-1: a turn of another session was running")
    assert outcome(NAMES, recording(*ORIGINAL, elsewhere, again(), again("after-2", body=UNNAMED))) == "kept"


# --- IDEM-03: what is stored ------------------------------------------------------------------------------------------


def messages(name: str, *texts: str, at: float, status: int = 200, more: bool = False, **fields: Any) -> Exchange:
    body = {"data": [{"text": text, **fields} for text in texts], "meta": {"pagination": {"has_more": more}}}
    return exchange(f"duplicates/messages-{name}", "list-messages", status, body, at=at, method="GET", session=SESSION)


OTHER = again("after-2", same=False, text="another text", at=14.0)
T = "the same text"


@pytest.mark.parametrize("name", ["before", "after", "end"])
@pytest.mark.parametrize(("text", "kept"), [("another text", False), ("> another text <", False), ("else", True)])
def test_another_text_under_the_same_id_is_never_shown(name: str, text: str, kept: bool) -> None:
    shown = messages(name, T, text, at=15.0)
    assert outcome(STORES, recording(*ORIGINAL, again(), OTHER, shown)) == ("kept" if kept else "violation")


def test_without_a_whole_replay_it_is_untested() -> None:
    assert outcome(STORES, recording(*ORIGINAL, again(), OTHER)) == "untested"
    for broken in ({"status": 500}, {"more": True}):
        shown = messages("after", "another text", at=15.0, **broken)
        assert outcome(STORES, recording(*ORIGINAL, again(), OTHER, shown)) == "untested"


def test_a_text_that_was_accepted_is_shown_by_right() -> None:
    tier = again("after-2", same=False, text=T, at=14.0)
    assert outcome(STORES, recording(*ORIGINAL, again(), tier, messages("after", T, at=15.0))) == "kept"
    empty = again("after-2", same=False, text="", at=14.0)
    assert outcome(STORES, recording(*ORIGINAL, again(), empty, messages("after", T, at=15.0))) == "kept"


@pytest.mark.parametrize(
    ("before", "after", "end", "kept"),
    [
        (1, 1, 2, True),
        (1, 2, 3, False),  # grown by the duplicates
        (0, 1, 2, True),  # a first appearance: the replay lags
        (0, 2, 3, False),  # two, though one message adds one
        (2, 2, 4, True),  # every message stands there twice
        (2, 2, 3, False),
        (1, 1, 1, True),
        (0, 0, 0, True),
        (1, 1, 3, True),
    ],
)
def test_the_same_text_is_shown_as_often_as_it_was_sent(before: int, after: int, end: int, kept: bool) -> None:
    shown = [
        messages("before", *[T] * before, at=12.5),
        messages("after", *[T] * after, at=15.0),
        messages("end", *[T] * end, at=25.0),
    ]
    played = [*ORIGINAL, again(), of(2), tailed(2, TWO)]
    assert outcome(STORES, recording(*played, *shown)) == ("kept" if kept else "violation")
    if before < after > 1:
        assert outcome(STORES, recording(*played, shown[1])) == "kept"


def test_what_the_agent_repeats_is_no_copy_where_nothing_tells_who_speaks() -> None:
    echo = stream(f"1-1:start 1-2:text-start 1-3:text-delta={T.replace(' ', '_')} 1-5:finish", 10.5)
    text = T.replace(" ", "_")
    played = [of(1, client_message_id=KEY, text=text), tail(echo, 1, journey="duplicates"), again(text=text)]
    silent = [messages("before", text, at=12.5), messages("after", text, text, at=15.0)]
    assert outcome(STORES, recording(*played, *silent)) == "kept"
    spoken = [messages("before", text, at=12.5, role="user"), messages("after", text, text, at=15.0, role="user")]
    assert outcome(STORES, recording(*played, *spoken)) == "violation"


# --- IDEM-03: what is started -----------------------------------------------------------------------------------------


def quiet(words: str, number: int = 1, **more: Any) -> Exchange:
    values = {"name": f"duplicates/quiet-{number}", "part": None, "ending": "silence", "status": 200, **more}
    at = 16.0 if number == 1 else 26.0
    return tail(stream(words, at), None, None, values.pop("status"), journey="duplicates", opened=at - 0.1, **values)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", True),
        ("2-1:start", False),
        ("2-2:text-start 2-3:text-delta 2-5:finish", False),
        ("2-3:text-delta", True),  # content without an end may be late
        ("1-6:finish", True),  # a second end is EVT-06's finding
        ("1-1:start 1-5:finish", True),  # what came before
        (":start", True),
        (":start=another", False),
        ("1-6:source-url 1-7:finish", True),
    ],
)
def test_behind_the_end_of_a_turn_no_other_begins(words: str, kept: bool) -> None:
    first = [of(1, client_message_id=KEY), tailed(1, f"{ONE} :start" if words == ":start" else ONE)]
    assert outcome(STARTS, recording(*first, again(), quiet(words))) == ("kept" if kept else "violation")


def test_a_turn_that_anyone_may_have_started_is_no_proof() -> None:
    lost = of(1, 503, name="duplicates/turn-1/post/outage-1", at=9.0, outage=True)
    assert outcome(STARTS, recording(lost, *ORIGINAL, again(), quiet("2-1:start"))) == "untested"
    assert outcome(STARTS, recording(lost, *ORIGINAL, again(), quiet(""))) == "kept"
    assert outcome(LATE, recording(lost, *stayed(f"{TWO} 3-1:start 3-2:finish"))) == "kept"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": 404}, "untested"),
        ({"status": 0, "problem": "ReadTimeout: no headers"}, "kept"),
        ({"status": 0, "problem": "ConnectError"}, "untested"),
    ],
)
def test_a_tail_that_was_not_opened_shows_no_silence(more: dict[str, Any], expected: str) -> None:
    assert outcome(STARTS, recording(*ORIGINAL, again(), quiet("", **more))) == expected
    assert (
        outcome(STARTS, recording(*ORIGINAL, again(), of(2), tailed(2, TWO), quiet("", **more), quiet("", 2))) == "kept"
    )
    strange = quiet("3-1:start", 2)
    assert (
        outcome(STARTS, recording(*ORIGINAL, again(), of(2), tailed(2, TWO), quiet("", **more), strange)) == "violation"
    )


def stayed(words: str, first: str = ONE) -> list[Exchange]:
    """A client that stays connected from the first turn's end to the second turn's."""
    return [
        of(1, client_message_id=KEY),
        tailed(1, first),
        again(),
        of(2, cursor="1-5"),
        tailed(2, TWO),
        tailed(2, words, kind="before", after="1-5"),
    ]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (TWO, True),
        (f"3-1:start 3-2:finish {TWO}", False),
        (f"{TWO} 3-1:start 3-2:abort", False),
        (f"{TWO} 2-6:finish", True),  # a second end of one turn
        (f"{ONE} {TWO}", True),
        (f"3-1:start 3-2:finish {ONE}", True),
        (f"{TWO} {TWO}", True),  # repeats have their own rule
        (f"{TWO} :start :finish", True),
    ],
)
def test_a_client_that_stayed_sees_one_turn_a_message(words: str, kept: bool) -> None:
    assert outcome(LATE, recording(*stayed(words))) == ("kept" if kept else "violation")


def test_after_an_error_a_late_end_of_the_first_turn_may_follow() -> None:
    both = f"3-1:start 3-2:finish {TWO}"
    assert outcome(LATE, recording(*stayed(both, ONE.replace("finish", "error")))) == "kept"
    assert outcome(LATE, recording(*stayed(both, ONE.replace("finish", "abort")))) == "violation"
