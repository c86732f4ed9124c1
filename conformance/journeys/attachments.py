"""Three turns with attachments: six without a text, six others with one, and one beside an empty text."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance import api
from conformance.journeys.pictures import EXTENSIONS, PICTURES
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.probes import never_granted
from conformance.journeys.resuming import CUTS_FEW, resume
from conformance.journeys.turns import (
    OMITTED,
    PROMPT,
    Message,
    Omitted,
    Read,
    SessionPlay,
    accepted,
    ended,
    open_session,
)

JOURNEY = "attachments"
LIMIT = 6
"""Attachments that one turn may have (contract M3)."""
SEVEN_LATER_MARKER = "seven attachments in a later turn, marker 71d30be2c8"
_REFUSED = frozenset({400, 403, 413, 422})


async def play(player: Player) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await open_session(player, JOURNEY)
    granted = await upload(session, 2 * LIMIT + 1)
    first, second, bare = granted[:LIMIT], granted[LIMIT : 2 * LIMIT], granted[-1]
    # FAST before SMART, and an omitted tier behind it: so what pictures alone do to the model is told from what lasts.
    original = Message(OMITTED, tier="FAST", attachments=first, client_message_id=str(uuid.uuid4()))
    original, read = await _without_text(session, original)
    await session.post("duplicate-1", original, _duplicate(), fresh=False)
    await resume(session, read, CUTS_FEW)
    read = await session.plain_turn(2, Message(tier="SMART", attachments=second), read)
    await resume(session, read, CUTS_FEW)
    await _later_refusals(session, granted, read)
    await _empty_message(session, bare, read)
    await session.post("duplicate-late", original, _duplicate(), fresh=False)
    await session.messages()


def _duplicate() -> dict[str, Any]:
    return {"part": "duplicate", "duplicate_of": 1, "same_body": True, "while_running": False}


async def _without_text(session: SessionPlay, original: Message) -> tuple[Message, Read]:
    """The first turn, without the field for the text; where that is refused, with a text, to tell what was the cause."""
    facts = {"turn": 1, "part": "post"}
    post = await session.post("turn-1/post", original, facts)
    if post.status in _REFUSED:
        original = replace(original, text=PROMPT)
        post = await session.post("turn-1/with-text", original, facts)
    read = ended(await session.read_turn(1, accepted(post), None))
    await session.again(read)
    return original, read


async def _later_refusals(session: SessionPlay, granted: Sequence[Mapping[str, Any]], before: Read) -> None:
    """What has to be refused in a session's first turn has to be in a later one, too."""
    bare, taken = granted[-1], [str(one["blob_path"]) for one in granted]
    folder, slash, name = str(bare["blob_path"]).rpartition("/")
    probes: list[tuple[str, str, Message]] = [
        ("seven", "ATT-02", Message(SEVEN_LATER_MARKER, attachments=granted[-LIMIT - 1 :])),
        ("empty", "ATT-06", Message("", attachments=[])),
        ("tier", "TIER-02", Message("Please answer with one word (later).", tier="TURBO")),
        ("tier-blank", "TIER-02", Message("Please answer with one word (blank).", tier="SMART ")),
        ("path", "ATT-08", Message(attachments=[never_granted([bare, *granted[:-1]])])),
        ("longer", "ATT-08", Message(attachments=[{**bare, "blob_path": f"{bare['blob_path']}.copy"}])),
    ]
    if slash:
        other = f"{folder}-other/{name}"
        probes.append(("folder", "ATT-08", Message(attachments=[{**bare, "blob_path": other}])))
    accepted_rules: set[str] = set()
    for probe, rule, message in probes:
        sent = message.attachments if not isinstance(message.attachments, Omitted) else []
        if rule in accepted_rules or (rule == "ATT-08" and sent[0]["blob_path"] in taken):
            continue
        facts = {"part": "refusal", "probe": f"later-{probe}", "rule": "ERR-04", "leans_on": rule}
        answer = await session.post(f"refuse-later-{probe}", message, facts, fresh=False)
        if answer.status == 202:
            accepted_rules.add(rule)
            await session.read_unplanned(f"{answer.step}/tail", answer, before.known)


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
        read = ended(await session.read_turn(3, post, before))
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
