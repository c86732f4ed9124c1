"""EVT-01 and EVT-02: what a tail is, and the ids of its envelopes."""

from __future__ import annotations

from itertools import pairwise

from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes_of
from conformance.findings import Untested, broken, expect, requirement
from conformance.judging.answers import unjudgeable
from conformance.judging.breaks import untested
from conformance.judging.cursors import is_fleeting, same_content, shown, stream_id
from conformance.judging.statuses import client_error
from conformance.judging.tails import own_tails
from conformance.judging.turn_reads import TurnRead, read
from conformance.recording import Recording


@requirement("EVT-01")
def test_a_tail_is_an_event_stream(recording: Recording) -> None:
    """A tail of one's own session is answered 200 with the media type text/event-stream."""
    judged, tried = 0, 0
    unclear: str | None = None
    for tail in own_tails(recording):
        tried += 1
        if tail.received is None or tail.status == 429:
            # A server may hold back its status until there is something to send: what is missing then, others judge.
            continue
        if tail.facts.get("part") == "catch-up" and client_error(tail):
            continue  # from an id of long ago: how long events are kept is open, and so what becomes of its cursor (E6)
        if tail.status == 401 and (reason := unjudgeable(recording, tail)) is not None:
            unclear = reason
            continue
        expected = "200 and the content type text/event-stream"
        expect(tail.status == 200, tail, expected=expected)
        came = f"200 with the content type {shown(tail.received.header('content-type') or 'none')}"
        expect(tail.received.media_type == "text/event-stream", tail, expected=expected, came=came)
        judged += 1
    if unclear is not None:
        raise Untested(unclear)
    if tried and not judged:
        tail = next(own_tails(recording))
        broken(
            tail, expected="200 and the content type text/event-stream", came=f"no tail was answered: {tail.problem}"
        )
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no tail was opened")


@requirement("EVT-02")
def test_every_envelope_has_an_id_of_its_own(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """In a session no id stands for two envelopes, and no envelope comes twice or without an id."""
    judged = 0
    used: dict[tuple[str, str], tuple[str, Envelope]] = {}
    for turn in turns:
        main = turn.tails.get("main")
        if main is None:
            continue
        told = read(recording, turn)
        expected = "every envelope has an id, and no other envelope of the session has it"
        seen: set[str] = set()
        for envelope in turn.envelopes:
            judged += 1
            if envelope.transient and envelope.id in seen:
                continue  # a transient part may stand at a place of the stream, and not be in it
            if envelope.id is None:
                expect(envelope.transient, main, expected=expected, came=f"{turn}: no id: {shown(envelope)}")
                continue
            twice = envelope.id in seen
            expect(not twice, main, expected=expected, came=f"{turn}: {shown(envelope)}: its id came twice")
            if is_fleeting(envelope):
                continue
            seen.add(envelope.id)
            if told.is_earlier(envelope):
                continue
            where, other = used.setdefault((turn.session_id, envelope.id), (str(turn), envelope))
            came = f"{shown(envelope)} of {turn} has the id that {shown(other)} of {where} has"
            expect(where == str(turn) or same_content(envelope, other), main, expected=expected, came=came)
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no envelope was received")


@requirement("EVT-02")
def test_ids_of_numbers_increase(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Where all ids of a tail have the form <ms>-<seq>, each is greater, as two numbers, than the one before it."""
    judged, received = 0, 0
    for turn in turns:
        told = read(recording, turn)
        tails = [tail for kind, tail in turn.tails.items() if kind != "none" or turn.number == 1]
        for tail in [*tails, *turn.resumes, *turn.live]:
            numbered = [(e, stream_id(e.id)) for e in envelopes_of(tail) if e.id is not None and not e.transient]
            received += len(numbered)
            if any(number is None for _, number in numbered):
                continue
            judged += len(numbered)
            for (one, before), (two, after) in pairwise(numbered):
                came = f"{turn}, {tail.step}: {shown(two)} came after {shown(one)}"
                rising = before is not None and after is not None and before < after
                # A repeat has its own rule: two equal ids are no order.
                expect(rising or one.id == two.id, tail, expected="ids that increase, as numbers", came=came)
        _above_earlier_turns(turn, told)
    if not judged and not received:
        raise untested(recording, SESSION_JOURNEYS, "no envelope with an id was received")


def _above_earlier_turns(turn: Turn, told: TurnRead) -> None:
    earlier = [(number, e) for e in told.earlier if (number := stream_id(e.id)) is not None]
    main = [e for e in told.main if not e.transient]
    own = [(number, e) for e in main if (number := stream_id(e.id)) is not None]
    if not earlier or not own or len(earlier) < len(told.earlier) or len(own) < len(main):
        return
    low, high = min(own, key=lambda pair: pair[0]), max(earlier, key=lambda pair: pair[0])
    came = f"{turn}: {shown(low[1])} is not greater than {shown(high[1])}, which came before the turn"
    expect(low[0] > high[0], turn.tails["main"], expected="ids that increase through the session", came=came)
