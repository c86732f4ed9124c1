"""Bodies for create-session. None of them starts a turn."""

from __future__ import annotations

from typing import Any

import httpx

from conformance import api
from conformance.journeys.player import Player
from conformance.journeys.probes import CREATIONS, ODD_TYPES
from conformance.journeys.probes.texts import looks_like_an_attack
from conformance.journeys.turns import open_session, session_body

JOURNEY = "sessions"


async def play(player: Player) -> None:
    """:raises BrokeOff: when the target gives no session at all."""
    session = await open_session(player, JOURNEY)
    client_id = _as_written_here(session.created.data.get("client_id"))
    for creation in CREATIONS:
        if creation.credential == "other" and player.target.other_key is None:
            continue
        player.activity = f"{JOURNEY}: {creation.name}"
        body = creation.content(session_body(player), client_id)
        request = api.create_session(player.target, player.authorization(creation.credential), body)
        facts: dict[str, Any] = {
            "probe": creation.name,
            "rule": creation.rule,
            "expected": creation.expected,
            "note": creation.note,
        }
        if looks_like_an_attack(body):
            facts["odd_body"] = True
        await player.play(
            JOURNEY, f"create-{creation.name}", "create-session", request, credential=creation.credential, facts=facts
        )
    for name, content_type in ODD_TYPES.items():
        plain = api.create_session(player.target, player.authorization("own"), session_body(player))
        headers = httpx.Headers([(key, value) for key, value in plain.headers.raw if key.lower() != b"content-type"])
        if content_type:
            headers["Content-Type"] = content_type
        request = httpx.Request("POST", plain.url, headers=headers, content=plain.content)
        facts = {"probe": name, "rule": "ERR-04", "expected": "no-5xx", "note": f"the content type {content_type!r}"}
        await player.play(JOURNEY, f"create-odd-type-{name}", "create-session", request, facts=facts)


def _as_written_here(value: Any) -> Any:
    """17 for 17.0: to JSON they are one number, and a server that writes the second may yet read the first alone."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
