"""EVT-07: envelopes come while a turn runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn
from conformance.findings import Unobservable, broken, requirement
from conformance.judging.breaks import untested
from conformance.judging.holding import LEAST, SHORTEST, Held, Moments, kinds_of, time_to_open
from conformance.judging.turn_reads import disturbance
from conformance.recording import Exchange, Recording

_LONG = 1.0
"""Seconds; of a main tail with so much left, one turn alone is proof."""
_HELD = 0.75
"""Of all the time for which the envelopes of several tails could be held back until the end, this much is buffering."""
_EACH = 0.5
"""And of each of these tails so much at least."""
_SEVERAL = 3
"""Turns in which a part of the envelopes must have waited; and each time the part took so much of the turn:"""
_MUCH = 0.25
_LATE_MOST = 0.5
"""For each tail that is measured, so many whose end was late as well: a server that sends at moments of its own, and of which
some turns by chance end just before one, waits for no end."""
_WAYS = {
    "by Last-Event-Id": lambda tail: tail.facts.get("kind") == "header",
    "without a cursor": lambda tail: tail.facts.get("kind") == "none",
    "from the id before the turn": lambda tail: tail.facts.get("kind") == "before",
    "from an id of the running turn": lambda tail: tail.facts.get("part") == "live" and tail.facts.get("after"),
}
"""How else than by ``since_cursor`` a tail can be opened while its turn runs."""
_CATEGORIES = {"the text": "text-", "the reasoning": "reasoning-", "the tool calls": "tool-"}


@requirement("EVT-07")
def test_envelopes_arrive_while_the_turn_runs(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The envelopes of a turn do not all wait for its end.

    Ids that hold the milliseconds say when each envelope was written, and so does its arrival on another tail. They must
    not all have waited for the last one; turns of one kind (a tier, with attachments, of one journey) are judged
    together. Where neither tells, arrivals spread over time are proof of streaming, and a burst is proof of nothing.
    """
    measured = _measured(recording, turns, lambda tail: tail.facts.get("kind") == "main")
    for kind, group in kinds_of(measured).items():
        if _buffered(group) and (len(group) > 1 or group[0].left >= _LONG):
            _broken(group, f"in all {len(group)} measured turns {kind}")
    streamed = any(one.share < _HELD for one in measured) or _spread(recording, turns, "main")
    if not streamed and any(turn.envelopes for turn in turns):
        raise Unobservable("no turn ran long enough under an open tail to tell streaming from buffering")
    if not streamed:
        raise untested(recording, SESSION_JOURNEYS, "no turn was received")


@requirement("EVT-07")
def test_a_tail_resumed_by_header_is_streamed_too(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """However a tail of a running turn is opened makes no difference: nothing waits for the turn's end."""
    streamed = 0
    for way, opened_so in _WAYS.items():
        measured = _measured(recording, turns, opened_so)
        if len({str(one.turn) for one in measured}) > 1 and _buffered(measured):
            _broken(measured, f"in all {len(measured)} measured tails {way}")
        streamed += any(one.share < _HELD for one in measured)
    if not streamed and not _spread(recording, turns, "header"):
        raise Unobservable("no turn ran long enough under such a tail to tell streaming from buffering")


@requirement("EVT-07")
def test_no_kind_of_envelope_waits_for_its_last_one(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Text, reasoning and tool calls are streamed each: none of them is gathered until it is complete."""
    whole = {
        str(one.turn): one.left for one in _measured(recording, turns, lambda tail: tail.facts.get("kind") == "main")
    }
    streamed = 0
    for name, prefix in _CATEGORIES.items():
        measured = _measured(recording, turns, lambda tail: tail.facts.get("kind") == "main", prefix)
        # A proxy that sends several times in a turn may lawfully send a short part of it in one go.
        measured = [one for one in measured if one.left >= _MUCH * whole.get(str(one.turn), float("inf"))]
        if len(measured) >= _SEVERAL and _buffered(measured):
            _broken(measured, f"{name}, in all {len(measured)} measured turns")
        streamed += any(one.share < _HELD for one in measured)
    # A part that takes a moment cannot be gathered for long: then the turn as a whole is the evidence.
    if not streamed and not whole and any(turn.envelopes for turn in turns):
        raise Unobservable("no part of a turn took long enough to tell streaming from buffering")
    if not streamed and not whole:
        raise untested(recording, SESSION_JOURNEYS, "no turn was received")


def _measured(
    recording: Recording, turns: Sequence[Turn], wanted: Callable[[Exchange], object], prefix: str = ""
) -> list[Held]:
    """The wanted tails of undisturbed turns, as far as they can be measured; of envelopes with that type's prefix.

    Where the ends come late too, what else comes late tells nothing: then only those that were streamed.
    """
    opening = time_to_open(recording)
    found: list[Held] = []
    for turn in turns:
        tails = [tail for tail in (*turn.tails.values(), *turn.live) if tail.status == 200 and wanted(tail)]
        if not tails or disturbance(recording, turn):
            continue
        moments = Moments(recording, turn)
        for tail in tails:
            own = [e for e in moments.read.own(tail) if e.type.startswith(prefix)]
            held = moments.measure(tail, own, opening)
            if held is not None:
                found.append(held)
    in_time = [one for one in found if not one.late]
    # Where the client cut a tail its last envelope is not the turn's, and may be late on a tail that waits for the end.
    at_the_end = sum(one.late and one.tail.facts.get("part") != "live" for one in found)
    if at_the_end <= _LATE_MOST * len(in_time):
        return in_time
    return [one for one in in_time if one.share < _HELD]


def _buffered(group: Sequence[Held]) -> bool:
    whole = sum(one.waited for one in group) / sum(one.possible for one in group)
    return whole >= _HELD and all(one.share >= _EACH for one in group)


def _broken(group: Sequence[Held], where: str) -> None:
    worst = max(group, key=lambda one: one.left)
    came = (
        f"{worst.turn}, {worst.tail.step}: envelopes that were there over {worst.left:.2f} s waited for the last one "
        f"({worst.share:.0%} of the time that they could; so {where})"
    )
    broken(worst.tail, expected="envelopes arrive as they are written", came=came)


def _spread(recording: Recording, turns: Sequence[Turn], kind: str) -> bool:
    """Whether the arrivals on such a tail are spread over time: that proves streaming, whatever the ids are."""
    for turn in turns:
        own: Sequence[Envelope] = Moments(recording, turn).read.own(turn.tails.get(kind))
        if len(own) >= LEAST and not disturbance(recording, turn):
            moments = {round(e.at, 2) for e in own}
            if own[-1].at - own[0].at >= SHORTEST and len(moments) > 2:
                return True
    return False
