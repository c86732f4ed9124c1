"""CUR-04 and CUR-05 on recordings written by hand: what a tail without a cursor owes, and when it owes less."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_without_cursor as without
from tests.judges.by_hand import found, outcome, post, recording, stream, tail

FIRST = without.test_without_a_cursor_the_first_turn_is_tailed_from_its_beginning
LATER = without.test_without_a_cursor_a_later_turn_brings_back_the_earlier_end

# Ids that hold no time, so that the moments of arrival alone tell when a turn was over.
ONE = "1.1:start 1.2:text-start 1.3:text-delta 1.4:text-end 1.5:finish-step 1.6:finish"
TWO = "2.1:start 2.2:text-start 2.3:text-delta 2.4:text-end 2.5:finish-step 2.6:finish"
THREE = "3.1:start 3.2:text-start 3.3:text-delta 3.4:text-end 3.5:finish-step 3.6:finish"
STILL_RAN = tail(stream("1.6:finish", 11.0), 1, "before")
"""A tail that tells no more than when the first turn ended: behind the moment when the others were opened."""


def first(words: str = ONE, *, cursor: str | None = "0-0", main: str = ONE, **more: Any) -> list[Exchange]:
    """A first turn, its tail from the cursor, and the tail without one."""
    values = {"opened": 10.1, "ending": "goal", **more}
    return [post(1, cursor=cursor), tail(stream(main)), tail(stream(words), 1, "none", **values)]


# --- the first turn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", [None, "0-0"])
def test_the_whole_first_turn_keeps_it(cursor: str | None) -> None:
    assert found(FIRST, recording(*first(cursor=cursor))) == "kept"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (ONE[10:], False),
        (ONE.replace("1.3:text-delta ", ""), False),
        (ONE[:-11], False),
        ("", False),
        ("9.1:start 9.6:finish", False),
        (f"0.1:start {ONE}", True),  # more than another tail has is no loss
        (f"{ONE} 1.7:data-title", True),
        (ONE.replace("1.2:text-start", "1.2:data-progress"), False),
    ],
)
def test_what_another_tail_has_of_the_turn_is_there(words: str, kept: bool) -> None:
    assert outcome(FIRST, recording(*first(words))) == ("kept" if kept else "violation")


@pytest.mark.parametrize("kind", ["main", "header", "again"])
def test_each_other_tail_shows_what_was_lost(kind: str) -> None:
    bare = [post(1, cursor="0-0"), tail(stream(ONE[10:]), 1, "none", opened=10.1, ending="goal"), STILL_RAN]
    other = tail(stream(ONE), 1, kind)
    assert outcome(FIRST, recording(*bare, other)) == "violation"
    refused = tail(stream(ONE), 1, kind, 404)
    assert outcome(FIRST, recording(*bare, refused)) == "kept"


def test_a_null_cursor_means_that_the_main_tail_is_one_without_a_cursor() -> None:
    lost = [post(1, cursor=None), tail(stream(ONE[10:])), tail(stream(ONE), 1, "none", opened=10.1, ending="goal")]
    assert outcome(FIRST, recording(*lost)) == "violation"
    given = [post(1, cursor="0-0"), *lost[1:]]
    assert outcome(FIRST, recording(*given)) == "kept"  # CUR-02 says so


def test_a_data_part_without_an_id_is_owed_by_no_tail() -> None:
    assert outcome(FIRST, recording(*first(main=f":data-title {ONE}"))) == "kept"
    assert outcome(FIRST, recording(*first(main=f"1.0:data-title {ONE}"))) == "violation"


@pytest.mark.parametrize(
    ("ending", "expected"), [("silence", "violation"), ("time-limit", "unobservable"), ("broken", "unobservable")]
)
def test_what_was_not_read_out_has_lost_nothing_at_its_end(ending: Any, expected: str) -> None:
    assert outcome(FIRST, recording(*first("", ending=ending))) == expected
    assert outcome(FIRST, recording(*first(ONE[:35], ending=ending))) == expected
    assert outcome(FIRST, recording(*first(ONE[10:], ending=ending))) == "violation"


def test_a_tail_alone_must_not_begin_in_the_middle() -> None:
    def alone(words: str) -> list[Exchange]:
        return [post(1, cursor="0-0"), tail(stream(words), 1, "none", opened=10.1), STILL_RAN]

    assert outcome(FIRST, recording(*alone("1.3:text-delta 1.4:text-end 1.6:finish"))) == "violation"
    assert outcome(FIRST, recording(*alone("1.4:text-end 1.6:finish"))) == "violation"
    assert outcome(FIRST, recording(*alone("1.2:text-start 1.3:text-delta 1.4:text-end 1.6:finish"))) == "kept"
    assert outcome(FIRST, recording(*alone("1.2:text-start 1.3:text-delta"))) == "unobservable"


def test_ids_given_anew_with_each_connection_compare_nothing() -> None:
    assert (
        outcome(FIRST, recording(*first(":start :text-start :finish", main=":start=a :text-start :finish=b"))) == "kept"
    )


def test_a_tail_that_starts_before_the_others_do_has_lost_nothing() -> None:
    """The tail by query begins late: what is missing at its beginning is in the one that is judged."""
    assert outcome(FIRST, recording(*first(main=ONE[10:]))) == "kept"
    assert outcome(FIRST, recording(*first(main="1.0:start 1.6:finish"))) == "violation"


@pytest.mark.parametrize("over", [True, False])
def test_of_a_turn_that_is_over_the_end_may_be_all(over: bool) -> None:
    """The turn ends at second 11.0."""
    opened = 11.0 if over else 10.9
    played = first("1.1:start 1.6:finish", opened=opened)
    assert outcome(FIRST, recording(*played)) == ("unobservable" if over else "violation")


def test_the_end_alone_is_the_final_state_where_the_server_may_have_known_it() -> None:
    """The client learns of the end up to half a second later than the server."""
    assert outcome(FIRST, recording(*first("1.5:finish-step 1.6:finish", opened=10.6))) == "unobservable"
    assert outcome(FIRST, recording(*first("1.5:finish-step 1.6:finish", opened=10.45))) == "violation"
    assert outcome(FIRST, recording(*first("1.4:text-end 1.6:finish", opened=10.6))) == "violation"
    assert outcome(FIRST, recording(*first("", opened=10.6, ending="silence"))) == "violation"


@pytest.mark.parametrize(
    ("words", "ending", "cursor", "status", "expected"),
    [
        ("1.6:finish", "goal", None, 200, "kept"),
        ("1.5:finish-step", "silence", None, 200, "violation"),
        ("", "silence", None, 200, "violation"),
        ("", "time-limit", None, 200, "kept"),
        ("", "silence", "0-0", 200, "kept"),
        ("", "silence", None, 503, "kept"),
    ],
)
def test_when_the_first_turn_is_over_its_end_still_comes(
    words: str, ending: Any, cursor: str | None, status: int, expected: str
) -> None:
    again = tail(stream(words, 12.0), 1, "again", status, opened=11.9, ending=ending)
    played = [post(1, cursor=cursor), tail(stream(ONE)), again]
    if cursor is not None:
        played += [tail(stream(ONE), 1, "none", opened=10.1)]
    if not words and ending == "silence" and cursor is not None:
        played[2] = tail([], 1, "again", 200, opened=11.9, ending="time-limit")
    assert outcome(FIRST, recording(*played)) == expected


def test_a_turn_that_never_ended_owes_no_end() -> None:
    again = tail(stream("1.1:start 1.2:text-start", 12.0), 1, "again", opened=11.9, ending="silence")
    played = [post(1), tail(stream("1.1:start 1.2:text-start"), ending="silence"), again]
    assert outcome(FIRST, recording(*played)) == "unobservable"


def test_a_later_tail_without_a_cursor_may_show_what_was_lost() -> None:
    """It plays the session from its beginning: what stands before the end of the first turn belongs to that."""
    lost = [post(1, cursor=None), tail(stream(ONE[10:]))]
    from_start = tail(stream(f"{ONE} {TWO}", 20.5), 2, "none", opened=20.1)
    second = [post(2, cursor="1-6"), tail(stream(TWO, 20.5), 2)]
    assert outcome(FIRST, recording(*lost, *second, from_start)) == "violation"
    assert outcome(FIRST, recording(*lost, *second)) == "kept"
    of_second = tail(stream(TWO, 20.5), 2, "none", opened=20.1)
    assert outcome(FIRST, recording(*lost, *second, of_second)) == "kept"
    only_main = tail(stream(f"{ONE} {TWO}", 20.5), 2, "before", opened=20.1)
    assert outcome(FIRST, recording(*lost, *second, only_main)) == "kept"
    no_ids = tail(stream(f":start {ONE[10:]}", 20.5), 2, "none", opened=20.1)
    assert outcome(FIRST, recording(*lost, *second, no_ids)) == "kept"
    two_later = [from_start, tail(stream(TWO, 30.5), 3, "none", opened=30.1)]
    assert outcome(FIRST, recording(*lost, *second, *two_later[::-1])) == "violation"


def test_what_a_later_tail_shows_of_the_second_turn_is_not_owed_by_the_first() -> None:
    whole = first(cursor=None)
    from_start = tail(stream(f"{ONE} {TWO}", 20.5), 2, "none", opened=20.1)
    assert outcome(FIRST, recording(*whole, post(2, cursor="1-6"), tail(stream(TWO, 20.5), 2), from_start)) == "kept"


def test_a_turn_that_something_may_have_run_beside_is_passed_over() -> None:
    beside = post(8, 500, part="probe", name="dialogue/probe", at=10.2)
    assert outcome(FIRST, recording(*first(ONE[10:]), beside)) == "untested"


def test_without_such_a_tail_it_is_untested() -> None:
    broke = Break("dialogue", "turn-1/post", "status 500")
    assert found(FIRST, recording(breaks=[broke])) == (
        "untested: no first turn was tailed without a cursor; dialogue broke off at turn-1/post: status 500"
    )
    assert outcome(FIRST, recording(post(1, cursor="0-0"), tail(stream(ONE)))) == "untested"
    refused = tail([], 1, "none", 500)
    assert outcome(FIRST, recording(post(1, cursor="0-0"), tail(stream(ONE)), refused)) == "untested"
    second = [post(2, cursor="1-6"), tail(stream(TWO, 20.5), 2, "none", opened=20.1)]
    assert outcome(FIRST, recording(*second)) == "untested"


# --- later turns ------------------------------------------------------------------------------------------------------


def second(words: str, *, main: str = TWO, one: str = ONE, **more: Any) -> list[Exchange]:
    """Two turns, the first read whole, and the second one's tail without a cursor."""
    values = {"opened": 20.1, "ending": "goal", **more}
    return [
        post(1),
        tail(stream(one)),
        post(2, cursor="1-6"),
        tail(stream(main, 20.5), 2),
        tail(stream(words, 20.5), 2, "none", **values),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (f"1.6:finish {TWO}", "kept"),
        (f"1.5:finish-step 1.6:finish {TWO}", "kept"),
        (f"{ONE} {TWO}", "kept"),
        ("1.6:finish", "kept"),
        (TWO, "violation"),
        (f"1.5:finish-step {TWO}", "violation"),
        ("", "violation"),
        (f"0.9:finish=again {TWO}", "kept"),  # the state played back under another id
    ],
)
def test_the_end_of_the_turn_before_comes_back(words: str, expected: str) -> None:
    assert outcome(LATER, recording(*second(words))) == expected


@pytest.mark.parametrize("ending", ["time-limit", "broken"])
def test_a_tail_that_was_not_read_out_may_have_had_it_still_to_come(ending: Any) -> None:
    assert outcome(LATER, recording(*second(TWO, ending=ending))) == "unobservable"
    assert outcome(LATER, recording(*second(f"1.6:finish {TWO}", ending=ending))) == "kept"


@pytest.mark.parametrize(("opened", "expected"), [(21.0, "unobservable"), (20.96, "unobservable"), (20.9, "violation")])
def test_once_this_turn_is_over_its_own_end_will_do(opened: float, expected: str) -> None:
    """It ended at second 21.0."""
    assert outcome(LATER, recording(*second("2.6:finish", opened=opened))) == expected


@pytest.mark.parametrize("kind", ["header", "before"])
def test_any_tail_tells_that_this_turn_was_over(kind: str) -> None:
    played = [*second(TWO, main="2.1:start"), tail(stream(TWO, 20.02, 0.01), 2, kind, opened=20.01)]
    assert outcome(LATER, recording(*played)) == "unobservable"
    played = [*second(TWO, main="2.1:start"), tail(stream(TWO, 20.5), 2, kind)]
    assert outcome(LATER, recording(*played)) == "violation"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (":finish :start :text-start :text-delta=x :text-end :finish", "kept"),  # one end more than the turn has
        (
            ":start :text-start :text-delta=x :text-end :finish",
            "unobservable",
        ),  # just this turn, or just as the one before
        (":start :text-start :text-delta=y :text-end :finish", "kept"),  # another turn's
        (":start :finish", "kept"),
        ("", "violation"),
    ],
)
def test_without_ids_the_content_tells_whose_end_it_is(words: str, expected: str) -> None:
    own = ":start :text-start :text-delta=x :text-end :finish"
    assert outcome(LATER, recording(*second(words, main=own, one=own))) == expected


def three(words: str, ending: Any = "goal") -> list[Exchange]:
    third = [
        post(3, cursor="2-6"),
        tail(stream(THREE, 30.5), 3),
        tail(stream(words, 30.5), 3, "none", opened=30.1, ending=ending),
    ]
    return [*second(f"1.6:finish {TWO}"), *third]


def test_it_is_the_turn_directly_before() -> None:
    assert outcome(LATER, recording(*three(f"2.6:finish {THREE}"))) == "kept"
    reason = found(LATER, recording(*three(f"1.6:finish {THREE}")))
    assert reason.startswith("violation: dialogue turn 3: the end of an older turn came")
    assert outcome(LATER, recording(*three(f"1.6:finish 2.6:finish {THREE}"))) == "kept"


@pytest.mark.parametrize(
    ("words", "ending", "expected"),
    [
        (ONE, "closed", "kept"),
        (ONE, "complete", "kept"),
        (ONE, "silence", "violation"),
        ("1.6:finish", "closed", "violation"),
        (ONE[10:], "closed", "violation"),
    ],
)
def test_a_server_may_play_the_session_and_close_behind_each_end(words: str, ending: Any, expected: str) -> None:
    assert outcome(LATER, recording(*three(words, ending))) == expected


def test_a_later_turn_alone_tailed_without_a_cursor_is_all_that_counts() -> None:
    only_first = first()
    assert found(LATER, recording(*only_first)) == "untested: no later turn was tailed without a cursor"
    refused = [*second(TWO)[:-1], tail([], 2, "none", 500)]
    assert outcome(LATER, recording(*refused)) == "untested"
    elsewhere = [post(2, journey="refusals"), tail(stream(TWO, 20.5), 2, "none", journey="refusals")]
    assert outcome(LATER, recording(*elsewhere)) == "untested"
