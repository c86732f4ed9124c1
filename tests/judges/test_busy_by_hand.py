"""What excuses a 409, and what disturbs a turn, on recordings written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.evidence import session
from conformance.judging.busy import busy_elsewhere
from conformance.judging.tails import followed, own_tails
from conformance.judging.turn_reads import disturbance, held_before, read
from conformance.recording import Exchange
from tests.judges.by_hand import SESSION, exchange, post, recording, rival, stream, tail

CONFLICT = post(3, 409, at=30.0)


def ran(journey: str, sent: float, over: float | None, *, turn: int = 1, **more: Any) -> list[Exchange]:
    """A turn of another session: posted at ``sent``, its end received at ``over`` (None: never)."""
    values = {"session": f"session-{journey}", "took": 0.0, **more}
    posted = post(turn, values.pop("status", 202), journey=journey, at=sent, **values)
    if over is None:
        return [posted]
    frames = [*stream("1:start", sent + 0.001), *stream("2:finish", over)]
    return [posted, tail(frames, turn, journey=journey, opened=sent + 0.0005, session=values["session"])]


# --- a turn elsewhere -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "over", "excused"),
    [
        (29.0, 31.0, True),
        (29.0, None, True),
        (20.0, 29.0, True),  # a server may take a moment before it takes the next message
        (20.0, 28.1, True),
        (20.0, 27.9, False),
        (30.0, 31.0, True),
        (30.1, 31.0, False),  # posted when the 409 was there
    ],
)
def test_a_turn_elsewhere_excuses_a_409_while_it_runs(sent: float, over: float | None, excused: bool) -> None:
    assert (busy_elsewhere(recording(*ran("refusals", sent, over), CONFLICT), CONFLICT) is not None) is excused


@pytest.mark.parametrize(
    ("more", "excused"),
    [
        ({}, True),
        ({"status": 0}, True),
        ({"status": 500}, True),
        ({"status": 499}, False),
        ({"status": 409}, False),
        ({"status": 200}, False),
        ({"session": SESSION}, False),
        ({"credential": "other"}, False),
    ],
)
def test_only_what_may_run_in_another_session_of_the_key_excuses(more: dict[str, Any], excused: bool) -> None:
    assert (busy_elsewhere(recording(*ran("refusals", 29.0, None, **more), CONFLICT), CONFLICT) is not None) is excused
    grant = exchange("uploads/grant", "request-upload-url", 500, at=29.0, session="session-2")
    assert busy_elsewhere(recording(grant, CONFLICT), CONFLICT) is None
    other = post(3, 409, at=30.0, credential="other")
    assert busy_elsewhere(recording(*ran("refusals", 29.0, None), other), other) is None


def pair(
    at: float, overlap: float, journeys: tuple[str, str] = ("refusals", "attachments"), turn: int = 1
) -> list[Exchange]:
    """Two turns of two sessions of ten seconds each, the second posted ``overlap`` seconds before the first is half over."""
    one = ran(journeys[0], at, at + 10.0, turn=turn)
    return [*one, *ran(journeys[1], at + 5.0 - overlap, at + 15.0 - overlap, turn=turn)]


def excuses(*played: Exchange) -> bool:
    late = post(9, 409, at=200.0)
    return busy_elsewhere(recording(*played, *ran("idle", 199.0, None, turn=7), late), late) is not None


def test_a_server_that_was_seen_to_run_two_turns_at_once_twice_is_not_busy() -> None:
    assert excuses()
    assert excuses(*pair(10.0, 1.0))  # once may be a mistake of the measure
    assert not excuses(*pair(10.0, 1.0), *pair(50.0, 1.0, turn=2))
    assert excuses(*pair(10.0, -1.0), *pair(50.0, -1.0, turn=2))  # in its second half a turn may be over unseen
    assert excuses(*pair(10.0, 1.0), *pair(50.0, -1.0, turn=2))


def test_turns_of_one_session_are_no_two_at_once() -> None:
    both = [*pair(10.0, 1.0), *pair(50.0, 1.0, turn=2)]
    one_session = [replace(e, facts={**e.facts, "session": "one"}) for e in both]
    assert excuses(*one_session)


def test_a_turn_without_an_end_proves_no_overlap() -> None:
    ended = pair(10.0, 1.0)
    open_ones = [*ran("racing", 11.0, None), *ran("duplicates", 11.5, None)]
    assert excuses(*ended, *open_ones)


def test_the_first_end_behind_a_post_is_its_own() -> None:
    """A tail that goes on has the ends of later turns, too."""
    frames = [*stream("1:start", 10.1), *stream("2:finish", 11.0), *stream("3:start 4:finish", 40.0)]
    long = [post(1, journey="refusals", at=10.0, session="r"), tail(frames, journey="refusals", session="r")]
    inside = [ran("attachments", 20.0, 39.0), ran("duplicates", 21.0, 39.5)]
    assert excuses(*long, *inside[0])
    assert excuses(*long, *inside[0], *ran("duplicates", 60.0, 61.0))
    assert busy_elsewhere(recording(*long, post(3, 409, at=41.0)), post(3, 409, at=41.0)) is not None


@pytest.mark.parametrize("name", ["racing/rival-1", "racing/rival-1/again"])
def test_the_ends_of_a_rivals_turn_stand_in_its_own_tail(name: str) -> None:
    raced = [
        rival(1, name=name, session="r"),
        tail(stream("1:start 2:finish", 20.5), None, None, journey="racing", name="racing/rival-1/tail", session="r"),
    ]
    assert busy_elsewhere(recording(*raced, CONFLICT), CONFLICT) is None
    assert busy_elsewhere(recording(*raced[:1], CONFLICT), CONFLICT) is not None
    refused = [rival(1, 500, name=name, session="r"), raced[1]]
    assert busy_elsewhere(recording(*refused, CONFLICT), CONFLICT) is not None


# --- a turn beside a turn ---------------------------------------------------------------------------------------------

OWN = [post(1, at=10.0), tail(stream("1:start 2:finish", 10.5))]


def disturbed(*others: Exchange, turn: int = 1) -> bool:
    r = recording(*OWN, *others)
    return disturbance(r, next(t for t in session(r, "dialogue").turns if t.number == turn)) is not None


def probe(status: int = 500, **more: Any) -> Exchange:
    values = {"part": "probe", "name": "dialogue/probe", "at": 10.2, **more}
    return post(8, status, **values)


def unnumbered() -> Exchange:
    accepted = post(2, at=10.3)
    return replace(accepted, facts={**accepted.facts, "turn": "odd"})


@pytest.mark.parametrize(
    ("other", "is_one"),
    [
        (probe(), True),
        (probe(0), True),
        (probe(202), True),
        (probe(200), True),
        (probe(300), False),
        (probe(499), False),
        (probe(at=5.0), True),
        (probe(at=10.6), True),
        (probe(at=10.7), False),  # behind the end of the tail
        (probe(session="session-2"), False),
        (probe(name="refusals/probe"), False),
        (probe(over_at=9.9), False),  # raced with others, and read to its end before this turn
        (probe(over_at=10.0), False),
        (probe(over_at=10.1), True),
        (probe(over_at=True), True),
        (post(2, at=10.3), False),  # a turn that is numbered has its own reading
        (post(2, 500, at=10.3), True),
        (unnumbered(), True),
        (exchange("dialogue/odd", "list-messages", 500, at=10.2, session=SESSION), False),
    ],
)
def test_what_may_have_started_a_turn_disturbs_another(other: Exchange, is_one: bool) -> None:
    assert disturbed(other) is is_one


def outage(step: str, status: int, *last: int) -> list[Exchange]:
    attempt = post(8, status, part="probe", name=f"dialogue/{step}/outage-1", at=9.9, outage=True)
    return [attempt, *(post(8, one, part="probe", name=f"dialogue/{step}", at=10.2) for one in last)]


@pytest.mark.parametrize(
    ("played", "is_one"),
    [
        (outage("odd", 503, 400), False),
        (outage("odd", 503, 499), False),
        (outage("odd", 503, 500), True),
        (outage("odd", 503), True),
        (outage("odd", 0), False),  # dropped: a turn of its own post may have been started twice, and no later one's
        (outage("turn-1/post", 0), True),
        (outage("turn-1/post", 503), False),
    ],
)
def test_an_attempt_that_met_an_outage_was_nothing_where_the_next_was_answered(
    played: list[Exchange], is_one: bool
) -> None:
    assert disturbed(*played) is is_one


def test_without_a_tail_the_turn_lasts_as_long_as_its_post() -> None:
    def beside(at: float) -> bool:
        r = recording(post(1, at=10.0, took=0.5), probe(at=at))
        return disturbance(r, session(r, "dialogue").turns[0]) is not None

    assert beside(10.4)
    assert not beside(10.6)


# --- what is known of a turn ------------------------------------------------------------------------------------------


def test_each_envelope_is_held_once() -> None:
    both = [*OWN, tail(stream("1:start 2:finish", 11.0), 1, "again"), tail(stream("1:start=x", 12.0), 1, "header")]
    second = post(2)
    assert [e.id for e in held_before(recording(*both, second), second)] == ["1", "2", "1"]


def test_the_fullest_tail_is_the_turn() -> None:
    def full(*tails: Exchange) -> list[str | None]:
        r = recording(*OWN, post(2, cursor="2"), *tails)
        return [e.id for e in read(r, session(r, "dialogue").turns[1]).full]

    main = tail(stream("4:text-start 5:finish", 20.5), 2)
    assert full(main) == ["4", "5"]
    for kind in ("again", "header"):
        assert full(main, tail(stream("3:start 4:text-start 5:finish", 21.5), 2, kind)) == ["3", "4", "5"]
        assert full(main, tail(stream("4:text-start", 21.5), 2, kind)) == ["4", "5"]
        assert full(main, tail(stream("4:text-start 9:finish", 21.5), 2, kind)) == ["4", "5"]  # no longer: the main one
    before = "2:finish 2a:data-title 3:start 4:text-start 5:finish"
    assert full(main, tail(stream(before, 21.5), 2, "before")) == ["3", "4", "5"]
    assert full(main, tail(stream("7:start 8:text-start 9:finish", 21.5), 2, "before")) == ["4", "5"]
    assert full(main, tail(stream("1:start 2:finish 3:start 4:text-start 5:finish", 21.5), 2, "none")) == ["4", "5"]
    assert full(tail(stream("4:text-start 4:text-start 5:finish", 20.5), 2)) == ["4", "5"]


# --- which tails are ours ---------------------------------------------------------------------------------------------


def test_a_tail_is_followed_over_its_connections() -> None:
    first = tail(stream("1:start", 20.5), None, None, name="racing/whole", journey="racing", part=None)
    link = tail(stream("2:finish", 21.5), None, None, name="racing/whole/link-2", journey="racing", part="link")
    other = tail(stream("9:finish", 22.5), None, None, name="racing/whole/link-3", journey="racing", part="else")
    joined = followed(recording(first, link, other), "racing", "whole")
    assert joined is not None
    assert [frame.id for frame in joined.frames] == ["1", "2"]
    assert followed(recording(link), "racing", "whole") is None
    assert list(own_tails(recording(first, link))) == [first, link]
