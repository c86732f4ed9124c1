"""EVT: what a tail is, what stands in it, in which order, when, and how a turn ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from conformance.envelopes import NotAChunk, Order, OutOfOrder, parse
from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes, session
from conformance.findings import Unobservable, Untested, Violation, broken, expect, requirement
from conformance.judging.cursors import (
    TurnRead,
    disturbance,
    is_data_part,
    listed,
    missing_beginning,
    read,
    same,
    same_content,
    shown,
    stream_id,
)
from conformance.recording import Exchange, Recording

_ASKED_FOR_TROUBLE = frozenset({"cursors", "strangers"})


def _own_tails(recording: Recording) -> Iterator[Exchange]:
    """The tails of our own sessions that were opened lawfully: with our key, and with no cursor or one of that session."""
    for exchange in recording.exchanges:
        if exchange.operation != "tail-events" or exchange.credential != "own":
            continue
        if exchange.journey in _ASKED_FOR_TROUBLE or exchange.name == "idle/foreign-cursor":
            continue
        if "limited" not in exchange.facts:
            yield exchange


def _untested(recording: Recording, otherwise: str) -> Untested:
    breaks = [b for b in (recording.broke(journey) for journey in SESSION_JOURNEYS) if b is not None]
    return Untested("; ".join([otherwise, *(f"{b.journey} broke off at {b.step}: {b.reason}" for b in breaks)]))


@requirement("EVT-01")
def test_a_tail_is_an_event_stream(recording: Recording) -> None:
    """A tail of one's own session is answered 200 with the media type text/event-stream."""
    judged, tried = 0, 0
    for tail in _own_tails(recording):
        tried += 1
        if tail.received is None or tail.status == 429:
            # A server may hold back its status until there is something to send: what is missing then, others judge.
            continue
        expected = "200 and the content type text/event-stream"
        expect(tail.status == 200, tail, expected=expected)
        came = f"200 with the content type {shown(tail.received.header('content-type') or 'none')}"
        expect(tail.received.media_type == "text/event-stream", tail, expected=expected, came=came)
        judged += 1
    if tried and not judged:
        tail = next(_own_tails(recording))
        broken(
            tail, expected="200 and the content type text/event-stream", came=f"no tail was answered: {tail.problem}"
        )
    if not judged:
        raise _untested(recording, "no tail was opened")


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
            if envelope.id is None:
                expect(envelope.transient, main, expected=expected, came=f"{turn}: no id: {shown(envelope)}")
                continue
            twice = envelope.id in seen
            expect(not twice, main, expected=expected, came=f"{turn}: {shown(envelope)}: its id came twice")
            seen.add(envelope.id)
            if told.is_earlier(envelope):
                continue
            where, other = used.setdefault((turn.session_id, envelope.id), (str(turn), envelope))
            came = f"{shown(envelope)} of {turn} has the id that {shown(other)} of {where} has"
            expect(where == str(turn) or same_content(envelope, other), main, expected=expected, came=came)
    if not judged:
        raise _untested(recording, "no envelope was received")


@requirement("EVT-02")
def test_ids_of_numbers_increase(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """Where all ids of a tail have the form <ms>-<seq>, each is greater, as two numbers, than the one before it."""
    judged, received = 0, 0
    for turn in turns:
        told = read(recording, turn)
        tails = [tail for kind, tail in turn.tails.items() if kind != "none" or turn.number == 1]
        for tail in [*tails, *turn.resumes, *turn.live]:
            numbered = [(e, stream_id(e.id)) for e in envelopes(tail.frames) if e.id is not None]
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
        raise _untested(recording, "no envelope with an id was received")


def _above_earlier_turns(turn: Turn, told: TurnRead) -> None:
    earlier = [(number, e) for e in told.earlier if (number := stream_id(e.id)) is not None]
    own = [(number, e) for e in told.main if (number := stream_id(e.id)) is not None]
    if not earlier or not own or len(earlier) < len(told.earlier) or len(own) < len(told.main):
        return
    low, high = min(own, key=lambda pair: pair[0]), max(earlier, key=lambda pair: pair[0])
    came = f"{turn}: {shown(low[1])} is not greater than {shown(high[1])}, which came before the turn"
    expect(low[0] > high[0], turn.tails["main"], expected="ids that increase through the session", came=came)


@requirement("EVT-03")
def test_every_envelope_is_a_chunk(recording: Recording) -> None:
    """Whatever a tail sends, but heartbeats and the end mark, is a valid AI SDK v6 chunk."""
    known: set[str] = set()
    for tail in _own_tails(recording):
        for envelope in envelopes(tail.frames):
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
        raise _untested(recording, "no envelope was received")


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
        raise _untested(recording, "no turn was received")


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


# --- the end of a turn ------------------------------------------------------------------------------------------------


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
        raise _untested(recording, "no turn was tailed to its end")


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
    if main.ending in ("frame-limit", "byte-limit"):
        return False
    waited = main.ended_at - max([main.sent_at, *(e.at for e in envelopes(main.frames))])
    if main.ending == "time-limit" and waited < recording.turn_timeout * 0.9:
        return False  # envelopes were still coming, or the client gave up before the time that a turn has
    # Another tail had the end while this one waited for it, or had it at once when it was opened: the end was there.
    for at, tail in ends:
        if at <= main.ended_at or at <= tail.answered_at + 1.0:
            broken(main, tail, expected=expected, came=f"{came}; {tail.step} has the end")
    if ends:
        return False  # it ended later than the player waited
    others = f"{ended} other turns of this run ended" if ended else "no turn of this run ended"
    raise Violation(expected, f"{came}; {others}", main)


def _others(turn: Turn) -> list[Exchange]:
    return [tail for kind, tail in turn.tails.items() if kind in ("header", "before", "again")] + list(turn.resumes)


def _how_it_stopped(turn: Turn, main: Exchange) -> str:
    tail = envelopes(main.frames)
    waited = main.ended_at - (tail[-1].at if tail else main.sent_at)
    last = f"{len(tail)} envelopes, the last {shown(tail[-1])}" if tail else "no envelope"
    how = {
        "closed": "then the server closed the stream",
        "complete": "then the answer was over",
        "broken": f"then the connection broke ({shown(main.problem)})",
    }.get(main.ending, f"then nothing for {waited:.1f} s ({main.ending})")
    return f"{turn}: {last}, {how}"


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
        raise _untested(recording, "no turn was read to its end")


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
        seen = envelopes(tail.frames)
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
        post.operation == "append-message"
        and post.facts.get("session") == turn.session_id
        and not 400 <= post.status < 500
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


# --- streamed, not buffered -------------------------------------------------------------------------------------------

_SHORTEST = 0.15
"""Seconds that must be left of a turn when its tail is open, or neither network nor clock can tell."""
_LONG = 1.0
"""Of a turn with so much left, one alone is proof."""
_HELD = 0.75
"""Of the time for which envelopes could be held back until the turn's end, this much is buffering."""
_A_DAY = 86_400.0


@requirement("EVT-07")
def test_envelopes_arrive_while_the_turn_runs(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The envelopes of a turn do not all wait for its end.

    Ids that hold the milliseconds say when each envelope was written. On arrival they must not all have waited for the
    last one; turns of one kind (a tier, with attachments, of one journey) are judged together. Ids of another form say
    nothing of that: there, arrivals spread over time are proof of streaming, and a burst is proof of nothing.
    """
    opening = _time_to_open(recording)
    held: dict[str, tuple[Turn, float, float]] = {}
    streamed, received = 0, 0
    for turn in turns:
        main = turn.tails.get("main")
        own = read(recording, turn).main
        received += len(own)
        if main is None or len(own) < 3 or disturbance(recording, turn):
            continue
        measured = held_back(recording, turn, main, own, opening)
        if measured is not None:
            held[str(turn)] = (turn, *measured)
            streamed += measured[0] < _HELD
        else:
            moments = {round(e.at, 2) for e in own}
            streamed += own[-1].at - own[0].at >= _SHORTEST and len(moments) > 2
    for kind, group in _kinds(held.values()).items():
        if all(share >= _HELD for _, share, _ in group) and (
            len(group) > 1 or any(left >= _LONG for _, _, left in group)
        ):
            turn, share, left = max(group, key=lambda one: one[2])
            came = (
                f"{turn}: its envelopes were written over {left:.2f} s after the tail was open, and waited for the last "
                f"one ({share:.0%} of the time that they could; so in all {len(group)} measured turns {kind})"
            )
            broken(turn.tails["main"], expected="envelopes arrive as they are written", came=came)
    if not streamed and received:
        raise Unobservable("no turn ran long enough under an open tail to tell streaming from buffering")
    if not streamed:
        raise _untested(recording, "no turn was received")


@requirement("EVT-07")
def test_a_tail_resumed_by_header_is_streamed_too(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The way in which the cursor is given makes no difference: by ``Last-Event-Id``, too, nothing waits for the end."""
    opening = _time_to_open(recording)
    measured: list[tuple[Turn, Exchange, float, float]] = []
    streamed = 0
    for turn in turns:
        tail = turn.tails.get("header")
        if tail is None or tail.status != 200 or disturbance(recording, turn):
            continue
        own = read(recording, turn).own(tail)
        if len(own) < 3:
            continue
        found = held_back(recording, turn, tail, own, opening)
        if found is not None:
            measured.append((turn, tail, *found))
        spread = own[-1].at - own[0].at >= _SHORTEST and len({round(e.at, 2) for e in own}) > 2
        streamed += found[0] < _HELD if found is not None else spread
    if len(measured) > 1 and all(share >= _HELD for _, _, share, _ in measured):
        turn, tail, share, left = max(measured, key=lambda one: one[3])
        came = (
            f"{turn}: by Last-Event-Id its envelopes, written over {left:.2f} s, waited for the last one "
            f"({share:.0%} of the time that they could; so in all {len(measured)} measured turns)"
        )
        broken(tail, expected="envelopes arrive as they are written", came=came)
    if not streamed:
        raise Unobservable("no turn ran long enough under a tail by Last-Event-Id to tell streaming from buffering")


def held_back(
    recording: Recording, turn: Turn, main: Exchange, own: Sequence[Envelope], opening: float
) -> tuple[float, float] | None:
    """How much of the time for which a turn's envelopes could be held back they were, and how long that time was.

    From 0 (each came when it was written, or when the tail was open) to 1 (all came with the last). The two clocks are
    compared by the last envelope alone, which nobody holds back. None where the ids do not tell, or too little was left.
    """
    numbers = [stream_id(e.id) for e in own]
    written = [number[0] / 1000 for number in numbers if number is not None and number[0] < 10**15]
    if len(written) < len(own) or any(a > b for a, b in pairwise(written)):
        return None
    end = own[-1].at
    # Numbers that are no clock tell no time.
    if abs(recording.epoch + end - written[-1]) > _A_DAY:
        return None
    if written[-1] - written[0] > (end - turn.post.sent_at) * 1.05 + 0.1:
        return None
    opened = min(main.answered_at, main.sent_at + opening)
    possible = waited = 0.0
    left = 0.0
    for envelope, moment in zip(own[:-1], written[:-1], strict=True):
        due = max(end - (written[-1] - moment), opened)
        left = max(left, end - due)
        possible += max(0.0, end - due)
        waited += max(0.0, min(envelope.at, end) - due)
    return (waited / possible, left) if left >= _SHORTEST and possible > 0 else None


def _time_to_open(recording: Recording) -> float:
    """Seconds after which a tail is open for certain, by those that had something to send at once.

    A server that gathers a whole turn may hold back the status as well: then the time of the answer says nothing.
    """
    quick = [
        e.answered_at - e.sent_at
        for e in recording.exchanges
        if e.operation == "tail-events" and e.status == 200 and (e.facts.get("kind") == "again" or "by" in e.facts)
        if e.facts.get("part") != "live"
    ]
    return 2 * median(quick) + 0.1 if len(quick) >= 3 else float("inf")


def _kinds(measured: Iterable[tuple[Turn, float, float]]) -> Mapping[str, list[tuple[Turn, float, float]]]:
    """Turns by what may make a server treat them alike."""
    kinds: dict[str, list[tuple[Turn, float, float]]] = {}
    for one in measured:
        turn = one[0]
        kinds.setdefault("of the run", []).append(one)
        kinds.setdefault(f"of the tier {turn.tier or 'omitted'}", []).append(one)
        kinds.setdefault(f"of the journey {turn.journey}", []).append(one)
        if turn.post.facts.get("attachments"):
            kinds.setdefault("with attachments", []).append(one)
        kinds.setdefault("that are a session's first" if turn.number == 1 else "that are later ones", []).append(one)
    return kinds
