"""Tails and turns: lawful servers that an outside look found failing, and broken ones that it found passing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.evidence import envelopes, envelopes_of
from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _frames(recording: Recording, step: str, journey: str = "dialogue") -> list[Frame]:
    tail = recording.get(journey, step)
    assert tail is not None
    return list(tail.frames)


def _ended(recording: Recording, pick: edits.Pick, ending: str) -> Recording:
    return edits.edit(recording, pick, lambda e: replace(e, ending=ending))  # type: ignore[arg-type]


def _behind_the_end(recording: Recording, *more: dict[str, object]) -> Recording:
    """In the same packet as the end of each main tail come these; no other tail is read that far."""

    def add(old: list[Frame]) -> list[Frame]:
        last = old[-1]
        if edits.kind(last) != "finish":
            return old  # the client left before
        stem, _, number = str(last.id).rpartition("-")
        new = [edits.with_data(last, json.dumps(chunk)) for chunk in more]
        return [*old, *(edits.with_id(f, f"{stem}-{int(number) + n + 1}") for n, f in enumerate(new))]

    return edits.frames(recording, lambda e: edits.tails(e) and e.facts.get("kind") == "main", add)


@lawful("CUR-07", because="a title for the session comes in the same packet as the end of each turn")
def title_with_the_end(recording: Recording) -> Recording:
    return _behind_the_end(recording, {"type": "data-title", "data": "A session"})


@lawful("CUR-07", because="idle streams are cut without their last chunk when the turn has been read to its end")
def idle_streams_snap(recording: Recording) -> Recording:
    return _ended(recording, lambda e: e.facts.get("part") == "resume" and e.ending == "goal", "broken")


@broken("CUR-07", because="reconnects break off in the middle of the turn")
def resumes_snap(recording: Recording) -> Recording:
    names = {
        exchange.name
        for exchange in recording.exchanges
        if exchange.facts.get("part") == "resume" and len(envelopes_of(exchange)) > 3
    }

    def resumed(exchange: Exchange) -> bool:
        return exchange.name in names

    return _ended(edits.frames(recording, resumed, lambda fs: fs[:2]), resumed, "broken")


def _first_turn_of_null(recording: Recording, change: Callable[[list[Frame]], list[Frame]]) -> Recording:
    """The tails from a null cursor that were opened when the first turn was over."""
    return edits.frames(recording, edits.named("dialogue/turn-1/tail-again", "duplicates/turn-1/tail-again"), change)


@lawful("CUR-04", because="of a first turn that is over, a tail without a cursor shows the final state")
def final_state_of_a_first_turn(recording: Recording) -> Recording:
    end = envelopes(_frames(recording, "turn-1/tail"))[-1].at
    opened = edits.edit(
        recording,
        edits.named("dialogue/turn-1/tail-without-cursor"),
        lambda e: replace(e, sent_at=end + 0.1, answered_at=end + 0.2, ended_at=end + 0.4, ending="silence"),
    )
    return edits.frames(opened, edits.named("dialogue/turn-1/tail-without-cursor"), lambda fs: fs[-2:])


@broken("CUR-04", because="a null cursor means 'from now on' to a client that comes late")
def null_is_now(recording: Recording) -> Recording:
    gone = _first_turn_of_null(recording, lambda _: [])
    return _ended(gone, edits.named("dialogue/turn-1/tail-again", "duplicates/turn-1/tail-again"), "silence")


@lawful("CUR-05", because="without a cursor the stream begins at its beginning, and is closed behind the first end")
def closed_behind_the_first_end(recording: Recording) -> Recording:
    pick = edits.named("dialogue/turn-5/tail-without-cursor")
    first = _frames(recording, "turn-1/tail")
    return _ended(edits.frames(recording, pick, lambda _: first), pick, "closed")


@broken("CUR-05", because="without a cursor the end of the first turn comes back, and the stream is closed")
def closed_behind_an_old_end(recording: Recording) -> Recording:
    pick = edits.named("dialogue/turn-5/tail-without-cursor")
    first = _frames(recording, "turn-1/tail")
    return _ended(edits.frames(recording, pick, lambda _: first[-2:]), pick, "closed")


@lawful("CUR-07", "CUR-08", because="web addresses are signed anew each time that they are sent")
def signed_addresses(recording: Recording) -> Recording:
    sent = 0

    def sign(frame: Frame) -> Frame:
        nonlocal sent
        sent += 1
        url = {"url": f"https://files.example.com/a?sig={sent}"}
        return edits.chunk(frame, **url) if edits.kind(frame) == "source-url" else frame

    return edits.frames(recording, lambda e: edits.tails(e) and bool(e.frames), lambda fs: [sign(f) for f in fs])


@broken("CUR-11", because="a tail that is opened between two turns belongs to neither")
def tail_of_no_turn(recording: Recording) -> Recording:
    pick = edits.named("racing/whole")
    empty = edits.frames(recording, pick, lambda _: [])
    return _ended(empty, pick, "silence")


@lawful(because="a tail that was open before the posts is closed by a proxy, with nothing in it")
def idle_tail_closed(recording: Recording) -> Recording:
    pick = edits.named("racing/whole")
    return _ended(edits.frames(recording, pick, lambda _: []), pick, "closed")


@broken("CUR-07", because="a client that comes back after turns gets the first fifty events, and then what is new")
def catch_up_capped(recording: Recording) -> Recording:
    pick = edits.named("dialogue/catch-up")
    return _ended(edits.frames(recording, pick, lambda fs: fs[:50]), pick, "silence")


@broken("CUR-07", because="an old cursor plays nothing")
def catch_up_empty(recording: Recording) -> Recording:
    pick = edits.named("dialogue/catch-up")
    return _ended(edits.frames(recording, pick, lambda _: []), pick, "silence")


@lawful("CUR-07", because="old turns are gone, but for the last one")
def catch_up_of_the_last(recording: Recording) -> Recording:
    ids = {f.id for f in _frames(recording, "turn-7/tail")}
    return edits.frames(recording, edits.named("dialogue/catch-up"), lambda fs: [f for f in fs if f.id in ids])


@lawful("CUR-07", because="a cursor of a turn that is long over is refused")
def catch_up_refused(recording: Recording) -> Recording:
    # Which status it is, EVT-01 has its own view of: only this rule is judged.
    return edits.drop(recording, edits.named("dialogue/catch-up"))


@broken("CUR-07", "EVT-05", because="a turn dies with its last listener")
def dies_with_its_listener(recording: Recording) -> Recording:
    link = edits.named("attachments/turn-3/tail/link-2")

    def forever(exchange: Exchange) -> Exchange:
        return replace(exchange, ending="time-limit", ended_at=exchange.answered_at + recording.turn_timeout)

    gone = edits.frames(recording, edits.named("attachments/turn-3/tail-again"), lambda fs: fs[:3])
    return edits.edit(edits.frames(gone, link, lambda _: []), link, forever)


@lawful("CUR-07", "EVT-05", because="a turn that nobody listens to is aborted")
def aborted_when_alone(recording: Recording) -> Recording:
    first = recording.get("attachments", "turn-3/tail")
    assert first is not None
    assert first.frames

    def abort(old: list[Frame]) -> list[Frame]:
        return [edits.with_data(old[-1], '{"type":"abort"}')]

    whole = edits.frames(recording, edits.named("attachments/turn-3/tail/link-2"), abort)
    return edits.frames(whole, edits.named("attachments/turn-3/tail-again"), lambda fs: [*first.frames, *abort(fs)])


@lawful(because="how long a turn is kept is open: from some moment on it is gone")
def gone_after_a_while(recording: Recording) -> Recording:
    resumes = [e for e in recording.of("dialogue", "turn-2/resume-") if not e.facts.get("outage")]
    moment = sorted(e.sent_at for e in resumes)[len(resumes) * 2 // 3]
    late = {e.name for e in resumes if e.sent_at >= moment}
    return _ended(edits.frames(recording, lambda e: e.name in late, lambda _: []), lambda e: e.name in late, "silence")


@broken("CUR-09", because="the idle session shows another one's turn, under its ids")
def idle_shows_another(recording: Recording) -> Recording:
    other = _frames(recording, "turn-1/tail", "attachments")
    return edits.frames(recording, edits.named("idle/watch"), lambda _: other)


@lawful("CUR-09", because="the agent greets in every session")
def greeted(recording: Recording) -> Recording:
    chunks = [{"type": "start", "messageId": "hello-1"}, {"type": "finish"}]
    one = _frames(recording, "turn-1/tail")[0]
    watch = recording.get("idle", "watch")
    assert watch is not None
    hello = [
        edits.with_id(edits.at(edits.with_data(one, json.dumps(c)), watch.answered_at), f"1-{n}")
        for n, c in enumerate(chunks)
    ]
    return edits.frames(recording, edits.named("idle/watch"), lambda _: hello)


@broken("EVT-06", because="metadata comes behind the end of a turn")
def late_metadata(recording: Recording) -> Recording:
    return _behind_the_end(recording, {"type": "message-metadata", "messageMetadata": {"tokens": 3}})


@lawful("CUR-07", because="an outage met the first attempt of a post, and nothing was done")
def outage_of_a_post(recording: Recording) -> Recording:
    post = recording.get("dialogue", "turn-2/post")
    assert post is not None
    assert post.received is not None
    attempt = replace(
        post,
        step="turn-2/post/outage-1",
        sent_at=post.sent_at - 0.001,
        received=replace(post.received, status=503, pieces=()),
        facts={"session": post.facts["session"], "outage": True},
    )
    return replace(recording, exchanges=(*recording.exchanges, attempt))


@lawful("CUR-07", because="one connection of a post was dropped, and it was sent again")
def dropped_post(recording: Recording) -> Recording:
    post = recording.get("dialogue", "turn-2/post")
    assert post is not None
    facts = {"session": post.facts["session"], "outage": True}
    attempt = replace(post, step="turn-2/post/outage-1", sent_at=post.sent_at - 0.001, received=None, facts=facts)
    return replace(recording, exchanges=(*recording.exchanges, attempt))
