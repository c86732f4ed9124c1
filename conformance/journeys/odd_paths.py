"""Ids of no session, queries of no meaning, and paths that are none: nothing is demanded but that the server does not break."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from conformance import api
from conformance.journeys import probes
from conformance.journeys.tails import Until
from conformance.journeys.turns import SessionPlay
from conformance.recording import Operation

HARMLESS_SESSION_IDS = ("word", "zero", "negative", "beyond-64-bit", "zero-uuid", "emoji", "sql")
"""Ids that reach the application itself; others may be refused before it, by a proxy with pages of its own."""

OPERATIONS: Mapping[Operation, tuple[str, bytes | None]] = {
    "list-messages": ("messages", None),
    "tail-events": ("events", None),
    # Wrong beside its session, too: no server starts a turn for it.
    "append-message": ("messages", b'{"message": "x", "model_tier": "TURBO"}'),
    "request-upload-url": ("attachments/upload-url", b'{"content_type": "image/png"}'),
}
NO_ROUTES: Mapping[str, tuple[str, str, Operation]] = {
    "no-path": ("GET", "no-such-thing", "list-messages"),
    "no-method": ("PUT", "events", "tail-events"),
}
"""``no-route-NAME``: the method, what stands behind the session's id, and the operation that it is most like."""


async def play(session: SessionPlay) -> None:
    """With the own key: ids, then queries, then paths."""
    for operation in OPERATIONS:
        for name in HARMLESS_SESSION_IDS:
            await _odd_id(session, operation, name)
    target, own = session.player.target, session.player.authorization("own")
    for name, query in probes.ODD_TAIL_QUERIES.items():
        await _odd_query(session, name, "tail-events", api.tail_events(target, own, session.session_id), query)
    for name, query in probes.ODD_REPLAY_QUERIES.items():
        await _odd_query(session, name, "list-messages", api.list_messages(target, own, session.session_id), query)
    for name, (method, path, operation) in NO_ROUTES.items():
        plain = api.list_messages(target, own, session.session_id)
        url = str(plain.url).removesuffix("messages") + path
        request = httpx.Request(method, url, headers=plain.headers)
        await _play(session, f"no-route-{name}", operation, request, session.facts(part="no-route", probe=name))


async def _odd_id(session: SessionPlay, operation: Operation, name: str) -> None:
    player = session.player
    path, body = OPERATIONS[operation]
    # Its path is put into the URL as it stands: the segment is percent-encoded already.
    url = player.target.url(f"/chat/sessions/{probes.ODD_SESSION_IDS[name]}/{path}")
    headers = {"Authorization": str(player.authorization("own")), "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = httpx.Request("GET" if body is None else "POST", url, headers=headers, content=body)
    step = f"odd-id-{name}" if operation == "list-messages" else f"odd-id-{name}/{operation}"
    facts = {"part": "odd-id", "rule": "ERR-04", "probe": name, "odd_path": True}
    await _play(session, step, operation, request, facts)


async def _odd_query(session: SessionPlay, name: str, operation: Operation, plain: httpx.Request, query: str) -> None:
    request = httpx.Request("GET", f"{plain.url}?{query}", headers=plain.headers)
    facts = session.facts(part="odd-query", rule="ERR-04", probe=name, odd_path=True)
    await _play(session, f"odd-query-{name}", operation, request, facts)


async def _play(
    session: SessionPlay, step: str, operation: Operation, request: httpx.Request, facts: Mapping[str, object]
) -> None:
    player = session.player
    until = None
    if operation == "tail-events":
        until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    await player.play(session.journey, step, operation, request, facts=facts, until=until)
