"""CUR-07 and CUR-08: a tail that is opened again goes on where it should, and tells the same."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence import Envelope, Turn, envelopes_of
from conformance.findings import Unobservable, Untested, broken, expect, requirement
from conformance.judging.answers import unjudgeable
from conformance.judging.breaks import untested
from conformance.judging.cursors import READ_OUT, difference, lasting, resumed, same, shown, to_the_end, to_the_last_id
from conformance.judging.extents import shared_end
from conformance.judging.statuses import client_error
from conformance.judging.turn_reads import disturbance, read
from conformance.recording import Exchange, Recording

_GONE_LEAST = 3
_BROKEN_RESUMES = 2
"""One connection that breaks in the middle may be the network's; as many as this are the server's."""


@requirement("CUR-07")
def test_a_reconnect_after_any_id_continues_directly_behind_it(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """After every cut of a turn the tail goes on with the next envelope, and to the end of the turn."""
    judged, tried, snapped = 0, 0, 0
    unclear: str | None = None
    for turn in turns:
        if not turn.resumes or disturbance(recording, turn):
            continue
        full = to_the_end(read(recording, turn).full)
        gone = _gone_since(full, turn.resumes)
        for tail in turn.resumes:
            tried += 1
            after = tail.facts.get("after")
            if tail.sent_at >= gone:
                continue
            if tail.status == 401 and (reason := unjudgeable(recording, tail)) is not None:
                unclear = reason
                continue
            if not isinstance(after, str) or not any(e.id == after for e in full):
                continue
            judged += _continues(turn, full, after, tail)
            due = lasting(full[max(i for i, e in enumerate(full) if e.id == after) + 1 :])
            # What breaks off where nothing was left to come has lost nothing.
            snapped += tail.ending == "broken" and bool(due) and not any(same(e, due[-1]) for e in envelopes_of(tail))
            came = f"{snapped} connections of reconnects broke off; the last: {tail.problem or tail.ending}"
            expect(snapped < _BROKEN_RESUMES, tail, expected="a reconnect is served to the turn's end", came=came)
    if unclear is not None:
        raise Untested(unclear)
    _enough(judged, tried, recording, "no turn was resumed after its ids")


def _gone_since(full: Sequence[Envelope], resumes: Sequence[Exchange]) -> float:
    """From when on the turn was kept no longer: every reconnect since then is refused or empty, wherever it was cut.

    How long a turn that is over is kept is open. What depends on the place is told from that by the order of the cuts.
    """
    places = {e.id: i for i, e in enumerate(full)}
    played = [(tail, places[after]) for tail in resumes if (after := tail.facts.get("after")) in places]
    played = sorted((one for one in played if one[1] < len(full) - 1), key=lambda one: one[0].sent_at)
    empty = [client_error(t) or (t.status == 200 and not lasting(envelopes_of(t))) for t, _ in played]
    index = next((i for i in range(len(played)) if all(empty[i:])), None)
    if not index or len(played) - index < _GONE_LEAST or any(empty[:index]):
        return float("inf")
    if min(place for _, place in played[index:]) > max(place for _, place in played[:index]):
        return float("inf")
    return played[index][0].sent_at


@requirement("CUR-07")
def test_a_turn_read_in_pieces_is_the_turn(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """A client that loses its connection again and again while the turn runs still has all of it, once."""
    judged, tried = 0, 0
    for turn in turns:
        if not turn.live or disturbance(recording, turn):
            continue
        told = read(recording, turn)
        full = to_the_end(told.full)
        for link in turn.live:
            tried += 1
            after = link.facts.get("after")
            if link.status == 401 and unjudgeable(recording, link) is not None:
                continue
            if after is None and link.facts.get("link") == 1:
                judged += _continues(turn, full, None, link, told.own(link))
            elif isinstance(after, str) and any(e.id == after for e in full):
                judged += _continues(turn, full, after, link)
    _enough(judged, tried, recording, "no turn was read in pieces while it ran")


def _continues(
    turn: Turn, full: Sequence[Envelope], after: str | None, tail: Exchange, got: Sequence[Envelope] | None = None
) -> bool:
    """Judge one reconnect; whether it is evidence."""
    place = "its cursor" if after is None else shown(after)
    expected = f"a tail after {place} goes on directly behind it, to the end of {turn}"
    if tail.ending == "goal":
        full = to_the_last_id(full)  # the client left there
    due = full if after is None else full[max(i for i, e in enumerate(full) if e.id == after) + 1 :]
    if tail.status != 200:
        # A server may hold back even its status until there is something to send.
        refused = tail.status != 429 and (tail.status != 0 or bool(lasting(due)))
        expect(not refused, tail, expected=expected)
        return False
    came = envelopes_of(tail) if got is None else got
    whole = tail.ending in READ_OUT
    if tail.facts.get("part") in ("live", "link"):
        # Cut by the client that had enough, or by a proxy: it is whole only if the turn's end is in it.
        whole = whole and tail.ending != "goal" and (tail.ending == "silence" or any(e.terminal for e in came))
    found = resumed(full, after, came, whole=whole)
    if found is not None:
        way = "Last-Event-Id" if tail.facts.get("by") == "header" else "since"
        broken(tail, expected=expected, came=f"{turn}, by {way}: {found.sentence} (after {place})")
    return bool(came) or (whole and not lasting(due))


def _enough(judged: int, tried: int, recording: Recording, otherwise: str) -> None:
    if judged:
        return
    if tried:
        raise Unobservable("no reconnect could be compared with the turn that it continues")
    dialogue = [e for e in recording.of("dialogue") if e.facts.get("kind") == "main"]
    seen = [e for exchange in dialogue for e in envelopes_of(exchange)]
    if seen and not any(e.id for e in seen):
        raise Unobservable("no envelope has an id to reconnect after")
    raise untested(recording, ("dialogue",), otherwise)


@requirement("CUR-08")
def test_one_cursor_gives_one_answer(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The tail of a turn, opened again from the same cursor when the turn is over, has the same ids and envelopes."""
    compared, tried = 0, 0
    for turn in turns:
        main, again = turn.tails.get("main"), turn.tails.get("again")
        # Without a cursor a tail may lawfully show less of a turn that is over.
        if main is None or again is None or turn.cursor is None or main.status != 200:
            continue
        tried += 1
        if again.status in (0, 429) or again.ending not in READ_OUT or main.ending not in READ_OUT:
            continue
        expected = f"a second tail from {shown(turn.cursor)} gives what the first gave"
        expect(again.status == 200, again, expected=expected)
        one, two = shared_end(envelopes_of(main), envelopes_of(again))
        if again.ending == "goal":
            one, two = to_the_last_id(one), to_the_last_id(two)  # the client left there
        found = difference(one, two)
        if found is not None:
            broken(again, main, expected=expected, came=f"{turn}: {found.sentence}")
        compared += bool(one)
    if not compared and tried:
        raise Unobservable("no turn was read twice from one cursor")
    if not compared:
        raise untested(recording, ("dialogue",), "no turn was read twice from one cursor")
