"""CUR-04 and CUR-05: tails without a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence import SESSION_JOURNEYS, Envelope, Session, Turn, envelopes_of
from conformance.findings import Unobservable, broken, expect, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import READ_OUT, lacks, lasting, listed, same, same_content, shown
from conformance.judging.extents import begins_in_the_middle
from conformance.judging.turn_reads import TurnRead, disturbance, read
from conformance.judging.turn_times import over_by
from conformance.recording import Exchange, Recording


@requirement("CUR-04")
def test_without_a_cursor_the_first_turn_is_tailed_from_its_beginning(
    recording: Recording, turns: tuple[Turn, ...]
) -> None:
    """On the first turn of a session a tail without a cursor has the turn from its first envelope to its terminal one."""
    judged, tried = 0, 0
    for turn in turns:
        if turn.number != 1 or disturbance(recording, turn):
            continue
        told = read(recording, turn)
        kinds = ["none"] if turn.cursor is not None else ["none", "main"]
        for kind in kinds:
            exchange = turn.tails.get(kind)
            if exchange is None or exchange.status != 200:
                continue
            tried += 1
            if _was_over(turn, exchange) or _is_the_final_state(told, exchange):
                continue  # of a turn that is over, its final state may be all that comes (E4)
            judged += _from_the_beginning(recording, told, exchange)
        _still_ends(told)
    if not judged and tried:
        raise Unobservable("no tail without a cursor was read out on a first turn")
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no first turn was tailed without a cursor")


def _still_ends(told: TurnRead) -> None:
    """A client whose cursor is null and who comes late, when the first turn is over, still gets its final state."""
    turn, again = told.turn, told.turn.tails.get("again")
    if turn.cursor is not None or again is None or again.status != 200 or again.ending not in READ_OUT:
        return
    ends = [e for e in told.main if e.terminal]
    if ends and not any(e.terminal for e in envelopes_of(again)):
        came = f"{turn}: when it was over: {_what_came(again)}"
        broken(again, turn.post, expected=f"without a cursor {turn} comes back, at least its end", came=came)


def _from_the_beginning(recording: Recording, told: TurnRead, exchange: Exchange) -> bool:
    turn, got = told.turn, lasting(told.own(exchange))
    expected = f"without a cursor {turn} is tailed from its beginning"
    for step, read_there in _other_readings(recording, told, exchange):
        seen = lasting(read_there)
        if not seen:
            continue
        if not got:
            came = f"nothing came; {step} had {listed(seen)}"
            expect(exchange.ending not in READ_OUT, exchange, expected=expected, came=came)
            continue
        first = next((i for i, e in enumerate(seen) if same(e, got[0])), None)
        head = seen[:first] if first is not None else ()
        came = f"it begins with {shown(got[0])}; {step} had {listed(head)} before that"
        expect(not head, exchange, expected=expected, came=came)
        if first is None:
            later = next((i for i, e in enumerate(got) if same(e, seen[0])), None)
            came = f"it shares no envelope with {step}: {shown(got[0])} here, {shown(seen[0])} there"
            expect(later is not None or seen[0].id is None, exchange, expected=expected, came=came)
            continue
        missing = lacks(got, seen, read_out=exchange.ending in READ_OUT)
        came = f"it lacks what {step} has: {listed(missing)}"
        expect(not missing, exchange, expected=expected, came=came)
    middle = begins_in_the_middle(got)
    came = f"its first part goes on with {shown(middle)}"
    expect(middle is None, exchange, expected=expected, came=came)
    return any(e.terminal for e in got)


def _other_readings(recording: Recording, told: TurnRead, exchange: Exchange) -> list[tuple[str, Sequence[Envelope]]]:
    """What else was read of that first turn, each from its own beginning on."""
    found: list[tuple[str, Sequence[Envelope]]] = []
    for kind in ("main", "header", "again", "none"):
        other = told.turn.tails.get(kind)
        if other is not None and other is not exchange and other.status == 200:
            found.append((other.step, told.own(other)))
    # A later tail without a cursor may play the session from its beginning, and then shows what was lost here.
    known = {e.id for _, tail in found for e in tail if e.id} | {e.id for e in told.own(exchange) if e.id}
    for later in recording.of(told.turn.journey):
        if later.facts.get("kind") != "none" or later.facts.get("turn") == told.turn.number:
            continue
        tail = lasting(envelopes_of(later))
        last = max((i for i, e in enumerate(tail) if e.id in known), default=None)
        first = tail[0].id if tail else None
        if last is not None and first is not None:
            found.append((later.step, tail[: last + 1]))
    return found


@requirement("CUR-05")
def test_without_a_cursor_a_later_turn_brings_back_the_earlier_end(dialogue: Session, recording: Recording) -> None:
    """A tail without a cursor has at least a terminal envelope of an earlier turn."""
    judged, tried = 0, 0
    for turn in dialogue.turns:
        exchange = turn.tails.get("none")
        if turn.number == 1 or exchange is None or exchange.status != 200:
            continue
        tried += 1
        told = read(recording, turn)
        terminals = [e for e in envelopes_of(exchange) if e.terminal]
        if any(told.is_earlier(e) for e in terminals):
            before = next((t for t in dialogue.turns if t.number == turn.number - 1), None)
            ends = [e for e in before.envelopes if e.terminal] if before else []
            if ends and not any(same(e, end) for e in terminals for end in ends):
                if _left_at_an_older_end(dialogue, turn, exchange) or _raced_before(recording, turn):
                    continue
                broken(
                    exchange,
                    turn.post,
                    expected=f"without a cursor the final state of the turn before comes back: {listed(ends)}",
                    came=f"{turn}: the end of an older turn came ({_what_came(exchange)})",
                )
            judged += 1
            continue
        verdict = _has_another_end(told, exchange, terminals)
        if verdict is False and _was_over(turn, exchange):
            continue  # how long the turn before is kept is open, once this one has a final state of its own
        if verdict is False:
            broken(
                exchange,
                turn.post,
                expected="without a cursor the final state of the turn before comes back",
                came=f"{turn}: no terminal envelope of an earlier turn came ({_what_came(exchange)})",
            )
        judged += verdict is True
    if not judged and tried:
        raise Unobservable("no tail without a cursor shows whose end it has: no ids, or the turn was over already")
    if not judged:
        raise untested(recording, ("dialogue",), "no later turn was tailed without a cursor")


def _is_the_final_state(told: TurnRead, exchange: Exchange) -> bool:
    """Whether a tail shows just the end of a turn that ended as it was opened: the server knew that earlier than we."""
    got = lasting(told.own(exchange))
    end = over_by(told.turn)
    last = all(e.terminal or e.type == "finish-step" for e in got)
    return bool(got) and last and end is not None and end <= exchange.answered_at + 0.5


def _left_at_an_older_end(dialogue: Session, turn: Turn, exchange: Exchange) -> bool:
    """Whether it shows an older turn whole, and was closed there: a client would go on from its last id (E3, E6).

    A server may begin at the beginning where no cursor is given, and close behind each end.
    """
    if exchange.ending not in ("closed", "complete"):
        return False
    tail = lasting(envelopes_of(exchange))
    for older in dialogue.turns:
        whole = lasting(older.envelopes)
        end = next((i for i, e in enumerate(whole) if e.terminal), None)
        if older.number >= turn.number or end is None or not tail:
            continue
        if all(any(same(e, one) for one in tail) for e in whole[: end + 1]):
            return True
    return False


def _raced_before(recording: Recording, turn: Turn) -> bool:
    """Whether a message without a number among the turns was accepted before: then the turn before is none of them."""
    return any(
        e.operation == "append-message" and e.status == 202 and e.sent_at < turn.post.sent_at
        for e in recording.of(turn.journey)
        if e.facts.get("session") == turn.session_id and not isinstance(e.facts.get("turn"), int)
    )


def _was_over(turn: Turn, exchange: Exchange) -> bool:
    """Whether this turn may have ended before that tail of it was open."""
    end = over_by(turn)
    return end is None or end <= exchange.answered_at + 0.05


def _has_another_end(told: TurnRead, exchange: Exchange, terminals: Sequence[Envelope]) -> bool | None:
    """Whether one of these ends is not this turn's; None where that cannot be told."""
    if exchange.ending not in READ_OUT:
        return None
    own = told.full
    other = [e for e in terminals if not any(same(e, one) for one in own)]
    if other:
        # The state may be played back under other ids; what is in none of this turn's own tails is not this turn's.
        return True
    if terminals and all(e.id is None for e in terminals):
        tail = envelopes_of(exchange)
        alike = len(tail) == len(own) and all(same_content(a, b) for a, b in zip(tail, own, strict=True))
        if len(terminals) > len([e for e in own if e.terminal]):
            return True
        return None if alike else True
    return False


def _what_came(exchange: Exchange) -> str:
    tail = envelopes_of(exchange)
    return f"{listed(tail)}; {exchange.ending}" if tail else f"nothing; {exchange.ending}"
