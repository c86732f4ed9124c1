"""CUR-07 of a client that was away, and CUR-09, on recordings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_coming_back as coming_back
from conformance.scenarios import test_foreign_envelopes as foreign
from tests.judges.by_hand import found, outcome, post, recording, stream, tail

IDLE = foreign.test_an_idle_session_shows_nothing_of_the_others
USED = foreign.test_another_sessions_cursor_opens_nothing_of_it_on_a_used_session
MARKS = foreign.test_no_tail_carries_the_marks_of_another_session
ALONE = coming_back.test_a_turn_goes_on_while_nobody_listens
CATCH_UP = coming_back.test_a_reconnect_after_several_turns_catches_up

MARK = "turn-0123456789abcdef"
ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:text-end 1-5:finish"
LONG = "a_text_that_no_agent_says_word_for_word_in_two_sessions_by_chance"


def used(words: str = ONE, journey: str = "dialogue", *, workflow: str = MARK, **more: Any) -> list[Exchange]:
    """A first turn of another session."""
    data = {"chat_turn_id": workflow, "user_message_id": f"m-{journey}", "since_cursor": None}
    session = f"session-{journey}"
    posted = post(1, journey=journey, session=session, body={"data": data, "meta": {}})
    return [posted, tail(stream(words), journey=journey, session=session, **more)]


def watch(words: str, step: str = "watch", **more: Any) -> Exchange:
    values = {"name": f"idle/{step}", "part": None, "ending": "silence", "opened": 9.0, **more}
    return tail(stream(words, 12.0), None, None, values.pop("status", 200), journey="idle", **values)


# --- an idle session --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["watch", "foreign-cursor"])
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", True),
        ("1-3:text-delta", False),
        ("9-1:start 9-2:finish", True),  # a greeting of its own
        ("1-3:text-delta=else", True),
        (f"9-1:text-delta={MARK}", False),
        (f"9-1:text-delta=about_{MARK}_here", False),
        (f":text-delta={MARK}", False),
        (":data-hello", True),
        (f":data-hello={MARK}", True),
    ],
)
def test_an_idle_session_shows_nothing_of_another(step: str, words: str, kept: bool) -> None:
    assert outcome(IDLE, recording(*used(), watch(words, step))) == ("kept" if kept else "violation")


@pytest.mark.parametrize(("kind", "kept"), [("data-hello", True), ("text-delta", False)])
def test_sessions_made_in_one_millisecond_may_begin_alike(kind: str, kept: bool) -> None:
    began = f"1-0:{kind}"
    played = [*used(f"{began} {ONE}"), watch(began)]
    assert outcome(IDLE, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("words", "elsewhere", "kept"),
    [
        (f":text-delta={LONG}", [f":start :text-delta={LONG} :finish"], False),
        (f":start={LONG}", [f":start={LONG} :finish"], False),
        (f":reasoning-delta={LONG}", [f":start :reasoning-delta={LONG} :finish"], False),
        (":text-delta=hi", [":start :text-delta=hi :finish"], True),  # short
        (
            f":text-delta={LONG}",
            [f":start :text-delta={LONG}", f":start :text-delta={LONG}"],
            True,
        ),  # in each: a greeting
        (f":text-delta={LONG}", [":start :finish"], True),
        (f":data-x={LONG}", [f":data-x={LONG}"], True),
        (f":error={LONG}", [f":error={LONG}"], True),
    ],
)
def test_without_ids_the_content_tells(words: str, elsewhere: list[str], kept: bool) -> None:
    others = [
        one for n, text in enumerate(elsewhere) for one in used(text, ("dialogue", "refusals")[n], workflow=f"w{n}")
    ]
    assert outcome(IDLE, recording(*others, watch(words))) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("tail_", "expected"),
    [
        (watch("", status=404), "kept"),
        (watch("", status=0, ending="no-answer", problem="ReadTimeout: no headers"), "kept"),
        (watch("", status=0, ending="no-answer", problem="ConnectError"), "untested"),
    ],
)
def test_an_idle_session_that_was_not_tailed_shows_nothing(tail_: Exchange, expected: str) -> None:
    assert outcome(IDLE, recording(*used(), tail_)) == expected
    broke = Break("idle", "session", "status 500")
    assert "idle broke off at session: status 500" in found(IDLE, recording(*used(), breaks=[broke]))


@pytest.mark.parametrize("other", [{"part": "foreign"}, {"journey": "cursors"}])
def test_only_what_sessions_with_turns_showed_is_anothers(other: dict[str, Any]) -> None:
    values = {"journey": "dialogue", "part": "tail", **other}
    elsewhere = tail(stream("7-1:text-delta"), 1, "main", name=f"{values['journey']}/x", **values)
    assert outcome(IDLE, recording(elsewhere, watch("7-1:text-delta"))) == "kept"


# --- a used session ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", True),
        ("5-1:start", False),
        ("1-1:start", True),  # its own
        ("5-1:start=else", True),
        ("9-9:start", True),
        (":text-delta", True),
    ],
)
def test_another_sessions_cursor_opens_nothing_of_it(words: str, kept: bool) -> None:
    others = used("5-1:start 5-2:finish :text-delta", "refusals", workflow="w")
    shown = watch(words, "foreign-cursor-query")
    assert outcome(USED, recording(*used(), *others, shown)) == ("kept" if kept else "violation")
    assert outcome(USED, recording(*used(), *others)) == "untested"
    assert outcome(USED, recording(*used(), *others, watch("", "foreign-cursor-query", status=0))) == "untested"
    assert outcome(USED, recording(*used(), *others, watch("", "foreign-cursor-query", status=404))) == "kept"


def test_an_id_that_both_sessions_have_tells_nothing() -> None:
    both = used("1-1:start 5-1:start", "refusals", workflow="w")
    assert outcome(USED, recording(*used(), *both, watch("1-1:start", "foreign-cursor-x"))) == "kept"


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "words", "kept"),
    [
        (MARK, f"5-1:start 5-2:text-delta={MARK}", False),
        (MARK, f"5-1:start 5-2:text-delta=see_{MARK}", False),
        (MARK, f"5-1:start={MARK}", True),  # both sessions gave it: ACC-06 says so
        ("turn0123456789ab", "5-1:text-delta=turn0123456789ab", False),
        ("turn0123456789a", "5-1:text-delta=turn0123456789a_", True),  # too short
        ("0123456789012345", "5-1:text-delta=0123456789012345", True),  # no letters
        ("abcdefghijklmnopq", "5-1:text-delta=abcdefghijklmnopq", True),  # no digits
    ],
)
def test_the_ids_of_one_session_stand_in_no_tail_of_another(mark: str, words: str, kept: bool) -> None:
    played = [*used(workflow=mark), *used(words, "refusals", workflow="w")]
    assert outcome(MARKS, recording(*played)) == ("kept" if kept else "violation")
    own = used(f"1-1:start 1-2:text-delta={mark}", workflow=mark)
    assert outcome(MARKS, recording(*own, *used("5-1:start", "refusals", workflow="w"))) == "kept"


def test_the_message_id_of_a_stream_and_of_a_202_are_marks_too() -> None:
    begun = used(f"1-1:start={MARK}", workflow="w")
    assert outcome(MARKS, recording(*begun, *used(f"5-1:text-delta={MARK}", "refusals", workflow="v"))) == "violation"
    data = {"chat_turn_id": None, "user_message_id": MARK, "since_cursor": None}
    first = post(1, session="s", body={"data": data, "meta": {}})
    assert outcome(MARKS, recording(first, *used(f"5-1:text-delta={MARK}", "refusals", workflow="v"))) == "violation"
    assert outcome(MARKS, recording(first)) == "untested"


# --- CUR-07: away -----------------------------------------------------------------------------------------------------


def left(words: str, *, ending: Any = "silence", status: int = 200, number: int = 2, **more: Any) -> list[Exchange]:
    """A turn whose only listener left, and came back."""
    link = tail(stream("2-1:start", 20.5), number, None, part="live", left=True, name="dialogue/turn-2/live-1")
    return [post(number, cursor="1-5"), tail(stream(words, 20.6), number, "main", status, ending=ending, **more), link]


ENDED = [post(1), tail(stream(ONE))]


@pytest.mark.parametrize(
    ("words", "ending", "status", "expected"),
    [
        ("2-1:start 2-2:finish", "terminal", 200, "kept"),
        ("2-1:start", "silence", 200, "violation"),
        ("2-1:start", "time-limit", 200, "violation"),
        ("2-1:start", "broken", 200, "kept"),
        ("", "silence", 500, "kept"),
        ("2-1:start 2-2:abort", "silence", 200, "kept"),
    ],
)
def test_a_turn_goes_on_while_nobody_listens(words: str, ending: Any, status: int, expected: str) -> None:
    assert outcome(ALONE, recording(*ENDED, *left(words, ending=ending, status=status))) == expected
    assert outcome(ALONE, recording(*left(words, ending=ending, status=status))) == "kept"


def test_where_nothing_shows_that_turns_end_at_all_none_is_missed() -> None:
    open_one = [post(1), tail(stream("1-1:start"), ending="silence")]
    assert outcome(ALONE, recording(*open_one, *left("2-1:start"))) == "kept"
    stayed = [e for e in left("2-1:start") if "left" not in e.facts]
    assert outcome(ALONE, recording(*ENDED, *stayed)) == "kept"
    beside = post(8, 500, part="probe", name="dialogue/probe", at=20.2)
    assert outcome(ALONE, recording(*ENDED, *left("2-1:start"), beside)) == "kept"


TWO = "2-1:start 2-2:text-start 2-3:text-delta 2-4:text-end 2-5:finish"
THREE = "3-1:start 3-2:text-start 3-3:text-delta 3-4:text-end 3-5:finish"


def dialogue(words: str, *, after: str = "1-2", again: str = THREE, **more: Any) -> list[Exchange]:
    """Three turns, the last read twice, and a tail from an id of the first."""
    turns = [
        one
        for n, text in enumerate((ONE, TWO, THREE), 1)
        for one in (post(n, cursor="x"), tail(stream(text, 10.0 * n + 0.5), n))
    ]
    values = {"name": "dialogue/catch-up", "part": None, "ending": "goal", "opened": 50.0, "status": 200, **more}
    caught = tail(stream(words, 50.5), None, None, values.pop("status"), after=after, **values)
    return [*turns, tail(stream(again, 35.0), 3, "again"), caught]


REST = "1-3:text-delta 1-4:text-end 1-5:finish"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f"{REST} {TWO} {THREE}", True),
        (THREE, True),  # what is older may be gone
        (f"1-5:finish 2-5:finish {THREE}", True),  # or its final state may be all that is left
        (f"{REST} {TWO}", False),
        (f"{REST} {TWO} {THREE[10:]}", False),
        (f"{REST} {TWO} {THREE.replace('3-3:text-delta ', '')}", False),
        ("", False),
        (f"{REST} {TWO.replace('2-3:text-delta ', '')} {THREE}", False),
        (f"{TWO[25:]} {THREE}", True),
        (f"1-3:text-delta {TWO} {THREE}", False),
        (f"1-2:text-start {REST} {TWO} {THREE}", False),  # it starts strictly after the id
        (f"1-1:start {REST} {TWO} {THREE}", False),
        ("9-1:start 9-2:finish", True),  # under other ids: nothing can be compared
    ],
)
def test_a_client_that_was_away_for_turns_catches_up(words: str, kept: bool) -> None:
    assert outcome(CATCH_UP, recording(*dialogue(words))) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    "more",
    [
        {"status": 404},
        {"ending": "time-limit"},
        {"again": THREE[:-11]},  # the last turn was not played back whole
        {"again": ""},
    ],
)
def test_where_the_last_turn_need_not_be_there_nothing_is_missed(more: dict[str, Any]) -> None:
    assert outcome(CATCH_UP, recording(*dialogue(TWO, **more))) == "kept"


def test_without_a_tail_or_a_turn_or_with_one_beside_it_nothing_is_judged() -> None:
    played = dialogue(TWO)
    assert outcome(CATCH_UP, recording(*played[:-1])) == "kept"
    assert outcome(CATCH_UP, recording(played[-1])) == "kept"
    beside = post(8, 500, part="probe", name="dialogue/probe", at=20.2)
    assert outcome(CATCH_UP, recording(*played, beside)) == "kept"
    assert outcome(CATCH_UP, recording(*played)) == "violation"
