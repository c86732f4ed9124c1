"""CUR: tails that start, resume or stay silent where they should not, and lawful ones that look unusual."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Frame, Piece, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.edits import Pick, named


def kind(*kinds: str, journey: str | None = None, turn: int | None = None) -> Pick:
    """The tails of those kinds, of one journey or turn."""

    def pick(exchange: Exchange) -> bool:
        facts = exchange.facts
        return (
            facts.get("part") == "tail"
            and facts.get("kind") in kinds
            and journey in (None, exchange.journey)
            and turn in (None, facts.get("turn"))
        )

    return pick


def part(*parts: str) -> Pick:
    return lambda e: e.operation == "tail-events" and e.facts.get("part") in parts


def frames_of(recording: Recording, journey: str, step: str) -> list[Frame]:
    exchange = recording.get(journey, step)
    assert exchange is not None
    return list(exchange.frames)


def by_exchange(
    recording: Recording, pick: Pick, change: Callable[[Exchange, list[Frame]], Iterable[Frame]]
) -> Recording:
    """Frames changed by what the exchange is."""

    def apply(exchange: Exchange) -> Exchange:
        assert exchange.received is not None
        pieces = tuple(Piece(f.at, edits.wire(f)) for f in change(exchange, list(exchange.frames)))
        return replace(exchange, received=replace(exchange.received, pieces=pieces))

    return edits.edit(recording, pick, apply)


def renamed(recording: Recording, rename: Callable[[str], str | None]) -> Recording:
    """Every id of the run in another form: in frames, cursors and facts."""

    def change(exchange: Exchange) -> Exchange:
        facts = dict(exchange.facts)
        if isinstance(facts.get("after"), str):
            facts["after"] = rename(facts["after"])
        return replace(exchange, facts=facts)

    new = edits.edit(recording, edits.every, change)
    new = edits.frames(
        new, edits.tails, lambda fs: [edits.with_id(f, rename(f.event.id) if f.event.id else f.event.id) for f in fs]
    )

    def cursor(body: Any) -> None:
        if body["data"]["since_cursor"] is not None:
            body["data"]["since_cursor"] = rename(body["data"]["since_cursor"])

    return edits.json_body(new, lambda e: e.operation == "append-message" and e.status == 202, cursor)


# --- CUR-01 -----------------------------------------------------------------------------------------------------------


@broken("CUR-01", because="the cursor is inclusive: its own envelope comes first")
def inclusive(recording: Recording) -> Recording:
    return by_exchange(
        recording,
        lambda e: kind("main", "header", "again")(e) and e.facts["turn"] > 1,
        lambda e, fs: [_last(recording, e, fs[0].at), *fs],
    )


def _last(recording: Recording, exchange: Exchange, at: float) -> Frame:
    """The last frame of the turn before, as it would come now."""
    before = frames_of(recording, exchange.journey, f"turn-{exchange.facts['turn'] - 1}/tail")
    return edits.at(before[-1], at)


@broken("CUR-01", because="the cursor of the third turn is that of the second turn's beginning")
def stale(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-2/tail")
    return edits.frames(recording, kind("main", journey="dialogue", turn=3), lambda fs: [_now(f, fs) for f in old] + fs)


def _now(frame: Frame, later: list[Frame]) -> Frame:
    return edits.at(frame, later[0].at)


@broken("CUR-01", because="a cursor is stale by one envelope, with attachments only")
def stale_by_one(recording: Recording) -> Recording:
    return by_exchange(
        recording, kind("main", journey="attachments", turn=2), lambda e, fs: [_last(recording, e, fs[0].at), *fs]
    )


@broken("CUR-01", because="ids are compared as text, and envelopes of the turn before come again in the seventh turn")
def compared_as_text(recording: Recording) -> Recording:
    old = [f for f in frames_of(recording, "dialogue", "turn-6/tail") if (f.id or "").endswith("-2")]
    return edits.frames(recording, kind("main", journey="dialogue", turn=7), lambda fs: [_now(f, fs) for f in old] + fs)


@broken("CUR-01", because="without ids, the tail begins with the end of the turn before")
def no_ids_inclusive(recording: Recording) -> Recording:
    return edits.frames(inclusive(recording), edits.tails, lambda fs: [edits.with_id(f, None) for f in fs])


@lawful("CUR-01", "CUR-02", "CUR-07", "CUR-08", because="ids of another form")
def opaque_ids(recording: Recording) -> Recording:
    return renamed(recording, lambda old: f"evt_{old.replace('-', 'x')[::-1]}")


@lawful("CUR-01", "CUR-02", "CUR-04", because="the first cursor is 0-0 and no null")
def zero_cursor(recording: Recording) -> Recording:
    return edits.json_body(
        recording,
        lambda e: e.operation == "append-message" and e.status == 202 and e.facts.get("turn") == 1,
        lambda body: body["data"].__setitem__("since_cursor", "0-0"),
    )


# --- CUR-02 -----------------------------------------------------------------------------------------------------------


@broken("CUR-02", because="the cursor is taken after the turn was enqueued: its first envelopes are lost")
def late_cursor(recording: Recording) -> Recording:
    def cut(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        return fs[2:] if exchange.facts["turn"] > 1 else fs

    return by_exchange(recording, kind("main", "header", "again"), cut)


@broken("CUR-02", because="a tail shows only what comes after it was opened")
def live_only(recording: Recording) -> Recording:
    return edits.frames(recording, kind("main"), lambda fs: fs[5:])


@broken("CUR-02", because="one envelope in the middle of a live tail is lost, in the fourth turn")
def lost_in_the_middle(recording: Recording) -> Recording:
    return edits.frames(recording, kind("main", journey="dialogue", turn=4), lambda fs: fs[:9] + fs[10:])


@broken("CUR-02", "EVT-05", because="the live tail is closed before the end of the turn")
def closed_early(recording: Recording) -> Recording:
    cut = edits.frames(recording, kind("main", journey="attachments", turn=2), lambda fs: fs[:-1])
    return edits.edit(cut, kind("main", journey="attachments", turn=2), lambda e: replace(e, ending="closed"))


@lawful("CUR-02", "EVT-06", because="a data part between two turns")
def between_turns(recording: Recording) -> Recording:
    def title(fs: list[Frame]) -> list[Frame]:
        number, _, sequence = (fs[0].id or "").partition("-")
        new = edits.with_id(edits.with_data(fs[0], '{"type":"data-title","data":"x"}'), f"{int(number) - 5}-{sequence}")
        return [new, *fs]

    return edits.frames(recording, kind("before", journey="dialogue", turn=6), title)


# --- CUR-03 -----------------------------------------------------------------------------------------------------------


@broken("CUR-03", because="Last-Event-Id is ignored: the tail starts at the beginning of the session")
def header_ignored(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-1/tail")
    return edits.frames(
        recording, lambda e: kind("header")(e) and e.facts["turn"] > 1, lambda fs: [_now(f, fs) for f in old] + fs
    )


@broken("CUR-03", because="Last-Event-Id is ignored: the tail shows nothing of what is over")
def header_live(recording: Recording) -> Recording:
    return edits.frames(recording, kind("header"), lambda fs: fs[3:])


@broken("CUR-03", because="a tail by header is refused")
def header_refused(recording: Recording) -> Recording:
    return edits.answer(recording, kind("header", turn=2), 400, edits.error(400))


@broken("CUR-03", because="Last-Event-Id is inclusive")
def header_inclusive(recording: Recording) -> Recording:
    return by_exchange(recording, kind("header"), lambda e, fs: [_last(recording, e, fs[0].at), *fs])


@lawful("CUR-03", "CUR-08", because="a transient part is sent to those only who were there")
def transient(recording: Recording) -> Recording:
    return edits.frames(recording, kind("main", journey="dialogue"), lambda fs: [*fs[:3], _progress(fs[2]), *fs[3:]])


def _progress(frame: Frame) -> Frame:
    return edits.with_id(edits.with_data(frame, '{"type":"data-progress","transient":true,"data":{"n":1}}'), None)


# --- CUR-04, CUR-05, CUR-06 -------------------------------------------------------------------------------------------


@broken("CUR-04", because="without a cursor a tail starts from now")
def none_is_now(recording: Recording) -> Recording:
    return edits.frames(recording, kind("none", turn=1), lambda fs: fs[12:])


@broken("CUR-04", because="without a cursor the tail has nothing of the first turn's first step")
def none_drops_two(recording: Recording) -> Recording:
    return edits.frames(recording, kind("none", journey="refusals"), lambda fs: fs[2:])


@broken("CUR-04", because="without a cursor nothing comes")
def none_is_silent(recording: Recording) -> Recording:
    quiet = edits.frames(recording, kind("none", turn=1), lambda _: [])
    return edits.edit(quiet, kind("none", turn=1), lambda e: replace(e, ending="silence"))


@lawful("CUR-04", because="without a cursor the tail sends the first turn in one piece")
def none_in_one_piece(recording: Recording) -> Recording:
    return edits.frames(recording, kind("none", turn=1), lambda fs: [edits.at(f, fs[0].at) for f in fs])


@broken("CUR-05", because="without a cursor a tail has the running turn only")
def none_has_this_turn(recording: Recording) -> Recording:
    return by_exchange(
        recording,
        lambda e: kind("none")(e) and e.facts["turn"] > 1,
        lambda e, _: frames_of(recording, "dialogue", f"turn-{e.facts['turn']}/tail"),
    )


@broken("CUR-05", because="without a cursor nothing comes on the fifth turn")
def none_gives_nothing(recording: Recording) -> Recording:
    quiet = edits.frames(recording, kind("none", turn=5), lambda _: [])
    return edits.edit(quiet, kind("none", turn=5), lambda e: replace(e, ending="silence"))


@lawful("CUR-05", because="without a cursor the session is played from its beginning")
def none_from_the_beginning(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-1/tail")
    return by_exchange(
        recording,
        kind("none", turn=2),
        lambda _, fs: [_now(f, fs) for f in old] + frames_of(recording, "dialogue", "turn-2/tail"),
    )


@broken("CUR-06", because="every cursor is null")
def null_cursors(recording: Recording) -> Recording:
    return edits.json_body(
        recording,
        lambda e: e.operation == "append-message" and e.status == 202,
        lambda body: body["data"].__setitem__("since_cursor", None),
    )


@broken("CUR-06", because="the cursor is null after a SMART turn")
def null_once(recording: Recording) -> Recording:
    return edits.json_body(
        recording, named("dialogue/turn-4/post"), lambda body: body["data"].__setitem__("since_cursor", None)
    )


@broken("CUR-06", because="the cursor is null when posts race")
def null_racing(recording: Recording) -> Recording:
    return edits.json_body(
        recording, named("racing/rival-2"), lambda body: body["data"].__setitem__("since_cursor", None)
    )


@lawful("CUR-06", because="a first turn whose cursor is a null")
def null_first(recording: Recording) -> Recording:
    return edits.json_body(
        recording, named("dialogue/turn-1/post"), lambda body: body["data"].__setitem__("since_cursor", None)
    )


# --- CUR-07 -----------------------------------------------------------------------------------------------------------


def resume(cut: int, by: str = "query") -> Pick:
    """The reconnect after that cut (from 1) of the second turn."""
    return named(f"dialogue/turn-2/resume-{cut:03}-{by}")


@broken("CUR-07", because="a reconnect repeats the envelope after which it was made")
def resume_inclusive(recording: Recording) -> Recording:
    full = frames_of(recording, "dialogue", "turn-2/tail")

    def repeat(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        own = next(f for f in full if f.id == exchange.facts["after"])
        return [edits.at(own, exchange.answered_at), *fs]

    return by_exchange(recording, named("dialogue/turn-2/resume-*"), repeat)


@broken("CUR-07", because="one envelope is lost after one cut, by header")
def resume_loses(recording: Recording) -> Recording:
    return edits.frames(recording, resume(7, "header"), lambda fs: fs[1:])


@broken("CUR-07", because="after a cut between envelopes of one millisecond the rest of it is lost")
def resume_skips_twins(recording: Recording) -> Recording:
    def skip(exchange: Exchange, fs: list[Frame]) -> list[Frame]:
        moment = str(exchange.facts["after"]).partition("-")[0]
        return [f for f in fs if (f.id or "").partition("-")[0] != moment]

    return by_exchange(recording, part("resume"), skip)


@broken("CUR-07", because="a reconnect does not get the end of the turn")
def resume_without_end(recording: Recording) -> Recording:
    pick = resume(20)
    return edits.edit(edits.frames(recording, pick, lambda fs: fs[:-1]), pick, lambda e: replace(e, ending="silence"))


@broken("CUR-07", because="a reconnect after the last id repeats the end of the turn")
def resume_repeats_end(recording: Recording) -> Recording:
    end = frames_of(recording, "dialogue", "turn-2/tail")[-1]
    return by_exchange(
        recording, named("dialogue/turn-2/resume-040-*"), lambda e, fs: [edits.at(end, e.answered_at + 0.01), *fs]
    )


@broken("CUR-07", because="replayed envelopes come in another order")
def resume_order(recording: Recording) -> Recording:
    return edits.frames(recording, resume(11), lambda fs: [fs[1], fs[0], *fs[2:]])


@broken("CUR-07", because="a replayed envelope has other data than the live one")
def resume_changes(recording: Recording) -> Recording:
    return edits.frames(recording, resume(1), lambda fs: [*fs[:-1], edits.chunk(fs[-1], finishReason="length")])


@broken("CUR-07", because="an envelope is lost between two pieces of a running turn")
def live_loses(recording: Recording) -> Recording:
    return edits.frames(recording, named("dialogue/turn-5/live-003"), lambda fs: fs[1:])


@broken("CUR-07", because="a reconnect to a running turn starts from now")
def live_now(recording: Recording) -> Recording:
    return edits.frames(recording, named("dialogue/turn-5/live-004"), lambda fs: fs[3:])


@broken("CUR-07", because="a reconnect is refused")
def resume_refused(recording: Recording) -> Recording:
    return edits.answer(recording, resume(15), 404, edits.error(404))


@lawful("CUR-07", because="after the last id the next turn's envelopes may come, and heartbeats anywhere")
def resume_heartbeats(recording: Recording) -> Recording:
    def beat(fs: list[Frame]) -> list[Frame]:
        if not fs:
            return []
        ping = edits.with_id(edits.with_data(fs[0], "{}"), None)
        return [replace(ping, event=replace(ping.event, event="ping")), *fs]

    return edits.frames(recording, part("resume", "live"), beat)


@lawful("CUR-07", because="no cut of a turn was played", CUR_07="untested")
def no_cuts(recording: Recording) -> Recording:
    return edits.drop(recording, part("resume", "live"))


# --- CUR-08, CUR-09, CUR-10 -------------------------------------------------------------------------------------------


@broken("CUR-08", because="a replay joins the deltas of a turn that is over")
def joined(recording: Recording) -> Recording:
    return edits.frames(recording, kind("again"), lambda fs: [f for f in fs if edits.kind(f) != "reasoning-delta"])


@broken("CUR-08", because="a turn that is over is gone at once")
def gone(recording: Recording) -> Recording:
    quiet = edits.frames(recording, kind("again", turn=4), lambda _: [])
    return edits.edit(quiet, kind("again", turn=4), lambda e: replace(e, ending="silence"))


@broken("CUR-08", because="ids are given anew with each connection")
def new_ids(recording: Recording) -> Recording:
    return edits.frames(
        recording, kind("again", turn=3), lambda fs: [edits.with_id(f, f"{n}-{fs[0].id}") for n, f in enumerate(fs)]
    )


@lawful("CUR-08", because="CRLF, an end mark and a closed connection in the second tail")
def other_wire(recording: Recording) -> Recording:
    def done(fs: list[Frame]) -> list[Frame]:
        return [*fs, edits.with_id(edits.with_data(fs[-1], "[DONE]"), None)]

    new = edits.frames(recording, kind("again"), done, newline="\r\n")
    return edits.edit(new, kind("again"), lambda e: replace(e, ending="closed"))


@broken("CUR-09", because="a cursor of another session opens that session's stream")
def foreign_cursor(recording: Recording) -> Recording:
    old = frames_of(recording, "dialogue", "turn-1/tail")[20:]
    return by_exchange(recording, named("idle/foreign-cursor"), lambda e, _: [edits.at(f, e.answered_at) for f in old])


@broken("CUR-09", because="all sessions share one stream")
def one_stream(recording: Recording) -> Recording:
    return by_exchange(recording, named("idle/watch"), lambda *_: frames_of(recording, "racing", "whole"))


@broken("CUR-09", because="an envelope of another session's turn stands in a tail")
def mixed(recording: Recording) -> Recording:
    other = frames_of(recording, "attachments", "turn-1/tail")[0]
    return edits.frames(
        recording, kind("main", journey="dialogue", turn=1), lambda fs: [*fs[:5], edits.at(other, fs[5].at), *fs[5:]]
    )


@lawful("CUR-09", because="the other session's cursor is refused")
def foreign_refused(recording: Recording) -> Recording:
    return edits.answer(recording, named("idle/foreign-cursor"), 404, edits.error(404))


@lawful("CUR-09", because="an unknown cursor is answered by an error envelope")
def foreign_error(recording: Recording) -> Recording:
    frame = edits.with_data(frames_of(recording, "dialogue", "turn-1/tail")[0], '{"type":"error","errorText":"cursor"}')
    return by_exchange(
        recording, named("idle/foreign-cursor"), lambda e, _: [edits.with_id(edits.at(frame, e.answered_at), None)]
    )


@broken("CUR-10", because="a cursor that is no id is a server error")
def bad_cursor(recording: Recording) -> Recording:
    return edits.answer(recording, named("cursors/malformed-word-header"), 500, edits.error(500))


@broken("CUR-10", because="a bad cursor makes the server hang up")
def hangs_up(recording: Recording) -> Recording:
    return edits.edit(
        recording,
        named("cursors/malformed-word-query"),
        lambda e: replace(e, received=None, ending="no-answer", problem="RemoteProtocolError: Server disconnected"),
    )


@lawful("CUR-10", because="bad cursors are refused with a 422")
def all_refused(recording: Recording) -> Recording:
    return edits.status(recording, lambda e: e.journey == "cursors" and e.status == 400, 422)
