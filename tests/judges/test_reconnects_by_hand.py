"""CUR-07 and CUR-08 on recordings written by hand: tails that are opened again."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_reconnects as reconnects
from tests.judges.by_hand import exchange, found, outcome, post, recording, stream, tail
from tests.judges.resumed import BESIDE, ONE, WHOLE, WORDS, behind, resume

RESUME = reconnects.test_a_reconnect_after_any_id_continues_directly_behind_it
PIECES = reconnects.test_a_turn_read_in_pieces_is_the_turn
TWICE = reconnects.test_one_cursor_gives_one_answer


# --- CUR-07 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5])
def test_the_rest_of_the_turn_comes_after_every_cut(place: int) -> None:
    last: dict[str, Any] = {"ending": "silence"} if place == 5 else {}
    assert found(RESUME, recording(*WHOLE, resume(place, **last))) == "kept"
    assert outcome(RESUME, recording(*WHOLE, resume(place, ONE))) == "violation"
    if place < 4:
        assert outcome(RESUME, recording(*WHOLE, resume(place, behind(place + 1)))) == "violation"


@pytest.mark.parametrize(
    ("words", "ending", "expected"),
    [
        ("1-3:text-delta 1-4:text-end", "silence", "violation"),
        ("1-3:text-delta 1-4:text-end", "closed", "violation"),
        ("1-3:text-delta 1-4:text-end", "goal", "violation"),
        ("1-3:text-delta 1-4:text-end", "time-limit", "kept"),
        ("", "silence", "violation"),
        ("", "time-limit", "unobservable"),
        (f"{behind(2)} 2-1:start", "silence", "kept"),
        (behind(2).replace("1-3:text-delta", "1-3:text-delta=other"), "goal", "violation"),
        (behind(2).replace("1-3", "9-3"), "goal", "violation"),
    ],
)
def test_what_was_not_read_out_has_lost_nothing_yet(words: str, ending: Any, expected: str) -> None:
    assert outcome(RESUME, recording(*WHOLE, resume(2, words, ending=ending))) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "violation"), (400, "violation"), (503, "violation"), (0, "violation"), (429, "unobservable")],
)
def test_a_reconnect_is_not_refused(status: int, expected: str) -> None:
    more: dict[str, Any] = {"status": status, "ending": "no-answer" if status == 0 else "complete"}
    assert outcome(RESUME, recording(*WHOLE, resume(2, "", **more))) == expected
    # Where nothing is left to come, a server may hold back even its status.
    at_end = outcome(RESUME, recording(*WHOLE, resume(5, "", **more)))
    assert at_end == ("unobservable" if status in (0, 429) else "violation")


def test_a_401_of_a_key_that_has_died_says_nothing() -> None:
    dead = resume(2, "", status=401, ending="complete", at=12.0)
    assert outcome(RESUME, recording(*WHOLE, dead)) == "untested"
    assert outcome(RESUME, recording(*WHOLE, dead, resume(1, at=11.5))) == "untested"
    alive = exchange("dialogue/messages", "list-messages", 200, at=13.0)
    assert outcome(RESUME, recording(*WHOLE, dead, alive)) == "violation"


@pytest.mark.parametrize("after", [None, 7, "9-9"])
def test_a_cut_that_names_no_place_of_the_turn_proves_nothing(after: Any) -> None:
    played = [*WHOLE, resume(2, "9-1:start", after=after)]
    assert (
        found(RESUME, recording(*played))
        == "unobservable: no reconnect could be compared with the turn that it continues"
    )
    assert outcome(RESUME, recording(*played, resume(3, ONE))) == "violation"


def test_a_turn_with_another_beside_it_is_passed_over() -> None:
    assert outcome(RESUME, recording(*WHOLE, resume(2, ONE), BESIDE)) == "untested"


def test_one_broken_connection_may_be_the_networks_and_two_are_not() -> None:
    one, two = resume(2, "1-3:text-delta", ending="broken"), resume(3, "1-4:text-end", ending="broken")
    assert outcome(RESUME, recording(*WHOLE, one)) == "kept"
    assert outcome(RESUME, recording(*WHOLE, one, two)) == "violation"
    complete = resume(3, ending="broken")
    assert outcome(RESUME, recording(*WHOLE, one, complete)) == "kept"
    nothing_left = resume(5, ending="broken")
    assert outcome(RESUME, recording(*WHOLE, one, nothing_left)) == "kept"


GONE: dict[str, Any] = {"status": 404, "ending": "complete"}


@pytest.mark.parametrize(
    ("resumes", "expected"),
    [
        # Served, and from a moment on refused wherever the cut was: it is kept no longer.
        ([resume(1, at=12.0), *(resume(n, "", at=13.0 + n, **GONE) for n in (1, 2, 3))], "kept"),
        ([resume(2, at=12.0), *(resume(n, "", at=13.0 + n, ending="silence") for n in (1, 2, 3))], "kept"),
        # Too few to tell.
        ([resume(1, at=12.0), *(resume(n, "", at=13.0 + n, **GONE) for n in (1, 2))], "violation"),
        # Refused behind a place: the place decides.
        ([resume(1, at=12.0), *(resume(n, "", at=13.0 + n, **GONE) for n in (2, 3, 4))], "violation"),
        # Refused from the beginning on, or now and then.
        ([resume(n, "", at=13.0 + n, **GONE) for n in (1, 2, 3, 4)], "violation"),
        (
            [
                resume(1, "", at=11.0, **GONE),
                resume(2, at=12.0),
                *(resume(n, "", at=13.0 + n, **GONE) for n in (1, 3, 4)),
            ],
            "violation",
        ),
        (
            [resume(1, at=12.0), *(resume(n, "", at=13.0 + n, **GONE) for n in (1, 2, 3)), resume(4, at=18.0)],
            "violation",
        ),
        (
            [resume(2, at=12.0), *(resume(n, "", at=13.0 + n, status=500, ending="complete") for n in (1, 2, 3))],
            "violation",
        ),
    ],
)
def test_how_long_a_turn_that_is_over_is_kept_is_open(resumes: list[Exchange], expected: str) -> None:
    assert outcome(RESUME, recording(*WHOLE, *[named(e, n) for n, e in enumerate(resumes)])) == expected


def named(one: Exchange, number: int) -> Exchange:
    values = {**one.__dict__, "step": f"{one.step}-{number}"}
    return Exchange(**{key: values[key] for key in Exchange.__dataclass_fields__})


def test_a_reconnect_at_the_very_end_tells_nothing_of_how_long_it_is_kept() -> None:
    resumes = [resume(1, at=12.0), *(resume(5, "", at=13.0 + n, ending="silence") for n in (1, 2, 3))]
    resumes += [resume(1, "", at=18.0, **GONE)]
    assert outcome(RESUME, recording(*WHOLE, *[named(e, n) for n, e in enumerate(resumes)])) == "violation"


def test_without_a_reconnect_it_says_why() -> None:
    assert found(RESUME, recording(*WHOLE)) == "untested: no turn was resumed after its ids"
    no_ids = [post(1), tail(stream(":start :finish"))]
    assert found(RESUME, recording(*no_ids)) == "unobservable: no envelope has an id to reconnect after"
    assert outcome(RESUME, recording(post(1), tail([]))) == "untested"


# --- CUR-07: a turn in pieces -----------------------------------------------------------------------------------------


def link(number: int, words: str, *, after: str | None = None, **more: Any) -> Exchange:
    values = {"part": "live", "ending": "goal", "link": number, "after": after, "opened": 10.3 + number, **more}
    frames = stream(words, 10.4 + number, 0.01)
    return tail(frames, 1, None, values.pop("status", 200), name=f"dialogue/turn-1/live-{number}", **values)


FULL = [post(1, cursor="0-0"), tail(stream(ONE, 12.0), 1, "again")]
"""The turn as it was read when it was over."""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (" ".join(WORDS[:2]), behind(2), "kept"),
        (" ".join(WORDS[:2]), behind(3), "violation"),
        (" ".join(WORDS[:2]), behind(1), "violation"),
        (" ".join(WORDS[1:2]), behind(2), "violation"),
        (" ".join(WORDS[:2]), "1-3:text-delta", "kept"),  # cut once more
        (" ".join(WORDS[:2]), "", "kept"),
        ("", behind(2), "kept"),
    ],
)
def test_the_pieces_make_the_turn(first: str, second: str, expected: str) -> None:
    assert outcome(PIECES, recording(*FULL, link(1, first), link(2, second, after="1-2"))) == expected


@pytest.mark.parametrize(
    ("words", "ending", "expected"),
    [
        ("1-3:text-delta", "silence", "violation"),
        ("1-3:text-delta", "closed", "kept"),  # a proxy may have cut it
        ("1-3:text-delta 1-5:finish", "closed", "violation"),
        ("1-3:text-delta", "time-limit", "kept"),
        ("1-3:text-delta", "terminal", "kept"),
    ],
)
def test_a_piece_is_whole_where_the_end_is_in_it_or_nothing_more_came(words: str, ending: Any, expected: str) -> None:
    played = [*FULL, link(1, " ".join(WORDS[:2])), link(2, words, after="1-2", ending=ending)]
    assert outcome(PIECES, recording(*played)) == expected


def test_pieces_that_cannot_be_compared_are_not_judged() -> None:
    at_once = post(8, 500, part="probe", name="dialogue/probe", at=10.005)
    assert outcome(PIECES, recording(*FULL, link(2, "9-1:start", after=None))) == "unobservable"
    assert outcome(PIECES, recording(*FULL, link(2, "9-1:start", after="9-0"))) == "unobservable"
    assert outcome(PIECES, recording(*FULL)) == "untested"
    assert outcome(PIECES, recording(*FULL, link(1, behind(3)), at_once)) == "untested"
    dead = link(2, "", after="1-2", status=401, ending="complete")
    played = [post(1, cursor="0-0"), tail(stream(ONE, 10.05, 0.01), 1, "again"), link(1, ONE), dead]
    assert outcome(PIECES, recording(*played)) == "kept"
    alive = exchange("dialogue/messages", "list-messages", 200, at=99.0)
    assert outcome(PIECES, recording(*played, alive)) == "violation"


# --- CUR-08 -----------------------------------------------------------------------------------------------------------


def again(words: str = ONE, **more: Any) -> Exchange:
    values = {"ending": "goal", **more}
    return tail(stream(words, 12.0), 1, "again", values.pop("status", 200), **values)


@pytest.mark.parametrize(
    ("words", "ending", "expected"),
    [
        (ONE, "goal", "kept"),
        (f"{ONE} 1-6:data-title", "silence", "kept"),
        (behind(1), "goal", "violation"),
        (" ".join(WORDS[:-1]), "silence", "violation"),
        (ONE.replace("1-3", "9-3"), "goal", "violation"),
        (ONE.replace("1-3:text-delta", "1-3:text-delta=other"), "goal", "violation"),
        ("", "silence", "violation"),
        ("", "time-limit", "unobservable"),
        (behind(1), "time-limit", "unobservable"),
    ],
)
def test_a_second_tail_from_one_cursor_tells_the_same(words: str, ending: Any, expected: str) -> None:
    assert outcome(TWICE, recording(*WHOLE, again(words, ending=ending))) == expected


def test_a_part_without_an_id_at_the_end_is_not_waited_for() -> None:
    main = tail(stream(f"{ONE} :message-metadata"), ending="silence")
    assert outcome(TWICE, recording(post(1, cursor="0-0"), main, again())) == "kept"
    middle = ONE.replace("1-4:", ":message-metadata 1-4:")
    main = tail(stream(middle))
    assert outcome(TWICE, recording(post(1, cursor="0-0"), main, again())) == "violation"


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "violation"), (500, "violation"), (0, "unobservable"), (429, "unobservable")]
)
def test_the_second_tail_is_not_refused(status: int, expected: str) -> None:
    assert outcome(TWICE, recording(*WHOLE, again("", status=status))) == expected


def test_where_nothing_was_read_twice_it_says_so() -> None:
    assert outcome(TWICE, recording(*WHOLE)) == "untested"
    assert outcome(TWICE, recording(post(1), tail(stream(ONE)), again(behind(1)))) == "untested"  # a null cursor
    refused = [post(1, cursor="0-0"), tail([], 1, "main", 500), again()]
    assert outcome(TWICE, recording(*refused)) == "untested"
    cut = [post(1, cursor="0-0"), tail(stream(" ".join(WORDS[:2])), ending="time-limit"), again(behind(1))]
    assert outcome(TWICE, recording(*cut)) == "unobservable"
    nothing = [post(1, cursor="0-0"), tail([], ending="silence"), again("", ending="silence")]
    assert outcome(TWICE, recording(*nothing)) == "unobservable"
    second = [post(2, cursor="1-5"), tail(stream("2-1:finish", 20.5), 2), tail([], 2, "again", ending="silence")]
    assert outcome(TWICE, recording(post(1), tail(stream(ONE)), again(), *second)) == "violation"
