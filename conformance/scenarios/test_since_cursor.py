"""CUR: where a tail starts, and that nothing is lost or repeated there. (Posts that race are in ``test_racing``.)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from conformance.evidence import SESSION_JOURNEYS, Envelope, Session, Turn, envelopes, session
from conformance.findings import Unobservable, Untested, broken, expect, requirement
from conformance.judging.cursors import (
    READ_OUT,
    TurnRead,
    difference,
    disturbance,
    is_data_part,
    is_fleeting,
    lacks,
    lasting,
    listed,
    read,
    resumed,
    same,
    same_content,
    shown,
    stream_id,
)
from conformance.recording import Exchange, Recording

_BROKEN_RESUMES = 2
"""One connection that breaks in the middle may be the network's; as many as this are the server's."""


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
            tail = envelopes(exchange.frames)
            for envelope in tail:
                _not_earlier(turn, told, exchange, envelope)
            _not_after_an_end(recording, turn, exchange, tail)
            judged += bool(tail)
    if not judged and later:
        raise Unobservable("no later turn had a cursor from which a tail gave an envelope")
    if not judged:
        raise _untested(recording, SESSION_JOURNEYS, "no second turn of a session was read")


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
    if not compared and tried:
        raise Unobservable("no second tail of a turn is there to compare the first with")
    if not compared:
        raise _untested(recording, SESSION_JOURNEYS, "no turn was read")


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


def _begins_where_it_can(told: TurnRead, main: Exchange) -> None:
    """A tail that goes on with a part which was never begun has lost the beginning."""
    envelope = _begins_in_the_middle(told.main)
    if envelope is not None and told.turn.cursor is not None:
        expected = f"the tail from the since_cursor of {told.turn} begins where the turn begins"
        broken(main, expected=expected, came=f"{told.turn}: its first part goes on with {shown(envelope)}")


def _begins_in_the_middle(tail: Sequence[Envelope]) -> Envelope | None:
    """The envelope that continues a part or a tool call, where none was begun before it."""
    for envelope in tail:
        if envelope.type in ("text-start", "reasoning-start", "tool-input-start", "tool-input-available"):
            return None
        if envelope.type in ("text-delta", "text-end", "reasoning-delta", "reasoning-end", "tool-input-delta"):
            return envelope
    return None


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
            if header.status == 429:
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
        raise _untested(recording, ("dialogue",), "no turn with a cursor was tailed by header")


def _first_difference(header: Exchange, others: Sequence[Exchange]) -> str | None:
    """How the header's tail differs from that by query; None where it is like one of those from the same cursor.

    A live tail that loses something is not the header's affair, so one that agrees is enough.
    """
    got = envelopes(header.frames)
    first: str | None = None
    for other in others:
        end = _shared_end(envelopes(other.frames), got)
        found = difference(end[0], end[1], whole=header.ending in READ_OUT and other.ending in READ_OUT)
        if found is None:
            return None
        first = first or f"against {other.step}: {found.sentence}"
    return first


def _shared_end(one: Sequence[Envelope], two: Sequence[Envelope]) -> tuple[Sequence[Envelope], Sequence[Envelope]]:
    """Both as far as the turn's end: what one of them read beyond it proves nothing."""
    return _to_terminal(one, two), _to_terminal(two, one)


def _to_terminal(tail: Sequence[Envelope], other: Sequence[Envelope]) -> Sequence[Envelope]:
    last = next((e for e in reversed(other) if e.terminal), None)
    if last is None or last.id is None:
        return tail
    place = next((i for i, e in enumerate(tail) if same(e, last)), None)
    return tail if place is None else tail[: place + 1]


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
            judged += _from_the_beginning(recording, told, exchange)
    if not judged and tried:
        raise Unobservable("no tail without a cursor was read out on a first turn")
    if not judged:
        raise _untested(recording, SESSION_JOURNEYS, "no first turn was tailed without a cursor")


def _from_the_beginning(recording: Recording, told: TurnRead, exchange: Exchange) -> bool:
    turn, got = told.turn, told.own(exchange)
    expected = f"without a cursor {turn} is tailed from its beginning"
    others = _other_readings(recording, told, exchange)
    for step, seen in others:
        if not seen:
            continue
        if not got:
            came = f"nothing came; {step} had {listed(seen)}"
            expect(exchange.ending not in READ_OUT, exchange, expected=expected, came=came)
            continue
        first = next((i for i, e in enumerate(seen) if same(e, got[0])), None)
        head = [e for e in seen[:first] if not is_fleeting(e)] if first is not None else []
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
    middle = _begins_in_the_middle(got)
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
        tail = envelopes(later.frames)
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
        terminals = [e for e in envelopes(exchange.frames) if e.terminal]
        if any(told.is_earlier(e) for e in terminals):
            before = next((t for t in dialogue.turns if t.number == turn.number - 1), None)
            ends = [e for e in before.envelopes if e.terminal] if before else []
            if ends and not any(same(e, end) for e in terminals for end in ends):
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
        raise _untested(recording, ("dialogue",), "no later turn was tailed without a cursor")


def _was_over(turn: Turn, exchange: Exchange) -> bool:
    """Whether this turn may have ended before that tail of it was open."""
    end = min((e.at for kind in ("main", "header", "before") for e in turn.tail(kind) if e.terminal), default=0.0)
    return end <= exchange.answered_at + 0.05


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
        tail = envelopes(exchange.frames)
        alike = len(tail) == len(own) and all(same_content(a, b) for a, b in zip(tail, own, strict=True))
        if len(terminals) > len([e for e in own if e.terminal]):
            return True
        return None if alike else True
    return False


def _what_came(exchange: Exchange) -> str:
    tail = envelopes(exchange.frames)
    return f"{listed(tail)}; {exchange.ending}" if tail else f"nothing; {exchange.ending}"


@requirement("CUR-06")
def test_a_later_turn_has_a_cursor(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """From the second turn of a session on ``since_cursor`` is not null."""
    later = [turn.post for turn in turns if turn.number > 1]
    later += [e for e in recording.of("racing", "rival-") if e.operation == "append-message" and e.status == 202]
    for post in later:
        came = f"{post.name}: since_cursor is {'null' if 'since_cursor' in post.data else 'missing'}"
        expected = "since_cursor of a later turn is not null"
        expect(post.data.get("since_cursor") is not None, post, expected=expected, came=came)
    if not later:
        raise _untested(recording, SESSION_JOURNEYS, "no session had a second turn")


@requirement("CUR-07")
def test_a_reconnect_after_any_id_continues_directly_behind_it(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """After every cut of a turn the tail goes on with the next envelope, and to the end of the turn."""
    judged, tried, snapped = 0, 0, 0
    for turn in turns:
        if not turn.resumes or disturbance(recording, turn):
            continue
        full = read(recording, turn).full
        for tail in turn.resumes:
            tried += 1
            after = tail.facts.get("after")
            if not isinstance(after, str) or not any(e.id == after for e in full):
                continue
            judged += _continues(turn, full, after, tail)
            snapped += tail.ending == "broken"
            came = f"{snapped} connections of reconnects broke off; the last: {tail.problem or tail.ending}"
            expect(snapped < _BROKEN_RESUMES, tail, expected="a reconnect is served to the turn's end", came=came)
    _enough(judged, tried, recording, "no turn was resumed after its ids")


@requirement("CUR-07")
def test_a_turn_read_in_pieces_is_the_turn(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """A client that loses its connection again and again while the turn runs still has all of it, once."""
    judged, tried = 0, 0
    for turn in turns:
        if not turn.live or disturbance(recording, turn):
            continue
        told = read(recording, turn)
        for link in turn.live:
            tried += 1
            after = link.facts.get("after")
            if after is None and link.facts.get("link") == 1:
                judged += _continues(turn, told.full, None, link, told.own(link))
            elif isinstance(after, str) and any(e.id == after for e in told.full):
                judged += _continues(turn, told.full, after, link)
    _enough(judged, tried, recording, "no turn was read in pieces while it ran")


def _continues(
    turn: Turn, full: Sequence[Envelope], after: str | None, tail: Exchange, got: Sequence[Envelope] | None = None
) -> bool:
    """Judge one reconnect; whether it is evidence."""
    place = "its cursor" if after is None else shown(after)
    expected = f"a tail after {place} goes on directly behind it, to the end of {turn}"
    due = full if after is None else full[max(i for i, e in enumerate(full) if e.id == after) + 1 :]
    if tail.status != 200:
        # A server may hold back even its status until there is something to send.
        refused = tail.status != 429 and (tail.status != 0 or bool(lasting(due)))
        expect(not refused, tail, expected=expected)
        return False
    # A tail that was cut by the client as soon as it had enough is whole only if it has the last envelope.
    came = envelopes(tail.frames) if got is None else got
    whole = tail.ending in READ_OUT and not (tail.ending == "goal" and tail.facts.get("part") == "live")
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
    seen = [e for exchange in dialogue for e in envelopes(exchange.frames)]
    if seen and not any(e.id for e in seen):
        raise Unobservable("no envelope has an id to reconnect after")
    raise _untested(recording, ("dialogue",), otherwise)


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
        one, two = _shared_end(envelopes(main.frames), envelopes(again.frames))
        found = difference(one, two)
        if found is not None:
            broken(again, main, expected=expected, came=f"{turn}: {found.sentence}")
        compared += bool(one)
    if not compared and tried:
        raise Unobservable("no turn was read twice from one cursor")
    if not compared:
        raise _untested(recording, ("dialogue",), "no turn was read twice from one cursor")


@requirement("CUR-09")
def test_an_idle_session_shows_nothing_of_the_others(recording: Recording) -> None:
    """A session without turns stays silent while others run, and another session's cursor opens nothing there."""
    watched = [e for e in (recording.get("idle", step) for step in ("watch", "foreign-cursor")) if e is not None]
    others = _elsewhere(recording, "idle")
    for tail in watched:
        for envelope in envelopes(tail.frames):
            # An `error` may be how a server answers a cursor that it does not know, and data parts may be its own.
            own = envelope.type in ("error", "abort") or is_data_part(envelope)
            known = any(same(envelope, other) for other in others.get(envelope.id, ()))
            came = f"{tail.step}: {shown(envelope)} came on a session that had no turn"
            expect(own and not known, tail, expected="no envelope of another session", came=came)
    if not any(tail.status or _held_back(tail) for tail in watched):
        raise _untested(recording, ("idle",), "the idle session was not tailed")


def _held_back(tail: Exchange) -> bool:
    """Whether not even headers came: a server may wait with them for the first event, and so none came."""
    return (tail.problem or "").startswith("ReadTimeout: no headers")


def _elsewhere(recording: Recording, journey: str) -> dict[str | None, list[Envelope]]:
    """What was received by the main tails of the other journeys, by id."""
    found: dict[str | None, list[Envelope]] = {}
    for exchange in recording.exchanges:
        if exchange.operation == "tail-events" and exchange.journey != journey and exchange.facts.get("kind") == "main":
            for envelope in envelopes(exchange.frames):
                found.setdefault(envelope.id, []).append(envelope)
    return found


_MARK = re.compile(r"(?=.*[0-9])(?=.*[a-zA-Z])[0-9a-zA-Z_\-]{16,}")
"""An id that no two sessions give by chance: long, of letters and digits."""


@requirement("CUR-09")
def test_no_tail_carries_the_marks_of_another_session(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The turn and message ids of one session stand in no envelope of another session's tails."""
    owners = _owners(turns)
    judged = 0
    for turn in turns:
        for exchange in turn.tails.values():
            for envelope in envelopes(exchange.frames):
                judged += 1
                for mark in _leaves(envelope.value):
                    if owners.get(mark, turn.session_id) != turn.session_id:
                        came = f"{turn}: {shown(envelope)} carries {shown(mark)}, an id of another session's turn"
                        broken(exchange, expected="no envelope of another session", came=came)
    if not judged:
        raise _untested(recording, SESSION_JOURNEYS, "no tail gave an envelope")


def _marks_of(turn: Turn) -> set[str]:
    """The ids that the 202 gave, and the messageId with which its tail began."""
    marks = [turn.post.data.get("chat_turn_id"), turn.post.data.get("user_message_id")]
    first = next((e for e in turn.envelopes if e.type == "start"), None)
    if first is not None:
        marks.append(first.value.get("messageId"))
    return {mark for mark in marks if isinstance(mark, str) and _MARK.fullmatch(mark)}


def _owners(turns: Iterable[Turn]) -> dict[str, str]:
    """Whose each mark is. What two sessions gave alike tells nothing apart (ACC-06 judges it), and is left out."""
    found: dict[str, set[str]] = {}
    for turn in turns:
        for mark in _marks_of(turn):
            found.setdefault(mark, set()).add(turn.session_id)
    return {mark: next(iter(sessions)) for mark, sessions in found.items() if len(sessions) == 1}


def _leaves(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)


@requirement("CUR-10")
def test_a_bad_cursor_is_no_server_error(recording: Recording) -> None:
    """A malformed or unknown cursor, by query or by header, is answered, and not with a 5xx."""
    answered = 0
    tails = [e for e in recording.of("cursors") if e.operation == "tail-events"]
    foreign = recording.get("idle", "foreign-cursor")
    for tail in [*tails, *([foreign] if foreign else [])]:
        expect(tail.status < 500, tail, expected="a refusal, or a stream: no server error")
        if tail.status == 0:
            # A server may hold back its status until there is something to send; one that hangs up has failed.
            waited = "Timeout" in (tail.problem or "")
            expect(waited, tail, expected="an answer to a tail with a bad cursor")
        answered += tail.status > 0
    if not answered and tails:
        raise Unobservable("none of the bad cursors was answered")
    if not answered:
        raise _untested(recording, ("cursors",), "no bad cursor was tried")


def _untested(recording: Recording, journeys: Sequence[str], otherwise: str) -> Untested:
    """With the places where the journeys broke off, if they did."""
    breaks = [b for b in (recording.broke(journey) for journey in journeys) if b is not None]
    return Untested("; ".join([otherwise, *(f"{b.journey} broke off at {b.step}: {b.reason}" for b in breaks)]))
