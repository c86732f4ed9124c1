"""ACC: broken and lawful answers to a message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Piece, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.edits import named


def accepted(exchange: Exchange) -> bool:
    return exchange.operation == "append-message" and exchange.status == 202


def _set(field: str, value: Any) -> Any:
    return lambda body: body["data"].__setitem__(field, value)


@broken("ACC-01", "TIER-01", because="a SMART message is refused")
def smart_refused(recording: Recording) -> Recording:
    return edits.answer(recording, named("dialogue/turn-3/post"), 422, edits.error(422))


@broken("ACC-01", because="an accepted message is answered 200")
def answered_200(recording: Recording) -> Recording:
    return edits.status(recording, named("duplicates/turn-2/post"), 200)


@broken("ACC-01", because="the connection is dropped instead of an answer")
def no_answer(recording: Recording) -> Recording:
    return edits.edit(
        recording,
        named("dialogue/turn-4/post"),
        lambda e: replace(e, received=None, ending="no-answer", problem="RemoteProtocolError"),
    )


@broken("ACC-01", because="a session is busy for ever after its first turn")
def busy_for_ever(recording: Recording) -> Recording:
    pick, end = named("dialogue/turn-7/post"), recording.seconds
    # As it is after a wait that long: no other session has a turn any more.
    late = edits.edit(recording, pick, lambda e: replace(e, sent_at=end, answered_at=end, ended_at=end))
    return edits.facts(edits.answer(late, pick, 409, edits.error(409)), pick, gave_up=True)


@broken("ACC-01", because="a second post at the same moment is a server error")
def rival_error(recording: Recording) -> Recording:
    return edits.answer(recording, named("racing/rival-2"), 500, edits.error(500))


@lawful("ACC-01", because="a busy server takes a message at the second try")
def busy_once(recording: Recording) -> Recording:
    post = recording.get("dialogue", "turn-4/post")
    assert post is not None
    busy = replace(
        post, step="turn-4/busy-1", sent_at=post.sent_at - 0.001, facts={**post.facts, "part": "busy", "busy": True}
    )
    grown = replace(recording, exchanges=(*recording.exchanges, busy))
    return edits.answer(grown, named("dialogue/turn-4/busy-1"), 409, edits.error(409))


@broken("ACC-02", because="the 202 is text")
def text(recording: Recording) -> Recording:
    return edits.header(recording, named("dialogue/turn-7/post"), "content-type", "text/html")


@broken("ACC-02", because="the 202 has no meta")
def no_meta(recording: Recording) -> Recording:
    return edits.json_body(recording, named("attachments/turn-2/post"), lambda body: body.pop("meta") and None)


@broken("ACC-02", "ACC-03", "ACC-04", because="the 202 has no data around its fields")
def no_data(recording: Recording) -> Recording:
    return edits.json_body(recording, accepted, lambda body: {**body["data"], "meta": body["meta"]})


@lawful("ACC-02", "ACC-03", "ACC-04", "ACC-05", because="the 202 has more fields, and another JSON content type")
def more_fields(recording: Recording) -> Recording:
    grown = edits.json_body(recording, accepted, _set("newer", {"field": None}))
    grown = edits.json_body(grown, accepted, _without_flag)
    return edits.header(grown, accepted, "content-type", "Application/JSON; charset=utf-8")


def _without_flag(body: Any) -> None:
    body["data"].pop("show_agent_progress_steps", None)


@broken("ACC-03", because="the turn's id is a number")
def number(recording: Recording) -> Recording:
    return edits.json_body(recording, named("dialogue/turn-5/post"), _set("chat_turn_id", 17))


@broken("ACC-03", because="the message's id is empty in a SMART turn")
def empty(recording: Recording) -> Recording:
    return edits.json_body(recording, named("racing/rival-1"), _set("user_message_id", ""))


@broken("ACC-04", because="the first turn has no since_cursor at all, instead of null")
def no_cursor(recording: Recording) -> Recording:
    return edits.json_body(recording, named("dialogue/turn-1/post"), lambda body: body["data"].pop("since_cursor"))


@broken("ACC-04", because="the cursor is a number")
def number_cursor(recording: Recording) -> Recording:
    return edits.json_body(recording, named("dialogue/turn-2/post"), _set("since_cursor", 0))


@broken("ACC-04", because="the cursor is false")
def false_cursor(recording: Recording) -> Recording:
    return edits.json_body(recording, named("dialogue/turn-1/post"), _set("since_cursor", False))


@broken("ACC-05", because="the progress flag is a word")
def word_flag(recording: Recording) -> Recording:
    return edits.json_body(recording, named("dialogue/turn-6/post"), _set("show_agent_progress_steps", "true"))


@broken("ACC-05", because="the progress flag is null")
def null_flag(recording: Recording) -> Recording:
    return edits.json_body(recording, accepted, _set("show_agent_progress_steps", None))


@broken("ACC-05", because="the progress flag is a number")
def one_flag(recording: Recording) -> Recording:
    return edits.json_body(recording, accepted, _set("show_agent_progress_steps", 1))


@broken("ACC-06", because="all turns of a session have one turn id")
def one_turn_id(recording: Recording) -> Recording:
    return edits.json_body(
        recording, lambda e: accepted(e) and e.journey == "dialogue", _set("chat_turn_id", "the-session")
    )


@broken("ACC-06", because="two posts at once get one message id")
def raced_ids(recording: Recording) -> Recording:
    return edits.json_body(recording, named("racing/rival-1", "racing/rival-2"), _set("user_message_id", "m-1"))


@lawful("ACC-06", because="ids are short words, and those of turns look like those of messages")
def short_ids(recording: Recording) -> Recording:
    numbers = iter(range(1, 100))
    return edits.json_body(recording, accepted, lambda body: _set("chat_turn_id", f"w{next(numbers)}")(body))


@broken("ACC-07", because="the 202 waits for the end of the turn")
def waits(recording: Recording) -> Recording:
    """Every turn is over when its 202 comes: its tail then gives all of it at once."""

    def late(exchange: Exchange) -> Exchange:
        main = recording.get(exchange.journey, exchange.step.replace("/post", "/tail"))
        assert main is not None
        return replace(exchange, answered_at=main.frames[-1].at, ended_at=main.frames[-1].at)

    def at_once(exchange: Exchange) -> Exchange:
        assert exchange.received is not None
        end = exchange.frames[-1].at
        pieces = tuple(Piece(end + 0.012, piece.data) for piece in exchange.received.pieces)
        received = replace(exchange.received, pieces=pieces)
        return replace(exchange, sent_at=end + 0.001, answered_at=end + 0.01, ended_at=end + 0.02, received=received)

    posts = edits.edit(recording, lambda e: accepted(e) and e.step.endswith("/post"), late)
    tails = edits.edit(posts, lambda e: e.facts.get("kind") == "main" and e.journey != "racing", at_once)
    return edits.drop(tails, named("racing/*"))


@broken("ACC-07", because="of posts at once none is answered before both turns are over")
def raced_late(recording: Recording) -> Recording:
    whole = recording.get("racing", "whole")
    assert whole is not None
    end = whole.frames[-1].at + 0.3
    # The tail is open before the posts leave, whatever it was in the run.
    early = edits.edit(recording, named("racing/whole"), lambda e: replace(e, answered_at=e.sent_at))
    return edits.edit(early, named("racing/rival-1", "racing/rival-2"), lambda e: replace(e, answered_at=end))


@lawful("ACC-07", because="a slow post, and a turn that runs on after it")
def slow_post(recording: Recording) -> Recording:
    return edits.edit(
        recording,
        named("dialogue/turn-4/post"),
        lambda e: replace(e, sent_at=e.sent_at - 0.001, answered_at=e.answered_at + 0.15),
    )


@lawful("ACC-07", because="turns that are over at once, but for those that race")
def instant_turns(recording: Recording) -> Recording:
    """All of a turn comes with the first bytes, and its ids say that it was written in a moment."""
    return edits.edit(recording, lambda e: edits.tails(e) and e.journey != "racing", _instant)


def _instant(exchange: Exchange) -> Exchange:
    assert exchange.received is not None
    pieces = tuple(Piece(exchange.answered_at + 0.005, piece.data) for piece in exchange.received.pieces)
    data = b"".join(piece.data for piece in pieces)
    pieces = (Piece(exchange.answered_at + 0.005, _opaque(data)),) if data else ()
    return replace(exchange, received=replace(exchange.received, pieces=pieces))


def _opaque(data: bytes) -> bytes:
    """The same ids in a form that tells no time."""
    lines = data.split(b"\n")
    return b"\n".join(b"id: x" + line[4:].replace(b"-", b".") if line.startswith(b"id: ") else line for line in lines)


@broken("ACC-08", because="the replay has other message ids than the 202s")
def other_ids(recording: Recording) -> Recording:
    def rename(body: Any) -> None:
        for message in body["data"]:
            message["id"] = f"row-{message['id'][:4]}"

    return edits.json_body(recording, named("dialogue/messages*"), rename)


@broken("ACC-08", because="the last message of a session is missing in the replay")
def last_missing(recording: Recording) -> Recording:
    last = recording.get("dialogue", "turn-7/post")
    assert last is not None
    wanted = last.data["user_message_id"]

    def cut(body: Any) -> None:
        body["data"] = [m for m in body["data"] if m["id"] != wanted]

    return edits.json_body(recording, named("dialogue/messages*"), cut)


@lawful("ACC-08", because="messages stand deeper, with their ids in another field, newest first")
def other_shape(recording: Recording) -> Recording:
    def turn_around(body: Any) -> None:
        messages = [{"kind": "m", "inner": {"uid": m["id"], **m, "id": None}} for m in reversed(body["data"])]
        body["data"] = {"items": messages}

    return edits.json_body(recording, named("refusals/messages"), turn_around)
