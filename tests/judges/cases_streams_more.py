"""EVT-05 and EVT-07: ends that only some tails have, tails over several connections, and what is held back where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from conformance.recording import Exchange, Frame, Piece, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_cursor import by_exchange, kind, part
from tests.judges.edits import named


def _timed(recording: Recording, pick: edits.Pick, change: Callable[[list[Frame]], Iterable[Frame]]) -> Recording:
    return edits.frames(recording, pick, lambda fs: change(fs) if fs else fs)


def _with_the_last(fs: list[Frame]) -> list[Frame]:
    return [edits.at(f, fs[-1].at) for f in fs]


# --- EVT-07 -----------------------------------------------------------------------------------------------------------


@broken("EVT-07", because="tails without a cursor alone are buffered")
def buffered_without_cursor(recording: Recording) -> Recording:
    return _timed(recording, kind("none"), _with_the_last)


@broken("EVT-07", because="tails by header alone are buffered, and the ids are opaque")
def buffered_by_header(recording: Recording) -> Recording:
    return _timed(recording, kind("header"), _with_the_last)


@broken("EVT-07", because="a tail that is resumed within a running turn is buffered until the turn ends")
def buffered_when_resumed(recording: Recording) -> Recording:
    ends = {(e.journey, e.facts["turn"]): e.frames[-1].at for e in recording.exchanges if kind("main")(e) and e.frames}

    def change(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        return [edits.at(f, ends[exchange.journey, exchange.facts["turn"]]) for f in fs]

    return by_exchange(recording, lambda e: part("live")(e) and e.facts["after"] is not None, change)


@broken("EVT-07", because="the text is gathered until it is complete, and takes most of the turn")
def buffered_text(recording: Recording) -> Recording:
    """Reasoning and tools are over early, so that the text takes most of the turn; ids that are no clock tell nothing."""

    def slow(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        texts = [i for i, f in enumerate(fs) if edits.kind(f).startswith("text-")]
        if not texts:
            return fs
        first, last = fs[0].at, fs[-1].at
        held = exchange.facts.get("kind") == "main"
        moved = []
        for index, frame in enumerate(fs):
            share = 0.05 * index / texts[0] if index < texts[0] else (index - texts[0] + 1) / (len(fs) - texts[0])
            held_back = held and index in texts
            timed = edits.at(frame, fs[texts[-1]].at if held_back else first + share * (last - first))
            moved.append(edits.with_id(timed, f"x{frame.id}"))
        return moved

    return by_exchange(recording, kind("main", "header", "before"), slow)


@lawful("EVT-07", because="a proxy sends what it has ten times a second")
def in_lumps(recording: Recording) -> Recording:
    return edits.frames(recording, edits.tails, lambda fs: [edits.at(f, (f.at // 0.1 + 1) * 0.1) for f in fs])


@lawful("EVT-07", because="one tail by header stalls until the turn is over")
def one_stalls(recording: Recording) -> Recording:
    return _timed(recording, kind("header", journey="dialogue", turn=3), _with_the_last)


@lawful("EVT-07", because="the connections of one tail without a cursor and of one resumed tail stall")
def two_ways_stall(recording: Recording) -> Recording:
    return _timed(recording, named("dialogue/turn-1/tail-without-cursor", "dialogue/turn-3/live-002"), _with_the_last)


# --- EVT-05 -----------------------------------------------------------------------------------------------------------


@broken("EVT-05", because="a tail by header has all but the end")
def no_end_by_header(recording: Recording) -> Recording:
    cut = edits.frames(recording, kind("header"), lambda fs: [f for f in fs if edits.kind(f) != "finish"])
    return edits.edit(cut, kind("header"), lambda e: replace(e, ending="silence"))


@broken("EVT-05", because="a reconnect has all but the end, once the turn is over")
def no_end_late(recording: Recording) -> Recording:
    cut = edits.frames(recording, part("resume"), lambda fs: [f for f in fs if edits.kind(f) != "finish"])
    return edits.edit(cut, part("resume"), lambda e: replace(e, ending="silence"))


@lawful("EVT-05", because="the connection of one live tail ends before the end of the turn")
def one_without_end(recording: Recording) -> Recording:
    pick = named("dialogue/turn-6/live-002")
    cut = edits.frames(recording, pick, lambda fs: [f for f in fs if edits.kind(f) != "finish"])
    return edits.edit(cut, pick, lambda e: replace(e, ending="closed"))


def _cut(recording: Recording, name: str, rest: Callable[[list[Frame]], Iterable[Frame]], seconds: float) -> Recording:
    """The tail is closed by the server in the middle; on a second connection comes ``rest`` of what it had."""
    whole = recording.get(*name.split("/", 1))
    assert whole is not None
    assert whole.received is not None
    half = len(whole.frames) // 2
    first, second = list(whole.frames[:half]), list(rest(list(whole.frames[half:])))
    at = first[-1].at

    def pieces(fs: list[Frame]) -> tuple[Piece, ...]:
        return tuple(Piece(f.at, edits.wire(f)) for f in fs)

    facts = {key: value for key, value in whole.facts.items() if key in ("session", "turn", "kind")}
    head = replace(whole, received=replace(whole.received, pieces=pieces(first)), ending="closed", ended_at=at)
    link = replace(
        whole,
        step=f"{whole.step}/link-2",
        received=replace(whole.received, pieces=pieces(second)),
        sent_at=at,
        answered_at=at,
        ending="terminal" if second and edits.kind(second[-1]) == "finish" else "closed",
        ended_at=max([at + seconds, *(f.at for f in second)]),
        facts={**facts, "part": "link", "link": 2, "after": first[-1].id, "by": "query"},
    )
    kept = tuple(head if e is whole else e for e in recording.exchanges)
    return replace(recording, exchanges=(*kept, link))


@lawful("EVT-05", "CUR-02", "CUR-07", because="a proxy closes the tail of a turn, and a reconnect has the rest")
def closed_and_resumed(recording: Recording) -> Recording:
    return _cut(recording, "dialogue/turn-2/tail", lambda fs: fs, 0.0)


@broken("EVT-05", because="the tail is closed in the middle of a turn, and so is the reconnect")
def closed_and_closed_again(recording: Recording) -> Recording:
    return _cut(recording, "dialogue/turn-2/tail", lambda fs: fs[:-1], 0.1)


@broken("CUR-07", because="the tail is closed in the middle of a turn, and the reconnect loses an envelope")
def closed_and_lost(recording: Recording) -> Recording:
    return _cut(recording, "dialogue/turn-2/tail", lambda fs: fs[1:], 0.0)


def _ever(recording: Recording, data: Callable[[int], str]) -> Recording:
    """The first turns never end: envelopes come until the time that a turn has is over."""
    pick = kind("main", turn=1)

    def grow(fs: list[Frame]) -> list[Frame]:
        last = fs[-1]
        head, _, sequence = (last.id or "").partition("-")
        more = [
            edits.at(
                edits.with_id(edits.with_data(last, data(n)), f"{head}-{int(sequence) + n}"),
                last.at + n * recording.turn_timeout / 100,
            )
            for n in range(1, 100)
        ]
        return [*fs[:-1], *more]

    def out_of_time(exchange: Exchange) -> Exchange:
        return replace(exchange, ending="time-limit", ended_at=exchange.frames[-1].at)

    alone = edits.drop(
        recording,
        lambda e: (
            e.facts.get("turn") is not None
            and not (pick(e) or (e.operation == "append-message" and e.facts["turn"] == 1))
        ),
    )
    return edits.edit(edits.frames(alone, pick, grow), pick, out_of_time)


@broken("EVT-05", because="a turn says for ever that it is still at work")
def trickles(recording: Recording) -> Recording:
    return _ever(recording, lambda _: '{"type":"data-progress","data":{"still":"working"}}')


@lawful("EVT-05", because="turns take longer than the run gives them, and bring news all the time", EVT_05="untested")
def long_turns(recording: Recording) -> Recording:
    return _ever(recording, lambda n: f'{{"type":"message-metadata","messageMetadata":{{"word":{n}}}}}')


@lawful(
    "EVT-06", "CUR-01", because="after an error alone the finish comes so late that the next turn's tail begins with it"
)
def late_finish(recording: Recording) -> Recording:
    """The client waits a grace after an ``error``, and posts again; the turn's ``finish`` is written only then."""
    before = recording.get("dialogue", "turn-6/tail")
    assert before is not None
    head, _, sequence = (before.frames[-1].id or "").partition("-")

    def fail(fs: list[Frame]) -> list[Frame]:
        return [edits.with_data(f, '{"type":"error","errorText":"no"}') if edits.kind(f) == "finish" else f for f in fs]

    def late(fs: list[Frame]) -> list[Frame]:
        first = edits.with_id(fs[0], f"{head}-{int(sequence) + 1}")
        return [edits.with_data(first, '{"type":"finish","finishReason":"error"}'), *fs]

    failed = edits.frames(recording, lambda e: edits.tails(e) and e.facts.get("turn") == 6, fail)
    failed = edits.drop(failed, edits.named("dialogue/catch-up"))  # it would have to be edited alike
    return edits.frames(failed, kind("main", "again", "header", "before", journey="dialogue", turn=7), late)
