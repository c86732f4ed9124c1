"""EVT-03 and EVT-04: each envelope is a chunk of the AI SDK v6, in an order that its client accepts."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.envelopes import NotAChunk, Order, OutOfOrder, parse
from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes_of
from conformance.findings import Unobservable, broken, expect, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import missing_beginning, shown
from conformance.judging.tails import own_tails
from conformance.judging.turn_reads import disturbance, read
from conformance.recording import Recording


@requirement("EVT-03")
def test_every_envelope_is_a_chunk(recording: Recording) -> None:
    """Whatever a tail sends, but heartbeats and the end mark, is a valid AI SDK v6 chunk."""
    known: set[str] = set()
    for tail in own_tails(recording):
        for envelope in envelopes_of(tail):
            if envelope.frame.data in known:
                continue
            known.add(envelope.frame.data)
            try:
                parse(envelope.frame.data)
            except NotAChunk as problem:
                # What some 6.x clients accept, or what the suite cannot tell, is no proof against a server.
                expected = "every envelope is a chunk that the AI SDK v6 accepts"
                expect(problem.disputed, tail, expected=expected, came=f"{shown(envelope)}: {problem.reason}")
    if not known:
        raise untested(recording, SESSION_JOURNEYS, "no envelope was received")


@requirement("EVT-04")
def test_the_order_is_one_that_the_client_accepts(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Nothing is continued or ended that was not begun, and nothing answers a tool call that was not made."""
    judged, received = 0, 0
    for turn in turns:
        main = turn.tails.get("main")
        received += len(turn.envelopes)
        if main is None or disturbance(recording, turn):
            continue
        told = read(recording, turn)
        tail = told.main
        for kind in ("before", "again", "header", "none"):
            # A tail that starts late is CUR-02's finding: the order is judged on one that has the beginning.
            if kind in turn.tails and (kind != "none" or turn.number == 1):
                tail = (*missing_beginning(tail, told.own(turn.tails[kind])), *tail)
        problem = _first_out_of_order(tail)
        if problem is not None:
            broken(main, expected="an order that the AI SDK's client accepts", came=f"{turn}: {problem}")
        judged += bool(tail)
    if not judged and received:
        raise Unobservable("every turn had another one beside it")
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no turn was received")


def _first_out_of_order(tail: Iterable[Envelope]) -> str | None:
    order = Order()
    for envelope in tail:
        try:
            order.feed(parse(envelope.frame.data))
        except NotAChunk:
            continue  # EVT-03 says so
        except OutOfOrder as problem:
            if not problem.disputed:
                return f"{shown(envelope)}: {problem.reason}"
    return None
