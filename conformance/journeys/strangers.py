"""Who may not: bad credentials on every operation, unknown sessions, and another tenant's key on a session of ours."""

from __future__ import annotations

import asyncio
import base64
import random
import string
import time
from collections.abc import Mapping

import httpx

from conformance import api
from conformance.journeys import foreign, odd_paths
from conformance.journeys.plain_requests import plain_request
from conformance.journeys.player import Player
from conformance.journeys.probes.texts import as_json
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until
from conformance.journeys.turns import SessionPlay, open_session
from conformance.journeys.unknown_ids import unknown_id
from conformance.recording import CHAT_OPERATIONS, Operation
from conformance.redaction import other_case
from conformance.target import altered

JOURNEY = "strangers"
SESSION_OPERATIONS = foreign.SESSION_OPERATIONS
ODD_CREDENTIALS = {
    "latin": "Bearer neo_sk_prod_Schlüssel0123456789Ab".encode("latin-1"),
    "utf-8": "Bearer neo_sk_prod_\u0661\U0001f600".encode(),
    "broken-base64": b"Basic =====",
    "dots": b"Bearer ..",
}
"""Values of the Authorization header that are credentials in no way, for "no 5xx" only."""


async def play(player: Player, stage: Stage) -> None:
    """:raises BrokeOff: when the target gives no session, or the dialogue no first turn."""
    session = await open_session(player, JOURNEY)
    own = player.authorization("own")
    gate = asyncio.Semaphore(4)

    async def ask(step: str, operation: Operation, session_id: str, credential: str, literal: str | None) -> None:
        request = plain_request(player, operation, session_id, literal)
        facts = session.facts(part="stranger", asked=session_id)
        until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
        async with gate:
            await player.play(JOURNEY, step, operation, request, credential=credential, facts=facts, until=until)

    bad = bad_credentials()
    for name, literal in {**bad, **near_misses(player.target.api_key)}.items():
        await asyncio.gather(
            *(ask(f"bad-{name}/{op}", op, session.session_id, f"bad-{name}", literal) for op in CHAT_OPERATIONS)
        )
    nowhere = unknown_id(session.session_id)
    for name in ("none", "unknown"):
        # Whoever has no key learns nothing of a session, not even that there is none.
        await asyncio.gather(
            *(ask(f"bad-{name}-nowhere/{op}", op, nowhere, f"bad-{name}", bad[name]) for op in SESSION_OPERATIONS)
        )
    await _unguarded_ways(session)
    for round_ in foreign.ROUNDS:
        missing = unknown_id(session.session_id)
        await asyncio.gather(*(ask(f"missing-{round_}/{op}", op, missing, "own", own) for op in SESSION_OPERATIONS))
        if player.target.other_key is not None:
            await foreign.compare(session, round_)
    await _missing_with_a_cursor(session)
    await odd_paths.play(session)
    if player.target.other_key is not None:
        await foreign.session_with_turns(session, stage)


async def _missing_with_a_cursor(session: SessionPlay) -> None:
    """A tail that goes on reading where its cursor says, and looks for no session."""
    player = session.player
    missing = unknown_id(session.session_id)
    ways: Mapping[str, Mapping[str, str]] = {"since": {"since": "0-0"}, "last-event-id": {"last_event_id": "0-0"}}
    for way, cursor in ways.items():
        request = api.tail_events(player.target, player.authorization("own"), missing, **cursor)
        facts = session.facts(part="stranger", asked=missing, way=way)
        until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
        await player.play(JOURNEY, f"missing-1/tail-events/{way}", "tail-events", request, facts=facts, until=until)


async def _unguarded_ways(session: SessionPlay) -> None:
    """What a check that looks at the plain request only may let pass: a cursor, a query, another content type.

    And credentials that need not be read as any, for no 5xx: a server or a proxy may refuse their bytes before.
    """
    player, target, id_ = session.player, session.player.target, session.session_id
    literals = {"none": None, "unknown": bad_credentials()["unknown"]}
    until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    for name, literal in literals.items():
        listing = api.list_messages(target, literal, id_)
        upload = api.request_upload_url(target, literal, id_, {"content_type": "image/png"})
        requests: tuple[tuple[str, Operation, httpx.Request], ...] = (
            ("since", "tail-events", api.tail_events(target, literal, id_, since="0-0")),
            ("last-event-id", "tail-events", api.tail_events(target, literal, id_, last_event_id="0-0")),
            ("page", "list-messages", httpx.Request("GET", f"{listing.url}?page_size=1", headers=listing.headers)),
            ("charset", "request-upload-url", with_type(upload, "application/json; charset=utf-8")),
        )
        for way, operation, request in requests:
            facts = session.facts(part="stranger", asked=id_, way=way)
            step = f"bad-{name}/{operation}/{way}"
            await player.play(JOURNEY, step, operation, request, credential=f"bad-{name}", facts=facts, until=until)
    for name, raw in ODD_CREDENTIALS.items():
        plain = api.list_messages(target, None, id_)
        request = httpx.Request("GET", plain.url, headers=[*plain.headers.raw, (b"Authorization", raw)])
        facts = session.facts(part="odd-credential", probe=name, odd_path=True)
        step = f"odd-credential-{name}"
        await player.play(JOURNEY, step, "list-messages", request, credential=f"odd-{name}", facts=facts)


def with_type(request: httpx.Request, content_type: str) -> httpx.Request:
    """The request under another content type."""
    headers = httpx.Headers(request.headers)
    headers["Content-Type"] = content_type
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)


def bad_credentials() -> Mapping[str, str | None]:
    """Values of the Authorization header that no server may accept; None: no header. All are made up for this run."""
    secret = "".join(random.choices(string.ascii_letters + string.digits, k=24))
    unknown = f"neo_sk_prod_{secret}"
    basic = base64.b64encode(f"user-{secret[:8]}:{secret[8:]}".encode()).decode()
    return {
        "none": None,
        "scheme": "Bearer",
        "malformed": f"Bearer {secret[:20]}",
        "unknown": f"Bearer {unknown}",
        "basic": f"Basic {basic}",
        "no-scheme": unknown,
        "unsigned": f"Bearer {_unsigned_token(secret)}",
    }


def _unsigned_token(subject: str) -> str:
    """A token of the form that Entra ID gives (contract G3), with claims in it and nobody's signature."""
    now = int(time.time())
    claims = {"aud": "https://api.neoagent.io", "sub": subject, "iat": now, "nbf": now, "exp": now + 3600}
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(as_json(part)).decode().rstrip("=") for part in parts), ""])


def near_misses(key: str) -> Mapping[str, str]:
    """The own key, not quite: without its scheme, under another one, altered, in another case, and with a word behind it.

    Altered only where it is an API key (contract G3): the last bits of another token's text may lawfully not count.
    """
    found = {"own-key-bare": key, "own-key-basic": f"Basic {key}"}
    if key.startswith("neo_sk_"):
        found |= {"own-key-altered": f"Bearer {altered(key)}", "own-key-longer": f"Bearer {key}-"}
        found["own-key-extra"] = f"Bearer {key} more"
        if other_case(key) != key:
            found["own-key-case"] = f"Bearer {other_case(key)}"
    return found
