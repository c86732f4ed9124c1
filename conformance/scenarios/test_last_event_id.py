"""CUR-03: a cursor by header does what it does by query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.evidence import Envelope, Turn, envelopes_of
from conformance.findings import Unobservable, broken, requirement
from conformance.judging.answers import unjudgeable
from conformance.judging.breaks import untested
from conformance.judging.cursors import READ_OUT, difference, resumed, shown, to_the_end
from conformance.judging.extents import shared_end
from conformance.judging.statuses import client_error
from conformance.judging.turn_reads import disturbance, read
from conformance.recording import Exchange, Recording


@requirement("CUR-03")
def test_last_event_id_gives_what_since_gives(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Two tails from one cursor, one by query and one by header, have the same envelopes."""
    compared, tried = 0, 0
    for turn in turns:
        header = turn.tails.get("header")
        if header is None or turn.cursor is None:
            continue
        tried += 1
        told = read(recording, turn)
        others = [turn.tails[kind] for kind in ("main", "again") if kind in turn.tails]
        others = [o for o in others if o.status == 200]
        if not others:
            continue
        if header.status != 200:
            if header.status == 429 or (header.status == 401 and unjudgeable(recording, header) is not None):
                continue
            broken(header, *others[:1], expected="the tail by header is answered like the one by query")
        found = _first_difference(header, others)
        if found is not None:
            expected = f"Last-Event-Id: {shown(turn.cursor)} gives what ?since= with that id gives"
            broken(header, *others[:1], expected=expected, came=f"{turn}: {found}")
        if told.earlier and header.ending in READ_OUT:
            compared += 1
    if not compared and tried:
        raise Unobservable("no tail by header of a later turn was read out")
    if not compared:
        raise untested(recording, ("dialogue",), "no turn with a cursor was tailed by header")


_OTHERWISE = 2
"""One reconnect that goes wrong may be the network's; as many as this by header, and none by query, are the server's."""


@requirement("CUR-03")
def test_a_reconnect_by_header_goes_on_like_one_by_query(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Where a reconnect by query goes on as it should, one by header after the same id does, too."""
    compared = 0
    for turn in turns:
        if disturbance(recording, turn):
            continue
        full = to_the_end(read(recording, turn).full)
        wrong = []
        for query, header in _pairs(turn):
            after = str(header.facts.get("after"))
            if _goes_wrong(full, after, query) is not None:
                continue
            compared += 1
            found = _goes_wrong(full, after, header)
            if found:
                wrong.append((found, header, query))
        if len(wrong) >= _OTHERWISE:
            found, header, query = wrong[0]
            expected = f"Last-Event-Id: {shown(str(header.facts.get('after')))} gives what ?since= with that id gives"
            broken(header, query, expected=expected, came=f"{turn}: {found}; so {len(wrong)} times")
    if not compared:
        raise Unobservable("no reconnects by query and by header could be compared")


def _pairs(turn: Turn) -> Iterator[tuple[Exchange, Exchange]]:
    """Reconnects after the same id, by query and by header."""
    by_query = {tail.facts.get("after"): tail for tail in turn.resumes if tail.facts.get("by") == "query"}
    for tail in turn.resumes:
        if tail.facts.get("by") == "header" and tail.facts.get("after") in by_query:
            yield by_query[tail.facts.get("after")], tail


def _goes_wrong(full: Sequence[Envelope], after: str, tail: Exchange) -> str | None:
    """How a reconnect does not go on as it should; None where it does, and empty where nothing is said against it."""
    if tail.status != 200 or tail.ending not in READ_OUT:
        return f"status {tail.status}" if client_error(tail) and tail.status != 429 else ""
    found = resumed(full, after, envelopes_of(tail), whole=True)
    return found.sentence if found is not None else None


def _first_difference(header: Exchange, others: Sequence[Exchange]) -> str | None:
    """How the header's tail differs from that by query; None where it is like one of those from the same cursor.

    A live tail that loses something is not the header's affair, so one that agrees is enough.
    """
    got = envelopes_of(header)
    first: str | None = None
    for other in others:
        end = shared_end(envelopes_of(other), got)
        found = difference(end[0], end[1], whole=header.ending in READ_OUT and other.ending in READ_OUT)
        if found is None:
            return None
        first = first or f"against {other.step}: {found.sentence}"
    return first
