"""Grants for the four image types, a PUT into each, and what is no content type."""

from __future__ import annotations

from conformance import api
from conformance.journeys.attachments import put_picture
from conformance.journeys.player import Player
from conformance.journeys.probes import GRANTS, UPLOAD_REFUSALS, Upload
from conformance.journeys.probes.texts import looks_like_an_attack
from conformance.journeys.turns import SessionPlay, open_session
from conformance.recording import Exchange

JOURNEY = "uploads"


async def play(player: Player) -> None:
    """:raises BrokeOff: when the target gives no session."""
    session = await open_session(player, JOURNEY)
    for grant in GRANTS:
        mime = str(grant.json["content_type"])
        answer = await _ask(session, f"grant-{grant.name}", grant, mime=mime)
        if 200 <= answer.status < 300:
            await put_picture(session, f"put-{grant.name}", answer.data.get("upload_url"), mime)
    for refusal in UPLOAD_REFUSALS:
        await _ask(session, f"refuse-{refusal.name}", refusal)


async def _ask(session: SessionPlay, step: str, probe: Upload, **facts: str) -> Exchange:
    player = session.player
    player.activity = f"{JOURNEY}: {probe.name}"
    request = api.request_upload_url(player.target, player.authorization("own"), session.session_id, probe.content)
    known = session.facts(probe=probe.name, rule=probe.rule, note=probe.note, **facts)
    if looks_like_an_attack(probe.content):
        known["odd_body"] = True
    return await player.play(JOURNEY, step, "request-upload-url", request, facts=known)
