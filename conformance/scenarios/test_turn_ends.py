"""EVT-05 and EVT-06: a turn ends, once, and nothing of it follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes_of, session
from conformance.findings import Unobservable, Untested, Violation, broken, expect, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import is_data_part, lasting, listed, missing_beginning, same, shown, stream_id
from conformance.judging.statuses import client_error
from conformance.judging.turn_reads import TurnRead, disturbance, read
from conformance.recording import Exchange, Recording


@requirement("EVT-05")
def test_every_turn_ends_with_a_terminal_envelope(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The stream of a turn reaches `finish`, `abort` or `error`."""
    ended, open_ones = 0, []
    for turn in turns:
        main = turn.tails.get("main")
        if main is None:
            continue
        told = read(recording, turn)
        if any(e.terminal for e in told.main):
            ended += 1
        elif any(e.terminal for e in turn.envelopes):
            # Only an earlier turn's end was read. Without ids, what looks like an end is one.
            ended += any(e.terminal for kind in ("before", "again") for e in told.own(turn.tails.get(kind)))
        else:
            open_ones.append((turn, told, main))
    unclear = [str(turn) for turn, told, main in open_ones if not _judge_open(recording, turn, told, main, ended)]
    if unclear and not ended:
        raise Untested(f"no turn ended within the time of the run ({', '.join(unclear[:4])})")
    if not ended:
        raise untested(recording, SESSION_JOURNEYS, "no turn was tailed to its end")


_CONNECTION_CAP = 20.0
"""Seconds after which a proxy may lawfully close a long stream; the client reconnects then."""


def _judge_open(recording: Recording, turn: Turn, told: TurnRead, main: Exchange, ended: int) -> bool:
    """Judge a turn whose main tail has no terminal envelope; False where it cannot be judged."""
    expected = f"{turn} ends with finish, abort or error"
    if main.status not in (0, 200):
        return False  # EVT-01 says so
    lasted = main.ended_at - main.answered_at
    ends = [(e.at, tail) for tail in _others(turn) for e in told.own(tail) if e.terminal]
    came = _how_it_stopped(turn, main)
    if main.ending in ("closed", "broken", "complete"):
        # A proxy may end a long stream, and then every tail of the turn: no proof against the server, nor for it.
        expect(lasted >= _CONNECTION_CAP, main, expected=expected, came=came)
        return bool(ends)
    if main.ending in ("frame-limit", "byte-limit", "goal"):
        return False  # the client left by itself, and did not come back before the run was over
    waited = main.ended_at - max([main.sent_at, *(e.at for e in _news(envelopes_of(main)))])
    if main.ending == "time-limit" and waited < recording.turn_timeout * 0.9:
        return False  # envelopes were still coming, or the client gave up before the time that a turn has
    # Another tail had the end while this one waited for it, or had it at once when it was opened: the end was there.
    for at, tail in ends:
        if at <= main.ended_at or at <= tail.answered_at + 1.0:
            broken(main, tail, expected=expected, came=f"{came}; {tail.step} has the end")
    if ends:
        return False  # it ended later than the player waited
    if not any(told.own(tail) for tail in turn.tails.values()) and _others_ran(recording, turn, main):
        return False  # it may not have begun yet: a tenant's turns may wait for each other
    others = f"{ended} other turns of this run ended" if ended else "no turn of this run ended"
    raise Violation(expected, f"{came}; {others}", main)


def _others_ran(recording: Recording, turn: Turn, main: Exchange) -> bool:
    """Whether turns of other sessions were still running when half of the time that a turn has was left to wait."""
    since = main.ended_at - recording.turn_timeout / 2
    return any(
        any(e.at >= since and not is_data_part(e) for e in envelopes_of(tail))
        for tail in recording.exchanges
        if tail.operation == "tail-events" and tail.facts.get("kind") == "main" and tail.journey != turn.journey
    )


def _news(tail: Sequence[Envelope]) -> Iterator[Envelope]:
    """The envelopes that bring the turn on: signs of life, and what came word for word before, are none."""
    told: set[str] = set()
    for envelope in tail:
        if envelope.frame.data not in told and not is_data_part(envelope):
            yield envelope
        told.add(envelope.frame.data)


def _others(turn: Turn) -> list[Exchange]:
    return [tail for kind, tail in turn.tails.items() if kind in ("header", "before", "again")] + list(turn.resumes)


def _how_it_stopped(turn: Turn, main: Exchange) -> str:
    tail = envelopes_of(main)
    waited = main.ended_at - (tail[-1].at if tail else main.sent_at)
    last = f"{len(tail)} envelopes, the last {shown(tail[-1])}" if tail else "no envelope"
    how = {
        "closed": "then the server closed the stream",
        "complete": "then the answer was over",
        "broken": f"then the connection broke ({shown(main.problem)})",
    }.get(main.ending, f"then nothing for {waited:.1f} s ({main.ending})")
    return f"{turn}: {last}, {how}"


_ENDLESS = 2
"""One tail that breaks off may be the network's; as many as this that lack nothing but the end are the server's."""


@requirement("EVT-05")
def test_every_tail_of_a_turn_has_its_end(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """By whatever way and whenever a tail is opened, it has the terminal envelope, if it has all that precedes it."""
    judged = 0
    endless: list[tuple[Turn, Exchange]] = []
    for turn in turns:
        if disturbance(recording, turn):
            continue
        told = read(recording, turn)
        full = lasting(told.full)
        end = next((i for i, e in enumerate(full) if e.terminal and e.id is not None), None)
        if end is None or end == 0 or full[end - 1].id is None:
            continue
        for tail in [*turn.tails.values(), *turn.resumes, *turn.live]:
            if (
                tail.status != 200
                or tail.ending not in ("silence", "closed", "complete")
                or tail is turn.tails.get("main")
            ):
                continue
            got = told.own(tail)
            if not any(same(e, full[end - 1]) for e in got):
                continue  # what else is missing, CUR-02 and CUR-07 say
            judged += 1
            if not any(e.terminal for e in got):
                endless.append((turn, tail))
    if len(endless) >= _ENDLESS:
        turn, tail = endless[0]
        came = f"{turn}: {tail.step} has all but the end ({tail.ending}); so {len(endless)} tails"
        broken(tail, turn.tails["main"], expected=f"every tail of {turn} has its end", came=came)
    if not judged and not any(turn.ended for turn in turns):
        raise untested(recording, SESSION_JOURNEYS, "no turn was tailed to its end")


@requirement("EVT-06")
def test_a_turn_ends_once_and_nothing_of_it_follows(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Behind the terminal envelope nothing of the turn comes; `error`, `finish-step`, `finish` is one end."""
    judged, read_at_all = 0, 0
    for turn in turns:
        main = turn.tails.get("main")
        own = read(recording, turn).main
        end = next((i for i, e in enumerate(own) if e.terminal), None)
        if main is None or end is None or disturbance(recording, turn):
            continue
        read_at_all += 1
        expected = f"{turn} ends once, and nothing of it follows"
        # Read to the first end and a little further, where more came with the same bytes.
        extra = _beyond(own[end:])
        came = f"{turn}: behind its end came {listed(extra)}"
        expect(not extra, main, expected=expected, came=came)
        for tail, seen in _aftermath(recording, turn, own):
            extra = _beyond((*own[end:], *seen))
            if extra:
                broken(tail, main, expected=expected, came=f"{turn}: behind its end {tail.step} had {listed(extra)}")
            judged += 1
    if not judged and read_at_all:
        raise Unobservable("no stream was read on behind the end of a turn")
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no turn was read to its end")


_CLOSING = frozenset({"finish-step", "message-metadata", "text-end", "reasoning-end", "error"})
"""What may stand between an `error` and the `finish` that belongs to it."""


def _beyond(tail: Sequence[Envelope]) -> list[Envelope]:
    """What comes behind the end with which ``tail`` begins, as far as it is the same turn's.

    A `start` begins another turn; data parts, which a server may send between turns, are no turn's.
    """
    over = False
    for index, envelope in enumerate(tail):
        if envelope.type == "start":
            return []
        if is_data_part(envelope):
            continue
        if over or (index and envelope.type not in _CLOSING and not envelope.terminal):
            return [envelope]
        over = envelope.type in ("finish", "abort")
    return []


def _aftermath(
    recording: Recording, turn: Turn, own: Sequence[Envelope]
) -> Iterator[tuple[Exchange, Sequence[Envelope]]]:
    """The tails that were opened at this turn's last id, and what they have before anything of another turn."""
    last = next((e.id for e in reversed(own) if e.id), None)
    if last is None:
        return
    posts = [e for e in recording.of(turn.journey) if _may_start_a_turn(e, turn)]
    for tail in recording.of(turn.journey):
        if tail.operation != "tail-events" or tail.status != 200 or tail.facts.get("after") != last:
            continue
        if tail.facts.get("session") != turn.session_id or tail.facts.get("part") == "live":
            continue
        seen = envelopes_of(tail)
        following = next((t for t in session(recording, turn.journey).turns if t.number == turn.number + 1), None)
        if tail.facts.get("kind") == "before":
            if following is None or disturbance(recording, following):
                continue
            left = _before_turn(recording, seen, following)
            # What the client had already is a matter of where the tail starts, and CUR-07's.
            yield tail, [e for e in left if not any(same(e, one) for one in own)]
        else:
            # Until another post was sent nothing but this turn can be the source of what comes.
            limit = min((p.sent_at for p in posts if p.sent_at > turn.post.answered_at), default=float("inf"))
            yield tail, [e for e in seen if e.at < limit and not any(same(e, one) for one in own)]


def _may_start_a_turn(post: Exchange, turn: Turn) -> bool:
    return (
        post.operation == "append-message" and post.facts.get("session") == turn.session_id and not client_error(post)
    )


def _before_turn(recording: Recording, seen: Sequence[Envelope], following: Turn) -> Sequence[Envelope]:
    """What came before the following turn's first envelope, and is not the beginning of that turn."""
    main = read(recording, following).main
    first = next((i for i, e in enumerate(seen) if main and same(e, main[0])), None)
    if first is None:
        return ()
    head = seen[:first]
    lost = missing_beginning(main, seen)
    # A terminal envelope there is no beginning of anything; what comes behind the last one may be (CUR-02).
    terminal = max((i for i, e in enumerate(head) if e.terminal), default=-1)
    left = head if not lost else head[: terminal + 1]
    cursor = stream_id(following.cursor)
    if cursor is None or terminal >= 0:
        return left
    # No terminal envelope among them: only ids tell that they were there before the turn.
    return [e for e in left if (number := stream_id(e.id)) is not None and number <= cursor]
