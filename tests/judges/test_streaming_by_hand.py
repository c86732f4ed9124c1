"""EVT-07 on recordings written by hand: what is buffered, what is streamed, and what cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.holding import Moments, kinds_of, time_to_open
from conformance.recording import Exchange, Frame
from conformance.scenarios import test_streaming as streaming
from tests.judges.by_hand import EPOCH, clocked, found, outcome, post, recording, stream, tail

RUNS = streaming.test_envelopes_arrive_while_the_turn_runs
ANY_WAY = streaming.test_a_tail_resumed_by_header_is_streamed_too
PARTS = streaming.test_no_kind_of_envelope_waits_for_its_last_one
TURN = "start text-start text-delta text-delta text-end finish"
NOT_LONG = "unobservable: no turn ran long enough under an open tail to tell streaming from buffering"


def turn(number: int = 1, every: float = 0.1, *, burst: bool = False, kinds: str = TURN, **more: Any) -> list[Exchange]:
    """A turn whose envelopes are written ``every`` so many seconds from 0.2 behind its post on.

    They come as they are written or, as a burst, all with the last.
    """
    at = 10.0 * number + 0.2
    end = at + every * (len(kinds.split()) - 1)
    frames = clocked(kinds, at, every, at=end if burst else None)
    facts = {key: more.pop(key) for key in ("tier", "attachments") if key in more}
    journey = more.pop("journey", "dialogue")
    posted = post(number, journey=journey, **facts)
    return [posted, tail(frames, number, **{"opened": at - 0.1, "journey": journey, **more})]


def shuffled(*parts: list[Exchange]) -> Any:
    return recording(*(one for part in parts for one in part))


def test_what_comes_as_it_is_written_is_streamed() -> None:
    assert found(RUNS, shuffled(turn())) == "kept"
    assert found(RUNS, shuffled(turn(burst=True), turn(2))) == "kept"


@pytest.mark.parametrize(
    ("every", "turns", "expected"),
    [
        (0.21, 1, "violation"),  # one turn alone, with a second and more left
        (0.19, 1, "unobservable"),
        (0.19, 2, "violation"),
        (0.04, 2, "violation"),
        (0.025, 2, "unobservable"),  # too little was left of each
    ],
)
def test_a_burst_at_the_end_is_buffering_where_enough_was_left(every: float, turns: int, expected: str) -> None:
    played = [turn(number, every, burst=True) for number in range(1, turns + 1)]
    assert outcome(RUNS, shuffled(*played)) == expected


@pytest.mark.parametrize("kind", [{"tier": "SMART"}, {"attachments": 1}, {"journey": "refusals"}])
def test_turns_of_one_kind_are_judged_together(kind: dict[str, Any]) -> None:
    buffered = [turn(1, burst=True, **kind), turn(2, burst=True, **kind)]
    assert outcome(RUNS, shuffled(*buffered, turn(3), turn(4))) == "violation"
    assert outcome(RUNS, shuffled(buffered[0], turn(3), turn(4))) == "kept"


def test_first_turns_are_a_kind_and_later_ones_too() -> None:
    firsts = [turn(1, burst=True), turn(1, burst=True, journey="refusals")]
    assert outcome(RUNS, shuffled(*firsts, turn(2), turn(3), turn(2, journey="refusals"))) == "violation"
    later = [turn(1), turn(2, burst=True), turn(3, burst=True)]
    assert outcome(RUNS, shuffled(*later)) == "violation"


def test_the_kinds_are_named() -> None:
    r = shuffled(turn(1, tier="SMART", attachments=2), turn(2))
    from conformance.evidence import all_turns

    held = [Moments(r, t).measure(t.tails["main"], t.envelopes, float("inf")) for t in all_turns(r)]
    named = kinds_of([one for one in held if one is not None])
    assert {name: len(group) for name, group in named.items()} == {
        "of the run": 2,
        "of the tier SMART": 1,
        "of the tier omitted": 1,
        "of the journey dialogue": 2,
        "that are a session's first": 1,
        "that are later ones": 1,
        "with attachments": 1,
    }


@pytest.mark.parametrize(("share", "expected"), [(0.8, "violation"), (0.7, "kept")])
def test_three_quarters_of_the_time_is_buffering(share: float, expected: str) -> None:
    """Each envelope waits for that share of the time until the last one is written."""

    def held(number: int) -> list[Exchange]:
        written = clocked(TURN, 10.0 * number + 0.2, 0.3)
        end = written[-1].at
        frames = [Frame(f.at + share * (end - f.at), f.event) for f in written]
        return [post(number), tail(frames, number, opened=10.0 * number + 0.1)]

    assert outcome(RUNS, shuffled(held(1), held(2))) == expected


def test_each_of_them_must_have_been_held_back() -> None:
    """One turn of three seconds is buffered; a short one beside it is streamed by half and more."""
    assert outcome(RUNS, shuffled(turn(2, 0.6, burst=True), turn(3, 0.05))) == "kept"


def test_a_tail_that_was_opened_when_all_was_written_proves_nothing() -> None:
    late = [post(), tail(clocked(TURN, 10.2, 0.3, at=12.0), opened=11.69)]
    assert outcome(RUNS, shuffled(late)) == "unobservable"
    early = [post(), tail(clocked(TURN, 10.2, 0.3, at=12.0), opened=10.3)]
    assert outcome(RUNS, shuffled(early)) == "violation"


def quick(number: int, took: float = 0.01, **more: Any) -> Exchange:
    values = {"kind": "again", "name": f"dialogue/turn-1/tail-again-{number}", **more}
    return tail(stream("x:finish", 90.0), 1, values.pop("kind"), opened=80.0, took=took, **values)


def test_a_server_may_hold_back_the_status_as_well() -> None:
    """Then tails that had something to send at once tell when one is open."""
    late = [post(), tail(clocked(TURN, 10.2, 0.3, at=11.71), opened=10.1, took=1.6)]
    assert outcome(RUNS, shuffled(late)) == "unobservable"
    assert outcome(RUNS, shuffled(late, [quick(n) for n in range(3)])) == "violation"
    assert outcome(RUNS, shuffled(late, [quick(n) for n in range(2)])) == "unobservable"


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({}, 0.3),
        ({"kind": None, "part": "resume", "by": "header"}, 0.3),
        ({"kind": "header"}, float("inf")),
        ({"kind": None, "part": "live", "by": "query"}, float("inf")),
        ({"status": 404}, float("inf")),
    ],
)
def test_how_long_a_tail_takes_to_open(more: dict[str, Any], seconds: float) -> None:
    """Twice the median of those that had something to send at once, and a tenth of a second."""
    tails = [quick(n, took, **more) for n, took in enumerate((0.05, 0.1, 5.0))]
    assert time_to_open(recording(*tails)) == pytest.approx(seconds)
    assert time_to_open(recording(*tails[:2])) == float("inf")


def test_the_end_that_is_late_as_well_is_polling() -> None:
    """Another tail was quicker: here even the last envelope came half a second after it was written."""
    poll = [post(), tail(clocked(TURN, 10.2, 0.2, at=11.7), opened=10.1)]
    assert outcome(RUNS, shuffled(poll)) == "violation"
    assert outcome(RUNS, shuffled(poll, turn(2))) == "kept"
    polls = [
        [post(n), tail(clocked(TURN, 10.0 * n + 0.2, 0.2, at=10.0 * n + 1.7), n, opened=10.0 * n + 0.1)] for n in (1, 2)
    ]
    assert outcome(RUNS, shuffled(*polls, turn(3))) == "kept"
    buffered = [turn(n, 0.2, burst=True) for n in (1, 2)]
    assert outcome(RUNS, shuffled(*buffered)) == "violation"


@pytest.mark.parametrize("late", [0.09, 0.24])
def test_a_little_late_is_no_polling(late: float) -> None:
    """A tenth of a second, or a quarter of the turn: the rest waited for the end."""
    frames = clocked(TURN, 10.2, 0.2, at=11.2 + late)
    header = tail(clocked("start", 10.2), 1, "header", opened=10.1)
    assert outcome(RUNS, recording(post(), tail(frames, opened=10.1), header)) == "violation"


def test_ids_that_are_no_clock_tell_nothing_but_arrivals_do() -> None:
    opaque = [post(), tail(stream("a:start b:text-start c:text-delta d:finish", 10.5, 0.0), opened=10.1)]
    assert found(RUNS, shuffled(opaque)) == NOT_LONG
    spread = [post(), tail(stream("a:start b:text-start c:text-delta d:finish", 10.5, 0.1), opened=10.1)]
    assert outcome(RUNS, shuffled(spread)) == "kept"
    short = [post(), tail(stream("a:start b:text-start c:text-delta d:finish", 10.5, 0.04), opened=10.1)]
    assert outcome(RUNS, shuffled(short)) == "unobservable"


@pytest.mark.parametrize("kind", ["main", "header"])
@pytest.mark.parametrize(
    ("frames", "spread"),
    [
        (stream(":start :text-start :text-delta :finish", 10.5, 0.1), True),
        (stream(":start :text-start :finish", 10.5, 0.1), True),
        (stream(":start :text-start :text-delta :finish", 10.5, 0.04), False),
        (stream(":start :finish", 10.5, 0.5), False),
        ([*stream(":start :text-start", 10.5, 0.0), *stream(":text-delta :finish", 11.0, 0.0)], False),
    ],
)
def test_without_ids_arrivals_that_are_spread_prove_streaming(kind: str, frames: list[Frame], spread: bool) -> None:
    played = [post(), tail(frames, 1, kind, opened=10.1)]
    scenario = RUNS if kind == "main" else ANY_WAY
    assert (outcome(scenario, recording(*played)) == "kept") is spread
    beside = post(8, 500, part="probe", name="dialogue/probe", at=10.005)
    assert outcome(scenario, recording(*played, beside)) != "kept"
    second = [post(2), tail([], 2, kind, opened=20.1)]
    assert (outcome(scenario, recording(*played, *second)) == "kept") is spread


def test_another_tail_tells_when_an_envelope_was_there() -> None:
    words = "a:start b:text-start c:text-delta d:text-delta e:finish"
    streamed = tail(stream(words, 10.5, 0.4), 1, "header", opened=10.1)
    buffered = tail(stream(words, 12.1, 0.0), opened=10.1)
    assert outcome(RUNS, recording(post(), buffered, streamed)) == "violation"
    assert outcome(ANY_WAY, recording(post(), buffered, streamed)) == "kept"


@pytest.mark.parametrize(
    "numbers",
    [
        [1000, 2000, 3000, 4000],  # a day and more from the client's time
        [10**15, 10**15 + 1, 10**15 + 2, 10**15 + 3],
    ],
)
def test_numbers_that_are_no_clock_are_not_taken_for_one(numbers: list[int]) -> None:
    words = " ".join(
        f"{n}-0:{kind}" for n, kind in zip(numbers, ("start", "text-start", "text-delta", "finish"), strict=True)
    )
    assert outcome(RUNS, recording(post(), tail(stream(words, 12.0, 0.0), opened=10.1))) == "unobservable"


def test_a_clock_that_falls_or_runs_longer_than_the_turn_is_none() -> None:
    start = round((EPOCH + 10.0) * 1000)

    def played(*moments: int) -> Any:
        kinds = ("start", "text-start", "text-delta", "finish")
        words = " ".join(f"{start + m}-0:{kind}" for m, kind in zip(moments, kinds, strict=True))
        return recording(post(), tail(stream(words, 12.0, 0.0), opened=10.1))

    assert outcome(RUNS, played(200, 700, 1200, 2000)) == "violation"
    assert outcome(RUNS, played(200, 1200, 700, 2000)) == "unobservable"
    assert outcome(RUNS, played(-5000, 700, 1200, 2000)) == "unobservable"


def test_envelopes_of_one_millisecond_are_a_clock_as_well() -> None:
    start = round((EPOCH + 10.0) * 1000)
    moments = (f"{start}-0:start", f"{start}-1:text-start", f"{start + 700}-0:text-delta", f"{start + 1900}-0:finish")
    played = recording(post(), tail(stream(" ".join(moments), 12.0, 0.0), opened=10.1))
    assert outcome(RUNS, played) == "violation"


def test_a_part_without_an_id_is_in_no_stream() -> None:
    frames = clocked(TURN, 10.2, 0.3, at=11.7)
    title = stream(":data-title", 11.7)
    assert outcome(RUNS, recording(post(), tail([*title, *frames], opened=10.1))) == "violation"
    nameless = stream(":text-delta=x", 11.7)
    assert outcome(RUNS, recording(post(), tail([*nameless, *frames], opened=10.1))) == "unobservable"


def test_without_a_turn_it_is_untested() -> None:
    assert found(RUNS, recording(post())) == "untested: no turn was received"
    assert outcome(RUNS, recording(post(), tail([], ending="silence"))) == "untested"
    assert found(PARTS, recording(post())) == "untested: no turn was received"
