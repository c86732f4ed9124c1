"""CUR: a tail from the ``since_cursor`` of a 202, and that a later turn has one. (Posts that race are in ``test_racing``.)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes_of, session
from conformance.findings import Unobservable, broken, expect, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import (
    READ_OUT,
    is_data_part,
    is_fleeting,
    lacks,
    listed,
    missing_beginning,
    same,
    same_content,
    shown,
    stream_id,
)
from conformance.judging.extents import begins_in_the_middle
from conformance.judging.turn_reads import TurnRead, disturbance, read
from conformance.recording import Exchange, Recording


@requirement("CUR-01")
def test_a_tail_from_since_cursor_has_nothing_of_an_earlier_turn(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The tail starts strictly after the terminal envelopes of the turn before."""
    judged, later = 0, 0
    for turn in turns:
        told = read(recording, turn)
        if turn.number > 1:
            later += 1
        if turn.cursor is None or (turn.number == 1 and not told.earlier):
            continue
        for exchange in _from_own_cursor(turn):
            tail = envelopes_of(exchange)
            for envelope in tail:
                if is_fleeting(envelope):
                    continue  # a greeting of the connection, perhaps under the id of its place
                _not_earlier(turn, told, exchange, envelope)
            _not_after_an_end(recording, turn, exchange, tail)
            judged += bool(tail)
    if not judged and later:
        raise Unobservable("no later turn had a cursor from which a tail gave an envelope")
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no second turn of a session was read")


def _from_own_cursor(turn: Turn) -> Iterator[Exchange]:
    """The tails of a turn that were opened from its own cursor."""
    yield from (turn.tails[kind] for kind in ("main", "header", "again") if kind in turn.tails)
    yield from (link for link in turn.live if link.facts.get("after") is None)


def _not_earlier(turn: Turn, told: TurnRead, exchange: Exchange, envelope: Envelope) -> None:
    expected = f"the tail from {shown(turn.cursor)} starts after all that was there before the turn"
    if told.is_earlier(envelope):
        came = f"{turn}: {shown(envelope)} came, which the client had received before it posted"
        broken(exchange, turn.post, expected=expected, came=came)
    if envelope.id == turn.cursor:
        broken(exchange, turn.post, expected=expected, came=f"{turn}: {shown(envelope)}, the cursor's own, came")
    own, cursor = stream_id(envelope.id), stream_id(turn.cursor)
    if own is not None and cursor is not None and own <= cursor:
        came = f"{turn}: {shown(envelope)} came, which is not behind {shown(turn.cursor)}"
        broken(exchange, turn.post, expected=expected, came=came)


def _not_after_an_end(recording: Recording, turn: Turn, exchange: Exchange, tail: Sequence[Envelope]) -> None:
    """Without ids only the content can tell: the tail begins with the end of the turn before, and a start follows."""
    if not tail or tail[0].id is not None:
        return
    before = _turn_before(recording, turn)
    ends = before.envelopes if before else ()
    head = _leading_end(tail)
    follows = any(e.type == "start" for e in tail[head:])
    if not head or not follows or len(ends) <= head:
        return
    if all(same_content(one, other) for one, other in zip(tail[:head], ends[-head:], strict=True)):
        expected = "the tail starts after the terminal envelopes of the turn before"
        broken(exchange, turn.post, expected=expected, came=f"{turn}: it begins with {listed(tail[:head])}")


def _leading_end(tail: Sequence[Envelope]) -> int:
    """How many envelopes at the head of a tail are the end of a turn: up to a ``finish`` or ``abort``."""
    for index, envelope in enumerate(tail[:3]):
        if envelope.type in ("finish", "abort"):
            return index + 1
        if envelope.type not in ("finish-step", "error"):
            return 0
    return 0


def _turn_before(recording: Recording, turn: Turn) -> Turn | None:
    found = [t for t in session(recording, turn.journey).turns if t.number < turn.number]
    return found[-1] if found else None


@requirement("CUR-02")
def test_a_tail_from_since_cursor_has_the_whole_turn(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """What another tail shows of the same turn, from its first envelope to its terminal one, is there as well."""
    compared, tried = 0, 0
    for turn in turns:
        main = turn.tails.get("main")
        if main is None or main.status != 200 or disturbance(recording, turn):
            continue
        tried += 1
        told = read(recording, turn)
        compared += _nothing_is_lost(told, main)
        _begins_where_it_can(told, main)
        _begins_there_again(told)
    if not compared and tried:
        raise Unobservable("no second tail of a turn is there to compare the first with")
    if not compared:
        raise untested(recording, SESSION_JOURNEYS, "no turn was read")


def _nothing_is_lost(told: TurnRead, main: Exchange) -> int:
    turn, got = told.turn, told.main
    expected = f"the tail from the since_cursor of {turn} has all of the turn"
    if not got and main.ending == "terminal":
        return 0  # an earlier turn's end was taken for this one's: CUR-01 says so
    compared = 0
    for kind in ("before", "none", "header", "again"):
        other = turn.tails.get(kind)
        if other is None or other.status != 200 or (kind == "none" and turn.number > 1):
            continue
        seen = told.own(other)
        if not got:
            left = [e for e in seen if not is_data_part(e)]
            expect(not left, main, expected=expected, came=f"{turn}: nothing came; {other.step} had {listed(left)}")
            continue
        begun = told.begun_earlier(kind)
        came = f"{turn}: it begins with {shown(got[0])}; {other.step} had {listed(begun)} before that"
        expect(not begun, main, expected=expected, came=came)
        if not any(same(e, got[0]) for e in seen):
            continue
        missing = lacks(got, seen, read_out=main.ending in READ_OUT)
        came = f"{turn}: it lacks what {other.step} has: {listed(missing)}"
        expect(not missing, main, expected=expected, came=came)
        compared += 1
    return compared


def _begins_there_again(told: TurnRead) -> None:
    """Opened once more when the turn is over, before the next post, the tail still begins where the turn begins."""
    again = told.turn.tails.get("again")
    if again is None or told.turn.cursor is None or again.ending not in READ_OUT:
        return
    lost = missing_beginning(told.own(again), told.full, first_turn=told.turn.number == 1)
    expected = f"the tail from the since_cursor of {told.turn} begins where the turn begins"
    expect(not lost, again, expected=expected, came=f"{told.turn}: {again.step} lacks {listed(lost)} at its beginning")


def _begins_where_it_can(told: TurnRead, main: Exchange) -> None:
    """A tail that goes on with a part which was never begun has lost the beginning."""
    envelope = begins_in_the_middle(told.main)
    if envelope is not None and told.turn.cursor is not None:
        expected = f"the tail from the since_cursor of {told.turn} begins where the turn begins"
        broken(main, expected=expected, came=f"{told.turn}: its first part goes on with {shown(envelope)}")


@requirement("CUR-06")
def test_a_later_turn_has_a_cursor(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """From the second turn of a session on ``since_cursor`` is not null."""
    later = [turn.post for turn in turns if turn.number > 1]
    later += [e for e in recording.of("racing", "rival-") if e.operation == "append-message" and e.status == 202]
    for post in later:
        cursor = post.data.get("since_cursor")
        what = "empty" if cursor == "" else "null" if "since_cursor" in post.data else "missing"
        expected = "since_cursor of a later turn is an event's id, and not null"
        expect(cursor not in (None, ""), post, expected=expected, came=f"{post.name}: since_cursor is {what}")
    if not later:
        raise untested(recording, SESSION_JOURNEYS, "no session had a second turn")
