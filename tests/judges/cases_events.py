"""EVT: what stands in a tail, when it comes, and how a turn ends."""

from __future__ import annotations

from dataclasses import replace

from conformance.recording import Exchange, Frame, Piece, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_cursor import by_exchange, frames_of, kind, renamed
from tests.judges.edits import named


@broken("EVT-01", because="a tail is text/plain")
def plain(recording: Recording) -> Recording:
    return edits.header(recording, kind("main", turn=3), "content-type", "text/plain; charset=utf-8")


@broken("EVT-01", because="a tail from the last id is 204")
def no_content(recording: Recording) -> Recording:
    return edits.body(edits.status(recording, named("dialogue/quiet"), 204), named("dialogue/quiet"), b"")


@broken("EVT-01", because="a session without turns cannot be tailed")
def no_idle(recording: Recording) -> Recording:
    return edits.answer(recording, named("idle/watch"), 404, edits.error(404))


@lawful("EVT-01", because="the content type has a charset and capitals")
def charset(recording: Recording) -> Recording:
    return edits.header(recording, edits.tails, "content-type", "Text/Event-Stream; charset=UTF-8")


@broken("EVT-02", because="one envelope of a turn has no id")
def one_without_id(recording: Recording) -> Recording:
    return edits.frames(recording, kind("main", turn=6), lambda fs: [*fs[:5], edits.with_id(fs[5], None), *fs[6:]])


@broken("EVT-02", because="two envelopes have one id")
def one_id_twice(recording: Recording) -> Recording:
    return edits.frames(
        recording,
        kind("main", journey="duplicates", turn=2),
        lambda fs: [*fs[:5], edits.with_id(fs[5], fs[4].id), *fs[6:]],
    )


@broken("EVT-02", because="the sequence of an id runs from the greatest to the least")
def falling(recording: Recording) -> Recording:
    def turn(fs: list[Frame]) -> list[Frame]:
        return [edits.with_id(f, f"1795442792{n // 2:03}-{10 - n % 2}") for n, f in enumerate(fs)]

    return edits.frames(recording, kind("main", journey="racing"), turn)


@broken("EVT-02", because="ids begin anew with every turn")
def anew(recording: Recording) -> Recording:
    return edits.frames(
        recording, kind("main", journey="attachments"), lambda fs: [edits.with_id(f, f"e{n}") for n, f in enumerate(fs)]
    )


@lawful("EVT-02", "EVT-07", because="ids are opaque, and their text falls")
def opaque(recording: Recording) -> Recording:
    return renamed(recording, lambda old: "".join(str(9 - int(c)) if c.isdigit() else "_" for c in old))


@lawful("EVT-02", "CUR-07", because="sequences pass from 9 to 10 within a millisecond, and a first id is 0-1")
def nine_to_ten(recording: Recording) -> Recording:
    """As the reference server writes them; were they compared as text, 10 would come before 9."""
    ids = [f.id or "" for f in frames_of(recording, "dialogue", "turn-3/tail")]
    assert any(one.endswith("-9") for one in ids)
    assert any(one.endswith("-10") for one in ids)
    first = frames_of(recording, "dialogue", "turn-1/tail")[0].id
    return renamed(recording, lambda old: "0-1" if old == first else old)


@broken("EVT-03", because="an envelope is of a type that no client knows")
def unknown_type(recording: Recording) -> Recording:
    return edits.frames(
        recording,
        kind("main", journey="dialogue", turn=3),
        lambda fs: [*fs[:3], edits.chunk(fs[3], type="thinking"), *fs[4:]],
    )


@broken("EVT-03", because="a typed optional field is null")
def null_field(recording: Recording) -> Recording:
    return edits.frames(recording, kind("main"), lambda fs: [*fs[:-1], edits.chunk(fs[-1], finishReason=None)])


@broken("EVT-03", because="a replayed envelope is no JSON")
def no_json(recording: Recording) -> Recording:
    return edits.frames(
        recording, named("dialogue/turn-2/resume-004-header"), lambda fs: [edits.with_data(fs[0], "{'a': 1}"), *fs[1:]]
    )


@broken("EVT-03", because="the text of a delta is an object, in a tail without a cursor")
def object_delta(recording: Recording) -> Recording:
    return edits.frames(
        recording,
        kind("none"),
        lambda fs: [edits.chunk(f, delta={}) if edits.kind(f) == "text-delta" else f for f in fs],
    )


@lawful("EVT-03", "EVT-04", because="envelopes have fields that no page names")
def more_fields(recording: Recording) -> Recording:
    return edits.frames(recording, edits.tails, lambda fs: [edits.chunk(f, neoExtra={"a": None}) for f in fs])


@lawful("EVT-03", because="an end mark and named heartbeats stand among the envelopes")
def heartbeats(recording: Recording) -> Recording:
    def beat(fs: list[Frame]) -> list[Frame]:
        if not fs:
            return []
        ping = replace(fs[0], event=replace(fs[0].event, event="heartbeat", data="{}", id=None))
        done = edits.with_id(edits.with_data(fs[-1], "[DONE]"), None)
        return [ping, *fs, done]

    return edits.frames(recording, edits.tails, beat, newline="\r")


@broken("EVT-04", because="a delta comes before the start of its part")
def delta_first(recording: Recording) -> Recording:
    def swap(fs: list[Frame]) -> list[Frame]:
        at = next(i for i, f in enumerate(fs) if edits.kind(f) == "text-start")
        one, two = fs[at], fs[at + 1]
        return [*fs[:at], edits.with_data(one, two.data), edits.with_data(two, one.data), *fs[at + 2 :]]

    return edits.frames(recording, edits.tails, lambda fs: swap(fs) if _has(fs, "text-start") else fs)


def _has(fs: list[Frame], wanted: str) -> bool:
    return any(edits.kind(f) == wanted for f in fs)


@broken("EVT-04", because="a tool's output comes without its call, in SMART turns")
def output_without_call(recording: Recording) -> Recording:
    tool = ("tool-input-start", "tool-input-delta", "tool-input-available")
    return edits.frames(
        recording,
        kind("main", "again", "header", "before", turn=5),
        lambda fs: [f for f in fs if edits.kind(f) not in tool],
    )


@broken("EVT-04", because="a part is ended twice")
def ended_twice(recording: Recording) -> Recording:
    def twice(fs: list[Frame]) -> list[Frame]:
        return [
            edits.with_data(f, '{"type":"text-end","id":"nobody"}') if edits.kind(f) == "source-url" else f for f in fs
        ]

    return edits.frames(recording, kind("main", "again", "header"), twice)


@lawful("EVT-04", because="parts are left open, and steps are not balanced")
def left_open(recording: Recording) -> Recording:
    loose = ("text-end", "reasoning-end", "start-step")
    return edits.frames(recording, edits.tails, lambda fs: [f for f in fs if edits.kind(f) not in loose])


# --- the end ----------------------------------------------------------------------------------------------------------


@broken("EVT-05", because="a turn never ends: its last envelope is missing")
def never_ends(recording: Recording) -> Recording:
    cut = edits.frames(recording, kind("main", "before", turn=3), lambda fs: fs[:-1])
    return edits.edit(cut, kind("main", turn=3), lambda e: replace(e, ending="silence", ended_at=e.ended_at + 10))


@broken("EVT-05", because="no turn of any session ends")
def nothing_ends(recording: Recording) -> Recording:
    ends = ("finish", "finish-step")
    cut = edits.frames(recording, edits.tails, lambda fs: [f for f in fs if edits.kind(f) not in ends])
    return edits.edit(cut, edits.tails, lambda e: replace(e, ending="silence", ended_at=e.ended_at + 120))


@broken("EVT-05", because="the connection breaks before the end")
def breaks(recording: Recording) -> Recording:
    pick = kind("main", journey="refusals")
    cut = edits.frames(recording, pick, lambda fs: fs[:-1])
    return edits.edit(cut, pick, lambda e: replace(e, ending="broken", problem="RemoteProtocolError"))


@lawful("EVT-05", "EVT-04", "EVT-06", because="turns end with an error alone", EVT_06="passed")
def error_alone(recording: Recording) -> Recording:
    def fail(fs: list[Frame]) -> list[Frame]:
        return [edits.with_data(f, '{"type":"error","errorText":"no"}') if edits.kind(f) == "finish" else f for f in fs]

    return edits.frames(recording, edits.tails, fail)


@lawful("EVT-05", "EVT-06", because="turns end with abort")
def aborted(recording: Recording) -> Recording:
    def abort(fs: list[Frame]) -> list[Frame]:
        return [edits.with_data(f, '{"type":"abort","reason":"user"}') if edits.kind(f) == "finish" else f for f in fs]

    return edits.frames(recording, edits.tails, abort)


@lawful("EVT-05", "EVT-06", because="turns end with error, finish-step and finish")
def error_then_finish(recording: Recording) -> Recording:
    def fail(fs: list[Frame]) -> list[Frame]:
        new = []
        for f in fs:
            if edits.kind(f) == "text-end":
                f = edits.with_data(f, '{"type":"error","errorText":"no"}')
            new.append(edits.chunk(f, finishReason="error") if edits.kind(f) == "finish" else f)
        return new

    return edits.frames(recording, edits.tails, fail)


@broken("EVT-06", because="the terminal envelope is sent twice")
def twice(recording: Recording) -> Recording:
    def repeat(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        old = frames_of(recording, exchange.journey, f"turn-{exchange.facts['turn'] - 1}/tail")[-1]
        return [_following(old, fs[0].at), *fs]

    return by_exchange(recording, kind("before"), repeat)


def _following(frame: Frame, at: float) -> Frame:
    """The same data under the next id."""
    head, _, sequence = (frame.id or "").partition("-")
    return edits.at(edits.with_id(frame, f"{head}-{int(sequence) + 1}"), at)


@broken("EVT-06", because="a delta follows the end of the last turn")
def late_delta(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-7/tail")
    delta = edits.with_data(old[-1], '{"type":"text-delta","id":"t","delta":"late"}')
    return by_exchange(recording, named("dialogue/quiet"), lambda e, _: [_following(delta, e.answered_at + 0.1)])


@broken("EVT-06", because="an abort follows the finish, with the same bytes")
def abort_after_finish(recording: Recording) -> Recording:
    def grow(fs: list[Frame]) -> list[Frame]:
        return [*fs, _following(edits.with_data(fs[-1], '{"type":"abort"}'), fs[-1].at)]

    return edits.frames(recording, kind("main", turn=2), grow)


@broken("EVT-06", because="the end of a turn comes again when its last id is resumed from")
def end_again(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-2/tail")[-1]
    return by_exchange(
        recording, named("dialogue/turn-2/resume-040-query"), lambda e, _: [_following(old, e.answered_at + 0.1)]
    )


# --- streamed ---------------------------------------------------------------------------------------------------------


def _held(exchange: Exchange) -> Exchange:
    """All of it comes with the last envelope."""
    assert exchange.received is not None
    last = exchange.received.pieces[-1].at
    return replace(
        exchange,
        received=replace(exchange.received, pieces=tuple(Piece(last, p.data) for p in exchange.received.pieces)),
    )


def _held_but_first(exchange: Exchange) -> Exchange:
    assert exchange.received is not None
    first, *rest = exchange.received.pieces
    last = rest[-1].at
    pieces = (first, *(Piece(last, p.data) for p in rest))
    return replace(exchange, received=replace(exchange.received, pieces=pieces))


@broken("EVT-07", because="every tail is buffered until the turn is over")
def buffered(recording: Recording) -> Recording:
    return edits.edit(recording, kind("main"), _held)


@broken("EVT-07", because="the first envelope comes at once, the rest at the end")
def buffered_but_first(recording: Recording) -> Recording:
    return edits.edit(recording, kind("main"), _held_but_first)


@broken("EVT-07", because="tails are buffered in SMART turns only")
def buffered_smart(recording: Recording) -> Recording:
    smart = {(e.journey, e.facts.get("turn")) for e in recording.exchanges if e.facts.get("tier") == "SMART"}
    return edits.edit(recording, lambda e: kind("main")(e) and (e.journey, e.facts.get("turn")) in smart, _held)


@broken("EVT-07", because="tails are buffered in turns with attachments only")
def buffered_attachments(recording: Recording) -> Recording:
    def hold(exchange: Exchange) -> Exchange:
        held = _held(exchange)
        assert held.received is not None
        # Where the machine that played was busy, the tail was open for a moment of the turn only: it is opened in time.
        early = held.received.pieces[-1].at - 0.35
        return replace(held, sent_at=min(held.sent_at, early - 0.01), answered_at=min(held.answered_at, early))

    return edits.edit(recording, kind("main", journey="attachments"), hold)


@broken("EVT-07", because="the status, too, is held back until the turn is over")
def status_held_back(recording: Recording) -> Recording:
    def hold(exchange: Exchange) -> Exchange:
        held = _held(exchange)
        assert held.received is not None
        return replace(held, answered_at=held.received.pieces[-1].at - 0.001)

    return edits.edit(recording, kind("main"), hold)


@lawful("EVT-07", because="some turns are over before their tail is open")
def opened_late(recording: Recording) -> Recording:
    def late(exchange: Exchange) -> Exchange:
        held = _held(exchange)
        assert held.received is not None
        end = held.received.pieces[-1].at
        return replace(held, sent_at=end - 0.02, answered_at=end - 0.005)

    return edits.edit(recording, kind("main", journey="attachments"), late)


@lawful("EVT-07", because="a server thinks for long, and then writes everything in a moment", EVT_07="unobservable")
def thinks_long(recording: Recording) -> Recording:
    """Its ids tell no time, so nothing proves that the envelopes waited."""

    def burst(fs: list[Frame]) -> list[Frame]:
        if not fs:
            return fs
        return [edits.at(f, fs[-1].at) for f in fs]

    whole = edits.drop(
        recording, lambda e: e.facts.get("part") == "live"
    )  # cut by the client: their ends are not the turn's
    return edits.frames(renamed(whole, lambda old: f"s{old}"), edits.tails, burst)


@lawful("EVT-07", because="nobody tailed a turn", EVT_07="untested", EVT_05="untested")
def no_tails(recording: Recording) -> Recording:
    return edits.drop(recording, lambda e: e.operation == "tail-events" and e.journey != "idle")
