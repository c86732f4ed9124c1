"""EVT-07 on recordings written by hand: tails that were opened otherwise, and parts of a turn."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.holding import SHORTEST
from conformance.recording import Exchange, Frame
from conformance.scenarios import test_streaming as streaming
from tests.judges.by_hand import clocked, found, outcome, post, recording, tail

ANY_WAY = streaming.test_a_tail_resumed_by_header_is_streamed_too
PARTS = streaming.test_no_kind_of_envelope_waits_for_its_last_one
TURN = "start text-start text-delta text-delta text-end finish"


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


# --- other ways to open a tail ----------------------------------------------------------------------------------------


WAYS: dict[str, dict[str, Any]] = {
    "by Last-Event-Id": {"kind": "header"},
    "without a cursor": {"kind": "none"},
    "from the id before the turn": {"kind": "before"},
    "from an id of the running turn": {"kind": None, "part": "live", "after": "x", "link": 2},
}


def by(way: str, number: int, *, burst: bool, **more: Any) -> Exchange:
    values = {**WAYS[way], **more}
    at = 10.0 * number + 0.2
    frames = clocked(TURN, at, 0.1, at=at + 0.5 if burst else None)
    name: dict[str, Any] = {"name": f"dialogue/turn-{number}/live-2"} if values.get("part") == "live" else {}
    return tail(frames, number, values.pop("kind"), opened=at - 0.1, **name, **values)


@pytest.mark.parametrize("way", WAYS)
def test_however_a_tail_is_opened_it_is_streamed(way: str) -> None:
    played = [*turn(1), *turn(2), by(way, 1, burst=True)]
    assert outcome(ANY_WAY, recording(*played)) == "unobservable"  # one turn may be anything
    reason = found(ANY_WAY, recording(*played, by(way, 2, burst=True)))
    assert reason.startswith("violation")
    assert f"in all 2 measured tails {way}" in reason
    assert outcome(ANY_WAY, recording(*played, by(way, 2, burst=False))) == "kept"


def test_the_main_tail_is_no_such_way() -> None:
    assert outcome(ANY_WAY, shuffled(turn(1), turn(2))) == "unobservable"
    assert outcome(ANY_WAY, shuffled(turn(1, burst=True), turn(2, burst=True))) == "unobservable"


def test_a_live_tail_from_the_cursor_is_no_resumed_one() -> None:
    first = [by("from an id of the running turn", n, burst=True, after=None, link=1) for n in (1, 2)]
    assert outcome(ANY_WAY, recording(*turn(1), *turn(2), *first)) == "unobservable"


def test_a_client_that_was_away_waited_itself() -> None:
    away = [by("from an id of the running turn", n, burst=True, left=True) for n in (1, 2)]
    assert outcome(ANY_WAY, recording(*turn(1), *turn(2), *away)) == "unobservable"


def test_a_refused_tail_or_a_disturbed_turn_measures_nothing() -> None:
    refused = [by("by Last-Event-Id", n, burst=True, status=404) for n in (1, 2)]
    assert outcome(ANY_WAY, recording(*turn(1), *turn(2), *refused)) == "unobservable"
    beside = [post(8 + n, 500, part="probe", name=f"dialogue/probe-{n}", at=10.0 * n + 0.15) for n in (1, 2)]
    tails = [by("by Last-Event-Id", n, burst=True) for n in (1, 2)]
    assert outcome(ANY_WAY, recording(*turn(1), *turn(2), *tails, *beside)) == "unobservable"


def test_a_live_tail_is_held_back_until_the_turns_end_and_not_its_own() -> None:
    """The client cut it with the burst that brought the first half: it came when the rest was still to be written."""

    def cut(number: int) -> Exchange:
        at = 10.0 * number + 0.2
        frames = clocked("start text-start text-delta", at, 0.1, at=at + 0.21)
        facts: dict[str, Any] = {"part": "live", "after": "x", "link": 2, "name": f"dialogue/turn-{number}/live-2"}
        return tail(frames, number, None, opened=at - 0.1, **facts)

    long = [turn(n, 0.1, kinds="start text-start text-delta " + "text-delta " * 10 + "finish") for n in (1, 2)]
    assert outcome(ANY_WAY, shuffled(*long, [cut(1), cut(2)])) == "kept"


# --- parts of a turn --------------------------------------------------------------------------------------------------


LONG = "start text-start text-delta text-delta text-delta text-end finish"


def gathered(number: int, prefix: str = "text-", *, every: float = 0.2, whole: bool = True) -> list[Exchange]:
    """A turn whose text comes all with its last envelope (or, not ``whole``, as it is written)."""
    kinds = LONG.replace("text-", prefix)
    written = clocked(kinds, 10.0 * number + 0.2, every)
    last = written[-2].at
    frames = [Frame(last, f.event) if whole and f"{prefix}" in f.data else f for f in written]
    return [post(number), tail(frames, number, opened=10.0 * number + 0.1)]


@pytest.mark.parametrize("prefix", ["text-", "reasoning-", "tool-"])
def test_a_part_that_is_gathered_in_several_turns_is_found(prefix: str) -> None:
    kinds = {"tool-": "text-"}.get(prefix, prefix)
    three = [gathered(n, kinds) for n in (1, 2, 3)]
    assert outcome(PARTS, shuffled(*three)) == "violation"
    assert outcome(PARTS, shuffled(*three[:2])) == "kept"
    assert outcome(PARTS, shuffled(*three[:2], gathered(3, kinds, whole=False))) == "kept"


def test_a_part_that_takes_a_moment_of_the_turn_may_come_in_one_go() -> None:
    def short(number: int) -> list[Exchange]:
        at = 10.0 * number
        text = clocked("text-start text-delta text-end", at + 0.5, 0.1, at=at + 0.7)
        rest = clocked("start start-step", at + 0.1, 0.1), clocked("finish-step finish", at + 1.5, 1.0)
        return [post(number), tail([*rest[0], *text, *rest[1]], number, opened=at + 0.05)]

    assert outcome(PARTS, shuffled(*[short(n) for n in (1, 2, 3)])) == "kept"


def test_a_turn_too_short_to_tell_is_told_so() -> None:
    brief = [post(), tail(clocked(TURN, 10.2, 0.01), opened=10.1)]
    assert (
        found(PARTS, shuffled(brief))
        == "unobservable: no part of a turn took long enough to tell streaming from buffering"
    )
    assert outcome(PARTS, shuffled(turn())) == "kept"
    assert SHORTEST < 0.5
