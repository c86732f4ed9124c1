"""CUR-01, CUR-02 and CUR-06 on recordings written by hand: what a tail from the cursor of a turn has, and has not."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_since_cursor as since
from tests.judges.by_hand import exchange, found, outcome, post, recording, rival, stream, tail

NOTHING_OLD = since.test_a_tail_from_since_cursor_has_nothing_of_an_earlier_turn
WHOLE = since.test_a_tail_from_since_cursor_has_the_whole_turn
NOT_NULL = since.test_a_later_turn_has_a_cursor

ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:text-end 1-5:finish-step 1-6:finish"
TWO = "2-1:start 2-2:text-start 2-3:text-delta 2-4:text-end 2-5:finish-step 2-6:finish"
PLAIN_ONE = ":start=a :text-start :text-delta=x :text-end :finish-step :finish=end"
PLAIN_TWO = ":start=b :text-start :text-delta=y :text-end :finish-step :finish"


def first(words: str = ONE) -> list[Exchange]:
    return [post(1), tail(stream(words))]


def second(
    words: str = TWO, *, kind: str = "main", cursor: str | None = "1-6", one: str = ONE, **more: Any
) -> list[Exchange]:
    return [*first(one), post(2, cursor=cursor), tail(stream(words, 20.5), 2, kind, **more)]


# --- CUR-01 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["main", "header", "again"])
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (TWO, True),
        (f"1-6:finish {TWO}", False),
        (f"{TWO} 1-1:start", False),
        (f"1-6:finish=other {TWO}", False),  # the cursor's own id, whatever stands under it
        (f"1-5:text-delta=other {TWO}", False),  # by its number it is not behind the cursor
        (f"1-7:text-delta {TWO}", True),
        (f"0-9:text-delta {TWO}", False),
        (f"x:text-delta {TWO}", True),
    ],
)
def test_it_starts_behind_all_that_was_there(kind: str, words: str, kept: bool) -> None:
    assert outcome(NOTHING_OLD, recording(*second(words, kind=kind))) == ("kept" if kept else "violation")


@pytest.mark.parametrize("kind", ["before", "none"])
def test_a_tail_from_elsewhere_may_have_it(kind: str) -> None:
    assert outcome(NOTHING_OLD, recording(*second(), tail(stream(ONE, 20.5), 2, kind))) == "kept"


def test_a_live_tail_from_the_cursor_counts_and_its_reconnects_do_not() -> None:
    def live(after: str | None) -> Exchange:
        facts: dict[str, Any] = {"part": "live", "after": after, "name": "dialogue/turn-2/live-1"}
        return tail(stream(f"1-6:finish {TWO}", 20.5), 2, None, **facts)

    assert outcome(NOTHING_OLD, recording(*second(), live(None))) == "violation"
    assert outcome(NOTHING_OLD, recording(*second(), live("1-5"))) == "kept"


def test_opaque_ids_are_compared_with_what_was_received() -> None:
    one = "a:start b:text-start c:finish"
    assert outcome(NOTHING_OLD, recording(*second("c:finish d:start e:finish", one=one, cursor="c"))) == "violation"
    assert outcome(NOTHING_OLD, recording(*second("b:text-start e:finish", one=one, cursor="c"))) == "violation"
    assert outcome(NOTHING_OLD, recording(*second("d:start e:finish", one=one, cursor="c"))) == "kept"


def test_a_greeting_of_the_connection_may_stand_under_the_cursors_id() -> None:
    greeting = stream("1-6:data-hello", 20.4)
    data = greeting[0].data.replace("}", ', "transient": true}')
    fleeting = greeting[0].__class__(20.4, greeting[0].event.__class__(data, "", "1-6", "1-6", None))
    played = [*first(), post(2, cursor="1-6"), tail([fleeting, *stream(TWO, 20.5)], 2)]
    assert outcome(NOTHING_OLD, recording(*played)) == "kept"
    lasting = [*first(), post(2, cursor="1-6"), tail([*greeting, *stream(TWO, 20.5)], 2)]
    assert outcome(NOTHING_OLD, recording(*lasting)) == "violation"
    both = [*first(), post(2, cursor="1-6"), tail([fleeting, *stream(f"1-6:finish {TWO}", 20.5)], 2)]
    assert outcome(NOTHING_OLD, recording(*both)) == "violation"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f":finish=end {PLAIN_TWO}", False),
        (f":finish-step :finish=end {PLAIN_TWO}", False),
        (f":finish=else {PLAIN_TWO}", True),  # not what the turn before ended with
        (":finish=end", True),  # no start follows: it may be this turn's
        (PLAIN_TWO, True),
        (f":text-end :finish=end {PLAIN_TWO}", True),
        (f":error :finish-step :finish-step :finish=end {PLAIN_TWO}", True),
        (f"2-0:finish=end {PLAIN_TWO}", True),
    ],
)
def test_without_ids_the_end_of_the_turn_before_tells(words: str, kept: bool) -> None:
    assert outcome(NOTHING_OLD, recording(*second(words, one=PLAIN_ONE, cursor="x"))) == (
        "kept" if kept else "violation"
    )


def test_without_ids_an_aborted_turn_tells_as_well() -> None:
    one = ":start=a :text-start :abort"
    assert outcome(NOTHING_OLD, recording(*second(f":abort {PLAIN_TWO}", one=one, cursor="x"))) == "violation"
    one = ":start=a :error :finish-step :finish=end"
    words = f":error :finish-step :finish=end {PLAIN_TWO}"
    assert outcome(NOTHING_OLD, recording(*second(words, one=one, cursor="x"))) == "violation"
    assert outcome(NOTHING_OLD, recording(*second(f":finish=end {PLAIN_TWO}", one=":finish=end", cursor="x"))) == "kept"


def test_without_ids_it_is_the_turn_directly_before() -> None:
    third = [post(3, cursor="y"), tail(stream(":finish=three :start=c :finish", 30.5), 3)]
    between = [*first(PLAIN_ONE), post(2, cursor="x"), tail(stream(":start=b :text-start :finish=three", 20.5), 2)]
    assert outcome(NOTHING_OLD, recording(*between, *third)) == "violation"
    of_first = [post(3, cursor="y"), tail(stream(":finish=end :start=c :finish", 30.5), 3)]
    assert outcome(NOTHING_OLD, recording(*between, *of_first)) == "kept"
    alone = [post(2, cursor="x"), tail(stream(f":finish=end {PLAIN_TWO}", 20.5), 2)]
    assert outcome(NOTHING_OLD, recording(*alone)) == "kept"
    later = [*alone, post(3), tail(stream(":start :text-start :finish=end", 30.5), 3)]
    assert outcome(NOTHING_OLD, recording(*later)) == "kept"


def test_without_a_cursor_or_a_tail_nothing_is_seen() -> None:
    assert outcome(NOTHING_OLD, recording(*second(f"1-6:finish {TWO}", cursor=None))) == "unobservable"
    assert outcome(NOTHING_OLD, recording(*first(), post(2, cursor="1-6"))) == "unobservable"
    assert outcome(NOTHING_OLD, recording(*second("", ending="silence"))) == "unobservable"
    assert outcome(NOTHING_OLD, recording(*second("", status=500))) == "unobservable"
    assert outcome(NOTHING_OLD, recording(*first())) == "untested"
    broke = Break("dialogue", "turn-2/post", "status 500")
    assert found(NOTHING_OLD, recording(*first(), breaks=[broke])) == (
        "untested: no second turn of a session was read; dialogue broke off at turn-2/post: status 500"
    )
    given = [post(1, cursor="0-0"), tail(stream(ONE))]
    assert outcome(NOTHING_OLD, recording(*given)) == "untested"


def test_a_first_turn_counts_where_something_came_before_it() -> None:
    """An agent that greets: the client held its greeting before it posted."""
    hello = tail(
        stream("0-1:start 0-2:finish", 5.0), None, None, part=None, name="dialogue/hello", opened=4.0, ended=6.0
    )
    greeted = [hello, post(1, cursor="0-2"), tail(stream(f"0-2:finish {ONE}"))]
    assert outcome(NOTHING_OLD, recording(*greeted)) == "violation"
    kept = [hello, post(1, cursor="0-2"), tail(stream(ONE))]
    assert outcome(NOTHING_OLD, recording(*kept)) == "kept"


# --- CUR-02 -----------------------------------------------------------------------------------------------------------


def compared(main: str, other: str, kind: str = "header", *, cursor: str | None = "1-6", **more: Any) -> list[Exchange]:
    """The second turn, its main tail and another one."""
    return [*second(main, cursor=cursor, **more), tail(stream(other, 20.6), 2, kind)]


@pytest.mark.parametrize("kind", ["header", "before", "again"])
@pytest.mark.parametrize(
    ("main", "kept"),
    [
        (TWO, True),
        (TWO[10:], False),
        (TWO.replace("2-3:text-delta ", ""), False),
        (TWO[:-11], False),
        (f"{TWO} 2-7:data-title", True),
        ("2-6:finish", False),
    ],
)
def test_what_another_tail_has_of_the_turn_is_there(kind: str, main: str, kept: bool) -> None:
    played = compared(main, TWO, kind, ending="silence")
    assert outcome(WHOLE, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("ending", "expected"),
    [("silence", "violation"), ("time-limit", "kept"), ("broken", "kept"), ("terminal", "violation")],
)
def test_a_tail_that_was_not_read_out_has_lost_nothing_at_its_end(ending: Any, expected: str) -> None:
    assert outcome(WHOLE, recording(*compared(TWO[:45], TWO, ending=ending))) == expected
    assert outcome(WHOLE, recording(*compared(TWO[10:45], TWO, ending=ending))) == "violation"


@pytest.mark.parametrize(
    ("other", "ending", "expected"),
    [
        (TWO, "silence", "violation"),
        ("2-1:data-title", "silence", "unobservable"),
        ("", "silence", "unobservable"),
        (TWO, "terminal", "unobservable"),  # an earlier turn's end was taken for this one's: CUR-01 says so
    ],
)
def test_a_tail_that_gave_nothing_at_all_has_lost_the_turn(other: str, ending: Any, expected: str) -> None:
    main = "1-6:finish" if ending == "terminal" else ""
    assert outcome(WHOLE, recording(*compared(main, other, ending=ending))) == expected


def test_without_a_cursor_only_the_first_turn_is_compared() -> None:
    assert outcome(WHOLE, recording(*compared(TWO[10:], TWO, "none"))) == "unobservable"
    lost = [post(1), tail(stream(ONE[10:])), tail(stream(ONE, 10.6), 1, "none")]
    assert outcome(WHOLE, recording(*lost)) == "violation"


def test_a_refused_tail_tells_nothing_and_hides_no_other() -> None:
    refused = tail([], 2, "before", 500)
    assert outcome(WHOLE, recording(*second(TWO[10:]), refused)) == "unobservable"
    assert outcome(WHOLE, recording(*compared(TWO[10:], TWO, "again"), refused)) == "violation"
    assert outcome(WHOLE, recording(*second("", status=500), tail(stream(TWO, 20.6), 2, "header"))) == "unobservable"
    only = [post(2, cursor="1-6"), tail([], 2, "main", 500), tail(stream(TWO, 20.6), 2, "header")]
    assert outcome(WHOLE, recording(*only)) == "untested"


def test_tails_that_share_nothing_are_not_compared() -> None:
    other = TWO.replace("2-", "7-")
    assert outcome(WHOLE, recording(*compared(TWO, other))) == "unobservable"
    both = [*compared(TWO.replace("2-3:text-delta ", ""), other, "before"), tail(stream(TWO, 20.6), 2, "header")]
    assert outcome(WHOLE, recording(*both)) == "violation"


@pytest.mark.parametrize(
    ("words", "cursor", "expected"),
    [
        (TWO[25:], "1-6", "violation"),  # its first part goes on, and was never begun
        (TWO[25:], None, "unobservable"),
        (TWO[10:], "1-6", "unobservable"),
        (TWO, "1-6", "unobservable"),
    ],
)
def test_a_tail_alone_begins_where_a_turn_can(words: str, cursor: str | None, expected: str) -> None:
    assert outcome(WHOLE, recording(*second(words, cursor=cursor))) == expected


@pytest.mark.parametrize(
    ("words", "ending", "cursor", "expected"),
    [
        (TWO, "goal", "1-6", "kept"),
        (TWO[10:], "goal", "1-6", "violation"),
        (TWO[10:], "silence", "1-6", "violation"),
        (TWO[10:], "time-limit", "1-6", "unobservable"),
        (TWO[10:], "goal", None, "unobservable"),
        (f"1-6:finish {TWO}", "goal", "1-6", "kept"),
        (TWO[:24], "goal", "1-6", "kept"),  # its end is CUR-08's affair
    ],
)
def test_opened_once_more_it_begins_there_again(words: str, ending: Any, cursor: str | None, expected: str) -> None:
    again = tail(stream(words, 22.0), 2, "again", ending=ending)
    assert outcome(WHOLE, recording(*second(cursor=cursor), again)) == expected


def test_opened_once_more_the_first_turn_has_all_of_its_beginning() -> None:
    again = tail(stream("1-2:text-start 1-6:finish", 12.0), 1, "again")
    played = [post(1, cursor="0-0"), tail(stream(f"1-0:source-url {ONE[10:]}")), again]
    assert outcome(WHOLE, recording(*played)) == "violation"


def test_a_turn_with_another_beside_it_is_passed_over() -> None:
    beside = post(8, 500, part="probe", name="dialogue/probe", at=20.2)
    lossy = compared(TWO[10:], TWO)
    assert outcome(WHOLE, recording(*lossy, beside)) == "unobservable"
    third = [post(3, cursor="2-6", session="session-2")]
    third += [
        tail(stream(words, 30.5), 3, kind, session="session-2")
        for words, kind in (("3-2:finish", "main"), ("3-1:start 3-2:finish", "header"))
    ]
    assert outcome(WHOLE, recording(*lossy, beside, *third)) == "violation"


def test_without_a_turn_it_is_untested() -> None:
    assert found(WHOLE, recording(post(1))) == "untested: no turn was read"
    assert outcome(WHOLE, recording(*first())) == "unobservable"


# --- CUR-06 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cursor", "kept"), [("1-6", True), ("x", True), (None, False), ("", False)])
def test_the_cursor_of_a_later_turn_is_an_id(cursor: str | None, kept: bool) -> None:
    expected = "kept" if kept else "violation"
    assert outcome(NOT_NULL, recording(*first(), post(2, cursor=cursor))) == expected
    assert outcome(NOT_NULL, recording(*first(), rival(1, cursor=cursor))) == expected
    assert (
        outcome(NOT_NULL, recording(post(1, journey="refusals"), post(2, journey="refusals", cursor=cursor)))
        == expected
    )


def test_a_cursor_that_is_missing_is_null_too() -> None:
    body = {"data": {"chat_turn_id": "w", "user_message_id": "m"}, "meta": {}}
    assert "since_cursor is missing" in found(NOT_NULL, recording(post(2, body=body)))
    assert "since_cursor is null" in found(NOT_NULL, recording(post(2)))
    assert "since_cursor is empty" in found(NOT_NULL, recording(post(2, cursor="")))


def test_the_first_turns_cursor_may_be_null() -> None:
    assert found(NOT_NULL, recording(post(1))) == "untested: no session had a second turn"
    refused = [post(1), rival(1, 409), exchange("racing/rival-1/tail", "tail-events", 202), post(2, 409)]
    assert outcome(NOT_NULL, recording(*refused)) == "untested"
