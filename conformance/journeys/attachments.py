"""Three turns with attachments: six without a text, six others with one, and one beside an empty text."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance import api
from conformance.journeys.attachment_refusals import LIMIT, Refusals
from conformance.journeys.leaving import read_with_a_break
from conformance.journeys.pictures import EXTENSIONS, PICTURES
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.posting import post_once
from conformance.journeys.resuming import CUTS_FEW, resume
from conformance.journeys.turns import (
    OMITTED,
    PROMPT,
    Message,
    Read,
    SessionPlay,
    accepted,
    ended,
    open_session,
    session_id_of,
)

JOURNEY = "attachments"
_REFUSED = frozenset({400, 403, 413, 422, 500})
"""500, too: what a server makes of a text may fail where there is none. An outage is none of them."""


async def play(player: Player) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await _untitled(player)
    granted = await upload(session, 2 * LIMIT + 1)
    refusals = Refusals(session, granted)
    client_message_id, refused = await refusals.first(str(uuid.uuid4()))
    first, second, bare = granted[:LIMIT], granted[LIMIT : 2 * LIMIT], granted[-1]
    # FAST before SMART, and an omitted tier behind it: so what pictures alone do to the model is told from what lasts.
    original = Message(OMITTED, tier="FAST", attachments=first, client_message_id=client_message_id)
    original, read = await _without_text(session, original, refused_before=refused)
    await session.post("duplicate-1", original, _duplicate(), fresh=False)
    await resume(session, read, CUTS_FEW)
    read = await session.plain_turn(2, Message(tier="SMART", attachments=second), read)
    await resume(session, read, CUTS_FEW)
    await refusals.later(read.known)
    await _empty_message(session, bare, read)
    await session.post("duplicate-late", original, _duplicate(), fresh=False)
    await session.messages()


async def _untitled(player: Player) -> SessionPlay:
    """A session without a title: a server may make one of the first message, which is empty here.

    That a session needs no title is on no page: where it is refused, one is created as by the others.
    """
    player.activity = f"{JOURNEY}: session"
    request = api.create_session(player.target, player.authorization("own"), player.target.agent())
    created = await player.send(JOURNEY, "session", "create-session", request)
    try:
        session_id = session_id_of(created)
    except BrokeOff:
        player.keep(replace(created, step="session-untitled"))
        return await open_session(player, JOURNEY)
    return SessionPlay(player, JOURNEY, session_id, player.keep(created))


def _duplicate() -> dict[str, Any]:
    return {"part": "duplicate", "duplicate_of": 1, "same_body": True, "while_running": False}


async def _without_text(session: SessionPlay, original: Message, *, refused_before: bool) -> tuple[Message, Read]:
    """The first turn, without the field for the text; where that is refused, with a text, to tell what was the cause.

    ``refused_before``: the id was sent with messages that were refused. Where it is told to be known by that, it is the
    step ``turn-1/refused-id``, and the message is sent with another one.
    """
    facts = {"turn": 1, "part": "post"}
    if refused_before:
        once = await post_once(session, "turn-1/post", original, facts)
        if once.status == 409:
            told = {**once.facts, "part": "control", "probe": "refused-id"}
            del told["turn"]
            session.player.keep(replace(once, step="turn-1/refused-id", facts=told))
            original = replace(original, client_message_id=str(uuid.uuid4()))
            post = await session.post("turn-1/post", original, facts)
        else:
            post = session.player.keep(once)
    else:
        post = await session.post("turn-1/post", original, facts)
    if post.status in _REFUSED:
        # With an id of its own: what was refused may have used the other one up.
        original = replace(original, text=PROMPT, client_message_id=str(uuid.uuid4()))
        post = await session.post("turn-1/with-text", original, facts)
    read = ended(await session.read_turn(1, accepted(post), None))
    await session.again(read)
    return original, read


async def upload(session: SessionPlay, count: int) -> list[dict[str, Any]]:
    """Ask for ``count`` grants, put a picture into each, and return them as attachments of this session.

    :raises BrokeOff: when one is not granted; a PUT that fails is recorded, and its attachment is used all the same.
    """
    gate = asyncio.Semaphore(4)
    mimes = list(PICTURES)

    async def one(number: int) -> dict[str, Any]:
        mime = mimes[number % len(mimes)]
        async with gate:
            return await grant_and_put(session, f"grant-{number + 1}", f"put-{number + 1}", mime)

    return await asyncio.gather(*(one(number) for number in range(count)))


async def grant_and_put(session: SessionPlay, grant_step: str, put_step: str, mime: str) -> dict[str, Any]:
    """One grant and its PUT.

    :raises BrokeOff: when there is no grant.
    """
    player = session.player
    filename = f"conformance-{uuid.uuid4().hex[:12]}.{EXTENSIONS[mime]}"
    body = {"content_type": mime, "filename": filename}
    request = api.request_upload_url(player.target, player.authorization("own"), session.session_id, body)
    facts = session.facts(mime=mime, filename=filename, expected="granted")
    grant = await player.play(session.journey, grant_step, "request-upload-url", request, facts=facts)
    blob_path, upload_url = grant.data.get("blob_path"), grant.data.get("upload_url")
    if not 200 <= grant.status < 300 or not isinstance(blob_path, str) or not blob_path:
        raise BrokeOff(grant_step, f"no upload was granted (status {grant.status or 'none'})")
    await put_picture(session, put_step, upload_url, mime)
    return {"blob_path": blob_path, "mime": mime, "alt": f"alt {uuid.uuid4().hex[:12]}", "filename": filename}


async def put_picture(session: SessionPlay, step: str, upload_url: object, mime: str) -> None:
    """PUT a picture to the signed address, if it is one; what else it is, UPL-01 judges."""
    if not isinstance(upload_url, str) or not upload_url.startswith(("http://", "https://")):
        return
    try:
        put = api.put_blob(upload_url, mime, PICTURES[mime])
    except ValueError:
        return
    await session.player.play(session.journey, step, "put-blob", put, credential="none", facts=session.facts(mime=mime))


def bare(attachment: Mapping[str, Any]) -> dict[str, Any]:
    """The attachment without what may be left out."""
    return {name: attachment[name] for name in ("blob_path", "mime")}


async def _empty_message(session: SessionPlay, attachment: Mapping[str, Any], before: Read) -> None:
    """An empty message with one bare attachment; where it is refused, controls tell what was the cause."""
    post = await session.post("turn-3/post", Message("", attachments=[bare(attachment)]), {"turn": 3, "part": "post"})
    if post.status == 202:
        # For as long as the turn before took, nobody listens to this one.
        away = min(before.main.ended_at - before.post.sent_at, session.player.limits.turn_timeout / 3)
        read = ended(await read_with_a_break(session, 3, post, before, away))
        await session.again(read)
        await session.quiet_tail("quiet-end", read)
        return
    controls: Sequence[tuple[str, Message]] = (
        ("with-alt", Message("", attachments=[dict(attachment)])),
        ("with-text", Message(attachments=[bare(attachment)])),
        ("with-both", Message(attachments=[dict(attachment)])),
    )
    for name, message in controls:
        await session.post(f"turn-3/{name}", message, {"part": "control", "probe": name})
