"""The steps that ask for what is not theirs: another session's cursor, another tenant's key."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from conformance import api
from conformance.histories.ground import Ground
from conformance.histories.model import SessionModel
from conformance.journeys.tails import Until
from conformance.journeys.turns import PROMPT

if TYPE_CHECKING:
    from conformance.recording import Operation

STRANGERS = "strangers"
FOREIGN = "foreign"


async def foreign_cursor(history: Ground, session: SessionModel, by: str) -> None:
    """An id of another session, which this one never gave, as a cursor; only while no turn runs here."""
    if session.running is not None:
        return
    ours = session.before.known if session.before is not None else frozenset()
    ids = [
        one
        for other in history.sessions
        if other is not session and other.before is not None
        for one in other.before.ids
        if one not in ours
    ]
    if not ids:
        return
    player, after, session_id = history.player, ids[len(ids) // 2], session.play.session_id
    way = {"since": after} if by == "query" else {"last_event_id": after}
    request = api.tail_events(player.target, player.authorization("own"), session_id, **way)
    facts = {"part": "foreign", "after": after, "by": by, "session": session_id}
    name = session.play.journey.rpartition("/")[2]
    step = f"foreign-cursor-{by}-{name}-{session.count('foreign')}"
    journey, until = f"{history.prefix}{FOREIGN}", session.play.quiet()
    await player.play(journey, step, "tail-events", request, facts=facts, until=until)


async def stranger(history: Ground, session: SessionModel, does: str) -> None:
    """The second tenant on our session: it must not be told that there is one, and must leave nothing behind.

    :raises BudgetSpent: a message of theirs, were it accepted, could begin one turn more than there may be.
    """
    player, target, id_ = history.player, history.player.target, session.play.session_id
    if target.other_key is None:
        return
    other = player.authorization("other")
    cursor = session.before.ids[0] if session.before is not None and session.before.ids else "0-0"
    operation: Operation = "append-message"
    until: Until | None = None
    if does in ("append", "append-known"):
        history.ask(1)
        known = session.with_ids[0].message.client_message_id if session.with_ids else None
        if does == "append" or not isinstance(known, str):
            # The next message of ours is to have this id: what a stranger sent must not use it up.
            known = session.promised = str(uuid.uuid4())
        request = api.append_message(target, other, id_, {"message": PROMPT, "client_message_id": known})
    elif does == "list":
        operation, request = "list-messages", api.list_messages(target, other, id_)
    elif does == "upload":
        operation = "request-upload-url"
        request = api.request_upload_url(target, other, id_, {"content_type": "image/png"})
    else:
        way = {"since": cursor} if does == "since" else {"last_event_id": cursor}
        operation, request = "tail-events", api.tail_events(target, other, id_, **way)
        until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    name = session.play.journey.rpartition("/")[2]
    step = f"foreign-turns/{name}-{does}-{session.count('stranger')}"
    facts = {"part": "stranger", "asked": id_, "session": id_}
    journey = f"{history.prefix}{STRANGERS}"
    await player.play(journey, step, operation, request, credential="other", facts=facts, until=until)
