"""CUR: reconnects by header alone, another session's cursor on a used session, empty cursors, and posts that race."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_cursor import by_exchange, frames_of, kind
from tests.judges.edits import named


def _resumes(journey: str, turn: int, by: str) -> edits.Pick:
    def pick(exchange: Exchange) -> bool:
        facts = exchange.facts
        wanted = (exchange.journey, facts.get("part"), facts.get("turn"), facts.get("by"))
        return wanted == (journey, "resume", turn, by) and bool(exchange.frames)

    return pick


@broken("CUR-03", because="in a session's first turn Last-Event-Id is not read")
def ignored_in_the_first_turn(recording: Recording) -> Recording:
    whole = frames_of(recording, "dialogue", "turn-1/tail")
    return by_exchange(
        recording,
        _resumes("dialogue", 1, "header"),
        lambda e, _: [edits.at(f, e.answered_at) for f in whole],
    )


@broken("CUR-03", because="while a turn runs or not, one envelope is lost by header, and none by query")
def lost_by_header(recording: Recording) -> Recording:
    return edits.frames(recording, _resumes("attachments", 2, "header"), lambda fs: fs[1:])


@lawful("CUR-03", because="the connection of one reconnect by header breaks off")
def one_breaks_off(recording: Recording) -> Recording:
    pick = named("dialogue/turn-2/resume-003-header")
    cut = edits.frames(recording, pick, lambda fs: fs[:5])
    return edits.edit(cut, pick, lambda e: replace(e, ending="broken", problem="ReadError"))


@broken("CUR-06", because="the cursor of a later turn is the empty string")
def empty_cursor(recording: Recording) -> Recording:
    def empty(body: Any) -> None:
        body["data"]["since_cursor"] = ""

    return edits.json_body(recording, named("attachments/turn-2/post"), empty)


# --- another session --------------------------------------------------------------------------------------------------


def _foreign(recording: Recording, give: Callable[[Exchange, list[Frame]], list[Frame]]) -> Recording:
    return by_exchange(recording, named("idle/foreign-cursor-query"), give)


@broken("CUR-09", because="another session's cursor opens that session on one that has had turns")
def followed(recording: Recording) -> Recording:
    other = frames_of(recording, "refusals", "turn-1/tail")
    return _foreign(recording, lambda e, _: [edits.at(f, e.answered_at) for f in other[3:]])


@lawful("CUR-09", because="another session's cursor is a position like any other: the session's own envelopes come")
def own_envelopes(recording: Recording) -> Recording:
    own = frames_of(recording, "dialogue", "turn-3/tail")
    return _foreign(recording, lambda e, _: [edits.at(f, e.answered_at) for f in own])


@broken("CUR-09", because="a part of another session's turn, named by that turn's id, stands in a tail")
def foreign_part(recording: Recording) -> Recording:
    post = recording.get("duplicates", "turn-1/post")
    assert post is not None
    part = {"type": "reasoning-delta", "id": f"rsn_{post.data['chat_turn_id']}", "delta": "of another session"}

    def insert(fs: list[Frame]) -> list[Frame]:
        return [*fs[:3], edits.with_data(fs[3], json.dumps(part)), *fs[4:]]

    return edits.frames(recording, kind("again", journey="dialogue", turn=4), insert)


@broken("CUR-10", because="another session's cursor by header is a server error on a session that has had turns")
def foreign_by_header(recording: Recording) -> Recording:
    return edits.answer(recording, named("idle/foreign-cursor-header"), 500, edits.error(500))


@lawful("CUR-10", "CUR-09", because="another session's cursor is refused")
def foreign_refused(recording: Recording) -> Recording:
    return edits.answer(recording, named("idle/foreign-cursor-header"), 422, edits.error(422))


# --- posts that race --------------------------------------------------------------------------------------------------


def _from_the_middle_of_the_last_turn(fs: list[Frame]) -> list[Frame]:
    start = max(i for i, f in enumerate(fs) if edits.kind(f) == "start")
    return fs[start + 3 :]


@broken("CUR-11", because="the cursor of the second of two posts at once is taken when its turn has begun")
def late_under_two_posts(recording: Recording) -> Recording:
    return edits.frames(recording, _shorter_rival(recording), _from_the_middle_of_the_last_turn)


@lawful("CUR-11", because="the cursor of the second of two posts at once lies within the first one's turn")
def within_the_first(recording: Recording) -> Recording:
    return edits.frames(recording, _shorter_rival(recording), lambda fs: fs[4:])


@lawful("CUR-11", because="no turn begins with a start")
def no_starts(recording: Recording) -> Recording:
    bare = edits.frames(recording, edits.tails, lambda fs: [f for f in fs if edits.kind(f) != "start"])
    return edits.frames(bare, _shorter_rival(recording), lambda fs: fs[4:])


def _shorter_rival(recording: Recording) -> edits.Pick:
    """The tail of the rival that was accepted last, as far as that can be told: the one with less before its turn."""
    tails = [tail for tail in (recording.get("racing", f"rival-{n}/tail") for n in (2, 1)) if tail is not None]
    return named(min(tails, key=lambda tail: len(tail.frames)).name)


# --- without a cursor -------------------------------------------------------------------------------------------------


@lawful("CUR-05", because="without a cursor the turn before's final state comes, and then the server closes the stream")
def closed_behind_the_final_state(recording: Recording) -> Recording:
    """Whether a server closes behind a terminal envelope is open (contract E6), and this one is terminal."""

    def pick(exchange: Exchange) -> bool:
        return kind("none")(exchange) and exchange.facts["turn"] > 1

    def head(fs: list[Frame]) -> list[Frame]:
        return fs[: next(i for i, f in enumerate(fs) if edits.kind(f) == "finish") + 1]

    return edits.edit(edits.frames(recording, pick, head), pick, lambda e: replace(e, ending="closed"))
